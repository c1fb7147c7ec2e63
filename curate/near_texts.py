"""The texts of a run as columns to be compared: surveyed once, and read again where shingles are needed.

>>> from pathlib import Path
>>> reader = TextSets(RowTexts([], {}), "prompt", np.empty(0, np.int32), ngram=5, scratch=Scratch(None))
>>> reader.read(np.empty(0, np.int64)).sets.offsets.tolist()
[0]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.near import Sets
from tunesmith.curate.row_texts import Piece, RowTexts
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Sketch, sketch
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Places


class TextSets(NamedTuple):
    """Reads the shingle sets of one of the compared texts. `sizes`, int32: how many shingles each row of the run has,
    as a survey counted them."""

    texts: RowTexts
    name: str
    sizes: npt.NDArray[np.int32]
    ngram: int
    scratch: Scratch

    def read(self, rows: Places) -> Sets:
        """The sets of these rows, ascending, in their order; their texts are cut out, shingled and forgotten."""
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(self.sizes[rows], out=offsets[1:])
        shingles = self.scratch.array((int(offsets[-1]),), np.uint64)

        def fill(task: tuple[Piece, int, int]) -> None:
            piece, first, last = task
            texts = self.texts.texts(piece, rows[first:last])
            found = shingle_text(getattr(texts, self.name), self.name, self.ngram)
            shingles[offsets[first] : offsets[last]] = found.sets.shingles

        run_threads(fill, self._tasks(rows), self.texts.threads)
        return Sets(np.arange(len(rows)), ShingleSets(shingles, offsets))

    def _tasks(self, rows: Places) -> list[tuple[Piece, int, int]]:
        """The pieces that hold any of the rows, with the span of these in `rows`."""
        pieces = self.texts.pieces()
        bounds = np.searchsorted(rows, [*(piece.start for piece in pieces), np.iinfo(np.int64).max]).tolist()
        return [(piece, first, last) for piece, first, last in zip(pieces, bounds, bounds[1:]) if first < last]


def shingle_text(column: pa.Array, name: str, ngram: int, n_slots: int = 0) -> Sketch:
    """The sketch of one of the compared texts.

    An answer keeps its blanks: "+" and "-" hold no token, and are two different answers.
    """
    return sketch(column, ngram=ngram, n_slots=n_slots, keep_blank=name == "answer", threads=1)

"""The texts of a run as columns to be compared: surveyed once, and read again where shingles are needed.

>>> from pathlib import Path
>>> from tunesmith.curate.row_texts import RowTexts
>>> nobody = np.zeros(0, bool)
>>> rows = StageInput(pa.table({}), nobody, nobody, RowTexts([], {}))
>>> reader = TextSets(rows, "prompt", np.empty(0, np.int32), ngram=5)
>>> reader.read(np.empty(0, np.int64)).sets.offsets.tolist()
[0]
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.compared import compared_texts
from tunesmith.curate.compiled import compiled
from tunesmith.curate.near import Sets
from tunesmith.curate.row_arrays import flat_values
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Sketch, sketch
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.tokens import Hashes, Places


class TextSets(NamedTuple):
    """Reads the shingle sets of one of the compared texts. `sizes`, int32: how many shingles each row of the run has,
    as a survey counted them."""

    rows: StageInput
    name: str
    sizes: npt.NDArray[np.int32]
    ngram: int

    def read(self, rows: Places) -> Sets:
        """The sets of these rows, in their order; their texts are cut out, shingled and forgotten."""
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(self.sizes[rows], out=offsets[1:])
        shingles = self.rows.scratch.array((int(offsets[-1]),), np.uint64)
        order = np.argsort(rows)

        def put(first: int, found: pa.Table) -> None:
            scatter(flat_values(found["shingles"]), order[first : first + len(found)], offsets, shingles)

        look = partial(shingle_records, name=self.name, ngram=self.ngram)
        self.rows.engine.each_row(self.rows.texts, rows[order], look, put)
        return Sets(np.arange(len(rows)), ShingleSets(shingles, offsets))


@compiled
def scatter(values: Hashes, places: Places, offsets: Places, into: Hashes) -> None:
    """Write sets that lie one after the other to their places: set k to `offsets[places[k]]`."""
    at = 0
    for place in places:
        for target in range(offsets[place], offsets[place + 1]):
            into[target] = values[at]
            at += 1


def shingle_records(records: pa.Table, *, name: str, ngram: int) -> pa.Table:
    """The shingles of one of the compared texts of each row."""
    found = shingle_text(getattr(compared_texts(records), name), name, ngram).sets
    return pa.table({"shingles": pa.LargeListArray.from_arrays(found.offsets, found.shingles)})


def shingle_text(column: pa.Array, name: str, ngram: int, n_slots: int = 0) -> Sketch:
    """The sketch of one of the compared texts.

    An answer keeps its blanks: "+" and "-" hold no token, and are two different answers.
    """
    return sketch(column, ngram=ngram, n_slots=n_slots, keep_blank=name == "answer", threads=1)

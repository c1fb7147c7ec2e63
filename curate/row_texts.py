"""The compared texts of all rows of a run, piece by piece, and their sketches.

A piece's texts are cut out by Arrow, sketched and forgotten, so that memory holds the sketches and never the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.compared import Compared, compared_texts
from tunesmith.curate.records import RECORD_SCHEMA, Record, to_batch
from tunesmith.curate.stages import read_table
from tunesmith.curate.threads import run_threads

Result = TypeVar("Result")


#: Rows that a thread takes at a time, about 1 MB of ordinary text: what is cut out of them is soon used again.
PIECE_ROWS = 1024


class RowTexts(NamedTuple):
    """Where the rows of a run are: the shards in order, and edits by row number; and how they are gone through.

    Nothing that is computed from the texts depends on `piece_rows` or `threads` (None: all cores).
    """

    shards: Sequence[Path]
    edited: Mapping[int, Record]
    piece_rows: int = PIECE_ROWS
    threads: int | None = None

    def pieces(self) -> list[Piece]:
        """The rows of all shards in order, a few at a time."""
        sizes = [len(read_table(path)) for path in self.shards]
        starts = np.cumsum([0, *sizes]).tolist()
        return [
            Piece(path, first, min(self.piece_rows, size - first), start + first)
            for path, size, start in zip(self.shards, sizes, starts)
            for first in range(0, size, self.piece_rows)
        ]

    def texts(self, piece: Piece, rows: npt.NDArray[np.int64] | None = None) -> Compared:
        """The texts of a piece, or of some of its rows (their numbers in the run, ascending); edited ones as edited."""
        table = piece.read() if rows is None else piece.read().take(pa.array(rows - piece.start))
        found = compared_texts(table)
        if not self.edited:
            return found
        numbers = range(piece.start, piece.start + piece.n_rows) if rows is None else rows.tolist()
        mine = {place: self.edited[number] for place, number in enumerate(numbers) if number in self.edited}
        if not mine:
            return found
        mask = np.zeros(len(table), bool)
        mask[list(mine)] = True
        edits = compared_texts(to_batch([*mine.values()]))
        return Compared(*(pc.replace_with_mask(old, pa.array(mask), new) for old, new in zip(found, edits)))

    def labels(self) -> npt.NDArray[np.int64]:
        """The KTO label of each row, 0 where it has none; an edited row's as edited."""
        columns = [read_table(path)["label"].fill_null(False).to_numpy() for path in self.shards]
        labels = np.concatenate(columns).astype(np.int64)
        for number, record in self.edited.items():
            labels[number] = bool(record.label)
        return labels


class Piece(NamedTuple):
    """Some rows of a shard from `first` on, and the number of the first in the run."""

    shard: Path
    first: int
    n_rows: int
    start: int

    def read(self) -> pa.Table:
        """The records. The shard is mapped for as long as somebody holds them: no longer than a piece is worked on."""
        return read_table(self.shard).select(RECORD_SCHEMA.names).slice(self.first, self.n_rows)


def each_piece(texts: RowTexts, work: Callable[[Compared], Result]) -> list[Result]:
    """The result for each piece, in order."""
    return run_threads(lambda piece: work(texts.texts(piece)), texts.pieces(), texts.threads)

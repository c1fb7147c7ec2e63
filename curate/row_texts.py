"""The compared texts of all rows of a run, piece by piece, and their sketches.

A piece's texts are cut out by Arrow, sketched and forgotten, so that memory holds the sketches and never the texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.compared import Compared, compared_texts
from tunesmith.curate.records import RECORD_SCHEMA, Record, to_batch
from tunesmith.curate.stages import read_table

Places = npt.NDArray[np.int64]


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

    def parts(self, rows: Places | None = None) -> list[Part]:
        """The pieces that hold any of these rows (all by default), each with the span of its own among them."""
        pieces = self.pieces()
        if rows is None:
            return [Part(piece, piece.start, piece.start + piece.n_rows) for piece in pieces]
        bounds = np.searchsorted(rows, [*(piece.start for piece in pieces), np.iinfo(np.int64).max]).tolist()
        return [Part(piece, first, last) for piece, first, last in zip(pieces, bounds, bounds[1:]) if first < last]

    def records(self, part: Part, rows: Places | None = None) -> pa.Table:
        """The records of a part of these rows (all by default), edited ones as edited."""
        piece, mine = part.piece, None if rows is None else rows[part.first : part.last]
        table = piece.read() if mine is None else piece.read().take(pa.array(mine - piece.start))
        if not self.edited:
            return table
        numbers = range(piece.start, piece.start + piece.n_rows) if mine is None else mine.tolist()
        return with_edits(
            table, {place: self.edited[number] for place, number in enumerate(numbers) if number in self.edited}
        )

    def texts(self, piece: Piece) -> Compared:
        """The texts of a piece, edited ones as edited."""
        return compared_texts(self.records(Part(piece, piece.start, piece.start + piece.n_rows)))

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


class Part(NamedTuple):
    """A piece, and which of the rows that were asked for lie in it: the `first` to the `last` (exclusive)."""

    piece: Piece
    first: int
    last: int


def with_edits(table: pa.Table, edits: Mapping[int, Record]) -> pa.Table:
    """The records with others in some places."""
    if not edits:
        return table
    order = np.arange(len(table))
    order[list(edits)] = len(table) + np.arange(len(edits))
    return pa.concat_tables([table, pa.table(to_batch([*edits.values()]))]).take(pa.array(order))

"""Rows of a set that stay on disk: a sequence that reads a few at a time.

>>> rows[17].row_id, len(rows[100:200])  # doctest: +SKIP
('medical:18', 100)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt

from tunesmith.curate.records import Record
from tunesmith.train.types import Row

#: Rows that are read together: one by one is 15 times as slow (curate/rundata.py).
STEP = 512

Records = Callable[[Sequence[int]], list[Record]]


@dataclass(frozen=True, eq=False)
class StoredRows(Sequence[Row]):
    """Some rows of a store, in the order of `numbers`.

    :param records: reads records by their number in the store.
    :param numbers: shape `(n_rows,)`, which of the store's rows these are.
    :param codes: shape `(n_store,)`, indexes into `sources` and `groups`.
    :param positions: shape `(n_store,)`, where each row stands in its source, from 1.
    :param copies: shape `(n_store,)`.
    """

    records: Records
    numbers: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]
    positions: npt.NDArray[np.int64]
    copies: npt.NDArray[np.int32]
    sources: tuple[str, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, which: int) -> Row: ...
    @overload
    def __getitem__(self, which: slice) -> StoredRows: ...
    def __getitem__(self, which: int | slice) -> Row | StoredRows:
        if isinstance(which, slice):
            return self._of(self.numbers[which])
        number = int(self.numbers[which])
        return self._row(number, self.records([number])[0])

    def __iter__(self) -> Iterator[Row]:
        for start in range(0, len(self), STEP):
            numbers = self.numbers[start : start + STEP].tolist()
            yield from map(self._row, numbers, self.records(numbers))

    def where(self, chosen: npt.NDArray[np.bool_]) -> StoredRows:
        """The rows that are chosen, shape `(n_rows,)`."""
        return self._of(self.numbers[chosen])

    def by_group(self) -> dict[str, StoredRows]:
        """The rows of each group that has any, the groups by name."""
        codes = self.codes[self.numbers]
        found = {}
        for group in sorted(set(self.groups)):
            mine = np.isin(codes, [code for code, name in enumerate(self.groups) if name == group])
            if mine.any():
                found[group] = self.where(mine)
        return found

    def identity(self) -> tuple[bytes, ...]:
        """What these rows are called and how often each counts, without what they say."""
        names = "\n".join(f"{source}={group}" for source, group in zip(self.sources, self.groups))
        columns = (self.codes, self.positions, self.copies)
        return names.encode(), *(column[self.numbers].tobytes() for column in columns)

    def _of(self, numbers: npt.NDArray[np.int64]) -> StoredRows:
        return StoredRows(self.records, numbers, self.codes, self.positions, self.copies, self.sources, self.groups)

    def _row(self, number: int, record: Record) -> Row:
        code = int(self.codes[number])
        source = self.sources[code]
        row_id = f"{source}:{int(self.positions[number])}"
        return Row(row_id, record, source, self.groups[code], int(self.copies[number]))

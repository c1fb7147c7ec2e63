"""The lines of train.jsonl and validation.jsonl against the ledger: each row where it belongs, with its own content.

A row that was neither cleaned nor edited has, read again in the format that it was written in, the content id of the
ledger; for the others the treated record in the run's shards says which. Where a line was lost or added, the rows after
it are found again, so that one lost line is one finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.progress import Progress
from tunesmith.curate.records import KINDS
from tunesmith.curate.verify_columns import Ids, Mask
from tunesmith.curate.verify_found import Findings
from tunesmith.curate.verify_ledger import SIDES, Accounts
from tunesmith.curate.verify_rehash import Block, Exported, each_block, line_blocks, read_exported
from tunesmith.curate.workers import Workers

_WINDOW = 1000  # rows before and after, in which a line's row is looked for

_OTHER = "lines whose content is not the row's"
_MOVED = "rows of the ledger that are missing, or stand elsewhere"
_TWICE = "lines whose row has one already, or stands elsewhere"

Rows = npt.NDArray[np.intp]


class Expected(NamedTuple):
    """What the lines should hold: content ids by row, as far as they are known, and each row's kind (a place in
    `KINDS`, -1 unknown)."""

    ids: Ids
    known: Mask
    kinds: npt.NDArray[np.int8]


def check_exported(
    folder: Path,
    side: str,
    accounts: Accounts,
    expected: Expected,
    formats: dict[str, str],
    found: Findings,
    progress: Progress,
    workers: Workers | None,
) -> None:
    """Check one side's file, and the files of single kinds beside it.

    :param formats: the format that each kind was written in.
    """
    name = f"{side}.jsonl"
    path = folder / name
    if not path.is_file():
        return
    order = _order(accounts, side, path.stat().st_size)
    if order is None:
        found.add(name, "is shorter than the rows that the ledger has in it")
        return
    kinds = [kind for kind in KINDS if kind in formats]
    aligned = _Aligned(name, order, accounts, expected, found)
    marks: list[npt.NDArray[np.uint64]] = []
    blocks = _blocks(path, order, expected, tuple(formats[kind] for kind in kinds), kinds)
    with progress.stage(f"check {name}", total=len(order), unit="rows") as advance:
        for read in each_block(workers, read_exported, blocks):
            aligned.take(read)
            marks.append(read.marks)
            advance(len(read.marks))
    aligned.end()
    if len(kinds) > 1 and aligned.line == len(order):
        _check_kinds(folder, side, np.concatenate(marks), expected.kinds[order], found)


def _order(accounts: Accounts, side: str, size_bytes: int) -> Rows | None:
    """The rows in the order of their lines: each once, then those that repeat once more, and so on; None where that
    would be more lines than the file has bytes."""
    rows = np.flatnonzero(accounts.side == SIDES.index(side))
    copies = accounts.copies[rows]
    if int(copies.sum(dtype=np.int64)) > size_bytes:
        return None
    repeated = [rows[copies > copy] for copy in range(1, int(copies.max(initial=1)))]
    return np.concatenate([rows, *repeated])


def _blocks(path: Path, order: Rows, expected: Expected, forms: tuple[str, ...], kinds: list[str]) -> Iterator[Block]:
    place_of = np.array([kinds.index(kind) if kind in kinds else 0 for kind in KINDS] + [0])
    start = 0
    for lines in line_blocks(path):
        likely = np.zeros(len(lines), np.int64)
        mine = order[start : start + len(lines)]
        likely[: len(mine)] = place_of[expected.kinds[mine]]
        yield Block(lines, forms, tuple(likely.tolist()))
        start += len(lines)


class _Aligned:
    """Goes through lines and rows side by side."""

    def __init__(self, name: str, order: Rows, accounts: Accounts, expected: Expected, found: Findings) -> None:
        self.line = 0
        self._name, self._order, self._accounts, self._found = name, order, accounts, found
        self._expected = expected
        self._next = 0  # the place in `order` of the row that the next line should hold
        self._blamed = -1  # the place of the row that the last wrong line was taken for

    def take(self, read: Exported) -> None:
        """The next lines."""
        for number, what in read.problems:
            self._found.add(self._name, what, f"line {self.line + number + 1}")
        rows = self._order[self._next : self._next + len(read.ids)]
        same = len(rows) == len(read.ids) and bool(self._same(rows, read.ids).all())
        if same:
            self._next += len(rows)
            self.line += len(rows)
            return
        unreadable = np.flatnonzero(~read.ids.any(axis=1))
        for place in range(len(read.ids)):
            self.line += 1
            self._take_one(read.ids[place : place + 1], told=place in unreadable)

    def end(self) -> None:
        """After the last line."""
        if self.line != len(self._order):
            self._found.add(self._name, f"has {self.line:,} lines where the ledger has {len(self._order):,}")

    def _same(self, rows: Rows, ids: Ids) -> Mask:
        same: Mask = (self._expected.ids[rows] == ids).all(axis=1) | ~self._expected.known[rows]
        return same

    def _take_one(self, ids: Ids, *, told: bool) -> None:
        """:param told: whether the line was found wrong already."""
        row = self._order[self._next : self._next + 1]
        if len(row) and (told or bool(self._same(row, ids).all())):
            self._next += 1
            return
        first = max(0, self._next - _WINDOW)
        near = self._order[first : self._next + _WINDOW]
        hits = first + np.flatnonzero((self._expected.ids[near] == ids).all(axis=1) & self._expected.known[near])
        if len(hits):
            place = int(hits[np.argmin(np.abs(hits - self._next))])
            if place > self._next:
                lost = self._order[self._next : place]
                names = (f"{self._accounts.name(int(one))} (before line {self.line})" for one in lost[:3])
                self._found.add_all(self._name, _MOVED, names, len(lost))
            elif place != self._blamed:  # else the wrong line was one too many, and its row comes now
                name = self._accounts.name(int(self._order[place]))
                self._found.add(self._name, _TWICE, f"line {self.line} ({name})")
            self._next = place + 1
        elif not told:
            whose = f" ({self._accounts.name(int(row[0]))})" if len(row) else ""
            self._found.add(self._name, _OTHER, f"line {self.line}{whose}")
            self._blamed = self._next
            self._next = min(self._next + 1, len(self._order))


def _check_kinds(
    folder: Path, side: str, marks: npt.NDArray[np.uint64], kinds: npt.NDArray[np.int8], found: Findings
) -> None:
    """`train.sft.jsonl` holds those lines of `train.jsonl` that are of its kind, in their order."""
    for number, kind in enumerate(KINDS):
        name = f"{side}.{kind}.jsonl"
        wanted = marks[kinds == number]
        if (folder / name).is_file():
            _check_marks(folder / name, wanted, found)
        elif len(wanted):
            found.add(name, "is missing")


def _check_marks(path: Path, wanted: npt.NDArray[np.uint64], found: Findings) -> None:
    line = 0
    whole = path.name.split(".")[0] + ".jsonl"
    for lines in line_blocks(path):
        marks = read_exported(Block(lines, (), (0,) * len(lines))).marks
        mine = wanted[line : line + len(marks)]
        other = np.flatnonzero(marks[: len(mine)] != mine)
        if len(other):
            found.add(path.name, f"has other lines than {whole}, the first", f"line {line + int(other[0]) + 1}")
            return
        line += len(marks)
    if line != len(wanted):
        found.add(path.name, f"has {line:,} lines where {whole} has {len(wanted):,} of this kind")

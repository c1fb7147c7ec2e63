"""The lines of dropped.jsonl against the ledger: every row that left, once, in order, as it came, with its verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.export_lines import TOLD
from tunesmith.curate.progress import Progress
from tunesmith.curate.verify_columns import even_batches, open_parquet
from tunesmith.curate.verify_found import Findings
from tunesmith.curate.verify_ledger import LEDGER, Accounts
from tunesmith.curate.verify_manifest import Manifest
from tunesmith.curate.verify_rehash import Left, LeftBlock, each_block, line_blocks, read_left
from tunesmith.curate.workers import Workers

DROPPED_FILE = "dropped.jsonl"


class Wanted(NamedTuple):
    """A row that left: its number in the run, and what the ledger says of it (nothing for null)."""

    row: int
    told: dict[str, Any]


def check_dropped(
    folder: Path,
    manifest: Manifest | None,
    accounts: Accounts,
    raws: Iterator[bytes] | None,
    found: Findings,
    progress: Progress,
    workers: Workers | None,
) -> None:
    """Go through both files side by side.

    :param raws: the bytes of every row that left, in order, where the run's shards are whole.
    """
    path = folder / DROPPED_FILE
    if not path.is_file():
        return
    sources = {one.name: one.model_dump() for one in manifest.recipe.sources} if manifest else {}
    merged = _Merged(accounts, _wanted(folder, accounts), raws, found)
    blocks = (LeftBlock(lines, sources) for lines in line_blocks(path))
    lines = line_blocks(path)  # once more: what the workers got stays with them
    with progress.stage(f"check {DROPPED_FILE}", total=len(accounts.left()), unit="rows") as advance:
        for block in each_block(workers, read_left, blocks):
            for line, left in zip(next(lines), block):
                merged.take(line, left)
            advance(len(block))
    merged.end()


def _wanted(folder: Path, accounts: Accounts) -> Iterator[Wanted]:
    """What the ledger says of the rows that left, in order."""
    start = 0
    left = accounts.left()
    with open_parquet(folder / LEDGER) as file:
        for batch in even_batches(file, TOLD):
            first, last = np.searchsorted(left, [start, start + len(batch)])
            rows = left[first:last]
            for row, told in zip(rows.tolist(), batch.take(pa.array(rows - start)).to_pylist()):
                yield Wanted(row, {name: value for name, value in told.items() if value is not None})
            start += len(batch)


def _other(told: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """What a line says otherwise. JSON has no word for a number beyond all others, and has null there."""
    finite = {name: value for name, value in wanted.items() if not isinstance(value, float) or math.isfinite(value)}
    return [name for name in TOLD if told.get(name) != finite.get(name)]


class _Merged:
    """Both sequences, each ascending by row."""

    def __init__(
        self, accounts: Accounts, wanted: Iterator[Wanted], raws: Iterator[bytes] | None, found: Findings
    ) -> None:
        self._accounts, self._wanted, self._raws, self._found = accounts, wanted, raws, found
        self._line = 0
        self._unread = 0  # lines since the last good one that name no row: each may be that of a missing row
        self._next = self._advance()

    def _advance(self) -> tuple[Wanted, bytes | None] | None:
        wanted = next(self._wanted, None)
        if wanted is None:
            return None
        return wanted, next(self._raws, None) if self._raws is not None else None

    def take(self, line: bytes, left: Left) -> None:
        """One line."""
        self._line += 1
        place = f"line {self._line}"
        if left.problem:
            self._found.add(DROPPED_FILE, left.problem, place)
        row = self._row_of(left.told.get("row_id"))
        if row < 0:
            self._unread += 1
            if not left.problem:
                self._found.add(DROPPED_FILE, "lines of a row that is not in the ledger", place)
            return
        while self._next is not None and self._next[0].row < row:
            self._tell_missing(self._next[0].row)
            self._next = self._advance()
        place = f"{place} ({left.told['row_id']})"
        if self._next is None or self._next[0].row != row:
            self._found.add(DROPPED_FILE, "lines whose row did not leave, or has a line already", place)
            return
        self._unread = 0
        wanted, raw = self._next
        self._next = self._advance()
        self._compare(line, left, wanted, raw, place)

    def _row_of(self, row_id: Any) -> int:
        if self._next is not None and self._next[0].told["row_id"] == row_id:
            return self._next[0].row  # as in every line of a whole file
        return self._accounts.row_named(str(row_id))

    def end(self) -> None:
        """After the last line."""
        while self._next is not None:
            self._tell_missing(self._next[0].row)
            self._next = self._advance()

    def _tell_missing(self, row: int) -> None:
        if self._unread:
            self._unread -= 1
            return
        self._found.add(DROPPED_FILE, "rows that left and have no line", self._accounts.name(row))

    def _compare(self, line: bytes, left: Left, wanted: Wanted, raw: bytes | None, place: str) -> None:
        other = _other(left.told, wanted.told) if left.told != wanted.told else []
        if other:
            self._found.add(DROPPED_FILE, f"lines that say another {other[0]} than the ledger", place)
        if left.problem:
            return
        if left.same is False:
            self._found.add(DROPPED_FILE, "lines whose row has not its content id", place)
        elif raw is not None and not _ends_with(line[left.begins :], raw):
            self._found.add(DROPPED_FILE, "lines whose row is not the one that was read", place)


def _ends_with(tail: bytes, raw: bytes) -> bool:
    """Whether the rest of a line holds the row as it came."""
    if tail.startswith(b',"row":'):
        return tail == b',"row":' + jsontext.one_line(raw) + b"}\n"
    return tail == b"," + jsontext.dump_bytes(jsontext.bytes_as_json(raw))[1:] + b"\n"

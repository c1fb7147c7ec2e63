"""Rows of files, converted once and kept on disk as Arrow, so that a million of them do not fill the memory.

>>> read = read_files([Named("medical.jsonl", "medical", "domain")])  # doctest: +SKIP
>>> read.rows[0].row_id, read.unread  # doctest: +SKIP
('medical:1', (('medical.jsonl:9', 'not valid JSON: unexpected end of data; fetch it again'),))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import xxhash

from tunesmith.curate.ingest import without_collector
from tunesmith.curate.reading import Got, read_rows
from tunesmith.curate.records import Record, content_id, records_of, to_batch
from tunesmith.curate.shards import SHARD_ROWS
from tunesmith.curate.sources import Source, open_source
from tunesmith.curate.stages import read_table, write_table
from tunesmith.errors import InputError, RowError
from tunesmith.train.sets_rows import StoredRows

_SHOWN = 3  # unreadable rows that an error names


class Named(NamedTuple):
    """A source as asked for: its path, its name in row ids, its group."""

    path: str
    name: str
    group: str


class FileRows(NamedTuple):
    """All rows that could be read, those that could not as `(place, what is wrong)`, and the digest of the content."""

    rows: StoredRows
    unread: tuple[tuple[str, str], ...]
    digest: str


def read_files(sources: Sequence[Named]) -> FileRows:
    """Read every source to its end.

    :raises InputError: where a source cannot be opened, or none of the rows can be read.
    """
    opened = [_open(source) for source in sources]  # what is wrong with the last one is told before the first is read
    # Mapped files stay readable without their names, so that not even a killed run leaves a person's rows behind.
    with TemporaryDirectory(prefix="tunesmith-rows-", ignore_cleanup_errors=True) as folder, without_collector():
        shelf = _Shelf(Path(folder))
        for code, source in enumerate(opened):
            for got in read_rows(source.plan):
                shelf.take(code, source, got)
        return shelf.close(sources)


def write_rows(folder: Path, records: Iterator[Record]) -> list[int]:
    """Shards of records in a folder; how many rows each has."""
    sizes: list[int] = []
    while part := [*islice(records, SHARD_ROWS)]:
        write_table(shard_path(folder, len(sizes)), to_batch(part))
        sizes.append(len(part))
    return sizes


def shard_path(folder: Path, number: int) -> Path:
    """The file of a shard."""
    return folder / f"rows-{number:05d}.arrow"


def _open(source: Named) -> Source:
    found = open_source(source.path, name=source.name, group=source.group)
    if found.plan.num_samples is not None:
        what = f"its registry asks for a sample of {found.plan.num_samples:,} rows"
        remedy = "draw it with `tunesmith curate run`, or take num_samples out"
        raise InputError(what, where=source.path, remedy=remedy)
    return found


class _Shelf:
    """Rows on their way to disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[Record] = []
        self._shards = 0
        self._codes: list[int] = []
        self._positions: list[int] = []
        self._unread: list[tuple[str, str]] = []
        self._digest = xxhash.xxh3_128()

    def take(self, code: int, source: Source, got: Got) -> None:
        """One row of a source."""
        if got.read is None:
            self._unread.append((source.plan.input.locate(got.raw.position), _told(got.error)))
            return
        self._codes.append(code)
        self._positions.append(got.raw.position)
        self._digest.update(content_id(got.read.record).encode())
        self._waiting.append(got.read.record)
        if len(self._waiting) == SHARD_ROWS:
            self._write()

    def close(self, sources: Sequence[Named]) -> FileRows:
        """All rows that were taken."""
        if self._waiting:
            self._write()
        if not self._codes:
            raise self._nothing(sources)
        n_rows = len(self._codes)
        rows = StoredRows(
            Mapped([shard_path(self._folder, number) for number in range(self._shards)]).records,
            np.arange(n_rows, dtype=np.int64),
            np.array(self._codes, np.int32),
            np.array(self._positions, np.int64),
            np.ones(n_rows, np.int32),
            tuple(source.name for source in sources),
            tuple(source.group for source in sources),
        )
        return FileRows(rows, tuple(self._unread), self._digest.hexdigest())

    def _write(self) -> None:
        write_table(shard_path(self._folder, self._shards), to_batch(self._waiting))
        self._shards += 1
        self._waiting = []

    def _nothing(self, sources: Sequence[Named]) -> InputError:
        where = ", ".join(source.path for source in sources)
        if not self._unread:
            return InputError("expected rows, saw none", where=where, remedy="check how the file was made")
        shown = "; ".join(f"{place}: {what}" for place, what in self._unread[:_SHOWN])
        what = f"none of its {len(self._unread):,} rows can be read ({shown})"
        return InputError(
            what, where=where, remedy="mend the rows, or convert the file with `tunesmith curate convert`"
        )


class Mapped:
    """Records of shards that are mapped into memory: a page that is not looked at costs nothing."""

    def __init__(self, shards: Sequence[Path]) -> None:
        self._tables = [read_table(path) for path in shards]

    def records(self, numbers: Sequence[int]) -> list[Record]:
        """The records of these rows, in this order; each shard is gone through once."""
        wanted = np.asarray(numbers, np.int64)
        found: list[Record | None] = [None] * len(wanted)
        shards = wanted // SHARD_ROWS
        for shard in np.unique(shards).tolist():
            places = np.flatnonzero(shards == shard)
            part = self._tables[shard].take(pa.array(wanted[places] % SHARD_ROWS))
            for place, record in zip(places.tolist(), records_of(part)):
                found[place] = record
        return [record for record in found if record is not None]


def _told(error: RowError | None) -> str:
    if error is None:
        return "cannot be read"
    return f"{error.what}; {error.remedy}" if error.remedy else error.what

"""Stage 1: stream a source, convert every row, measure it, and write memory-mapped Arrow shards.

A shard is a pair of files of the same rows: `rows-00000.arrow` (the record and the row as it came) and
`columns-00000.arrow` (what later stages decide on). Shards are cut by row count and written in order, each renamed when
whole, so a killed run goes on after its last finished pair.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.convert_row import fill, read_raw
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.formats.base import Format
from tunesmith.curate.io import Input, RawRow
from tunesmith.curate.progress import Progress
from tunesmith.curate.records import RECORD_SCHEMA, Record, content_id, to_batch
from tunesmith.curate.signals import SIGNALS, Signals, measure
from tunesmith.curate.stages import read_table, write_table
from tunesmith.errors import RowError

#: Rows of one shard: about 10 MB of ordinary instruction data, one unit of resumption.
SHARD_ROWS = 8192
#: Bytes of one shard; a column of text in Arrow ends at 2 GiB, and a shard must fit into memory several times over.
SHARD_BYTES = 64_000_000

ROWS_SCHEMA = RECORD_SCHEMA.append(pa.field("raw", pa.large_binary()))

COLUMNS_SCHEMA = pa.schema(
    [
        ("position", pa.int64()),
        ("content_id", pa.string()),
        ("format", pa.string()),
        ("kind", pa.string()),
        ("invalid", pa.string()),  # the code of what is wrong, null for a readable row
        ("detail", pa.string()),
        ("edits", pa.list_(pa.string())),
        *((name, kind) for name, kind, _ in SIGNALS),
    ]
)

#: What stands in the record columns of a row that could not be read.
NO_RECORD = Record("invalid")
NO_SIGNALS = Signals("other", 0, 0, 0, 0, 0, 0, False, 0, False, False, 0, bytes(16), bytes(16))


class Plan(NamedTuple):
    """How one source is read. `form` None detects the format of each row."""

    name: str
    input: Input
    form: Format | None
    fill: Mapping[str, str]
    num_samples: int | None = None  # of a registry: how many of the readable rows are wanted


class Ingested(NamedTuple):
    """A finished source: its shards in order, and how many rows were read in which format, with an example position."""

    shards: tuple[Path, ...]
    formats: dict[str, int]
    first_positions: dict[str, int]
    starts: tuple[int, ...]  # the position before the first row of each file, as far as they were read
    rows: int  # as the reader counted them


class Outcome(NamedTuple):
    """One row after conversion."""

    position: int
    raw: bytes
    record: Record
    format: str | None
    content_id: str | None
    signals: Signals
    edits: list[str]
    invalid: str | None
    detail: str | None  # without the file's name: the same bytes under another name are the same row


def ingest(plan: Plan, folder: Path, progress: Progress) -> Ingested:
    """Read a source into shards under `folder`, going on after those that are there already.

    :raises InputError: where the source cannot be read to its end.
    """
    done = folder / "done.json"
    if not (done.exists() and _is_whole(folder, done)):
        folder.mkdir(exist_ok=True)
        written = _finished_pairs(folder)
        rows = sum(len(read_table(_columns_of(path))) for path in written)
        with progress.stage(f"read {plan.name}", total=None, unit="rows") as advance:
            advance(rows)
            rows += _write_shards(plan, folder, rows, len(written), advance)
        _finish(folder, done, plan.input.starts, rows)
    found = jsontext.loads(done.read_bytes())
    shards = tuple(folder / name for name in found["shards"])
    return Ingested(shards, found["formats"], found["first_positions"], tuple(found["starts"]), found["rows"])


def _is_whole(folder: Path, done: Path) -> bool:
    """Whether every shard that was written is still there."""
    shards = jsontext.loads(done.read_bytes())["shards"]
    return all((folder / name).exists() and _columns_of(folder / name).exists() for name in shards)


def _finished_pairs(folder: Path) -> list[Path]:
    pairs = (folder / f"rows-{number:05d}.arrow" for number in range(1_000_000))
    found: list[Path] = []
    for path in pairs:
        if not (path.exists() and _columns_of(path).exists()):
            return found
        found.append(path)
    return found


def _columns_of(rows: Path) -> Path:
    return rows.with_name(rows.name.replace("rows-", "columns-"))


def _write_shards(plan: Plan, folder: Path, skip: int, number: int, advance: Callable[[int], None]) -> int:
    """Write the rows after the first `skip`; returns how many the reader gave, counted apart from what was written."""
    read = 0

    def counted() -> Iterator[RawRow]:
        nonlocal read
        for row in plan.input.rows(skip):
            read += 1
            yield row

    with without_collector():
        for shard in batches(counted(), SHARD_ROWS, SHARD_BYTES):
            path = folder / f"rows-{number:05d}.arrow"
            write_shard(path, [convert(row, plan) for row in shard])
            advance(len(shard))
            number += 1
    return read


@contextmanager
def without_collector() -> Iterator[None]:
    """Suspend the cycle collector: rows are trees without cycles, and scanning them took a fifth of the ingest time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def batches(rows: Iterable[RawRow], n_rows: int, n_bytes: int) -> Iterator[list[RawRow]]:
    """Lists of at most `n_rows` rows, closed early by the row that brings them to `n_bytes`."""
    batch: list[RawRow] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.data) if isinstance(row.data, bytes) else len(str(row.data))
        if len(batch) == n_rows or size >= n_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def convert(row: RawRow, plan: Plan) -> Outcome:
    """One raw row to its outcome; a row that cannot be read keeps its bytes and its reason."""
    raw = row.data if isinstance(row.data, bytes) else jsontext.dump_bytes(row.data) if row.data is not None else b""
    if row.error is not None:
        return _unreadable(row.position, raw, row.error)
    try:
        read = read_raw(row.data if row.data is not None else b"", plan.form)
        identity = content_id(read.record)
        record = fill(read.record, plan.fill) if plan.fill else read.record
        edits = ["fill"] if record is not read.record and record != read.record else []
        return Outcome(row.position, raw, record, read.format, identity, measure(record), edits, None, None)
    except RowError as error:
        return _unreadable(row.position, raw, error)


def _unreadable(position: int, raw: bytes, error: RowError) -> Outcome:
    """What stands for such a row. Of the error only its words stay: its traceback would keep the whole frame alive."""
    detail = f"{error.what}; {error.remedy}" if error.remedy else error.what
    return Outcome(position, raw, NO_RECORD, None, None, NO_SIGNALS, [], error.code, detail)


def write_shard(path: Path, outcomes: list[Outcome]) -> None:
    """Write the pair of files of one shard; the columns last, for a pair counts only when it is whole."""
    positions, raws, records, formats, identities, signals, edits, invalid, details = zip(*outcomes)
    rows = to_batch(records)
    table = pa.RecordBatch.from_arrays([*rows.columns, pa.array(raws, pa.large_binary())], schema=ROWS_SCHEMA)
    columns = [
        pa.array(positions, pa.int64()),
        pa.array(identities, pa.string()),
        pa.array(formats, pa.string()),
        pa.array([record.kind for record in records], pa.string()),
        pa.array(invalid, pa.string()),
        pa.array(details, pa.string()),
        pa.array(edits, pa.list_(pa.string())),
        *signal_arrays(signals),
    ]
    write_table(path, table)
    write_table(_columns_of(path), pa.RecordBatch.from_arrays(columns, schema=COLUMNS_SCHEMA))


def signal_arrays(signals: Iterable[Signals]) -> list[pa.Array]:
    """The columns of `SIGNALS`."""
    return [pa.array(values, kind) for values, (_, kind, _) in zip(zip(*signals), SIGNALS)]


def _finish(folder: Path, done: Path, starts: tuple[int, ...], rows: int) -> None:
    shards = _finished_pairs(folder)
    formats: Counter[str] = Counter()
    first: dict[str, int] = {}
    for path in shards:
        columns = read_table(_columns_of(path))
        names = columns["format"].to_pylist()
        formats.update(name for name in names if name is not None)
        for name in formats.keys() - first.keys():
            first[name] = columns["position"][names.index(name)].as_py()
    found = {
        "shards": [path.name for path in shards],
        "formats": dict(sorted(formats.items())),
        "first_positions": first,
        "starts": starts,
        "rows": rows,
    }
    with atomic_path(done) as temporary:
        temporary.write_text(jsontext.dumps_sorted(found), encoding="utf-8")


def read_columns(shards: Iterable[Path]) -> pa.Table:
    """The columns of these shards, memory-mapped, with `shard` (its number here) and `row` (the row in it)."""
    tables = [_numbered(read_table(_columns_of(path)), number) for number, path in enumerate(shards)]
    return pa.concat_tables(tables) if tables else _numbered(COLUMNS_SCHEMA.empty_table(), 0)


def _numbered(table: pa.Table, number: int) -> pa.Table:
    table = table.append_column("shard", pa.array(np.full(len(table), number, np.int32)))
    return table.append_column("row", pa.array(np.arange(len(table), dtype=np.int32)))

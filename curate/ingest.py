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
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

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
    """How one source is read. `form` None detects the format of each row; `limit` is a registry's `num_samples`."""

    name: str
    input: Input
    form: Format | None
    fill: Mapping[str, str]
    limit: int | None = None


class Ingested(NamedTuple):
    """A finished source: its shards in order, and how many rows were read in which format, with an example position."""

    shards: tuple[Path, ...]
    formats: dict[str, int]
    first_positions: dict[str, int]
    starts: tuple[int, ...]  # the position before the first row of each file, as far as they were read


class Outcome(NamedTuple):
    """One row after conversion."""

    position: int
    raw: bytes
    record: Record
    format: str | None
    content_id: str | None
    signals: Signals
    edits: list[str]
    error: RowError | None


def ingest(plan: Plan, folder: Path, progress: Progress) -> Ingested:
    """Read a source into shards under `folder`, going on after those that are there already.

    :raises InputError: where the source cannot be read to its end.
    """
    done = folder / "done.json"
    if not done.exists():
        folder.mkdir(exist_ok=True)
        written = _finished_pairs(folder)
        rows = sum(len(read_table(_columns_of(path))) for path in written)
        with progress.stage(f"read {plan.name}", total=None, unit="rows") as advance:
            advance(rows)
            _write_shards(plan, folder, rows, len(written), advance)
        _finish(folder, done, plan.input.starts)
    found = jsontext.loads(done.read_bytes())
    shards = tuple(folder / name for name in found["shards"])
    return Ingested(shards, found["formats"], found["first_positions"], tuple(found["starts"]))


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


def _write_shards(plan: Plan, folder: Path, skip: int, number: int, advance: Callable[[int], None]) -> None:
    rows: Iterator[RawRow] = plan.input.rows(skip)
    if plan.limit is not None:
        rows = islice(rows, max(0, plan.limit - skip))
    with without_collector():
        for shard in batches(rows, SHARD_ROWS, SHARD_BYTES):
            path = folder / f"rows-{number:05d}.arrow"
            write_shard(path, [convert(row, plan) for row in shard])
            advance(len(shard))
            number += 1


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
    raw = _raw_bytes(row.data)
    try:
        if row.error is not None:
            raise row.error
        read = read_raw(row.data if row.data is not None else b"", plan.form)
        identity = content_id(read.record)
        record = fill(read.record, plan.fill) if plan.fill else read.record
        edits = ["fill"] if record is not read.record and record != read.record else []
        return Outcome(row.position, raw, record, read.format, identity, measure(record), edits, None)
    except RowError as error:
        return Outcome(row.position, raw, NO_RECORD, None, None, NO_SIGNALS, [], error)


def _raw_bytes(data: bytes | Mapping[str, Any] | None) -> bytes:
    if data is None or isinstance(data, bytes):
        return data or b""
    return jsontext.dump_bytes(_plain(data))


def _plain(value: Any) -> Any:
    """Values of Parquet and Arrow that JSON has no form for (dates, decimals, bytes) as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def write_shard(path: Path, outcomes: list[Outcome]) -> None:
    """Write the pair of files of one shard; the columns last, for a pair counts only when it is whole."""
    positions, raws, records, formats, identities, signals, edits, errors = zip(*outcomes)
    rows = to_batch(records)
    table = pa.RecordBatch.from_arrays([*rows.columns, pa.array(raws, pa.large_binary())], schema=ROWS_SCHEMA)
    columns = [
        pa.array(positions, pa.int64()),
        pa.array(identities, pa.string()),
        pa.array(formats, pa.string()),
        pa.array([record.kind for record in records], pa.string()),
        pa.array([error.code if error else None for error in errors], pa.string()),
        pa.array([str(error) if error else None for error in errors], pa.string()),
        pa.array(edits, pa.list_(pa.string())),
        *signal_arrays(signals),
    ]
    write_table(path, table)
    write_table(_columns_of(path), pa.RecordBatch.from_arrays(columns, schema=COLUMNS_SCHEMA))


def signal_arrays(signals: Iterable[Signals]) -> list[pa.Array]:
    """The columns of `SIGNALS`."""
    return [pa.array(values, kind) for values, (_, kind, _) in zip(zip(*signals), SIGNALS)]


def _finish(folder: Path, done: Path, starts: tuple[int, ...]) -> None:
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

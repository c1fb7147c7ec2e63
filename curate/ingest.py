"""Stage 1: stream a source, convert and treat every row, measure it, and write memory-mapped Arrow shards.

A shard is three files of the same rows: `rows-00000.arrow` (the record and the row as it came), `columns-00000.arrow`
(what the conversion says of it) and `signals-00000.arrow` (what is measured). This process reads the source and cuts it
into shards; worker processes, where there are any, convert and write them, and threads measure them afterwards; each
file is renamed when whole. A shard's rows depend on nothing but the source, so a killed run goes on after its first
finished pairs of rows and columns, and finds later ones as they should be.
"""

from __future__ import annotations

import gc
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate import jsontext
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.first_look import PRIVATE, look_at
from tunesmith.curate.formats.base import Format
from tunesmith.curate.io import Input, RawRow
from tunesmith.curate.measuring import Unmeasured, measure_shards
from tunesmith.curate.progress import Progress
from tunesmith.curate.reading_told import reading
from tunesmith.curate.records import NO_RECORD, Record, content_id, to_batch
from tunesmith.curate.shards import (
    CONVERTED_SCHEMA,
    ROWS_SCHEMA,
    SHARD_ROWS,
    beside,
    finished_pairs,
    is_pair,
    path_of,
)
from tunesmith.curate.stages import is_whole, read_table, write_table
from tunesmith.curate.treatment import Treated, Treatment, changed, treat_private
from tunesmith.errors import RowError

#: Bytes of one shard; each worker holds one several times over (its rows, their values, their Arrow columns).
SHARD_BYTES = 16_000_000


class Plan(NamedTuple):
    """How one source is read. `form` None detects the format of each row."""

    name: str
    input: Input
    form: Format | None
    treatment: Treatment = Treatment()
    num_samples: int | None = None  # of a registry: how many of the readable rows are wanted


class Ingested(NamedTuple):
    """A finished source: its shards in order, and how many rows were read in which format, with an example position."""

    shards: tuple[Path, ...]
    formats: dict[str, int]
    first_positions: dict[str, int]
    starts: tuple[int, ...]  # the position before the first row of each file, as far as they were read
    rows: int  # as the reader counted them


class Shard(NamedTuple):
    """Raw rows on their way to a worker: `path` is the file of their records, then `RawRow` by columns and the plan's
    way of reading."""

    path: Path
    positions: Sequence[int]
    data: Sequence[bytes | dict[str, Any] | None]
    errors: Sequence[RowError | None]
    form: Format | None
    treatment: Treatment


#: Converts shards and has their files written; gives the number of rows of each, in order.
Convert = Callable[[Iterable[Shard]], Iterator[int]]


class Outcome(NamedTuple):
    """One row after conversion, and then again after its treatment."""

    position: int
    raw: bytes
    record: Record
    format: str | None
    content_id: str | None
    edits: list[str]
    private: list[str]
    invalid: str | None
    detail: str | None  # without the file's name: the same bytes under another name are the same row


def ingest(plan: Plan, folder: Path, progress: Progress, convert: Convert | None = None) -> Ingested:
    """Read a source into shards under `folder` and measure them, going on after what is there already.

    :param convert: of an engine; None does it here.
    :raises InputError: where the source cannot be read to its end.
    """
    if not is_ingested(folder):
        rows = read_source(plan, folder, progress, convert)
        measure_shards(unmeasured(plan, folder), progress, 1)
        finish_source(plan, folder, rows)
    return ingested_in(folder)


def read_source(plan: Plan, folder: Path, progress: Progress, convert: Convert | None = None) -> int:
    """The first half: convert every row and write it; returns how many rows the reader gave.

    :raises InputError: where the source cannot be read to its end, or changes meanwhile.
    """
    folder.mkdir(exist_ok=True)
    written = finished_pairs(folder)
    rows = sum(len(read_table(beside(path, "columns"))) for path in written)
    with reading(plan.name, plan.input.files, progress) as told:
        for path in written:
            told(*_read_before(path))
        return rows + _write_shards(plan, folder, rows, len(written), told, convert or _convert_here)


def _read_before(path: Path) -> tuple[int, int]:
    """Rows and bytes of a shard that is there already."""
    raw = read_table(path)["raw"]
    return len(raw), int(pc.sum(pc.binary_length(raw)).as_py() or 0)


def unmeasured(plan: Plan, folder: Path) -> list[Unmeasured]:
    """The shards of a source that was read, for the second half."""
    return [Unmeasured(path, plan.treatment.basic) for path in finished_pairs(folder)]


def ingested_in(folder: Path) -> Ingested:
    """The finished source of a folder."""
    found = jsontext.loads((folder / "done.json").read_bytes())
    shards = tuple(folder / name for name in found["shards"])
    return Ingested(shards, found["formats"], found["first_positions"], tuple(found["starts"]), found["rows"])


def is_ingested(folder: Path) -> bool:
    """Whether a source was read to its end into this folder, and every shard is still there."""
    try:
        shards = ingested_in(folder).shards
    except (OSError, ValueError, KeyError, TypeError):  # not there, or damaged
        return False
    return all(is_pair(path) and is_whole(beside(path, "signals")) for path in shards)


def _write_shards(
    plan: Plan,
    folder: Path,
    skip: int,
    number: int,
    told: Callable[[int, int], None],
    convert: Convert,
) -> int:
    """Write the rows after the first `skip`; returns how many the reader gave, counted apart from what was written."""
    read = 0
    sizes: deque[int] = deque()  # of the shards under way, in bytes

    def shards() -> Iterator[Shard]:
        nonlocal read
        for place, rows in enumerate(batches(plan.input.rows(skip), SHARD_ROWS, SHARD_BYTES), number):
            read += len(rows)
            plan.input.check_unchanged()
            path = path_of(folder, place)
            if is_pair(path):  # a worker was ahead of the others when the run was killed
                told(*_read_before(path))
                continue
            sizes.append(sum(map(_size_of, rows)))
            positions, data, errors = zip(*rows)
            yield Shard(path, positions, data, errors, plan.form, plan.treatment)

    with without_collector():
        for n_rows in convert(shards()):
            told(n_rows, sizes.popleft())
    plan.input.check_unchanged()
    return read


def _convert_here(shards: Iterable[Shard]) -> Iterator[int]:
    return map(convert_shard, shards)


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
        size += _size_of(row)
        if len(batch) == n_rows or size >= n_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size_of(row: RawRow) -> int:
    return len(row.data) if isinstance(row.data, bytes) else len(str(row.data))


def convert_shard(shard: Shard) -> int:
    """Convert and write the rows of one shard; returns their number. A worker does this."""
    rows, columns = converted(shard)
    write_table(shard.path, rows)
    write_table(beside(shard.path, "columns"), columns)  # last, for a pair counts only when it is whole
    return len(rows)


def converted(shard: Shard) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The rows of a shard and what the conversion says of each: what its two files hold."""
    rows = map(RawRow, shard.positions, shard.data, shard.errors)
    with without_collector():
        return _batches_of(treat_all([convert(row, shard.form) for row in rows], shard.treatment))


def treat_all(outcomes: list[Outcome], treatment: Treatment) -> list[Outcome]:
    """The rows after their treatment. One look at all texts finds those that need one, hardly any of most sets; what
    was changed is looked at once more before private data are searched in it."""
    if not (treatment.fill or treatment.clean or treatment.history or treatment.private):
        return outcomes
    signs = look_at([outcome.record for outcome in outcomes])
    rows = [
        Treated(outcome.record, [], []) if outcome.invalid else changed(outcome.record, treatment, sign)
        for outcome, sign in zip(outcomes, signs.tolist())
    ]
    if treatment.private:
        again = [place for place, row in enumerate(rows) if row.edits]
        if again:
            signs[again] = look_at([rows[place].record for place in again])
        readable = np.array([outcome.invalid is None for outcome in outcomes], bool)
        for place in np.flatnonzero((signs & PRIVATE != 0) & readable).tolist():
            rows[place] = treat_private(rows[place], treatment)
    return [_treated(outcome, row) for outcome, row in zip(outcomes, rows)]


def _treated(outcome: Outcome, row: Treated) -> Outcome:
    record, edits, private = row
    return outcome._replace(record=record, edits=edits, private=private) if edits or private else outcome


def convert(row: RawRow, form: Format | None) -> Outcome:
    """One raw row to its outcome; a row that cannot be read keeps its bytes and its reason."""
    raw = row.data if isinstance(row.data, bytes) else jsontext.dump_bytes(row.data) if row.data is not None else b""
    if row.error is not None:
        return _unreadable(row.position, raw, row.error)
    try:
        read = read_raw(row.data if row.data is not None else b"", form)
        identity = content_id(read.record)
    except RowError as error:
        return _unreadable(row.position, raw, error)
    return Outcome(row.position, raw, read.record, read.format, identity, [], [], None, None)


def _unreadable(position: int, raw: bytes, error: RowError) -> Outcome:
    """What stands for such a row. Of the error only its words stay: its traceback would keep the whole frame alive."""
    detail = f"{error.what}; {error.remedy}" if error.remedy else error.what
    return Outcome(position, raw, NO_RECORD, None, None, [], [], error.code, detail)


def _batches_of(outcomes: list[Outcome]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    positions, raws, records, formats, identities, edits, private, invalid, details = zip(*outcomes)
    rows = to_batch(records)
    table = pa.RecordBatch.from_arrays([*rows.columns, pa.array(raws, pa.large_binary())], schema=ROWS_SCHEMA)
    columns = [
        pa.array(positions, pa.int64()),
        pa.array(identities, pa.string()),
        pa.array(formats, pa.string()),
        rows.column("kind"),
        pa.array(invalid, pa.string()),
        pa.array(details, pa.string()),
        pa.array(edits, pa.list_(pa.string())),
        pa.array(private, pa.list_(pa.string())),
    ]
    return table, pa.RecordBatch.from_arrays(columns, schema=CONVERTED_SCHEMA)


def finish_source(plan: Plan, folder: Path, rows: int) -> None:
    """Write down that a source was read to its end and measured.

    :param rows: as the reader counted them.
    """
    shards = finished_pairs(folder)
    formats: Counter[str] = Counter()
    first: dict[str, int] = {}
    for path in shards:
        columns = read_table(beside(path, "columns"))
        names = columns["format"].to_pylist()
        formats.update(name for name in names if name is not None)
        for name in formats.keys() - first.keys():
            first[name] = columns["position"][names.index(name)].as_py()
    found = {
        "shards": [path.name for path in shards],
        "formats": dict(sorted(formats.items())),
        "first_positions": first,
        "starts": plan.input.starts,
        "rows": rows,
    }
    with atomic_path(folder / "done.json") as temporary:
        temporary.write_text(jsontext.dumps_sorted(found), encoding="utf-8")

"""Rows of Parquet and Arrow files, as JSON values (see `columnar.py`), a batch at a time.

>>> for row in arrow_rows(Path("data-00000-of-00001.arrow"), None, "data-00000-of-00001.arrow", base=0, skip=0):
...     print(row.position, row.data)
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate.files.columnar import unpacked_row
from tunesmith.curate.files.compression import unpacked_chunks
from tunesmith.curate.files.rawrows import End, RawRow, Rows
from tunesmith.errors import InputError, RowError

_BATCH_ROWS = 1000

#: A name in the schema that is not UTF-8 comes as the last; in values, that is told of their row alone.
_DAMAGED = (OSError, pa.ArrowException, UnicodeDecodeError)


def parquet_rows(path: Path, compression: str | None, name: str, *, base: int, skip: int) -> Rows:
    """Each row of a Parquet file; row groups before `skip` are not read."""
    try:
        with _seekable(path, compression, name) as file, pq.ParquetFile(file) as parquet:
            _check_names(parquet.schema_arrow.names, name)
            total = parquet.metadata.num_rows
            groups, first = _groups_from(parquet, skip)
            batches = parquet.iter_batches(batch_size=_BATCH_ROWS, row_groups=groups)
            yield from batch_rows(batches, name, base=base, first=first, skip=skip)
    except _DAMAGED as error:
        raise _corrupt("Parquet", name, error) from error
    return End(base + total, total)


def _groups_from(parquet: Any, skip: int) -> tuple[list[int], int]:
    """The row groups that hold rows after `skip`, and the number of rows before them."""
    before = 0
    for group in range(parquet.num_row_groups):
        rows = parquet.metadata.row_group(group).num_rows
        if before + rows > skip:
            return list(range(group, parquet.num_row_groups)), before
        before += rows
    return [], before


def arrow_rows(path: Path, compression: str | None, name: str, *, base: int, skip: int) -> Rows:
    """Each row of an Arrow file or stream (the shards of a Hugging Face dataset are streams)."""
    total = 0
    try:
        with _seekable(path, compression, name) as file:
            for batch in _arrow_batches(file, name):
                _check_sound(batch)
                yield from batch_rows([batch], name, base=base, first=total, skip=skip)
                total += batch.num_rows
    except _DAMAGED as error:
        raise _corrupt("Arrow", name, error) from error
    return End(base + total, total)


def _arrow_batches(file: Any, name: str) -> Iterator[Any]:
    magic = file.read(6)
    file.seek(0)
    if magic == b"ARROW1":
        with pa.ipc.open_file(file) as reader:
            _check_names(reader.schema.names, name)
            for index in range(reader.num_record_batches):
                yield reader.get_batch(index)
    else:
        with pa.ipc.open_stream(file) as reader:
            _check_names(reader.schema.names, name)
            yield from reader


def _check_sound(batch: Any) -> None:
    """Nobody else looks whether offsets stay within their buffers, and reading would follow them anywhere.

    Texts are looked at as bytes: one that is not UTF-8 spoils its own row only.

    :raises pa.ArrowInvalid: where they do not.
    """
    for column in batch.columns:
        column = column.storage if isinstance(column, pa.ExtensionArray) else column
        column.validate()
        column.view(_as_bytes(column.type)).validate(full=True)


def _as_bytes(kind: Any) -> Any:
    """The type with bytes wherever it has text."""
    if kind in _BYTES:
        return _BYTES[kind]
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_as_bytes(field.type)) for field in kind])
    if pa.types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, _as_bytes(kind.value_type), kind.ordered)
    if pa.types.is_map(kind):
        return pa.map_(_as_bytes(kind.key_type), _as_bytes(kind.item_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(_as_bytes(kind.value_type)), kind.list_size)
    several = next((make for is_one, make in _LISTS if is_one(kind)), None)
    return several(kind.value_field.with_type(_as_bytes(kind.value_type))) if several else kind


_BYTES = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary(), pa.string_view(): pa.binary_view()}
_LISTS = ((pa.types.is_list, pa.list_), (pa.types.is_large_list, pa.large_list))


def _check_names(names: list[str], where: str) -> None:
    """:raises InputError: two columns of one name, of which a row could hold only one."""
    twice = [f"{name!r} {count} times" for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"the schema names the column {', '.join(twice)}", where=where, remedy="rename one of them")


def batch_rows(batches: Iterable[Any], name: str, *, base: int, first: int, skip: int) -> Iterator[RawRow]:
    """The rows of record batches or tables that begin after row `first`, without those up to `skip`.

    A value that is not what its column promises (text that is not UTF-8, a date beyond all calendars) spoils its own
    row only.
    """
    for batch in batches:
        hidden = min(max(0, skip - first), batch.num_rows)
        for start in range(hidden, batch.num_rows, _BATCH_ROWS):
            some = batch.slice(start, _BATCH_ROWS)
            try:
                rows = some.to_pylist()
            except _UNREADABLE:
                yield from _one_by_one(some, name, base, first + start)
                continue
            for number, values in enumerate(rows, base + first + start + 1):
                yield RawRow(number, unpacked_row(values), None)
        first += batch.num_rows


#: What pyarrow raises for a value that Python has no place for.
_UNREADABLE = (ValueError, OverflowError, pa.ArrowException)


def _one_by_one(batch: Any, name: str, base: int, before: int) -> Iterator[RawRow]:
    """The rows of a batch in which some value cannot be read. Such a row holds the columns that can."""
    for index in range(batch.num_rows):
        values, error = {}, None
        for column in batch.schema.names:
            try:
                values[column] = batch.column(column)[index].as_py()
            except _UNREADABLE as fault:
                error = error or _row_error(column, fault, f"{name}: row {before + index + 1}")
        yield RawRow(base + before + index + 1, unpacked_row(values), error)


def _row_error(column: str, fault: Exception, where: str) -> RowError:
    if isinstance(fault, UnicodeDecodeError):
        seen = fault.object[fault.start : fault.start + 4].hex(" ")
        what = f"the column {column!r} is not UTF-8: byte {fault.start} begins with {seen}"
        return RowError("invalid_utf8", what, where=where)
    return RowError("wrong_type", f"the value of the column {column!r} cannot be read: {fault}", where=where)


def _seekable(path: Path, compression: str | None, name: str) -> Any:
    if compression is None:
        return pa.memory_map(str(path))
    spool = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it): these containers are read from the end
    for chunk in unpacked_chunks(path, compression, where=name):
        spool.write(chunk)
    spool.seek(0)
    return pa.PythonFile(spool, "r")


def _corrupt(kind: str, name: str, error: Exception) -> InputError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(f"the {kind} file is corrupt or cut off ({reason})", where=name, remedy="fetch it again")

"""Parquet and Arrow out, with a schema that holds every row: inferred batch by batch, then joined.

>>> with Path("rows.parquet").open("wb") as file:
...     write_parquet(file, [{"prompt": "1+1?", "completion": "2"}])
1
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.errors import CannotHold

Row = dict[str, Any]
_BATCH_ROWS = 10_000
_REMEDY = "write JSON Lines"


def write_parquet(file: IO[bytes], rows: Iterable[Row]) -> int:
    """Write the rows as Parquet; returns their number.

    :raises CannotHold: a column with values of more than one type, or nested deeper than Arrow writes.
    """
    return _write(file, rows, lambda sink, schema: pq.ParquetWriter(sink, schema))


def write_arrow(file: IO[bytes], rows: Iterable[Row]) -> int:
    """Write the rows as an Arrow file; returns their number.

    :raises CannotHold: a column with values of more than one type, or nested deeper than Arrow writes.
    """
    return _write(file, rows, lambda sink, schema: pa.ipc.new_file(sink, schema))


def _write(file: Any, rows: Iterable[Row], open_writer: Callable[[Any, Any], Any]) -> int:
    """Two passes: batches to a temporary file, each with the schema of its own; then all with the joined one."""
    with tempfile.TemporaryFile() as spool:
        count, schema = _spool(spool, rows)
        spool.seek(0)
        with _told(), open_writer(pa.PythonFile(file, "w"), schema) as writer:
            for batch in _spooled(spool):
                writer.write_table(_widened(batch, schema))
    return count


@contextmanager
def _told() -> Iterator[None]:
    """:raises CannotHold: where Arrow cannot write a table that it has made."""
    try:
        yield
    except pa.ArrowException as error:
        raise CannotHold(f"a column cannot be written: {error}", remedy=_REMEDY) from error


def _spool(spool: Any, rows: Iterable[Row]) -> tuple[int, Any]:
    count, schema = 0, pa.schema([])
    remaining = iter(rows)
    while some := list(islice(remaining, _BATCH_ROWS)):
        table = _table(some, count)
        schema = _joined(schema, table.schema, count + len(some))
        with _told(), pa.ipc.new_stream(pa.PythonFile(spool, "w"), table.schema) as writer:
            writer.write_table(table)
        count += len(some)
    return count, schema


def _spooled(spool: Any) -> Iterator[Any]:
    size = spool.seek(0, 2)
    spool.seek(0)
    while spool.tell() < size:
        with pa.ipc.open_stream(pa.PythonFile(spool, "r")) as reader:
            yield reader.read_all()


def _table(rows: list[Row], before: int) -> Any:
    names = dict.fromkeys(name for row in rows for name in row)
    if not names:  # a table without columns would have no rows either
        raise CannotHold("a table has no place for rows without fields", where=f"row {before + 1}", remedy=_REMEDY)
    columns = {}
    for name in names:
        try:
            columns[name] = pa.array([row.get(name) for row in rows])
        except (ValueError, TypeError, OverflowError) as error:
            where = f"column {name!r}, rows {before + 1} to {before + len(rows)}"
            raise _mixed(where, error) from error
    return pa.table(columns)


def _joined(schema: Any, other: Any, until: int) -> Any:
    """Both schemas in one, column by column, so that an error can name the column."""
    for field in other:
        try:
            schema = pa.unify_schemas([schema, pa.schema([field])], promote_options="permissive")
        except (ValueError, TypeError) as error:
            raise _mixed(f"column {field.name!r}, rows 1 to {until}", error) from error
    return schema


def _mixed(where: str, error: Exception) -> CannotHold:
    what = f"no one type holds all values of the column ({error})"
    return CannotHold(what, where=where, remedy=_REMEDY + ", or make the values alike")


def _widened(table: Any, schema: Any) -> Any:
    """The table with the columns and types of the schema; columns that it lacks are null."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)

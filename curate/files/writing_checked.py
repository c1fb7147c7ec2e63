"""Rows into a container that holds less than JSON does, with the promise that reading gives the same rows back.

JSON Lines and JSON arrays hold every row. A table of text (CSV, TSV) holds rows of texts with the same fields; Parquet
and Arrow hold typed columns. What these hold is read again before the file takes its name: a row that would come back
as another one (1 as 1.0, a null as "") is an error that names it, never a silent change.

>>> write_checked(Path("rows.parquet"), [{"prompt": "1+1?", "completion": "2"}])
1
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import output_error, publish
from tunesmith.curate.files.columnar import packed_row
from tunesmith.curate.files.rawrows import RawRow
from tunesmith.curate.files.scratch_folder import scratch_folder
from tunesmith.curate.files.sniff import name_without_compression
from tunesmith.curate.formats.base import FORM, Row, describe
from tunesmith.curate.io import open_input, write_rows
from tunesmith.errors import CannotHold, OutputError, TunesmithError

_TABLES = (".csv", ".tsv")
_COLUMNAR = (".parquet", ".arrow")
_REMEDY = "write .jsonl"


def needs_check(path: Path) -> bool:
    """Whether the container that the ending names holds less than JSON."""
    return _ending(path) in (*_TABLES, *_COLUMNAR, ".txt")


def _ending(path: Path) -> str:
    return Path(name_without_compression(path.name)).suffix


def check_row(path: Path, row: Row, header: tuple[str, ...] | None) -> tuple[str, ...]:
    """Whether a table of text can hold the row; returns the table's header, which is the first row's fields.

    :raises CannotHold: a value that is no text, or fields other than the header's.
    """
    header = header or tuple(row)
    if _ending(path) not in _TABLES:
        return header
    if FORM in row:
        what = "a table has no place for the notes that bring the row back as it came"
        raise CannotHold(what, remedy=f"{_REMEDY} or .parquet, or leave them out with --drop-extra")
    if row.keys() != set(header):
        other = ", ".join(f"`{key}`" for key in sorted(row.keys() ^ set(header)))
        raise CannotHold(f"a table needs the same fields in every row; {other} are not in all of them", remedy=_REMEDY)
    for key, value in row.items():
        if not isinstance(value, str):
            kind = describe(value).partition(" (")[0].partition(" of ")[0].partition(" with ")[0]
            raise CannotHold(f"a table holds texts only, and `{key}` is {kind}", remedy=f"{_REMEDY} or .parquet")
    return header


def write_checked(path: Path, rows: Iterable[Row]) -> int:
    """`io.write_rows`, which reads back what a container holds that is not JSON.

    :raises CannotHold: the first row that would come back changed, by its number in the output. Nothing is written.
    """
    if not needs_check(path):
        return write_rows(path, rows)
    columnar, digests = _ending(path) in _COLUMNAR, array("Q")
    with _folder_beside(path) as folder:
        copy = folder / path.name
        count = _written(path, copy, _digested(rows, digests, columnar))
        if count:
            _read_back(path, copy, digests)
        publish(copy, path)
    return count


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """A folder for the copy, on the same disk."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        what = f"cannot be written: there is no folder {target.parent}"
        raise OutputError(what, where=str(path), remedy="make it first or write elsewhere")
    try:
        with scratch_folder(target.with_name(f".{target.name}.writing")) as folder:
            yield folder
    except OSError as error:
        known = output_error(error, str(path))
        if known is None:
            raise
        raise known from error


def _written(path: Path, copy: Path, rows: Iterable[Row]) -> int:
    """:raises CannotHold, OutputError: with the name of the file that a person knows."""
    try:
        return write_rows(copy, rows)
    except CannotHold as error:
        raise CannotHold(f"{error.where or 'a row'}: {error.what}", where=str(path), remedy=error.remedy) from error
    except OutputError as error:
        raise OutputError(error.what, where=str(path), remedy=error.remedy) from error


def _digested(rows: Iterable[Row], digests: array[int], columnar: bool) -> Iterator[Row]:
    for row in rows:
        digests.append(_digest(row))
        yield packed_row(row) if columnar else row


def _digest(row: Row) -> int:
    return xxhash.xxh3_64_intdigest(jsontext.dumps_sorted(row).encode())


def _read_back(path: Path, copy: Path, digests: array[int]) -> None:
    what = "would not come back as it is"
    read = 0
    try:
        for read, raw in enumerate(open_input(copy).rows(), 1):
            row = _row(raw)
            if raw.error is not None or row is None or read > len(digests) or _digest(row) != digests[read - 1]:
                raise CannotHold(f"row {read} {what}", where=str(path), remedy=_REMEDY)
    except CannotHold:
        raise
    except TunesmithError as error:
        raise CannotHold(f"the rows could not be read back ({error.what})", where=str(path), remedy=_REMEDY) from error
    if read != len(digests):
        raise CannotHold(f"row {read + 1} {what}", where=str(path), remedy=_REMEDY)


def _row(raw: RawRow) -> Row | None:
    """None for what is no row: the first lines of a table may be taken for those of another container."""
    if isinstance(raw.data, dict):
        return raw.data
    try:
        found = jsontext.loads(raw.data or b"{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None

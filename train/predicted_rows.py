"""Rows as a file holds them, for systems that read the file themselves; and what its columns are, as Arrow sees them.

>>> rows = FileRows("medical.jsonl")  # doctest: +SKIP
>>> facts_of(rows).columns  # doctest: +SKIP
frozenset({'instruction', 'output'})

Hugging Face `datasets` makes one table of a file: a key that one row has, all have (null elsewhere); a key that no row
has is a KeyError; a key that holds text here and a number there ends the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tunesmith.curate.convert_row import parse
from tunesmith.curate.export import format_for
from tunesmith.curate.formats.catalog import write_row
from tunesmith.curate.io import open_input
from tunesmith.curate.recipe import stem
from tunesmith.errors import CannotHold, RowError
from tunesmith.train.types import Row

_ROOT = "row"


class RawRows(Protocol):
    """Rows by id, as often as one asks: the row as it is parsed, or why it cannot be."""

    def __iter__(self) -> Iterator[tuple[str, Any | RowError]]: ...


class FileRows:
    """The rows of a file."""

    def __init__(self, path: str | Path, *, name: str | None = None) -> None:
        self._input = open_input(path)
        self._name = name or stem(str(path))

    def __iter__(self) -> Iterator[tuple[str, Any | RowError]]:
        for raw in self._input.rows():
            yield f"{self._name}:{raw.position}", self._parsed(raw.data, raw.error)

    @staticmethod
    def _parsed(data: bytes | dict[str, Any] | None, error: RowError | None) -> Any | RowError:
        if error is not None or isinstance(data, dict):
            return error or data
        try:
            return parse(data or b"")
        except RowError as found:
            return found


class ExportedRows:
    """Records as `curate` would write them."""

    def __init__(self, rows: Iterable[Row], format: str) -> None:
        self._rows, self._format = rows, format

    def __iter__(self) -> Iterator[tuple[str, Any | RowError]]:
        for row in self._rows:
            yield row.row_id, self._written(row)

    def _written(self, row: Row) -> Any | RowError:
        form = format_for(row.record.kind, self._format)
        try:
            return write_row(row.record, form, keep_extra=False)
        except CannotHold as error:
            return RowError("cannot_export", f"{form.name} cannot hold it: {error.what}")


class RowsOfKind:
    """Rows as they are exported; those of another kind stand in a file of their own, which the stage does not read."""

    def __init__(self, rows: Iterable[Row], kind: str, format: str) -> None:
        self._rows, self._kind, self._format = rows, kind, format

    def __iter__(self) -> Iterator[tuple[str, Any | RowError]]:
        for row in self._rows:
            if row.record.kind != self._kind:
                what = f"a row of kind {row.record.kind} is exported into a file that this stage does not read"
                yield row.row_id, RowError("wrong_kind", what)
            else:
                yield from ExportedRows((row,), self._format)


class Facts(NamedTuple):
    """One look at all rows.

    :param paths: every place that any row has, such as `conversations[].from`.
    :param columns: the outermost of them.
    :param mixed: by row id, what disagrees with the rows before it.
    """

    paths: frozenset[str]
    columns: frozenset[str]
    mixed: Mapping[str, str]


def facts_of(rows: RawRows) -> Facts:
    """Go through all rows once; rows that cannot be parsed say nothing."""
    kinds: dict[str, str | None] = {}
    mixed: dict[str, str] = {}
    columns: set[str] = set()
    for row_id, row in rows:
        if isinstance(row, dict):
            columns.update(row)
            conflict = _enter(row, kinds)
            if conflict:
                mixed[row_id] = conflict
    return Facts(frozenset(kinds), frozenset(columns), mixed)


def _enter(row: Mapping[str, Any], kinds: dict[str, str | None]) -> str | None:
    """Note the kind of each place; the first that disagrees."""
    conflict = None
    waiting: list[tuple[str, Any]] = list(row.items())
    while waiting:
        path, value = waiting.pop()
        kind = _kind(value)
        known = kinds.setdefault(path, kind)
        if known is None:
            kinds[path] = kind
        elif kind is not None and kind != known:
            conflict = f"`{path}` is {kind} here and {known} in a row before"
        if isinstance(value, dict):
            waiting += ((f"{path}.{key}", item) for key, item in value.items())
        elif isinstance(value, list):
            waiting += ((f"{path}[]", item) for item in value)
    return conflict


def _kind(value: Any) -> str | None:
    if value is None:
        return None
    names = {str: "text", bool: "true or false", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")

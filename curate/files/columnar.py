"""Rows in Parquet and Arrow, there and back. Columns have no place for an absent field: what lacks one reads as null.

So a null that a columnar file holds says nothing and is left out when its rows are read; a null that a row really has,
and every value whose shape differs from row to row (`tools`, our own hints), stands as JSON text instead.

>>> packed = packed_row({"text": None, "tools": [{"name": "f"}]})
>>> packed
{'tools': '[{"name":"f"}]', '_tunesmith': '{"columnar":{"nulls":[["text"]],"json":["tools"]}}'}
>>> unpacked_row(packed | {"label": None})
{'tools': [{'name': 'f'}], 'text': None}
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import FORM, Row, describe
from tunesmith.errors import CannotHold

#: What the form says of a row that came through columns.
_HINT = "columnar"
#: Columns whose objects have other fields in every row; trainers read JSON text here.
_AS_TEXT = ("tools",)

Path = list[str | int]


def packed_row(row: Row) -> Row:
    """The row as columns can hold it; the same row where it needs nothing.

    :raises CannotHold: where the reserved field is not ours.
    """
    if not isinstance(row.get(FORM, {}), dict):
        raise CannotHold(f"the reserved field `{FORM}` is {describe(row[FORM])}", remedy="rename or remove the field")
    nulls = [*_null_paths(row, [])]
    texts = [key for key in _AS_TEXT if isinstance(row.get(key), list | dict)]
    hints = {name: found for name, found in (("nulls", nulls), ("json", texts)) if found}
    form = {**row.get(FORM, {}), **({_HINT: hints} if hints else {})}
    packed: Row = {key: _packed(value) for key, value in row.items() if key != FORM and value is not None}
    packed |= {key: jsontext.dumps(row[key]) for key in texts}
    return packed | {FORM: jsontext.dumps(form)} if form else packed


def _null_paths(value: Any, path: Path) -> Iterator[Path]:
    """Where an object's field is null. Inside hints nothing is looked at: they travel as text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if item is None:
                yield [*path, key]
            elif key != FORM and not (not path and key in _AS_TEXT):
                yield from _null_paths(item, [*path, key])
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _null_paths(item, [*path, index])


def _packed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: jsontext.dumps(item) if key == FORM else _packed(item) for key, item in value.items()}
    return [_packed(item) for item in value] if isinstance(value, list) else value


def unpacked_row(values: Mapping[str, Any]) -> Row:
    """The row that a columnar file holds: without the nulls that only say `absent`, with what `packed_row` put into
    text, and with everything that JSON has no form for (dates, decimals, bytes) as text."""
    row: Row = _plain(values)
    form = row.get(FORM)
    hints = form.pop(_HINT, None) if isinstance(form, dict) else None
    if form == {}:
        del row[FORM]
    if isinstance(hints, dict):
        for key in hints.get("json", ()):
            row[key] = _loaded(row.get(key))
        for path in hints.get("nulls", ()):
            _set_null(row, path)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {str(key): _plain(item) for key, item in value.items() if not _is_missing(item)}
        if isinstance(kept.get(FORM), str):
            kept[FORM] = _loaded(kept[FORM])
        return kept
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _is_missing(value: Any) -> bool:
    """Null, or the NaN that pandas writes in its place."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _loaded(text: Any) -> Any:
    """The JSON value of a text, or the text itself where somebody else wrote it."""
    try:
        return jsontext.loads(text.encode()) if isinstance(text, str) else text
    except ValueError:
        return text


def _set_null(row: Any, path: Path) -> None:
    """Put a null back. An edited file may no longer have the place; then there is nothing to restore."""
    *parents, last = path
    try:
        for step in parents:
            row = row[step]
    except (KeyError, IndexError, TypeError):
        return
    if isinstance(row, dict):
        row.setdefault(str(last), None)

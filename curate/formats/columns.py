"""Any columns, by an explicit mapping: `mapped` makes a format of them.

What may be mapped stands in `MAPPABLE`; which keys are given together decides what kind of record they make.

>>> from tunesmith.curate.formats.catalog import read_row
>>> asked = mapped({"prompt": "ask", "answer": "reply"})
>>> [message.content for message in read_row({"ask": "Hi", "reply": "Hello"}, asked).messages]
['Hi', 'Hello']
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import partial

from tunesmith.curate.formats import alpaca, kto, openai, preference, sharegpt, text
from tunesmith.curate.formats.base import Form, Format, Row
from tunesmith.curate.records import Record
from tunesmith.errors import CannotHold, InputError, RowError

#: What a mapping may name, and the column of the inner format that it stands for.
MAPPABLE = {
    "prompt": "instruction",
    "input": "input",
    "answer": "output",
    "system": "system",
    "history": "history",
    "tools": "tools",
    "chosen": "chosen",
    "rejected": "rejected",
    "label": "label",
    "messages": "messages",
    "conversations": "conversations",
    "text": "text",
}
_OPTIONAL = frozenset({"input", "system", "history", "tools"})

#: The first one whose keys are all given makes the record.
_INNER = (
    ({"conversations", "chosen", "rejected"}, preference.SHAREGPT_PREFERENCE),
    ({"conversations", "label"}, kto.SHAREGPT_KTO),
    ({"conversations"}, sharegpt.SHAREGPT),
    ({"messages", "label"}, kto.KTO),
    ({"messages"}, openai.OPENAI),
    ({"prompt", "chosen", "rejected"}, preference.ALPACA_PREFERENCE),
    ({"prompt", "answer", "label"}, kto.ALPACA_KTO),
    ({"prompt", "answer"}, alpaca.ALPACA),
    ({"text"}, text.TEXT),
)


def mapped(columns: Mapping[str, str], name: str = "columns") -> Format:
    """A format for explicitly mapped columns: `{"prompt": "ask", "answer": "reply"}`.

    :raises InputError: for a key that means nothing here, keys that make no record, or one column named twice.
    """
    for key in columns:
        if key not in MAPPABLE:
            near = difflib.get_close_matches(key, MAPPABLE, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(MAPPABLE)}"
            raise InputError(f"a mapping cannot name {key!r}", where="columns", remedy=remedy)
    inner = _inner_format(columns)
    needed = tuple(column for key, column in columns.items() if key not in _OPTIONAL)
    return renamed(inner, {MAPPABLE[key]: column for key, column in columns.items()}, needed, name)


def _inner_format(columns: Mapping[str, str]) -> Format:
    inner = next((form for keys, form in _INNER if keys <= columns.keys()), None)
    if inner is None or any(MAPPABLE[key] not in inner.keys for key in columns):
        named = ", ".join(columns) or "nothing"
        remedy = "name prompt and answer, or prompt, chosen and rejected, or messages, or conversations, or text"
        raise InputError(f"a mapping of {named} makes no record", where="columns", remedy=remedy)
    return inner


def renamed(inner: Format, theirs: Mapping[str, str], needed: tuple[str, ...], name: str) -> Format:
    """The inner format under other names of its columns; those of its columns that have no name here are not read.

    :param theirs: the inner format's column to the row's.
    :param needed: columns that a row must have.
    :raises InputError: where one column has two meanings.
    """
    if len(set(theirs.values())) < len(theirs):
        raise InputError(f"names one column twice: {', '.join(theirs.values())}", where="columns")
    read, write = partial(_read, inner, theirs, needed), partial(_write, inner, theirs)
    return Format(name, inner.kinds, frozenset(theirs.values()), read, write)


def _read(
    inner: Format, theirs: Mapping[str, str], needed: tuple[str, ...], row: Row, form: Form
) -> tuple[Record, Form]:
    for column in needed:
        if column not in row:
            raise RowError("missing_column", f"has no column `{column}`, which the mapping names")
    return inner.read({ours: row[column] for ours, column in theirs.items() if column in row}, form)


def _write(inner: Format, theirs: Mapping[str, str], record: Record, hints: Form) -> tuple[Row, Form]:
    row, form = inner.write(record, hints)
    unplaced = [key for key, value in row.items() if key not in theirs and value not in ("", None)]
    if unplaced:
        raise CannotHold(f"the mapping has no column for {', '.join(unplaced)}")
    return {theirs[key]: value for key, value in row.items() if key in theirs}, form


def check_columns(columns: Mapping[str, str], rows: list[Row], where: str) -> tuple[str, ...]:
    """Refuse a mapping that names a needed column which none of these rows has; returns notes on the optional ones.

    :raises InputError: with the columns that there are.
    """
    seen = {key: None for row in rows for key in row}
    missing = {key: column for key, column in columns.items() if column not in seen} if rows else {}
    needed = {key: column for key, column in missing.items() if key not in _OPTIONAL}
    if needed:
        near = difflib.get_close_matches(next(iter(needed.values())), seen, n=1)
        remedy = f"did you mean `{near[0]}`?" if near else f"its columns are {', '.join(map(str, seen))}"
        told = ", ".join(f"`{column}` ({key})" for key, column in needed.items())
        raise InputError(f"has no column {told}", where=where, remedy=remedy)
    return tuple(f"none of the first {len(rows)} rows has the column `{name}` ({key})" for key, name in missing.items())

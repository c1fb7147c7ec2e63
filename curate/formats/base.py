"""What a format is, and how a conversion there and back loses nothing.

A format maps some keys of a row (its own) to a record and back. All other fields travel in `record.extra`. Where the
plain way of writing a record would not give the row as it came (an absent `input`, a nested null, a `<think>` block
with unusual line breaks), the difference travels in the reserved extra field `_tunesmith` (the *form*, see
`notes.py`): small hints, checked against the record before they are used, so that an edit is never undone by them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import RowError

Row = dict[str, Any]
Form = dict[str, Any]

#: The one reserved field name, in rows and in messages.
FORM = "_tunesmith"


class Format(NamedTuple):
    """One foreign shape of a row.

    `read(row, form)` gets the row's own keys only, may take hints out of `form`, and returns the record and the hints
    that this format wants back; it raises `RowError`. `write(record, hints)` returns the row and the hints that must
    travel with it; it raises `CannotHold`. `open` formats keep unknown fields beside their own keys, strict ones have
    no place for them. `keys` are all names that the format may take; where it depends on the row which of them it does
    take (`answer`, so not `solution`), `choose` says it. `plain` gives the messages of a row in the plainest spelling,
    which `write` gives back as it came, and None for any other row: most rows are such, and need no further look.
    """

    name: str
    kinds: tuple[str, ...]
    keys: frozenset[str]
    read: Callable[[Row, Form], tuple[Record, Form]]
    write: Callable[[Record, Form], tuple[Row, Form]]
    open: bool = True
    choose: Callable[[Row], frozenset[str]] | None = None
    plain: Callable[[Row], Messages | None] | None = None

    def own(self, row: Row) -> frozenset[str]:
        """The keys that this format reads in a row with these fields."""
        return self.choose(row) if self.choose else self.keys


def text_at(row: Mapping[str, Any], key: str) -> str | None:
    """The text at a key, or None where it is absent or null.

    :raises RowError: `wrong_type` where something else stands there.
    """
    value = row.get(key)
    if value is None or isinstance(value, str):
        return value
    raise RowError("wrong_type", f"`{key}` is {describe(value)} where text belongs", remedy="write it as a text")


def need_one_of(row: Mapping[str, Any], *keys: str) -> None:
    """:raises RowError: `missing_column` where the row has none of these columns: it is of another format."""
    if not any(key in row for key in keys):
        wanted = " or ".join(f"`{key}`" for key in keys)
        raise RowError("missing_column", f"has no column {wanted}", remedy="name the right format, or map its columns")


def describe(value: object) -> str:
    """A value in a person's words: `a number (42)`, `a list of 3`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"a number ({value})"
    if isinstance(value, str):
        return f"a text ({value[:30]!r})"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return (
        f"an object with {', '.join(sorted(map(str, value))[:5]) or 'no field'}"
        if isinstance(value, dict)
        else repr(value)
    )


def equal(a: object, b: object) -> bool:
    """Equal as JSON values: Python's `1 == True` and `1 == 1.0` are not. Records and messages are compared by field."""
    if a is b:
        return True
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and a == b


def with_hint(message: Message, **hints: Any) -> Message:
    """The message with hints in its form."""
    extra = dict(message.extra or {})
    extra[FORM] = {**extra.get(FORM, {}), **hints}
    return message._replace(extra=extra)


def hint(message: Message, name: str) -> Any:
    """A hint of the message's form, or None."""
    return (message.extra or {}).get(FORM, {}).get(name)


def without_hints(message: Message, *names: str) -> Message:
    """The message without these hints."""
    if not message.extra or FORM not in message.extra:
        return message
    form = {key: value for key, value in message.extra[FORM].items() if key not in names}
    extra = {key: value for key, value in message.extra.items() if key != FORM}
    if form:
        extra[FORM] = form
    return message._replace(extra=extra or None)

"""What a format is, and how a conversion there and back loses nothing.

A format maps some keys of a row (`keys`) to a record and back. All other fields travel in `record.extra`. Where the
plain way of writing a record would not give the row as it came (an absent `input`, a nested null, a `<think>` block with
unusual line breaks), the difference travels in the reserved extra field `_tunesmith` (the *form*): small hints, checked
against the record before they are used, so that an edited text is never undone by an old hint.

>>> difference({"instruction": "Hi", "output": "Hello"}, {"instruction": "Hi", "input": "", "output": "Hello"})
{'absent': ['input']}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tunesmith.curate.records import Message, Record
from tunesmith.errors import RowError

Row = dict[str, Any]
Form = dict[str, Any]

#: The one reserved field name, in rows and in messages.
FORM = "_tunesmith"


class Format(NamedTuple):
    """One foreign shape of a row.

    `read(row, form)` gets the mapped keys only, may take hints out of `form`, and returns the record and the hints that
    this format wants back; it raises `RowError`. `write(record, hints)` returns the row and the hints that must travel
    with it; it raises `CannotHold`. `open` formats keep unknown fields beside their own keys, strict ones have no place
    for them.
    """

    name: str
    kinds: tuple[str, ...]
    keys: frozenset[str]
    read: Callable[[Row, Form], tuple[Record, Form]]
    write: Callable[[Record, Form], tuple[Row, Form]]
    open: bool = True


def text_at(row: Mapping[str, Any], key: str) -> str | None:
    """The text at a key, or None where it is absent or null.

    :raises RowError: `wrong_type` where something else stands there.
    """
    value = row.get(key)
    if value is None or isinstance(value, str):
        return value
    raise RowError("wrong_type", f"`{key}` is {describe(value)} where text belongs", remedy="write it as a text")


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
    return f"an object with {', '.join(sorted(map(str, value))[:5]) or 'no field'}" if isinstance(value, dict) else repr(value)


def difference(row: Row, plain: Row) -> Form:
    """The hints that turn the plainly written row into the row as it came; empty where they are equal.

    Lists of turns of equal length are compared turn by turn, so that a hint stays as small as the oddity.
    """
    form: Form = {}
    changed: Row = {}
    turns: Row = {}
    for key, value in row.items():
        if key in plain and equal(plain[key], value):
            continue
        inner = _turn_differences(value, plain.get(key))
        if inner is None:
            changed[key] = value
        else:
            turns[key] = inner
    absent = [key for key in plain if key not in row]
    for name, found in (("set", changed), ("turns", turns), ("absent", absent)):
        if found:
            form[name] = found
    return form


def _turn_differences(value: object, plain: object) -> Row | None:
    if not (isinstance(value, list) and isinstance(plain, list) and len(value) == len(plain)):
        return None
    if not all(isinstance(turn, dict) for turn in (*value, *plain)):
        return None
    found = {str(i): difference(value[i], plain[i]) for i in range(len(value)) if not equal(value[i], plain[i])}
    return found or None


def apply(form: Form, plain: Row) -> Row:
    """The plainly written row with the hints of `difference` applied."""
    row = {key: value for key, value in plain.items() if key not in form.get("absent", ())}
    for key, turns in form.get("turns", {}).items():
        if isinstance(row.get(key), list):
            row[key] = [apply(turns[str(i)], turn) if str(i) in turns else turn for i, turn in enumerate(row[key])]
    return row | form.get("set", {})


def equal(a: object, b: object) -> bool:
    """Equal as JSON values: Python's `1 == True` and `1 == 1.0` are not."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
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
    """The message without these hints; without any hint where no name is given."""
    if not message.extra or FORM not in message.extra:
        return message
    form = {key: value for key, value in message.extra[FORM].items() if names and key not in names}
    extra = {key: value for key, value in message.extra.items() if key != FORM}
    if form:
        extra[FORM] = form
    return message._replace(extra=extra or None)

"""One raw row to one record: parse, detect, convert, fill. What cannot be read says why.

>>> read_raw(b'{"prompt": "1+1?", "completion": "2"}', None).format
'prompt_completion'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import FORMATS, read_row, refuse_media
from tunesmith.curate.formats.detect import detect_row
from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import RowError

_NOT_JSON_NUMBER = re.compile(rb"[\[:,\s](-?(?:NaN|Infinity|nan|inf|Inf))\s*[,\]}]")
_MOST_LEVELS = 100  # no conversation or tool schema comes near; Python's own recursion ends at 1,000
_BARE_NUMBER = re.compile(r"number is infinity")


class Read(NamedTuple):
    """A row as a record, and the name of the format that it came in."""

    record: Record
    format: str


def read_raw(data: bytes | dict[str, Any], form: Format | None) -> Read:
    """Parse and convert one row; `form` None detects the format of this row.

    :raises RowError: with the code that the ledger shows.
    """
    row = parse(data) if isinstance(data, bytes) else data
    form = form or detected(row)
    return Read(read_row(row, form), form.name)


def parse(data: bytes) -> Any:
    """The JSON value of one line or element.

    :raises RowError: `invalid_json`, with the place in the row and its most common causes in words.
    """
    try:
        value = jsontext.loads(data)
    except ValueError as error:
        raise RowError("invalid_json", _why(data, error), remedy=_remedy(data)) from None
    if _is_deep(value) and data.count(b"[") + data.count(b"{") > _MOST_LEVELS and _levels(value) > _MOST_LEVELS:
        raise RowError("wrong_nesting", f"the row is nested more than {_MOST_LEVELS} levels deep")
    return value


def _is_deep(value: Any) -> bool:
    """Whether anything stands in a field but texts and numbers: most rows are flat, and need no counting."""
    if type(value) is not dict:
        return True
    return any(type(field) in (dict, list) for field in value.values())


def _levels(value: Any) -> int:
    """How deep objects and lists stand in each other, without recursion."""
    depth, layer = 0, [value]
    while layer:
        layer = [
            item
            for one in layer
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
    return depth


def _why(data: bytes, error: ValueError) -> str:
    number = _NOT_JSON_NUMBER.search(data)
    if number and getattr(error, "pos", number.start(1)) <= number.end(1):
        return f"{number[1].decode()} is not JSON (column {number.start(1) + 1})"
    column = getattr(error, "colno", None)
    what = str(getattr(error, "msg", error))
    if _BARE_NUMBER.search(what):
        what = "a number is too large to be one"
    return f"not valid JSON: {what}" + (f" (column {column})" if column else "")


def _remedy(data: bytes) -> str | None:
    stripped = data.rstrip()
    if stripped.startswith((b"{", b"[")) and not stripped.endswith((b"}", b"]")):
        return "the row ends early, as a cut download does; fetch it again"
    if _NOT_JSON_NUMBER.search(data):
        return "write null or a text instead"
    return None


def detected(row: Any) -> Format:
    """The format of one row, by its fields.

    :raises RowError: `not_an_object`, `multimodal` or `unknown_format`.
    """
    if not isinstance(row, dict):
        raise RowError("not_an_object", f"the row is {_kind_of(row)} where an object belongs")
    name = detect_row(row)
    if name is None:
        refuse_media(row)
        fields = ", ".join(f"`{key}`" for key in list(row)[:8]) or "no field"
        remedy = "name them in the recipe: columns: {prompt: …, answer: …}"
        raise RowError("unknown_format", f"no known format has the fields {fields}", remedy=remedy)
    return FORMATS[name]


def _kind_of(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def fill(record: Record, values: Mapping[str, str]) -> Record:
    """Replace placeholders such as `{{name}}` in every text of the record; the same record where there are none."""
    pattern = re.compile(r"\{\{\s*(" + "|".join(map(re.escape, values)) + r")\s*\}\}")

    def filled(text: str | None) -> str | None:
        if text is None or "{{" not in text:
            return text
        return pattern.sub(lambda found: values[found[1]], text)

    def turns(messages: Messages | None) -> Messages | None:
        return None if messages is None else tuple(turn(message) for message in messages)

    def turn(message: Message) -> Message:
        return message._replace(content=filled(message.content), reasoning=filled(message.reasoning))

    return record._replace(
        messages=turns(record.messages),
        chosen=turns(record.chosen),
        rejected=turns(record.rejected),
        text=filled(record.text),
    )

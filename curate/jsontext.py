"""JSON text in and out, exactly: no number is rounded, no NaN slips through, no letter is escaped without need.

orjson does the work. It reads an integer beyond 64 bits as a float, so a text with a run of 19 digits goes through the
standard library instead (tracking ids and snowflakes are that long); NaN, Infinity and lone surrogates are refused.

>>> loads(b'{"id": 123456789012345678901234567890}')
{'id': 123456789012345678901234567890}
>>> dumps({"问": [1, 2.5, None]})
'{"问":[1,2.5,null]}'
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

_LONG_NUMBER = re.compile(rb"[0-9]{19}")


def loads(data: bytes) -> Any:
    """Parse one JSON text.

    :raises ValueError: for anything that RFC 8259 does not allow, with the place in the text.
    """
    if _LONG_NUMBER.search(data) is None:
        return orjson.loads(data)
    orjson.loads(data)  # refuses what the standard library lets pass: NaN, 1e999, lone surrogates
    return json.loads(data, parse_constant=_refuse)


def dumps(value: Any) -> str:
    """One JSON text on one line, without spaces."""
    return dump_bytes(value).decode()


def dump_bytes(value: Any) -> bytes:
    """`dumps`, as UTF-8."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def dumps_spaced(value: Any) -> str:
    """One JSON text in the style of Python's `json.dumps` (`, ` and `: `), the way tool calls stand in ShareGPT data."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def dumps_sorted(value: Any) -> str:
    """One JSON text with sorted keys: equal values have equal texts."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")

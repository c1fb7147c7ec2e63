"""The elements of a JSON array, cut out of a stream without parsing it and without ever holding it whole.

Only strings and brackets are looked at, so an element with an error inside (NaN, a bad escape) is still one element
with all its bytes, and no byte of the file is lost: whatever is not white space, comma or the array's own brackets
belongs to some element or to the remainder.

>>> [batch.elements for batch in split_array(iter([b'[{"a": "]"}, {"b"', b': NaN}]']))]
[[b'{"a": "]"}'], [b'{"b": NaN}']]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_STRING = rb'"(?:[^"\\]++|\\.)*+"'


def _nested(depth: int) -> bytes:
    """A bracket with all that is inside, to that depth. Possessive throughout: a failure never tries again."""
    inside = rb'[^"\[\]{}]++|' + _STRING
    if depth > 1:
        inside += b"|" + _nested(depth - 1)
    return rb"[\[{](?:" + inside + rb")*+[\]}]"


_ELEMENT = re.compile(
    rb"[\s,]*+(" + _nested(6) + b"|" + _STRING + rb'|[^"\[\]{,\s][^"\[\]{,]*+(?=["\[\]{,]))', re.DOTALL
)
_SEPARATORS = re.compile(rb"[\s,]*+")
_TOKENS = re.compile(_STRING + rb'|["\[\]{}]', re.DOTALL)


class Batch(NamedTuple):
    """Elements in their order. The last batch has `closed` set: whether the array's `]` was seen; `rest` follows it,
    or holds the element that the file ends in."""

    elements: list[bytes]
    closed: bool | None = None
    rest: bytes = b""


def split_array(chunks: Iterator[bytes]) -> Iterator[Batch]:
    """The array's elements, a batch a chunk. An element longer than a chunk is looked at again at twice its length."""
    pieces: list[bytes] = [_after_opening(chunks)]
    size, wanted = len(pieces[0]), 0
    while True:
        if size >= wanted:
            buffer = b"".join(pieces)
            elements, position, closed = _take(buffer)
            if closed:
                yield Batch(elements, True, (buffer[position:] + b"".join(chunks)).strip())
                return
            yield Batch(elements)
            pieces = [buffer[position:]]
            size, wanted = len(pieces[0]), 2 * len(pieces[0])
        chunk = next(chunks, b"")
        if not chunk:
            break
        pieces.append(chunk)
        size += len(chunk)
    yield _last(b"".join(pieces))


def _after_opening(chunks: Iterator[bytes]) -> bytes:
    for chunk in chunks:
        if start := chunk.lstrip():
            return start.removeprefix(b"[")
    return b""


def _last(buffer: bytes) -> Batch:
    elements, position, closed = _take(buffer)
    return Batch(elements, closed, buffer[position:].strip())


def _take(buffer: bytes) -> tuple[list[bytes], int, bool]:
    """Complete elements, the place after the last one (or after the array's `]`), and whether that `]` was met."""
    elements = []
    position = 0
    while True:
        while match := _ELEMENT.match(buffer, position):
            elements.append(match[1].rstrip())
            position = match.end()
        position = _skip(buffer, position)
        if buffer[position : position + 1] == b"]":
            return elements, position + 1, True
        end = _deep_end(buffer, position)
        if end is None:
            return elements, position, False
        elements.append(buffer[position:end])
        position = end


def _skip(buffer: bytes, position: int) -> int:
    match = _SEPARATORS.match(buffer, position)
    return match.end() if match else position


def _deep_end(buffer: bytes, position: int) -> int | None:
    """The end of an element nested too deep for one pattern, by counting brackets; None if it is not all there."""
    if buffer[position : position + 1] not in (b"{", b"["):
        return None
    depth = 0
    for match in _TOKENS.finditer(buffer, position):
        token = match.group()
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                return match.end()
        elif token == b'"':
            return None  # a string that does not end here
    return None

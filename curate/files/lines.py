"""Rows that are lines: JSON Lines and plain text. A line ends in `\\n` or `\\r\\n`; U+2028 does not end one.

>>> [row.data for row in json_lines(iter([b'{"a":1}\\n', b'\\n{"a":2}']), "a.jsonl", base=0, skip=0)]
[b'{"a":1}', b'{"a":2}']
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tunesmith.curate.files.encodings import is_utf8
from tunesmith.curate.files.rawrows import End, RawRow, Rows, invalid_utf8


class Block(NamedTuple):
    """Consecutive lines, `first` the number of the first of them; `clean` when all of it is UTF-8."""

    first: int
    lines: list[bytes]
    clean: bool


def json_lines(chunks: Iterator[bytes], name: str, *, base: int, skip: int) -> Rows:
    """Each line that is not blank, as its bytes. Nothing is parsed."""
    seen = number = 0
    for block in line_blocks(chunks):
        numbered = [(n, line) for n, line in enumerate(block.lines, block.first) if line and not line.isspace()]
        number = block.first + len(block.lines) - 1
        for n, line in numbered[max(0, skip - seen) :]:
            sound = block.clean or is_utf8(line)
            yield RawRow(base + n, line, None if sound else invalid_utf8(line, f"{name}:{n}"))
        seen += len(numbered)
    return End(base + number, seen)


def text_lines(chunks: Iterator[bytes], name: str, *, base: int, skip: int) -> Rows:
    """Each line that is not blank, as `{"text": line}`."""
    rows = json_lines(chunks, name, base=base, skip=skip)
    while True:
        try:
            row = next(rows)
        except StopIteration as stop:
            end: End = stop.value
            return end
        if row.error is None and isinstance(row.data, bytes):
            row = row._replace(data={"text": row.data.decode()})
        yield row


def line_blocks(chunks: Iterator[bytes], *, keep_ends: bool = False) -> Iterator[Block]:
    """The lines of a stream, about a chunk of them at a time: split, counted and checked in bulk."""
    number = 1
    for data in _whole_lines(chunks):
        lines = data.split(b"\n")
        last = lines.pop()
        if keep_ends:
            lines = [line + b"\n" for line in lines]
        if last:
            lines.append(last)
        if b"\r" in data and not keep_ends:
            lines = [line.removesuffix(b"\r") for line in lines]
        yield Block(number, lines, is_utf8(data))
        number += len(lines)


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    pieces: list[bytes] = []
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            pieces.append(chunk[:cut])
            yield b"".join(pieces)
            pieces = []
        pieces.append(chunk[cut:])
    if rest := b"".join(pieces):
        yield rest

"""Text for a terminal: long texts cut in the middle, lines wrapped by their width on the screen, and colours.

>>> cut("a" * 10, most=4)
'aa [… 6 characters …] aa'
>>> wrap("多喝水，多休息", width=8)
['多喝水，', '多休息']
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "removed": "1;31", "added": "1;32"}
_WIDE = frozenset("WF")
_MARKS = frozenset({"Mn", "Me", "Cf"})


def paint(text: str, style: str, *, color: bool) -> str:
    """The text in an ANSI style, or as it is."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color and text else text


def number(value: float) -> str:
    """A measured value without a needless `.0`, thousands apart: `30,000`, `0.25`."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.4g}"


def ratio(value: float) -> str:
    """A similarity of 0 to 1, never rounded up to a threshold that it does not reach.

    >>> ratio(0.6999), ratio(0.7), ratio(1.0)
    ('0.699', '0.7', '1')
    """
    return f"{int(value * 1000 + 1e-9) / 1000:g}"


def count(rows: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{rows:,} {noun}" if rows == 1 else f"{rows:,} {noun}s"


def cut(text: str, *, most: int) -> str:
    """The beginning and the end of a long text, saying how much stands between them."""
    if len(text) <= most:
        return text
    head = most - most // 2
    tail = most - head
    return f"{text[:head].rstrip()} [… {len(text) - most:,} characters …] {text[len(text) - tail :].lstrip()}"


def width_of(text: str) -> int:
    """Columns on the screen: a Han character takes two, a combining mark none."""
    if text.isascii():
        return len(text)
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> int:
    if unicodedata.category(letter) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in _WIDE else 1


def visible(text: str) -> str:
    """The text without control characters, which could move the cursor or colour the terminal."""
    return "".join(_visible(letter) for letter in text)


def _visible(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) != "Cc":
        return letter
    return f"\\x{ord(letter):02x}"


def wrap(text: str, *, width: int) -> list[str]:
    """Lines of at most `width` columns, broken at spaces or after any wide character; line breaks of the text stay."""
    return [line for part in visible(text).expandtabs(4).split("\n") for line in _wrapped(part, width)]


def wrap_painted(parts: Iterable[tuple[str, str | None]], *, width: int, color: bool) -> list[str]:
    """Lines of texts that have a style each, or none.

    >>> wrap_painted([("twice ", None), ("a day", "bold")], width=20, color=True)
    ['twice \\x1b[1ma day\\x1b[0m']
    """
    shown = [(visible(text).expandtabs(4), style) for text, style in parts]
    text = "".join(part for part, _ in shown)
    styles = [style for part, style in shown for _ in part]
    lines, end = [], 0
    for line in wrap(text, width=width):
        start = text.find(line, end)  # between two lines there is nothing but white space
        end = start + len(line)
        runs = groupby(zip(line, styles[start:end]), key=lambda letter: letter[1])
        pieces = [("".join(letter for letter, _ in run), style) for style, run in runs]
        lines.append("".join(paint(piece, style, color=color) if style else piece for piece, style in pieces))
    return lines


def _wrapped(text: str, width: int) -> Iterator[str]:
    while width_of(text) > width:
        end = _fitting(text, width)
        place = text.rfind(" ", 1, end + 1)
        if place > end // 2:
            end = place
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    yield text


def _fitting(text: str, width: int) -> int:
    """How many letters fit, at least one."""
    used = 0
    for place, letter in enumerate(text):
        used += _width(letter)
        if used > width:
            return max(1, place)
    return len(text)

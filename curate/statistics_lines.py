"""The lines of texts: where each has its text, and with what mark it opens.

>>> texts = TextRows.of(pa.array(["Buy:\\n\\n- milk\\n 2) bread\\n### Now"]))
>>> found = find_lines(texts, read_words(texts))
>>> found.marks.tolist() == [PLAIN, BLANK, BULLET, NUMBERED, HEADING]
True
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, TextRows

Numbers = npt.NDArray[np.int32]

#: What a line opens with. `BLANK` is one of white space only.
BLANK, PLAIN, BULLET, NUMBERED, HEADING, TABLE = range(6)

_CHINESE_NUMBERS = "一二三四五六七八九十"
_AFTER_NUMBER = ".):、．）：。"
_BULLETS = "-*+•·●○■◆▪–—"


class Lines(NamedTuple):
    """Of each line of `Words`, int32: `starts`, its first byte that is no white space, `texts`, the first after its
    mark, `stops`, after its last that is no white space; `marks`, uint8. Of each row, int32: `filled` and `listed`
    count the lines that are not blank, and those of a list."""

    starts: Numbers
    texts: Numbers
    stops: Numbers
    marks: Bytes
    filled: Numbers
    listed: Numbers


def find_lines(texts: TextRows, words: Words) -> Lines:
    """The lines of these texts."""
    n_lines, n_rows = len(words.line_starts), len(texts.starts)
    starts, after_marks, stops = (np.empty(n_lines, np.int32) for _ in range(3))
    filled, listed = (np.zeros(n_rows, np.int32) for _ in range(2))
    found = Lines(starts, after_marks, stops, np.zeros(n_lines, np.uint8), filled, listed)
    _find_rows(texts, words, _SIGNS, found)
    return found


def _codes(signs: str) -> npt.NDArray[np.int64]:
    return np.array([*map(ord, signs)], np.int64)


_SIGNS = (_codes(_CHINESE_NUMBERS), _codes(_AFTER_NUMBER), _codes(_BULLETS))


@inlined
def _sign(data: Bytes, place: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """Code point at `place` and the place after it; 0 at the end."""
    if place >= end:
        return 0, place
    lead = np.int64(data[place])
    if lead < 0x80:
        return lead, place + 1
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & (0x7F >> length)
    for i in range(place + 1, min(place + length, end)):
        code = code << 6 | np.int64(data[i] & 0x3F)
    return code, min(place + length, end)


@inlined
def _in(code: Scalar, codes: Scalar) -> Scalar:
    found = False
    for one in codes:
        found |= one == code
    return found


@inlined
def _is_blank(code: Scalar) -> Scalar:
    return code == 0x20 or 0x09 <= code <= 0x0D or code in (0xA0, 0x3000, 0x200B, 0xFEFF)


@inlined
def _after_number(data: Bytes, place: Scalar, end: Scalar, numbers: Scalar) -> Scalar:
    """After up to three digits, one Latin letter or Chinese numbers; `place` where there are none."""
    first = place
    while place < end and place < first + 3 and 0x30 <= data[place] <= 0x39:
        place += 1
    if place > first:
        return place
    code, after = _sign(data, place, end)
    if 0x41 <= code & ~0x20 <= 0x5A and code < 0x80:
        return after
    while _in(code, numbers):
        place = after
        code, after = _sign(data, place, end)
    return place


@inlined
def _after_mark(data: Bytes, place: Scalar, end: Scalar, signs: Scalar) -> tuple[Scalar, Scalar]:
    """The mark of a line whose text starts at `place`, and where the text after it starts."""
    numbers, closers, bullets = signs
    code, after = _sign(data, place, end)
    if code == 0x7C:
        return TABLE, place
    if code == 0x23:
        while after < end and data[after] == 0x23:
            after += 1
        return (HEADING, after) if after < end and data[after] == 0x20 else (PLAIN, place)
    if _in(code, bullets):
        following, _ = _sign(data, after, end)
        loose = following == 0 or _is_blank(following)
        return (BULLET, after) if loose or code > 0x7F else (PLAIN, place)
    if 0x2460 <= code <= 0x249B:  # ① to ⒛
        return NUMBERED, after
    opened = code in (0x28, 0xFF08)
    first = after if opened else place
    last = _after_number(data, first, end, numbers)
    code, after = _sign(data, last, end)
    if last == first or not _in(code, closers):
        return PLAIN, place
    following, _ = _sign(data, after, end)
    if code == 0x3A or (code == 0x2E and not (following == 0 or _is_blank(following) or following > 0x7F)):
        return PLAIN, place
    return NUMBERED, after


@inlined
def _find_line(data: Bytes, row: Scalar, place: Scalar, end: Scalar, signs: Scalar, line: Scalar, found: Lines) -> None:
    """Enter the line `data[place:end]` of the row that starts at `row`."""
    code, after = _sign(data, place, end)
    while code and _is_blank(code):
        place = after
        code, after = _sign(data, place, end)
    while end > place and data[end - 1] <= 0x20:
        end -= 1
    while end - 3 >= place and data[end - 3] == 0xE3 and data[end - 2] == 0x80 and data[end - 1] == 0x80:
        end -= 3
    found.starts[line] = found.texts[line] = place - row
    found.stops[line] = max(place, end) - row
    if place < end:
        found.marks[line], after = _after_mark(data, place, end, signs)
        found.texts[line] = min(after, end) - row


@compiled
def _find_rows(texts: TextRows, words: Words, signs: Scalar, found: Lines) -> None:
    """Fill `found`."""
    first = np.int64(0)
    for row in range(len(texts.starts)):
        start, last = texts.starts[row], words.line_ends[row]
        for line in range(first, last):
            end = start + words.line_starts[line + 1] - 1 if line + 1 < last else texts.ends[row]
            _find_line(texts.data, start, start + words.line_starts[line], end, signs, line, found)
            found.filled[row] += found.marks[line] != BLANK
            found.listed[row] += found.marks[line] in (BULLET, NUMBERED)
        first = last

"""Texts whose last line opens what it does not close: a bracket, a quotation mark, the item of a list.

>>> texts = TextRows.of(pa.array(["It helps (for one", "A smile :( and so on", "1. Rest\\n2. Drink\\n3"]))
>>> words = read_words(texts)
>>> tails = read_tails(texts, words, find_spans(texts, words.counts[:, SEEN]))
>>> [ENDINGS[ending] for ending in find_unclosed(texts, words, find_lines(texts, words), tails)]
['cut', 'open', 'cut']
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_finals import CLOSERS, OPENERS, sign_sets
from tunesmith.curate.statistics_lines import BLANK, HEADING, NUMBERED, PLAIN, TABLE, Lines
from tunesmith.curate.statistics_tails import CUT, OPEN, Tails
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, TextRows

Endings = npt.NDArray[np.uint8]

MOST_LINE = 4000  # bytes of a line that are searched for brackets
LEAST_ROW = 4  # words of a text, for an open end to tell anything
_QUOTE = 0x22


def find_unclosed(texts: TextRows, words: Words, lines: Lines, tails: Tails) -> Endings:
    """The endings of the tails, `CUT` where they were open and something is not closed."""
    found = tails.endings.copy()
    _find_rows(texts, words, lines, tails, sign_sets(), found)
    return found


@inlined
def _in(code: Scalar, codes: Scalar) -> Scalar:
    found = False
    for one in codes:
        found |= one == code
    return found


@inlined
def _next(data: Bytes, place: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """Code point at `place`, and the place after it."""
    lead = np.int64(data[place])
    if lead < 0x80:
        return lead, place + 1
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & (0x7F >> length)
    for i in range(place + 1, min(place + length, end)):
        code = code << 6 | np.int64(data[i] & 0x3F)
    return code, min(place + length, end)


@inlined
def _is_bracket_open(data: Bytes, start: Scalar, end: Scalar, signs: Scalar) -> Scalar:
    """Whether a bracket or a typographic quotation mark opens in a line and does not close."""
    depth, place = 0, max(start, end - MOST_LINE)
    while place < end:
        code, after = _next(data, place, end)
        if _in(code, signs[OPENERS]):
            face = place > start and data[place - 1] in (0x3A, 0x3B, 0x3D, 0x2D)
            depth += not face
        elif _in(code, signs[CLOSERS]):
            depth = max(depth - 1, 0)
        place = after
    return depth > 0


@inlined
def _has(data: Bytes, start: Scalar, end: Scalar, byte: Scalar) -> Scalar:
    """How often a byte stands in a line."""
    found = 0
    for i in range(start, end):
        found += data[i] == byte
    return found


@inlined
def _is_number_alone(data: Bytes, start: Scalar, end: Scalar, lines: Lines, first: Scalar, line: Scalar) -> Scalar:
    """Whether the last line is the number of an item that is not there."""
    for i in range(start, end):
        if not (0x30 <= data[i] <= 0x39 or data[i] == 0x2E):
            return False
    numbered = 0
    for i in range(first, line):
        numbered += lines.marks[i] == NUMBERED and lines.stops[i] - lines.texts[i] > 1
    return numbered > 1


@inlined
def _is_only_item(data: Bytes, start: Scalar, lines: Lines, first: Scalar, line: Scalar) -> Scalar:
    """Whether a line is the first item of a list that a line with a colon announces."""
    before = line - 1
    while before >= first and lines.marks[before] == BLANK:
        before -= 1
    if (
        before < first
        or lines.marks[before] != PLAIN
        or lines.stops[before] < 3
        or data[start + lines.starts[line]] != 0x31
    ):
        return False
    stop = start + lines.stops[before]
    wide = data[stop - 3] == 0xEF and data[stop - 2] == 0xBC and data[stop - 1] == 0x9A  # a colon of full width
    return data[stop - 1] == 0x3A or wide


@inlined
def _ends_with(texts: TextRows, row: Scalar, lines: Lines, line: Scalar, byte: Scalar) -> Scalar:
    stop = texts.starts[row] + lines.stops[line]
    return lines.stops[line] > lines.starts[line] and texts.data[stop - 1] == byte


@inlined
def _last_line(lines: Lines, first: Scalar, last: Scalar, stop: Scalar) -> Scalar:
    """The last line with text before `stop`, where the text ends."""
    while last > first and (lines.marks[last] == BLANK or lines.starts[last] >= stop):
        last -= 1
    return last


@inlined
def _is_unclosed(
    texts: TextRows, lines: Lines, tails: Tails, row: Scalar, first: Scalar, last: Scalar, signs: Scalar
) -> Scalar:
    """Whether the last line of a text, whose lines are `first` to `last`, is left open."""
    line = _last_line(lines, first, last - 1, tails.stops[row])
    start = texts.starts[row] + lines.starts[line]
    stop = texts.starts[row] + tails.stops[row]
    if _is_bracket_open(texts.data, start, stop, signs):
        return True
    if lines.marks[line] == TABLE:  # a row of a table stops with the mark that it opens with, as the one before does
        return line > first and lines.marks[line - 1] == TABLE and _ends_with(texts, row, lines, line - 1, 0x7C)
    if tails.closed[row] or lines.marks[line] == HEADING:
        return False
    if lines.marks[line] == NUMBERED and _is_only_item(texts.data, texts.starts[row], lines, first, line):
        return True
    quoted = _has(texts.data, start, stop, _QUOTE) & 1 == 1
    return quoted or _is_number_alone(texts.data, start, stop, lines, first, line)


@compiled
def _find_rows(texts: TextRows, words: Words, lines: Lines, tails: Tails, signs: Scalar, found: Endings) -> None:
    """Replace what is open in `found`."""
    first = first_line = np.int64(0)
    for row in range(len(texts.starts)):
        last, last_line = words.ends[row], words.line_ends[row]
        long = found[row] == OPEN and last - first >= LEAST_ROW
        if long and _is_unclosed(texts, lines, tails, row, first_line, last_line, signs):
            found[row] = CUT
        first, first_line = last, last_line

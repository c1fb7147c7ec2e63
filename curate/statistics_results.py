r"""Last lines that give a result or an address, and calculations whose last line has no equation yet.

>>> texts = TextRows.of(pa.array(["He has 4*15 = 60 cards.\nThen he", "He has 4*15 = 60 cards.\nSo he keeps 60 cards"]))
>>> words = read_words(texts)
>>> tails = read_tails(texts, words, find_spans(texts, words.counts[:, SEEN]))
>>> endings = np.full(2, OPEN, np.uint8)
>>> find_results(texts, words, find_lines(texts, words), tails, endings)
>>> endings.tolist() == [CUT, OPEN]
True

A result may lack its mark whatever the other lines have: 12 apples in all. So may a telephone number.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_finals import closing_words
from tunesmith.curate.statistics_lines import BLANK, PLAIN, Lines
from tunesmith.curate.statistics_tables import NEW_SENTENCE
from tunesmith.curate.statistics_tails import CUT, OPEN, Tails
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, TextRows

Endings = npt.NDArray[np.uint8]

GIVEN = 255  # a result or an address: open, whatever the style of the text
LEAST_ROW = 4  # words of a text, for its last one to tell anything
_LONGEST_RESULT, _LONGEST_FINAL = 3, 6  # words after a result: 12 apples in all; in a line with an equation
_LONGEST_TOKEN, _LONGEST_NUMBER = 28, 9  # ASCII characters without a space, and digits: more is no word and no amount


def find_results(texts: TextRows, words: Words, lines: Lines, tails: Tails, found: Endings) -> None:
    """Make what is open in `found` `GIVEN` or `CUT` where the last line says so."""
    _find_rows(texts, words, lines, tails, closing_words()[1:], found)


@inlined
def _in(code: Scalar, codes: Scalar) -> Scalar:
    found = False
    for one in codes:
        found |= one == code
    return found


@inlined
def _has(data: Bytes, start: Scalar, end: Scalar, byte: Scalar) -> Scalar:
    """How often a byte stands in a line."""
    found = 0
    for i in range(start, end):
        found += data[i] == byte
    return found


@inlined
def _is_contact(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """Whether an address, a key or a telephone number stands in `data[start:end]`: such lines need no mark."""
    run = digits = 0
    for i in range(start, end):
        run = run + 1 if 0x20 < data[i] < 0x80 else 0
        digits = digits + 1 if 0x30 <= data[i] <= 0x39 else digits * (data[i] == 0x2D or data[i] == 0x20)
        if run >= _LONGEST_TOKEN or digits >= _LONGEST_NUMBER or data[i] == 0x40:
            return True
    return False


@inlined
def _is_result(data: Bytes, start: Scalar, words: Words, opened: Scalar, last: Scalar, longest: Scalar) -> Scalar:
    """Whether a number is among the last words of a line, with at most `longest` words after it."""
    found = False
    for i in range(max(last - 1 - longest, opened), last):
        found |= 0x30 <= data[start + words.places[i]] <= 0x39
    return found


@inlined
def _is_equation_due(
    texts: TextRows, words: Words, lines: Lines, row: Scalar, first: Scalar, line: Scalar, last: Scalar, known: Scalar
) -> Scalar:
    """Whether the last line of a calculation has no equation, as its other lines do, and gives no result."""
    data, start, opened = texts.data, texts.starts[row], words.line_words[line]
    place, begin = start + words.places[last - 1], start + lines.starts[line]
    if lines.marks[line] != PLAIN or _in(words.hashes[last - 1], known[0]) or _has(data, begin, place, 0x3D):
        return False
    if 0x61 <= data[place] <= 0x7A:
        due = not _is_result(data, start, words, opened, last, _LONGEST_RESULT)
    else:
        due = _in(words.hashes[opened], known[1]) or (last - opened < LEAST_ROW and _in(words.hashes[opened], known[2]))
        due &= last - opened > 1 and (_in(words.hashes[opened], known[1]) or data[place] > 0x39)
    if not due:
        return False
    equations = others = 0
    for i in range(first, line):
        equation = _has(data, start + lines.starts[i], start + lines.stops[i], 0x3D) > 0
        equations += equation
        others += not equation and lines.marks[i] != BLANK
    return equations > 0 and 2 * equations >= others


@inlined
def _judge(
    texts: TextRows,
    words: Words,
    lines: Lines,
    row: Scalar,
    first: Scalar,
    line: Scalar,
    last: Scalar,
    stop: Scalar,
    known: Scalar,
) -> Scalar:
    """`GIVEN`, `CUT` or `OPEN`, by the last line, whose words end with `last`; `stop` is where the text ends."""
    data, start, opened = texts.data, texts.starts[row], words.line_words[line]
    tail = last - 1
    while tail > opened and not words.flags[tail] & NEW_SENTENCE:
        tail -= 1
    begin = start + lines.starts[line]
    given = _has(data, begin, stop, 0x3D) > 0 and _is_result(data, start, words, opened, last, _LONGEST_FINAL)
    if given or _is_contact(data, start + words.places[tail], stop):
        return GIVEN
    return CUT if _is_equation_due(texts, words, lines, row, first, line, last, known) else OPEN


@compiled
def _find_rows(texts: TextRows, words: Words, lines: Lines, tails: Tails, known: Scalar, found: Endings) -> None:
    """Replace what is open in `found`."""
    first = first_line = np.int64(0)
    for row in range(len(texts.starts)):
        last, line = words.ends[row], words.line_ends[row] - 1
        if found[row] == OPEN and not tails.closed[row]:
            stop, after = tails.stops[row], last
            while line > first_line and (lines.marks[line] == BLANK or lines.starts[line] >= stop):
                line -= 1
            while after > first and words.places[after - 1] >= stop:
                after -= 1
            if after - first >= LEAST_ROW and after > words.line_words[line]:
                end = texts.starts[row] + stop
                found[row] = _judge(texts, words, lines, row, first_line, line, after, end, known)
        first, first_line = last, words.line_ends[row]

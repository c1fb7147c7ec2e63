"""How likely a Chinese text stopped within a clause: by its last two signs, and by how long its last clause is.

>>> texts = TextRows.of(pa.array(["有些药物可能引起不良反应，如戒", "多休息，注意预防并发症的发生", "Rest"]))
>>> words = read_words(texts)
>>> tails = read_tails(texts, words, find_spans(texts, words.counts[:, SEEN]))
>>> scores = score_clauses(texts, words, find_lines(texts, words), tails)
>>> bool(scores[0] < LIKELY_CUT <= scores[1]), scores[2] == UNKNOWN
(True, True)

The weights are those of a logistic regression of 1,700 sentences that lost their full stop against 1,600 that were cut,
rounded.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_closings import FIRST_HAN, LAST_HAN, Levels, closing_levels
from tunesmith.curate.statistics_lines import BLANK, Lines
from tunesmith.curate.statistics_tails import OPEN, Tails
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, TextRows

Numbers = npt.NDArray[np.int32]

UNKNOWN = 1000  # of texts that do not end in an ideograph, and of bare lists of names
#: Scores below: a single sentence was cut; one that follows on sentences with full stops was.
LIKELY_CUT, MAYBE_CUT = 40, 47
_LEVEL_WEIGHT, _CLAUSE_WEIGHT, _PIECE_WEIGHT = 5, 1, 2
_LONGEST_CLAUSE, _LONGEST_PIECE = 12, 8  # characters: more make no difference
_LONGEST_NAME = 14  # characters between two marks of a list of names
_LONGEST_LINE = 4000  # bytes

_BREAKS = np.array([*map(ord, "，；：,;:。！？!?\n")], np.int64)
_PAUSE = 0x3001


def score_clauses(texts: TextRows, words: Words, lines: Lines, tails: Tails) -> Numbers:
    """One score a text, int32, of those that `tails` leaves open; the lower, the likelier a cut."""
    found = np.full(len(texts.starts), UNKNOWN, np.int32)
    _score_rows(texts, words.line_ends, lines, tails, closing_levels(), _BREAKS, found)
    return found


@inlined
def _before(data: Bytes, start: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """The code point that ends at `end`, and where it starts; 0 where nothing is left."""
    if end <= start:
        return 0, start
    place = end - 1
    while place > start and place > end - 4 and data[place] & 0xC0 == 0x80:
        place -= 1
    lead = np.int64(data[place])
    if lead < 0x80:
        return lead, place
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & (0x7F >> length)
    for i in range(place + 1, end):
        code = code << 6 | np.int64(data[i] & 0x3F)
    return code, place


@inlined
def _in(code: Scalar, codes: Scalar) -> Scalar:
    found = False
    for one in codes:
        found |= one == code
    return found


@inlined
def _level(code: Scalar, before: Scalar, levels: Levels) -> Scalar:
    """Of the sign `code` behind the sign `before`."""
    key = before << 16 | code
    low, high = 0, len(levels.pairs)
    while low < high:
        middle = (low + high) // 2
        if levels.pairs[middle] < key:
            low = middle + 1
        else:
            high = middle
    if low < len(levels.pairs) and levels.pairs[low] == key:
        return np.int64(levels.pair_levels[low])
    return np.int64(levels.signs[code - FIRST_HAN])


@inlined
def _is_names(data: Bytes, start: Scalar, end: Scalar, breaks: Scalar) -> Scalar:
    """Whether a line is nothing but short names with marks between them: 神经内科、神经外科、神经科."""
    marks = size = 0
    while end > start:
        code, end = _before(data, start, end)
        marks += code == _PAUSE
        size = 0 if code == _PAUSE else size + 1
        if size > _LONGEST_NAME or _in(code, breaks):
            return False
    return marks > 1


@inlined
def _score(data: Bytes, start: Scalar, end: Scalar, levels: Levels, breaks: Scalar) -> Scalar:
    """The score of the line `data[start:end]`."""
    code, place = _before(data, start, end)
    if not FIRST_HAN <= code <= LAST_HAN or _is_names(data, start, end, breaks):
        return UNKNOWN
    before, _ = _before(data, start, place)
    level = _level(code, before, levels)
    clause = piece = 0
    in_piece = True
    while clause < _LONGEST_CLAUSE and place >= start and not _in(code, breaks) and code:
        in_piece &= code != _PAUSE
        piece += in_piece
        clause += 1
        code, place = _before(data, start, place)
    return _LEVEL_WEIGHT * level + _CLAUSE_WEIGHT * clause + _PIECE_WEIGHT * min(piece, _LONGEST_PIECE)


@compiled
def _score_rows(
    texts: TextRows,
    line_ends: npt.NDArray[np.int64],
    lines: Lines,
    tails: Tails,
    levels: Levels,
    breaks: Scalar,
    found: Numbers,
) -> None:
    """Fill `found`."""
    first = np.int64(0)
    for row in range(len(texts.starts)):
        last = line_ends[row]
        if tails.endings[row] == OPEN:
            line = last - 1
            while line > first and (lines.marks[line] == BLANK or lines.starts[line] >= tails.stops[row]):
                line -= 1
            start, end = texts.starts[row], texts.starts[row] + tails.stops[row]
            found[row] = _score(texts.data, max(start + lines.starts[line], end - _LONGEST_LINE), end, levels, breaks)
        first = last

"""Whether the last sentence of a text was finished: judged by how the text itself ends its other sentences.

>>> texts = TextRows.of(pa.array(["Rest is best. Drink a lot of wa", "Amanda, James, John"]))
>>> words = read_words(texts)
>>> spans = find_spans(texts, words.counts[:, SEEN])
>>> endings = judge_endings(texts, words, find_lines(texts, words), read_tails(texts, words, spans))
>>> [ENDINGS[ending] for ending in endings]
['cut', 'open']

A missing full stop alone is no evidence: names, titles, list items, results and one good answer in thirty lack one.
Evidence is a last sentence without mark after sentences with marks on the same line, in the same list, or on the
paragraphs before; a bracket never closed; a last word that cannot be a last word. A fragment of a longer word of the
same text makes it `mid_word`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_clauses import LIKELY_CUT, MAYBE_CUT, UNKNOWN, score_clauses
from tunesmith.curate.statistics_finals import FINALS, WRAPS, closing_words, sign_sets
from tunesmith.curate.statistics_fragments import find_fragments, name_fragments
from tunesmith.curate.statistics_lines import BLANK, BULLET, HEADING, NUMBERED, PLAIN, TABLE, Lines
from tunesmith.curate.statistics_results import GIVEN, find_results
from tunesmith.curate.statistics_tables import NEW_SENTENCE
from tunesmith.curate.statistics_tails import CUT, OPEN, Tails
from tunesmith.curate.statistics_unclosed import find_unclosed
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, TextRows

Endings = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]

LEAST_PROSE = 8  # words of a line, for it to count as prose
LEAST_ROW = 4  # words of a text, for its last one to tell anything
LEAST_SENTENCE = 3  # words: fewer are a number or an abbreviation before a full stop
_LEAST_HAN = 5  # characters of a last line, to be more than a name
_LONG_HAN, _LONG_LATIN = 22, 14  # words of a single sentence that must have a mark, where its last word tells
_MOST_SENTENCES, _MOST_SHORT = 2, 90  # Han sentences with full stops, after which the last one may lack its own
_LOW_SCORE, _MOST_OF_LENGTH = (
    10,
    28,
)  # and three for each character: of a line whose last sign closes five clauses in a hundred at most


def judge_endings(texts: TextRows, words: Words, lines: Lines, tails: Tails) -> Endings:
    """The endings of these texts, as places in `ENDINGS`."""
    found = find_fragments(texts, words, lines, tails, find_unclosed(texts, words, lines, tails))
    find_results(texts, words, lines, tails, found)
    was_open = found == OPEN
    scores = score_clauses(texts, words, lines, tails)
    _judge_rows(texts, words, lines, tails, scores, closing_words()[0], sign_sets(), found)
    found[found == GIVEN] = OPEN
    name_fragments(texts, words, tails, was_open & (found == CUT), found)
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
def _last(data: Bytes, start: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """The last code point of `data[start:end]` and where it starts."""
    place = end - 1
    while place > start and place > end - 4 and data[place] & 0xC0 == 0x80:
        place -= 1
    return _next(data, place, end)[0], place


@inlined
def _is_ended(data: Bytes, start: Scalar, end: Scalar, signs: Scalar) -> Scalar:
    """Whether a line ends with a mark, brackets and quotation marks aside."""
    while end > start:
        code, place = _last(data, start, end)
        if not _in(code, signs[WRAPS]):
            return _in(code, signs[FINALS]) or 0x1F000 <= code < 0x20000
        end = place
    return False


@inlined
def _tail_of(texts: TextRows, words: Words, row: Scalar, first: Scalar, last: Scalar) -> tuple[Scalar, Scalar]:
    """The first word after the last sentence end in a line of words, and how many sentences ended before it."""
    data, start = texts.data, texts.starts[row]
    tail, ended = first, 0
    opened = first
    for i in range(first + 1, last):
        if not words.flags[i] & NEW_SENTENCE:
            continue
        after = start + words.places[i - 1]
        initial = data[after] < 0x80 and (data[after + 1] == 0x2E or data[after + 2] == 0x2E)  # or Mr. and Dr.
        ended += (i - opened >= LEAST_SENTENCE or data[after] >= 0xE4) and not initial
        tail = i if ended and not initial else tail
        opened = i
    return tail, ended


@inlined
def _mates(
    texts: TextRows, words: Words, lines: Lines, row: Scalar, first: Scalar, last: Scalar, least: Scalar, signs: Scalar
) -> Scalar:
    """Lines before the line `last` that are like it, items of a list or prose of `least` words; 0 where more than one
    in ten of these has no mark at its end."""
    mark = lines.marks[last]
    found = ended = 0
    for line in range(first, last):
        if lines.marks[line] != mark:
            continue
        if mark == PLAIN and words.line_words[line + 1] - words.line_words[line] < least:
            continue
        found += 1
        start = texts.starts[row]
        ended += _is_ended(texts.data, start + lines.texts[line], start + lines.stops[line], signs)
    return found if ended >= 0.9 * found else 0


@inlined
def _has(data: Bytes, start: Scalar, end: Scalar, byte: Scalar) -> Scalar:
    """How often a byte stands in a line."""
    found = 0
    for i in range(start, end):
        found += data[i] == byte
    return found


@inlined
def _opens_with_sign(data: Bytes, start: Scalar, place: Scalar) -> Scalar:
    """Whether what starts at `place` is a tag, a signature or a remark: # @ - | ( [ stand before it."""
    while place > start and data[place - 1] == 0x20:
        place -= 1
    return place > start and data[place - 1] in (0x23, 0x40, 0x2D, 0x7C, 0x28, 0x5B, 0x94)


@inlined
def _is_label(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """Whether a colon stands in the line, in ASCII or in full width: `Output: Yes`."""
    for i in range(start, end):
        if data[i] == 0x3A or (data[i] == 0xEF and i + 2 < end and data[i + 1] == 0xBC and data[i + 2] == 0x9A):
            return True
    return False


@inlined
def _is_short_line_cut(data: Bytes, start: Scalar, end: Scalar, word: Scalar, mates: Scalar, n_words: Scalar) -> Scalar:
    """Whether a last line of few words is the start of a sentence rather than a name or a result.

    `word` is the place of its last word: a name is written large, and a line of a single word may be one.
    """
    if mates < 1 or _is_label(data, start, end):
        return False
    if data[word] < 0x80:
        return n_words > 1 and (0x61 <= data[word] <= 0x7A or (mates > 2 and n_words > 2 and data[word - 1] == 0x20))
    return mates > 1 and n_words >= _LEAST_HAN


@inlined
def _is_signature(data: Bytes, start: Scalar, words: Words, opened: Scalar, last: Scalar) -> Scalar:
    """Whether two Han words stand alone at the end of a line, as in 山居主人 敬上."""
    before = start + words.places[last - 2] - 1
    return last - opened > 2 and data[before] == 0x20 and data[before + 1] >= 0xE4


@inlined
def _is_lone_sentence_cut(data: Bytes, start: Scalar, end: Scalar, word: Scalar, n_words: Scalar) -> Scalar:
    """Whether a long sentence in Latin script stops where none does; `word` is where its last word starts.

    It must look like a sentence: a capital or a number first, a small letter in the last word, and no equation.
    """
    looks = 0x41 <= data[start] <= 0x5A and 0x61 <= data[word] <= 0x7A
    return n_words >= _LONG_LATIN and looks and not _has(data, start, end, 0x3D)


@inlined
def _is_style_broken(
    texts: TextRows,
    words: Words,
    lines: Lines,
    tails: Tails,
    row: Scalar,
    first: Scalar,
    line: Scalar,
    last: Scalar,
    score: Scalar,
    closing: Scalar,
    signs: Scalar,
) -> Scalar:
    """Whether the last line, which has no mark at its end, ends otherwise than the text does elsewhere.

    `first` and `line` are the text's first and last line, `last` the end of its words.
    """
    data, row_start = texts.data, texts.starts[row]
    start, end = row_start + lines.starts[line], row_start + tails.stops[row]
    opened = words.line_words[line]
    tail, ended = _tail_of(texts, words, row, opened, last)
    result = 0x30 <= tails.signs[row] <= 0x39 or tails.signs[row] == 0x25
    if result and last - tail < LEAST_PROSE:
        return False
    if ended and tail < last:
        if score != UNKNOWN and ended <= _MOST_SENTENCES and line == first and last - opened < _MOST_SHORT:
            return score < MAYBE_CUT
        return not _opens_with_sign(data, start, row_start + words.places[tail])
    if lines.marks[line] in (BULLET, NUMBERED):
        return _mates(texts, words, lines, row, first, line, LEAST_PROSE, signs) > 0
    place = row_start + words.places[last - 1]
    if score < LIKELY_CUT and last - tail >= _LONG_HAN:
        return True
    if _is_lone_sentence_cut(data, start, end, place, last - tail):
        return True
    low = score < _LOW_SCORE + min(3 * (last - opened), _MOST_OF_LENGTH)
    if low and line > first and last - opened >= LEAST_ROW and not _is_label(data, start, end):
        return True
    if last - opened >= LEAST_PROSE:
        return _mates(texts, words, lines, row, first, line, LEAST_PROSE, signs) > 0
    mates = _mates(texts, words, lines, row, first, line, LEAST_ROW, signs)
    if _in(words.hashes[last - 1], closing) or _is_signature(data, row_start, words, opened, last):
        return False
    return _is_short_line_cut(data, start, end, place, mates, last - opened)


@inlined
def _last_line(lines: Lines, first: Scalar, last: Scalar, stop: Scalar) -> Scalar:
    """The last line with text before `stop`, where the text ends."""
    while last > first and (lines.marks[last] == BLANK or lines.starts[last] >= stop):
        last -= 1
    return last


@inlined
def _last_word(words: Words, first: Scalar, last: Scalar, stop: Scalar) -> Scalar:
    """The end of the words before `stop`: those of a special token after the text do not count."""
    while last > first and words.places[last - 1] >= stop:
        last -= 1
    return last


@inlined
def _judge(
    texts: TextRows,
    words: Words,
    lines: Lines,
    tails: Tails,
    row: Scalar,
    first: Scalar,
    last: Scalar,
    first_line: Scalar,
    score: Scalar,
    closing: Scalar,
    signs: Scalar,
) -> Scalar:
    """The ending of a text whose last sign decides nothing."""
    last = _last_word(words, first, last, tails.stops[row])
    line = _last_line(lines, first_line, words.line_ends[row] - 1, tails.stops[row])
    if last - first < LEAST_ROW or last <= words.line_words[line]:
        return OPEN
    if tails.closed[row] or lines.marks[line] in (TABLE, HEADING):
        return OPEN
    if not _is_style_broken(texts, words, lines, tails, row, first_line, line, last, score, closing, signs):
        return OPEN
    return CUT


@compiled
def _judge_rows(
    texts: TextRows,
    words: Words,
    lines: Lines,
    tails: Tails,
    scores: Numbers,
    closing: Scalar,
    signs: Scalar,
    found: Endings,
) -> None:
    """Replace what is open in `found`."""
    first = first_line = np.int64(0)
    for row in range(len(texts.starts)):
        last = words.ends[row]
        if found[row] == OPEN:
            found[row] = _judge(texts, words, lines, tails, row, first, last, first_line, scores[row], closing, signs)
        first, first_line = last, words.line_ends[row]

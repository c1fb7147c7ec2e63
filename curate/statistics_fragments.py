"""Last words that no sentence ends with: words that ask for another one, and fragments of English words.

>>> texts = TextRows.of(pa.array(["Drink a lot of water so that you", "So the total that each of them then averag"]))
>>> words = read_words(texts)
>>> lines, tails = find_lines(texts, words), read_tails(texts, words, find_spans(texts, words.counts[:, SEEN]))
>>> [ENDINGS[ending] for ending in find_fragments(texts, words, lines, tails, tails.endings)]
['cut', 'mid_word']

What counts as English has some of its commonest words. A name may end with any letters, so a fragment is written small,
and stands in prose rather than in a short item of a list.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_finals import english_words, never_last, rarely_last
from tunesmith.curate.statistics_lines import BLANK, HEADING, PLAIN, TABLE, Lines
from tunesmith.curate.statistics_tails import CUT, MID_WORD, OPEN, Tails
from tunesmith.curate.statistics_word_ends import Codes, word_ends
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, Hashes, TextRows

Endings = npt.NDArray[np.uint8]

LEAST_ROW = 4  # words of a text, for its last one to tell anything
LEAST_LINE, LEAST_PROSE = 6, 8  # words of a line in which a word of few last places, or a fragment, tells something
_SEEN_WORDS, _LEAST_ENGLISH = 40, 3  # so many of the last words are looked at, and so many of these must be common
_MOST_WORD = 24  # bytes
_LEAST_FRAGMENT, _MOST_FRAGMENT = 2, 16  # bytes


def find_fragments(texts: TextRows, words: Words, lines: Lines, tails: Tails, endings: Endings) -> Endings:
    """The endings, `CUT` or `MID_WORD` where they were open and the last word decides."""
    found = endings.copy()
    _find_rows(texts, words, lines, tails, (never_last(), rarely_last(), english_words()), word_ends(), found)
    return found


def name_fragments(
    texts: TextRows, words: Words, tails: Tails, marked: npt.NDArray[np.bool_], endings: Endings
) -> None:
    """Make the marked endings `MID_WORD` where the last word opens a longer one of the same text."""
    if marked.any():
        _name_rows(texts, words, tails, marked, endings)


@inlined
def _in(code: Scalar, codes: Scalar) -> Scalar:
    found = False
    for one in codes:
        found |= one == code
    return found


@inlined
def _is_known_end(key: Scalar, ends: Codes) -> Scalar:
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if ends[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low < len(ends) and ends[low] == key


@inlined
def _is_fragment(data: Bytes, start: Scalar, word: Scalar, stop: Scalar, ends: Codes) -> Scalar:
    """Whether `data[word:stop]` is of small Latin letters, stands behind a space and ends as no common word does."""
    if stop <= word or stop - word > _MOST_WORD or word <= start or data[word - 1] != 0x20:
        return False
    key = np.int64(0)
    for i in range(word, stop):
        if not 0x61 <= data[i] <= 0x7A:
            return False
        key = (key << 8 | np.int64(data[i])) & 0xFFFFFFFF
    return not _is_known_end(key, ends)


@inlined
def _is_english(hashes: Hashes, first: Scalar, last: Scalar, common: Hashes) -> Scalar:
    found = 0
    for i in range(max(first, last - _SEEN_WORDS), last):
        found += _in(hashes[i], common)
    return found >= min(_LEAST_ENGLISH, (last - first) // 4)


@inlined
def _is_after_prose(words: Words, lines: Lines, first: Scalar, line: Scalar, last: Scalar) -> Scalar:
    """Whether a line that ends with the word `last` is prose, or follows on a line of prose."""
    if last - words.line_words[line] >= LEAST_PROSE:
        return True
    if lines.marks[line] != PLAIN:
        return False
    for i in range(first, line):
        if lines.marks[i] == PLAIN and words.line_words[i + 1] - words.line_words[i] >= LEAST_PROSE:
            return True
    return False


@inlined
def _judge(
    texts: TextRows,
    words: Words,
    lines: Lines,
    row: Scalar,
    first: Scalar,
    last: Scalar,
    first_line: Scalar,
    line: Scalar,
    stop: Scalar,
    known: Scalar,
    ends: Codes,
) -> Scalar:
    """The ending by the word before `last`; `stop` is where the text ends in the data."""
    never, rarely, common = known
    size, word = last - words.line_words[line], words.hashes[last - 1]
    if size >= LEAST_ROW and _in(word, never):
        return CUT
    opening = size < LEAST_ROW and (_in(word, never) or _in(word, rarely))
    if opening and _is_after_prose(words, lines, first_line, line, last):
        return CUT
    place = texts.starts[row] + words.places[last - 1]
    if size < 1 or not 0x61 <= texts.data[place] <= 0x7A or not _is_english(words.hashes, first, last, common):
        return OPEN
    if not _is_after_prose(words, lines, first_line, line, last):
        return OPEN
    if lines.marks[line] == PLAIN and _in(word, rarely):
        return CUT
    if not _is_fragment(texts.data, texts.starts[row], place, stop, ends) or _in(word, words.hashes[first : last - 1]):
        return OPEN
    return MID_WORD


@compiled
def _find_rows(
    texts: TextRows, words: Words, lines: Lines, tails: Tails, known: Scalar, ends: Codes, found: Endings
) -> None:
    """Replace what is open in `found`."""
    first = first_line = np.int64(0)
    for row in range(len(texts.starts)):
        last, line = words.ends[row], words.line_ends[row] - 1
        if found[row] == OPEN and not tails.closed[row] and last - first >= LEAST_ROW:
            stop, after = tails.stops[row], last
            while line > first_line and (lines.marks[line] == BLANK or lines.starts[line] >= stop):
                line -= 1
            while after > first and words.places[after - 1] >= stop:
                after -= 1
            if (
                after - first >= LEAST_ROW
                and after > words.line_words[line]
                and lines.marks[line] not in (TABLE, HEADING)
            ):
                found[row] = _judge(
                    texts, words, lines, row, first, after, first_line, line, texts.starts[row] + stop, known, ends
                )
        first, first_line = last, words.line_ends[row]


@inlined
def _opens_longer(texts: TextRows, words: Words, row: Scalar, first: Scalar, last: Scalar, stop: Scalar) -> Scalar:
    """Whether the last word, of Latin letters, opens a longer word of the text and stands nowhere else in it.

    `stop` is where the text ends.
    """
    data, start = texts.data, texts.starts[row]
    word = start + words.places[last - 1]
    size = stop - word
    if size < _LEAST_FRAGMENT or size > _MOST_FRAGMENT:
        return False
    longer = False
    for i in range(first, last - 1):
        place = start + words.places[i]
        same = 0
        while same < size and data[place + same] | 0x20 == data[word + same] | 0x20:
            same += 1
        if same == size:
            after = data[place + size]
            if not 0x61 <= after | 0x20 <= 0x7A:
                return False
            longer = True
    return longer


@compiled
def _name_rows(texts: TextRows, words: Words, tails: Tails, marked: npt.NDArray[np.bool_], endings: Endings) -> None:
    """Replace the marked in `endings`."""
    first = np.int64(0)
    for row in range(len(texts.starts)):
        last, stop = words.ends[row], texts.starts[row] + tails.stops[row]
        while marked[row] and last > first and words.places[last - 1] >= tails.stops[row]:
            last -= 1
        latin = marked[row] and last > first and 0x61 <= texts.data[stop - 1] <= 0x7A
        if latin and _opens_longer(texts, words, row, first, last, stop):
            endings[row] = MID_WORD
        first = words.ends[row]

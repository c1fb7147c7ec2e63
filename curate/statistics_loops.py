"""Loops: the longest stretch of a text that is three or more copies of one unit of words; and repeated windows.

>>> texts = TextRows.of(pa.array(["Rest well, rest well, rest well, rest", "ha ha ha ha ha"]))
>>> words = read_words(texts)
>>> found = find_loops(texts, words, np.zeros(len(words.hashes), np.uint8), np.full(2, 9, np.int32))
>>> found.copies.tolist(), found.share.tolist()
([3, 0], [1.0, 0.0])

It is found without trying periods: where windows of n words, one after the other, all stood d words earlier for the
last time, the words repeat with period d. A loop of period d shows in windows of d to 2 d words; so windows of 5 words,
and of twice as many as long as any repeats, find every loop of three words and more, in n log n steps at most. Periods
of one and two are compared directly.

The number that opens a line or a sentence, or follows on its first word, counts as one with every other such number:
`1. Rest. 2. Rest. 3. Rest.` is a loop. Of the share of windows it is a word like all.

No loop is: what has no letter (rules, separators; but a longer number that stands `NUMBER_COPIES` times), laughter and
other sounds, a unit of a single character or of one or two Latin letters that stands less than `SHORT_COPIES` times,
and what lies in fenced code.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_tables import CHARACTERS, HAS_LETTER, NEW_LINE, NEW_SENTENCE
from tunesmith.curate.statistics_words import Words, read_words
from tunesmith.curate.tokens import Bytes, Hashes, Places, TextRows

Numbers = npt.NDArray[np.int32]
Shares = npt.NDArray[np.float32]

WINDOW = 5  # words
_OPENING = 2  # words before which numbers count as alike
LEAST_COPIES, SHORT_COPIES, NUMBER_COPIES = 3, 8, 12
_SHORT_UNIT = 3  # bytes: one character of CJK, or up to three of Latin
_LONGEST_SOUND = 2  # words of a unit that may be laughter
_SOUNDS = "哈 呵 嘿 嘻 嘎 啊 哦 嗯 呜 哇 啦 喵 汪 咚 滴 嗒 ha haha he hehe la na ho bla blah ooh ah uh oh yeah giggle"
_FIRST, _LAST, _COPIES, _ROW = range(4)

_NUMBER = np.uint64(0xA0761D6478BD642F)  # the hash of all numbers that open something
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_EMPTY = 3  # places of a hash table for each hash, at least
_SHIFT, _WORD_BITS, _ZERO, _ONE = (np.uint64(n) for n in (31, 64, 0, 1))


class Loops(NamedTuple):
    """Of each row, shape `(n_rows,)`: the longest loop's share of the characters and its copies, and the share of
    windows of `WINDOW` words that stood before."""

    share: Shares
    copies: Numbers
    windows: Shares


class _Room(NamedTuple):
    """Scratch, made for the longest row: a hash table and its values, windows of words, and how far back each was."""

    keys: Hashes
    values: Numbers
    windows: Hashes
    before: Numbers
    best: Places  # of the longest loop: bytes in the row, copies; then the row
    in_code: Bytes
    sounds: Hashes


def find_loops(texts: TextRows, words: Words, in_code: Bytes, repeated: Numbers) -> Loops:
    """The loops of each text.

    :param in_code: which words lie in fenced code.
    :param repeated: how many words running, at most, stood before in the row; more does no harm.
    """
    n_rows = len(texts.starts)
    longest = int(words.sizes.max(initial=0)) + 1
    n_keys = 4 << longest.bit_length()
    room = _Room(
        np.empty(n_keys, np.uint64),
        np.empty(n_keys, np.int32),
        np.empty(longest, np.uint64),
        np.empty(longest, np.int32),
        np.zeros(4, np.int64),
        in_code,
        _sounds(),
    )
    found = Loops(np.zeros(n_rows, np.float32), np.zeros(n_rows, np.int32), np.zeros(n_rows, np.float32))
    _find_rows(texts, _without_numbers(words), repeated, room, found)
    return found


def _without_numbers(words: Words) -> Words:
    """The words, where the numbers of items are all the same."""
    opens = words.flags & (NEW_LINE | NEW_SENTENCE) != 0
    opens[1:] |= words.flags[:-1] & NEW_LINE != 0
    number = opens & (words.flags & HAS_LETTER == 0)
    return words._replace(hashes=np.where(number, _NUMBER, words.hashes)) if number.any() else words


@lru_cache(maxsize=1)
def _sounds() -> Hashes:
    return np.unique(read_words(TextRows.of(pa.array([_SOUNDS]))).hashes)


@inlined
def _mixed(word: Scalar) -> Scalar:
    word = (word ^ (word >> _SHIFT)) * _MIX
    return word ^ (word >> _SHIFT)


@inlined
def _cleared(keys: Hashes, n: Scalar) -> Scalar:
    """Make a table for `n` hashes; by how much a hash is to be shifted to its place there."""
    bits = 1
    while 1 << bits < _EMPTY * n:
        bits += 1
    for i in range(1 << bits):
        keys[i] = _ZERO
    return _WORD_BITS - np.uint64(bits)


@inlined
def _place_of(keys: Hashes, key: Scalar, shift: Scalar) -> Scalar:
    """The place of a key in the table, or the empty one where it belongs."""
    mask = (np.int64(1) << np.int64(_WORD_BITS - shift)) - 1
    place = np.int64(key >> shift)
    while keys[place] != _ZERO and keys[place] != key:
        place = (place + 1) & mask
    return place


@inlined
def _roll(hashes: Hashes, first: Scalar, last: Scalar, windows: Hashes) -> Scalar:
    """Write the hashes of the windows of `WINDOW` words; their number."""
    power, rolled = _ONE, _ZERO
    for i in range(WINDOW):
        power *= _BASE
        rolled = rolled * _BASE + hashes[first + i]
    windows[0] = rolled
    for i in range(first + WINDOW, last):
        rolled = rolled * _BASE + hashes[i] - hashes[i - WINDOW] * power
        windows[i - first - WINDOW + 1] = rolled
    return last - first - WINDOW + 1


@inlined
def _link(windows: Hashes, n_windows: Scalar, keys: Hashes, values: Numbers, before: Numbers) -> tuple[Scalar, Scalar]:
    """Enter how far back each window stood last, 0 where it never did; how many stood before, and how many at most of
    these running."""
    shift = _cleared(keys, n_windows)
    repeated = longest = run = 0
    for i in range(n_windows):
        key = _mixed(windows[i]) | _ONE
        place = _place_of(keys, key, shift)
        known = keys[place] == key
        before[i] = i - values[place] if known else 0
        keys[place], values[place] = key, i
        repeated += known
        run = run + 1 if known else 0
        longest = max(longest, run)
    return repeated, longest


@inlined
def _is_loop(words: Words, start: Scalar, period: Scalar, size: Scalar, sounds: Hashes) -> Scalar:
    """Whether these words, `size` from the word `start` on, may count as a loop."""
    letters = heard = counted = 0
    for i in range(start, start + period):
        counted += words.hashes[i] == _NUMBER
        letters += words.flags[i] & HAS_LETTER
        if period <= _LONGEST_SOUND:
            for sound in sounds:
                heard += words.hashes[i] == sound
    unit_bytes = words.places[start + period] - words.places[start]
    long = unit_bytes > _SHORT_UNIT or size >= SHORT_COPIES * period
    if not letters:
        return not counted and unit_bytes > _SHORT_UNIT and size >= NUMBER_COPIES * period
    return heard < period and long


@inlined
def _offer(words: Words, first: Scalar, start: Scalar, period: Scalar, size: Scalar, end: Scalar, room: _Room) -> None:
    """Take a stretch of `size` words from `start` of the row on as the best, where it is a loop and longer.

    `end` is the number of bytes of the row.
    """
    stop = first + start + size
    last = end if stop == words.ends[room.best[_ROW]] else words.places[stop]
    if size < LEAST_COPIES * period or last - words.places[first + start] <= room.best[_LAST] - room.best[_FIRST]:
        return
    in_code = room.in_code[first + start] or room.in_code[stop - 1]
    if in_code or not _is_loop(words, first + start, period, size, room.sounds):
        return
    room.best[_FIRST], room.best[_LAST], room.best[_COPIES] = words.places[first + start], last, size // period


@inlined
def _offer_short(words: Words, first: Scalar, last: Scalar, end: Scalar, room: _Room) -> None:
    """Offer the stretches of period one and two."""
    hashes = words.hashes
    single = double = 0  # words running that stood one and two words before
    for i in range(first + 1, last + 1):
        if i < last and hashes[i] == hashes[i - 1]:
            single += 1
        elif single:
            if single >= LEAST_COPIES - 1:
                _offer(words, first, i - single - 1 - first, 1, single + 1, end, room)
            single = 0
        if i < last and i > first + 1 and hashes[i] == hashes[i - 2]:
            double += 1
        elif double:
            start = i - double - 2
            if double >= 2 * (LEAST_COPIES - 1) and hashes[start] != hashes[start + 1]:
                _offer(words, first, start - first, 2, double + 2, end, room)
            double = 0


@inlined
def _offer_linked(words: Words, first: Scalar, n_windows: Scalar, size: Scalar, end: Scalar, room: _Room) -> None:
    """Offer the stretches in which window after window, of `size` words, stood the same number of words earlier."""
    before = room.before
    run, period = 0, np.int64(0)
    for i in range(n_windows + 1):
        back = np.int64(before[i]) if i < n_windows else np.int64(0)
        if back == period:
            run += 1
            continue
        if period and run - 1 + size >= (LEAST_COPIES - 1) * period:
            _offer(words, first, i - run - period, period, run - 1 + size + period, end, room)
        run, period = 1, back


@inlined
def _loops_and_windows(words: Words, first: Scalar, last: Scalar, longest: Scalar, end: Scalar, room: _Room) -> Scalar:
    """Enter the best loop in the room; how many windows stood before in the row.

    `longest` words in a row are known from before: where these are fewer than a window has, none repeats.
    """
    _offer_short(words, first, last, end, room)
    if longest + _OPENING < WINDOW or last - first < WINDOW:
        return 0
    n_windows, size = _roll(words.hashes, first, last, room.windows), WINDOW
    found, running = _link(room.windows, n_windows, room.keys, room.values, room.before)
    if found:
        _offer_linked(words, first, n_windows, size, end, room)
    while running > size:  # else no window of twice the size stands twice
        n_windows -= size
        for i in range(n_windows):
            room.windows[i] = _mixed(room.windows[i]) * _BASE + room.windows[i + size]
        size *= 2
        _, running = _link(room.windows, n_windows, room.keys, room.values, room.before)
        _offer_linked(words, first, n_windows, size, end, room)
    return found


@inlined
def _size(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    n = 0
    for i in range(start, end):
        n += data[i] & 0xC0 != 0x80
    return n


@inlined
def _find_row(
    texts: TextRows, words: Words, first: Scalar, last: Scalar, row: Scalar, longest: Scalar, room: _Room, found: Loops
) -> None:
    """Enter the best loop of a row."""
    start, end = texts.starts[row], texts.ends[row]
    room.best[_FIRST] = room.best[_LAST] = room.best[_COPIES] = 0
    room.best[_ROW] = row
    windows = _loops_and_windows(words, first, last, longest, end - start, room)
    found.windows[row] = windows / max(1, last - first - WINDOW + 1)
    if room.best[_COPIES]:
        looped = _size(texts.data, start + room.best[_FIRST], start + room.best[_LAST])
        found.share[row] = looped / words.counts[row, CHARACTERS]
        found.copies[row] = room.best[_COPIES]


@compiled
def _find_rows(texts: TextRows, words: Words, repeated: Numbers, room: _Room, found: Loops) -> None:
    """Fill `found`."""
    first = np.int64(0)
    for row in range(len(texts.starts)):
        last = words.ends[row]
        if repeated[row] >= LEAST_COPIES - 1:  # else nothing stands three times in a row, and no window twice
            _find_row(texts, words, first, last, row, repeated[row], room, found)
        first = last

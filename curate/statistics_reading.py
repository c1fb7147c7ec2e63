"""The kernel of `statistics_words.py`: words, lines and counts of characters from the bytes, in one pass.

ASCII letters and digits are taken eight at a time, runs of ideographs without a look at a table: of 6 bytes of English
or 3 of Chinese, the rest of the loop sees one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.codepoints import ALONE, MARK, WORD
from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_tables import (
    ALONE_CJK,
    BREAK,
    CHARACTERS,
    CJKS,
    CLASS,
    CLASS_AT,
    DEBRIS,
    DIGIT,
    DOT,
    FOLDED_AT,
    HAS_LETTER,
    KIND,
    LETTER,
    N_CLASSES,
    NEW_LINE,
    NEW_SENTENCE,
    OTHER,
    SEEN,
    SLASHES,
    SPACE,
    STOP,
    STOPS,
    SUSPECT,
    TABLE_END,
    Tables,
    Words,
)
from tunesmith.curate.tokens import Bytes, Entries, Hashes, TextRows

Numbers = npt.NDArray[np.int32]

# The hash of tokens.py in short: here it meets only hashes of its own kind.
_START, _MULTIPLIER = np.uint64(0x9C6D1E5AF2B84D37), np.uint64(0xD1342543DE82EF95)
_SHIFT = np.uint64(32)
# Eight bytes at once, as one number; what holds of a byte stands in its highest bit.
_ONE, _ONES, _HIGHEST, _SMALL = (np.uint64(n) for n in (1, 0x0101010101010101, 0x8080808080808080, 0x2020202020202020))
_TWO, _TO_ONE, _TO_LAST = np.uint64(2), np.uint64(7), np.uint64(56)
_NOT_UTF8 = (0xFFFD, 1)
_HAN = LETTER << CLASS_AT | ALONE_CJK | ALONE
_BEYOND = 0x40000
_SUSPECT_HAN = (np.uint64(0x951F), np.uint64(0x70EB), np.uint64(0x5C6F))  # 锟, 烫, 屯
_FIRST_HAN, _SIX, _TWELVE = np.uint64(0x4E00), np.uint64(6), np.uint64(12)


@inlined
def _mixed(word: Scalar) -> Scalar:
    return (word ^ (word >> _SHIFT)) * _MULTIPLIER


@inlined
def _decoded(data: Bytes, place: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """Code point and length of the sequence at `place`, a byte above 0x7F; U+FFFD and 1 where it is not valid."""
    lead = np.int64(data[place])
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or place + length > end:
        return _NOT_UTF8
    code = lead & (0x7F >> length)
    for i in range(place + 1, place + length):
        if data[i] & 0xC0 != 0x80:
            return _NOT_UTF8
        code = code << 6 | np.int64(data[i] & 0x3F)
    least = 0x80 if length == 2 else 0x800 if length == 3 else 0x10000
    if code < least or code >> 11 == 0x1B or code > 0x10FFFF:  # overlong, a surrogate, beyond Unicode
        return _NOT_UTF8
    return code, length


@inlined
def _entry(code: Scalar, table: Entries) -> Scalar:
    if code < TABLE_END:
        return np.int64(table[code])
    return (code << FOLDED_AT | _HAN) if code < _BEYOND else OTHER  # beyond Han nothing is a letter


@inlined
def _may_follow(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """Whether nothing, white space, a closing sign or what is not ASCII stands at `place`."""
    return place >= end or data[place] <= 0x20 or data[place] >= 0x80 or data[place] in (0x22, 0x27, 0x29, 0x2A)


@inlined
def _write(
    word: Scalar, begin: Scalar, flags: Scalar, n_words: Scalar, hashes: Hashes, places: Numbers, all_flags: Bytes
) -> Scalar:
    """Write a word; how many there are then."""
    at = np.uint64(n_words)
    hashes[at] = _mixed(word)
    places[at] = begin
    all_flags[at] = flags
    return n_words + 1


@inlined
def _from(eight: Scalar, byte: Scalar) -> Scalar:
    """Of which of eight bytes of ASCII it holds that they are `byte` or more, in the highest bit of each."""
    return eight + np.uint64(0x80 - byte) * _ONES


@inlined
def _set_bits(eight: Scalar) -> Scalar:
    """How many of the highest bits are set, where no others are."""
    return np.int64((eight >> _TO_ONE) * _ONES >> _TO_LAST)


@inlined
def _eight(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """The next eight bytes as one number, as many zeros as there are fewer."""
    eight = np.uint64(0)
    if place + 8 <= end:
        for i in range(8):  # the compiler makes one load of it
            eight |= np.uint64(data[np.uint64(place) + np.uint64(i)]) << np.uint64(8 * i)
        return eight
    for i in range(end - place):
        eight |= np.uint64(data[place + i]) << np.uint64(8 * i)
    return eight


@inlined
def _ascii_part(data: Bytes, place: Scalar, end: Scalar, word: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """Take the ASCII letters and digits at `place`, which are folded by one bit: the word, the place after them, and
    how many digits there are."""
    digits = 0
    while place < end:
        eight = _eight(data, place, end)
        ascii = ~eight & _HIGHEST
        folded = (eight | _SMALL) & ~_HIGHEST
        digit = _from(folded, 0x30) & ~_from(folded, 0x3A) & (eight << _TWO) & ascii  # and no control
        letter = _from(folded, 0x61) & ~_from(folded, 0x7B) & ascii
        beyond = ~(letter | digit) & _HIGHEST
        if beyond == 0:
            word = (word ^ folded) * _MULTIPLIER
            digits += _set_bits(digit)
            place += 8
            continue
        below = (beyond & (~beyond + _ONE)) - _ONE  # all bits before the first byte that is neither
        mask = below >> _TO_ONE
        n = np.int64((below & _ONES) * _ONES >> _TO_LAST) - 1
        if n:
            word = (word ^ (folded & mask)) * _MULTIPLIER
            digits += _set_bits(digit & mask)
        return word, place + n, digits
    return word, place, digits


@inlined
def _han_run(
    data: Bytes, start: Scalar, place: Scalar, end: Scalar, at: Scalar, hashes: Hashes, places: Numbers, flags: Bytes
) -> tuple[Scalar, Scalar]:
    """Write the ideographs from `place` on, as words from number `at` on; the number after them, the row's marks."""
    marks = 0
    at, here, last = np.uint64(at), np.uint64(place), np.uint64(end)
    while here + _TWO < last:
        lead, second, third = data[here], data[here + _ONE], data[here + _TWO]
        if not (0xE4 <= lead <= 0xE9 and second & 0xC0 == 0x80 and third & 0xC0 == 0x80):
            break
        code = (np.uint64(lead & 0xF) << _TWELVE) | (np.uint64(second & 0x3F) << _SIX) | np.uint64(third & 0x3F)
        if code < _FIRST_HAN:
            break
        word = (_START ^ code) * _MULTIPLIER
        hashes[at], places[at], flags[at] = _mixed(word), np.int64(here) - start, HAS_LETTER
        marks |= code == _SUSPECT_HAN[0] or code == _SUSPECT_HAN[1] or code == _SUSPECT_HAN[2]
        at += _ONE
        here += np.uint64(3)
    return np.int64(at), DEBRIS * marks


@inlined
def _noted(
    kind: Scalar, data: Bytes, place: Scalar, start: Scalar, end: Scalar, pending: Scalar, marks: Scalar
) -> tuple[Scalar, Scalar]:
    """What the word after a separator of ASCII opens, and the marks of the row; `place` is after it."""
    if kind & BREAK:
        return pending | NEW_LINE | NEW_SENTENCE, marks
    if kind & STOP or (kind & DOT and _may_follow(data, place, end)):
        return pending | NEW_SENTENCE, marks
    if kind & DOT and place - start > 3 and data[place - 2] == data[place - 3] == data[place - 4] == 0x77:  # www.
        return pending, marks | SLASHES
    return pending, marks


@inlined
def _read_row(
    data: Bytes, start: Scalar, end: Scalar, tables: Tables, n_words: Scalar, n_lines: Scalar, n: Numbers, found: Words
) -> tuple[Scalar, Scalar]:
    """Append the words and lines of one row, and count its characters in `n`; the numbers of words and lines then.

    One long loop, because each part reads and writes what the others hold in registers.
    """
    hashes, places, flags = found.hashes, found.places, found.flags
    word = _START  # the hash of the open word; `_START` where none is open
    begin = place = start
    marks: Scalar = 0
    has: Scalar = 0  # whether a letter is in the open word
    n_ascii = n_digits = n_spaces = n_han = 0
    pending: Scalar = NEW_LINE | NEW_SENTENCE
    found.line_starts[n_lines], found.line_words[n_lines] = 0, n_words
    n_lines += 1
    while place < end:
        byte = data[np.uint64(place)]
        if tables.letters[byte]:
            if word == _START:
                begin, has = place, 0
            first = place
            word, place, digits = _ascii_part(data, place, end, word)
            has |= place - first > digits
            n_ascii += place - first
            n_digits += digits
            if place < end and data[np.uint64(place)] == 0x20:  # most words end so, and nothing else happens then
                n_words = _write(word, begin - start, pending | has, n_words, hashes, places, flags)
                word, pending = _START, 0
                n_spaces += 1
                place += 1
            continue
        if 0xE4 <= byte <= 0xE9:
            first = n_words + (word != _START)
            after, odd = _han_run(data, start, place, end, first, hashes, places, flags)
            if after > first:
                if word != _START:
                    _write(word, begin - start, pending | has, n_words, hashes, places, flags)
                    word, pending = _START, 0
                flags[first] |= pending
                pending, marks = 0, marks | odd
                n_han += after - first
                place += 3 * (after - first)
                n_words = after
                continue
        length, entry = 1, np.int64(0)
        if byte >= 0x80:
            code, length = _decoded(data, place, end)
            entry = _entry(code, tables.entries)
            kind = entry & KIND
            if kind == WORD or (kind == MARK and word != _START):
                if word == _START:
                    begin, has = place, 0
                word = (word ^ np.uint64(entry >> FOLDED_AT)) * _MULTIPLIER
                has |= entry >> CLASS_AT & CLASS == LETTER
                n[entry >> CLASS_AT & CLASS] += 1
                marks |= DEBRIS * (entry & SUSPECT != 0)
                place += length
                continue
        if word != _START:
            n_words = _write(word, begin - start, pending | has, n_words, hashes, places, flags)
            word, pending = _START, 0
        if entry & KIND == ALONE:
            alone = (_START ^ np.uint64(entry >> FOLDED_AT)) * _MULTIPLIER
            n_words = _write(alone, place - start, pending | HAS_LETTER, n_words, hashes, places, flags)
            pending = 0
        place += length
        if byte == 0x20:
            n_spaces += 1
        elif byte < 0x80:
            kind = np.int64(tables.separators[byte])
            n[kind & CLASS] += 1
            pending, marks = _noted(kind, data, place, start, end, pending, marks | np.int64(tables.seen[byte]))
            if kind & BREAK:
                found.line_starts[n_lines], found.line_words[n_lines] = place - start, n_words
                n_lines += 1
        else:
            n[entry >> CLASS_AT & CLASS] += 1
            n[CJKS] += entry & ALONE_CJK != 0
            pending |= NEW_SENTENCE * (entry & STOPS != 0)
            marks |= DEBRIS * (entry & SUSPECT != 0)
    if word != _START:
        n_words = _write(word, begin - start, pending | has, n_words, hashes, places, flags)
    n[SEEN] = marks
    n[LETTER] += n_ascii - n_digits + n_han
    n[DIGIT] += n_digits
    n[SPACE] += n_spaces
    n[CJKS] += n_han
    return n_words, n_lines


@compiled
def read_rows(texts: TextRows, tables: Tables, found: Words) -> None:
    """Fill `found`."""
    n_words = n_lines = 0
    for row in range(len(texts.starts)):
        start, end, n = texts.starts[row], texts.ends[row], found.counts[row]
        n_words, n_lines = _read_row(texts.data, start, end, tables, n_words, n_lines, n, found)
        found.ends[row], found.line_ends[row] = n_words, n_lines
        for i in range(N_CLASSES):
            n[CHARACTERS] += n[i]

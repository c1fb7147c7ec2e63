"""How many characters of which script a text has, for many texts at once, from the UTF-8 bytes of an Arrow column.

>>> counts = count_characters(TextRows.of(pa.array([" 发烧 a fever "])))
>>> counts[0, [CHARACTERS, LEADING, HANS, RUNS]].tolist()
[12, 1, 2, 2]

The scripts are those of `signals.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.normal_tables import (
    CJK,
    HAN,
    HANGUL,
    KANA,
    KIND,
    LATIN,
    LETTER,
    SPACE,
    TABLE_END,
    normal_tables,
)
from tunesmith.curate.tokens import Bytes, Entries, TextRows

#: Columns of the counts. `LEADING` and `TRAILING` are white space, `RUNS` runs of Latin letters, `ALPHABETICS` letters
#: of any script, `CJKS` what stands for a word by itself.
CHARACTERS, LEADING, TRAILING, ASCIIS, LATINS, RUNS, ALPHABETICS, HANS, KANAS, HANGULS, CJKS = range(11)
N_COUNTS = 11

Counts = npt.NDArray[np.int32]

# Eight bytes of ASCII at once, as one number: a bit for each byte, its highest, says whether something holds of it.
_ONES, _HIGHEST = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_A_BYTE, _TO_ONE, _TO_LAST = np.uint64(8), np.uint64(7), np.uint64(56)


def count_characters(texts: TextRows) -> Counts:
    """The counts of each text, int32, shape `(n_texts, N_COUNTS)`; those of a null are 0."""
    counts = np.zeros((len(texts.starts), N_COUNTS), np.int32)
    _count_texts(texts, normal_tables().entries, counts)
    return counts


@inlined
def _character(data: Bytes, place: Scalar, end: Scalar, entries: Entries) -> tuple[Scalar, Scalar]:
    """The table's entry and the length of the character at `place`; no byte after `end` is read."""
    lead = np.int64(data[place])
    if lead < 0x80:
        return np.int64(entries[lead]), 1
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & (0x7F >> length)
    for i in range(place + 1, min(place + length, end)):
        code = code << 6 | np.int64(data[i] & 0x3F)
    if code < TABLE_END:
        return np.int64(entries[code]), length
    return HAN | CJK if code < 0x40000 else 0, length  # beyond Han there are no letters


@inlined
def _leading(data: Bytes, start: Scalar, end: Scalar, entries: Entries) -> Scalar:
    """Characters of white space before any other."""
    found = 0
    while start < end:
        entry, length = _character(data, start, end, entries)
        if entry & KIND != SPACE:
            break
        start += length
        found += 1
    return found


@inlined
def _trailing(data: Bytes, start: Scalar, end: Scalar, entries: Entries) -> Scalar:
    """Characters of white space after any other."""
    found = 0
    while start < end:
        last = end - 1
        while last > start and data[last] & 0xC0 == 0x80:
            last -= 1
        entry, _ = _character(data, last, end, entries)
        if entry & KIND != SPACE:
            break
        end = last
        found += 1
    return found


@inlined
def _from(eight: Scalar, byte: Scalar) -> Scalar:
    """Of which of eight bytes of ASCII it holds that they are `byte` or more, in the highest bit of each."""
    return eight + np.uint64(0x80 - byte) * _ONES


@inlined
def _set_bits(eight: Scalar) -> Scalar:
    """How many of the highest bits are set, where no others are."""
    return np.int64((eight >> _TO_ONE) * _ONES >> _TO_LAST)


@inlined
def _count_eight(data: Bytes, place: Scalar, before: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """Latin letters and starts of runs among eight bytes, and whether the last is one; -1 where not all are ASCII."""
    eight = np.uint64(0)
    for i in range(8):  # the compiler makes one load of it
        eight |= np.uint64(data[np.uint64(place) + np.uint64(i)]) << np.uint64(8 * i)
    if eight & _HIGHEST:
        return -1, 0, 0
    eight |= np.uint64(0x20) * _ONES
    latin = _from(eight, 0x61) & ~_from(eight, 0x7B) & _HIGHEST
    after = latin << _A_BYTE | np.uint64(before) << _TO_ONE
    return _set_bits(latin), _set_bits(latin & ~after), np.int64(latin >> _TO_LAST + _TO_ONE)


@inlined
def _count(data: Bytes, place: Scalar, end: Scalar, entries: Entries, n: Counts) -> None:
    """Add to the counts of one text, all but the outer white space."""
    before: Scalar = 0  # whether a Latin letter came before
    tried = place  # up to where eight bytes were tried in vain
    while place < end:
        if data[place] < 0x80 and tried <= place <= end - 8:
            latins, runs, last = _count_eight(data, place, before)
            if latins >= 0:
                n[CHARACTERS] += 8
                n[ASCIIS] += 8
                n[LATINS] += latins
                n[ALPHABETICS] += latins
                n[RUNS] += runs
                before = last
                place += 8
                continue
            tried = place + 8
        entry, length = _character(data, place, end, entries)
        latin = np.int64(entry & LATIN != 0)
        n[CHARACTERS] += 1
        n[ASCIIS] += length == 1
        n[LATINS] += latin
        n[RUNS] += latin & (1 - before)
        n[ALPHABETICS] += entry & LETTER != 0
        n[HANS] += entry & HAN != 0
        n[KANAS] += entry & KANA != 0
        n[HANGULS] += entry & HANGUL != 0
        n[CJKS] += entry & CJK != 0
        before = latin
        place += length
        if length > 1:
            tried = place


@compiled
def _count_texts(texts: TextRows, entries: Entries, counts: Counts) -> None:
    """Fill `counts`."""
    for i in range(len(texts.starts)):
        start, end = texts.starts[i], texts.ends[i]
        _count(texts.data, start, end, entries, counts[i])
        counts[i, LEADING] = _leading(texts.data, start, end, entries)
        counts[i, TRAILING] = _trailing(texts.data, start, end, entries)

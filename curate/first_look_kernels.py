"""The kernel of the first look: one pass over the bytes of each text, with a bit for every kind of sign.

The signs of private data are those of `privacy_signs.py`, those of cleaners what their own quick looks ask; each is as
wide or wider.
"""

from __future__ import annotations

import string

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.first_look import CONTROL, END, MOJIBAKE, PRIVATE, SPACE
from tunesmith.curate.tokens import Bytes, Places

# Classes of bytes: most letters are passed over after one look at their class, for a text is mostly letters.
_OTHER, _DIGIT, _LOWER, _UPPER, _BETWEEN, _HIGH = range(6)
_LONG_NUMBER, _LONG_WORD, _MOST_HEX, _MOST_WORDS = 7, 15, 4, 4
_DIGITS, _LOWERS, _UPPERS = string.digits.encode(), string.ascii_lowercase.encode(), string.ascii_uppercase.encode()


def _classes(*classes: tuple[int, bytes]) -> npt.NDArray[np.uint8]:
    """The class of every byte; a later one goes before an earlier one, and 0 stands for all that are in none."""
    found = np.zeros(256, np.uint8)
    for name, signs in classes:
        found[list(signs)] = name
    return found


_CLASSES = _classes(
    (_HIGH, bytes(range(0x80, 0x100))),
    (_BETWEEN, b" -.()/" + "（）\u00a0\u2010\u2011\u2012\u2013\u2014\u2015".encode()),
    (_DIGIT, _DIGITS),
    (_LOWER, _LOWERS),
    (_UPPER, _UPPERS),
)
#: Classes of what stretches of signs are made of: signs around a key, and of a key hyphens, letters, and what mixes.
_AROUND, _HYPHEN, _SMALL, _CAPITAL, _MIXING = range(1, 6)
_KEYS = _classes(
    (_AROUND, b".+/=:~"), (_HYPHEN, b"-"), (_SMALL, _LOWERS), (_CAPITAL, _UPPERS), (_MIXING, _DIGITS + b"_")
)
#: Bytes that the layout is told by: white space, control characters, and first bytes of rare characters.
_NOTABLE = np.zeros(256, np.bool_)
_NOTABLE[[*range(33), 127, 0xC2, 0xC3, 0xE1, 0xE2, 0xE3, 0xE9, 0xEF, 0xF3]] = True
#: What a kind of street begins with, as numbers of two letters.
_STREETS = np.zeros(65536, np.bool_)
for _start in b"St Av Ro Rd La Ln Bo Bl Cr Te Dr Pa Me Cl Wa Co Ct Pl Sq Ga Gr Hi Ci".split():
    _STREETS[_start[0] * 256 + _start[1]] = True


@compiled
def mark_texts(data: Bytes, starts: Places, ends: Places) -> npt.NDArray[np.uint8]:
    """The signs of each text, shape `(n_texts,)`; any bytes may come."""
    found = np.zeros(len(starts), np.uint8)
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        if start < end:
            found[row] = _mark_edges(data, start, end) | _mark_layout(data, start, end)
            found[row] |= _mark_numbers(data, start, end)
            if not found[row] & PRIVATE:
                found[row] |= _mark_keys(data, start, end)
    return found


@inlined
def _mark_edges(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """White space at both ends, and what ends the text before that."""
    marks = 0
    last = data[end - 1]
    if data[start] == 10 or last == 32 or last == 9 or (last == 10 and end - start > 1 and data[end - 2] == 10):
        marks |= SPACE
    place = end - 1
    while place > start and (data[place] == 32 or data[place] < 14 or 28 <= data[place] < 32):
        place -= 1
    if data[place] == 62 or data[place] == 93:  # > ]
        marks |= END
    return marks


@inlined
def _mark_layout(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """White space to be tidied, and rare characters."""
    marks = 0
    for i in range(start, end):
        byte = data[i]
        if not _NOTABLE[byte]:
            continue
        if byte == 32:
            if i + 1 < end and (data[i + 1] == 32 or data[i + 1] == 10):
                marks |= SPACE
        elif byte == 10 or byte == 9:
            marks |= _mark_line_end(data, i, end)
        else:
            marks |= _mark_rare(data, i, end)
    return marks


@inlined
def _mark_numbers(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """Seven digits with nothing but signs between them, 1.2.3.4, numbers of houses; addresses with colons or an @."""
    digits = dots = colons = 0
    colon = -1
    for i in range(start, end):
        byte, kind = data[i], _CLASSES[data[i]]
        if kind in (_LOWER, _HIGH):
            digits = dots = 0
        elif kind == _DIGIT:
            digits += 1
            if digits >= _LONG_NUMBER or dots >= 3 or _is_door(data, i + 1, end):
                return PRIVATE
        else:
            if kind != _BETWEEN:
                digits = 0
            dots = dots + 1 if byte == 46 and i > start and _CLASSES[data[i - 1]] == _DIGIT else 0
            if byte == 58:
                colons = colons + 1 if colon >= 0 and _are_hex(data, colon + 1, i) else 1
                if colons >= 3 or (colons == 2 and colon == i - 1):
                    return PRIVATE
                colon = i
            elif byte == 64 or _is_key(data, i, end):
                return PRIVATE
    return 0


@inlined
def _are_hex(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """Whether up to four digits or letters of hexadecimal numbers stand there, and nothing else."""
    if end - start > _MOST_HEX:
        return False
    for i in range(start, end):  # noqa: SIM110 (no generators in kernels)
        if _CLASSES[data[i]] != _DIGIT and not 97 <= (data[i] | 32) <= 102:
            return False
    return True


@inlined
def _is_key(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """The words PRIVATE KEY, by their second one."""
    return data[place] == 75 and place + 2 < end and data[place + 1] == 69 and data[place + 2] == 89


@inlined
def _mark_keys(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """A word of fifteen signs, in a stretch without blanks that has a digit, an underline or a capital inside.

    Each word is looked at from the end of the fifteen: most texts are passed through in leaps.
    """
    place = start
    while place + _LONG_WORD <= end:
        last = place + _LONG_WORD - 1
        while last >= place and _KEYS[data[last]] > _AROUND:
            last -= 1
        if last >= place:
            place = last + 1
            continue
        while place > start and _KEYS[data[place - 1]] != _OTHER:
            place -= 1
        is_mixed = False
        while place < end and _KEYS[data[place]] != _OTHER:
            kind = _KEYS[data[place]]
            inside = place > start and _KEYS[data[place - 1]] == _SMALL
            is_mixed = is_mixed or kind == _MIXING or (kind == _CAPITAL and inside)
            place += 1
        if is_mixed:
            return PRIVATE
    return 0


@inlined
def _mark_line_end(data: Bytes, i: Scalar, end: Scalar) -> Scalar:
    """A tab before a line's end, or four line ends in a row."""
    if data[i] == 9:
        return SPACE if i + 1 < end and data[i + 1] == 10 else 0
    if i + 3 < end and data[i + 1] == 10 and data[i + 2] == 10 and data[i + 3] == 10:
        return SPACE
    return 0


@inlined
def _mark_rare(data: Bytes, i: Scalar, end: Scalar) -> Scalar:
    """Control characters, and those of several bytes that some cleaner or detector asks for."""
    byte = data[i]
    if byte < 0x80:
        return CONTROL
    second = data[i + 1] if i + 1 < end else 0
    third = data[i + 2] if i + 2 < end else 0
    if byte == 0xC2:
        return CONTROL if second <= 0xA0 or second == 0xAD else 0
    if byte == 0xC3:
        return MOJIBAKE
    if byte == 0xE1:  # the spaces of Ogham and Mongolian
        return CONTROL if (second == 0x9A and third == 0x80) or (second == 0xA0 and third == 0x8E) else 0
    if byte == 0xE2:
        if second == 0x80:  # U+2000 to U+200F, U+2028 to U+202F
            return CONTROL if third <= 0x8F or 0xA8 <= third <= 0xAF else 0
        return CONTROL if second == 0x81 and 0x9F <= third <= 0xAF else 0
    if byte == 0xE3:  # the ideographic space
        return CONTROL if second == 0x80 and third == 0x80 else 0
    if byte == 0xE9:  # 锛 銆 鐨 鍦 鈥
        pair = np.int64(second) * 256 + np.int64(third)
        is_sign = pair == 0x949B or pair == 0x8A86 or pair == 0x90A8 or pair == 0x8DA6 or pair == 0x88A5
        return MOJIBAKE if is_sign else 0
    if byte == 0xEF:
        return _mark_wide(second, third)
    return CONTROL if byte == 0xF3 and second == 0xA0 else 0  # tags


@inlined
def _mark_wide(second: Scalar, third: Scalar) -> Scalar:
    """The byte order mark, annotations, and full-width letters, digits and signs, which numbers may be written in."""
    if (second == 0xBB and third == 0xBF) or (second == 0xBF and 0xB9 <= third <= 0xBB):
        return CONTROL
    if second == 0xBC and (third == 0x8B or third == 0x8D or third == 0x8E):
        return PRIVATE
    if second == 0xBC and (0x90 <= third <= 0x99 or 0xA0 <= third <= 0xBA):
        return PRIVATE
    return PRIVATE if second == 0xBD and third <= 0x9A else 0


@inlined
def _is_door(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """Whether what follows a digit could be behind the number of a house: 号, King Street, B-7 High Road."""
    if _is_chinese_door(data, place, end):
        return True
    if place < end and (_CLASSES[data[place]] == _LOWER or _CLASSES[data[place]] == _UPPER):
        place += 1
    if place < end and data[place] == 45:
        place += 1
    elif place + 2 < end and data[place] == 0xE2 and data[place + 1] == 0x80 and data[place + 2] == 0x93:
        place += 3
    while place < end and _CLASSES[data[place]] == _DIGIT:
        place += 1
    return place < end and data[place] == 32 and _leads_to_street(data, place + 1, end)


@inlined
def _leads_to_street(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """Whether up to four words in capitals or digits lead to what a kind of street begins with."""
    for _ in range(_MOST_WORDS):
        if place >= end or (_CLASSES[data[place]] != _UPPER and _CLASSES[data[place]] != _DIGIT):
            return False
        while place < end and _is_of_word(data[place]):
            place += 1
        if place + 2 >= end or data[place] != 32:
            return False
        place += 1
        if _STREETS[np.int64(data[place]) * 256 + np.int64(data[place + 1])]:
            return True
    return False


@inlined
def _is_of_word(byte: Scalar) -> Scalar:
    """A letter, a digit or a sign of names; any byte of a character beyond ASCII may be one."""
    return byte >= 0x80 or (_KEYS[byte] >= _SMALL) or byte == 46 or byte == 39


@inlined
def _is_chinese_door(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """号 弄 栋 幢 座, with or without a space before."""
    if place < end and data[place] == 32:
        place += 1
    if place + 2 >= end:
        return False
    first, pair = data[place], np.int64(data[place + 1]) * 256 + np.int64(data[place + 2])
    if first == 0xE5:
        return pair == 0x8FB7 or pair == 0xBC84 or pair == 0xB9A2 or pair == 0xBAA7
    return first == 0xE6 and pair == 0xA08B

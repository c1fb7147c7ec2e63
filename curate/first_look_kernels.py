"""The kernel of the first look: one pass over the bytes of each text, with a bit for every kind of sign.

The signs of private data are those of `privacy_signs.py`, those of cleaners what their own quick looks ask; each is as
wide or wider.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.first_look import CONTROL, END, MOJIBAKE, PRIVATE, SPACE
from tunesmith.curate.tokens import Bytes, Places

# Classes of bytes, by which runs and pairs are told.
_OTHER, _DIGIT, _LOWER, _UPPER, _KEY_SIGN, _BETWEEN = range(6)
_LONG_NUMBER, _LONG_WORD, _MOST_HEX = 7, 15, 4


def _classes() -> npt.NDArray[np.uint8]:
    classes = np.full(256, _OTHER, np.uint8)
    for signs, name in (
        (b" -.()/" + "（）\u00a0\u2010\u2011\u2012\u2013\u2014\u2015".encode(), _BETWEEN),
        (b"_", _KEY_SIGN),
        (bytes(range(ord("0"), ord("9") + 1)), _DIGIT),
        (bytes(range(ord("a"), ord("z") + 1)), _LOWER),
        (bytes(range(ord("A"), ord("Z") + 1)), _UPPER),
    ):
        classes[list(signs)] = name
    return classes


_CLASSES = _classes()
#: What a kind of street begins with, as numbers of two letters.
_STREETS = np.zeros(65536, np.bool_)
for _start in b"St Av Ro Rd La Ln Bo Bl Cr Te Dr Pa Me Cl Wa Co Ct Pl Sq Ga Gr Hi Ci".split():
    _STREETS[_start[0] * 256 + _start[1]] = True


#: Pairs of classes that stand inside of keys rather than of words.
_MIXED = np.zeros((6, 6), np.bool_)
for _one, _other in (
    *((_letter, _DIGIT) for _letter in (_LOWER, _UPPER)),
    *((_before, _letter) for _before in (_DIGIT, _KEY_SIGN) for _letter in (_LOWER, _UPPER)),
    (_LOWER, _UPPER),
):
    _MIXED[_one, _other] = True


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
        if byte == 32:
            if i + 1 < end and (data[i + 1] == 32 or data[i + 1] == 10):
                marks |= SPACE
        elif byte == 10 or byte == 9:
            marks |= _mark_line_end(data, i, end)
        elif byte < 32 or byte == 127 or byte >= 0xC2:
            marks |= _mark_rare(data, i, end)
    return marks


@inlined
def _mark_numbers(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """Seven digits with nothing but signs between them, 1.2.3.4, numbers of houses; addresses with colons or an @."""
    digits = dots = colons = 0
    hexes = _MOST_HEX + 1  # letters and digits since the last colon
    has_door = has_street = False
    for i in range(start, end):
        byte, kind = data[i], _CLASSES[data[i]]
        if kind == _DIGIT:
            digits += 1
            hexes += 1
            if digits >= _LONG_NUMBER or dots >= 3 or _is_chinese_door(data, i + 1, end):
                return PRIVATE
            has_door = has_door or _may_be_door(data, i + 1, end)
            continue
        if kind != _BETWEEN:
            digits = 0
        dots = dots + 1 if byte == 46 and i > start and _CLASSES[data[i - 1]] == _DIGIT else 0
        if byte == 58:
            colons = colons + 1 if hexes <= _MOST_HEX else 1
            if colons >= 3 or (colons == 2 and hexes == 0):
                return PRIVATE
            hexes = 0
        elif byte == 32:
            hexes = _MOST_HEX + 1
            has_street = has_street or _may_be_street(data, i + 1, end)
        elif byte == 64 or _is_key(data, i, end):
            return PRIVATE
        else:
            hexes = hexes + 1 if 97 <= (byte | 32) <= 102 else _MOST_HEX + 1
    return PRIVATE if has_door and has_street else 0


@inlined
def _is_key(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """The words PRIVATE KEY, by their second one."""
    return data[place] == 75 and place + 2 < end and data[place + 1] == 69 and data[place + 2] == 89


@inlined
def _may_be_street(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    return place + 1 < end and _STREETS[np.int64(data[place]) * 256 + np.int64(data[place + 1])]


@inlined
def _mark_keys(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """A word of fifteen signs, with digits, capitals or an underline inside of some word of the text."""
    last, length = _OTHER, 0
    has_word = is_mixed = False
    for i in range(start, end):
        kind = _CLASSES[data[i]]
        if kind == _OTHER or (kind == _BETWEEN and data[i] != 45):
            length = 0
        else:
            length += 1
            has_word = has_word or length >= _LONG_WORD
            is_mixed = is_mixed or _MIXED[last, kind]
        last = kind
    return PRIVATE if has_word and is_mixed else 0


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
def _may_be_door(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """Whether what follows a digit could be behind the number of a house: 12 King…, 5B-7 High…"""
    if place < end and (_CLASSES[data[place]] == _LOWER or _CLASSES[data[place]] == _UPPER):
        place += 1
    if place < end and data[place] == 45:
        place += 1
    elif place + 2 < end and data[place] == 0xE2 and data[place + 1] == 0x80 and data[place + 2] == 0x93:
        place += 3
    while place < end and _CLASSES[data[place]] == _DIGIT:
        place += 1
    if place + 1 >= end or data[place] != 32:
        return False
    return _CLASSES[data[place + 1]] == _UPPER or _CLASSES[data[place + 1]] == _DIGIT


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

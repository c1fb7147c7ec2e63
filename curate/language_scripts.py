"""How much of each script a text holds outside code, and how many of its Latin words are English, from UTF-8 bytes.

>>> counts = count_scripts(TextRows.of(pa.array(["这是 the end of `a b c`"])))
>>> counts[0, [LATIN, HAN, WORDS, ENGLISH]].tolist()
[8, 2, 3, 2]

Code in backticks, tags and addresses are left out: they are in no language. The bytes may be any; what is not UTF-8 is
no letter. The columns are those of `language_tables.py`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.language_tables import (
    ENGLISH,
    ENGLISH_WORD,
    FOREIGN,
    FOREIGN_WORD,
    HAN,
    KIND_AT,
    LAST_SLOT,
    LATIN,
    LETTER,
    LETTERS_OF,
    LONG,
    N_COUNTS,
    OTHER,
    PACKED,
    SIGN,
    SIGNS,
    SLOT_AT,
    SPREAD,
    WORDS,
    Codes,
    Words,
    script_tables,
)
from tunesmith.curate.tokens import Bytes, TextRows

Counts = npt.NDArray[np.int32]

_NOBODY, _ONE, _A_BYTE, _LAST = (np.uint64(number) for number in (0, 1, 8, LAST_SLOT))
_SPACES = np.uint64(0x20202020202020)  # the bit that folds a letter to lower case, in each byte
_LONGEST_TAG = 200


def count_scripts(texts: TextRows) -> Counts:
    """The counts of each text, int32, shape `(n_texts, N_COUNTS)`."""
    counts = np.zeros((len(texts.starts), N_COUNTS), np.int32)
    _count_texts(texts, *script_tables(), counts)
    return counts


@inlined
def _kind_of(packed: Scalar, length: Scalar, words: Words) -> Scalar:
    """Whose word it is, 0 for nobody's. Two capitals may be a key word of SQL, which is in no language."""
    fold = _SPACES & (_ONE << np.uint64(8 * length)) - _ONE
    capitals = ~packed & fold
    packed |= fold
    slot = packed * SPREAD >> SLOT_AT
    if capitals & capitals - _ONE:
        return _NOBODY
    while words[slot]:
        if words[slot] & LETTERS_OF == packed:
            return words[slot] >> KIND_AT
        slot = slot + _ONE & _LAST
    return _NOBODY


@inlined
def _run(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """Where the run of one byte ends."""
    byte = data[place]
    while place < end and data[place] == byte:
        place += 1
    return place


@inlined
def _after_code(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """After the code that a run of backticks opens: up to three or more of them, or on its line up to as many."""
    after = _run(data, place, end)
    is_fence = after - place >= 3
    at = after
    while at < end and (is_fence or data[at] != 0x0A):
        if data[at] != 0x60:
            at += 1
            continue
        closing = at
        at = _run(data, at, end)
        if at - closing >= 3 if is_fence else at - closing == after - place:
            return at
    return end if is_fence else after


@inlined
def _after_tag(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """After a tag such as `<b>`, `</b>`, `<|end|>`, `<3*4=12>`, or after the `<` where it opens none."""
    if place + 1 >= end:
        return place + 1
    first = data[place + 1]
    is_name = 0x61 <= first | 0x20 <= 0x7A or 0x30 <= first <= 0x39
    if not (is_name or first == 0x2F or first == 0x7C or first == 0x21):
        return place + 1
    for at in range(place + 1, min(end, place + _LONGEST_TAG)):
        if data[at] == 0x3E:
            return at + 1
        if data[at] == 0x3C or data[at] == 0x0A:
            break
    return place + 1


@inlined
def _after_skipped(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """After the code, tag, address or LaTeX command that may start here; at least one byte on."""
    byte = data[place]
    if byte == 0x60:
        return _after_code(data, place, end)
    if byte == 0x3C:
        return _after_tag(data, place, end)
    at = place + 1
    if byte == 0x5C:
        while at < end and 0x61 <= data[at] | 0x20 <= 0x7A:
            at += 1
        return at
    if at + 1 < end and data[at] == 0x2F and data[at + 1] == 0x2F:
        while at < end and 0x20 < data[at] < 0x80:
            at += 1
    return at


@inlined
def _decoded(data: Bytes, place: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """Code point and length of the sequence at `place`, above 0x7F; U+FFFD and 1 where it is none."""
    lead = np.int64(data[place])
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or place + length > end:
        return 0xFFFD, 1
    code = lead & (0x7F >> length)
    for at in range(place + 1, place + length):
        if data[at] & 0xC0 != 0x80:
            return 0xFFFD, 1
        code = code << 6 | np.int64(data[at] & 0x3F)
    return code, length


@inlined
def _script_of(code: Scalar, scripts: Codes) -> Scalar:
    """The number of the script of a code point + 1, 0 for no letter."""
    if code < 0x10000:
        return np.int64(scripts[code])
    return HAN + 1 if 0x20000 <= code < 0x40000 else 0


@inlined
def _count(data: Bytes, place: Scalar, end: Scalar, scripts: Codes, classes: Codes, words: Words, n: Counts) -> None:
    """Add to the counts of one text."""
    packed, start = np.uint64(0), place  # of the open word
    latins = n_words = english = foreign = signs = 0
    while place < end:
        byte = data[place]
        kind = classes[byte]
        if kind == LETTER:
            packed = packed << _A_BYTE | np.uint64(byte)
            place += 1
            continue
        length = place - start
        latins += length
        n_words += length > 1
        if 1 < length <= PACKED:
            whose = _kind_of(packed, length, words)
            english += whose == ENGLISH_WORD
            foreign += whose == FOREIGN_WORD
        if kind == OTHER:
            place += 1
        elif kind == SIGN:
            signs += 1
            place += 1
        elif kind == LONG:
            code, size = _decoded(data, place, end)
            script = _script_of(code, scripts)
            if script:
                n[script - 1] += 1
            place += size
        else:
            place = _after_skipped(data, place, end)
        packed, start = np.uint64(0), place
    length = place - start
    if 1 < length <= PACKED:
        whose = _kind_of(packed, length, words)
        english += whose == ENGLISH_WORD
        foreign += whose == FOREIGN_WORD
    n[LATIN] += latins + length
    n[WORDS] += n_words + (length > 1)
    n[ENGLISH] += english
    n[FOREIGN] += foreign
    n[SIGNS] += signs


@compiled
def _count_texts(texts: TextRows, scripts: Codes, classes: Codes, words: Words, counts: Counts) -> None:
    """Fill `counts`."""
    for i in range(len(texts.starts)):
        _count(texts.data, texts.starts[i], texts.ends[i], scripts, classes, words, counts[i])

"""The normal forms of many texts at once, straight from the UTF-8 bytes of an Arrow column: no Python object a text.

>>> forms = normal_forms(TextRows.of(pa.array(["What  is ＡＩ?", "Run `Foo()`  NOW"])))
>>> [bytes(forms.data[start:end]).decode() for start, end in zip(forms.starts, forms.ends)]
['what is ai?', 'run `Foo()` now']

`normal_form` in `normalform.py` says what a normal form is. Where the kernel cannot be sure to give the same, it gives
the text up, and says so.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.normal_tables import (
    CJK,
    FORM_ALONE,
    FORM_AT,
    FORM_BYTES,
    FORM_OPEN,
    FORM_TEXT,
    FORM_WORDS,
    GROWTH,
    HARD,
    KIND,
    LOOK,
    SAME,
    SPACE,
    TABLE_END,
    NormalTables,
    normal_tables,
)
from tunesmith.curate.tokens import Bytes, Entries, Places, TextRows

Booleans = npt.NDArray[np.bool_]

_BLANK, _NEWLINE, _TICK, _BRACE, _TILDE = 0x20, 0x0A, 0x60, 0x7B, 0x7E
_GIVEN_UP = -1

# Eight bytes of ASCII at once, as one number: a bit for each byte, its highest, says whether something holds of it.
_ONES, _HIGHEST, _LOWEST = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080), np.uint64(0x80)
_A_BYTE, _TO_CASE, _TO_ONE, _TO_LAST = np.uint64(8), np.uint64(2), np.uint64(7), np.uint64(56)
_FULL = np.uint64(0xFF)


class Forms(NamedTuple):
    """The form of text i is `data[starts[i]:ends[i]]`, of so many `words`; `braces`: the text has {{ outside code.

    Of a text that was given up, `hard`, nothing else means anything.
    """

    data: Bytes
    starts: Places
    ends: Places
    words: npt.NDArray[np.int32]
    braces: Booleans
    hard: Booleans


def normal_forms(texts: TextRows) -> Forms:
    """The normal form of each text; a null has an empty one."""
    n_texts = len(texts.starts)
    room = GROWTH * int((texts.ends - texts.starts).sum()) + GROWTH  # pages that no form reaches cost nothing
    starts, ends = (np.zeros(n_texts, np.int64) for _ in range(2))
    braces, hard = (np.zeros(n_texts, np.bool_) for _ in range(2))
    forms = Forms(np.empty(room, np.uint8), starts, ends, np.zeros(n_texts, np.int32), braces, hard)
    _write_forms(texts, normal_tables(), forms)
    return forms


@inlined
def _entry(entries: Entries, code: Scalar) -> Scalar:
    if code < TABLE_END:
        return np.int64(entries[code])
    if code >= 0x40000:
        return HARD
    return CJK | (HARD if 0x2F800 <= code < 0x2FA20 else SAME)  # Han, with compatibility forms in between


@inlined
def _decoded(data: Bytes, place: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """Code point and length of the sequence at `place`, which Arrow holds for valid; no byte after `end` is read."""
    lead = np.int64(data[place])
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if place + length > end:
        return 0x10FFFF, 1
    code = lead & (0x7F >> length)
    for i in range(place + 1, place + length):
        code = code << 6 | np.int64(data[i] & 0x3F)
    return code, length


@inlined
def _copy(out: Bytes, at: Scalar, data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """Write bytes as they are; the place behind them."""
    for i in range(start, end):
        out[at] = data[i]
        at += 1
    return at


@inlined
def _code_end(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """Where the code ends that starts at this `; `place` itself where it starts none. It is `CODE`, by hand."""
    at = place + 1
    if place + 3 <= end and data[place + 1] == _TICK and data[place + 2] == _TICK:
        run, at = 0, place + 3
        while at < end and run < 3:
            run = run + 1 if data[at] == _TICK else 0
            at += 1
        return at
    while at < end and data[at] != _TICK and data[at] != _NEWLINE:
        at += 1
    return at + 1 if at < end and data[at] == _TICK and at > place + 1 else place


@inlined
def _from(eight: Scalar, byte: Scalar) -> Scalar:
    """Of which of eight bytes of ASCII it holds that they are `byte` or more; the lower bits mean nothing."""
    return eight + np.uint64(0x80 - byte) * _ONES


@inlined
def _fold_eight(
    data: Bytes, place: Scalar, out: Bytes, at: Scalar, solid: Scalar, word: Scalar
) -> tuple[Scalar, Scalar]:
    """Write the form of eight bytes if it has eight too: the words that start there, and whether the last is solid.

    -1 words where one of them takes a closer look. The compiler makes one load and one store of the loops.
    """
    eight = np.uint64(0)
    for i in range(8):
        eight |= np.uint64(data[np.uint64(place) + np.uint64(i)]) << np.uint64(8 * i)
    if eight & _HIGHEST:
        return -1, 0
    blank = (_from(eight, 0x09) & ~_from(eight, 0x0E) | _from(eight, 0x1C) & ~_from(eight, 0x21)) & _HIGHEST
    look = (_from(eight, _BRACE) | _from(eight, _TICK) & ~_from(eight, _TICK + 1)) & _HIGHEST
    after_blank = blank << _A_BYTE
    if look | blank & (after_blank | (np.uint64(0) if solid else _LOWEST)):
        return -1, 0
    upper = _from(eight, 0x41) & ~_from(eight, 0x5B) & _HIGHEST
    blanks = (blank >> _TO_ONE) * _FULL
    eight = (eight | upper >> _TO_CASE) & ~blanks | blanks & np.uint64(_BLANK) * _ONES
    for i in range(8):
        out[np.uint64(at) + np.uint64(i)] = eight >> np.uint64(8 * i) & _FULL
    words = np.int64((after_blank >> _TO_ONE) * _ONES >> _TO_LAST)
    words += word == 0 and blank & _LOWEST == 0
    return words, np.int64(blank >> _TO_LAST == 0)


@inlined
def _fold_wide(
    data: Bytes, place: Scalar, end: Scalar, tables: NormalTables, out: Bytes, at: Scalar, word: Scalar, solid: Scalar
) -> tuple[Scalar, Scalar, Scalar, Scalar, Scalar]:
    """Write the form of one character beyond ASCII: places behind both, words that start, `word` and `solid`."""
    code, length = _decoded(data, place, end)
    entry = _entry(tables.entries, code)
    kind = entry & KIND
    after = place + length
    if kind == SAME:
        alone = np.int64(entry & CJK != 0)
        return after, _copy(out, at, data, place, after), alone | (1 - word), 1 - alone, 1
    if kind == SPACE:
        out[at] = _BLANK
        return after, at + solid, 0, 0, 0
    if kind == HARD:
        return _GIVEN_UP, at, 0, 0, 0
    form = entry >> FORM_AT
    text = form + FORM_TEXT
    at = _copy(out, at, tables.forms, text, text + tables.forms[form + FORM_BYTES])
    goes_on = word & (1 - np.int64(tables.forms[form + FORM_ALONE]))
    return after, at, np.int64(tables.forms[form + FORM_WORDS]) - goes_on, np.int64(tables.forms[form + FORM_OPEN]), 1


@inlined
def _fold(
    data: Bytes, place: Scalar, end: Scalar, tables: NormalTables, out: Bytes, begin: Scalar
) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    """Write the form of the text from `place` up to code or the end, from `begin` on.

    Gives where it stopped (`_GIVEN_UP`: nowhere), the place behind the form, its words, and whether there are braces.
    """
    at, braces = begin, False
    words: Scalar = 0
    solid: Scalar = 0  # whether a space may follow what was written
    word: Scalar = 0  # whether a word is open
    tried = place  # up to where eight bytes were tried in vain
    while place < end:
        byte = data[place]
        if byte < 0x80 and tried <= place <= end - 8:
            more, last = _fold_eight(data, place, out, at, solid, word)
            if more >= 0:
                place, at, words = place + 8, at + 8, words + more
                word = solid = last
                continue
            tried = place + 8
        known = np.int64(tables.classes[byte])
        if known < LOOK:
            out[at] = tables.letters[byte]
            at += known | solid
            words += known & (1 - word)
            word = solid = known
            place += 1
            continue
        if byte < 0x80:
            if byte == _TICK and _code_end(data, place, end) > place:
                break
            again = place + 1 < end and data[place + 1] == byte
            if byte == _TILDE and again:  # it may be a fence
                return _GIVEN_UP, begin, 0, False
            braces |= byte == _BRACE and again
            out[at] = byte
            at += 1
            words += 1 - word
            word = solid = 1
            place += 1
            continue
        place, at, more, word, solid = _fold_wide(data, place, end, tables, out, at, word, solid)
        if place == _GIVEN_UP:
            return _GIVEN_UP, begin, 0, False
        words += more
        tried = place
    return place, at - 1 if at > begin and not solid else at, words, braces


@inlined
def _words(out: Bytes, place: Scalar, end: Scalar, tables: NormalTables) -> Scalar:
    """The words of a form with code in it, where white space is not always one space: see `signals._words`."""
    blanks: Scalar = 0
    cjk: Scalar = 0
    words: Scalar = 0
    word: Scalar = 0
    while place < end:
        code: Scalar = np.int64(out[place])
        length = 1
        if code >= 0x80:
            code, length = _decoded(out, place, end)
        entry = _entry(tables.entries, code)
        blanks += code == _BLANK
        alone = np.int64(entry & CJK != 0)
        solid = np.int64(entry & KIND != SPACE)
        words += solid & (alone | (1 - word))
        cjk += alone
        word = solid & (1 - alone)
        place += length
    return words if cjk else blanks + 1


@inlined
def _write_form(
    data: Bytes, start: Scalar, end: Scalar, tables: NormalTables, out: Bytes, begin: Scalar
) -> tuple[Scalar, Scalar, Scalar]:
    """Write the form of one text; the place behind it or `_GIVEN_UP`, its words, and whether there are braces."""
    place, at, words, braces, coded = start, begin, 0, False, False
    while place < end:
        part = at + 1 if at > begin else at  # behind a space between it and the code before
        place, after, words, more = _fold(data, place, end, tables, out, part)
        if place == _GIVEN_UP:
            return _GIVEN_UP, 0, False
        braces |= more
        if after > part:
            out[at] = _BLANK if part > at else out[at]
            at = after
        if place < end:  # at code
            if at > begin:
                out[at] = _BLANK
                at += 1
            code_end = _code_end(data, place, end)
            at = _copy(out, at, data, place, code_end)
            place, coded = code_end, True
    return at, _words(out, begin, at, tables) if coded else words, braces


@compiled
def _write_forms(texts: TextRows, tables: NormalTables, forms: Forms) -> None:
    """Fill `forms`."""
    at = 0
    for i in range(len(texts.starts)):
        after, words, braces = _write_form(texts.data, texts.starts[i], texts.ends[i], tables, forms.data, at)
        if after == _GIVEN_UP:
            forms.hard[i] = True
            continue
        forms.starts[i], forms.ends[i] = at, after
        forms.words[i], forms.braces[i] = words, braces
        at = after

"""Formulas without LaTeX and addresses in texts: how many characters they take.

>>> texts = TextRows.of(pa.array(["So 3 + 4 = 7.", "See https://a.org/b?c=1, or and/or."]))
>>> formulas, addresses = measure_formulas(texts, np.full(2, EQUALS | SLASHES, np.int32), find_spans(texts, none))
>>> formulas.tolist(), addresses.tolist()
([9, 0], [0, 19])

A formula is a run of numbers, single letters, operators and brackets on one line, with a relation (=, ≈, ≠, ≤, ≥) and
two operands at least. An address is what starts with a scheme or `www.`, or a domain with a path, without the
punctuation of the sentence around it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_spans import Spans
from tunesmith.curate.statistics_tables import EQUALS, SLASHES
from tunesmith.curate.tokens import Bytes, Places, TextRows

Numbers = npt.NDArray[np.int32]

# What a byte is to a formula, and to an address (`_IN_ADDRESS`, `_IN_DOMAIN`).
_NOTHING, _DIGIT, _LETTER, _OPERATOR, _RELATION, _BLANK, _WIDE = range(7)
_KIND, _IN_ADDRESS, _IN_DOMAIN, _TRAILS = 7, 8, 16, 32

_OPERATORS = "+-*/^%()[]{}.,<>$|!_"
_WIDE_OPERATORS = "×÷−·±√π°²³∑∫∞→"
_WIDE_RELATIONS = "≈≠≤≥≡"
_NOT_IN_ADDRESS = " \"'`<>|\\^{}"
_TRAILING = ".,;:!?)]*_"


def _table() -> npt.NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    for code in range(0x21, 0x7F):
        sign = chr(code)
        table[code] = _DIGIT if sign.isdigit() else _LETTER if sign.isalpha() else _NOTHING
        table[code] |= _IN_ADDRESS * (sign not in _NOT_IN_ADDRESS) | _TRAILS * (sign in _TRAILING)
        table[code] |= _IN_DOMAIN * (sign.isalnum() or sign in ".-")
    for sign in _OPERATORS:
        table[ord(sign)] |= _OPERATOR
    table[ord("=")] |= _RELATION
    table[ord(" ")] = _BLANK
    table[0x80:] = _WIDE
    return table


_BYTES = _table()
_SIGNS = np.array([ord(sign) for sign in _WIDE_OPERATORS + _WIDE_RELATIONS], np.int64)
_N_OPERATORS = len(_WIDE_OPERATORS)


def measure_formulas(texts: TextRows, marks: Numbers, spans: Spans) -> tuple[Numbers, Numbers]:
    """Characters in formulas, outside of the spans, and in addresses, int32, shape `(n_rows,)` each."""
    formulas, addresses = np.zeros(len(marks), np.int32), np.zeros(len(marks), np.int32)
    if (marks & (EQUALS | SLASHES)).any():
        _measure_rows(texts, marks, spans, _BYTES, _SIGNS, formulas, addresses)
    return formulas, addresses


@inlined
def _wide(data: Bytes, place: Scalar, end: Scalar, signs: Places) -> tuple[Scalar, Scalar]:
    """What the sequence at `place` is to a formula, and its length."""
    lead = np.int64(data[place])
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & (0x7F >> length)
    for i in range(place + 1, min(place + length, end)):
        code = code << 6 | np.int64(data[i] & 0x3F)
    for i in range(len(signs)):
        if signs[i] == code:
            return (_OPERATOR if i < _N_OPERATORS else _RELATION), length
    return _NOTHING, length


@inlined
def _size(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    n = 0
    for i in range(start, end):
        n += data[i] & 0xC0 != 0x80
    return n


@inlined
def _atom(data: Bytes, place: Scalar, end: Scalar, table: Bytes, signs: Places) -> tuple[Scalar, Scalar]:
    """What stands at `place`, and its length: a number, a run of letters, or one sign."""
    kind: Scalar = np.int64(table[data[place]] & _KIND)
    if kind == _WIDE:
        return _wide(data, place, end, signs)
    length: Scalar = 1
    if kind in (_DIGIT, _LETTER):
        while place + length < end and table[data[place + length]] & _KIND == kind:
            length += 1
    if kind == _LETTER and length > 1:
        kind = _NOTHING
    return kind, length


@inlined
def _in_formulas(data: Bytes, place: Scalar, end: Scalar, table: Bytes, signs: Places) -> Scalar:
    """Characters in the formulas of `data[place:end]`."""
    found = operands = relations = 0
    first = last = place
    while place < end:
        kind, length = _atom(data, place, end, table, signs)
        if kind == _NOTHING:
            found += _size(data, first, last) if relations and operands > 1 else 0
            operands = relations = 0
        elif kind != _BLANK:
            if operands == 0:
                first = place
            operands += kind in (_DIGIT, _LETTER)
            relations += kind == _RELATION and operands > 0
            last = place + length if kind in (_DIGIT, _LETTER) or data[place] == 0x29 else last
        place += length
    return found + (_size(data, first, last) if relations and operands > 1 else 0)


@inlined
def _is_domain(data: Bytes, start: Scalar, end: Scalar, table: Bytes) -> Scalar:
    """Whether labels with a dot stand here, the last of two letters or more."""
    letters = 0
    for i in range(start, end):
        if not table[data[i]] & _IN_DOMAIN:
            return False
    while end - letters > start and table[data[end - letters - 1]] & _KIND == _LETTER:
        letters += 1
    return letters >= 2 and end - letters - 2 >= start and data[end - letters - 1] == 0x2E


@inlined
def _opens(data: Bytes, place: Scalar, end: Scalar, table: Bytes) -> Scalar:
    """Where in this run of address characters an address opens; `end` for nowhere."""
    if end - place > 4 and data[place] == data[place + 1] == data[place + 2] == 0x77 and data[place + 3] == 0x2E:
        return place
    first = place
    for i in range(place, end):
        if data[i] == 0x2F:
            if i + 2 < end and data[i + 1] == 0x2F and i > first and data[i - 1] == 0x3A:
                scheme = i - 1
                while scheme > first and table[data[scheme - 1]] & _KIND == _LETTER:
                    scheme -= 1
                return scheme if scheme < i - 1 else end
            return first if _is_domain(data, first, i, table) else end
        if not table[data[i]] & _IN_DOMAIN and data[i] != 0x3A:
            first = i + 1
    return end


@inlined
def _in_addresses(data: Bytes, place: Scalar, end: Scalar, table: Bytes) -> Scalar:
    """Characters in the addresses of `data[place:end]`; all are of ASCII."""
    found = 0
    while place < end:
        if not table[data[place]] & _IN_ADDRESS:
            place += 1
            continue
        stop = place
        while stop < end and table[data[stop]] & _IN_ADDRESS:
            stop += 1
        last = stop
        while last > place and table[data[last - 1]] & _TRAILS:
            last -= 1
        found += last - _opens(data, place, last, table)
        place = stop
    return found


@inlined
def _in_formulas_outside(
    data: Bytes, start: Scalar, end: Scalar, spans: Spans, first: Scalar, last: Scalar, table: Bytes, signs: Places
) -> Scalar:
    """Characters in formulas between the spans `first` to `last`; a span does not join what stands around it."""
    found = 0
    place = start
    for i in range(first, last):
        found += _in_formulas(data, place, start + spans.starts[i], table, signs)
        place = start + spans.stops[i]
    return found + _in_formulas(data, place, end, table, signs)


@compiled
def _measure_rows(
    texts: TextRows, marks: Numbers, spans: Spans, table: Bytes, signs: Places, formulas: Numbers, addresses: Numbers
) -> None:
    """Fill `formulas` and `addresses`."""
    before = 0
    for row in range(len(marks)):
        start, end = texts.starts[row], texts.ends[row]
        if marks[row] & EQUALS:
            formulas[row] = _in_formulas_outside(texts.data, start, end, spans, before, spans.ends[row], table, signs)
        if marks[row] & SLASHES:
            addresses[row] = _in_addresses(texts.data, start, end, table)
        before = spans.ends[row]

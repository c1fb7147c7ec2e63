r"""Code, mathematics and addresses in texts: where the spans are, and how many characters they take.

>>> texts = TextRows.of(pa.array(["Run `ls`:\n```\nls -a\n```", r"So \(x=2\) or 3 + 4 = 7."]))
>>> found = find_spans(texts, np.full(2, TICKS | SIGNS | EQUALS, np.int32))
>>> found.code_characters.tolist(), found.math_characters.tolist()
([17, 0], [0, 18])

Code stands between fences or back ticks. Mathematics is LaTeX (`$…$`, `$$…$$`, `\(…\)`, `\[…\]`, environments) or a
run of numbers, single letters and operators with a relation among them (=, ≈, ≠, ≤, ≥). An address starts with a
scheme or `www.`, or is a domain with a path.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_tables import SIGNS, TICKS
from tunesmith.curate.tokens import Bytes, Places, TextRows

Numbers = npt.NDArray[np.int32]

#: Kinds of spans. An open one reaches to the end of its text.
FENCE, TICK, MATH, OPEN_FENCE, OPEN_MATH = range(1, 6)
_TICK, _WAVE, _DOLLAR, _BACKSLASH, _BREAK = 0x60, 0x7E, 0x24, 0x5C, 0x0A
_SHORTEST = 2  # bytes of a span: no more spans than half of the bytes
# Sorts of spans by what closes them. Of those of code it is remembered up to where nothing does, of those of
# mathematics whether: so no text is searched twice for what is not there.
_ONE_TICK, _TWO_TICKS, _ROUND, _SQUARE, _DOUBLE, _ENVIRONMENT = range(1, 7)
_N_SORTS = 7
_LONGEST_OPEN = 600  # bytes of mathematics that was cut; more than that is a stray sign
_BEGIN, _END = (np.frombuffer(word, np.uint8) for word in (b"\\begin{", b"\\end{"))


class Spans(NamedTuple):
    """Row i has the spans `ends[i - 1]` to `ends[i]`: `starts` and `stops`, int32, bytes in the row, and `kinds`.

    `code_characters` and `math_characters`, int32, are the sums of each row, shape `(n_rows,)`.
    """

    starts: Numbers
    stops: Numbers
    kinds: Bytes
    ends: Places
    code_characters: Numbers
    math_characters: Numbers


def find_spans(texts: TextRows, marks: Numbers) -> Spans:
    """The spans of these texts; `marks`, shape `(n_rows,)`, tells which signs each has at all."""
    n_rows = len(texts.starts)
    marked = marks & (TICKS | SIGNS) != 0
    room = int((texts.ends - texts.starts)[marked].sum()) // _SHORTEST + 1
    found = Spans(
        np.empty(room, np.int32),
        np.empty(room, np.int32),
        np.empty(room, np.uint8),
        np.zeros(n_rows, np.int64),
        np.zeros(n_rows, np.int32),
        np.zeros(n_rows, np.int32),
    )
    if marked.any():
        _find_rows(texts, marked, _BEGIN, _END, found)
    return found


@inlined
def _run(data: Bytes, place: Scalar, end: Scalar, sign: Scalar) -> Scalar:
    """How often `sign` stands in a row."""
    n = 0
    while place + n < end and data[place + n] == sign:
        n += 1
    return n


@inlined
def _closing_run(data: Bytes, place: Scalar, end: Scalar, sign: Scalar, n: Scalar) -> Scalar:
    """After the next `n` or more of `sign`; -1 where there are none. `n` below 3 are exact, and on the same line."""
    while place < end:
        if data[place] == sign:
            here = _run(data, place, end, sign)
            if here == n or (n >= 3 and here > n):
                return place + here
            place += here
        elif n < 3 and data[place] == _BREAK:
            return -1
        else:
            place += 1
    return -1


@inlined
def _line_end(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    while place < end and data[place] != _BREAK:
        place += 1
    return place


@inlined
def _opens_line(data: Bytes, place: Scalar, start: Scalar) -> Scalar:
    while place > start and data[place - 1] == 0x20:
        place -= 1
    return place == start or data[place - 1] == _BREAK


@inlined
def _closing_pair(data: Bytes, place: Scalar, end: Scalar, sign: Scalar) -> Scalar:
    r"""After the next `\` with `sign`; -1 where there is none."""
    while place + 1 < end:
        if data[place] == _BACKSLASH:
            if data[place + 1] == sign:
                return place + 2
            place += 2
        else:
            place += 1
    return -1


@inlined
def _says(data: Bytes, place: Scalar, end: Scalar, word: Bytes) -> Scalar:
    if place + len(word) > end:
        return False
    same = True
    for i in range(len(word)):
        same &= data[place + i] == word[i]
    return same


@inlined
def _closing_environment(data: Bytes, place: Scalar, end: Scalar, begin: Bytes, close: Bytes) -> Scalar:
    r"""After the `\end{…}` of the `\begin{` before `place`; -1 where it is never closed."""
    depth = 1
    while place < end:
        if data[place] != _BACKSLASH:
            place += 1
            continue
        if _says(data, place, end, begin):
            depth += 1
        elif _says(data, place, end, close):
            depth -= 1
            if depth == 0:
                while place < end and data[place] != 0x7D and data[place] != _BREAK:
                    place += 1
                return min(place + 1, end)
        place += 1
    return -1


@inlined
def _closing_dollar(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """After the dollar that closes the one before `place`, on the same line; -1 where that one is a price.

    What starts with a digit is a price unless a sign of mathematics or nothing but digits stands before the dollar.
    """
    if place >= end or data[place] <= 0x20 or data[place] == _DOLLAR:
        return -1
    price: Scalar = 0x30 <= data[place] <= 0x39
    digits: Scalar = True
    while place < end and data[place] != _BREAK:
        byte = data[place]
        if byte == _DOLLAR and data[place - 1] != _BACKSLASH:
            if (
                data[place - 1] == 0x20
                or (price and not digits)
                or (place + 1 < end and 0x30 <= data[place + 1] <= 0x39)
            ):
                return -1
            return place + 1
        if byte in (_BACKSLASH, 0x5E, 0x5F, 0x3D, 0x7B, 0x7D, 0x2B, 0x2A, 0x3C, 0x3E):
            price = False
        digits &= 0x2E <= byte <= 0x39
        place += 1
    return -1


@inlined
def _span_of_code(data: Bytes, place: Scalar, start: Scalar, end: Scalar, dead: Places) -> tuple[Scalar, Scalar]:
    """Kind and end of the code that opens at `place`; kind 0 where none does, and where to go on."""
    sign = data[place]
    n = _run(data, place, end, sign)
    if n >= 3 and (sign == _TICK or _opens_line(data, place, start)):
        stop = _closing_run(data, place + n, end, sign, n)
        return (OPEN_FENCE, end) if stop < 0 else (FENCE, stop)
    if sign == _WAVE or n >= 3 or place < dead[n]:
        return 0, place + n
    stop = _closing_run(data, place + n, end, sign, n)
    if stop < 0:
        dead[n] = _line_end(data, place, end)
        return 0, place + n
    return TICK, stop


@inlined
def _closing_double(data: Bytes, place: Scalar, end: Scalar) -> Scalar:
    """After the next two dollars; -1 where there are none."""
    while place + 1 < end:
        if data[place] == data[place + 1] == _DOLLAR:
            return place + 2
        place += 1
    return -1


@inlined
def _closing_math(data: Bytes, place: Scalar, end: Scalar, sort: Scalar, begin: Bytes, close: Bytes) -> Scalar:
    """After what closes the mathematics of this sort that opens at `place`; -1 where nothing does."""
    if sort == _ROUND:
        return _closing_pair(data, place + 2, end, 0x29)
    if sort == _SQUARE:
        return _closing_pair(data, place + 2, end, 0x5D)
    if sort == _DOUBLE:
        return _closing_double(data, place + 2, end)
    return _closing_environment(data, place + len(begin), end, begin, close)


@inlined
def _sort_of(data: Bytes, place: Scalar, end: Scalar, begin: Bytes) -> Scalar:
    """What sort of mathematics over several lines opens at `place`; 0 for none."""
    after = data[place + 1] if place + 1 < end else np.uint8(0)
    if data[place] == _DOLLAR:
        return _DOUBLE if after == _DOLLAR else 0
    if after == 0x28:
        return _ROUND
    if after == 0x5B:
        return _SQUARE
    return _ENVIRONMENT if _says(data, place, end, begin) else 0


@inlined
def _span_of_math(
    data: Bytes, place: Scalar, end: Scalar, dead: Places, begin: Bytes, close: Bytes
) -> tuple[Scalar, Scalar]:
    """Kind and end of the mathematics that opens at `place`; kind 0 where none does, and where to go on."""
    sort = _sort_of(data, place, end, begin)
    if sort:
        stop = -1 if dead[sort] else _closing_math(data, place, end, sort, begin, close)
        if stop >= 0:
            return MATH, stop
        dead[sort] = 1
        return (OPEN_MATH, end) if end - place <= _LONGEST_OPEN else (0, place + 2)
    if data[place] == _BACKSLASH:
        return 0, min(place + 2, end)
    stop = _closing_dollar(data, place + 1, end)
    return (0, place + 1) if stop < 0 else (MATH, stop)


@inlined
def _count_characters(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    n = 0
    for i in range(start, end):
        n += data[i] & 0xC0 != 0x80
    return n


@inlined
def _find_row(
    data: Bytes, start: Scalar, end: Scalar, dead: Places, begin: Bytes, close: Bytes, n_spans: Scalar, found: Spans
) -> Scalar:
    """Append the spans of one text; their number then."""
    dead[:] = 0
    place = start
    while place < end:
        byte = data[place]
        if byte in (_TICK, _WAVE):
            kind, stop = _span_of_code(data, place, start, end, dead)
        elif byte in (_DOLLAR, _BACKSLASH):
            kind, stop = _span_of_math(data, place, end, dead, begin, close)
        else:
            place += 1
            continue
        if kind:
            found.starts[n_spans], found.stops[n_spans] = place - start, stop - start
            found.kinds[n_spans] = kind
            n_spans += 1
        place = stop
    return n_spans


@compiled
def _find_rows(texts: TextRows, marked: npt.NDArray[np.bool_], begin: Bytes, close: Bytes, found: Spans) -> None:
    """Fill `found`."""
    dead = np.zeros(_N_SORTS, np.int64)
    n_spans = 0
    for row in range(len(texts.starts)):
        before = n_spans
        start = texts.starts[row]
        if marked[row]:
            n_spans = _find_row(texts.data, start, texts.ends[row], dead, begin, close, n_spans, found)
        found.ends[row] = n_spans
        for i in range(before, n_spans):
            size = _count_characters(texts.data, start + found.starts[i], start + found.stops[i])
            if found.kinds[i] in (MATH, OPEN_MATH):
                found.math_characters[row] += size
            else:
                found.code_characters[row] += size

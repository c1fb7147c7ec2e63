"""What the last signs of a text say of its ending, before anyone looks at its sentences.

>>> texts = TextRows.of(pa.array(["Yes.<|endoftext|>", "such as,", "(the end.)", "Rest", "```\\nx", ""]))
>>> words = read_words(texts)
>>> tails = read_tails(texts, words, find_spans(texts, words.counts[:, SEEN]))
>>> [ENDINGS[ending] for ending in tails.endings]
['complete', 'cut', 'complete', 'open', 'cut', 'empty']

Here an ending is `open` where the last sign is a letter, a digit or a closing bracket: `statistics_endings.py` decides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_spans import OPEN_FENCE, OPEN_MATH, Spans
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, TextRows

Numbers = npt.NDArray[np.int32]

ENDINGS = ("empty", "complete", "open", "cut", "mid_word")
EMPTY, COMPLETE, OPEN, CUT, MID_WORD = range(5)

_CLOSERS = "\"'*_)]}”’」』）】》〉"
_FINAL = ".!?。！？…~～؟।॥⋯｡"
_CUTTING = ",，、：:([{（【《“「『〈&="
_LONG = 8  # words: below, a colon or a dash may end a label


class Tails(NamedTuple):
    """Of each row: `endings`, uint8; `stops`, int32, where the text ends, without white space and special tokens;
    `closed`, whether it ends in a closing bracket or quotation mark; `signs`, int32, the last code point before."""

    endings: npt.NDArray[np.uint8]
    stops: Numbers
    closed: npt.NDArray[np.bool_]
    signs: Numbers


def read_tails(texts: TextRows, words: Words, spans: Spans) -> Tails:
    """The tails of these texts."""
    n_rows = len(texts.starts)
    found = Tails(
        np.zeros(n_rows, np.uint8), np.zeros(n_rows, np.int32), np.zeros(n_rows, np.bool_), np.zeros(n_rows, np.int32)
    )
    _read_rows(texts, words.ends, spans, _SIGNS, found)
    return found


def _codes(signs: str) -> npt.NDArray[np.int64]:
    return np.array([*map(ord, signs)], np.int64)


_SIGNS = (_codes(_CLOSERS), _codes(_FINAL), _codes(_CUTTING))


@inlined
def _last(data: Bytes, start: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """The last code point of `data[start:end]` and where it starts; 0 where nothing is left."""
    if end <= start:
        return 0, start
    place = end - 1
    while place > start and place > end - 4 and data[place] & 0xC0 == 0x80:
        place -= 1
    lead = np.int64(data[place])
    if lead < 0x80:
        return lead, place
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    code = lead & (0x7F >> length)
    for i in range(place + 1, end):
        code = code << 6 | np.int64(data[i] & 0x3F)
    return code, place


@inlined
def _in(code: Scalar, codes: Scalar) -> Scalar:
    found = False
    for one in codes:
        found |= one == code
    return found


@inlined
def _without_blanks(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """The end without white space, and without signs that have no width."""
    code, place = _last(data, start, end)
    while code and (
        code <= 0x20
        or code in (0xA0, 0xAD, 0x3000, 0xFE0F, 0xFEFF)
        or 0x200B <= code < 0x2010
        or code in (0x2060, 0xFFFD)
    ):
        end = place
        code, place = _last(data, start, end)
    return end


@inlined
def _without_specials(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """The end without special tokens such as <|endoftext|> and </s>, and without white space."""
    end = _without_blanks(data, start, end)
    while end - start >= 4 and data[end - 1] == 0x3E:
        place = end - 2
        if data[place] == 0x7C:
            while place > start and place > end - 40 and data[place] != 0x3C:
                place -= 1
            if data[place] != 0x3C or data[place + 1] != 0x7C:
                return end
        elif data[place] == 0x73 and data[place - 1] == 0x2F and data[place - 2] == 0x3C:
            place -= 2
        else:
            return end
        end = _without_blanks(data, start, place)
    return end


@inlined
def _is_picture(code: Scalar) -> Scalar:
    """Emoji and other signs that close a message."""
    return 0x1F000 <= code < 0x20000 or 0x2190 <= code < 0x2C00 or code == 0x2122


@inlined
def _is_mouth(data: Bytes, start: Scalar, place: Scalar) -> Scalar:
    """Whether the bracket at `place` is the mouth of a face such as :( or :-(."""
    place -= place > start and data[place - 1] == 0x2D
    return place > start and data[place - 1] in (0x3A, 0x3B, 0x3D)


@inlined
def _of_cutting(data: Bytes, start: Scalar, place: Scalar, code: Scalar, n_words: Scalar) -> Scalar:
    """The ending by a sign that wants something after it."""
    if code in (0x28, 0x5B) and _is_mouth(data, start, place):
        return COMPLETE
    if code in (0x3A, 0xFF1A) and n_words < _LONG:
        return OPEN
    return CUT if n_words > 1 else OPEN


@inlined
def _of_dash(data: Bytes, start: Scalar, place: Scalar, n_words: Scalar) -> Scalar:
    """The ending by a dash, a plus or a slash: alone on its line it is a mark without its item, in a row a rule."""
    before = data[place - 1] if place > start else np.uint8(0x0A)
    if before == data[place]:
        return COMPLETE
    return CUT if n_words >= _LONG and data[place] != 0x2F and before in (0x20, 0x0A) else OPEN


@inlined
def _of_sign(
    data: Bytes, start: Scalar, place: Scalar, code: Scalar, closed: Scalar, n_words: Scalar, signs: Scalar
) -> Scalar:
    """The ending by the last sign, `code` at `place`."""
    _, final, cutting = signs
    if _in(code, final) or _is_picture(code):
        return COMPLETE
    if closed:
        return OPEN
    if _in(code, cutting):
        return _of_cutting(data, start, place, code, n_words)
    if code in (0x2D, 0x2B, 0x2F, 0x2013, 0x2014):
        return _of_dash(data, start, place, n_words)
    return COMPLETE if code in (0x3B, 0x7C, 0x60, 0x3E) else OPEN


@inlined
def _read_row(
    data: Bytes, start: Scalar, end: Scalar, span_kind: Scalar, span_stop: Scalar, n_words: Scalar, signs: Scalar
) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    """Ending, stop, whether closed, last sign; the last span of the text has this kind and ends there."""
    end = _without_specials(data, start, end)
    if end == start:
        return EMPTY, 0, False, 0
    code, place = _last(data, start, end)
    if span_kind in (OPEN_FENCE, OPEN_MATH):  # after a fence that nobody closed, prose may have gone on
        return (COMPLETE if _in(code, signs[1]) else CUT), end - start, False, code
    if span_stop == end - start:
        return COMPLETE, end - start, False, code
    stop = end
    while code and (_in(code, signs[0]) or code == 0x20):
        stop = place
        code, place = _last(data, start, stop)
    closed = stop < end
    return _of_sign(data, start, place, code, closed, n_words, signs), end - start, closed, code


@compiled
def _read_rows(texts: TextRows, word_ends: npt.NDArray[np.int64], spans: Spans, signs: Scalar, found: Tails) -> None:
    """Fill `found`."""
    first_span = first = np.int64(0)
    for row in range(len(texts.starts)):
        kind, stop = 0, -1
        if spans.ends[row] > first_span:
            kind, stop = spans.kinds[spans.ends[row] - 1], spans.stops[spans.ends[row] - 1]
            after = texts.starts[row] + spans.starts[spans.ends[row] - 1] + 2
            if kind == OPEN_MATH and after < texts.ends[row] and texts.data[after] == 0x3C:  # dollars: $$<<4*15=60>>60
                kind, stop = 0, -1
        n_words = word_ends[row] - first
        found.endings[row], found.stops[row], found.closed[row], found.signs[row] = _read_row(
            texts.data, texts.starts[row], texts.ends[row], kind, stop, n_words, signs
        )
        first_span, first = spans.ends[row], word_ends[row]

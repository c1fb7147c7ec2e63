"""How much of a text repeats itself: words, windows of words, lines, sentences, and loops.

>>> texts = TextRows.of(pa.array(["Rest. Drink. Rest well, rest well, rest well, rest well"]))
>>> found = measure_repeats(texts, read_words(texts), find_spans(texts, np.zeros(1, np.int32)))
>>> found.loop_count.tolist(), found.repeated_word.round(2).tolist()
([4], [0.7])

Lines and sentences are compared by their words, without the numbers that they open with: those are what makes the items
of a list differ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_loops import find_loops
from tunesmith.curate.statistics_pieces import find_pieces
from tunesmith.curate.statistics_spans import FENCE, OPEN_FENCE, Spans
from tunesmith.curate.statistics_tables import HAS_LETTER, NEW_LINE, NEW_SENTENCE
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Bytes, Hashes, TextRows

Numbers = npt.NDArray[np.int32]
Shares = npt.NDArray[np.float32]

LEAST_LINE, LEAST_SENTENCE = 2, 3  # words, for a line and a sentence to count

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_EMPTY = 3  # places of a hash table for each hash, at least
_SHIFT, _WORD_BITS, _ZERO, _ONE = (np.uint64(n) for n in (31, 64, 0, 1))


class Repeats(NamedTuple):
    """Of each row, shape `(n_rows,)`: shares of what repeats; of the longest loop its share of the characters and
    its number of copies."""

    repeated_word: Shares
    repeated_ngram: Shares
    loop_share: Shares
    loop_count: Numbers
    repeated_line: Shares
    repeated_sentence: Shares


def measure_repeats(texts: TextRows, words: Words, spans: Spans) -> Repeats:
    """The repetition within each text."""
    n_rows, longest = len(texts.starts), int(words.sizes.max(initial=0)) + 1
    in_code, in_a_row = mark_code(words, spans), np.zeros(n_rows, np.int32)
    word, line, sentence = (np.zeros(n_rows, np.float32) for _ in range(3))
    keys, pieces = np.empty(4 << longest.bit_length(), np.uint64), np.empty(longest, np.uint64)
    _measure_rows(words, in_code, keys, pieces, in_a_row, word, line, sentence)
    loops = find_loops(texts, words, in_code, in_a_row)
    find_pieces(texts, words, in_code, loops.copies, loops.share)
    return Repeats(word, loops.windows, loops.share, loops.copies, line, sentence)


def mark_code(words: Words, spans: Spans) -> Bytes:
    """Which words lie in fenced code, uint8, one a word."""
    in_code = np.zeros(len(words.hashes), np.uint8)
    if spans.code_characters.any():
        _mark_rows(words, spans, in_code)
    return in_code


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
def _seen(keys: Hashes, key: Scalar, shift: Scalar) -> Scalar:
    """Whether the key is in the table, in which it then is."""
    key = key | _ONE  # no key is the empty place's
    place = _place_of(keys, key, shift)
    known = keys[place] == key
    keys[place] = key
    return known


@inlined
def _repeat_words(hashes: Hashes, first: Scalar, last: Scalar, keys: Hashes) -> tuple[Scalar, Scalar]:
    """How many words stood before in the text, and how many at most do so in a row."""
    shift = _cleared(keys, last - first)
    repeated = longest = run = 0
    for i in range(first, last):
        known = _seen(keys, hashes[i], shift)
        run = run + 1 if known else 0
        repeated += known
        longest = max(longest, run)
    return repeated, longest


@inlined
def _repeated_pieces(
    hashes: Hashes,
    flags: Bytes,
    first: Scalar,
    last: Scalar,
    flag: Scalar,
    least: Scalar,
    in_code: Bytes,
    pieces: Hashes,
    keys: Hashes,
) -> Scalar:
    """The share of pieces of `least` words that stood before; a piece opens where a word has `flag`.

    The numbers at its start do not count: they are what makes the items of a list differ.
    """
    n_pieces = size = 0
    piece = _ZERO
    for i in range(first, last):
        if flags[i] & flag:
            pieces[n_pieces] = piece
            n_pieces += size >= least
            size, piece = 0, _ZERO
        counts = (size > 0 or flags[i] & HAS_LETTER) and not in_code[i]
        if counts:
            piece = piece * _BASE + hashes[i]
            size += 1
    pieces[n_pieces] = piece
    n_pieces += size >= least
    if n_pieces < 2:
        return 0.0
    shift = _cleared(keys, n_pieces)
    repeated = 0
    for i in range(n_pieces):
        repeated += _seen(keys, _mixed(pieces[i]), shift)
    return repeated / n_pieces


@compiled
def _mark_rows(words: Words, spans: Spans, in_code: Bytes) -> None:
    """Fill `in_code`."""
    word = span = np.int64(0)
    for row in range(len(words.ends)):
        for code in range(span, spans.ends[row]):
            while word < words.ends[row] and words.places[word] < spans.stops[code]:
                fenced = spans.kinds[code] in (FENCE, OPEN_FENCE) and spans.starts[code] <= words.places[word]
                in_code[word] = fenced
                word += 1
        word, span = words.ends[row], spans.ends[row]


@compiled
def _measure_rows(
    words: Words,
    in_code: Bytes,
    keys: Hashes,
    pieces: Hashes,
    in_a_row: Numbers,
    word: Shares,
    line: Shares,
    sentence: Shares,
) -> None:
    """Fill `in_a_row`, how many words running stood before, and the shares."""
    first = line_first = np.int64(0)
    for row in range(len(words.ends)):
        last, line_last = words.ends[row], words.line_ends[row]
        if last - first > 1:
            repeated, in_a_row[row] = _repeat_words(words.hashes, first, last, keys)
            word[row] = repeated / (last - first)
        if in_a_row[row] >= LEAST_LINE and line_last - line_first > 1:
            line[row] = _repeated_pieces(
                words.hashes, words.flags, first, last, NEW_LINE, LEAST_LINE, in_code, pieces, keys
            )
        if in_a_row[row] >= LEAST_SENTENCE:
            sentence[row] = _repeated_pieces(
                words.hashes, words.flags, first, last, NEW_SENTENCE, LEAST_SENTENCE, in_code, pieces, keys
            )
        first, line_first = last, line_last

"""What two texts of a row have in common: shingles of three words, of both sides of many rows.

>>> answer, prompt = (read_words(TextRows.of(pa.array([text]))) for text in ("a b c d e", "A b c d!"))
>>> measure_overlap(answer, prompt).round(2).tolist(), measure_likeness(answer, prompt).round(2).tolist()
([[0.67, 1.0, 3.0, 2.0]], [0.67])
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.statistics_words import Words
from tunesmith.curate.tokens import Hashes

SHINGLE = 3  # words
#: Columns of the overlap: the share of the one's distinct shingles that the other has, the share of the other's running
#: shingles that the one has, and how many distinct ones of the one there are and are held in common.
OF_ONE, OF_OTHER, DISTINCT, COMMON = range(4)

Overlap = npt.NDArray[np.float64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT, _WORD_BITS, _ZERO, _ONE, _TWO = (np.uint64(n) for n in (31, 64, 0, 1, 2))


def measure_overlap(one: Words, other: Words) -> Overlap:
    """Overlap of each row, float64, shape `(n_rows, 4)`; 0 where a side has fewer than three words.

    The table holds the one side, so that should be the shorter one.
    """
    found = np.zeros((len(one.ends), 4), np.float64)
    keys = np.empty(4 << int(one.sizes.max(initial=0)).bit_length(), np.uint64)
    _measure_rows(one.hashes, one.ends, other.hashes, other.ends, keys, found)
    return found


def measure_likeness(one: Words, other: Words) -> npt.NDArray[np.float64]:
    """Jaccard similarity of the sets of shingles, shape `(n_rows,)`."""
    found, reverse = measure_overlap(one, other), measure_overlap(other, one)
    both = found[:, DISTINCT] + reverse[:, DISTINCT] - found[:, COMMON]
    return found[:, COMMON] / np.maximum(both, 1)


@inlined
def _cleared(keys: Hashes, n: Scalar) -> Scalar:
    """Make a table for `n` hashes; by how much a hash is to be shifted to its place there."""
    bits = 1
    while 1 << bits < 3 * n:
        bits += 1
    for i in range(1 << bits):
        keys[i] = _ZERO
    return _WORD_BITS - np.uint64(bits)


@inlined
def _shingle(hashes: Hashes, place: Scalar) -> Scalar:
    """The hash of a shingle, whose lowest bit is free to tell whether the other side has it; never 0."""
    rolled = (hashes[place] * _BASE + hashes[place + 1]) * _BASE + hashes[place + 2]
    return ((rolled ^ (rolled >> _SHIFT)) * _MIX) & ~_ONE | _TWO


@inlined
def _place_of(keys: Hashes, key: Scalar, shift: Scalar, mask: Scalar) -> Scalar:
    """The place of a shingle in the table, or the empty one where it belongs."""
    place = np.int64(key >> shift)
    while keys[place] != _ZERO and keys[place] & ~_ONE != key:
        place = (place + 1) & mask
    return place


@inlined
def _enter(hashes: Hashes, first: Scalar, last: Scalar, keys: Hashes, shift: Scalar, mask: Scalar) -> Scalar:
    """Enter the shingles of one side; how many are distinct."""
    distinct = 0
    for i in range(first, last - SHINGLE + 1):
        key = _shingle(hashes, i)
        place = _place_of(keys, key, shift, mask)
        distinct += keys[place] == _ZERO
        keys[place] = key
    return distinct


@inlined
def _meet(
    hashes: Hashes, first: Scalar, last: Scalar, keys: Hashes, shift: Scalar, mask: Scalar
) -> tuple[Scalar, Scalar]:
    """How many shingles of the other side are in the table, and how many of the table are met."""
    met = common = 0
    for i in range(first, last - SHINGLE + 1):
        place = _place_of(keys, _shingle(hashes, i), shift, mask)
        if keys[place] != _ZERO:
            met += 1
            common += not keys[place] & _ONE
            keys[place] |= _ONE
    return met, common


@compiled
def _measure_rows(
    one: Hashes,
    one_ends: npt.NDArray[np.int64],
    other: Hashes,
    other_ends: npt.NDArray[np.int64],
    keys: Hashes,
    found: Overlap,
) -> None:
    """Fill `found`."""
    first = start = np.int64(0)
    for row in range(len(one_ends)):
        last, end = one_ends[row], other_ends[row]
        if min(last - first, end - start) >= SHINGLE:
            shift = _cleared(keys, last - first)
            mask = (np.int64(1) << np.int64(_WORD_BITS - shift)) - 1
            distinct = _enter(one, first, last, keys, shift, mask)
            met, common = _meet(other, start, end, keys, shift, mask)
            found[row, OF_ONE], found[row, OF_OTHER] = common / distinct, met / (end - start - SHINGLE + 1)
            found[row, DISTINCT], found[row, COMMON] = distinct, common
        first, start = last, end

"""Shingle sets: what Jaccard similarity is computed on, exactly.

A shingle is the 64-bit hash of n running tokens; a row of fewer tokens is one shingle, a row of none has none. The hash
is a polynomial of the tokens' hashes in a fixed base modulo 2^64, rolled from one shingle to the next, and mixed.

>>> import pyarrow as pa
>>> from tunesmith.curate.tokens import TextRows, hash_tokens
>>> sets = shingle_rows(hash_tokens(TextRows.of(pa.array(["a b a b a b", "x"])), 0, 2), ngram=2)
>>> sets.sizes.tolist()
[2, 1]
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Hashes, Places, TokenHashes

# Persistent indexes hold what these give: a change orphans them, and the tests pin it. The base is 2^64 over the golden
# ratio; the mixer is SplitMix64's (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)
_SHORT = np.uint64(0xD6E8FEB86659FD93)  # keeps a short row's shingle apart from those of other lengths
_ZERO, _ONE, _WORD_BITS = np.uint64(0), np.uint64(1), np.uint64(64)


class ShingleSets(NamedTuple):
    """Row i has the set `shingles[offsets[i]:offsets[i + 1]]`: uint64, ascending, distinct; offsets are int64."""

    shingles: Hashes
    offsets: Places

    @property
    def sizes(self) -> Places:
        """The number of shingles of each row, shape `(n_rows,)`."""
        return np.diff(self.offsets)

    def row(self, number: int) -> Hashes:
        """The set of one row."""
        return self.shingles[self.offsets[number] : self.offsets[number + 1]]


def shingle_rows(tokens: TokenHashes, *, ngram: int) -> ShingleSets:
    """The sets of tokenised rows."""
    n_tokens = tokens.ends - tokens.starts
    longest = int(n_tokens.max(initial=0))
    shingles, offsets = np.empty(int(n_tokens.sum()), np.uint64), np.zeros(len(n_tokens) + 1, np.int64)
    scratch, counts = np.empty(longest, np.uint64), np.empty(longest, np.int64)
    _shingle_rows(*tokens, ngram, scratch, counts, shingles, offsets)
    return ShingleSets(shingles[: offsets[-1]], offsets)


def join_sets(parts: list[ShingleSets], *, threads: int | None = None) -> ShingleSets:
    """The sets of several columns one after the other. The list is emptied: memory holds no part twice."""
    offsets = np.concatenate([np.zeros(1, np.int64), *(part.sizes for part in parts)])
    np.cumsum(offsets, out=offsets)
    ends = np.cumsum([len(part.shingles) for part in parts])
    shingles = np.empty(int(offsets[-1]), np.uint64)
    nothing = ShingleSets(np.empty(0, np.uint64), np.zeros(1, np.int64))

    def copy(number: int) -> None:
        part, parts[number] = parts[number].shingles, nothing
        shingles[ends[number] - len(part) : ends[number]] = part

    run_threads(copy, range(len(parts)), threads)
    parts.clear()
    return ShingleSets(shingles, offsets)


@inlined
def _mixed(word: Scalar) -> Scalar:
    word = (word ^ (word >> _SHIFT_1)) * _MIX_1
    word = (word ^ (word >> _SHIFT_2)) * _MIX_2
    return word ^ (word >> _SHIFT_3)


@inlined
def _roll(tokens: Hashes, start: Scalar, end: Scalar, ngram: Scalar, shingles: Hashes) -> Scalar:
    """Write the shingles of one row in the order of the text; their number."""
    n_tokens = end - start
    rolled, power = _ZERO, _ONE
    for i in range(start, start + min(n_tokens, ngram)):
        rolled = rolled * _BASE + tokens[i]
        power *= _BASE
    if n_tokens == 0:
        return 0
    if n_tokens < ngram:
        shingles[0] = _mixed(rolled ^ (_SHORT * np.uint64(n_tokens)))
        return 1
    shingles[0] = _mixed(rolled)
    for i in range(start + ngram, end):
        rolled = rolled * _BASE + tokens[i] - tokens[i - ngram] * power
        shingles[i - start - ngram + 1] = _mixed(rolled)
    return n_tokens - ngram + 1


@inlined
def _scatter(values: Hashes, n_values: Scalar, counts: Places, sorted_values: Hashes) -> None:
    """Put hashes almost in place: by their top bits, into buckets of about four."""
    bits = 0
    while 4 << bits < n_values:
        bits += 1
    if bits == 0:
        for i in range(n_values):  # a slice would do, and take numba two seconds to compile
            sorted_values[i] = values[i]
        return
    shift = _WORD_BITS - np.uint64(bits)
    for bucket in range(1 << bits):
        counts[bucket] = 0
    for i in range(n_values):
        counts[values[i] >> shift] += 1
    before = 0
    for bucket in range(1 << bits):
        here = counts[bucket]
        counts[bucket] = before
        before += here
    for i in range(n_values):
        bucket = values[i] >> shift
        sorted_values[counts[bucket]] = values[i]
        counts[bucket] += 1


@inlined
def _sort_distinct(values: Hashes, n_values: Scalar, counts: Places, sorted_values: Hashes) -> Scalar:
    """Sort into `sorted_values` and drop what repeats; the number left.

    Hashes are spread evenly, so after `_scatter` an insertion sort moves each by a step or two: linear in the size of
    the row, also where a few shingles repeat many times. Shingling and sorting take 12 ns a shingle together.
    """
    _scatter(values, n_values, counts, sorted_values)
    for i in range(1, n_values):
        value = sorted_values[i]
        place = i
        while place > 0 and sorted_values[place - 1] > value:
            sorted_values[place] = sorted_values[place - 1]
            place -= 1
        sorted_values[place] = value
    n_distinct = min(n_values, 1)
    for i in range(1, n_values):
        if sorted_values[i] != sorted_values[n_distinct - 1]:
            sorted_values[n_distinct] = sorted_values[i]
            n_distinct += 1
    return n_distinct


@compiled
def _shingle_rows(
    tokens: Hashes,
    starts: Places,
    ends: Places,
    ngram: Scalar,
    scratch: Hashes,
    counts: Places,
    shingles: Hashes,
    offsets: Places,
) -> None:
    """Fill `shingles` and `offsets`; `scratch` and `counts` have room for the longest row."""
    for row in range(len(starts)):
        n_rolled = _roll(tokens, starts[row], ends[row], ngram, scratch)
        found = offsets[row]
        offsets[row + 1] = found + _sort_distinct(scratch, n_rolled, counts, shingles[found:])

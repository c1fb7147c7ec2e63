"""Bands: which rows are compared at all.

A signature of 128 slots is cut into bands of a few slots. Two rows with Jaccard similarity s agree in a band of r slots
with probability s^r, so at least once in b bands with 1 - (1 - s^r)^b (Leskovec, Rajaraman, Ullman: Mining of Massive
Datasets, 3.4.2). Rows that agree nowhere are never compared; the others are compared exactly.

>>> solve_bands(0.7)
Bands(n_bands=32, n_rows=4)
>>> round(solve_bands(0.7).recall(0.7), 4), round(solve_bands(0.7).recall(0.3), 3)
(0.9998, 0.229)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.sketch import Signatures
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Hashes, Places
from tunesmith.errors import OutputError

Numbers = npt.NDArray[np.int32]

#: A bucket's number has 32 bits. A million generated rows have 2.5 million in 32 bands, and 6.4 in the 64 of prompts.
MOST_BUCKETS = np.iinfo(np.int32).max

#: At .7, 32 bands of 4 slots: of 5,600 pairs exactly at the threshold one is missed, and pairs above it are easier.
RECALL = 0.9998

_KEY_1 = np.uint64(0xD1342543DE82EF95)
_KEY_2 = np.uint64(0xAF251AF3B0F025B5)
_HALF = np.uint64(32)
_ONE = np.uint64(1)


class Bands(NamedTuple):
    """`n_bands` bands of `n_rows` slots each; slots beyond them are not used."""

    n_bands: int
    n_rows: int

    def recall(self, similarity: float) -> float:
        """The probability that two rows of this similarity share a band."""
        return float(1 - (1 - similarity**self.n_rows) ** self.n_bands)


class Buckets(NamedTuple):
    """Rows that share a band key with another row.

    `groups`, int32, shape `(n_bands, n_rows)`: the row's bucket in each band, -1 where it is alone. Bucket g of all
    bands together has room for its rows at `starts[g]:starts[g + 1]`, int64, of one flat array.
    """

    groups: Numbers
    starts: Places


def solve_bands(threshold: float, *, recall: float = RECALL, n_slots: int = 128) -> Bands:
    """The split with the least work whose expected recall at the threshold reaches the wished one.

    Work is mostly the comparison of rows that are unlike, and a further slot in a band takes most of them away; so the
    longest band that can reach the recall, and then as few bands as do.

    :raises ValueError: where no split does, or where threshold and recall are not in (0, 1) or (0, 1].
    """
    if not (0 < threshold <= 1 and 0 < recall < 1 and n_slots > 0):
        raise ValueError(f"expected 0 < threshold <= 1, 0 < recall < 1; saw {threshold}, {recall}, {n_slots} slots")
    for n_rows in range(n_slots, 0, -1):
        miss = 1 - threshold**n_rows
        n_bands = 1 if miss == 0 else math.ceil(math.log(1 - recall) / math.log(miss)) if miss < 1 else n_slots + 1
        if n_bands * n_rows <= n_slots:
            return Bands(n_bands, n_rows)
    raise ValueError(f"{n_slots} slots cannot find {recall:.2%} of the pairs at {threshold}; use more slots")


def find_buckets(keys: Hashes, rows: Places, *, scratch: Scratch, threads: int | None = None) -> Buckets:
    """Group `rows` (numbers into the second axis of `keys`, all with shingles) by their keys, band by band.

    Rows that are alone with their key cost nothing later; on 55,185 real rows and 32 x 4 slots those are 46 % of the
    keys. A band's table fits the cache, which one table for all bands would not.

    :param keys: shape `(n_bands, n_rows)`, as `fill_band_keys` fills them.
    :raises OutputError: where there are more buckets than 32 bits can number.
    """
    return group_bands(lambda band: keys[band][rows], (len(keys), len(rows)), scratch=scratch, threads=threads)


def group_bands(
    keys_of: Callable[[int], Hashes], shape: tuple[int, int], *, scratch: Scratch, threads: int | None = None
) -> Buckets:
    """The same where the keys of a band are only made when they are grouped.

    :param shape: bands, and rows in each.
    """
    groups: Numbers = scratch.array(shape, np.int32)

    def group(band: int) -> npt.NDArray[np.intp]:
        n_places = 1 << (2 * shape[1]).bit_length()
        n_groups = _group_keys(keys_of(band), np.full(n_places, -1, np.int32), groups[band])
        return np.bincount(groups[band] + 1, minlength=n_groups + 1)[1:]

    sizes = run_threads(group, range(shape[0]), threads)
    ends = np.cumsum([len(of_band) for of_band in sizes])
    check_room(ends[-1] if len(ends) else 0)
    for band in range(1, shape[0]):
        np.add(groups[band], np.int32(ends[band - 1]), out=groups[band], where=groups[band] >= 0)
    starts = np.concatenate([np.zeros(1, np.int64), *sizes])
    return Buckets(groups, np.cumsum(starts, out=starts))


def check_room(n_buckets: int) -> None:
    """:raises OutputError: where there are more buckets than their numbers can tell apart."""
    if n_buckets > MOST_BUCKETS:
        what = f"{n_buckets:,} groups of rows share a band; more than {MOST_BUCKETS:,} cannot be numbered"
        raise OutputError(what, where="near-duplicates", remedy="cut the input into parts and run each")


def number_shared(keys: Hashes) -> Numbers:
    """Number the keys that occur twice or more, in the order of their first rows; -1 for the others."""
    groups = np.empty(len(keys), np.int32)
    _group_keys(keys, np.full(1 << (2 * len(keys)).bit_length(), -1, np.int32), groups)
    return groups


@compiled
def fill_band_keys(signatures: Signatures, rows: Places, first: Scalar, last: Scalar, keys: Hashes) -> None:
    """The 64-bit keys of slots `first` to `last` (exclusive)."""
    for i in range(len(rows)):
        key = np.uint64(0)
        for slot in range(first, last):
            key = (key ^ np.uint64(signatures[rows[i], slot])) * _KEY_1
            key ^= key >> _HALF
        keys[i] = key * _KEY_2


@compiled
def _group_keys(keys: Hashes, table: Numbers, groups: Numbers) -> Scalar:
    """Number the keys that occur twice or more, in the order of their first rows; -1 for the others. Their number.

    :param table: all -1; its length is a power of two, at least twice the number of keys. It holds first rows.
    """
    alone, shared = -1, -2
    last_place = np.uint64(len(table) - 1)
    for i in range(len(keys)):
        place = (keys[i] >> _HALF) & last_place
        while table[place] >= 0 and keys[table[place]] != keys[i]:
            place = (place + _ONE) & last_place
        groups[i] = alone
        if table[place] < 0:
            table[place] = i
        else:
            groups[table[place]] = shared
            groups[i] = table[place]
    found = 0
    for i in range(len(keys)):
        if groups[i] == shared:
            groups[i] = found
            found += 1
        elif groups[i] != alone:
            groups[i] = groups[groups[i]]
    return found

"""The kernels that find the rows which could be alike to another one at all, by sizes and parity maps alone, and the
components of those.

`near.py` says what it is for, `pairs.py` what a row's map is and why it bounds a similarity. The bound itself and
the root of a component stand here once more: a compiled kernel calls those of its own file only (`compiled.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.bands import Buckets, Numbers
from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.pairs import MAP_WORDS, Rows
from tunesmith.curate.tokens import Hashes

Flags = npt.NDArray[np.bool_]

#: Members of buckets that are brought together at a time, in the second cache: 136 bytes each.
_GATHERED = 2048
_PAIRS, _FOURS, _EIGHTS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES = np.uint64(0x0101010101010101)
_1, _2, _4, _56 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)


@inlined
def _bits_apart(maps: Hashes, one: Scalar, other: Scalar) -> Scalar:
    """Hamming distance of two maps; LLVM knows the sum of bits by its form and takes the processor's instruction."""
    total = np.uint64(0)
    for i in range(MAP_WORDS):
        bits = maps[one, i] ^ maps[other, i]
        bits -= (bits >> _1) & _PAIRS
        bits = (bits & _FOURS) + ((bits >> _2) & _FOURS)
        bits = (bits + (bits >> _4)) & _EIGHTS
        total += (bits * _BYTES) >> _56
    return np.int64(total)


@inlined
def _most_alike(size: Scalar, other_size: Scalar, apart: Scalar) -> Scalar:
    """The similarity that rows of these sizes have at most whose maps are so many bits apart."""
    common = min((size + other_size - apart) // 2, size, other_size)
    return common / (size + other_size - common)


class _Near(NamedTuple):
    """Members of a few buckets, and side by side what `Rows` has of them far apart: sizes and maps."""

    members: Numbers
    sizes: Numbers
    maps: Hashes


@inlined
def _gather(rows: Rows, members: Numbers, near: _Near) -> None:
    """Copy what is known of these members: in a loop that does nothing else, the processor waits for many at a time."""
    for at in range(len(members)):
        row = rows.rows[members[at]]
        near.members[at], near.sizes[at] = members[at], rows.sizes[row]
        for word in range(MAP_WORDS):
            near.maps[at, word] = rows.maps[row, word]


@inlined
def _mark_before(near: _Near, first: Scalar, at: Scalar, threshold: Scalar, marked: Flags) -> Scalar:
    """Mark the member at this place and the first one from `first` on with which it could reach the threshold.

    The loop where most of the time goes: with the distance as the only call it takes a fifth of the time.
    """
    sizes, maps = near.sizes, near.maps
    size = np.int64(sizes[at])
    for before in range(first, at):
        if _most_alike(size, np.int64(sizes[before]), _bits_apart(maps, at, before)) >= threshold:
            marked[near.members[at]] = marked[near.members[before]] = True
            return True
    return False


@inlined
def _mark_waiting(
    near: _Near, at: Scalar, waiting: Numbers, n_waiting: Scalar, threshold: Scalar, marked: Flags
) -> Scalar:
    """Mark those of the unmarked members with which the one at this place, itself marked, could; how many stay."""
    sizes, maps = near.sizes, near.maps
    size = np.int64(sizes[at])
    left = 0
    for number in range(n_waiting):
        other = waiting[number]
        if marked[near.members[other]]:
            continue
        if _most_alike(size, np.int64(sizes[other]), _bits_apart(maps, at, other)) >= threshold:
            marked[near.members[other]] = True
            continue
        waiting[left] = other
        left += 1
    return left


@inlined
def _mark_bucket(near: _Near, first: Scalar, last: Scalar, waiting: Numbers, threshold: Scalar, marked: Flags) -> None:
    n_waiting = 0
    for at in range(first, last):
        if marked[near.members[at]] or _mark_before(near, first, at, threshold, marked):
            n_waiting = _mark_waiting(near, at, waiting, n_waiting, threshold, marked)
        else:
            waiting[n_waiting] = at
            n_waiting += 1


@compiled
def mark_bounded(
    rows: Rows, buckets: Buckets, members: Numbers, threshold: Scalar, first: Scalar, last: Scalar, marked: Flags
) -> None:
    """Mark the rows of the buckets `first` to `last` (exclusive) that could reach the threshold with another of theirs.

    Only their shingles have to be read. Each pair is looked at once, for the bound is the same from both sides, and one
    of which both are marked already not at all; in a bucket of rows that are all alike each is compared once. Where
    texts are edits of a few thousand, buckets grow with the rows, and pairs with their square: what they are compared
    by is brought together first.
    """
    starts = buckets.starts
    room = max(_GATHERED, np.diff(starts[first : last + 1]).max())
    near = _Near(np.empty(room, np.int32), np.empty(room, np.int32), np.empty((room, MAP_WORDS), np.uint64))
    waiting = np.empty(room, np.int32)
    while first < last:
        end = first + 1
        while end < last and starts[end + 1] - starts[first] <= room:
            end += 1
        _gather(rows, members[starts[first] : starts[end]], near)
        for group in range(first, end):
            here = starts[group] - starts[first]
            _mark_bucket(near, here, starts[group + 1] - starts[first], waiting, threshold, marked)
        first = end


@inlined
def _root(parents: Numbers, i: Scalar) -> Scalar:
    """The first row of i's component; the way there is halved for the next time."""
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@inlined
def _join(parents: Numbers, one: Scalar, other: Scalar) -> None:
    root, other_root = _root(parents, one), _root(parents, other)
    parents[max(root, other_root)] = min(root, other_root)


@inlined
def _unite_all(near: _Near, first: Scalar, at: Scalar, threshold: Scalar, parents: Numbers) -> None:
    """Join the member at this place with each one before it that it could reach the threshold with."""
    sizes, maps, members = near.sizes, near.maps, near.members
    size = np.int64(sizes[at])
    for before in range(first, at):
        if _root(parents, members[before]) == _root(parents, members[at]):
            continue
        if _most_alike(size, np.int64(sizes[before]), _bits_apart(maps, at, before)) >= threshold:
            _join(parents, members[at], members[before])


@inlined
def _unite_strangers(
    near: _Near, first: Scalar, at: Scalar, strangers: Numbers, n_strangers: Scalar, threshold: Scalar, parents: Numbers
) -> Scalar:
    """The same of a member of the first one's component: only those of others are looked at; how many stay."""
    sizes, maps, members = near.sizes, near.maps, near.members
    size = np.int64(sizes[at])
    left = 0
    for number in range(n_strangers):
        other = strangers[number]
        if _root(parents, members[other]) == _root(parents, members[first]):
            continue
        if _most_alike(size, np.int64(sizes[other]), _bits_apart(maps, at, other)) >= threshold:
            _join(parents, members[at], members[other])
            continue
        strangers[left] = other
        left += 1
    return left


@inlined
def _unite_bucket(
    near: _Near, first: Scalar, last: Scalar, strangers: Numbers, threshold: Scalar, parents: Numbers
) -> None:
    """A bucket of one large component and a few strangers costs each row the strangers."""
    n_strangers = 0
    for at in range(first + 1, last):
        if _root(parents, near.members[at]) == _root(parents, near.members[first]):
            n_strangers = _unite_strangers(near, first, at, strangers, n_strangers, threshold, parents)
            continue
        _unite_all(near, first, at, threshold, parents)
        if _root(parents, near.members[at]) != _root(parents, near.members[first]):
            strangers[n_strangers] = at
            n_strangers += 1


@compiled
def unite_bounded(rows: Rows, buckets: Buckets, members: Numbers, threshold: Scalar, parents: Numbers) -> None:
    """Union-find over all pairs of a bucket that could reach the threshold: `parents`, 0 to n - 1 before, then names
    components by row."""
    starts = buckets.starts
    last = len(starts) - 1
    largest = np.diff(starts).max() if last else 0
    room = max(_GATHERED, largest)
    near = _Near(np.empty(room, np.int32), np.empty(room, np.int32), np.empty((room, MAP_WORDS), np.uint64))
    strangers = np.empty(room, np.int32)
    first = 0
    while first < last:
        end = first + 1
        while end < last and starts[end + 1] - starts[first] <= room:
            end += 1
        _gather(rows, members[starts[first] : starts[end]], near)
        for group in range(first, end):
            here = starts[group] - starts[first]
            _unite_bucket(near, here, starts[group + 1] - starts[first], strangers, threshold, parents)
        first = end
    for i in range(len(parents)):
        parents[i] = _root(parents, i)

"""Rows that could be alike, brought together: components of the pairs that share a band and whose bound reaches the
threshold.

A row is compared with rows of its component only, and a component stands in one stretch of every array. So what a
resolution looks at lies close together, and the shingles of millions of rows may lie in a file: each part of it is read
once, and not at random.

>>> from tunesmith.curate.scratch import Scratch
>>> from tunesmith.curate.sketch import sketch
>>> import pyarrow as pa
>>> whole = sketch(pa.array(["a b c d e f g", "x y z", "a b c d e f g h"]))
>>> compact = Compact.of(whole, threshold=0.7)
>>> find_candidates(compact, np.arange(3), 0.7, Scratch(None)).rows.tolist()
[0, 2]
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tunesmith.curate.bands import Buckets, Numbers, find_buckets, group_bands
from tunesmith.curate.bounded import mark_bounded, unite_bounded
from tunesmith.curate.compact import Compact
from tunesmith.curate.pairs import Rows, fill_members
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Hashes, Places

Flags = npt.NDArray[np.bool_]

NO_SETS = ShingleSets(np.empty(0, np.uint64), np.zeros(1, np.int64))
_MEMBERS_A_TASK = 1 << 18
_ROWS_AT_A_TIME = 1 << 16
_ODD = np.uint64(0x9E3779B97F4A7C15)  # a product with it is another number for each number, and spreads their bits
_ALONE = np.uint64(1) << np.uint64(63)


class Group(Protocol):
    """As `find_buckets`; the buckets may be numbered in any order."""

    def __call__(self, keys: Hashes, rows: Places, *, scratch: Scratch, threads: int | None = None) -> Buckets:
        """Group rows by their keys, band by band."""
        ...


class Candidates(NamedTuple):
    """The rows that could be alike to another, component by component, in each in the order that they were given in.

    `rows`: their numbers in the column, shape `(n,)`; `sizes` and `maps` of them; `buckets`: of rows of one component.
    """

    rows: Places
    sizes: Numbers
    maps: Hashes
    buckets: Buckets


def find_candidates(
    compact: Compact,
    rows: Places,
    threshold: float,
    scratch: Scratch,
    *,
    group: Group = find_buckets,
    threads: int | None = None,
) -> Candidates:
    """Those of `rows` (numbers in the column, in order of priority) that could reach the threshold with another."""
    buckets = group(compact.keys, rows, scratch=scratch, threads=threads)
    marked = _marked(_bare(compact, rows), buckets, threshold, scratch, threads)
    chosen, groups = rows[marked], scratch.array((len(buckets.groups), int(marked.sum())), np.int32)
    for band, of_band in enumerate(buckets.groups):
        groups[band] = of_band[marked]
    del buckets
    labels = _components(_bare(compact, chosen), groups, threshold, scratch, threads)
    order = np.argsort(labels, kind="stable")
    chosen = chosen[order]
    together = _grouped(groups, scratch, threads, order=order, labels=labels[order].astype(np.uint64))
    return Candidates(chosen, compact.sizes[chosen], _taken(compact.maps, chosen, scratch), together)


def _bare(compact: Compact, rows: Places) -> Rows:
    return Rows(rows, compact.sizes, compact.maps, np.empty(0, np.int64), NO_SETS, NO_SETS)


def _marked(rows: Rows, buckets: Buckets, threshold: float, scratch: Scratch, threads: int | None) -> Flags:
    """Which rows could reach the threshold with another, shape `(n,)`."""
    members = _members(buckets, scratch)
    marked = np.zeros(len(rows.rows), bool)
    cuts = np.searchsorted(buckets.starts, range(0, len(members) + _MEMBERS_A_TASK, _MEMBERS_A_TASK))
    cuts = np.unique(np.minimum(cuts, len(buckets.starts) - 1))

    def mark(task: tuple[int, int]) -> None:
        mark_bounded(rows, buckets, members, threshold, *task, marked)

    run_threads(mark, list(pairwise(cuts.tolist())), threads)
    return marked


def _members(buckets: Buckets, scratch: Scratch) -> Numbers:
    members: Numbers = scratch.array((int(buckets.starts[-1]),), np.int32)
    fill_members(buckets, members)
    return members


def _components(
    rows: Rows, groups: Numbers, threshold: float, scratch: Scratch, threads: int | None
) -> npt.NDArray[np.int32]:
    """The first row of each one's component, by place."""
    buckets = _grouped(groups, scratch, threads)
    parents = np.arange(len(rows.rows), dtype=np.int32)
    unite_bounded(rows, buckets, _members(buckets, scratch), threshold, parents)
    return parents


def _grouped(
    groups: Numbers,
    scratch: Scratch,
    threads: int | None,
    *,
    order: Places | None = None,
    labels: Hashes | None = None,
) -> Buckets:
    """The buckets anew, of these rows alone, in another order and apart by their labels where there are any."""

    def keys_of(band: int) -> Hashes:
        mine = groups[band] if order is None else groups[band][order]
        keys = mine.astype(np.int64).view(np.uint64)
        if labels is not None:
            keys = (keys << np.uint64(32)) | labels
        alone = np.flatnonzero(mine < 0)
        keys[alone] = _ALONE | alone.astype(np.uint64)
        spread: Hashes = keys * _ODD
        return spread

    return group_bands(keys_of, groups.shape, scratch=scratch, threads=threads)


def _taken(maps: Hashes, rows: Places, scratch: Scratch) -> Hashes:
    found: Hashes = scratch.array((len(rows), maps.shape[1]), np.uint64)
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        part = slice(start, start + _ROWS_AT_A_TIME)
        found[part] = maps[rows[part]]
    return found

"""The rows that could be alike to another are those of the obvious loop over all pairs of every bucket."""

from __future__ import annotations

import numpy as np
import pytest

from tunesmith.curate.bands import Buckets
from tunesmith.curate.bounded import unite_bounded
from tunesmith.curate.candidates import NO_SETS, _marked, _members
from tunesmith.curate.pairs import MAP_WORDS, Rows
from tunesmith.curate.scratch import Scratch


def _rows(n_rows: int, n_kinds: int, random: np.random.Generator) -> Rows:
    """Rows of a few kinds: those of one kind differ in up to 60 of 1,024 bits, others in about half of them."""
    kinds = random.integers(0, 1 << 63, (n_kinds, MAP_WORDS)).astype(np.uint64)
    maps = kinds[random.integers(0, n_kinds, n_rows)]
    for row in range(n_rows):
        for bit in random.integers(0, 64 * MAP_WORDS, random.integers(0, 31)):
            maps[row, bit // 64] ^= np.uint64(1) << np.uint64(bit % 64)
    sizes = random.integers(30, 90, n_rows).astype(np.int32)
    return Rows(random.permutation(n_rows), sizes, maps, np.empty(0, np.int64), NO_SETS, NO_SETS)


def _buckets(n_rows: int, n_bands: int, n_groups: int, random: np.random.Generator) -> Buckets:
    groups = random.integers(0, n_groups, (n_bands, n_rows))
    groups += np.arange(n_bands)[:, None] * n_groups
    numbers, sizes = np.unique(groups, return_counts=True)
    shared = np.full(n_bands * n_groups, -1)
    shared[numbers[sizes > 1]] = np.arange((sizes > 1).sum())
    return Buckets(shared[groups].astype(np.int32), np.concatenate([[0], np.cumsum(sizes[sizes > 1])]))


def _obvious(rows: Rows, buckets: Buckets, threshold: float) -> list[bool]:
    marked = np.zeros(len(rows.rows), bool)
    for group in range(len(buckets.starts) - 1):
        members = np.flatnonzero((buckets.groups == group).any(axis=0))
        sizes = rows.sizes[rows.rows[members]].astype(np.int64)
        maps = rows.maps[rows.rows[members]].view(np.uint8)
        for one in range(len(members)):
            apart = np.unpackbits(maps ^ maps[one], axis=1).sum(axis=1).astype(np.int64)
            both = sizes + sizes[one]
            common = np.minimum((both - apart) // 2, np.minimum(sizes, sizes[one]))
            alike = common / (both - common) >= threshold
            alike[one] = False
            marked[members[one]] |= alike.any()
    return marked.tolist()


@pytest.mark.parametrize(
    ("n_rows", "n_kinds", "n_bands", "n_groups"),
    [(2, 1, 1, 1), (300, 40, 3, 60), (300, 250, 4, 5), (2500, 4, 2, 1), (2500, 2000, 2, 3)],
)
def test_the_marked_rows_are_those_of_all_pairs(n_rows: int, n_kinds: int, n_bands: int, n_groups: int) -> None:
    random = np.random.default_rng(n_rows + n_kinds)
    rows, buckets = _rows(n_rows, n_kinds, random), _buckets(n_rows, n_bands, n_groups, random)
    wanted = _obvious(rows, buckets, 0.5)
    assert _marked(rows, buckets, 0.5, Scratch(None), 2).tolist() == wanted
    assert any(wanted)
    assert n_kinds < n_rows / 2 or n_rows == 2 or not all(wanted)


def test_no_bucket_marks_no_row() -> None:
    rows = _rows(3, 1, np.random.default_rng(0))
    alone = Buckets(np.full((2, 3), -1, np.int32), np.zeros(1, np.int64))
    assert not _marked(rows, alone, 0.5, Scratch(None), 1).any()


def _components(rows: Rows, buckets: Buckets, threshold: float) -> list[int]:
    """By the obvious loop."""
    labels = list(range(len(rows.rows)))
    for group in range(len(buckets.starts) - 1):
        members = np.flatnonzero((buckets.groups == group).any(axis=0)).tolist()
        for at, one in enumerate(members):
            for other in members[:at]:
                if _bound(rows, one, other) >= threshold:
                    low, high = sorted((labels[one], labels[other]))
                    labels = [low if label == high else label for label in labels]
    return labels


def _bound(rows: Rows, one: int, other: int) -> float:
    sizes = [int(rows.sizes[rows.rows[row]]) for row in (one, other)]
    apart = int(np.unpackbits((rows.maps[rows.rows[one]] ^ rows.maps[rows.rows[other]]).view(np.uint8)).sum())
    common = min((sum(sizes) - apart) // 2, *sizes)
    return common / (sum(sizes) - common)


@pytest.mark.parametrize(("n_rows", "n_kinds", "n_groups"), [(2, 1, 1), (200, 30, 12), (200, 150, 5), (300, 3, 1)])
@pytest.mark.parametrize("seed", [1, 2])
def test_components_are_those_of_all_pairs(n_rows: int, n_kinds: int, n_groups: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, buckets = _rows(n_rows, n_kinds, random), _buckets(n_rows, 2, n_groups, random)
    parents = np.arange(n_rows, dtype=np.int32)
    unite_bounded(rows, buckets, _members(buckets, Scratch(None)), 0.5, parents)
    assert parents.tolist() == _components(rows, buckets, 0.5)
    assert len(set(parents.tolist())) < n_rows

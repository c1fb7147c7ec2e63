"""Selection: what is taken is far apart, what is left out has somebody near, and k-centre keeps its guarantee."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.diversity import (
    Selection,
    even_quotas,
    quality_of,
    select_by_cluster,
    select_k_centre,
    select_quality_first,
)
from tunesmith.curate.embedding_grid import Flags, Grid, cosines, products, to_grid

SEEDS = st.integers(0, 2**32 - 1)


def _grid(seed: int, n_rows: int, *, dimension: int = 4) -> Grid:
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((n_rows, dimension))
    vectors[random.random(n_rows) < 0.1] = 0
    return to_grid(vectors)


def _slowly(grid: Grid, quality: list[float], threshold: float, most: int) -> list[int]:
    """The definition, row by row."""
    kept: list[int] = []
    for row in sorted(range(len(quality)), key=lambda i: (-quality[i], i)):
        near = [cosines(grid, np.array([row]), np.array([other]))[0] for other in kept]
        if len(kept) < most and all(cosine <= threshold for cosine in near):
            kept.append(row)
    return kept


@given(SEEDS, st.sampled_from([0.3, 0.6, 0.9]), st.integers(0, 25))
@settings(max_examples=50, deadline=None)
def test_quality_first_agrees_with_the_definition(seed: int, threshold: float, most: int) -> None:
    grid = _grid(seed, 25)
    quality = np.random.default_rng(seed).integers(0, 5, 25).astype(float)
    found = select_quality_first(grid, quality, threshold=threshold, rows=most)
    assert found.order.tolist() == _slowly(grid, quality.tolist(), threshold, most)
    assert np.flatnonzero(found.kept).tolist() == sorted(found.order.tolist())


@given(SEEDS, st.integers(1, 20))
@settings(max_examples=50, deadline=None)
def test_a_row_left_out_names_the_nearest_that_was_taken(seed: int, most: int) -> None:
    grid = _grid(seed, 25)
    found = select_quality_first(grid, np.zeros(25), threshold=0.5, rows=most)
    kept = np.flatnonzero(found.kept & (grid.squares > 0))
    for row in np.flatnonzero(found.partner >= 0).tolist():
        every = cosines(grid, np.full(len(kept), row), kept)
        assert (found.partner[row], found.similarity[row]) == (kept[every.argmax()], every.max())
    assert (found.similarity[found.too_close] > 0.5).all()
    assert not (found.kept & (found.partner >= 0)).any()


def test_a_cosine_equal_to_the_threshold_is_let_in() -> None:
    grid = to_grid(np.array([[1.0, 0.0], [0.8, 0.6]]))
    cosine = float(cosines(grid, np.array([0]), np.array([1]))[0])
    assert select_quality_first(grid, np.zeros(2), threshold=cosine).kept.all()
    assert not select_quality_first(grid, np.zeros(2), threshold=float(np.nextafter(cosine, 0))).kept.all()


def test_a_row_that_a_person_keeps_is_taken_before_a_better_one() -> None:
    grid = to_grid(np.array([[1.0, 0.0], [1.0, 0.0]]))
    found = select_quality_first(grid, np.array([9.0, 1.0]), threshold=0.9, stays=np.array([False, True]))
    assert found.kept.tolist() == [False, True]


def test_a_row_without_a_score_comes_last() -> None:
    grid = to_grid(np.eye(3))
    found = select_quality_first(grid, np.array([np.nan, -5.0, 2.0]), threshold=0.9)
    assert found.order.tolist() == [2, 1, 0]


def _radius(grid: Grid, rows: np.ndarray, centres: list[int]) -> float:
    """The greatest angle between a row and its nearest centre."""
    both = np.sqrt(grid.squares[rows][:, None].astype(float) * grid.squares[centres])
    cosine = products(grid, rows, np.array(centres)) / both
    return float(np.arccos(np.clip(cosine.max(axis=1), -1, 1)).max())


@given(SEEDS, st.integers(1, 4), st.integers(2, 3))
@settings(max_examples=40, deadline=None)
def test_k_centre_covers_at_twice_the_best_distance_at_most(seed: int, k: int, dimension: int) -> None:
    grid = _grid(seed, 10, dimension=dimension)
    rows = np.flatnonzero(grid.squares > 0)
    found = select_k_centre(grid, k, seed=seed)
    assert len(found.order) == min(k, len(rows))
    best = min(_radius(grid, rows, list(some)) for some in combinations(rows.tolist(), len(found.order)))
    assert _radius(grid, rows, found.order.tolist()) <= 2 * best + 1e-6


def test_k_centre_goes_for_the_farthest_row_each_time() -> None:
    angles = np.radians([0, 5, 90, 50, 180])
    grid = to_grid(np.column_stack([np.cos(angles), np.sin(angles)]))
    found = select_k_centre(grid, 4, seed=0, first=[0])
    assert found.order.tolist() == [0, 4, 2, 3]
    assert found.partner.tolist() == [-1, 0, -1, -1, -1]


def test_rows_that_are_taken_first_are_all_taken() -> None:
    grid = to_grid(np.eye(4))
    assert select_k_centre(grid, 1, seed=0, first=[2, 1, 2]).order.tolist() == [2, 1]


def test_more_rows_than_there_are_take_them_all_once() -> None:
    grid = to_grid(np.array([[1.0, 0], [1, 0], [0, 1], [0, 0]]))
    assert sorted(select_k_centre(grid, 9, seed=3).order.tolist()) == [0, 1, 2]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 40))
def test_quotas_are_even_and_use_all_that_there_is(sizes: list[int], rows: int) -> None:
    quotas = even_quotas(np.array(sizes), rows)
    assert sum(quotas) == min(rows, sum(sizes))
    unfilled = [quota for quota, size in zip(quotas, sizes) if quota < size]
    assert all(quota <= size for quota, size in zip(quotas, sizes))
    assert not unfilled or max(quotas) - min(unfilled) <= 1


def test_every_cluster_gets_its_part_of_a_selection() -> None:
    grid, labels = to_grid(np.eye(6)), np.array([0, 0, 0, 0, 1, 2])

    def choose(alive: Flags, most: int) -> Selection:
        return select_quality_first(grid, np.zeros(6), threshold=0.9, rows=most, alive=alive)

    found = select_by_cluster(labels, 4, choose, alive=np.ones(6, bool))
    assert np.flatnonzero(found.kept).tolist() == [0, 1, 4, 5]


def test_quality_is_the_judges_score_where_there_is_one() -> None:
    lengths = pa.array([10, 20], pa.int32())
    judged = pa.table({"answer_characters": lengths, "judge": pa.array([None, 4.0], pa.float32())})
    unjudged = pa.table({"answer_characters": lengths, "judge": pa.array([None, None], pa.float32())})
    np.testing.assert_array_equal(quality_of(judged), [np.nan, 4.0])
    assert quality_of(unjudged).tolist() == quality_of(unjudged.select(["answer_characters"])).tolist() == [10, 20]

"""Semantic duplicates: each dropped row has a surviving partner at the threshold, exactly, and no pair is missed."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate import semantic
from tunesmith.curate.embedding_grid import Grid, cosines, to_grid
from tunesmith.curate.semantic import SemanticDuplicates, find_semantic, number_labels

SEEDS = st.integers(0, 2**32 - 1)
THRESHOLDS = st.sampled_from([0.5, 0.8, 0.95, 1.0])


def _rows(seed: int, n_rows: int = 40) -> tuple[Grid, dict[str, Any]]:
    """Rows around a few directions, some equal, some without an embedding, with everything that a stage passes."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((4, 6))
    vectors = centres[random.integers(4, size=n_rows)] + random.choice([0.0, 0.2, 0.6], (n_rows, 1)) * (
        random.standard_normal((n_rows, 6))
    )
    vectors[random.random(n_rows) < 0.05] = 0
    settings = {
        "rank": random.permutation(n_rows),
        "alive": random.random(n_rows) < 0.9,
        "stays": random.random(n_rows) < 0.1,
        "classes": random.integers(-1, 2, n_rows),
        "labels": random.integers(0, 3, n_rows) // 2,
    }
    return to_grid(vectors), settings


def _slowly(columns: list[Grid], threshold: float, rows: dict[str, Any]) -> npt.NDArray[np.int64]:
    """The definition, row by row."""
    partner, survivors = np.full(len(rows["rank"]), -1), []
    for row in np.argsort(rows["rank"]).tolist():
        if not rows["alive"][row] or rows["classes"][row] < 0 or any(grid.squares[row] == 0 for grid in columns):
            continue
        found = []
        for place, other in enumerate(survivors):
            same = all(rows[name][row] == rows[name][other] for name in ("classes", "labels"))
            lowest = min(cosines(grid, np.array([row]), np.array([other]))[0] for grid in columns)
            if same and lowest >= threshold:
                found.append((-lowest, place, other))
        if found and not rows["stays"][row]:
            partner[row] = min(found)[2]
        else:
            survivors.append(row)
    return partner


@given(SEEDS, THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_the_definition(seed: int, threshold: float) -> None:
    grid, rows = _rows(seed)
    found = find_semantic([grid], threshold=threshold, **rows)
    assert found.partner.tolist() == _slowly([grid], threshold, rows).tolist()


@given(SEEDS, THRESHOLDS)
@settings(max_examples=40, deadline=None)
def test_with_two_texts_both_have_to_reach_the_threshold(seed: int, threshold: float) -> None:
    (prompts, rows), (answers, _) = _rows(seed), _rows(seed + 1)
    found = find_semantic([prompts, answers], threshold=threshold, **rows)
    assert found.partner.tolist() == _slowly([prompts, answers], threshold, rows).tolist()


@given(SEEDS, THRESHOLDS)
@settings(max_examples=60, deadline=None)
def test_a_dropped_row_names_a_survivor_and_their_exact_cosine(seed: int, threshold: float) -> None:
    grid, rows = _rows(seed)
    found = find_semantic([grid], threshold=threshold, **rows)
    dropped = np.flatnonzero(found.partner >= 0)
    assert (found.partner[found.partner[dropped]] == -1).all()
    assert found.similarity[dropped].tolist() == cosines(grid, dropped, found.partner[dropped]).tolist()
    assert (found.similarity[dropped] >= threshold).all()
    assert not (rows["stays"] | ~rows["alive"])[dropped].any()


@given(SEEDS, st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_blocks_change_nothing(seed: int, block: int, chunk: int) -> None:
    grid, rows = _rows(seed)
    whole = find_semantic([grid, grid], threshold=0.8, **rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(semantic, "BLOCK", block)
        patch.setattr(semantic, "CHUNK", chunk)
        cut = find_semantic([grid, grid], threshold=0.8, **rows)
    for one, other in zip(whole, cut):
        np.testing.assert_array_equal(one, other)


def _lines(*degrees: float) -> Grid:
    angles = np.radians(degrees)
    return to_grid(np.column_stack([np.cos(angles), np.sin(angles)]))


def _found(grid: Grid, threshold: float, **wished: Any) -> SemanticDuplicates:
    return find_semantic([grid], rank=np.arange(len(grid.squares)), threshold=threshold, **wished)


def test_there_are_no_chains() -> None:
    # 0 and 10 degrees are alike, 10 and 20 are, 0 and 20 are not: the row in the middle drops nobody
    assert _found(_lines(0, 10, 20), np.cos(np.radians(15))).partner.tolist() == [-1, 0, -1]


def test_the_most_similar_survivor_is_the_partner() -> None:
    assert _found(_lines(0, 30, 20), np.cos(np.radians(25))).partner.tolist() == [-1, -1, 1]


def test_a_cosine_equal_to_the_threshold_reaches_it() -> None:
    grid = _lines(0, 10)
    cosine = float(cosines(grid, np.array([0]), np.array([1]))[0])
    assert _found(grid, cosine).partner.tolist() == [-1, 0]
    assert _found(grid, float(np.nextafter(cosine, 2))).partner.tolist() == [-1, -1]


def test_equal_vectors_are_duplicates_at_a_threshold_of_one() -> None:
    assert _found(_lines(17, 17), 1.0).partner.tolist() == [-1, 0]


def test_a_row_that_a_person_keeps_survives_beside_its_likeness() -> None:
    stays = np.array([False, True])
    assert _found(_lines(0, 1), 0.9, stays=stays).partner.tolist() == [-1, -1]


def test_no_rows_have_no_duplicates() -> None:
    assert len(_found(to_grid(np.empty((0, 3))), 0.9).partner) == 0


def test_a_threshold_that_all_rows_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        _found(_lines(0, 1), 0.0)
    with pytest.raises(ValueError, match="expected 1 embeddings"):
        find_semantic([_lines(0, 1)], rank=np.arange(1), threshold=0.9)


SAME_NUMBERS = [
    ("Add 17 and 25.", "What is the sum of 25 and 17?"),
    ("小明今年8岁", "小明今年８岁了"),
    ("Tips:\n1. Sleep\n2. Eat", "Sleep, eat."),
    ("建议：\n1、睡觉\n2、吃饭", "建议睡觉和吃饭"),
    ("Why is the sky blue?", "天为什么是蓝的？"),
]
OTHER_NUMBERS = [
    ("Add 17 and 25.", "Add 17 and 26."),
    ("小明今年8岁", "小明今年9岁"),
    ("It costs 3.50", "It costs 350"),
    ("3 apples", "3 apples and 3 pears"),
    ("At 10:30", "At 10:45"),
]


@pytest.mark.parametrize(("one", "other"), SAME_NUMBERS)
def test_rows_of_the_same_numbers_may_say_the_same(one: str, other: str) -> None:
    first, second = number_labels([(one,), (other,)]).tolist()
    assert first == second


@pytest.mark.parametrize(("one", "other"), OTHER_NUMBERS)
def test_rows_of_other_numbers_never_do(one: str, other: str) -> None:
    first, second = number_labels([(one,), (other,)]).tolist()
    assert first != second


def test_a_number_counts_on_its_side() -> None:
    first, second = number_labels([("1 + 1", "2"), ("1 + 1 2", "")]).tolist()
    assert first != second

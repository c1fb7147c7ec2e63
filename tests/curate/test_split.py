"""The split: equal prompts stay together, the target is kept, every source is represented, and the seed decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.split import Split, split_rows, target_rows

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2), st.booleans()), min_size=1, max_size=60)


def _split(rows: list[tuple[int, int, bool]], target: int, seed: int = 0) -> Split:
    """Rows are (prompt, source, alive)."""
    keys = np.array([[prompt, prompt + 7] for prompt, *_ in rows], np.uint64)
    sources, alive = np.array([row[1] for row in rows], np.int32), np.array([row[2] for row in rows], bool)
    return split_rows(keys, sources, alive, target=target, seed=seed)


@given(ROWS, st.integers(0, 30), st.integers(0, 9))
def test_equal_prompts_are_never_on_two_sides(rows: list[tuple[int, int, bool]], target: int, seed: int) -> None:
    chosen = _split(rows, target, seed).validation.tolist()
    sides: dict[int, set[bool]] = {}
    for (prompt, _, alive), side in zip(rows, chosen):
        if alive:
            sides.setdefault(prompt, set()).add(side)
    assert all(len(side) == 1 for side in sides.values())


@given(ROWS, st.integers(0, 30))
def test_the_target_is_never_exceeded_and_no_row_that_left_is_chosen(
    rows: list[tuple[int, int, bool]], target: int
) -> None:
    chosen = _split(rows, target).validation
    assert chosen.sum() <= target
    assert not (chosen & ~np.array([row[2] for row in rows])).any()


@given(st.integers(1, 80), st.integers(0, 40))
def test_the_target_is_met_exactly_where_no_prompt_repeats(n_rows: int, target: int) -> None:
    rows = [(number, number % 3, True) for number in range(n_rows)]
    found = _split(rows, min(target, n_rows))
    assert found.validation.sum() == min(target, n_rows)
    assert found.announcement is None


@given(ROWS, st.integers(0, 30), st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows: list[tuple[int, int, bool]], target: int, random: object) -> None:
    shuffled = list(range(len(rows)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    straight = _split(rows, target).validation
    np.testing.assert_array_equal(_split([rows[i] for i in shuffled], target).validation, straight[shuffled])


def test_every_source_gives_its_share() -> None:
    rows = [(number, source, True) for number, source in enumerate([0] * 100 + [1] * 50 + [2] * 10)]
    chosen = _split(rows, 16).validation
    assert [int(chosen[np.array([row[1] == source for row in rows])].sum()) for source in (0, 1, 2)] == [10, 5, 1]


def test_another_seed_draws_other_rows() -> None:
    rows = [(number, 0, True) for number in range(100)]
    assert _split(rows, 10, 1).validation.tolist() == _split(rows, 10, 1).validation.tolist()
    assert _split(rows, 10, 1).validation.tolist() != _split(rows, 10, 2).validation.tolist()


def test_a_prompt_with_more_rows_than_the_target_goes_to_train_and_is_announced() -> None:
    found = _split([(1, 0, True)] * 10, 3)
    assert not found.validation.any()
    assert found.largest_group == 10
    assert found.announcement is not None
    assert "0 rows instead of 3" in found.announcement.en


def test_no_living_row_is_no_split() -> None:
    assert _split([(1, 0, False)], 0)[1:4] == (0, 0, 0)


@pytest.mark.parametrize(
    ("n_rows", "wished", "rows"),
    [
        (1000, 0.1, 100),
        (1_000_000, 0.1, 2000),  # at most
        (5, 0.1, 1),  # at least
        (2, 0.5, 1),
        (1, 0.5, 0),  # the last row trains
        (0, 0.5, 0),
        (100, 0, 0),
        (100, 30, 30),  # a number of rows, as it is
        (100, 5000, 99),
    ],
)
def test_the_target_is_a_share_within_bounds_or_a_number_of_rows(n_rows: int, wished: float, rows: int) -> None:
    assert target_rows(n_rows, wished, least=1, most=2000) == rows

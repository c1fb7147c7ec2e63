"""The seeded order: a row's number depends on its own identity and the seed alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.sampling import seeded_order

NAMES = st.lists(st.text(max_size=8), unique=True, max_size=20)


@given(NAMES, NAMES, st.integers(0, 2**32))
def test_other_rows_never_change_a_rows_number(mine: list[str], others: list[str], seed: int) -> None:
    alone = seeded_order(mine, seed)
    together = seeded_order([*others, *mine], seed)
    np.testing.assert_array_equal(together[len(others) :], alone)


def test_another_seed_gives_another_order() -> None:
    names = [str(number) for number in range(50)]
    assert seeded_order(names, 0).argsort().tolist() != seeded_order(names, 1).argsort().tolist()


def test_equal_identities_have_equal_numbers() -> None:
    first, second = seeded_order(["a", "a"], 7)
    assert first == second


def test_the_numbers_are_the_same_on_every_machine() -> None:
    assert seeded_order(iter(["content"]), 0).tolist() == [6193209363630369380]


def test_no_rows_have_no_order() -> None:
    assert seeded_order([], 0).shape == (0,)

"""Rows of digests are told apart by all of their columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tunesmith.curate.keys import _mixed, number_keys


@given(arrays(np.uint64, st.tuples(st.integers(0, 30), st.integers(1, 4)), elements=st.integers(0, 2)))
def test_equal_rows_and_no_others_share_a_number(keys: np.ndarray) -> None:
    numbers = number_keys(keys).tolist()
    rows = [tuple(row) for row in keys.tolist()]
    assert sorted(set(numbers)) == [*range(len(set(rows)))]
    assert len(set(zip(rows, numbers))) == len(set(rows))


def test_different_rows_that_mix_to_the_same_number_have_numbers_of_their_own() -> None:
    first = np.array([[1], [2]], np.uint64)
    mixed = _mixed(first)
    second = np.array([0, mixed[0] ^ mixed[1]], np.uint64)
    keys = np.column_stack([first, second])[[0, 1, 0, 1, 0]]
    assert len(np.unique(_mixed(keys))) == 1
    numbers = number_keys(keys)
    assert (numbers == numbers[[0, 1, 0, 1, 0]]).all()
    assert numbers[0] != numbers[1]

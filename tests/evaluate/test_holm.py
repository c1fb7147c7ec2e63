"""Holm's correction, checked against statsmodels and by what it promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from tunesmith.evaluate.holm import holm


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_holm_agrees_with_statsmodels(n: int) -> None:
    ps = (np.random.default_rng(n).integers(0, 30, n) / 300).tolist()  # ties among them
    theirs: Any = multipletests(ps, method="holm")[1]
    assert holm(ps) == pytest.approx(theirs.tolist())


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
@settings(max_examples=100, deadline=None)
def test_what_was_not_tested_does_not_count(ps: list[float | None]) -> None:
    adjusted = iter(holm([p for p in ps if p is not None]))
    assert holm(ps) == [None if p is None else next(adjusted) for p in ps]


def test_the_smallest_p_counts_for_all_and_none_exceeds_one() -> None:
    assert holm([0.04, 0.01, 0.03]) == [0.06, 0.03, 0.06]
    assert holm([0.7, 0.9]) == [1.0, 1.0]
    assert holm([]) == []

"""What a number of items can show, against statsmodels and against the exact power of the exact test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from tunesmith.evaluate.power import binary_power, detectable_binary, detectable_mean, needed_binary, needed_mean
from tunesmith.evaluate.significance import compare_binary, compare_means


@pytest.mark.parametrize("n", [10, 30, 200, 2000])
def test_the_detectable_difference_of_means_is_that_of_the_paired_t_test(n: int) -> None:
    theirs = TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8)
    assert detectable_mean(1 / n**0.5, n) == pytest.approx(theirs, rel=0.015)


@pytest.mark.parametrize("effect", [0.1, 0.3, 0.8])
def test_the_needed_items_are_those_of_the_paired_t_test(effect: float) -> None:
    theirs = TTestPower().solve_power(effect_size=effect, alpha=0.05, power=0.8)
    assert needed_mean(0.2, 25, effect) == pytest.approx(theirs, abs=1.5)  # a standard deviation of 1


def exact_power(n: int, changed: float, difference: float) -> float:
    """Over every number of items that may change, each with its own critical count."""
    counts = np.arange(n + 1)
    chances = stats.binom.pmf(counts, n, changed)
    critical = stats.binom.isf(0.025, counts, 0.5)
    return float((chances * stats.binom.sf(critical, counts, (changed + difference) / (2 * changed))).sum())


CASES = [
    (n, changed, part * changed)
    for n in (50, 200, 1000)
    for changed in (0.05, 0.1, 0.3)
    for part in (0.3, 0.5, 0.8)
    if n * changed >= 10
]


@pytest.mark.parametrize(("n", "changed", "difference"), CASES)
def test_the_power_of_mcnemars_test_is_close_to_exact_and_never_too_high(
    n: int, changed: float, difference: float
) -> None:
    exact, ours = exact_power(n, changed, difference), binary_power(n, changed, difference)
    assert exact - 0.09 < ours < exact + 0.03


@pytest.mark.parametrize("changed", [0.0, 0.02, 0.1, 0.4])
@pytest.mark.parametrize("n", [30, 300, 2000])
def test_a_detectable_difference_of_shares_is_found_in_80_of_100_or_a_little_more(n: int, changed: float) -> None:
    found = detectable_binary(n, changed)
    assert found is not None
    assert 0.78 < exact_power(n, max(changed, found), found) < 0.93


@pytest.mark.parametrize(("changed", "difference"), [(0.1, 0.03), (0.3, -0.1), (0.05, 0.02)])
def test_the_needed_items_detect_just_that_difference(changed: float, difference: float) -> None:
    n = needed_binary(changed, difference)
    assert n is not None
    assert binary_power(n, changed, difference) >= 0.8 > binary_power(n - 2, changed, difference)
    assert detectable_binary(n, changed) == pytest.approx(abs(difference), rel=0.01)


def test_where_there_is_no_difference_nothing_is_needed_and_where_nothing_varies_nothing_is_told() -> None:
    assert needed_mean(0.1, 20, 0.0) is None
    assert needed_binary(0.1, 0.0) is None
    assert needed_mean(0.0, 20, 0.1) is None
    assert detectable_mean(0.0, 20) is None
    assert detectable_mean(0.1, 1) is None
    assert detectable_binary(4, 0.5) is None  # not even if all four changed the same way
    assert detectable_binary(0, 0.0) is None


def test_a_comparison_tells_what_it_could_have_seen() -> None:
    rng = np.random.default_rng(1)
    before = rng.normal(0, 1, 200)
    after = before + rng.normal(0.05, 1, 200)
    found = compare_means(before, after)
    assert found.detectable == pytest.approx(2.8 / 200**0.5, rel=0.1)
    assert found.needed is not None
    assert found.needed > 200
    marks = compare_binary(before > 0, after > 0)
    assert marks.detectable == detectable_binary(200, ((marks.gained or 0) + (marks.lost or 0)) / 200)

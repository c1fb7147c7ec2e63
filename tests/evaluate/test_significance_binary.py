"""Right and wrong before and after: the exact McNemar test, and intervals of shares and of their paired difference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.proportion import proportion_confint

from tunesmith.curate.preference_bias import wilson as wilson_of_counts
from tunesmith.evaluate.significance import compare_binary, estimate_share, verdict_of
from tunesmith.evaluate.significance_binary import mcnemar, tango, wilson

Z = 1.959963984540054
flips = st.tuples(st.integers(0, 40), st.integers(0, 40))


def marks(gained: int, lost: int, right: int, wrong: int) -> tuple[list[int], list[int]]:
    """Before and after."""
    before = [0] * gained + [1] * lost + [1] * right + [0] * wrong
    after = [1] * gained + [0] * lost + [1] * right + [0] * wrong
    return before, after


@given(flips)
@settings(max_examples=60, deadline=None)
def test_mcnemar_agrees_with_statsmodels(changed: tuple[int, int]) -> None:
    gained, lost = changed
    theirs = their_mcnemar([[5, gained], [lost, 7]], exact=True).pvalue
    assert mcnemar(gained, lost) == pytest.approx(min(1.0, theirs), rel=1e-9)


def test_mcnemar_of_thousands_of_changes_is_neither_slow_nor_zero() -> None:
    assert mcnemar(5000, 5000) == 1.0
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(6000, 4000) == pytest.approx(their_mcnemar([[0, 6000], [4000, 0]], exact=True).pvalue, rel=1e-6)


@pytest.mark.parametrize(("share", "n"), [(0.0, 5), (0.3, 10), (0.5, 32), (1.0, 200), (0.99, 1000)])
def test_wilson_agrees_with_statsmodels_and_with_curation(share: float, n: int) -> None:
    found = wilson(share, n, Z)
    assert found == pytest.approx(proportion_confint(share * n, n, method="wilson"), abs=1e-12)
    assert found == pytest.approx(wilson_of_counts(round(share * n), n), abs=1e-6)


def slow_score(gained: int, lost: int, n: int, difference: float) -> float:
    """The score of Tango's test, its nuisance share found by search instead of by the root of a polynomial."""

    def unlikely(share_lost: float) -> float:
        cells = (
            (gained, share_lost + difference),
            (lost, share_lost),
            (n - gained - lost, 1 - 2 * share_lost - difference),
        )
        return -sum(count * math.log(max(share, 1e-300)) for count, share in cells if count)

    bounds = (max(0.0, -difference), (1 - difference) / 2)
    share_lost = minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-13}).x
    variance = n * (2 * share_lost + difference * (1 - difference))
    return float((gained - lost - n * difference) / math.sqrt(variance))


@pytest.mark.parametrize(("gained", "lost", "n"), [(9, 2, 200), (3, 4, 30), (12, 0, 40), (0, 1, 44), (60, 35, 1000)])
def test_tangos_bounds_are_where_the_score_test_stops_rejecting(gained: int, lost: int, n: int) -> None:
    low, high = tango(gained, lost, n, Z)
    assert slow_score(gained, lost, n, low) == pytest.approx(Z, abs=2e-4)
    assert slow_score(gained, lost, n, high) == pytest.approx(-Z, abs=2e-4)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_tangos_interval_holds_the_difference_mirrors_and_stays_in_range(gained: int, lost: int, same: int) -> None:
    n = max(1, gained + lost + same)
    low, high = tango(gained, lost, n, Z)
    assert -1 <= low <= (gained - lost) / n <= high <= 1
    assert low < high
    assert tango(lost, gained, n, Z) == (-high, -low)


def test_the_interval_does_not_collapse_where_nothing_changed() -> None:
    found = compare_binary([1] * 50, [1] * 50)
    bound = Z**2 / (50 + Z**2)  # the score test of 0 of 50
    assert found.interval == pytest.approx((-bound, bound), abs=1e-9)


def test_a_significant_p_always_comes_with_an_interval_on_one_side() -> None:
    changes = [(gained, n - gained) for n in range(6, 90) for gained in range(n // 2 + 1, n + 1)]
    significant = [(gained, lost) for gained, lost in changes if mcnemar(gained, lost) <= 0.05]
    assert len(significant) > 1000
    for gained, lost in significant:
        for n in (gained + lost, 10 * (gained + lost)):
            assert tango(gained, lost, n, Z)[0] > 0


def test_an_insignificant_p_never_comes_with_an_interval_on_one_side() -> None:
    assert tango(9, 2, 200, Z)[0] > 0  # although p = .065
    found = compare_binary(*marks(9, 2, 100, 89))
    assert found.p == pytest.approx(0.0654, abs=1e-4)
    assert found.interval is not None
    assert found.interval == (0.0, pytest.approx(0.0748, abs=1e-4))
    assert compare_binary(*marks(2, 9, 100, 89)).interval == (-found.interval[1], 0.0)


def test_flips_are_counted_both_ways() -> None:
    found = compare_binary(*marks(20, 5, 50, 25))
    assert (found.gained, found.lost, found.n) == (20, 5, 100)
    assert (found.before, found.after) == (0.55, 0.7)
    assert found.difference == pytest.approx(0.15)
    assert (found.effect, found.effect_name) == (pytest.approx(0.3), "Cohen's g")
    assert found.test == "exact McNemar"
    assert verdict_of(found, found.p, "higher") == "better"


def test_failed_items_are_in_no_count() -> None:
    before, after = marks(3, 1, 4, 2)
    found = compare_binary([*before, math.nan, 1.0], [*after, 1.0, math.nan])
    assert found == compare_binary(before, after)


def test_clusters_of_one_give_nearly_the_test_without_clusters() -> None:
    before, after = marks(30, 12, 100, 58)
    alone, grouped = compare_binary(before, after), compare_binary(before, after, groups=range(200))
    assert alone.p is not None
    assert grouped.p == pytest.approx(alone.p, abs=0.004)
    assert grouped.interval == pytest.approx(alone.interval, abs=0.002)
    assert (grouped.gained, grouped.lost, grouped.n_groups) == (30, 12, 200)


def test_a_cluster_that_flips_together_is_one_flip() -> None:
    before, after = marks(40, 0, 80, 80)
    found = compare_binary(before, after, groups=np.arange(200) // 10)
    assert found.p == 2 / 2**4  # four clusters of the same sign
    assert compare_binary(before, after).p == pytest.approx(2 / 2**40)
    assert found.interval is not None
    assert found.interval[0] <= 0 < found.interval[1]
    assert verdict_of(found, found.p, "higher") == "too few"


def test_clusters_in_which_nothing_changed_keep_an_interval() -> None:
    found = compare_binary([1] * 100, [1] * 100, groups=np.arange(100) // 5)
    assert found.interval is not None
    low, high = found.interval
    t = 2.093  # of 19 degrees of freedom
    assert high == pytest.approx(t**2 / (20 + t**2), abs=1e-3)
    assert low == -high
    assert compare_binary([1, 0], [1, 1], groups=["a", "a"]).interval is None


def test_a_share_has_wilsons_interval() -> None:
    found = estimate_share([1, 1, 0, math.nan, 1])
    assert found[:2] == (0.75, 4)
    assert found.method == "Wilson"
    assert found.interval == pytest.approx(proportion_confint(3, 4, method="wilson"))
    assert estimate_share([1, 1, 0, 1], level=0.8).interval == pytest.approx(
        proportion_confint(3, 4, alpha=0.2, method="wilson")
    )


def test_clusters_as_varied_as_the_items_cost_little() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 2, 600)
    alone, grouped = estimate_share(values), estimate_share(values, groups=rng.integers(0, 120, 600))
    assert alone.interval is not None
    assert grouped.interval is not None
    ratio = (grouped.interval[1] - grouped.interval[0]) / (alone.interval[1] - alone.interval[0])
    assert 1 <= ratio < 1.15

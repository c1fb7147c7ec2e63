"""The kernels of resampling against slow ones, and the intervals made of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tunesmith.evaluate.resampling import bootstrap_interval, flip_means, resample_corpus
from tunesmith.evaluate.resampling_kernels import sample_counts, sampled_sums, subset_sums
from tunesmith.evaluate.significance_quantiles import student_quantile

KEY, NO_MASK = np.uint64(12345), np.uint64(0)


def memberships(n_units: int, n_subsets: int, mask: np.uint64 = NO_MASK) -> np.ndarray:
    """Which units each subset has, shape `(n_units, n_subsets)`: the sums of columns that are 1 for one unit."""
    return subset_sums(np.eye(n_units), KEY, n_subsets, mask)


@given(st.integers(1, 140))
@settings(max_examples=20, deadline=None)
def test_subset_sums_add_the_members_of_the_same_subsets(n_units: int) -> None:
    values = np.random.default_rng(n_units).integers(-9, 10, (3, n_units)).astype(np.float64)
    members = memberships(n_units, 50)
    assert set(np.unique(members)) <= {0.0, 1.0}
    assert np.array_equal(subset_sums(values, KEY, 50, NO_MASK), values @ members)


def test_members_are_thrown_by_fair_and_independent_coins() -> None:
    members = memberships(130, 20_000)
    assert np.abs(members.mean(axis=1) - 0.5).max() < 4.5 * 0.5 / np.sqrt(20_000)
    correlations = np.corrcoef(members)[np.triu_indices(130, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(20_000)
    assert stats.kstest(correlations * np.sqrt(20_000), "norm").pvalue > 0.001


def test_masked_units_go_through_all_patterns_equally_often_and_the_others_do_not() -> None:
    members = memberships(70, 16, np.uint64(0b111))
    assert (members[2] == 0).all()
    assert [tuple(row) for row in members[:2].T[:4]] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert 0 < members[3:].mean() < 1


def test_samples_are_the_counts_that_they_say() -> None:
    values = np.random.default_rng(1).integers(0, 50, (23, 4)).astype(np.float64)
    counts = sample_counts(23, KEY, 0, 30)
    assert (counts.sum(axis=1) == 23).all()
    assert np.array_equal(sampled_sums(values, KEY, 30), counts @ values)
    assert np.array_equal(sample_counts(23, KEY, 10, 5), counts[10:15])


def test_every_unit_is_drawn_equally_often() -> None:
    counts = sample_counts(50, KEY, 0, 4000).sum(axis=0)
    assert stats.chisquare(counts).pvalue > 0.001


def test_blocks_of_samples_are_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(2).integers(0, 9, (30, 3)).astype(np.float64)
    whole = resample_corpus(rows, seed=3, resamples=20)
    monkeypatch.setattr("tunesmith.evaluate.resampling._BLOCK_BYTES", 8 * 30 * 7)
    assert np.array_equal(resample_corpus(rows, seed=3, resamples=20), whole)


def test_few_differing_items_among_many_have_an_exact_p_and_an_interval_that_agrees() -> None:
    sums = np.zeros(300)
    sums[[3, 50, 51, 140, 222, 290, 299]] = [2, 1, 3, 1, 1, 2, 1]
    found = flip_means(sums, np.ones(300), seed=0, flips=10_000)
    assert found.exact
    assert found.p == 2 / 2**7
    assert found.interval is not None
    assert found.interval[0] > 0


def test_five_items_allow_no_interval_and_six_their_range() -> None:
    assert flip_means(np.arange(1.0, 6.0), np.ones(5), seed=0, flips=100).interval is None
    assert flip_means(np.arange(1.0, 7.0), np.ones(6), seed=0, flips=100).interval == (1.0, 6.0)


def sampled_interval(values: np.ndarray, figures: np.ndarray) -> tuple[float, float]:
    without = (values.sum() - values) / (len(values) - 1)
    found = bootstrap_interval(figures, float(values.mean()), without, 0.95)
    assert found is not None
    return found


def test_the_bootstrap_interval_of_many_items_is_scipys() -> None:
    values = np.random.default_rng(4).gamma(1.0, 1.0, 3000)
    figures = sampled_sums(values[:, None].copy(), KEY, 20_000)[:, 0] / 3000
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", rng=1, batch=100).confidence_interval
    assert sampled_interval(values, figures) == pytest.approx((theirs.low, theirs.high), abs=0.003)


def test_one_item_that_pulls_alone_leaves_the_interval_open_to_its_side() -> None:
    values = np.zeros(500)
    values[0] = 1.0
    figures = sampled_sums(values[:, None].copy(), KEY, 2000)[:, 0] / 500
    low, high = sampled_interval(values, figures)
    assert 0 <= low <= values.mean() < high == figures.max()


def test_figures_without_a_value_leave_no_interval() -> None:
    assert bootstrap_interval(np.array([1.0, np.nan]), 1.0, np.arange(10.0), 0.95) is None


@pytest.mark.parametrize("freedom", [1, 2, 3, 5, 19, 400])
def test_students_quantiles_agree_with_scipy(freedom: int) -> None:
    shares = [0.2, 0.6, 0.8, 0.95, 0.975, 0.9999]
    ours = [student_quantile(share, freedom) for share in shares]
    assert ours == pytest.approx(stats.t.ppf(shares, freedom), rel=1e-5)


def test_students_quantile_of_no_freedom_is_infinite() -> None:
    assert student_quantile(0.975, 0) == float("inf")

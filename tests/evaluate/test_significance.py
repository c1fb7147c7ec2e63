"""Differences of two systems and the verdicts they allow: scores of items, and figures of a corpus."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tunesmith.errors import InputError
from tunesmith.evaluate.metric_types import Better, Floats
from tunesmith.evaluate.results import Difference, Interval
from tunesmith.evaluate.significance import (
    compare_binary,
    compare_corpus,
    compare_means,
    estimate_corpus,
    estimate_mean,
    estimate_share,
    verdict_of,
)

BEFORE = [0.2, 0.5, 0.1, 0.9, 0.4, 0.3, 0.8, 0.6, 0.7, 0.2]
AFTER = [0.4, 0.6, 0.1, 0.8, 0.7, 0.5, 0.9, 0.9, 0.6, 0.4]

ratings = st.lists(st.integers(-3, 3), min_size=6, max_size=11)


def slow_p(differences: list[float]) -> float:
    """By every pattern of signs."""
    seen = abs(sum(differences))
    patterns = itertools.product((1, -1), repeat=len(differences))
    means = [abs(sum(s * d for s, d in zip(signs, differences))) for signs in patterns]
    return sum(mean >= seen - 1e-9 for mean in means) / len(means)


def ratio(sums: Any) -> Floats:
    return np.asarray(sums[..., 0] / sums[..., 1], np.float64)


def random_rows(n: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(1, 20, (n, 2))


# the sign-flip test


def test_the_p_of_few_items_is_that_of_all_sign_patterns() -> None:
    found = compare_means(BEFORE, AFTER)
    assert found.p == slow_p([a - b for a, b in zip(AFTER, BEFORE)])
    assert found.difference == pytest.approx(0.12)
    assert (found.n, found.n_groups, found.gained) == (10, None, None)


@given(ratings)
@settings(max_examples=40, deadline=None)
def test_p_agrees_with_every_pattern_tried(differences: list[int]) -> None:
    found = compare_means([0] * len(differences), differences)
    assert found.p == slow_p([float(d) for d in differences])


def test_p_agrees_with_scipy_where_patterns_are_drawn() -> None:
    differences = np.random.default_rng(1).normal(0.25, 1, 80)
    theirs = stats.permutation_test(
        (differences,), lambda x, axis: x.mean(axis=axis), permutation_type="samples", n_resamples=20_000, rng=1
    )
    ours = compare_means(np.zeros(80), differences, flips=20_000)
    assert ours.p == pytest.approx(theirs.pvalue, abs=0.006)


def test_drawn_patterns_and_all_patterns_of_the_same_items_nearly_agree() -> None:
    differences = np.random.default_rng(3).normal(0.4, 1, 17)  # one more than are gone through
    found = compare_means(np.zeros(17), differences, flips=60_000)
    assert found.p == pytest.approx(slow_p(differences.tolist()), abs=0.004)


@given(st.lists(st.integers(-3, 3), min_size=6, max_size=40), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_the_interval_leaves_out_zero_exactly_where_p_is_small(differences: list[int], seed: int) -> None:
    found = compare_means([0] * len(differences), differences, seed=seed, flips=500)
    assert found.p is not None
    assert found.interval is not None
    low, high = found.interval
    assert (low > 0 or high < 0) == (found.p <= 0.05)
    assert low <= found.difference <= high


@given(st.lists(st.integers(-30, 30), min_size=6, max_size=12, unique=True))
@settings(max_examples=40, deadline=None)
def test_the_interval_holds_the_shifts_that_the_test_does_not_reject(differences: list[int]) -> None:
    found = compare_means([0] * len(differences), differences)
    assert found.interval is not None
    low, high = found.interval
    p_of = {shift: slow_p([d - shift for d in differences]) for shift in (low, high, low - 0.01, high + 0.01)}
    assert p_of[low] > 0.05
    assert p_of[high] > 0.05
    assert p_of[low - 0.01] <= 0.05
    assert p_of[high + 0.01] <= 0.05


def test_the_interval_of_many_normal_differences_is_students() -> None:
    differences = np.random.default_rng(2).normal(0.1, 1, 2000)
    found = compare_means(np.zeros(2000), differences)
    assert found.interval == pytest.approx(stats.ttest_1samp(differences, 0).confidence_interval(), abs=0.003)


def test_exchanged_systems_mirror_the_difference() -> None:
    rng = np.random.default_rng(4)
    one, other = rng.random(60), rng.random(60) + 0.1
    there, back = compare_means(one, other), compare_means(other, one)
    assert there.interval is not None
    assert back.interval == (-there.interval[1], -there.interval[0])
    assert (back.p, back.difference) == (there.p, -there.difference)


def test_what_differs_by_rounding_alone_is_a_tie() -> None:
    before = [0.3] * 40
    after = [0.1 + 0.2] * 40
    assert compare_means(before, after).p == 1.0
    assert compare_means([0.0] * 6, [0.1, 0.2, -0.3, 0.1, 0.2, -0.3]).p == 1.0


def test_pairs_without_a_value_on_either_side_are_left_out() -> None:
    before = [math.nan, *BEFORE, 0.0]
    after = [1.0, *AFTER, math.nan]
    assert compare_means(before, after) == compare_means(BEFORE, AFTER)


def test_the_same_seed_gives_the_same_numbers_on_any_number_of_threads() -> None:
    rng = np.random.default_rng(5)
    one, other, rows, others = rng.random(200), rng.random(200), random_rows(200), random_rows(200, 1)

    def measure(seed: int) -> tuple[Any, ...]:
        return (
            compare_means(one, other, seed=seed),
            compare_corpus(rows, others, ratio, seed=seed, resamples=300, flips=300),
            estimate_mean(one, seed=seed, resamples=300),
        )

    alone = measure(7)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(measure, [7, 8, 7, 9]))
    assert alone == together[0] == together[2]
    assert alone != together[1] != together[3]


# clusters


def test_a_cluster_counts_as_one_however_often_it_repeats_itself() -> None:
    found = compare_means(BEFORE * 5, AFTER * 5, groups=list("abcdefghij") * 5)
    alone = compare_means(BEFORE, AFTER)
    assert (found.n, found.n_groups, found.test) == (50, 10, "sign-flip by cluster")
    assert found.p == alone.p
    assert found.interval == pytest.approx(alone.interval)
    assert found.detectable == pytest.approx(alone.detectable)


def test_clusters_of_one_item_are_no_clusters() -> None:
    names = [f"source {i}" for i in range(10)]
    assert compare_means(BEFORE, AFTER, groups=names).p == compare_means(BEFORE, AFTER).p
    found = compare_means(BEFORE, AFTER, groups=np.arange(10))
    assert found.interval == compare_means(BEFORE, AFTER).interval


def test_clusters_of_unlike_size_weigh_by_their_items() -> None:
    found = compare_means([0] * 6, [1, 1, 1, 1, 1, -2], groups=["a"] * 5 + ["b"])
    assert found.difference == 0.5
    assert found.interval is None  # two clusters allow none
    assert found.p == 1.0


def test_groups_of_left_out_items_do_not_count() -> None:
    found = compare_means([0.0, math.nan, 1.0], [1.0, 1.0, 1.0], groups=["a", "b", None])
    assert (found.n, found.n_groups) == (2, 2)


# corpus figures


def test_the_swap_test_of_a_mean_is_the_sign_flip_test_of_its_items() -> None:
    before, after = random_rows(50), random_rows(50, 1)
    before[:, 1] = after[:, 1] = 1
    found = compare_corpus(before, after, ratio)
    items = compare_means(before[:, 0], after[:, 0])
    assert found.p == items.p
    assert found.difference == pytest.approx(items.difference)
    assert found.detectable == pytest.approx(items.detectable)
    assert found.effect == pytest.approx(items.effect)


def test_the_swap_test_of_few_items_tries_every_pattern() -> None:
    before, after = random_rows(7), random_rows(7, 1)
    seen = abs(ratio(after.sum(0)) - ratio(before.sum(0)))
    patterns = [np.array(signs)[:, None] for signs in itertools.product((0, 1), repeat=7)]
    gaps = [abs(ratio(np.where(s, before, after).sum(0)) - ratio(np.where(s, after, before).sum(0))) for s in patterns]
    found = compare_corpus(before, after, ratio)
    assert found.p == np.mean(np.array(gaps) >= seen - 1e-12)


def test_rows_of_zeros_on_either_side_are_left_out() -> None:
    before, after = random_rows(20), random_rows(20, 1)
    zeros = np.zeros((1, 2), np.int64)
    more_before, more_after = np.vstack([before, zeros, before[:1]]), np.vstack([after, after[:1], zeros])
    assert compare_corpus(more_before, more_after, ratio) == compare_corpus(before, after, ratio)
    assert estimate_corpus(more_before[:-1], ratio) == estimate_corpus(before, ratio)


def test_clusters_are_swapped_and_drawn_as_a_whole() -> None:
    before, after = random_rows(12), random_rows(12, 1)
    found = compare_corpus(np.repeat(before, 4, axis=0), np.repeat(after, 4, axis=0), ratio, groups=np.arange(48) // 4)
    alone = compare_corpus(before, after, ratio)
    assert (found.n, found.n_groups) == (48, 12)
    assert (found.p, found.interval) == (alone.p, alone.interval)


def test_the_bootstrap_of_fractions_adds_in_one_order_only() -> None:
    counts = random_rows(40)
    whole, halves = estimate_corpus(counts, ratio), estimate_corpus(counts / 2, ratio)
    assert whole.interval == pytest.approx(halves.interval, abs=1e-12)


# verdicts


def difference(value: float = 0.1, interval: Interval | None = (0.05, 0.15), n: int = 100, **others: Any) -> Difference:
    plain = Difference(n, 0.5, 0.5 + value, value, interval, 0.001, None, "", None, None, "sign-flip")
    return plain._replace(**others)


@pytest.mark.parametrize(
    ("found", "p_adjusted", "better", "verdict"),
    [
        (difference(), 0.01, "higher", "better"),
        (difference(), 0.01, "lower", "worse"),
        (difference(-0.1, (-0.15, -0.05)), 0.01, "higher", "worse"),
        (difference(-0.1, (-0.15, -0.05)), 0.01, "lower", "better"),
        (difference(n=10), 0.01, "higher", "better"),  # ten items can be enough
        (difference(), 0.06, "higher", "no clear change"),  # after Holm
        (difference(n=29), 0.06, "higher", "too few"),
        (difference(n=100, n_groups=29), 0.06, "higher", "too few"),
        (difference(interval=(-0.01, 0.2)), 0.01, "higher", "no clear change"),  # p and interval disagree
        (difference(interval=(0.0, 0.2)), 0.01, "higher", "no clear change"),
        (difference(interval=None), 0.01, "higher", "no clear change"),
        (difference(gained=5, lost=0), 0.0625, "higher", "no clear change"),  # hardly anything changed
        (difference(gained=4, lost=2), 0.7, "higher", "no clear change"),
        (difference(0.0, (-0.01, 0.01), gained=0, lost=0), 1.0, "higher", "no clear change"),
        (difference(0.0, None, n=0, p=None), None, "higher", "too few"),
    ],
)
def test_a_verdict_needs_p_interval_and_items(
    found: Difference, p_adjusted: float | None, better: Better, verdict: str
) -> None:
    assert verdict_of(found, p_adjusted, better) == verdict


def test_a_metric_that_only_describes_has_no_verdict() -> None:
    with pytest.raises(InputError, match="only describes"):
        verdict_of(difference(), 0.01, "neither")


@pytest.mark.parametrize("n", [1, 5, 30, 400])
def test_identical_systems_are_never_better_or_worse(n: int) -> None:
    values, marks, rows = np.random.default_rng(n).random(n), np.arange(n) % 2, random_rows(n)
    wanted = "no clear change" if n >= 30 else "too few"
    for groups in (None, np.arange(n) // 2 if n < 400 else np.arange(n) // 8):
        for found in (
            compare_means(values, values, groups=groups),
            compare_binary(marks, marks, groups=groups),
            compare_corpus(rows, rows, ratio, groups=groups),
        ):
            assert (found.p, found.difference) == (1.0, 0.0)
            few = found.n_groups is not None and found.n_groups < 30
            assert verdict_of(found, found.p, "higher") == ("too few" if few else wanted)


def test_systems_that_differ_by_chance_alone_are_told_apart_in_one_of_twenty_comparisons() -> None:
    rng = np.random.default_rng(6)
    sides = rng.integers(1, 6, (800, 2, 40)) + rng.integers(0, 2, (800, 1, 40))
    found = [compare_means(one, other, flips=400, seed=i) for i, (one, other) in enumerate(sides)]
    told = sum(verdict_of(one, one.p, "higher") in ("better", "worse") for one in found)
    assert 0.03 < told / 800 < 0.07


# figures of one system


def test_a_mean_has_an_interval_that_leans_to_the_long_tail() -> None:
    lengths = np.random.default_rng(7).lognormal(0, 1, 100)
    found = estimate_mean(lengths)
    assert found.interval is not None
    low, high = found.interval
    assert high - found.value > 1.2 * (found.value - low)
    assert (found.n, found.method) == (100, "bootstrap")


def test_the_mean_of_many_normal_values_has_students_interval() -> None:
    values = np.random.default_rng(8).normal(0, 1, 1000)
    theirs = stats.ttest_1samp(values, 0).confidence_interval()
    assert estimate_mean(values, resamples=20_000).interval == pytest.approx(theirs, abs=0.004)


def test_a_higher_level_makes_a_wider_interval() -> None:
    narrow, wide = (estimate_mean(BEFORE, level=level).interval for level in (0.8, 0.95))
    assert narrow is not None
    assert wide is not None
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_an_interval_stays_among_the_values_seen() -> None:
    found = estimate_mean([1.0] * 28 + [0.0] * 2)
    assert found.interval is not None
    assert 0 < found.interval[0] < found.interval[1] <= 1


def test_a_repeated_cluster_widens_the_interval_to_that_of_one_copy() -> None:
    alone = estimate_mean(BEFORE)
    repeated = estimate_mean(BEFORE * 6, groups=list(range(10)) * 6)
    assert repeated.interval == pytest.approx(alone.interval)
    assert (repeated.n, repeated.method) == (60, "bootstrap by cluster")


def test_nothing_one_thing_and_no_variation_have_no_interval() -> None:
    assert math.isnan(estimate_mean([math.nan]).value)
    assert estimate_mean([math.nan]).n == 0
    assert estimate_mean([3.0])[:3] == (3.0, 1, None)
    assert estimate_mean([1.0, 2.0, 3.0, 4.0, 5.0])[:3] == (3.0, 5, None)
    assert estimate_mean([0.25] * 50)[:3] == (0.25, 50, None)
    assert estimate_corpus(np.full((40, 2), 3), ratio)[:3] == (1.0, 40, None)
    assert estimate_corpus(np.zeros((4, 2)), ratio).n == 0
    empty = compare_means([math.nan], [1.0])
    assert (empty.n, empty.p, empty.interval) == (0, None, None)
    assert compare_corpus(np.zeros((1, 2)), np.ones((1, 2)), ratio).p is None


def test_a_share_of_few_clusters_is_told_with_care() -> None:
    marks = [1, 1, 1, 1, 0, 0, 0, 0] * 5
    alone, grouped = estimate_share(marks), estimate_share(marks, groups=np.repeat(np.arange(10), 4))
    assert alone.interval is not None
    assert grouped.interval is not None
    assert grouped.value == alone.value == 0.5
    assert grouped.interval[1] - grouped.interval[0] > 1.8 * (alone.interval[1] - alone.interval[0])
    assert estimate_share([1] * 40, groups=np.repeat(np.arange(10), 4)).interval == pytest.approx(
        (0.6615, 1.0), abs=1e-3
    )
    assert estimate_share([1, 0], groups=["a", "a"]).interval is None


# bad input


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="as many values before as values after, found 2 and 3"):
        compare_means([1, 2], [1, 2, 3])
    with pytest.raises(InputError, match=r"value 2: expected finite numbers.*found inf"):
        estimate_mean([1, math.inf])
    with pytest.raises(InputError, match="as many groups as items, found 1 and 2"):
        compare_means([1, 2], [1, 2], groups=["a"])
    with pytest.raises(InputError, match=r"value 2: expected 1 for right, 0 for wrong and NaN for neither, found 0\.5"):
        compare_binary([1, 1], [1, 0.5])
    with pytest.raises(InputError, match="found 2"):
        estimate_share([2, 1])

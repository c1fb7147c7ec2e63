"""Retained, forgotten or not shown: what the interval of a loss says about a margin."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tunesmith.errors import InputError
from tunesmith.evaluate.noninferiority import adjust_retained, judge_retained, noninferior, noninferior_means
from tunesmith.evaluate.results import Retained


def answers(gained: int, lost: int, n: int) -> tuple[list[int], list[int]]:
    """Before and after; what did not change was right."""
    same = [1] * (n - gained - lost)
    return [0] * gained + [1] * lost + same, [1] * gained + [0] * lost + same


def judged(gained: int, lost: int, n: int, margin: float = 0.05) -> Retained:
    return noninferior(*answers(gained, lost, n), margin=margin)


@pytest.mark.parametrize(
    ("gained", "lost", "n", "verdict"),
    [
        (0, 0, 100, "retained"),  # the interval reaches to -.037
        (0, 0, 60, "not shown"),  # and here to -.060
        (10, 10, 1000, "retained"),
        (10, 10, 100, "not shown"),
        (0, 30, 100, "forgotten"),
        (5, 40, 200, "forgotten"),
        (0, 12, 2000, "retained"),  # certain, and smaller than what matters
        (30, 0, 100, "retained"),
        (0, 5, 50, "not shown"),  # five items lost can never be significant
    ],
)
def test_a_verdict_follows_from_the_interval_and_the_margin(gained: int, lost: int, n: int, verdict: str) -> None:
    found = judged(gained, lost, n)
    assert found.verdict == verdict
    assert (found.needed is not None) == (verdict == "not shown")


def test_a_gain_is_no_evidence_of_forgetting() -> None:
    found = judged(30, 0, 100)
    assert found.p_forgotten == found.p_adjusted == 1.0
    assert found.difference.p is not None
    assert found.difference.p < 0.001


def test_many_subjects_are_one_family() -> None:
    alone = judged(1, 9, 100)
    assert (alone.verdict, alone.p_forgotten) == ("forgotten", pytest.approx(0.0215, abs=1e-4))
    family = adjust_retained([alone, *[judged(3, 3, 100)] * 9])
    assert family[0].p_adjusted == pytest.approx(10 * (alone.p_forgotten or 0))
    assert (family[0].verdict, family[0].p_forgotten) == ("not shown", alone.p_forgotten)
    assert family[0].needed is not None
    assert family[0].needed > 100


def test_a_family_of_one_is_unchanged() -> None:
    for found in (judged(1, 9, 100), judged(0, 5, 50), judged(10, 10, 1000)):
        assert adjust_retained([found]) == [found]


@pytest.mark.parametrize(("gained", "lost", "n"), [(10, 10, 100), (0, 5, 50), (3, 8, 80), (0, 0, 60), (9, 6, 60)])
def test_as_many_items_as_needed_decide(gained: int, lost: int, n: int) -> None:
    found = judged(gained, lost, n)
    assert found.needed is not None
    assert found.needed > n
    times = math.ceil(found.needed / n)
    assert judged(gained * times, lost * times, n * times).verdict in ("retained", "forgotten")


def test_a_higher_score_may_be_the_loss() -> None:
    bits = np.random.default_rng(0).normal(0.9, 0.1, 200)
    worse, same = bits + 0.05, bits + np.random.default_rng(1).normal(0, 0.01, 200)
    assert noninferior_means(bits, worse, margin=0.02, better="lower").verdict == "forgotten"
    assert noninferior_means(bits, same, margin=0.02, better="lower").verdict == "retained"
    assert noninferior_means(worse, bits, margin=0.02, better="lower").verdict == "retained"
    assert noninferior_means(bits, bits, margin=0.02, better="lower").verdict == "retained"
    lost = noninferior_means(bits, worse, margin=0.02, better="lower")
    assert adjust_retained([lost], better="lower") == [lost]


def test_clusters_widen_what_is_not_known() -> None:
    before, after = answers(12, 12, 800)
    assert noninferior(before, after, margin=0.02).verdict == "retained"
    groups = np.concatenate([np.repeat([0, 1, 2, 3], 6), np.arange(776) // 40 + 4])
    grouped = noninferior(before, after, margin=0.02, groups=groups)
    assert grouped.verdict == "not shown"
    assert grouped.difference.n_groups == 24


def test_no_answers_show_nothing() -> None:
    found = noninferior([math.nan], [1.0], margin=0.05)
    assert (found.verdict, found.p_forgotten, found.needed) == ("not shown", None, None)
    assert adjust_retained([found])[0].p_adjusted is None


@pytest.mark.parametrize("margin", [0.0, -0.02, math.nan])
def test_a_margin_is_above_zero(margin: float) -> None:
    with pytest.raises(InputError, match="expected a margin above 0"):
        judge_retained(judged(1, 1, 10).difference, margin=margin)

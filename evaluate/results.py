"""What the statistics give back, as plain data: `significance.py` makes it, `compare.py` and the report read it."""

from __future__ import annotations

from typing import Literal, NamedTuple

Interval = tuple[float, float]
Verdict = Literal["better", "worse", "no clear change", "too few"]
RetentionVerdict = Literal["retained", "forgotten", "not shown"]


class Estimate(NamedTuple):
    """One figure of one system; `interval` holds 95 % unless asked otherwise, None where n does not allow any."""

    value: float
    n: int
    interval: Interval | None
    method: str


class Difference(NamedTuple):
    """After less before, on the same items.

    :param p: two-sided, of the exact McNemar or the sign-flip test, which the verdict rests on; None where n is 0.
    :param effect: standardised size of the difference; `effect_name` says which.
    :param detectable: the smallest true difference that this many items show in 80 of 100 such comparisons.
    :param needed: how many items would show the difference seen, None where there is none.
    :param gained, lost: of binary metrics, the items that became right, and wrong; None elsewhere.
    :param n_groups: clusters where items are grouped, else None.
    """

    n: int
    before: float
    after: float
    difference: float
    interval: Interval | None
    p: float | None
    effect: float | None
    effect_name: str
    detectable: float | None
    needed: int | None
    test: str
    gained: int | None = None
    lost: int | None = None
    n_groups: int | None = None


class Retained(NamedTuple):
    """The verdict on what was known before: `margin` is a loss in accuracy (0-1) that does not matter."""

    difference: Difference
    margin: float
    verdict: RetentionVerdict
    p_forgotten: float | None
    p_adjusted: float | None
    needed: int | None

"""Intervals of figures that belong to all answers together, such as how many of their phrases are different.

>>> found = estimate(LeftOut(0.5, np.array([0.4, 0.5, 0.6, 0.5])))
>>> found.value, [round(bound, 2) for bound in found.interval]
(0.5, [0.26, 0.74])

The jackknife: the figure is computed without each answer in turn, and (n - 1) / n times the sum of the squared
deviations from their mean is its variance, which is on average too large rather than too small (Efron and Stein 1981,
The jackknife estimate of variance). For the difference of two systems an item leaves both at once, which keeps the
pairing. The interval is that of the normal distribution, and so is p.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.results import Difference, Estimate, Interval

METHOD = "jackknife"
_Z = NormalDist().inv_cdf(0.975)
_DETECTABLE = _Z + NormalDist().inv_cdf(0.8)  # standard errors that 80 of 100 comparisons show


class LeftOut(NamedTuple):
    """A figure of all items, and the same without each of them, shape `(n_items,)`."""

    value: float
    without: Floats


def estimate(figure: LeftOut) -> Estimate:
    """The figure with its interval, cut to 0-1; none of fewer than two items."""
    error = _error(figure.without)
    interval = None if error is None else _around(figure.value, error, 0.0)
    return Estimate(figure.value, len(figure.without), interval, METHOD)


def compare(before: LeftOut, after: LeftOut) -> Difference:
    """The difference of two systems on the same items."""
    n, difference = len(after.without), after.value - before.value
    error = _error(after.without - before.without)
    p = None if error is None else _p_of(difference, error)
    interval = None if error is None else _around(difference, error, -1.0)
    return Difference(
        n=n,
        before=before.value,
        after=after.value,
        difference=difference,
        interval=interval,
        p=p,
        effect=None,
        effect_name="",
        detectable=None if error is None else _DETECTABLE * error,
        needed=_needed(n, difference, error),
        test=METHOD,
    )


def wider(one: Estimate, other: Estimate) -> Estimate:
    """The first figure with the interval that holds those of both: where no answer varies, the jackknife has none."""
    return one._replace(interval=_hull(one.interval, other.interval), method=f"{one.method} or {other.method}")


def wider_difference(one: Difference, other: Difference) -> Difference:
    """The first difference with both intervals in one and the larger p."""
    ps = [p for p in (one.p, other.p) if p is not None]
    interval = _hull(one.interval, other.interval)
    return one._replace(interval=interval, p=max(ps, default=None), test=f"{one.test} or {other.test}")


def _hull(one: Interval | None, other: Interval | None) -> Interval | None:
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def _error(without: Floats) -> float | None:
    n = len(without)
    if n < 2 or np.isnan(without).any():
        return None
    return sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))


def _around(value: float, error: float, least: float) -> Interval:
    return max(least, value - _Z * error), min(1.0, value + _Z * error)


def _p_of(difference: float, error: float) -> float:
    if not difference:
        return 1.0
    return 2 * (1 - NormalDist().cdf(abs(difference) / error)) if error else 0.0


def _needed(n: int, difference: float, error: float | None) -> int | None:
    """Items that show the difference seen in 80 of 100 comparisons, if the error shrinks with the root of n."""
    if not error or not difference:
        return None
    return max(2, int(np.ceil(n * (_DETECTABLE * error / difference) ** 2)))

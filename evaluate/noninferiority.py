"""Whether what was known before is still known: not "no significant loss", but "a loss that matters is ruled out".

*Retained*: the whole 95 % interval of the difference lies above -margin. *Forgotten*: it lies below 0, and p, adjusted
for how many subjects are looked at, is below alpha. What is neither is *not shown*, with the number of items that would
decide. A loss that is certain but smaller than the margin is retained, for the margin says which losses matter.

>>> answers = [1.0] * 80 + [0.0] * 20
>>> found = noninferior(answers, answers, margin=0.05)
>>> found.verdict, [round(bound, 3) for bound in found.difference.interval]
('retained', [-0.037, 0.037])

Source: Tango 1998 for right and wrong (`significance_binary.tango`), whose score test the interval inverts.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf
from typing import Literal

from tunesmith.errors import InputError
from tunesmith.evaluate.holm import holm
from tunesmith.evaluate.power import ALPHA
from tunesmith.evaluate.results import Difference, Interval, Retained
from tunesmith.evaluate.significance import compare_binary, compare_means
from tunesmith.evaluate.significance_binary import tango
from tunesmith.evaluate.significance_quantiles import Z_POWER, Z_TWO_SIDED, normal_quantile
from tunesmith.evaluate.significance_units import Groups, Values

Direction = Literal["higher", "lower"]


def noninferior(
    before: Values, after: Values, *, margin: float, groups: Groups | None = None, alpha: float = ALPHA, seed: int = 0
) -> Retained:
    """The verdict on right and wrong answers (1 and 0) to the same items.

    :param margin: the loss of accuracy (0-1) that does not matter; above 0.
    :raises InputError: as `compare_binary`, and a margin that is not above 0.
    """
    return judge_retained(compare_binary(before, after, groups=groups, seed=seed), margin=margin, alpha=alpha)


def noninferior_means(
    before: Values,
    after: Values,
    *,
    margin: float,
    better: Direction,
    groups: Groups | None = None,
    alpha: float = ALPHA,
    seed: int = 0,
) -> Retained:
    """The verdict on any other score of the same items, such as bits per byte (`better="lower"`).

    :param margin: in the unit of the score; above 0.
    :raises InputError: as `compare_means`, and a margin that is not above 0.
    """
    found = compare_means(before, after, groups=groups, seed=seed)
    return judge_retained(found, margin=margin, better=better, alpha=alpha)


def adjust_retained(found: Sequence[Retained], *, better: Direction = "higher", alpha: float = ALPHA) -> list[Retained]:
    """The same subjects as one family: p adjusted by Holm for all of them, and the verdicts that follow."""
    adjusted = holm([one.p_forgotten for one in found])
    return [
        judge_retained(one.difference, margin=one.margin, p_adjusted=p, better=better, alpha=alpha)
        for one, p in zip(found, adjusted)
    ]


def judge_retained(
    difference: Difference,
    *,
    margin: float,
    p_adjusted: float | None = None,
    better: Direction = "higher",
    alpha: float = ALPHA,
) -> Retained:
    """The verdict that a difference allows.

    :param p_adjusted: of a loss among several; without it, the loss is the only one looked at.
    :raises InputError: a margin that is not above 0.
    """
    if not margin > 0:
        raise InputError(f"expected a margin above 0, found {margin:g}", remedy="name the smallest loss that matters")
    gain, interval = _upwards(difference, better)
    p = difference.p if gain < 0 or difference.p is None else 1.0
    adjusted = p if p_adjusted is None else p_adjusted
    if interval is not None and interval[0] > -margin:
        return Retained(difference, margin, "retained", p, adjusted, None)
    if interval is not None and interval[1] < 0 and adjusted is not None and adjusted < alpha:
        return Retained(difference, margin, "forgotten", p, adjusted, None)
    if interval is None:
        return Retained(difference, margin, "not shown", p, adjusted, None)
    strict = alpha * (p / adjusted if p and adjusted else 1.0)
    marks = difference.gained is not None and difference.n_groups is None
    needed = (
        _needed_marks(difference, margin, strict) if marks else _needed(difference.n, gain, interval, margin, strict)
    )
    return Retained(difference, margin, "not shown", p, adjusted, needed)


def _upwards(difference: Difference, better: Direction) -> tuple[float, Interval | None]:
    """Turned so that up is better."""
    if better == "higher" or difference.interval is None:
        return (difference.difference if better == "higher" else -difference.difference), difference.interval
    return -difference.difference, (-difference.interval[1], -difference.interval[0])


def _needed(n: int, gain: float, interval: Interval, margin: float, alpha: float) -> int:
    """Items that decide in 80 of 100 such measurements, one way or the other, were the difference seen the true one.

    Each half of the interval is 1.96 standard errors, which shrink with the root of n.

    :param alpha: the level that p has to reach for "forgotten" among all subjects.
    """
    spared = _times((gain - interval[0]) / Z_TWO_SIDED * (Z_TWO_SIDED + Z_POWER), margin + gain)
    missed = _times((interval[1] - gain) / Z_TWO_SIDED * (normal_quantile(1 - alpha / 2) + Z_POWER), -gain)
    return ceil(n * min(spared, missed))


def _needed_marks(difference: Difference, margin: float, alpha: float) -> int:
    """The same of right and wrong, whose interval shrinks faster where few items change: found by trying."""
    shares = [(count or 0) / difference.n for count in (difference.gained, difference.lost)]
    strict = normal_quantile(1 - alpha / 2) + Z_POWER

    def decided(n: int) -> bool:
        gained, lost = (share * n for share in shares)
        low = tango(gained, lost, n, Z_TWO_SIDED + Z_POWER)[0]
        return low > -margin or tango(gained, lost, n, strict)[1] < 0

    low, high = difference.n, 2 * difference.n
    while not decided(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decided(middle) else (middle, high)
    return high


def _times(reach: float, distance: float) -> float:
    return (reach / distance) ** 2 if distance > 0 else inf

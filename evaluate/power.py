"""What a number of items can show: the smallest difference that it detects, and how many a difference needs.

*Detects* means: 80 of 100 comparisons with that true difference come out significant at the level (two-sided, 5 %
unless said otherwise). These are plans made with the spread seen, not tests.

>>> round(detectable_mean(0.02, 400), 3)
0.056
>>> round(detectable_binary(400, 0.1), 3)
0.047
>>> needed_binary(0.1, 0.02)
2059
"""

from __future__ import annotations

from math import ceil, sqrt

from tunesmith.evaluate.significance_quantiles import Z_POWER, normal_quantile, normal_share, student_quantile

ALPHA = 0.05
_POWER = 0.8
_STEPS = 50


def detectable_mean(standard_error: float, n_units: int, alpha: float = ALPHA) -> float | None:
    """The smallest true difference of means that shows; None where nothing varies or one unit is all there is.

    :param standard_error: of the mean difference, from `n_units` items or clusters.
    """
    if n_units < 2 or not standard_error > 0:
        return None
    return standard_error * (student_quantile(1 - alpha / 2, n_units - 1) + student_quantile(_POWER, n_units - 1))


def needed_mean(standard_error: float, n: int, difference: float, alpha: float = ALPHA) -> int | None:
    """How many items show this true difference, when `n` items of the same kind gave this standard error.

    The error shrinks with the root of n. That the spread is estimated costs z²/2 items more (Guenther 1981, Sample size
    formulas for normal theory t tests, The American Statistician 35).
    """
    if not difference or not standard_error > 0:
        return None
    z = normal_quantile(1 - alpha / 2)
    return ceil(n * (standard_error * (z + Z_POWER) / difference) ** 2 + z * z / 2)


def binary_power(n: int, changed: float, difference: float, alpha: float = ALPHA) -> float:
    """The chance that the exact McNemar test is significant in the direction of the true difference.

    :param changed: share of the items that change one way or the other, at least `difference`.

    The normal approximation of Connor 1987 (Sample size for testing differences in proportions for the paired-sample
    design, Biometrics 43), with one item off for the steps of the exact test. Where ten items or more change it is
    within .05 of the exact power, but for changes all the same way: there it promises up to .12 too little.
    """
    spread = sqrt(n * max(0.0, changed - difference * difference))
    above = n * abs(difference) - 1 - normal_quantile(1 - alpha / 2) * sqrt(n * changed)
    if not spread:
        return float(above > 0)
    return normal_share(above / spread)


def detectable_binary(n: int, changed: float, alpha: float = ALPHA) -> float | None:
    """The smallest true difference of shares that shows where this share of items changes; None where not even 1 does.

    Where fewer items change than that takes, all that change are taken to change the same way.
    """
    if n < 1 or binary_power(n, 1.0, 1.0, alpha) < _POWER:
        return None
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if binary_power(n, max(changed, middle), middle, alpha) < _POWER:
            low = middle
        else:
            high = middle
    return high


def needed_binary(changed: float, difference: float, alpha: float = ALPHA) -> int | None:
    """How many items show this true difference of shares where this share of items changes."""
    size = abs(difference)
    if not size:
        return None
    z = normal_quantile(1 - alpha / 2)
    linear = z * sqrt(changed) + Z_POWER * sqrt(max(0.0, changed - size * size))
    return ceil(((linear + sqrt(linear * linear + 4 * size)) / (2 * size)) ** 2)

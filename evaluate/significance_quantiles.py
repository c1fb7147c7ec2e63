"""Quantiles of the normal and of Student's distribution, without SciPy, which the base installation does not need.

>>> round(normal_quantile(0.975), 6), round(student_quantile(0.975, 9), 5)
(1.959964, 2.26216)
"""

from __future__ import annotations

from math import cos, expm1, inf, pi, sin, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
Z_TWO_SIDED = _NORMAL.inv_cdf(0.975)  # of 95 %
Z_POWER = _NORMAL.inv_cdf(0.8)  # 80 of 100


def normal_quantile(share: float) -> float:
    """The point with this share of the standard normal distribution below it; 0 < share < 1."""
    return _NORMAL.inv_cdf(share)


def normal_share(point: float) -> float:
    """The share of the standard normal distribution below this point."""
    return _NORMAL.cdf(point)


def student_quantile(share: float, freedom: float) -> float:
    """The same of Student's distribution, to five digits or better; infinite below one degree of freedom.

    Source: Hill 1970, Algorithm 396, Student's t-quantiles, Communications of the ACM 13. One and two degrees of
    freedom have a closed form.
    """
    if share < 0.5:
        return -student_quantile(1 - share, freedom)
    tails = 2 * (1 - share)
    if freedom < 1:
        return inf
    if freedom < 2:
        return cos(tails * pi / 2) / sin(tails * pi / 2)
    if freedom < 3:
        return sqrt(2 / (tails * (2 - tails)) - 2)
    return _hill(tails, freedom)


def _hill(tails: float, freedom: float) -> float:
    a = 1 / (freedom - 0.5)
    b = 48 / (a * a)
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * pi / 2) * freedom
    y = (d * tails) ** (2 / freedom)
    if y <= 0.05 + a:
        y = (
            1 / (((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3) + 0.5 / (freedom + 4)
        ) * y - 1
        y = y * (freedom + 1) / (freedom + 2) + 1 / ((d * tails) ** (2 / freedom))
        return sqrt(freedom * y)
    x = _NORMAL.inv_cdf(tails / 2)
    y = x * x
    if freedom < 5:
        c += 0.3 * (freedom - 4.5) * (x + 0.6)
    c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
    return sqrt(freedom * expm1(a * y * y))

"""Right and wrong: the exact McNemar test, and intervals of shares and of paired differences of shares.

>>> round(mcnemar(9, 2), 4)
0.0654
>>> [round(bound, 4) for bound in tango(9, 2, 200, z=1.959964)]
[0.003, 0.0748]

Counts need not be whole: where items come in clusters, they are divided by the design effect (Rao and Scott 1992, A
simple method for the analysis of clustered binary data, Biometrics 48).
"""

from __future__ import annotations

from math import copysign, exp, inf, lgamma, log, sqrt

from tunesmith.evaluate.results import Interval

_HALVINGS = 60  # from a width of 2 to less than a float can hold


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided p: each item that changed was gained or lost by a fair coin.

    Twice the smaller tail of the binomial distribution, at most 1 (McNemar 1947, Psychometrika 12; the exact form:
    Agresti 2013, Categorical data analysis, section 11.1).
    """
    n = gained + lost
    logs = (lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) - n * log(2) for i in range(min(gained, lost) + 1))
    return min(1.0, 2 * sum(map(exp, logs)))


def wilson(share: float, n: float, z: float) -> Interval:
    """The interval of a share (Wilson 1927, Journal of the American Statistical Association 22).

    >>> [round(bound, 4) for bound in wilson(0.8, 10, z=1.959964)]
    [0.4902, 0.9433]
    """
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))  # of 0 and 1 exactly so


def tango(gained: float, lost: float, n: float, z: float) -> Interval:
    """The interval of the paired difference (gained - lost) / n.

    It holds the differences that the score test does not reject, so it neither collapses where no item changed nor
    leaves [-1, 1] (Tango 1998, Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design, Statistics in Medicine 17).

    >>> [round(bound, 4) for bound in tango(0, 0, 100, z=1.959964)]
    [-0.037, 0.037]
    """
    return -_highest(lost, gained, n, z), _highest(gained, lost, n, z)


def _highest(gained: float, lost: float, n: float, z: float) -> float:
    low, high = (gained - lost) / n, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _score(gained, lost, n, middle) > -z:
            low = middle
        else:
            high = middle
    return low


def _score(gained: float, lost: float, n: float, difference: float) -> float:
    """By how many standard errors the difference seen lies above this one, the errors being as this one has them."""
    linear = 2 * n * difference - (gained + lost) - (gained - lost) * difference
    root = sqrt(max(0.0, linear * linear + 8 * n * lost * difference * (1 - difference)))
    likeliest = max(0.0, (root - linear) / (4 * n))  # share of lost items: the root of the likelihood's derivative
    above = gained - lost - n * difference
    variance = n * (2 * likeliest + difference * (1 - difference))
    if variance <= 0:
        return copysign(inf, above) if above else 0.0
    return above / sqrt(variance)

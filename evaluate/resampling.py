"""Tests and intervals from re-arranging the data: swapping the two systems at random, and drawing items again.

Everything is in *units*: items, or clusters of items that belong together, each with its sum and its size.

**Swapping.** If it made no difference which system gave which of the two answers to an item, each difference could as
well have the other sign. p is the share of sign patterns whose mean is at least as far from 0 as the one seen; what is
equally far counts (`>=`), and so does the pattern seen itself (Phipson and Smyth 2010, Permutation P-values should
never be zero). The interval holds the shifts of the differences that the same test with the same patterns does not
reject, so it leaves out 0 exactly where p <= 1 - level. Why that is quick: flipping the signs of a subset of the
shifted differences leaves their mean as far from 0 as it was, or farther, exactly where the mean of the subset or that
of the others lies beyond the shift. So the bounds are ordered means of random subsets (Hartigan 1969, Using subsample
values as typical values, Journal of the American Statistical Association 64).

>>> flip_means(np.array([1.0, 2.0, 3.0, 1.0, 2.0, 2.0, 3.0, 1.0]), np.ones(8), seed=0, flips=10_000)
Flipped(p=0.0078125, interval=(1.0, 2.6666666666666665), n_patterns=128, exact=True)
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor, inf, isinf, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.resampling_kernels import sample_counts, sampled_sums, subset_sums
from tunesmith.evaluate.results import Interval
from tunesmith.evaluate.significance_quantiles import normal_quantile, normal_share, student_quantile

Corpus = Callable[[npt.NDArray[Any]], Floats]

#: Up to so many units all patterns are gone through instead of drawn: 2^15 of them, about as many as are drawn else.
EXACT_UNITS = 16
_ROUNDING = 1e-12  # relative: what differs by less is equal
_BLOCK_BYTES = 1 << 23
_MASK_64 = (1 << 64) - 1


class Flipped(NamedTuple):
    """A sign-flip test; `interval` is None where so few units allow none. `exact`: no pattern was drawn at random."""

    p: float
    interval: Interval | None
    n_patterns: int
    exact: bool


class _Coins(NamedTuple):
    """How patterns come about: `mask` has ones for the units that go through all of them (the first in `order`)."""

    order: npt.NDArray[np.intp]
    mask: np.uint64
    n_patterns: int
    exact: bool


def flip_means(sums: Floats, sizes: Floats, *, seed: int, flips: int, level: float = 0.95) -> Flipped:
    """The sign-flip test of the mean difference (sum of sums / sum of sizes) against 0, with its interval.

    :param sums: the differences of each unit's items, summed, shape `(n_units,)`.
    :param sizes: the number of items of each unit, shape `(n_units,)`.
    """
    coins = _coins(sums.astype(np.bool_), flips)
    columns = np.stack([sums, sizes])[:, coins.order]
    inside = subset_sums(columns, _key(seed, "flips"), coins.n_patterns, coins.mask)
    near_zero = _ROUNDING * float(np.abs(sums).sum())
    means = [_means(_snapped(part[0], near_zero), part[1]) for part in (inside, columns.sum(axis=1)[:, None] - inside)]
    lows, highs = _pairs(means, coins.exact)
    total = float(_snapped(np.array([sums.sum()]), near_zero)[0])
    extreme = len(lows) if total == 0 else int((lows <= 0).sum() if total > 0 else (highs >= 0).sum())
    return Flipped(extreme / len(lows), _inner(lows, highs, level), len(lows), coins.exact)


def _means(sums: Floats, sizes: Floats) -> Floats:
    """Of each subset; NaN of the empty one."""
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(sizes > 0, sums / sizes, np.nan)
    return found


def _pairs(means: list[Floats], exact: bool) -> tuple[Floats, Floats]:
    """The lower and the higher mean of each subset and its complement.

    Where one of them is empty, the pattern is the one seen, as extreme as itself at any shift; where patterns are drawn
    it is one more.
    """
    seen = np.isnan(means[0]) | np.isnan(means[1])
    lows, highs = np.where(seen, -inf, np.fmin(*means)), np.where(seen, inf, np.fmax(*means))
    if exact:
        return lows, highs
    return np.concatenate([[-inf], lows]), np.concatenate([[inf], highs])


def _inner(lows: Floats, highs: Floats, level: float) -> Interval | None:
    """The shifts whose p is above 1 - level: more than that share of the patterns are as extreme."""
    rank = floor((1 - level) * len(lows) + 1e-9)
    low = float(np.partition(lows, rank)[rank])
    high = float(np.partition(highs, len(highs) - 1 - rank)[len(highs) - 1 - rank])
    return None if isinf(low) or isinf(high) else (low, high)


def swap_corpus(before: Floats, after: Floats, corpus: Corpus, *, seed: int, flips: int) -> float:
    """p of the difference of two corpus figures: how often it is as large when units are swapped between the systems.

    :param before, after: summed statistics, shape `(n_units, k)`.
    """
    gain = after - before
    coins = _coins(np.asarray(gain.any(axis=1)), flips)
    first, second = before.sum(axis=0), after.sum(axis=0)
    seen = abs(_gap(first, second, corpus)[0])
    if not seen:
        return 1.0
    columns = np.ascontiguousarray(gain[coins.order].T)
    moved = subset_sums(columns, _key(seed, "flips"), coins.n_patterns, coins.mask).T
    gaps = np.abs(_gap(first + moved, second - moved, corpus))
    extreme = int((~(gaps < seen * (1 - 1e-9))).sum())  # a pattern without a figure counts against the difference
    drawn = 0 if coins.exact else 1
    return (extreme + drawn) / (len(gaps) + drawn)


def _gap(before: Floats, after: Floats, corpus: Corpus) -> Floats:
    return np.atleast_1d(np.asarray(corpus(after) - corpus(before), np.float64))


def _coins(matters: npt.NDArray[np.bool_], flips: int) -> _Coins:
    """Go through all patterns of the units that matter where they are few: those that could change the outcome."""
    n_units, n_matter = len(matters), int(matters.sum())
    order = np.argsort(~matters, kind="stable")
    n_whole = n_units if n_units <= EXACT_UNITS else n_matter
    if n_whole > EXACT_UNITS or n_whole == 0:
        return _Coins(order, np.uint64(0), flips, False)
    n_whole_patterns = 1 << (n_whole - 1)
    repeated = 1 if n_whole == n_units else -(-flips // n_whole_patterns)
    return _Coins(order, np.uint64((1 << n_whole) - 1), repeated * n_whole_patterns, True)


def _snapped(sums: Floats, near_zero: float) -> Floats:
    """Sums that only rounding keeps from 0 are 0: 0.1 + 0.2 - 0.3 is a tie."""
    return np.where(np.abs(sums) <= near_zero, 0.0, sums)


def resample_means(sums: Floats, sizes: Floats, *, seed: int, resamples: int) -> Floats:
    """Means of samples of units with replacement, shape `(resamples,)`."""
    drawn = sampled_sums(np.ascontiguousarray(np.stack([sums, sizes], axis=1)), _key(seed, "samples"), resamples)
    found: Floats = drawn[:, 0] / drawn[:, 1]
    return found


def resample_corpus(statistics: Floats, *, seed: int, resamples: int) -> Floats:
    """Summed statistics of samples of units with replacement, shape `(resamples, k)`.

    Of counts the sums are exact in whatever order they are added, so a matrix product may add them; of other numbers,
    whose last digit depends on the order, the kernel does, which knows one order only.
    """
    key, n_units = _key(seed, "samples"), len(statistics)
    if not np.array_equal(statistics, np.rint(statistics)):
        return sampled_sums(np.ascontiguousarray(statistics), key, resamples)
    step = max(1, _BLOCK_BYTES // (8 * n_units))
    blocks = [
        sample_counts(n_units, key, first, min(step, resamples - first)) @ statistics
        for first in range(0, resamples, step)
    ]
    return np.concatenate(blocks)


def bootstrap_interval(figures: Floats, value: float, without: Floats, level: float) -> Interval | None:
    """The interval of a figure from the figures of samples; None where units are too few for any of this level.

    Bias-corrected and accelerated (Efron 1987, Better bootstrap confidence intervals, Journal of the American
    Statistical Association 82), at Student's quantile, stretched by the root of n / (n - 1), for samples of a sample
    vary too little (Hesterberg 2015, What teachers should know about the bootstrap, The American Statistician 69).

    :param figures: of the samples, shape `(resamples,)`.
    :param without: the figure without each unit, shape `(n_units,)`.
    """
    n = len(without)
    if 2.0 ** (1 - n) > 1 - level or np.isnan(figures).any():
        return None
    if not (without - without[0]).any():
        return value, value
    below = (float((figures < value).sum()) + float((figures <= value).sum())) / 2
    bias = normal_quantile(min(max(below, 0.5), len(figures) - 0.5) / len(figures))
    reach = student_quantile(0.5 + level / 2, n - 1) * sqrt(n / (n - 1))
    skew = _acceleration(without)
    low, high = np.quantile(figures, [_share_below(bias, skew, -reach), _share_below(bias, skew, reach)])
    return float(low), float(high)


def _acceleration(without: Floats) -> float:
    pulls = without.mean() - without
    found: float = (pulls**3).sum() / (6 * (pulls**2).sum() ** 1.5)
    return found


def _share_below(bias: float, skew: float, reach: float) -> float:
    """The share of the samples' figures that lies below the bound."""
    moved = bias + reach
    left = 1 - skew * moved
    return normal_share(bias + moved / left) if left > 0 else float(moved > 0)


def _key(seed: int, stream: str) -> np.uint64:
    """A key for a stream of random numbers; those of other streams and of neighbouring seeds look unrelated."""
    mixed = (seed * 0x9E3779B97F4A7C15 + int.from_bytes(stream.encode()[:7], "little")) & _MASK_64
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = ((mixed ^ (mixed >> shift)) * factor) & _MASK_64
    return np.uint64(mixed ^ (mixed >> 31))

"""Figures with their intervals, and differences with their tests: whether one system is better or the data do not say.

What the data are decides the method. Right/wrong: the exact McNemar test with Tango's interval. Other scores of items:
the sign-flip test with the interval of the very same test. Corpus figures (BLEU, chrF): the two systems' statistics
swapped item by item, with a bootstrap interval. Where items belong together (`groups`), whole clusters are swapped and
drawn. A pair counts only where both sides have a value.

**No interval contradicts its p.** The sign-flip interval leaves out 0 exactly where p <= .05. The other intervals come
from another approximation than p; where the test does not reject 0 they are stretched to hold it, which can only raise
their coverage, and where one holds 0 though p is small there is no verdict.

>>> found = compare_binary([0, 0, 1, 1, 0, 1, 0, 0], [1, 1, 1, 0, 1, 1, 1, 1])
>>> found.gained, found.lost, round(found.p, 3), verdict_of(found, found.p, "higher")
(5, 1, 0.219, 'too few')
"""

from __future__ import annotations

from math import isinf, nan

import numpy as np

from tunesmith.errors import InputError
from tunesmith.evaluate.metric_types import Better, Floats
from tunesmith.evaluate.power import detectable_binary, detectable_mean, needed_binary, needed_mean
from tunesmith.evaluate.resampling import (
    Corpus,
    bootstrap_interval,
    flip_means,
    resample_corpus,
    resample_means,
    swap_corpus,
)
from tunesmith.evaluate.results import Difference, Estimate, Interval, Verdict
from tunesmith.evaluate.significance_binary import mcnemar, tango, wilson
from tunesmith.evaluate.significance_quantiles import normal_quantile, student_quantile
from tunesmith.evaluate.significance_units import (
    Groups,
    Statistics,
    Units,
    Values,
    check_marks,
    gains,
    paired,
    paired_statistics,
    summed,
    units_of,
)

LEVEL = 0.95
#: Fewer items, or clusters, than these carry no verdict of "no clear change".
FEW = 30


def estimate_mean(
    values: Values, *, groups: Groups | None = None, seed: int = 0, resamples: int = 5000, level: float = LEVEL
) -> Estimate:
    """The mean of the values that are there, with a bootstrap interval; NaN of none.

    :param values: shape `(n_items,)`, NaN where an item has none; `n` counts the others.
    :param groups: a name for each item: items of one name are drawn together.
    :returns: `interval` is None where all values are equal, or below six items (clusters).
    :raises InputError: an infinite value, or another number of groups than values.
    """
    units = units_of(values, groups)
    n, method = int(units.sizes.sum()), _named("bootstrap", units.grouped)
    if len(units.sums) < 2:
        return Estimate(units.mean if n else nan, n, None, method)
    figures = resample_means(units.sums, units.sizes, seed=seed, resamples=resamples)
    interval = bootstrap_interval(figures, units.mean, units.without, level)
    return Estimate(units.mean, n, _unless_constant(interval), method)


def estimate_share(values: Values, *, groups: Groups | None = None, level: float = LEVEL) -> Estimate:
    """The share of ones, with Wilson's interval, and NaN of no values.

    Of grouped items Wilson's interval is taken of as many items as the clusters are worth (n / design effect), at
    Student's quantile (Franco et al. 2019, Comparative study of confidence intervals for proportions in complex sample
    surveys, Journal of Survey Statistics and Methodology 7). A cluster bootstrap would collapse where all are right.

    :raises InputError: a value other than 0, 1 and NaN, or another number of groups than values.
    """
    check_marks(values)
    units = units_of(values, groups)
    n, method = int(units.sizes.sum()), _named("Wilson", units.grouped)
    if not n:
        return Estimate(nan, 0, None, method)
    z, share = _reach(units, level), units.mean
    interval = None if isinf(z) else wilson(share, n / units.worth(share * (1 - share) / n), z)
    return Estimate(share, n, interval, method)


def estimate_corpus(
    statistics: Statistics,
    corpus: Corpus,
    *,
    groups: Groups | None = None,
    seed: int = 0,
    resamples: int = 5000,
    level: float = LEVEL,
) -> Estimate:
    """The figure of the summed statistics, with a bootstrap interval; NaN of none.

    :param statistics: counts, shape `(n_items, k)`; a row of zeros is an item without a value.
    :param corpus: sums, shape `(…, k)`, to the figure, shape `(…)`.
    """
    rows, _, clusters = paired_statistics(statistics, statistics, groups)
    method = _named("bootstrap", clusters is not None)
    if not len(rows):
        return Estimate(nan, 0, None, method)
    units = summed(rows, clusters)
    value = _figure(corpus, units)
    figures = _figures(corpus, resample_corpus(units, seed=seed, resamples=resamples))
    interval = bootstrap_interval(figures, value, _without(corpus, units), level)
    return Estimate(value, len(rows), _unless_constant(interval), method)


def compare_means(
    before: Values, after: Values, *, groups: Groups | None = None, seed: int = 0, flips: int = 10_000
) -> Difference:
    """The mean difference of two systems on the same items: the sign-flip test, with the interval of the same test.

    Up to 16 differing items (clusters) p is exact, else from `flips` patterns of signs drawn by the seed.

    :param before, after: shape `(n_items,)` each, NaN where an item has no value, which leaves out the pair.
    :param groups: a name for each item: differences of one name change sign together.
    :raises InputError: sides of different length, an infinite value, another number of groups than items.
    """
    first, second, clusters = paired(before, after, groups)
    units = units_of(gains(first, second), clusters)
    if not len(first):
        return _nothing(_named("sign-flip", units.grouped))
    found = flip_means(units.sums, units.sizes, seed=seed, flips=flips, level=LEVEL)
    return _of_means(first, second, units)._replace(p=found.p, interval=found.interval)


def _of_means(first: Floats, second: Floats, units: Units) -> Difference:
    """All but the test."""
    n, n_units, error = len(first), len(units.sums), units.standard_error
    spread = float(gains(first, second).std(ddof=1)) if n > 1 else 0.0
    return Difference(
        n=n,
        before=float(first.mean()),
        after=float(second.mean()),
        difference=units.mean,
        interval=None,
        p=None,
        effect=units.mean / spread if spread > 0 else None,
        effect_name="mean difference / standard deviation",
        detectable=detectable_mean(error, n_units),
        needed=needed_mean(error, n, units.mean),
        test=_named("sign-flip", units.grouped),
        n_groups=n_units if units.grouped else None,
    )


def compare_binary(
    before: Values, after: Values, *, groups: Groups | None = None, seed: int = 0, flips: int = 10_000
) -> Difference:
    """The difference of two shares of right answers to the same items: the exact McNemar test, with Tango's interval.

    Of grouped items: the sign-flip test by cluster, with Tango's interval of the items that the clusters are worth.

    :raises InputError: as `compare_means`, and a value other than 0, 1 and NaN.
    """
    check_marks(before)
    check_marks(after)
    first, second, clusters = paired(before, after, groups)
    if not len(first):
        return _nothing("exact McNemar" if clusters is None else "sign-flip by cluster")
    n, gained, lost = len(first), int((second > first).sum()), int((second < first).sum())
    units = units_of(gains(first, second), clusters)
    found = _of_means(first, second, units)
    if units.grouped:
        found = found._replace(p=flip_means(units.sums, units.sizes, seed=seed, flips=flips).p)
    else:
        found = found._replace(
            p=mcnemar(gained, lost),
            test="exact McNemar",
            detectable=detectable_binary(n, (gained + lost) / n),
            needed=needed_binary((gained + lost) / n, (gained - lost) / n),
        )
    effect = gained / (gained + lost) - 0.5 if gained + lost else None
    found = found._replace(gained=gained, lost=lost, effect=effect, effect_name="Cohen's g")
    return found._replace(interval=_with_zero(_of_shares(units, gained, lost), found.p))


def _of_shares(units: Units, gained: int, lost: int) -> Interval | None:
    z, n = _reach(units, LEVEL), units.sizes.sum()
    if isinf(z):
        return None
    worth = units.worth((gained + lost - (gained - lost) ** 2 / n) / n**2)
    return tango(gained / worth, lost / worth, n / worth, z)


def compare_corpus(
    before_statistics: Statistics,
    after_statistics: Statistics,
    corpus: Corpus,
    *,
    groups: Groups | None = None,
    seed: int = 0,
    resamples: int = 5000,
    flips: int = 10_000,
) -> Difference:
    """The difference of two corpus figures on the same items: the two systems' statistics swapped item by item (cluster
    by cluster), with a paired bootstrap interval.

    :param before_statistics, after_statistics: counts, shape `(n_items, k)` each; a row of zeros on either side is an
        item without a value, which leaves out the pair.
    :param corpus: sums, shape `(…, k)`, to the figure, shape `(…)`.
    :raises InputError: sides of different length, or another number of groups than items.
    """
    first_rows, second_rows, clusters = paired_statistics(before_statistics, after_statistics, groups)
    test = _named("swapped statistics", clusters is not None)
    if not len(first_rows):
        return _nothing(test)
    first, second = summed(first_rows, clusters), summed(second_rows, clusters)
    n, n_units = len(first_rows), len(first)
    before, after = _figure(corpus, first), _figure(corpus, second)
    without = _without(corpus, second) - _without(corpus, first)
    drawn = np.split(resample_corpus(np.hstack([first, second]), seed=seed, resamples=resamples), 2, axis=1)
    figures = _figures(corpus, drawn[1]) - _figures(corpus, drawn[0])
    p = swap_corpus(first, second, corpus, seed=seed, flips=flips)
    error = float(np.sqrt((n_units - 1) * without.var()))  # the jackknife's
    return Difference(
        n=n,
        before=before,
        after=after,
        difference=after - before,
        interval=_with_zero(bootstrap_interval(figures, after - before, without, LEVEL), p),
        p=p,
        effect=(after - before) / (error * n**0.5) if error > 0 else None,
        effect_name="difference / standard deviation of an item's part",
        detectable=detectable_mean(error, n_units),
        needed=needed_mean(error, n, after - before),
        test=test,
        n_groups=n_units if clusters is not None else None,
    )


def verdict_of(difference: Difference, p_adjusted: float | None, better: Better, *, alpha: float = 0.05) -> Verdict:
    """What the data allow to be said.

    `better` and `worse` need both: a p, adjusted for how many comparisons there are, of at most alpha, and an interval
    that lies on the difference's side of 0. Without them, fewer than 30 items (clusters, where grouped) are `too few`,
    and more are `no clear change`: how large a change they could have missed is what the interval says.

    :raises InputError: a metric that only describes.
    """
    if better == "neither":
        raise InputError("expected a metric that is better higher or lower, found one that only describes")
    if p_adjusted is not None and p_adjusted <= alpha and _on_one_side(difference):
        return "better" if (difference.difference > 0) == (better == "higher") else "worse"
    n_units = difference.n if difference.n_groups is None else difference.n_groups
    return "too few" if n_units < FEW else "no clear change"


def _on_one_side(difference: Difference) -> bool:
    low, high = difference.interval or (0.0, 0.0)
    return low > 0 if difference.difference > 0 else high < 0


def _with_zero(interval: Interval | None, p: float | None) -> Interval | None:
    if interval is None or p is None or p <= 1 - LEVEL:
        return interval
    return min(interval[0], 0.0), max(interval[1], 0.0)


def _unless_constant(interval: Interval | None) -> Interval | None:
    """Figures that do not vary say nothing about how much others would; a difference of 0 throughout does."""
    return None if interval is None or interval[0] == interval[1] else interval


def _reach(units: Units, level: float) -> float:
    """In standard errors; infinite of a single cluster, which says nothing about others."""
    share = 0.5 + level / 2
    return student_quantile(share, len(units.sums) - 1) if units.grouped else normal_quantile(share)


def _nothing(test: str) -> Difference:
    return Difference(0, nan, nan, nan, None, None, None, "", None, None, test)


def _figure(corpus: Corpus, units: Floats) -> float:
    return float(_figures(corpus, units.sum(axis=0)[None, :])[0])


def _without(corpus: Corpus, units: Floats) -> Floats:
    """The figure without each unit in turn; NaN of a single one, without which nothing is left."""
    return _figures(corpus, units.sum(axis=0) - units) if len(units) > 1 else np.full(1, nan)


def _figures(corpus: Corpus, sums: Floats) -> Floats:
    return np.asarray(corpus(sums), np.float64)


def _named(method: str, grouped: bool) -> str:
    return f"{method} by cluster" if grouped else method

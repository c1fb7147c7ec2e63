"""How often a method says what it should: false verdicts among equals, power against known differences, coverage.

>>> false_verdicts("ratings 1-5", 30, 200).ours < 0.1
True
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from evaluation_statistics_data import KINDS, Rng, Sides, bleu_pool, mostly_equal, ratings
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.significance import Result, _paired_ar_test, _paired_bs_test
from scipy import stats

from tunesmith.evaluate.bleu import bleu_of
from tunesmith.evaluate.resampling import resample_corpus, resample_means
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

FLIPS, RESAMPLES, VERDICT_RESAMPLES = 999, 1000, 400  # fewer than the defaults: so many comparisons take long
SACREBLEU_COMPARISONS, SACREBLEU_TRIALS = 200, 300
_Z = 1.959964


class FalseVerdicts(NamedTuple):
    """Shares of comparisons of equals that end in "better" or "worse"; None where a peer does not apply."""

    ours: float
    percentile: float
    ungrouped: float | None
    sacrebleu_ar: float | None
    sacrebleu_bs: float | None


def compared(kind: str, sides: Sides, seed: int) -> Difference:
    """By the method for such data."""
    if sides.before.ndim == 2:
        return compare_corpus(sides.before, sides.after, bleu_of, seed=seed, resamples=VERDICT_RESAMPLES, flips=FLIPS)
    compare = compare_binary if kind.startswith("right") else compare_means
    return compare(sides.before, sides.after, groups=sides.groups, seed=seed, flips=FLIPS)


def says_more(difference: Difference) -> bool:
    """Better or worse."""
    return verdict_of(difference, difference.p, "higher") in ("better", "worse")


def false_verdicts(kind: str, n: int, n_comparisons: int) -> FalseVerdicts:
    """Of comparisons of systems that are equally good."""
    rng, make = np.random.default_rng([n, sum(kind.encode())]), KINDS[kind]
    grouped = make(np.random.default_rng(0), n).groups is not None
    ours = ungrouped = percentile = 0
    n_peers = peer_comparisons(n, n_comparisons)
    for number in range(n_comparisons):
        sides = make(rng, n)
        ours += says_more(compared(kind, sides, number))
        if number < n_peers:
            percentile += percentile_says_more(sides, number)
            ungrouped += grouped and says_more(compared(kind, sides._replace(groups=None), number))
    alone = ungrouped / n_peers if grouped else None
    ar, bs = sacrebleu_verdicts(rng, n) if kind == "corpus BLEU" and n <= 300 else (None, None)
    return FalseVerdicts(ours / n_comparisons, percentile / n_peers, alone, ar, bs)


def peer_comparisons(n: int, n_comparisons: int) -> int:
    """Fewer where they take long."""
    return min(n_comparisons, 1000 if n <= 300 else 300)


def percentile_says_more(sides: Sides, seed: int) -> bool:
    """Whether the plain percentile bootstrap of items leaves out 0."""
    low, high = np.quantile(percentile_figures(sides, seed), [0.025, 0.975])
    return bool(low > 0 or high < 0)


def percentile_figures(sides: Sides, seed: int) -> npt.NDArray[np.float64]:
    """The differences of samples of items."""
    if sides.before.ndim == 1:
        gains = sides.after - sides.before
        return resample_means(gains, np.ones(len(gains)), seed=seed, resamples=RESAMPLES)
    both = np.hstack([sides.before, sides.after]).astype(np.float64)
    drawn = resample_corpus(both, seed=seed, resamples=RESAMPLES)
    return bleu_of(drawn[:, 10:]) - bleu_of(drawn[:, :10])


class _Given(BLEU):
    """sacrebleu's BLEU of statistics that are there already, for its significance tests."""

    def _extract_corpus_statistics(self, hypotheses: Any, references: Any) -> Any:
        return hypotheses


def sacrebleu_says_more(sides: Sides, test: Callable[..., Any], seed: int) -> bool:
    """Whether sacrebleu's own test of the same statistics has p <= .05."""
    metric = _Given()
    baseline = {"BLEU": (sides.before, Result(float(bleu_of(sides.before.sum(axis=0)))))}
    _, found = test(baseline, "after", sides.after, None, {"BLEU": metric}, SACREBLEU_TRIALS, seed=seed)
    return bool(found["BLEU"].p_value <= 0.05)


def sacrebleu_verdicts(rng: Rng, n: int) -> tuple[float, float]:
    """Shares of false verdicts of its approximate randomisation and of its paired bootstrap."""
    all_sides = [KINDS["corpus BLEU"](rng, n) for _ in range(SACREBLEU_COMPARISONS)]
    tests = (_paired_ar_test, _paired_bs_test)
    ar, bs = (np.mean([sacrebleu_says_more(s, test, i) for i, s in enumerate(all_sides)]) for test in tests)
    return float(ar), float(bs)


def identical(n: int) -> dict[str, Any]:
    """What each says of a system and itself."""
    rng = np.random.default_rng(n)
    line: dict[str, Any] = {"n": n}
    for kind in ("right/wrong", "ratings 1-5", "corpus BLEU"):
        one = KINDS[kind](rng, n).before
        found = compared(kind, Sides(one, one), 0)
        line[f"ours, {kind}"] = f"p = {found.p:.3g}, {verdict_of(found, found.p, 'higher')}"
    same = Sides(one, one)
    for name, test in (("sacrebleu ar", _paired_ar_test), ("sacrebleu bs", _paired_bs_test)):
        line[name] = "significant" if sacrebleu_says_more(same, test, 0) else "not significant"
    return line


# equal means, without exchangeable items


def weak_null(n: int, n_comparisons: int) -> dict[str, Any]:
    """Differences of mean 0 that are skewed, so that a sign is not as good as its opposite: no test here is exact."""
    rng = np.random.default_rng(n)
    ours = theirs = plain = 0
    for number in range(n_comparisons):
        gains = rng.exponential(1, n) - 1
        ours += says_more(compare_means(np.zeros(n), gains, seed=number, flips=FLIPS))
        theirs += stats.ttest_1samp(gains, 0).pvalue <= 0.05
        plain += percentile_says_more(Sides(np.zeros(n), gains), number)
    shares = {"sign-flip": ours, "paired t test": theirs, "percentile bootstrap": plain}
    return {"n": n, **{name: percent(count / n_comparisons) for name, count in shares.items()}}


# power


def power_of_means(n: int, effect: float, n_comparisons: int) -> dict[str, Any]:
    """Of the sign-flip test against normal differences, beside the paired t test's in theory."""
    rng, reach = np.random.default_rng(n), stats.t.ppf(0.975, n - 1)
    theory = float(stats.nct.sf(reach, n - 1, effect * n**0.5))
    told = [compare_means(np.zeros(n), rng.normal(effect, 1, n), seed=i, flips=FLIPS) for i in range(n_comparisons)]
    found = np.mean([verdict_of(one, one.p, "higher") == "better" for one in told])
    difference = f"{effect:.3f} standard deviations"
    return {"test": "sign-flip", "n": n, "true difference": difference, **_beside(float(found), theory)}


def power_of_marks(n: int, changed: float, difference: float, n_comparisons: int) -> dict[str, Any]:
    """Of the exact McNemar test, beside its exact power."""
    rng, counts = np.random.default_rng(n), np.arange(n + 1)
    critical = stats.binom.isf(0.025, counts, 0.5)
    theory = stats.binom.pmf(counts, n, changed) @ stats.binom.sf(critical, counts, (1 + difference / changed) / 2)
    better = 0
    for number in range(n_comparisons):
        gain = rng.choice([1, -1, 0], n, p=[(changed + difference) / 2, (changed - difference) / 2, 1 - changed])
        found = compare_binary(gain < 0, gain > 0, seed=number)
        better += verdict_of(found, found.p, "higher") == "better"
    told = f"{100 * difference:.1f} points, {100 * changed:.0f} % of items change"
    return {"test": "exact McNemar", "n": n, "true difference": told, **_beside(better / n_comparisons, float(theory))}


def _beside(found: float, theory: float) -> dict[str, str]:
    return {"power measured": percent(found), "power in theory": percent(theory)}


# coverage


class Intervals(NamedTuple):
    """A true value, and the intervals that should hold it: ours, and two plain ones."""

    ours: Interval | None
    percentile: Interval
    plain: Interval


def coverage(name: str, n: int, n_samples: int) -> dict[str, Any]:
    """How many of 100 intervals hold the true value."""
    rng, (make, truth) = np.random.default_rng([n, sum(name.encode())]), COVERED[name]
    held = np.zeros(3)
    missing = 0
    for number in range(n_samples):
        found = make(rng, n, number)
        missing += found.ours is None
        held += [bound is not None and bound[0] - 1e-12 <= truth() <= bound[1] + 1e-12 for bound in found]
    shares = [percent(share) for share in held / n_samples]
    told = f"{shares[0]} ({missing:,} without)" if missing else shares[0]
    return {
        "figure": name,
        "n": n,
        "ours": told,
        "percentile bootstrap": shares[1],
        "± 1.96 standard errors": shares[2],
    }


def _plain(values: npt.NDArray[Any]) -> Interval:
    half = _Z * float(values.std(ddof=1)) / len(values) ** 0.5
    return float(values.mean()) - half, float(values.mean()) + half


def _percentile(figures: npt.NDArray[Any]) -> Interval:
    low, high = np.quantile(figures, [0.025, 0.975])
    return float(low), float(high)


def _of_mean(draw: Callable[[Rng, int], npt.NDArray[Any]], rng: Rng, n: int, seed: int) -> Intervals:
    values = draw(rng, n)
    figures = resample_means(values, np.ones(n), seed=seed, resamples=RESAMPLES)
    found = estimate_mean(values, seed=seed, resamples=RESAMPLES).interval
    return Intervals(found, _percentile(figures), _plain(values))


def _of_share(share: float, rng: Rng, n: int, seed: int) -> Intervals:
    values = (rng.random(n) < share).astype(np.float64)
    figures = resample_means(values, np.ones(n), seed=seed, resamples=RESAMPLES)
    return Intervals(estimate_share(values).interval, _percentile(figures), _plain(values))


def _of_difference(compare: Callable[..., Difference], draw: Callable[[Rng, int], Sides], *rest: Any) -> Intervals:
    rng, n, seed = rest
    sides = draw(rng, n)
    found = compare(sides.before, sides.after, seed=seed, flips=FLIPS).interval
    return Intervals(found, _percentile(percentile_figures(sides, seed)), _plain(sides.after - sides.before))


def _of_bleu(rng: Rng, n: int, seed: int) -> Intervals:
    rows = bleu_pool()[0][rng.integers(0, bleu_pool().shape[1], n)]
    figures = bleu_of(resample_corpus(rows.astype(np.float64), seed=seed, resamples=RESAMPLES))
    value, half = float(bleu_of(rows.sum(axis=0))), _Z * float(figures.std())
    found = estimate_corpus(rows, bleu_of, seed=seed, resamples=RESAMPLES).interval
    return Intervals(found, _percentile(figures), (value - half, value + half))


def _of_bleu_difference(rng: Rng, n: int, seed: int) -> Intervals:
    rows = bleu_pool()[:, rng.integers(0, bleu_pool().shape[1], n)]
    figures = percentile_figures(Sides(rows[0], rows[1]), seed)
    found = compare_corpus(rows[0], rows[1], bleu_of, seed=seed, resamples=RESAMPLES, flips=FLIPS)
    half = _Z * float(figures.std())
    return Intervals(found.interval, _percentile(figures), (found.difference - half, found.difference + half))


def _bleu_truth(number: int | None) -> float:
    values = bleu_of(bleu_pool().sum(axis=1))
    return float(values[1] - values[0]) if number is None else float(values[number])


def _shifted(draw: Callable[[Rng, int], Sides], gain: float, rng: Rng, n: int) -> Sides:
    sides = draw(rng, n)
    return sides._replace(after=sides.after + gain)


def _improved(changed: float, gain: float, rng: Rng, n: int) -> Sides:
    moves = rng.choice([1.0, -1.0, 0.0], n, p=[(changed + gain) / 2, (changed - gain) / 2, 1 - changed])
    return Sides((moves < 0).astype(np.float64), (moves > 0).astype(np.float64))


def _skewed_gain(rng: Rng, n: int) -> Sides:
    return Sides(np.zeros(n), rng.exponential(1, n))


_RATED = (0.02, 0.05, 0.1, 0.23, 0.6)

#: What is drawn, and its true value.
COVERED: dict[str, tuple[Callable[[Rng, int, int], Intervals], Callable[[], float]]] = {
    "mean of 0-1 scores": (partial(_of_mean, lambda rng, n: rng.beta(2, 3, n)), lambda: 0.4),
    "mean rating, most 5": (
        partial(_of_mean, lambda rng, n: rng.choice(5, n, p=_RATED) + 1.0),
        lambda: float(np.dot(_RATED, range(1, 6))),
    ),
    "mean of long-tailed lengths": (
        partial(_of_mean, lambda rng, n: rng.lognormal(0, 1, n)),
        lambda: float(np.exp(0.5)),
    ),
    "share of .5": (partial(_of_share, 0.5), lambda: 0.5),
    "share of .97": (partial(_of_share, 0.97), lambda: 0.97),
    "corpus BLEU": (_of_bleu, lambda: _bleu_truth(0)),
    "difference of ratings": (
        partial(_of_difference, compare_means, partial(_shifted, ratings, 0.2)),
        lambda: 0.2,
    ),
    "difference of skewed gains": (partial(_of_difference, compare_means, _skewed_gain), lambda: 1.0),
    "difference, most equal": (partial(_of_difference, compare_means, mostly_equal), lambda: 0.0),
    "difference of shares, 20 % change": (
        partial(_of_difference, compare_binary, partial(_improved, 0.2, 0.08)),
        lambda: 0.08,
    ),
    "difference of shares, 4 % change": (
        partial(_of_difference, compare_binary, partial(_improved, 0.04, 0.02)),
        lambda: 0.02,
    ),
    "difference of corpus BLEU": (_of_bleu_difference, lambda: _bleu_truth(None)),
}


def percent(share: float) -> str:
    """`4.9 %`."""
    return f"{100 * share:.1f} %"

"""The differences of one pair: each metric with the test that fits its kind, on the items that both have.

A metric of the kind `binary` goes to the exact McNemar test, `mean` to the sign-flip test, `corpus` to the test that
swaps the two systems' statistics item by item. What is NaN on either side leaves the pair out.

>>> side = Side(scored, np.array([0, 1, 2]))  # doctest: +SKIP
>>> difference_of(METRICS["rougeL"], side, other).difference  # doctest: +SKIP
0.031
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.metric_types import Floats, Metric, Scored
from tunesmith.evaluate.results import Difference, Estimate, Interval
from tunesmith.evaluate.significance import (
    compare_binary,
    compare_corpus,
    compare_means,
    estimate_corpus,
    estimate_mean,
    estimate_share,
)

Numbers = npt.NDArray[np.intp]
Groups = npt.NDArray[np.int64] | None


class Side(NamedTuple):
    """One system's scores, and which rows of them belong to the pair, in the pair's order."""

    scored: Mapping[str, Scored]
    rows: Numbers

    def values(self, name: str) -> Floats:
        """Shape `(n_pairs,)`, NaN where the item has none."""
        return self.scored[name].values[self.rows]


def both_have(name: str, before: Side, after: Side) -> npt.NDArray[np.bool_]:
    """Which pairs have the metric on both sides, shape `(n_pairs,)`."""
    found: npt.NDArray[np.bool_] = ~(np.isnan(before.values(name)) | np.isnan(after.values(name)))
    return found


def difference_of(metric: Metric, before: Side, after: Side, *, groups: Groups, seed: int) -> Difference | None:
    """After less before, None where no pair has the metric."""
    there = both_have(metric.name, before, after)
    if not there.any():
        return None
    kept = None if groups is None else groups[there]
    if metric.corpus is not None:
        one, other = (side.scored[metric.name].statistics for side in (before, after))
        if one is not None and other is not None:
            first, second = one[before.rows[there]], other[after.rows[there]]
            return compare_corpus(first, second, metric.corpus, groups=kept, seed=seed)
    first_values, second_values = (side.values(metric.name)[there] for side in (before, after))
    compare = compare_binary if metric.kind == "binary" else compare_means
    return compare(first_values, second_values, groups=kept, seed=seed)


def estimate_of(metric: Metric, side: Side, there: npt.NDArray[np.bool_], *, groups: Groups, seed: int) -> Estimate:
    """One system's figure on the pairs that count."""
    kept = None if groups is None else groups[there]
    statistics = side.scored[metric.name].statistics
    if metric.corpus is not None and statistics is not None:
        return estimate_corpus(statistics[side.rows[there]], metric.corpus, groups=kept, seed=seed)
    values = side.values(metric.name)[there]
    if metric.kind == "binary":
        return estimate_share(values, groups=kept)
    return estimate_mean(values, groups=kept, seed=seed)


def told(found: Difference, metric: Metric) -> dict[str, Any]:
    """A difference as plain data; `p_adjusted` and `verdict` come later, when the whole family is known."""
    flips = None if found.gained is None else {"gained": found.gained, "lost": found.lost}
    return {
        "before": number(found.before),
        "after": number(found.after),
        "difference": number(found.difference),
        "interval": bounds(found.interval),
        "p": number(found.p),
        "p_adjusted": None,
        "effect": number(found.effect),
        "effect_name": found.effect_name,
        "n": found.n,
        "n_groups": found.n_groups,
        "detectable": number(found.detectable),
        "needed": found.needed,
        "test": found.test,
        "verdict": None,
        "flips": flips,
        "kind": metric.kind,
        "better": metric.better,
        "unit": metric.unit,
    }


def number(value: float | None) -> float | None:
    """The value, None where it is not a finite number: JSON has no other."""
    return float(value) if value is not None and math.isfinite(value) else None


def bounds(interval: Interval | None) -> list[float] | None:
    """An interval as a list of two numbers."""
    if interval is None or not all(map(math.isfinite, interval)):
        return None
    return [float(interval[0]), float(interval[1])]


def win_tie_loss(metric: Metric, before: Side, after: Side) -> dict[str, int]:
    """On how many items the later system is better, equal or worse, by the metric's value of each item."""
    gain = after.values(metric.name) - before.values(metric.name)
    sign = -1.0 if metric.better == "lower" else 1.0
    gain = np.round(sign * gain[~np.isnan(gain)], 12)  # what differs by rounding alone is a tie
    return {"win": int((gain > 0).sum()), "tie": int((gain == 0).sum()), "loss": int((gain < 0).sum())}

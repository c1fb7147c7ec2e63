"""The figure of a metric over items, with its interval: of all items, or of a slice of them.

>>> estimate_of(METRICS["exact_match"], scored["exact_match"]).interval  # doctest: +SKIP
(0.037, 0.118)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.metric_types import Items, Metric, Scored
from tunesmith.evaluate.results import Estimate
from tunesmith.evaluate.significance import estimate_corpus, estimate_mean, estimate_share

Mask = npt.NDArray[np.bool_]

RESAMPLES, SLICE_RESAMPLES = 5000, 1000
#: Metrics of which an item's part depends on the other items.
OF_ALL_ITEMS = frozenset({"distinct_1", "distinct_2"})


def estimate_of(
    metric: Metric, scored: Scored, members: Mask | None = None, *, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """The figure over the items that have a value.

    :param members: which items count, shape `(n_items,)`; all by default.
    :returns: Wilson's interval of a share; a bootstrap interval of a mean and of a figure from summed statistics.
    """
    there = ~np.isnan(scored.values)
    there = there if members is None else there & members
    if metric.corpus is not None and scored.statistics is not None:
        return estimate_corpus(scored.statistics[there], metric.corpus, seed=seed, resamples=resamples)
    if metric.kind == "binary":
        return estimate_share(scored.values[there])
    return estimate_mean(scored.values[there], seed=seed, resamples=resamples)


def told(estimate: Estimate) -> dict[str, Any]:
    """An estimate for JSON: what is no finite number is null."""
    interval = estimate.interval
    known = interval is not None and all(map(math.isfinite, interval))
    return {
        "value": float(estimate.value) if math.isfinite(estimate.value) else None,
        "n": int(estimate.n),
        "interval": list(map(float, interval)) if interval is not None and known else None,
    }


def aggregate(
    metrics: Mapping[str, Metric], scored: Mapping[str, Scored], *, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Each metric over all items: value, n, 95 % interval, method, and what the figure depends on."""
    found = {}
    for name, one in scored.items():
        metric = metrics[name]
        estimate = estimate_of(metric, one, seed=seed)
        found[name] = told(estimate) | {
            "method": estimate.method,
            "kind": metric.kind,
            "better": metric.better,
            "unit": metric.unit,
            "signature": one.signature,
        }
    return found


def aggregate_slices(
    metrics: Mapping[str, Metric],
    items: Items,
    scored: Mapping[str, Scored],
    slices: Mapping[str, Mapping[str, Mask]],
    *,
    seed: int = 0,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Each metric in each slice that has an item with a value: `{field: {value: {metric: {value, n, interval}}}}`.

    What depends on all items together, such as distinct words, is scored anew in each slice.
    """
    return {
        field: {value: _of_slice(metrics, items, scored, members, seed) for value, members in values.items()}
        for field, values in slices.items()
    }


def _of_slice(
    metrics: Mapping[str, Metric], items: Items, scored: Mapping[str, Scored], members: Mask, seed: int
) -> dict[str, Any]:
    found = {}
    of_all = OF_ALL_ITEMS & scored.keys()
    part = _taken(items, members) if of_all else None
    for name, one in scored.items():
        if not (members & ~np.isnan(one.values)).any():
            continue
        metric = metrics[name]
        if part is not None and name in of_all:
            estimate = estimate_of(metric, metric.score(part), seed=seed, resamples=SLICE_RESAMPLES)
        else:
            estimate = estimate_of(metric, one, members, seed=seed, resamples=SLICE_RESAMPLES)
        found[name] = told(estimate)
    return found


def _taken(items: Items, members: Mask) -> Items:
    """Only these items."""
    places = np.flatnonzero(members).tolist()
    return Items._make([[column[place] for place in places] for column in items])

"""One pair of systems: the difference in every metric, over all items and in every slice, not yet judged.

`compare_verdicts.py` judges them, once the whole family of tests is known.

>>> found = compare_pair(both, before, after, slices, groups=None, seed=0)  # doctest: +SKIP
>>> found.metrics["rougeL"].difference  # doctest: +SKIP
0.031
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.compare_statistics import Groups, Side, both_have, difference_of, estimate_of, win_tie_loss
from tunesmith.evaluate.metric_types import Metric
from tunesmith.evaluate.metrics import METRICS
from tunesmith.evaluate.pairing import Pair
from tunesmith.evaluate.results import Difference, Estimate

Mask = npt.NDArray[np.bool_]


class PairFound(NamedTuple):
    """What was found for one pair. Metrics stand in the order of the table; those that no item has are left out.

    :param estimates: each side's own figure, on the items that count in the difference.
    :param slices: field, value, metric.
    """

    differences: Mapping[str, Difference]
    estimates: Mapping[str, tuple[Estimate, Estimate]]
    slices: Mapping[str, Mapping[str, Mapping[str, Difference]]]
    wins: Mapping[str, dict[str, int]]
    flips: Mapping[str, dict[str, list[str]]]


def compare_pair(
    both: Pair, before: Side, after: Side, slices: Mapping[str, Mapping[str, Mask]], *, groups: Groups, seed: int
) -> PairFound:
    """Every metric that some pair has.

    :param slices: the pairs that have each value of each field; see `slices_of`.
    :param groups: the cluster of each pair, shape `(n_pairs,)`.
    """
    metrics = [metric for name, metric in METRICS.items() if name in before.scored and name in after.scored]
    differences = _differences(metrics, before, after, groups=groups, seed=seed)
    present = [metric for metric in metrics if metric.name in differences]
    directional = [metric for metric in present if metric.better != "neither"]
    return PairFound(
        differences,
        {metric.name: _estimates(metric, before, after, groups, seed) for metric in present},
        {
            field: {value: _within(directional, before, after, mask, groups, seed) for value, mask in values.items()}
            for field, values in slices.items()
        },
        {metric.name: win_tie_loss(metric, before, after) for metric in directional},
        {metric.name: _flips(metric, both, before, after) for metric in present if metric.kind == "binary"},
    )


def _differences(
    metrics: list[Metric], before: Side, after: Side, *, groups: Groups, seed: int
) -> dict[str, Difference]:
    found = {metric.name: difference_of(metric, before, after, groups=groups, seed=seed) for metric in metrics}
    return {name: difference for name, difference in found.items() if difference is not None}


def _within(
    metrics: list[Metric], before: Side, after: Side, mask: Mask, groups: Groups, seed: int
) -> dict[str, Difference]:
    """The same differences on some of the pairs."""
    sides = (side._replace(rows=side.rows[mask]) for side in (before, after))
    return _differences(metrics, *sides, groups=None if groups is None else groups[mask], seed=seed)


def _estimates(metric: Metric, before: Side, after: Side, groups: Groups, seed: int) -> tuple[Estimate, Estimate]:
    there = both_have(metric.name, before, after)
    return (
        estimate_of(metric, before, there, groups=groups, seed=seed),
        estimate_of(metric, after, there, groups=groups, seed=seed),
    )


def _flips(metric: Metric, both: Pair, before: Side, after: Side) -> dict[str, list[str]]:
    """The ids of the items that became right (`gained`), and wrong (`lost`)."""
    gain = after.values(metric.name) - before.values(metric.name)
    return {
        "gained": [both.ids[number] for number in np.flatnonzero(gain > 0)],
        "lost": [both.ids[number] for number in np.flatnonzero(gain < 0)],
    }

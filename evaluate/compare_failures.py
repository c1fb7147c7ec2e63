"""Answers that failed: how many on each side, and what the verdict would be if a failed answer were a wrong one.

Failed answers count in no metric, for nobody knows what the model would have said. Where one side failed more often
that flatters it, so a right/wrong metric is judged a second time, with every failure counted as wrong.

>>> found = failures_of(both, before, after, METRICS["correct"], groups=None, seed=0)  # doctest: +SKIP
>>> found["failed_as_wrong"]["verdict"]  # doctest: +SKIP
'worse'
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.compare_statistics import Groups, Side, told
from tunesmith.evaluate.metric_types import Floats, Metric
from tunesmith.evaluate.pairing import Pair
from tunesmith.evaluate.significance import compare_binary, verdict_of

Mask = npt.NDArray[np.bool_]


def failures_of(
    both: Pair, before: Side, after: Side, primary: Metric | None, *, groups: Groups, seed: int
) -> dict[str, Any]:
    """What failed on each side, as ids, the p of equally many failures, and the primary metric with failures as wrong.

    `failed_p` is null where nothing failed. `failed_as_wrong` is null where it would change nothing: the same items
    failed on both sides, or the primary metric is no right/wrong one. Its verdict stands alone: p is not adjusted.
    """
    failed = _failed(both)
    uneven = bool((failed[0] != failed[1]).any())
    test = compare_binary(*(side.astype(np.float64) for side in failed), groups=groups, seed=seed)
    found: dict[str, Any] = {
        "failed_before": [both.ids[number] for number in np.flatnonzero(failed[0])],
        "failed_after": [both.ids[number] for number in np.flatnonzero(failed[1])],
        "failed_p": test.p if failed[0].any() or failed[1].any() else None,
        "failed_as_wrong": None,
    }
    if uneven and primary is not None and primary.kind == "binary":
        found["failed_as_wrong"] = _as_wrong(failed, before, after, primary, groups, seed)
    return found


def _failed(both: Pair) -> tuple[Mask, Mask]:
    """Which pairs have no answer on each side, shape `(n_pairs,)`."""
    return (
        np.array([both.before.rows[row].prediction is None for row in both.rows_before], bool),
        np.array([both.after.rows[row].prediction is None for row in both.rows_after], bool),
    )


def _as_wrong(
    failed: tuple[Mask, Mask], before: Side, after: Side, primary: Metric, groups: Groups, seed: int
) -> dict[str, Any]:
    one, other = before.values(primary.name), after.values(primary.name)
    wrong = 1.0 if primary.better == "lower" else 0.0
    first = _filled(one, failed[0], ~np.isnan(other), wrong)
    second = _filled(other, failed[1], ~np.isnan(one), wrong)
    difference = compare_binary(first, second, groups=groups, seed=seed)
    return told(difference, primary) | {"verdict": verdict_of(difference, difference.p, primary.better)}


def _filled(values: Floats, failed: Mask, applies: Mask, wrong: float) -> Floats:
    """The values with the failed ones as wrong, where the other side shows that the metric applies to the item."""
    return np.where(failed & applies, wrong, values)

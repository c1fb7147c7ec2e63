"""What the differences allow to be said: p-values adjusted for how many there are, and the verdicts.

Holm's correction (Holm 1979) covers one family of tests: all directional metrics of all pairs. Metrics that only
describe (`better` is `neither`) are a family of their own and get no verdict. In the slices each metric is a family:
that metric over all slices of all pairs.

>>> primary_of([found])  # doctest: +SKIP
'correct'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tunesmith.errors import InputError
from tunesmith.evaluate.compare_pair import PairFound
from tunesmith.evaluate.compare_statistics import bounds, told
from tunesmith.evaluate.holm import holm
from tunesmith.evaluate.metrics import METRICS
from tunesmith.evaluate.results import Difference, Estimate
from tunesmith.evaluate.significance import verdict_of

#: The metric that speaks for the whole, unless asked otherwise: the first that judges enough of the items.
_MARK = "correct"
_ANSWERS = ("choice_accuracy", "numeric_match")  # where they apply to most items
_TEXT = "rougeL"

Told = dict[str, Any]


def judged(found: Sequence[PairFound]) -> list[dict[str, Any]]:
    """For each pair its `metrics`, `shifts` and `slices` as plain data, with adjusted p-values and verdicts."""
    metrics = _family([_part(one.differences, directional=True) for one in found])
    shifts = _family([_part(one.differences, directional=False) for one in found])
    slices = _slices(found)
    for side in (metrics, shifts):
        for one, pair in zip(found, side):
            for name, line in pair.items():
                line |= _own_intervals(*one.estimates[name])
    return [
        {"metrics": metrics[number], "shifts": shifts[number], "slices": slices[number]} for number in range(len(found))
    ]


def primary_of(found: Sequence[PairFound], n_pairs: Sequence[int], asked: str | None = None) -> str | None:
    """The metric whose verdict is the verdict of the whole, the same for all pairs; None where nothing can judge.

    :param n_pairs: how many items each pair of systems shares.
    :raises InputError: `asked` is no directional metric that every pair has.
    """
    usable = [
        name for name in METRICS if METRICS[name].better != "neither" and all(name in one.differences for one in found)
    ]
    if asked is not None:
        if asked not in usable:
            what = f"{asked!r} cannot be the primary metric: expected one of {', '.join(usable) or 'none'}"
            raise InputError(what, remedy="name a metric that says better or worse and that the items have")
        return asked
    most = [name for name in _ANSWERS if name in usable and _has_most(name, found, n_pairs)]
    return next((name for name in (_MARK, *most, _TEXT) if name in usable), None)


def _has_most(name: str, found: Sequence[PairFound], n_pairs: Sequence[int]) -> bool:
    return all(2 * one.differences[name].n > n for one, n in zip(found, n_pairs))


def _part(differences: Any, *, directional: bool) -> dict[str, Difference]:
    return {name: one for name, one in differences.items() if (METRICS[name].better != "neither") == directional}


def _family(pairs: Sequence[dict[str, Difference]]) -> list[dict[str, Told]]:
    """One family of tests: every metric of every pair."""
    adjusted = iter(holm([difference.p for pair in pairs for difference in pair.values()]))
    return [{name: _judged(name, difference, next(adjusted)) for name, difference in pair.items()} for pair in pairs]


def _slices(found: Sequence[PairFound]) -> list[dict[str, dict[str, dict[str, Told]]]]:
    """Each metric a family of its own, over all slices of all pairs."""
    waiting = {name: iter(holm([one.p for one in _of_metric(found, name)])) for name in METRICS}
    return [
        {
            field: {
                value: {name: _judged(name, one, next(waiting[name])) for name, one in metrics.items()}
                for value, metrics in values.items()
            }
            for field, values in pair.slices.items()
        }
        for pair in found
    ]


def _of_metric(found: Sequence[PairFound], name: str) -> Iterable[Difference]:
    """In the order in which `_slices` asks for them."""
    for pair in found:
        for values in pair.slices.values():
            for metrics in values.values():
                if name in metrics:
                    yield metrics[name]


def _judged(name: str, difference: Difference, p_adjusted: float | None) -> Told:
    metric = METRICS[name]
    verdict = None if metric.better == "neither" else verdict_of(difference, p_adjusted, metric.better)
    return told(difference, metric) | {"p_adjusted": p_adjusted, "verdict": verdict}


def _own_intervals(before: Estimate, after: Estimate) -> Told:
    return {"before_interval": bounds(before.interval), "after_interval": bounds(after.interval)}

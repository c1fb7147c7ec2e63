"""The curves of a run, read from its log: what is drawn and what the report's table says.

>>> log = [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0}, {"step": 2, "eval_domain_loss": 1.5}]
>>> found = curves_of(log, [])
>>> found.train, found.validation, found.best
([(1, 2.0), (2, 1.0)], {'domain': [(2, 1.5)]}, ('domain', 2, 1.5))
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.train.supervisor import read_incidents
from tunesmith.train.watch_log import read_log

#: A figure at a step; None where it was not a finite number.
Point = tuple[int, float | None]
_VALIDATION = re.compile(r"eval_(?:(.+)_)?loss")


class Curves(NamedTuple):
    """What is drawn.

    :param validation: losses by the name of the group; `validation` where the set has no groups.
    :param kept: shares of the general questions, 0–1.
    :param incidents: step and kind.
    :param best: group, step and loss of the lowest validation loss: of `domain`, or of the first group.
    """

    train: list[Point]
    rates: list[Point]
    validation: dict[str, list[Point]]
    kept: list[Point]
    incidents: list[tuple[int, str]]
    best: tuple[str, int, float] | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not (self.train or self.validation)


def read_curves(out: Path) -> Curves:
    """Of a run's folder.

    :raises InputError: for a log that cannot be read.
    """
    return curves_of(read_log(out / "log.jsonl"), read_incidents(out))


def curves_of(log: Sequence[Mapping[str, Any]], incidents: Sequence[Mapping[str, Any]]) -> Curves:
    """Of the lines of a log and of the incidents."""
    validation: dict[str, list[Point]] = {}
    for line in log:
        for key in line:
            found = _VALIDATION.fullmatch(key)
            if found:
                validation.setdefault(found[1] or "validation", []).append((line["step"], line[key]))
    happened = [(one["step"], one["kind"]) for one in incidents]
    kept = _points(log, "eval_kept")
    return Curves(_points(log, "loss"), _points(log, "learning_rate"), validation, kept, happened, _best(validation))


def _points(log: Iterable[Mapping[str, Any]], key: str) -> list[Point]:
    return [(line["step"], line[key]) for line in log if key in line]


def _best(validation: Mapping[str, Sequence[Point]]) -> tuple[str, int, float] | None:
    group = "domain" if "domain" in validation else next(iter(validation), None)
    values = [(value, step) for step, value in validation.get(group or "", ()) if value is not None]
    return (str(group), min(values)[1], min(values)[0]) if values else None


def smoothed(points: Sequence[Point]) -> list[Point]:
    """An exponential mean whose memory is a fortieth of the run, at least 8 points; unbiased at the beginning."""
    memory = max(8, len(points) // 40)
    keep = 1 - 2 / (memory + 1)
    total = weight = 0.0
    found: list[Point] = []
    for step, value in points:
        if value is not None:
            total, weight = keep * total + value, keep * weight + 1
        found.append((step, total / weight if weight else None))
    return found


def thinned(points: Sequence[Point], most: int = 1200) -> list[Point]:
    """At most about so many points: of each stretch the lowest and the highest, so that no spike is lost to it."""
    if len(points) <= most:
        return list(points)
    width = math.ceil(2 * len(points) / most)
    found: list[Point] = []
    for start in range(0, len(points), width):
        some = [one for one in points[start : start + width] if one[1] is not None]
        ends = {min(some, key=_value), max(some, key=_value)} if some else {points[start]}
        found += sorted(ends, key=lambda one: one[0])
    return found


def _value(point: Point) -> float:
    return point[1] if point[1] is not None else math.inf

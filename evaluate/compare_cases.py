"""The items that a person should read first: what became worse, the most severe first, and what became better.

Each item is judged by the first metric of a short list that it has on both sides: the primary one, else a text metric.
Its severity is the fall of that metric on a scale of 0 to 1. What was right and became wrong comes before what only
overlaps less with the reference; among equals the larger fall in text overlap comes first.

>>> regressions, improvements = cases_of(both, before, after, "correct")  # doctest: +SKIP
>>> regressions.n, regressions.shown[0]["id"]  # doctest: +SKIP
(12, 'eval-137')
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tunesmith.evaluate.compare_statistics import Side, number
from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.metrics import METRICS
from tunesmith.evaluate.pairing import Pair

MOST_CASES = 50
MOST_CHARACTERS = 20_000  # of an answer in the summary; the whole text stands in the predictions file
_TEXT = ("rougeL", "chrf", "token_f1")
_TIE = 1e-9


class Cases(NamedTuple):
    """Items that changed in one direction: how many, and the first of them."""

    n: int
    shown: list[dict[str, Any]]


class Changes(NamedTuple):
    """All pairs that changed, as positions in the pair's order, those to read first at the front.

    :param by: of every pair, the metric that judges it, or None.
    :param fall: of every pair, how far that fell on a scale of 0 to 1, shape `(n_pairs,)`; below 0 it rose.
    """

    worse: list[int]
    better: list[int]
    by: list[str | None]
    fall: Floats


def cases_of(both: Pair, before: Side, after: Side, primary: str | None) -> tuple[Cases, Cases]:
    """What became worse, and what became better; of each the first `MOST_CASES`."""
    found = changes_of(before, after, primary)
    worse, better = (_told(both, before, after, rows, found) for rows in (found.worse, found.better))
    return worse, better


def changes_of(before: Side, after: Side, primary: str | None) -> Changes:
    """Which pairs became worse, and which better, all of them."""
    by, fall = _falls(before, after, primary)
    text = _text_fall(before, after)
    worse = [row for row in _order(by, fall, text) if fall[row] > _TIE]
    better = [row for row in _order(by, -fall, -text) if fall[row] < -_TIE]
    return Changes(worse, better, by, fall)


def _falls(before: Side, after: Side, primary: str | None) -> tuple[list[str | None], Floats]:
    """The metric that judges each item, and how far it fell, 0 where nothing judges it."""
    n_pairs = len(before.rows)
    by: list[str | None] = [None] * n_pairs
    fall = np.zeros(n_pairs)
    for name in ([primary] if primary else []) + list(_TEXT):
        if name not in before.scored or name not in after.scored:
            continue
        change = _fall(name, before, after)
        for row in np.flatnonzero(~np.isnan(change)):
            if by[row] is None:
                by[row], fall[row] = name, change[row]
    return by, fall


def _fall(name: str, before: Side, after: Side) -> Floats:
    """How much worse each item became, as a share of the metric's scale; NaN where it is not on both sides."""
    metric = METRICS[name]
    scale = 100.0 if metric.unit == "0-100" else 1.0
    sign = -1.0 if metric.better == "lower" else 1.0
    change: Floats = sign * (before.values(name) - after.values(name)) / scale
    return change


def _text_fall(before: Side, after: Side) -> Floats:
    """The fall in the first text metric that there is, 0 where an item does not have it."""
    name = next((name for name in _TEXT if name in before.scored and name in after.scored), None)
    return np.zeros(len(before.rows)) if name is None else np.nan_to_num(_fall(name, before, after))


def _order(by: Sequence[str | None], fall: Floats, text: Floats) -> list[int]:
    """What became wrong before what only reads differently, then the largest fall, then as the file has them."""
    marked = np.array([name is not None and METRICS[name].kind == "binary" for name in by], bool)
    order: list[int] = np.lexsort((np.arange(len(fall)), -text, -fall, ~marked)).tolist()
    return order


def _told(both: Pair, before: Side, after: Side, rows: Sequence[int], found: Changes) -> Cases:
    return Cases(len(rows), [case_of(both, before, after, row, found) for row in rows[:MOST_CASES]])


def case_of(both: Pair, before: Side, after: Side, row: int, found: Changes) -> dict[str, Any]:
    """One pair with its texts, all its scores, and by which of them it is judged."""
    told = {"by": found.by[row], "severity": abs(float(found.fall[row]))}
    return _case(both, before, after, row) | told


def _case(both: Pair, before: Side, after: Side, row: int) -> dict[str, Any]:
    one, other = both.before.rows[both.rows_before[row]], both.after.rows[both.rows_after[row]]
    values = _values(before, after, row)
    flipped = [
        name for name, pair in values.items() if METRICS[name].kind == "binary" and METRICS[name].better != "neither"
    ]
    return {
        "id": one.id,
        "messages": [dict(message) for message in one.messages],
        "before": _cut(one.prediction),
        "after": _cut(other.prediction),
        "references": [_cut(text) for text in one.references],
        "characters": {"before": len(one.prediction or ""), "after": len(other.prediction or "")},
        "values": values,
        "gained": [name for name in flipped if values[name]["after"] > values[name]["before"]],
        "lost": [name for name in flipped if values[name]["after"] < values[name]["before"]],
        "fields": dict(one.fields),
    }


def _values(before: Side, after: Side, row: int) -> dict[str, dict[str, float]]:
    """Every metric that the item has on both sides."""
    found = {}
    for name in before.scored:
        if name in after.scored:
            one, other = number(before.values(name)[row]), number(after.values(name)[row])
            if one is not None and other is not None:
                found[name] = {"before": one, "after": other}
    return found


def _cut(text: str | None) -> str | None:
    return text if text is None else text[:MOST_CHARACTERS]

"""The summary of a comparison: everything that is written and shown, as plain data.

>>> summary_of(systems, compared, scores, asked, given, settings)["verdict"]  # doctest: +SKIP
'no clear change'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tunesmith.evaluate.card import report_card
from tunesmith.evaluate.compare_cases import cases_of
from tunesmith.evaluate.compare_failures import failures_of
from tunesmith.evaluate.compare_inputs import System, described
from tunesmith.evaluate.compare_pair import PairFound
from tunesmith.evaluate.compare_settings import Asked
from tunesmith.evaluate.compare_statistics import Groups, Side
from tunesmith.evaluate.compare_stored import Scores
from tunesmith.evaluate.compare_verdicts import judged, primary_of
from tunesmith.evaluate.compare_warnings import scored_anew, unjudged, warnings_of
from tunesmith.evaluate.metrics import METRICS
from tunesmith.evaluate.pairing import Pair


class Compared(NamedTuple):
    """One pair of systems with what was found for it.

    :param names: of the systems, before and after.
    :param undivided: fields with too many values to divide the items by, with their number.
    """

    names: tuple[str, str]
    both: Pair
    sides: tuple[Side, Side]
    groups: Groups
    undivided: Mapping[str, int]
    found: PairFound


def summary_of(
    systems: Sequence[System],
    compared: Sequence[Compared],
    scores: Scores,
    asked: Asked,
    given: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """`verdict`, `metrics` and `shifts` are those of the last system; docs/compare.md says what each key holds.

    :param given: what other commands made; see `read_given`.
    :raises InputError: a primary metric that some pair does not have.
    """
    found = [one.found for one in compared]
    primary = primary_of(found, [len(one.both.ids) for one in compared], asked.primary)
    pairs = [_told(one, lines, primary, asked.seed) for one, lines in zip(compared, judged(found))]
    first, last = systems[0].predictions, systems[-1].predictions
    return {
        "verdict": pairs[-1]["verdict"],
        "primary": primary,
        "metrics": pairs[-1]["metrics"],
        "shifts": pairs[-1]["shifts"],
        "systems": [described(system) for system in systems],
        "pairs": pairs,
        **given,
        "card": report_card(first, last, run=asked.data_after, retention=given["retention"], seed=asked.seed),
        "warnings": _warnings(compared, primary, scores, asked.metrics or ()),
        "settings": {**settings, "signatures": _signatures(compared)},
    }


def _told(one: Compared, lines: dict[str, Any], primary: str | None, seed: int) -> dict[str, Any]:
    """One pair as plain data. Where no metric judges, no item can say anything, which is too few."""
    regressions, improvements = cases_of(one.both, *one.sides, primary)
    return {
        "before": one.names[0],
        "after": one.names[1],
        "verdict": "too few" if primary is None else lines["metrics"][primary]["verdict"],
        **lines,
        "undivided": dict(one.undivided),
        "wins": one.found.wins,
        "flips": one.found.flips,
        "coverage": _coverage(one, primary, seed),
        "n_regressions": regressions.n,
        "regressions": regressions.shown,
        "n_improvements": improvements.n,
        "improvements": improvements.shown,
    }


def _coverage(one: Compared, primary: str | None, seed: int) -> dict[str, Any]:
    """How many items are compared, and which are not."""
    metric = METRICS[primary] if primary else None
    return {
        "shared": len(one.both.ids),
        "only_before": list(one.both.only_before),
        "only_after": list(one.both.only_after),
        **failures_of(one.both, *one.sides, metric, groups=one.groups, seed=seed),
    }


def _warnings(
    compared: Sequence[Compared], primary: str | None, scores: Scores, metrics: Sequence[str]
) -> list[dict[str, Any]]:
    """Each sentence once. What no pair has is told of metrics that are asked for, and of those that one side has."""
    found = scored_anew(scores.anew)
    for one in compared:
        found += warnings_of(*one.names, one.both, groups=one.groups, judged=primary is not None)
        if one.found.differences:
            found += unjudged(*one.names, _missing(one, metrics))
    return list({warning["en"]: warning for warning in found}.values())


def _missing(one: Compared, metrics: Sequence[str]) -> list[str]:
    """Metrics of which no pair has both values, though they are among these or one side has some."""
    sides = [
        {name for name in side.scored if METRICS[name].better != "neither" and not np.isnan(side.values(name)).all()}
        for side in one.sides
    ]
    return [name for name in METRICS if name in sides[0] | sides[1] | {*metrics} and name not in one.found.differences]


def _signatures(compared: Sequence[Compared]) -> dict[str, str]:
    """Each metric's settings; all of them where they differ, such as by the languages of other items."""
    told: dict[str, dict[str, None]] = {}
    for one in compared:
        for name in one.found.differences:
            told.setdefault(name, {}).update((side.scored[name].signature, None) for side in one.sides)
    return {name: " / ".join(signatures) for name, signatures in told.items()}

"""A line of the report card: its figure, its interval, and a verdict that the sample supports.

    rule = RULES["refusals"]
    share_line(rule, Marks(after, before), examples)["verdict"]  # "fine", "look", "bad", "too few" or None

Two questions make a verdict. Did it become worse? The test says whether there is a change, the interval whether one
that matters (`tolerance`) can be ruled out: if neither, the items are too few. Is it bad by itself? From `look_from`
and `bad_from` on, by the bound of the interval that is nearer to good. The worse answer stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log, log1p
from typing import Any, Literal, NamedTuple

import numpy as np

from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.results import Difference, Estimate, Interval
from tunesmith.evaluate.significance import compare_binary, compare_means, estimate_mean, estimate_share

FINE, LOOK, BAD, TOO_FEW = "fine", "look", "bad", "too few"
#: From good to bad; a line takes the worst that is said of it.
_ORDER = (FINE, TOO_FEW, LOOK, BAD)
ALPHA = 0.05
LEAST_ITEMS = 30  # below it no interval is trusted to rule anything out
MOST_EXAMPLES = 3

Line = dict[str, Any]
Harm = Literal["more", "less", "either"]


class Rule(NamedTuple):
    """What one line measures, and from where on it matters.

    :param harm: which way a change is for the worse; `either`: a change is worth a look, whichever way.
    :param tolerance: a change of this size or less does not matter, in the unit of the line; of lengths a part of the
        length before: .25 is from 0.8 to 1.25 times as long.
    :param look_from, bad_from: where the figure is a fault by itself, with or without a model before; None: never.
    """

    name: str
    unit: str
    harm: Harm
    tolerance: float
    look_from: float | None = None
    bad_from: float | None = None


class Judgement(NamedTuple):
    """A verdict, the code of its reason, for which `report_words_card.py` has the words, and where the answers are too
    few about how many would decide."""

    verdict: str | None
    note: str
    needed: int | None = None


class Marks(NamedTuple):
    """A figure for each answer: `after` of all of them; the two others of the pairs, None without a model before."""

    after: Floats
    paired_before: Floats | None = None
    paired_after: Floats | None = None


#: In the order of the card. The tolerances are rules of thumb, and `settings` of the card repeats them.
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("forgetting", "share", "less", 0.02),
        Rule("format", "share", "less", 0.05, 0.9, 0.5),
        Rule("refusals", "share", "either", 0.05, 0.2),
        Rule("unknown", "share", "either", 0.05, 0.2),
        Rule("language", "share", "more", 0.03, 0.02, 0.1),
        Rule("loops", "share", "more", 0.03, 0.02, 0.1),
        Rule("openings", "share", "more", 0.1),
        Rule("variety", "share", "less", 0.05),
        Rule("length", "characters", "either", 0.25),
        Rule("memorised", "share", "more", 0.05, 0.02, 0.1),
    )
}


def share_line(rule: Rule, marks: Marks, examples: Sequence[dict[str, Any]], *, seed: int = 0) -> Line:
    """A line about a share of the answers: marks are 0.0, 1.0, or NaN where the question does not arise."""
    found = estimate_share(marks.after)
    if marks.paired_before is None or marks.paired_after is None:
        return line_of(rule, found, examples=examples)
    before = estimate_share(_of_pairs(marks.paired_before, marks.paired_after))
    return line_of(rule, found, before, compare_binary(marks.paired_before, marks.paired_after, seed=seed), examples)


def mean_line(rule: Rule, marks: Marks, examples: Sequence[dict[str, Any]], *, seed: int = 0) -> Line:
    """A line about a mean over the answers."""
    found = estimate_mean(marks.after, seed=seed)
    if marks.paired_before is None or marks.paired_after is None:
        return line_of(rule, found, examples=examples)
    before = estimate_mean(_of_pairs(marks.paired_before, marks.paired_after), seed=seed)
    return line_of(rule, found, before, compare_means(marks.paired_before, marks.paired_after, seed=seed), examples)


def _of_pairs(before: Floats, after: Floats) -> Floats:
    """The marks before of the items that the difference is of."""
    return before[~np.isnan(after)]


def line_of(
    rule: Rule,
    found: Estimate,
    before: Estimate | None = None,
    difference: Difference | None = None,
    examples: Sequence[dict[str, Any]] = (),
) -> Line:
    """A line without a verdict, which `judge` adds once the p of all lines are known."""
    return {
        "name": rule.name,
        "unit": rule.unit,
        "n": found.n,
        "value": number(found.value),
        "interval": bounds(found.interval),
        "before": number(before.value) if before else None,
        "before_interval": bounds(before.interval) if before else None,
        "pairs": difference.n if difference else None,
        "difference": number(difference.difference) if difference else None,
        "difference_interval": bounds(difference.interval) if difference else None,
        "p": difference.p if difference else None,
        "p_adjusted": None,
        "verdict": None,
        "note": "",
        "values": {},
        "examples": list(examples[:MOST_EXAMPLES]),
    }


def unmeasured(rule: Rule, note: str, **values: Any) -> Line:
    """A line of which nothing is known, and why: it stands on the card all the same."""
    empty = line_of(rule, Estimate(float("nan"), 0, None, ""))
    return {**empty, "note": note, "values": values}


def judge(rule: Rule, line: Line) -> Judgement:
    """The verdict on a line whose `p_adjusted` is known."""
    if not line["n"]:
        return Judgement(None, line["note"] or "no_items")
    found = [judged for judged in (_by_change(rule, line), _by_itself(rule, line)) if judged]
    if not found:
        return Judgement(None, "described")
    return max(found, key=lambda judged: _ORDER.index(judged.verdict or FINE))


def _by_change(rule: Rule, line: Line) -> Judgement | None:
    """Whether it became worse; None where there is nothing to compare with."""
    if line["difference"] is None:
        return None
    change = _change(line)
    if change is None or line["p_adjusted"] is None:
        return Judgement(TOO_FEW, "undecided")
    tolerance = log1p(rule.tolerance) if "ratio_interval" in line["values"] else rule.tolerance
    low, high = _harm(rule, change)
    significant = line["p_adjusted"] < ALPHA and (low > 0 or high < 0)
    reach = max(-low, high) if rule.harm == "either" else high
    if reach < tolerance and line["pairs"] >= LEAST_ITEMS and not (significant and high < 0 and rule.harm != "either"):
        return Judgement(FINE, "unchanged")
    if not significant:
        return Judgement(TOO_FEW, "undecided", _needed(line["pairs"], (high - low) / 2, tolerance))
    if rule.harm == "either":
        return Judgement(LOOK, "more" if low > 0 else "fewer")
    return Judgement(FINE, "improved") if high < 0 else Judgement(BAD if low > tolerance else LOOK, "worse")


def _change(line: Line) -> Sequence[float] | None:
    """The interval of the difference; of lengths, which are compared as a ratio, of the logarithm of that."""
    ratio = line["values"].get("ratio_interval")
    return [log(bound) for bound in ratio] if ratio else line["difference_interval"]


def _by_itself(rule: Rule, line: Line) -> Judgement | None:
    """Whether the figure is a fault whatever it was before; None where it never is, or where the change decides."""
    if rule.look_from is None or line["interval"] is None:
        return None
    sign = -1 if rule.harm == "less" else 1
    expected = line["values"].get("expected", 0.0)  # without any fault
    low, high = _harm(rule, [bound - expected for bound in line["interval"]])
    if rule.bad_from is not None and low > sign * rule.bad_from and line["n"] >= LEAST_ITEMS:
        return Judgement(BAD, "high")
    if low > sign * rule.look_from:
        return Judgement(LOOK, "high")
    if line["difference"] is not None:
        return None
    if high < sign * rule.look_from + rule.tolerance and line["n"] >= LEAST_ITEMS:
        return Judgement(FINE, "low")
    return Judgement(TOO_FEW, "undecided", _needed(line["n"], (high - low) / 2, rule.tolerance))


def _harm(rule: Rule, bounds: Sequence[float]) -> tuple[float, float]:
    """The same interval, turned so that more is worse."""
    low, high = bounds
    return (-high, -low) if rule.harm == "less" else (low, high)


def _needed(n: int, half: float, tolerance: float) -> int:
    """Answers from which on such an interval is narrow enough, if it shrinks with the root of their number."""
    return max(LEAST_ITEMS, ceil(n * (half / tolerance) ** 2))


def number(value: float) -> float | None:
    """The value, None for NaN: JSON has none."""
    return None if np.isnan(value) else float(value)


def bounds(interval: Interval | None) -> list[float] | None:
    """Both ends, for JSON."""
    return None if interval is None else [float(bound) for bound in interval]

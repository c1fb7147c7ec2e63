"""The lines of the card that are measured on the answers alone, each a function and one line in `LINES`.

line = LINES["refusals"](systems_of(None, after), RULES["refusals"], 0)
line["value"], line["interval"], line["examples"]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp
from typing import Any

import numpy as np

from tunesmith.evaluate.adherence import Adherence, adherences_of
from tunesmith.evaluate.card_answers import Answers, Systems, characters_of, last_question, marks_of, system_turn
from tunesmith.evaluate.card_examples import faults, shown
from tunesmith.evaluate.card_jackknife import compare, estimate, wider, wider_difference
from tunesmith.evaluate.card_lines import Line, Marks, Rule, bounds, line_of, mean_line, number, share_line
from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.openings import SharedOpenings, distinct_share, distinct_shares, shared_openings
from tunesmith.evaluate.results import Difference, Estimate
from tunesmith.evaluate.significance import compare_binary, compare_means, estimate_share


def paired(systems: Systems, after: Floats, before: Floats | None) -> Marks:
    """The marks of both systems, put side by side for the items that both answered."""
    if before is None:
        return Marks(after)
    return Marks(after, before[systems.pairs.before], after[systems.pairs.after])


def _marked_line(systems: Systems, rule: Rule, seed: int) -> Line:
    """Refusals, "I don't know", drift and loops: as the curation stage judges an answer."""
    after = marks_of(systems.after)[rule.name]
    before = marks_of(systems.before)[rule.name] if systems.before else None
    places = faults(systems.pairs, after == 1, None if before is None else before == 1)
    examples = [shown(systems, place, _said_of(rule, systems.after, place)) for place in places]
    line = share_line(rule, paired(systems, after, before), examples, seed=seed)
    return {**line, "values": line["values"] | {"found": int((after == 1).sum())}}


def _said_of(rule: Rule, answers: Answers, place: int) -> dict[str, Any]:
    if rule.name != "language":
        return {"note": rule.name}
    names = ("asked_language", "prompt_language", "answer_language")
    asked, prompt, answer = (answers.signals[name][place].as_py() for name in names)
    return {"note": "language", "values": {"expected": asked or prompt, "seen": answer}}


def _format_line(systems: Systems, rule: Rule, seed: int) -> Line:
    """The share of items that ask for a form and get it."""
    after, found = _adherence(systems.after)
    before = _adherence(systems.before)[0] if systems.before else None
    places = faults(systems.pairs, after == 0, None if before is None else before == 0)
    examples = [shown(systems, place, _missed(found[place])) for place in places]
    line = share_line(rule, paired(systems, after, before), examples, seed=seed)
    kinds: dict[str, dict[str, int]] = {}
    for one in (one for of_item in found for one in of_item):
        kind = kinds.setdefault(one.request.kind, {"asked": 0, "followed": 0, "unclear": 0})
        kind["asked"] += 1
        kind["followed"] += one.followed is True
        kind["unclear"] += one.followed is None
    return {**line, "values": line["values"] | {"kinds": dict(sorted(kinds.items()))}}


def _adherence(answers: Answers) -> tuple[Floats, list[tuple[Adherence, ...]]]:
    """1.0 where all forms asked for are there, 0.0 where one is not, NaN where none is asked for or it is unclear."""
    found = [adherences_of(last_question(row), row.prediction or "", system=system_turn(row)) for row in answers.rows]
    marks = np.full(len(found), np.nan)
    for place, of_item in enumerate(found):
        told = [one.followed for one in of_item if one.followed is not None]
        if told:
            marks[place] = all(told)
    return marks, found


def _missed(found: tuple[Adherence, ...]) -> dict[str, Any]:
    missed = next(one for one in found if one.followed is False)
    return {"note": missed.request.kind, "values": {**missed.request._asdict(), "seen": missed.seen}}


def _openings_line(systems: Systems, rule: Rule, seed: int) -> Line:
    """The share of answers that begin as another does."""
    mine = systems.after
    whole = shared_openings(mine.texts)
    common = [place for opening in whole.common for place in opening.places[:1]]
    examples = [shown(systems, place, {"note": "opening"}) for place in common]
    line = line_of(rule, _share_of(whole), *_openings_compared(systems, seed), examples=examples)
    values = {
        "common": [{"text": one.text, "count": len(one.places)} for one in whole.common],
        "identical": len(mine.rows) - len({text.strip() for text in mine.texts}),
        "short": int(np.isnan(whole.shared).sum()),
    }
    return {**line, "values": line["values"] | values}


def _openings_compared(systems: Systems, seed: int) -> tuple[Estimate | None, Difference | None]:
    """Of the items to which both gave an answer that is long enough."""
    if systems.before is None:
        return None, None
    texts = paired_texts(systems)
    long = np.flatnonzero(~np.isnan([shared_openings(side).shared for side in texts]).any(axis=0))
    before, after = (shared_openings([side[place] for place in long]) for side in texts)
    plain = compare_binary(before.shared, after.shared, seed=seed)
    return _share_of(before), wider_difference(compare(before.share, after.share), plain)


def _share_of(found: SharedOpenings) -> Estimate:
    """The jackknife knows that who leaves a pair leaves the other alone, Wilson that a share of 0 is not certain."""
    return wider(estimate(found.share), estimate_share(found.shared))


def _variety_line(systems: Systems, rule: Rule, seed: int) -> Line:
    """Distinct-2, and 1 and 3 beside it."""
    measured = {size: _variety(systems, size) for size in (1, 2, 3)}
    line = line_of(rule, *measured[2])
    beside = {f"distinct_{size}": _figures(*found) for size, found in measured.items()}
    return {**line, "values": line["values"] | beside | {"matched": systems.before is not None}}


def _variety(systems: Systems, size: int) -> tuple[Estimate, Estimate | None, Difference | None]:
    """With a model before, of equal lengths: the figure falls with the amount of text."""
    if systems.before is None:
        return estimate(distinct_share(systems.after.texts, size=size)), None, None
    before, after = distinct_shares(*paired_texts(systems), size=size)
    return estimate(after), estimate(before), compare(before, after)


def _figures(found: Estimate, before: Estimate | None, difference: Difference | None) -> dict[str, Any]:
    return {
        "value": number(found.value),
        "interval": bounds(found.interval),
        "before": number(before.value) if before else None,
        "difference": number(difference.difference) if difference else None,
        "difference_interval": bounds(difference.interval) if difference else None,
    }


def _length_line(systems: Systems, rule: Rule, seed: int) -> Line:
    """Characters of an answer. What matters is how many times as long they are, so that is what is tested."""
    after = characters_of(systems.after)
    before = characters_of(systems.before) if systems.before else None
    marks = paired(systems, after, before)
    line = mean_line(rule, marks, (), seed=seed)
    line["values"] = {"median": number(float(np.median(after))) if len(after) else None}
    if marks.paired_before is None or marks.paired_after is None or not len(marks.paired_after):
        return line
    ratio = _ratio(marks.paired_before, marks.paired_after, seed)
    interval = [exp(bound) for bound in ratio.interval] if ratio.interval else None
    median = float(np.median(marks.paired_before))
    line["values"] |= {"ratio": exp(ratio.difference), "ratio_interval": interval, "median_before": median}
    return {**line, "p": ratio.p}


def _ratio(before: Floats, after: Floats, seed: int) -> Difference:
    """The mean difference of the logarithms: the typical ratio. An empty answer counts as one character."""
    return compare_means(np.log(np.maximum(before, 1)), np.log(np.maximum(after, 1)), seed=seed)


def paired_texts(systems: Systems) -> tuple[list[str], list[str]]:
    """The answers of both systems to the same items."""
    if systems.before is None:
        return [], []
    theirs, mine = systems.before.texts, systems.after.texts
    return [theirs[place] for place in systems.pairs.before], [mine[place] for place in systems.pairs.after]


#: The lines in their order, but for those that read more than the answers.
LINES: Mapping[str, Callable[[Systems, Rule, int], Line]] = {
    "format": _format_line,
    "refusals": _marked_line,
    "unknown": _marked_line,
    "language": _marked_line,
    "loops": _marked_line,
    "openings": _openings_line,
    "variety": _variety_line,
    "length": _length_line,
}

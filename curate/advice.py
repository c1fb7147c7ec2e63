"""What a person can do about a row's verdict: the exact command, or the line of the recipe to change.

>>> advice_on(run, run.number_of("medical_zh:17"))[0].command  # doctest: +SKIP
'tunesmith curate decide out medical_zh:17 keep --reason "…"'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor
from shlex import quote
from typing import Any

from tunesmith.curate.balanced import balanced_as
from tunesmith.curate.ledger import DROPPED, INVALID, KEPT, UNSAMPLED
from tunesmith.curate.rules import RULES
from tunesmith.curate.rundata import RunData
from tunesmith.curate.stage_semantic import SEMANTIC
from tunesmith.curate.treatment import PRIVATE


@dataclass(frozen=True)
class Advice:
    """One thing to do, in words, and the command that does it, where there is one."""

    what: str
    command: str | None = None


def advice_on(run: RunData, number: int) -> tuple[Advice, ...]:
    """How to change what became of a row."""
    line = run.line(number)
    if line["verdict"] == INVALID:
        return (Advice(f"correct {run.place(number)}, and run the recipe again"),)
    edit = Advice("change its text", _decide(run, line, 'edit --answer "…"'))
    if line["verdict"] == KEPT:
        return (Advice("take it out", _decide(run, line, "drop")), edit, *_advice_on_findings(run, number))
    if line["verdict"] == UNSAMPLED:
        told = (
            _advice_on_selection(run, number) if line["stage"] in ("select", "balance") else _advice_on_mix(run, line)
        )
        return (*told, *_advice_on_findings(run, number))
    assert line["verdict"] == DROPPED  # noqa: S101 (the conservation law names no other)
    if line["rule"] == SEMANTIC:
        return (*_keep_one_or_both(run, line), *_advice_on_meaning(run, number))
    if line["stage"] == "duplicates":
        return _advice_on_duplicate(run, line)
    keep = Advice("keep it all the same", _decide(run, line, "keep"))
    if line["stage"] == "decisions":
        return (Advice("take the decision back and exempt it from the rules", keep.command), edit)
    for_all = _ON_STAGES.get(line["stage"]) or _advice_on_rule(line["rule"])
    return (keep, edit, for_all)


_ON_STAGES = {
    "privacy": Advice("or for all rows, in the recipe: `privacy: redact` puts marks in place of the values"),
    "contamination": Advice("or for all rows, in the recipe: `contamination: {policy: flag}`"),
}


def _advice_on_rule(name: str) -> Advice:
    if name not in RULES:
        return Advice(f"or for all rows: change the rule `{name}` of the recipe, or give it `policy: flag`")
    parameters = ", ".join(f"{key}: …" for key in RULES[name].defaults)
    setting = f"{{{parameters}}}" if parameters else "off"
    return Advice(f"or for all rows, in the recipe: `rules: {{{name}: {setting}}}`, or `{{{name}: {{policy: flag}}}}`")


def _decide(run: RunData, line: Mapping[str, Any], action: str) -> str:
    reason = "" if action.startswith("edit") else ' --reason "…"'
    return f"tunesmith curate decide {quote(str(run.folder))} {quote(line['row_id'])} {action}{reason}"


def _advice_on_findings(run: RunData, number: int) -> Iterator[Advice]:
    """About rows that were flagged and stayed."""
    if any(flag.startswith(PRIVATE) for flag in run.line(number)["flags"]):
        yield Advice("or put marks in place of private values, in the recipe: `privacy: redact`")
    evidence = run.evidence.slice(number, 1).to_pylist()[0]
    if evidence["conflict"] >= 0:
        other = run.line(evidence["conflict"])
        yield Advice(f"where {other['row_id']} is the wrong one, take that one out", _decide(run, other, "drop"))
    if evidence["partner"] >= 0:
        yield Advice("or drop all near-duplicates, in the recipe: `duplicates: {near: {policy: drop}}`")
    if SEMANTIC in run.line(number)["flags"]:
        yield Advice("or drop all that say the same, in the recipe: `duplicates: {semantic: {policy: drop}}`")


def _advice_on_mix(run: RunData, line: Mapping[str, Any]) -> tuple[Advice, ...]:
    if line["rule"] == "num_samples":
        return (Advice(f"raise `num_samples` of {line['source']} in its dataset_info.json"),)
    if line["rule"] == "cap":
        return (Advice(f"raise `mix.caps` of {line['source']} or of {line['group']} in the recipe"),)
    share = Advice(f"give {line['group']} a larger share in `mix`, or take `mix` out")
    if run.recipe["mix"]["short"] == "repeat":
        return (share,)
    return (
        share,
        Advice("where another group was short, `mix: {short: repeat}` repeats its rows and needs more of these"),
    )


def _advice_on_duplicate(run: RunData, line: Mapping[str, Any]) -> tuple[Advice, ...]:
    partner = run.number_of(line["partner"])
    if run.line(partner)["content_id"] == line["content_id"]:
        return (Advice(f"{line['partner']} has the very same content and stayed: nothing is lost"), _all_repeats(run))
    if line["rule"] == "exact_duplicate":
        keep = Advice(f"keep this one in place of {line['partner']}", _decide(run, line, "keep"))
        return (keep, _all_repeats(run))
    return (*_keep_one_or_both(run, line), *_other_near_settings(run, line))


def _all_repeats(run: RunData) -> Advice:
    """Where near-duplicates leave too, an equal row would leave as one."""
    near = run.recipe["duplicates"]["near"]
    setting = "{exact: false, near: off}" if near and near["policy"] == "drop" else "{exact: false}"
    return Advice(f"set `duplicates: {setting}` in the recipe, which keeps every repeated row")


def _keep_one_or_both(run: RunData, line: Mapping[str, Any]) -> Iterator[Advice]:
    partner = run.number_of(line["partner"])
    decision = run.decision(partner)
    if decision and decision.action == "keep":
        yield Advice(f"keep both; a person keeps {line['partner']} already", _decide(run, line, "keep"))
        return
    yield Advice(f"keep this one in place of {line['partner']}", _decide(run, line, "keep"))
    yield Advice("or keep both, with this as well", _decide(run, run.line(partner), "keep"))


def _other_near_settings(run: RunData, line: Mapping[str, Any]) -> Iterator[Advice]:
    """What would not have taken the two rows for the same."""
    near = run.recipe["duplicates"]["near"]
    reached = line["similarity"]
    if near["on"] == "row":
        reached = min(reached, line["answer_similarity"])
    elif near["on"] == "whole" and line["answer_similarity"] < near["threshold"]:
        yield Advice("or compare the answers too, in the recipe: `duplicates: {near: {on: row}}`")
    if reached < 1:
        setting = f"`duplicates: {{near: {{threshold: {_above(reached)}}}}}`"
        yield Advice(f"or for all rows: {setting}, which these two do not reach")
    yield Advice(
        "or keep all near-duplicates: `duplicates: {near: {policy: flag}}` names them, `{near: off}` does not look"
    )


def _advice_on_meaning(run: RunData, number: int) -> Iterator[Advice]:
    """What would not have taken two rows for the same, unless the row repeats one that left for the other."""
    line, repeats = run.line(number), run.evidence["partner"][number].as_py()
    if repeats >= 0:
        yield Advice(f"it also repeats {run.line(repeats)['row_id']}, which left in the same way")
        return
    similarity, answers = line["similarity"], line["answer_similarity"]
    reached = similarity if answers is None else min(similarity, answers)
    if reached < 1:
        setting = f"`duplicates: {{semantic: {{threshold: {_above(reached)}}}}}`"
        yield Advice(f"or for all rows: {setting}, which these two do not reach")
    yield Advice("or keep all that say the same: `duplicates: {semantic: {policy: flag}}` names them")


def _advice_on_selection(run: RunData, number: int) -> Iterator[Advice]:
    """For a good row that the selection or the balance left out."""
    line = run.line(number)
    yield Advice("take it all the same", _decide(run, line, "keep"))
    if line["rule"] == "balance":
        name = balanced_as(run, number).name
        capped = run.recipe["balance"]["caps"].get(name) == line["threshold"]
        setting = f"{{caps: {{{name}: …}}}}" if capped else "{max_share: …}"
        yield Advice(f"or for all rows: a larger `balance: {setting}` in the recipe")
    elif line["rule"] == "too_close" and line["similarity"] < 1:
        setting = f"`select: {{threshold: {_above(line['similarity'])}}}`"
        yield Advice(f"or for all rows: {setting}, from which these two are not too close")
    elif line["rule"] == "not_selected":
        yield Advice("or for all rows: a larger `select: {rows: …}` in the recipe, or no `select`")


def _above(similarity: float) -> str:
    """The next number of three digits."""
    return f"{(floor(similarity * 1000) + 1) / 1000:g}"

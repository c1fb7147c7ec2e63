"""What a person can do about a row's verdict: the exact command, or the line of the recipe to change.

>>> advice_on(run, run.number_of("medical_zh:17"))[0].command  # doctest: +SKIP
'tunesmith curate decide out medical_zh:17 keep --reason "…"'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any

from tunesmith.curate.ledger import DROPPED, INVALID, KEPT, UNSAMPLED
from tunesmith.curate.rules import RULES
from tunesmith.curate.rundata import RunData


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
        return (Advice("take it out", _decide(run, line, "drop")), edit)
    if line["verdict"] == UNSAMPLED:
        return _advice_on_mix(run, line)
    assert line["verdict"] == DROPPED  # noqa: S101 (the conservation law names no other)
    if line["stage"] == "duplicates":
        return _advice_on_duplicate(run, line)
    keep = Advice("keep it all the same", _decide(run, line, "keep"))
    if line["stage"] == "decisions":
        return (Advice("take the decision back and exempt it from the rules", keep.command), edit)
    return (keep, edit, _advice_on_rule(line["rule"]))


def _advice_on_rule(name: str) -> Advice:
    parameters = ", ".join(f"{key}: …" for key in RULES[name].defaults)
    setting = f"{{{parameters}}}" if parameters else "off"
    return Advice(f"or for all rows, in the recipe: `rules: {{{name}: {setting}}}`")


def _decide(run: RunData, line: Mapping[str, Any], action: str) -> str:
    reason = "" if action.startswith("edit") else ' --reason "…"'
    return f"tunesmith curate decide {quote(str(run.folder))} {quote(line['row_id'])} {action}{reason}"


def _advice_on_mix(run: RunData, line: Mapping[str, Any]) -> tuple[Advice, ...]:
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
    partner = run.line(run.number_of(line["partner"]))
    off = Advice("set `duplicates: {exact: false}` in the recipe, which keeps every repeated row")
    if partner["content_id"] == line["content_id"]:
        return (Advice(f"{line['partner']} has the very same content and stayed: nothing is lost"), off)
    return (Advice(f"keep this one in place of {line['partner']}", _decide(run, line, "keep")), off)

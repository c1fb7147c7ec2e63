"""One row's whole story, from the line of the input file to the line of the output, with the evidence of each stage.

>>> story = explain(open_run(Path("out")), "medical_zh:17")  # doctest: +SKIP
>>> print(as_text(story))  # doctest: +SKIP
medical_zh:17 was dropped: answer_too_short
...
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from itertools import takewhile, zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.advice import advice_on
from tunesmith.curate.explain_meaning import left_out
from tunesmith.curate.explain_quality import broken_calls_of, has_private, held_by, private_of
from tunesmith.curate.explain_text import as_text
from tunesmith.curate.ledger import INVALID, KEPT, UNSAMPLED
from tunesmith.curate.likeness import findings_of, looked_for, stayed_instead
from tunesmith.curate.records import Record
from tunesmith.curate.rules import Judged, Rule, judge_all, policy_of, rule_of
from tunesmith.curate.rundata import RunData
from tunesmith.curate.story import Change, Decided, Edit, Ended, MixTold, RuleTold, Side, Story, Turn
from tunesmith.curate.treatment import DECISION, REDACT, Step, steps, treatment_in
from tunesmith.curate.treatment_privacy import redact_record
from tunesmith.curate.turns import turns_of

__all__ = ["Story", "as_json", "as_text", "explain", "turns_of"]


def explain(run: RunData, which: str) -> Story:
    """Tell the story of one row.

    :param which: a row id, or a content id or its first six digits or more; of several rows the first.
    :raises InputError: where the run has no such row.
    """
    number = run.find(which)[0]
    line = run.line(number)
    signals = run.signals.slice(number, 1).to_pylist()[0]
    readable = line["verdict"] != INVALID
    decision = run.decision(number)
    return Story(
        run=str(run.folder),
        place=str(run.place(number)),
        same_content=_same_content(run, number, line["content_id"]),
        **{
            name: line[name]
            for name in ("row_id", "source", "group", "content_id", "verdict", "stage", "rule", "detail")
        },
        format=signals["format"],
        kind=signals["kind"],
        turns=turns_of(run.record(number)) if readable else (Turn("as it came", _decoded(run.raw(number))),),
        edits=_edits(run, number, line),
        private=private_of(run, number, line),
        decision=Decided(decision.action, decision.reason, decision.by) if decision else None,
        signals={name: value for name, value in signals.items() if name not in _TOLD} if readable else {},
        rules=_rules(run, number, line, signals["kind"]) if readable else (),
        broken_calls=broken_calls_of(run, number, line) if readable else (),
        held=held_by(run, number, line),
        partner=stayed_instead(run, number),
        partner_of=tuple(run.named_as_partner.get(line["row_id"], ())),
        looked=looked_for(run),
        findings=findings_of(run, number),
        left_out=left_out(run, number),
        split=_side(run, number, line),
        mix=_mix(run, line),
        ended=_ended(run, number, line, signals["kind"]),
        advice=advice_on(run, number),
    )


_TOLD = ("row_id", "content_id", "kind", "format")  # of the signals table, told elsewhere in the story


def as_json(story: Story) -> dict[str, Any]:
    """The story as plain data."""
    return asdict(story)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _same_content(run: RunData, number: int, content_id: str | None) -> tuple[str, ...]:
    """The ids of the other rows with the same content."""
    if content_id is None:
        return ()
    return tuple(run.ledger["row_id"][other].as_py() for other in run.numbers_with(content_id) if other != number)


def _edits(run: RunData, number: int, line: Mapping[str, Any]) -> tuple[Edit, ...]:
    """What changed the row; no private value stands in it, and what redaction changed is told with the values."""
    names, treatment = line["edits"], treatment_in(run.recipe, line["source"])
    private = treatment.private if has_private(line) else ()
    told = []
    if any(name != DECISION for name in names):
        converted = run.as_converted(number)
        taken = steps(converted, treatment) if converted else ()
        told += [_edit(step, private) for step in taken]
    if DECISION in names:
        told.append(_edit(Step((DECISION,), run.original(number), run.record(number)), private))
    return tuple(told)


def _edit(step: Step, private: Collection[str]) -> Edit:
    if step.edits[0].startswith(REDACT):
        return Edit(", ".join(step.edits), ())
    before, after = (redact_record(side, private) if private else side for side in (step.before, step.after))
    changes = _left_out(before, after) if step.edits == ("history",) else _changes(before, after)
    return Edit(", ".join(step.edits), changes)


def _left_out(before: Record, after: Record) -> tuple[Change, ...]:
    """The turns of a conversation that are not in the shorter one, which has its first ones, its last ones or both."""
    old, new = turns_of(before), turns_of(after)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new)))
    gone = old[same : len(old) - len(new) + same]
    return tuple(Change(turn, left.role, left.text, None) for turn, left in enumerate(gone, same + 1))


def _changes(before: Record, after: Record) -> tuple[Change, ...]:
    pairs = enumerate(zip_longest(turns_of(before), turns_of(after)), 1)
    return tuple(
        Change(turn, (new or old).role, old.text if old else None, new.text if new else None)
        for turn, (old, new) in pairs
        if old != new
    )


def _rules(run: RunData, number: int, line: Mapping[str, Any], kind: str) -> tuple[RuleTold, ...]:
    """Every rule of the recipe, judged again on what was measured of the row, which is all that the run judged by."""
    active = {name: settings for name, settings in run.recipe["rules"].items() if settings is not False}
    columns = run.signals.slice(number, 1)
    for origin in ("source", "group"):
        columns = columns.append_column(origin, pa.array([line[origin]], pa.string()))
    return tuple(
        _rule(rule_of(name, active[name]), policy_of(name, active[name]), found, line, kind)
        for name, found in judge_all(columns, active).items()
    )


def _rule(rule: Rule, policy: str, found: Judged, line: Mapping[str, Any], kind: str) -> RuleTold:
    value, threshold = (None if np.isnan(one[0]) else float(one[0]) for one in (found.value, found.threshold))
    return RuleTold(
        name=rule.name,
        why=rule.why.en,
        value=value,
        sign=rule.passes,
        threshold=threshold,
        passed=not found.failed[0],
        applies=kind != "text" or rule.on_text,
        dropped=line["stage"] == "rules" and line["rule"] == rule.name,
        policy=policy,
    )


def _side(run: RunData, number: int, line: Mapping[str, Any]) -> Side | None:
    """A row that the mix did not need had been on the training side; one that was left out before was on none."""
    split = _was_split(run)
    if not split[number]:
        return None
    side = line["split"] or "train"
    if not run.recipe["split"]["validation"]:
        return Side(side, None, ())
    split[number] = False
    like = np.flatnonzero(split & (run.prompt_groups == run.prompt_groups[number]).all(axis=1))
    return Side(side, len(like), tuple(run.ledger["row_id"].take(like).to_pylist()))


def _was_split(run: RunData) -> npt.NDArray[np.bool_]:
    """The rows that came as far as the split: those that stayed, and those that the mix then left out."""
    verdict, stage, rule = (_column(run, name) for name in ("verdict", "stage", "rule"))
    found: npt.NDArray[np.bool_] = (verdict == KEPT) | (
        (verdict == UNSAMPLED) & (stage == "mix") & (rule != "num_samples")
    )
    return found


def _mix(run: RunData, line: Mapping[str, Any]) -> MixTold | None:
    mix = run.recipe["mix"]
    if mix is None or not (line["split"] == "train" or (line["verdict"] == UNSAMPLED and line["stage"] == "mix")):
        return None
    ratio = {
        name: value for name, value in mix.items() if name not in ("caps", "weights", "unit", "short", "max_copies")
    }
    return MixTold(ratio, mix["unit"], line["copies"])


def _column(run: RunData, name: str) -> npt.NDArray[np.object_]:
    values: npt.NDArray[np.object_] = run.ledger[name].to_numpy(zero_copy_only=False)
    return values


def _ended(run: RunData, number: int, line: Mapping[str, Any], kind: str) -> tuple[Ended, ...]:
    """The output files and lines that hold the row, in the order in which the export writes them."""
    if line["verdict"] != KEPT:
        left = _column(run, "verdict") != KEPT
        return (Ended("dropped.jsonl", (int(left[:number].sum()) + 1,)),)
    side = line["split"]
    mine = _column(run, "split") == side
    ended = [Ended(f"{side}.jsonl", _lines(run, number, mine))]
    if (name := f"{side}.{kind}.jsonl") in run.manifest["lines"]:
        kinds = run.signals["kind"].to_numpy(zero_copy_only=False)
        ended.append(Ended(name, _lines(run, number, mine & (kinds == kind))))
    return tuple(ended)


def _lines(run: RunData, number: int, mine: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    """Every row once, then those that repeat once more, and so on."""
    copies = run.ledger["copies"].to_numpy()
    lines, before = [], 0
    for copy in range(1, int(copies[number]) + 1):
        written = mine & (copies >= copy)
        lines.append(before + int(written[:number].sum()) + 1)
        before += int(written.sum())
    return tuple(lines)

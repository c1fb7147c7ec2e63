"""What a run found about one row's quality: private values, a question of an evaluation set, broken tool calls.

>>> held_by(run, 236, run.line(236)).item  # doctest: +SKIP
'eval-107'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tunesmith.curate.contamination_items import Item, read_items
from tunesmith.curate.ledger import DROPPED
from tunesmith.curate.recipe_place import recipe_folder
from tunesmith.curate.records import Record
from tunesmith.curate.rundata import RunData
from tunesmith.curate.stage_contamination import CONTAMINATION
from tunesmith.curate.story import Held, Marked, PrivateTold, Turn
from tunesmith.curate.summary_contamination import mask_pieces, span_of
from tunesmith.curate.tool_calls import why_broken
from tunesmith.curate.treatment import PRIVATE, REDACT, Treatment, steps, treatment_in
from tunesmith.curate.treatment_privacy import find_in_record, redact_record
from tunesmith.curate.turns import turns_of
from tunesmith.errors import TunesmithError


def private_of(run: RunData, number: int, line: Mapping[str, Any]) -> PrivateTold | None:
    """The private values of a row by kind, and the turns that have some, with marks in place of values."""
    if not has_private(line):
        return None
    treatment = treatment_in(run.recipe, line["source"])
    record = _before_redaction(run, number, treatment)
    masked = redact_record(record, treatment.private)
    turns = zip(turns_of(record), turns_of(masked))
    return PrivateTold(
        kinds=dict(Counter(find_in_record(record, treatment.private))),
        policy=run.recipe["privacy"]["policy"],
        turns=tuple(Turn(new.role, new.text) for old, new in turns if old.text != new.text),
    )


def has_private(line: Mapping[str, Any]) -> bool:
    """Whether a line of the ledger says that private values were found."""
    named = [*(line["flags"] or ()), *(line["edits"] or ())]
    return line["rule"] == "privacy" or any(name.startswith((PRIVATE, REDACT)) for name in named)


def _before_redaction(run: RunData, number: int, treatment: Treatment) -> Record:
    """The row with its values; as the run has it where nothing was redacted, or the run can no longer tell."""
    converted = run.as_converted(number) if treatment.redact else None
    if converted is None:
        return run.record(number)
    *_, last = steps(converted, treatment)
    return last.before


def broken_calls_of(run: RunData, number: int, line: Mapping[str, Any]) -> tuple[str, ...]:
    """Why each broken tool call of a row is broken."""
    record = run.record(number)
    if has_private(line):
        record = redact_record(record, treatment_in(run.recipe, line["source"]).private)
    return tuple(why_broken(record))


def held_by(run: RunData, number: int, line: Mapping[str, Any]) -> Held | None:
    """The evaluation item that a row holds most of; None where it holds none."""
    found = run.overlap.slice(number, 1).to_pylist()[0]
    if found["item"] is None:
        return None
    pieces = span_of(run.record(number), found["side"], found["start"], found["end"])
    if has_private(line):
        pieces = mask_pieces(pieces, run.signals["language"][number].as_py())
    item = _item(run, found["item"])
    return Held(
        item=found["item"],
        question=item.whole if item else None,
        side=found["side"],
        containment=found["containment"],
        threshold=found["threshold"],
        pieces=tuple(Marked(text, place == 1) for place, text in enumerate(pieces) if text),
        others=tuple(other for other in found["items"] if other != found["item"]),
        dropped=line["verdict"] == DROPPED and line["stage"] == CONTAMINATION,
    )


def _item(run: RunData, name: str) -> Item | None:
    """None where the evaluation set is no longer there, or no longer has it."""
    try:
        items = read_items(run.recipe["contamination"]["against"], base=recipe_folder(run))
    except TunesmithError:
        return None
    return next((item for item in items if item.id == name), None)

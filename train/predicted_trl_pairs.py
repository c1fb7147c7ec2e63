"""Which columns TRL's trainers of pairs and labels make of those that a file has.

Without a column `prompt`, it is what both sides begin with; KTO makes a wanted and an unwanted answer of a pair.

>>> sides_of("kto", {"prompt", "chosen", "rejected"})
('chosen', 'rejected')
>>> with_prompt("dpo", {"chosen": "Why? So.", "rejected": "Why? No."})["prompt"]
'Why?'
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tunesmith.errors import RowError
from tunesmith.train.types import Stage

PAIRED: tuple[Stage, ...] = ("dpo", "kto", "orpo", "simpo", "reward")
_SIDES = ("chosen", "rejected")


def sides_of(stage: Stage, columns: Collection[str]) -> tuple[str, ...]:
    """The columns that hold answers."""
    return _SIDES if stage != "kto" or set(_SIDES) <= {*columns} else ("completion",)


def absent_column(stage: Stage, columns: Collection[str]) -> str | None:
    """What ends the run where a column is missing; None where none is."""
    found = {*columns}
    if set(_SIDES) <= found:
        return None
    if stage == "reward" or (stage in ("dpo", "kto") and "prompt" not in found):
        needed: tuple[str, ...] = _SIDES
    else:
        needed = ("prompt", *sides_of(stage, columns))
    if absent := next((name for name in needed if name not in found), None):
        return f"KeyError: {absent!r}"
    return "ValueError: Column 'label' doesn't exist." if stage == "kto" and "label" not in found else None


def with_prompt(stage: Stage, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a file without the column `prompt`, with a prompt of its own; of a reward model it is empty.

    :raises RowError: where TRL ends with an error.
    """
    chosen: Any = row.get("chosen")
    rejected: Any = row.get("rejected")
    if not all(isinstance(side, str | list) for side in (chosen, rejected)):
        raise RowError("no_turns", "TypeError: chosen or rejected is neither text nor a list of messages")
    if stage == "reward":
        return {**row, "prompt": [] if isinstance(chosen, list) else ""}
    end = _common(chosen, rejected)
    return {**row, "prompt": chosen[:end], "chosen": chosen[end:], "rejected": rejected[end:]}


def _common(chosen: Any, rejected: Any) -> int:
    """Where both sides part; the last place of the shorter one where they do not, as TRL has it."""
    shorter = min(len(chosen), len(rejected))
    if not shorter:
        raise RowError("no_turns", "UnboundLocalError: chosen or rejected is empty")
    place = next((at for at in range(shorter) if chosen[at] != rejected[at]), None)
    if place is None:
        return shorter - 1
    return place - 1 if place and chosen[place - 1] == " " else place

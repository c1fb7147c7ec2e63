"""What a conversion leaves out when it may: the names of the fields that a row has with them and lacks without.

>>> sorted(lost_fields({"text": "a", "id": 1, "_tunesmith": {"text": {"absent": ["b"]}}}, {"text": "a"}))
['id', 'spelling as it came']
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tunesmith.curate.formats.base import FORM, Form, Row
from tunesmith.curate.records import Record

#: Hints that only restore how a row was spelled (an absent `input`, unusual line breaks in a `<think>` block).
SPELLING = "spelling as it came"


def lost_fields(full: Row, plain: Row) -> set[str]:
    """The names of what the full row says and the plain one does not; a field of a turn as `turn.weight`."""
    lost = {key for key in full if key not in plain and key != FORM}
    return (
        lost | set(_in_form(full.get(FORM, {}))) | set(_in_turns([value for key, value in full.items() if key != FORM]))
    )


def unplaced_fields(record: Record) -> set[str]:
    """The names of all that stands beside role and text: what a strict format leaves out."""
    extra = record.extra or {}
    lost = {key for key in extra if key != FORM} | set(_in_form(extra.get(FORM, {})))
    for message in (*record.turns, *(record.chosen or ()), *(record.rejected or ())):
        lost |= set(_in_turn(message.extra or {}))
        if message.name is not None:
            lost.add("turn.name")
    return lost


def _in_form(form: Form) -> Iterator[str]:
    for name, value in form.items():
        if name == "fields":
            yield from value
        elif name == "lifted":
            for unsaid in value.values():
                yield from _in_turn(unsaid.get("extra", {}))
                yield from ["turn.name"] * ("name" in unsaid)
                yield from [SPELLING] * ("null" in unsaid)
        else:
            yield SPELLING


def _in_turn(extra: Row) -> Iterator[str]:
    for key, value in extra.items():
        if key != FORM:
            yield f"turn.{key}"
        else:
            for name in _in_form(value):
                yield name if name == SPELLING else f"turn.{name}"


def _in_turns(value: Any) -> Iterator[str]:
    """The hints that stand inside turns; the plain row has the turns without them."""
    if isinstance(value, dict):
        if isinstance(value.get(FORM), dict):
            yield from _in_turn({FORM: value[FORM]})
        value = [item for key, item in value.items() if key != FORM]
    if isinstance(value, list):
        for item in value:
            yield from _in_turns(item)

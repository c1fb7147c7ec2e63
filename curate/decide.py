"""Write a person's decision about one row into a decisions file, which every later run that names the file applies.

>>> decided = decide(open_run(Path("out")), "medical_zh:17", "keep", reason="short, but right")  # doctest: +SKIP
>>> decided.file, decided.in_recipe, decided.add_line  # doctest: +SKIP
(PosixPath('decisions.jsonl'), False, 'decisions: [decisions.jsonl]')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.decisions import ACTIONS, append_decision
from tunesmith.curate.formats.base import FORM, Row
from tunesmith.curate.formats.catalog import FORMATS, strip_forms, write_row
from tunesmith.curate.ledger import DROPPED, INVALID, UNSAMPLED
from tunesmith.curate.recipe_place import recipe_folder
from tunesmith.curate.records import Message, Messages, Record, content_id
from tunesmith.curate.rundata import RunData
from tunesmith.curate.text_page import listed
from tunesmith.errors import CannotHold, InputError, RowError

#: The format in which an edited row is written down.
_FORMS = {"sft": "openai", "preference": "trl_preference", "kto": "trl_kto", "text": "text"}
_DEFAULT_FILE = "decisions.jsonl"


@dataclass(frozen=True)
class Decided:
    """What was written and where; `add_line` is what the recipe lacks to apply it, None where it names the file."""

    file: Path
    decision: Mapping[str, Any]
    row_ids: tuple[str, ...]
    in_recipe: bool
    add_line: str | None
    notes: tuple[str, ...]


def decide(
    run: RunData,
    which: str,
    action: str,
    *,
    reason: str | None = None,
    row: Row | None = None,
    answer: str | None = None,
    prompt: str | None = None,
    file: Path | None = None,
    by: str | None = None,
) -> Decided:
    """Decide about one row of a run.

    :param which: a row id, or a content id or its first six digits or more.
    :param action: `keep`, `drop` or `edit`.
    :param row: with edit, the whole new row, in any format that can be detected.
    :param answer: with edit, a new text for the last answer (of a pair: the chosen one; of a text: the text).
    :param prompt: with edit, a new text for the last user turn.
    :param file: where to write; by default the first decisions file of the recipe, else `decisions.jsonl` beside it.
    :raises InputError: where there is no such row, or nothing that can be decided about it.
    """
    if action not in ACTIONS:
        raise InputError(f"action {action!r} is unknown", remedy=f"known are {', '.join(ACTIONS)}")
    numbers = run.find(which)
    line = run.line(numbers[0])
    if line["verdict"] == INVALID:
        what = f"{line['row_id']} could not be read ({line['rule']}), so there is no row to decide about"
        raise InputError(what, remedy=f"correct {run.place(numbers[0])}, and run the recipe again")
    new = _new_row(run, numbers[0], action, row, answer, prompt)
    decision = {"content_id": line["content_id"], "action": action, "row": new, "reason": reason, "by": by}
    decision = {key: value for key, value in decision.items() if value is not None}
    place = file or _default_file(run)
    append_decision(place, decision)
    in_recipe = _is_in_recipe(run, place)
    row_ids = tuple(run.line(number)["row_id"] for number in run.numbers_with(line["content_id"]))
    add_line = None if in_recipe else _line_to_add(run, place)
    return Decided(place, decision, row_ids, in_recipe, add_line, _notes(run, line, action))


def as_json(decided: Decided) -> dict[str, Any]:
    """What was decided, as plain data."""
    told = {name: getattr(decided, name) for name in ("decision", "row_ids", "in_recipe", "add_line", "notes")}
    return {"file": str(decided.file), **told}


def as_text(decided: Decided) -> str:
    """What was decided, in a few lines."""
    lines = [f"{decided.decision['action']} {', '.join(decided.row_ids)}: written to {decided.file}", *decided.notes]
    if decided.add_line:
        lines.append(f"the recipe does not name this file yet; add this line to it:\n  {decided.add_line}")
    return "\n".join([*lines, "it takes effect when the recipe is run again"])


def _notes(run: RunData, line: Mapping[str, Any], action: str) -> tuple[str, ...]:
    """What a decision will not do, said before a run disappoints."""
    if action == "drop":
        return _heirs(run.named_as_partner.get(line["row_id"], []))
    if action == "keep" and line["verdict"] == UNSAMPLED:
        return ("keep exempts a row from the rules, and the mix takes it before all others",)
    if action == "keep" and line["verdict"] == DROPPED and line["partner"]:
        return (_in_place_of(run, line),)
    return ()


def _heirs(left: Sequence[str]) -> tuple[str, ...]:
    """The rows that left for one that leaves now are judged again."""
    if not left:
        return ()
    again = "duplicates and are" if len(left) > 1 else "duplicate and is"
    return (f"{listed(tuple(left))} left as its {again} judged again without it",)


def _in_place_of(run: RunData, line: Mapping[str, Any]) -> str:
    partner = run.number_of(line["partner"])
    if run.line(partner)["content_id"] == line["content_id"]:
        return f"it has the same content as {line['partner']}: one of them stays, as before"
    decision = run.decision(partner)
    if decision is None or decision.action != "keep":
        return f"{line['partner']} leaves in its place; to have both, keep that one too"
    if line["rule"] == "exact_duplicate":
        return f"a person keeps {line['partner']} too, and of equal rows one stays"
    return f"{line['partner']} stays too, for a person keeps it already"


def _new_row(
    run: RunData, number: int, action: str, row: Row | None, answer: str | None, prompt: str | None
) -> Row | None:
    given = [name for name, value in (("row", row), ("answer", answer), ("prompt", prompt)) if value is not None]
    if action != "edit":
        if given:
            raise InputError(f"{action} takes no new {given[0]}", remedy="use edit")
        return None
    if not given or (row is not None and len(given) > 1):
        seen = "both" if given else "neither"
        raise InputError(
            f"edit needs either a whole new row, or a new answer or prompt, saw {seen}",
            remedy='give --answer "…", --prompt "…", or --row FILE',
        )
    if row is not None:
        return row
    return written(edited(run.record(number), answer=answer, prompt=prompt))


def edited(record: Record, *, answer: str | None = None, prompt: str | None = None) -> Record:
    """The record with another text in its last answer, its last user turn, or both.

    :raises InputError: where it has no such turn.
    """
    if record.kind == "text":
        if prompt is not None or answer is None:
            raise InputError("a text has no prompt", remedy="give the new text as the answer")
        return record._replace(text=answer)
    if prompt is not None:
        record = record._replace(messages=_replaced(record.turns, "user", prompt))
    if answer is None:
        return record
    if record.chosen is not None:
        return record._replace(chosen=_replaced(record.chosen, "assistant", answer))
    messages = record.turns
    if messages and messages[-1].role != "assistant":  # it had no answer: now it has one
        return record._replace(messages=(*messages, Message("assistant", answer)))
    return record._replace(messages=_replaced(messages, "assistant", answer))


def _replaced(messages: Messages, role: str, text: str) -> Messages:
    for place in range(len(messages) - 1, -1, -1):
        if messages[place].role == role:
            return (*messages[:place], messages[place]._replace(content=text), *messages[place + 1 :])
    raise InputError(f"the row has no {role} turn to change", remedy="give the whole new row (--row FILE)")


def written(record: Record) -> Row:
    """The record as a row that a decisions file can hold: it is detected and read as this very record again.

    :raises InputError: where no row says so.
    """
    form = FORMATS[_FORMS[record.kind]]
    plain = _without_forms(record)
    for keep_extra in (True, False):  # an unknown field named like a format's own would be taken for it
        try:
            row: Row = strip_forms(write_row(plain, form, keep_extra=keep_extra))
            if content_id(read_raw(row, None).record) == content_id(record):
                return row
        except (CannotHold, RowError):
            continue
    raise InputError("the row cannot be written down with this change", remedy="give the whole new row (--row FILE)")


def _without_forms(record: Record) -> Record:
    """Without the hints for writing it as it came, which are about the old text."""
    extra = {key: value for key, value in (record.extra or {}).items() if key != FORM}
    return record._replace(extra=extra or None)


def _default_file(run: RunData) -> Path:
    """The recipe's first decisions file, else `decisions.jsonl` beside it; in this folder where the recipe is gone."""
    named = run.recipe["decisions"]
    return _shown(recipe_folder(run) / (named[0] if named else _DEFAULT_FILE))


def _shown(path: Path) -> Path:
    """From the working folder, where the path lies below it."""
    absolute = path.absolute()
    return absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else path


def _is_in_recipe(run: RunData, place: Path) -> bool:
    folder = recipe_folder(run)
    return any((folder / name).resolve() == place.resolve() for name in run.recipe["decisions"])


def _line_to_add(run: RunData, place: Path) -> str:
    folder = recipe_folder(run).resolve()
    path = place.resolve()
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()
    return f"decisions: [{', '.join([*run.recipe['decisions'], name])}]"

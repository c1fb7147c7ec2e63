"""What is done to a row before it is measured: fill placeholders, clean, shorten its history, find private data.

The order is fixed. Everything that changed the row stands in `edits`, and what was found of private data in `private`,
so that the ledger can say it; the row as it came lies beside the treated one.

>>> from tunesmith.curate.records import Message
>>> record = Record("sft", (Message("user", "I am {{name}}, 138-0013-8000"), Message("assistant", "Hi  there!")))
>>> done = treat(record, Treatment({"name": "Li Lei"}, clean=("whitespace",), private=("phone",), redact=True))
>>> [message.content for message in done.record.turns], done.edits, done.private
(['I am Li Lei, [phone_1]', 'Hi there!'], ['fill', 'clean:whitespace', 'redact:phone'], ['phone'])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tunesmith.curate import first_look
from tunesmith.curate.clean_history import compact_history
from tunesmith.curate.cleaners import clean_record
from tunesmith.curate.convert_row import fill
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.recipe_models import Recipe
from tunesmith.curate.recipe_texts import History
from tunesmith.curate.records import Record
from tunesmith.curate.treatment_privacy import find_in_record, redact_record

#: Before the name of a cleaner or a kind of private data, in the ledger's `edits` and `flags`.
CLEAN, REDACT, PRIVATE = "clean:", "redact:", "privacy:"
#: What stands in `edits` where a person edited the row, after its treatment.
DECISION = "decision"


class Treatment(NamedTuple):
    """What a recipe asks for. `private` are the kinds that are looked for; `redact` replaces them.

    `basic`: of the treated rows only `BASICS` are measured, for no rule will ever judge them.
    """

    fill: Mapping[str, str] = {}
    clean: tuple[str, ...] = ()
    history: History | None = None
    private: tuple[str, ...] = ()
    redact: bool = False
    basic: bool = False

    def told(self) -> dict[str, Any]:
        """As plain data, for the fingerprint of what it makes."""
        history = self.history.model_dump() if self.history else None
        return {**self._asdict(), "fill": dict(self.fill), "history": history}


class Treated(NamedTuple):
    """A row after its treatment; `private` has the kind of each value that was found, in order."""

    record: Record
    edits: list[str]
    private: list[str]


class Step(NamedTuple):
    """One step of a treatment that changed the row, by its names in `edits`."""

    edits: tuple[str, ...]
    before: Record
    after: Record


def treatment_of(recipe: Recipe) -> Treatment:
    """What a recipe asks for every source; placeholders are filled by source."""
    privacy = recipe.privacy
    kinds = tuple(privacy.kinds or KINDS) if privacy else ()
    redact = privacy is not None and privacy.policy == "redact"
    return Treatment({}, recipe.clean, recipe.history, kinds, redact)


def treatment_in(recipe: Mapping[str, Any], source: str) -> Treatment:
    """What was done to the rows of a source in a finished run.

    :param recipe: the recipe with every default written out, as the manifest has it.
    """
    privacy, history = recipe["privacy"], recipe["history"]
    fill = next(one["fill"] for one in recipe["sources"] if one["name"] == source)
    return Treatment(
        fill,
        tuple(recipe["clean"]),
        History(**history) if history else None,
        tuple(privacy["kinds"] or KINDS) if privacy else (),
        bool(privacy) and privacy["policy"] == "redact",
    )


def treat(record: Record, treatment: Treatment) -> Treated:
    """The row as it is measured and exported, and what was done to it."""
    return treat_private(changed(record, treatment), treatment)


def changed(record: Record, treatment: Treatment, signs: int = first_look.EVERY) -> Treated:
    """The row after all steps but the last, which looks for private data.

    :param signs: what the first look found in it (`first_look.py`); without it the row is looked through.
    """
    edits: list[str] = []
    for step in _changing_steps(record, treatment, signs):
        edits += step.edits
        record = step.after
    return Treated(record, edits, [])


def treat_private(row: Treated, treatment: Treatment) -> Treated:
    """The last step: private data of a changed row, found and, where the recipe asks for it, replaced."""
    private = find_in_record(row.record, treatment.private) if treatment.private else []
    if private and treatment.redact:
        redacted = _redaction(row.record, treatment, private)
        return Treated(redacted.after, [*row.edits, *redacted.edits], private)
    return row._replace(private=private)


def steps(record: Record, treatment: Treatment) -> Iterator[Step]:
    """The same once more, step by step, for those who want to see it; only the steps that change anything."""
    for step in _changing_steps(record, treatment):
        yield step
        record = step.after
    private = find_in_record(record, treatment.private) if treatment.redact else []
    if private:
        yield _redaction(record, treatment, private)


def _changing_steps(record: Record, treatment: Treatment, signs: int = first_look.EVERY) -> Iterator[Step]:
    """All steps but the last, redaction."""
    if treatment.fill and (filled := fill(record, treatment.fill)) != record:
        yield Step(("fill",), record, filled)
        record, signs = filled, first_look.EVERY
    if needed := first_look.needed_cleaners(treatment.clean, signs):
        cleaned, names = clean_record(record, needed)
        if names:
            yield Step(tuple([CLEAN + name for name in names]), record, cleaned)
            record = cleaned
    history = treatment.history
    if history is not None:
        short = compact_history(record, most_turns=history.max_turns, policy=history.keep)
        if short != record:
            yield Step(("history",), record, short)


def _redaction(record: Record, treatment: Treatment, private: list[str]) -> Step:
    edits = tuple([REDACT + kind for kind in KINDS if kind in private])
    return Step(edits, record, redact_record(record, treatment.private))

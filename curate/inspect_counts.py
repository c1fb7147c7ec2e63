"""What one pass over a source counts. Memory stays bounded however long the source: counts, three example places a
problem, and lengths in buckets of at most 0.2 % width.

>>> lengths = Lengths()
>>> for n in (1, 2, 3, 4, 100): lengths.add(n)
>>> lengths.quantile(0.5), lengths.quantile(0.95)
(3, 100)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tunesmith.curate.reading import Got
from tunesmith.curate.records import Record
from tunesmith.curate.signals import measure
from tunesmith.errors import TunesmithError

EXAMPLES = 3
#: What rows may have that a run's rules look at: signal, and what to say of it.
_NOTED = (
    (
        "placeholders",
        "a placeholder such as {{name}} (rule placeholder; a recipe can `fill` it)",
    ),
    ("missing_answer", "no answer at the end (rule missing_answer)"),
    ("empty_turns", "a turn without text or tool call (rule empty_turn)"),
    ("disordered_turn", "a turn where no chat template expects it (rule roles_out_of_order)"),
)
_ON_TEXT = ("placeholders", "empty_turns")
_MOST_FIELDS = 1000  # names that are told apart; data sets with keys for data would fill the memory
OTHER_FIELDS = "(other fields)"


class Lengths:
    """Lengths by their number: as many entries as there are different lengths, however many rows there are."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, length: int) -> None:
        """Count one more."""
        self._counts[length] += 1

    def quantile(self, share: float) -> int | None:
        """The length nearest to this share of all, as numpy's `nearest` and the report have it; None for none."""
        rank = round((self._counts.total() - 1) * share)
        for length in sorted(self._counts):
            rank -= self._counts[length]
            if rank < 0:
                return length
        return None


@dataclass
class Problem:
    """One thing that is wrong, or worth knowing: how many rows, what it is, and the first positions of it."""

    message: str
    rows: int = 0
    positions: list[int] = field(default_factory=list)

    def add(self, position: int) -> None:
        """One more row."""
        self.rows += 1
        if len(self.positions) < EXAMPLES:
            self.positions.append(position)


@dataclass
class Tally:
    """All counts of one pass. `problems` by code; `formats` with the first positions of each."""

    rows: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    formats: dict[str, Problem] = field(default_factory=dict)
    fields: Counter[str] = field(default_factory=Counter)
    problems: dict[str, Problem] = field(default_factory=dict)
    noted: Counter[str] = field(default_factory=Counter)
    prompt: Lengths = field(default_factory=Lengths)
    answer: Lengths = field(default_factory=Lengths)

    def add(self, got: Got) -> None:
        """Count one row."""
        self.rows += 1
        if isinstance(got.row, dict):
            self.fields.update(map(self._field, got.row))
        if got.read is not None:
            self._add_record(got.read.record)
            self.formats.setdefault(got.read.format, Problem("")).add(got.raw.position)
        elif got.error is not None:
            code = got.error.code
            self.problems.setdefault(code, Problem(_message(got.error))).add(got.raw.position)

    def _field(self, name: object) -> str:
        known = name in self.fields or len(self.fields) < _MOST_FIELDS
        return str(name) if known else OTHER_FIELDS

    def _add_record(self, record: Record) -> None:
        signals = measure(record)
        self.languages[signals.language] += 1
        self.kinds[record.kind] += 1
        names = _ON_TEXT if record.kind == "text" else [name for name, _ in _NOTED]
        self.noted.update(name for name in names if getattr(signals, name))
        self.answer.add(signals.answer_characters)
        if record.kind != "text":
            self.prompt.add(signals.prompt_characters)

    def main_format(self) -> str | None:
        """The format of most rows."""
        return max(self.formats, key=lambda name: self.formats[name].rows, default=None)

    def note_mixed(self) -> None:
        """Rows of another format than most are read all the same, and said."""
        main = self.main_format()
        others = {name: found for name, found in self.formats.items() if name != main}
        if not others:
            return
        named = ", ".join(f"{found.rows:,} {name}" for name, found in others.items())
        mixed = Problem(f"rows of another format than {main}, which were read as what they are: {named}")
        mixed.rows = sum(found.rows for found in others.values())
        mixed.positions = sorted(position for found in others.values() for position in found.positions)[:EXAMPLES]
        self.problems["mixed_formats"] = mixed

    def lengths(self) -> dict[str, dict[str, int | None]]:
        """Characters of prompt and answer: median and 95th percentile."""
        sides = (("prompt", self.prompt), ("answer", self.answer))
        return {name: {"median": side.quantile(0.5), "p95": side.quantile(0.95)} for name, side in sides}

    def notes(self) -> list[str]:
        """What is no problem of reading, but of the content."""
        return [f"{counted(self.noted[name], 'row')}: {said}" for name, said in _NOTED if self.noted[name]]

    def told(self, locate: Callable[[int], str]) -> list[dict[str, Any]]:
        """The problems as `Inspection` shows them, most rows first."""
        found = sorted(self.problems.items(), key=lambda item: -item[1].rows)
        return [problem(code, one.rows, one.message, [*map(locate, one.positions)]) for code, one in found]


def counted(number: int, unit: str) -> str:
    """`1 row`, `1,200 rows`, `3 entries`."""
    plural = unit[:-1] + "ies" if unit.endswith("y") else unit + "s"
    return f"{number:,} {unit if number == 1 else plural}"


def problem(code: str, rows: int, message: str, places: list[str]) -> dict[str, Any]:
    """One entry of `Inspection.problems`."""
    first = places[0] if places else ""
    return {"code": code, "rows": rows, "first": first, "message": message, "examples": places[:EXAMPLES]}


def _message(error: TunesmithError) -> str:
    return error.what + (f"; {error.remedy}" if error.remedy else "")

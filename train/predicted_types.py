"""What a prediction says of each row, and of all together.

>>> Verdict("drop", "role_order", "turn 2 is human where gpt belongs").outcome
'drop'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from tunesmith.train.types import Stage

System = Literal["llamafactory", "trl", "siliconflow"]
Outcome = Literal["keep", "cut", "drop", "crash"]
SYSTEMS: tuple[System, ...] = ("llamafactory", "trl", "siliconflow")
OUTCOMES: tuple[Outcome, ...] = ("keep", "cut", "drop", "crash")


class Verdict(NamedTuple):
    """What becomes of a row.

    :param outcome: `crash` where reading this row ends the whole run with an error.
    :param reason: why it is not kept whole, such as `role_order`; also what is noteworthy in a kept row.
    :param evidence: in a person's words, such as the error that will be seen.
    :param n_tokens: of the whole row as that system encodes it, None where it never does.
    :param n_lost: tokens that are cut off.
    """

    outcome: Outcome
    reason: str | None = None
    evidence: str | None = None
    n_tokens: int | None = None
    n_lost: int = 0


class Line(NamedTuple):
    """A row and its verdict, flat."""

    row_id: str
    outcome: Outcome
    reason: str | None = None
    evidence: str | None = None
    n_tokens: int | None = None
    n_lost: int = 0


@dataclass(frozen=True)
class Predicted:
    """A line for each row, in their order.

    :param source: where the rules come from.
    :param notes: what holds for all rows, such as that every token is trained.
    :param ends: what ends the whole run, None where nothing does.
    """

    system: System
    version: str
    stage: Stage
    source: str
    lines: Sequence[Line]
    notes: tuple[str, ...] = ()
    ends: str | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are kept, cut, dropped, and end the run."""
        found = Counter(line.outcome for line in self.lines)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def reasons(self) -> dict[str, int]:
        """How many rows have each reason, the most frequent first."""
        return dict(Counter(line.reason for line in self.lines if line.reason).most_common())

    def as_json(self) -> dict[str, Any]:
        """Everything but the lines."""
        told = {"system": self.system, "version": self.version, "stage": self.stage, "source": self.source}
        return {**told, "counts": self.counts, "reasons": self.reasons, "notes": list(self.notes), "ends": self.ends}


def lines_of(ids: Iterable[str], verdicts: Iterable[Verdict]) -> tuple[Line, ...]:
    """Rows with their verdicts."""
    return tuple(Line(row_id, *verdict) for row_id, verdict in zip(ids, verdicts, strict=True))


def first_end(lines: Iterable[Line]) -> str | None:
    """The first row that ends the run, in words."""
    ends: Iterator[Line] = (line for line in lines if line.outcome == "crash")
    line = next(ends, None)
    return None if line is None else f"{line.row_id}: {line.evidence or line.reason}"

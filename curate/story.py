"""The parts of a row's story: plain data, one class for each stage that has something to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunesmith.curate.advice import Advice


@dataclass(frozen=True)
class Turn:
    """What a person sees of one turn; the role of a pair's answers is `chosen` or `rejected`, of a text `text`."""

    role: str
    text: str


@dataclass(frozen=True)
class Change:
    """One turn that a fill or a person changed; None where there was or is none."""

    turn: int
    role: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Edit:
    """`fill` or `decision`, and what it changed."""

    what: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Decided:
    """What a person had decided when the run was made."""

    action: str
    reason: str | None
    by: str | None


@dataclass(frozen=True)
class RuleTold:
    """One rule's verdict on the row, which passes where `value sign threshold` holds; some do not apply to text."""

    name: str
    purpose: str
    value: float
    sign: str
    threshold: float
    passed: bool
    applies: bool
    dropped: bool


@dataclass(frozen=True)
class Partner:
    """The row that stayed in place of this one."""

    row_id: str
    similarity: float
    answer_similarity: float
    verdict: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Side:
    """The side of the split, and how many other rows share the prompt and so this side."""

    side: str
    sharing: int


@dataclass(frozen=True)
class MixTold:
    """The mix that was asked for, and how often the row stands in the training file."""

    ratio: Mapping[str, float]
    unit: str
    copies: int


@dataclass(frozen=True)
class Ended:
    """A file of the run and the lines of it that hold the row."""

    file: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Story:
    """Everything that a run knows of one row. A stage that the row did not reach is None or empty."""

    run: str
    row_id: str
    source: str
    group: str
    place: str
    content_id: str | None
    same_content: tuple[str, ...]
    format: str | None
    kind: str
    verdict: str
    stage: str | None
    rule: str | None
    detail: str | None
    turns: tuple[Turn, ...]
    edits: tuple[Edit, ...]
    decision: Decided | None
    signals: Mapping[str, Any]
    rules: tuple[RuleTold, ...]
    partner: Partner | None
    partner_of: tuple[str, ...]
    split: Side | None
    mix: MixTold | None
    ended: tuple[Ended, ...]
    advice: tuple[Advice, ...]

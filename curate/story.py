"""The parts of a row's story: plain data, one class for each stage that has something to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    """What changed the row (`fill`, `clean:html, clean:whitespace`, `history`, `decision`), and what it changed."""

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
    """One rule's verdict on the row, which passes where `value sign threshold` holds; some do not apply to text.

    The value is None where it is not known, the threshold where a rule of the recipe's own has more than one condition.
    """

    name: str
    why: str
    value: float | None
    sign: str
    threshold: float | None
    passed: bool
    applies: bool
    dropped: bool
    policy: str


@dataclass(frozen=True)
class PrivateTold:
    """The private values that were found, by kind, what the recipe does with them, and the turns that have some.

    No value stands in it: the texts have a mark in place of each.
    """

    kinds: Mapping[str, int]
    policy: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Marked:
    """A part of a text, and whether the other text differs there."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Held:
    """The item of an evaluation set that the row holds most of, and the ids of others that it holds.

    `question` is None where the evaluation set can no longer be read; `pieces` are the text of that side of the row, of
    which the piece that differs is the longest run of words that the item has too.
    """

    item: str
    question: str | None
    side: str
    containment: float
    threshold: float
    pieces: tuple[Marked, ...]
    others: tuple[str, ...]
    dropped: bool


@dataclass(frozen=True)
class Contrast:
    """One turn of both rows: the parts of each text, which joined are the text. Of rows with other roles, all turns."""

    role: str
    here: tuple[Marked, ...]
    there: tuple[Marked, ...]


@dataclass(frozen=True)
class Partner:
    """Another row that this one is like. Similarities are exact, Jaccard or (of meaning) cosine; None: not measured."""

    row_id: str
    similarity: float | None
    answer_similarity: float | None
    verdict: str
    turns: tuple[Turn, ...]
    differences: tuple[Contrast, ...]


@dataclass(frozen=True)
class Finding:
    """What was noticed about a row that stayed.

    `what` is a column of the stage's evidence: `partner` (a near-duplicate that the recipe only flags), `variant`,
    `conflict`, `stock_answer`, `skeleton`, or `semantic` (it says the same); `flag` is its word in the ledger. `others`
    are the other rows that share a conflict's prompt, the stock answer or the skeleton; `shared` is the answer or the
    skeleton itself.
    """

    flag: str
    what: str
    partner: Partner | None
    others: tuple[str, ...]
    shared: str | None


@dataclass(frozen=True)
class Looked:
    """What the recipe says about duplicates; `on` and `threshold` are None where near-duplicates are not looked for.

    `semantic_on` and `semantic_threshold` are the same for rows that say the same in other words.
    """

    exact: bool
    on: str | None
    threshold: float | None
    semantic_on: str | None
    semantic_threshold: float | None


@dataclass(frozen=True)
class LeftOut:
    """Why a good row was not taken: `too_close` or `not_selected` by the selection, or `balance`.

    `partner` is the nearest row that was taken, `threshold` the cosine that is allowed; `by` is what the balance
    counts, `name` the row's own in it, `cap` how many rows of that name stay. None where it does not apply.
    """

    rule: str
    partner: Partner | None
    threshold: float | None
    by: str | None
    name: str | None
    cap: int | None


@dataclass(frozen=True)
class Side:
    """The side of the split, and the other rows whose prompts are like this one's: they share it.

    `sharing` is None where the recipe asks for no validation side, so that nobody looked.
    """

    side: str
    sharing: int | None
    row_ids: tuple[str, ...]


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
    private: PrivateTold | None
    decision: Decided | None
    signals: Mapping[str, Any]
    rules: tuple[RuleTold, ...]
    broken_calls: tuple[str, ...]
    held: Held | None
    partner: Partner | None
    partner_of: tuple[str, ...]
    looked: Looked
    findings: tuple[Finding, ...]
    left_out: LeftOut | None
    split: Side | None
    mix: MixTold | None
    ended: tuple[Ended, ...]
    advice: tuple[Advice, ...]

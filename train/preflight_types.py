"""The parts of what the preflight found, as plain values that JSON can hold; `preflight_found.py` holds the whole.

>>> Tokens(trained={"assistant": 7, "end": 1}, masked={"user": 12}).share_trained
0.4
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

#: What a ledger of training says of a row, in the order of a report.
OUTCOMES = ("trained", "truncated", "split", "dropped")


class Reason(NamedTuple):
    """Rows of one set that are not trained whole, for one reason.

    :param examples: ids of the first few.
    :param detail: what was said of the first of them, where something was.
    """

    outcome: str
    reason: str
    rows: int
    examples: tuple[str, ...]
    detail: str | None = None


@dataclass(frozen=True)
class Tokens:
    """Tokens by what they belong to (`train.types.PARTS`), copies not counted."""

    trained: Mapping[str, int]
    masked: Mapping[str, int]

    @property
    def n_trained(self) -> int:
        return sum(self.trained.values())

    @property
    def n_all(self) -> int:
        return self.n_trained + sum(self.masked.values())

    @property
    def share_trained(self) -> float:
        return self.n_trained / self.n_all if self.n_all else 0.0


@dataclass(frozen=True)
class Lengths:
    """Percentiles of the tokens of whole rows, before anything is cut; `n` rows had a length."""

    n: int
    p50: int
    p90: int
    p95: int
    p99: int
    max: int


@dataclass(frozen=True)
class Special:
    """Rows in whose text a special token of the tokenizer stands.

    :param strings: which, and in how many rows.
    """

    escaped: int
    refused: int
    strings: Mapping[str, int]


@dataclass(frozen=True)
class Copies:
    """What an epoch holds where the mix repeats rows."""

    rows_repeated: int
    most: int
    examples: int
    tokens: int
    trained: int


@dataclass(frozen=True)
class Account:
    """One set, or one source of the training set.

    :param split: `train` or `validation`.
    :param group: of a validation set; None for all of the training set.
    :param source: of a part of the training set; None for a whole set.
    :param outcomes: rows by `OUTCOMES`; they add up to `rows`.
    :param examples: sequences before packing and before copies.
    :param end_trained: examples whose last answer ends with a token that says so, and is trained.
    :param bos: examples by how many times the first token of a text stands in them: `0`, `1`, `2+`; empty where the
        tokenizer has none.
    :param no_trained: rows that left because no token of them would be trained.
    :param roles: turns by role, over all rows.
    :param flags: what was noticed and drops nothing, in rows.
    """

    split: str
    group: str | None
    source: str | None
    rows: int
    outcomes: Mapping[str, int]
    reasons: tuple[Reason, ...]
    examples: int
    tokens: Tokens
    end_trained: int
    bos: Mapping[str, int]
    no_trained: int
    special: Special
    roles: Mapping[str, int]
    flags: Mapping[str, int]
    lengths: Lengths
    copies: Copies

    @property
    def name(self) -> str:
        """`train`, `train: medical`, `validation: general`."""
        part = self.source if self.split == "train" else self.group
        return f"{self.split}: {part}" if part else self.split


@dataclass(frozen=True)
class Cutoff:
    """The length that is advised, and what it and the one in use would cost.

    :param advised: the 95th percentile of the rows' real lengths, rounded up to a multiple of 64.
    :param over_advised: training rows longer than that.
    :param over_used: training rows longer than `used`.
    :param over_generous: training rows longer than 4,096 tokens.
    """

    used: int
    advised: int
    over_used: int
    over_advised: int
    over_generous: int
    source: str


@dataclass(frozen=True)
class Packing:
    """What an epoch costs with one example a sequence and with several.

    :param batch_size: sequences that are padded to the longest of them.
    :param padding: tokens of padding over all batches, of `padded_tokens` that are computed.
    :param packs: sequences of at most `max_length` tokens that hold all examples.
    :param fill: tokens in packs, of the room in them.
    """

    batch_size: int
    sequences: int
    tokens: int
    padding: int
    padded_tokens: int
    packs: int
    fill: float

    @property
    def waste(self) -> float:
        """Padding, of all tokens computed without packing."""
        return self.padding / self.padded_tokens if self.padded_tokens else 0.0


@dataclass(frozen=True)
class Serving:
    """Whether what is trained looks like what will be asked.

    :param template: `same`, `marks` (the same but for marks that say what is an answer, which render nothing),
        `differs`, or `none` where the model's folder holds no template.
    :param trained_hash, served_hash: of the two templates' texts.
    :param compared: rows whose prompt was rendered once more, as a server does it.
    :param same: of those, rows whose every prompt is token by token what stands before a trained answer.
    :param differs: row ids of the first few where it is not; `example` shows the first.
    :param escaped: rows that differ because their text holds a special token, which a server does not escape.
    :param starts: how the template opens a turn of each role; `refused` where it has no place for one.
    :param facts: what else there is to know of tokenizer and template, by a code.
    """

    template: str
    trained_hash: str | None
    served_hash: str | None
    compared: int
    same: int
    escaped: int
    not_compared: int
    differs: tuple[str, ...] = ()
    example: Mapping[str, str] | None = None
    starts: Mapping[str, str] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def matches(self) -> bool:
        """Whether nothing that a server sees differs from what is trained."""
        return self.template in ("same", "marks") and self.same + self.escaped == self.compared


class Piece(NamedTuple):
    """Tokens that are shown together: one, or several that share a character.

    :param text: what they decode to.
    :param position: of the first, in its example.
    :param ids: of the tokens.
    """

    text: str
    position: int
    ids: tuple[int, ...]
    part: str
    trained: bool
    special: bool


class Shown(NamedTuple):
    """One row, token by token.

    :param examples: pieces of each sequence that the row became.
    :param cutoff: position of the first token that is cut off, None where none is.
    :param left_out: tokens that are not shown because there are too many.
    :param names: what each sequence is, such as `chosen`; empty where they are parts of one row.
    """

    row_id: str
    split: str
    outcome: str
    reason: str | None
    detail: str | None
    n_tokens: int
    n_trained: int
    examples: tuple[tuple[Piece, ...], ...]
    cutoff: int | None = None
    left_out: int = 0
    names: tuple[str, ...] = ()

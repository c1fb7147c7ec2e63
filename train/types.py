"""What the parts of `train/` hand to one another: settings of the encoding, rows, tokens, and what became of each row.

>>> Encoding(max_length=2048).over_long
'drop'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.records import Record

Stage = Literal["sft", "pretrain", "dpo", "kto", "orpo", "simpo", "reward", "grpo"]
Method = Literal["full", "freeze", "lora", "qlora"]
TrainOn = Literal["answers", "last-answer", "all"]
OverLong = Literal["drop", "truncate", "split"]
Language = Literal["en", "zh"]

STAGES: tuple[Stage, ...] = ("sft", "pretrain", "dpo", "kto", "orpo", "simpo", "reward", "grpo")
METHODS: tuple[Method, ...] = ("full", "freeze", "lora", "qlora")
#: Stages whose tokens are ours, frozen before training; the others hand TRL text, which it tokenises itself.
FROZEN: tuple[Stage, ...] = ("sft", "pretrain")

#: The label of a token that the loss leaves out.
MASKED = -100
#: What a token of an example belongs to; `Example.parts` holds indexes into this.
PARTS = ("template", "system", "user", "assistant", "reasoning", "tool_calls", "tool", "end", "text", "bos")


@dataclass(frozen=True)
class Encoding:
    """How rows become tokens.

    :param max_length: tokens of an example, at most.
    :param train_on: whose tokens have labels.
    :param over_long: what happens to a row that has more than `max_length` tokens.
    :param reasoning: whether the thoughts before an answer have labels.
    :param special: a row whose text holds a special token of the tokenizer: its text is encoded as plain text, or the
        row is refused.
    :param packing: whether several examples share one sequence, each seeing only itself.
    """

    max_length: int
    train_on: TrainOn = "answers"
    over_long: OverLong = "drop"
    reasoning: Literal["trained", "masked"] = "trained"
    special: Literal["escape", "refuse"] = "escape"
    packing: bool = False


class Row(NamedTuple):
    """A row of a training or validation set.

    :param row_id: unique in its set; `<source>:<position>` as the ledger of a run has it, or `<file stem>:<position>`.
    :param copies: how many times the mix wants it.
    """

    row_id: str
    record: Record
    source: str
    group: str
    copies: int = 1


@dataclass(frozen=True)
class Sets:
    """What is trained and what is validated.

    :param validation: by the name of the group, such as `domain` and `general`, so that their losses stay apart.
    :param fingerprint: of all rows in their order, with their names.
    :param unread: rows that could not be read, as `(place, what is wrong)`.
    """

    train: Sequence[Row]
    validation: Mapping[str, Sequence[Row]]
    fingerprint: str
    unread: Sequence[tuple[str, str]] = ()


class Example(NamedTuple):
    """One sequence that a model is trained on.

    :param input_ids: `(n_tokens,)` int32.
    :param labels: `(n_tokens,)` int32, the token itself or `MASKED`; not shifted, the model shifts them.
    :param parts: `(n_tokens,)` uint8, indexes into `PARTS`.
    """

    row_id: str
    input_ids: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int32]
    parts: npt.NDArray[np.uint8]


class Fate(NamedTuple):
    """What became of one row: a line of the ledger of training, `rows.parquet`.

    :param outcome: `trained` whole, `truncated`, `split` into several examples, or `dropped`.
    :param reason: why it is not `trained` whole, such as `too_long`, `no_trained_token`, `template_refused`.
    :param value: what was measured, such as its tokens; `threshold`: what it was held against.
    :param detail: in a person's words where the reason needs some, such as what the template said.
    :param n_trained: tokens with a label, in all its examples.
    :param flags: noticed and not dropped: `special_tokens_in_text`, `no_end_token`, `double_bos`, `reasoning_removed` …
    """

    row_id: str
    source: str
    group: str
    outcome: Literal["trained", "truncated", "split", "dropped"]
    reason: str | None = None
    value: float | None = None
    threshold: float | None = None
    detail: str | None = None
    n_tokens: int = 0
    n_trained: int = 0
    n_examples: int = 0
    flags: tuple[str, ...] = ()


class Encoded(NamedTuple):
    """A row, its examples, and its fate."""

    row: Row
    examples: tuple[Example, ...]
    fate: Fate


@dataclass(frozen=True)
class HandOver:
    """Data that is ready to be trained on, in a folder of its own.

    :param hash: of every token and label in their order; a run that goes on checks it.
    :param n_sequences: what the trainer counts as rows: examples, or packs of them.
    """

    folder: Path
    hash: str
    n_rows: int
    n_examples: int
    n_sequences: int
    n_tokens: int
    n_trained: int


@dataclass(frozen=True)
class RunPaths:
    """Where things stand in a training run's folder."""

    out: Path
    manifest: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "manifest", self.out / "manifest.json")

    @property
    def data(self) -> Path:
        """Frozen sets: `train`, and `validation-<group>` each."""
        return self.out / "data"

    @property
    def rows(self) -> Path:
        """The ledger: a `Fate` a row."""
        return self.out / "rows.parquet"

    @property
    def log(self) -> Path:
        """JSON Lines, one for each logged step, as the trainer logs it, with `step`, `epoch`, `seconds`."""
        return self.out / "log.jsonl"

    @property
    def checkpoints(self) -> Path:
        """`checkpoint-<step>` folders."""
        return self.out / "checkpoints"

    @property
    def model(self) -> Path:
        """What was trained: a whole model, or an adapter; with its tokenizer and template."""
        return self.out / "model"

    @property
    def merged(self) -> Path:
        """Base and adapter in one, on request."""
        return self.out / "merged"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.out / "report.html"


JsonObject = dict[str, Any]

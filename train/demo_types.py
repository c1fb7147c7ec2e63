"""How large the demo is, and where its things stand.

>>> Size().steps_of_base
880
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Size:
    """Everything that decides how long the demo takes and what it shows.

    :param facts: of each kind; there are six kinds, and twice as many words.
    :param epochs: over all facts, each asked in two ways; `tuned_epochs` of each fine-tuning.
    :param rate: of training from nothing; `tuned_rate` of the fine-tuning, the same for both.
    :param domain_characters: the longest answer of the domain rows: long ones cost time and show nothing more.
    """

    facts: int = 20
    hidden: int = 128
    layers: int = 3
    vocabulary: int = 2048
    max_length: int = 512
    epochs: int = 22
    batch: int = 8
    rate: float = 3e-3
    tuned_epochs: int = 8
    tuned_rate: float = 1e-3
    domain_characters: int = 160
    seed: int = 0

    @property
    def steps_of_base(self) -> int:
        """Of the training from nothing."""
        return self.epochs * (self.facts * 8 * 2 // self.batch)


@dataclass(frozen=True)
class Places:
    """The demo's folder."""

    out: Path

    @property
    def data(self) -> Path:
        return self.out / "data"

    @property
    def tasks(self) -> Path:
        """Questions with options for `evaluate retention`: one file of facts that the mix repeats, one of others."""
        return self.out / "tasks"

    @property
    def questions(self) -> Path:
        """The same facts asked in words, for `evaluate predict` and `compare`."""
        return self.out / "questions.jsonl"

    @property
    def blank(self) -> Path:
        return self.out / "blank"

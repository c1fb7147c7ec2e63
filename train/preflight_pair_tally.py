"""Counting preferences as they pass: outcomes, reasons, and lengths of prompt and answers.

>>> sides_of("dpo", [([1, 2, 3, 4], 2), ([1, 2, 5], 2)])
{'prompt': 2, 'chosen': 2, 'rejected': 1}
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from tunesmith.train.preflight_found import PairAccount
from tunesmith.train.preflight_tally import EXAMPLES, lengths_of
from tunesmith.train.preflight_types import OUTCOMES, Reason
from tunesmith.train.types import Fate, Row, Stage


class PairTally:
    """Sums over the rows of one source in one set."""

    def __init__(self) -> None:
        self._outcomes: Counter[str] = Counter()
        self._reasons: dict[tuple[str, str], tuple[int, tuple[str, ...], str | None]] = {}
        self._sides: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        self._flags: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._tokens = self._trained = 0
        self.lengths, self.kept = array("q"), array("b")  # of the longest sequence; whether the row is trained

    def add(self, row: Row, sides: Mapping[str, int], fate: Fate) -> None:
        """One row, in any order. `sides` are its lengths, none where it does not reach the trainer."""
        self._outcomes[fate.outcome] += 1
        if fate.reason is not None:
            self._because(fate)
        self._flags.update(fate.flags)
        if row.record.label is not None:
            self._labels["good" if row.record.label else "bad"] += 1
        for side, length in sides.items():
            self._sides[side].append(length)
        if fate.outcome != "dropped":
            self._tokens += fate.n_tokens
            self._trained += fate.n_trained
        if length := _longest(sides, fate):
            self.lengths.append(length)
            self.kept.append(fate.outcome != "dropped")

    def _because(self, fate: Fate) -> None:
        key = (fate.outcome, fate.reason or "")
        rows, ids, detail = self._reasons.get(key, (0, (), fate.detail))
        self._reasons[key] = (rows + 1, (*ids, fate.row_id) if len(ids) < EXAMPLES else ids, detail)

    def merge(self, other: PairTally) -> None:
        """Add what another counted."""
        for key, (rows, ids, detail) in other._reasons.items():
            had, had_ids, had_detail = self._reasons.get(key, (0, (), None))
            self._reasons[key] = (had + rows, (*had_ids, *ids)[:EXAMPLES], had_detail or detail)
        for name in ("_outcomes", "_flags", "_labels"):
            getattr(self, name).update(getattr(other, name))
        for side, values in other._sides.items():
            self._sides[side].extend(values)
        self._tokens += other._tokens
        self._trained += other._trained
        self.lengths.extend(other.lengths)
        self.kept.extend(other.kept)

    def account(self, split: str, *, group: str | None = None, source: str | None = None) -> PairAccount:
        """The sums as values."""
        reasons = [Reason(*key, rows, ids, detail) for key, (rows, ids, detail) in self._reasons.items()]
        sides = {side: np.array(values, np.int64) for side, values in self._sides.items()}
        chosen, rejected = (sides.get(side, np.zeros(0, np.int64)) for side in ("chosen", "rejected"))
        return PairAccount(
            split,
            group,
            source,
            rows=sum(self._outcomes.values()),
            outcomes={outcome: self._outcomes[outcome] for outcome in OUTCOMES},
            reasons=tuple(sorted(reasons, key=lambda one: (OUTCOMES[::-1].index(one.outcome), -one.rows, one.reason))),
            tokens=self._tokens,
            trained=self._trained,
            sides={side: lengths_of(values) for side, values in sides.items()},
            chosen_longer=int(np.count_nonzero(chosen > rejected)),
            pairs=len(chosen),
            labels=dict(self._labels),
            flags=dict(self._flags.most_common()),
            lengths=lengths_of(np.array(self.lengths, np.int64)),
        )


def sides_of(stage: Stage, sequences: Sequence[tuple[Sequence[int], int]]) -> dict[str, int]:
    """Tokens of the prompt and of each answer.

    :param sequences: what the model reads, with the tokens of it that are the prompt's; see `sequences_of`.
    """
    if not sequences:
        return {}
    if stage == "grpo":
        return {"prompt": len(sequences[0][0])}
    names = ("completion",) if stage == "kto" else ("chosen", "rejected")
    prompt = {"prompt": sequences[0][1]} if stage != "reward" else {}  # a reward model reads both as one text
    return prompt | {name: len(ids) - start for name, (ids, start) in zip(names, sequences)}


def _longest(sides: Mapping[str, int], fate: Fate) -> int:
    """Tokens of the longest sequence of the whole row, 0 where it has none."""
    if fate.reason in ("too_long", "prompt_too_long") and fate.value is not None:
        return int(fate.value)
    answers = [length for side, length in sides.items() if side != "prompt"]
    return sides.get("prompt", 0) + max(answers, default=0)

"""Counting what became of rows, as they pass: a few sums and two arrays of lengths for each source.

>>> tally = Tally(TokenIds(end=frozenset({2}), bos=None, strings=("<|im_end|>",)))
>>> tally.account("train").rows
0
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.records import Messages, Record
from tunesmith.train.preflight_types import OUTCOMES, Account, Copies, Lengths, Reason, Special, Tokens
from tunesmith.train.types import MASKED, PARTS, Example, Fate, Row

EXAMPLES = 5  # ids that a reason names
PERCENTILES = (50, 90, 95, 99)

_END = PARTS.index("end")
_QUIET = (_END, PARTS.index("template"))  # what may stand behind the last word of an answer
Ints = npt.NDArray[np.int64]


class TokenIds(NamedTuple):
    """What a tally has to know of a tokenizer.

    :param end: tokens that end an answer.
    :param bos: the first token of a text, None where there is none.
    :param strings: special tokens as they would stand in a text.
    """

    end: frozenset[int]
    bos: int | None
    strings: tuple[str, ...]


class Tally:
    """Sums over the rows of one source in one set."""

    def __init__(self, ids: TokenIds) -> None:
        self._ids = ids
        self._outcomes: Counter[str] = Counter()
        self._reasons: dict[tuple[str, str], tuple[int, tuple[str, ...], str | None]] = {}
        self._counts: Ints = np.zeros((2, len(PARTS)), np.int64)  # masked, trained
        self._examples = self._ended = 0
        self._bos: Counter[str] = Counter()
        self._special: Counter[str] = Counter()
        self._strings: Counter[str] = Counter()
        self._roles: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._copies: Counter[int] = Counter()
        self._copied_tokens = self._copied_trained = 0
        self.lengths, self.kept = array("q"), array("b")  # of whole rows; whether the row is trained
        self.sequences, self.copies = array("q"), array("q")  # of examples

    def add(self, row: Row, examples: tuple[Example, ...], fate: Fate) -> None:
        """One row, in any order."""
        self._outcomes[fate.outcome] += 1
        if fate.reason is not None:
            self._because(fate)
        self._roles.update(turn.role for turn in turns_of(row.record))
        self._flags.update(fate.flags)
        if SPECIAL_FLAG in fate.flags or fate.reason == SPECIAL_FLAG:
            self._special["refused" if fate.outcome == "dropped" else "escaped"] += 1
            self._strings.update(strings_in(row.record, self._ids.strings))
        if (length := length_of(fate, examples)) is not None:
            self.lengths.append(length)
            self.kept.append(fate.outcome != "dropped")
        self._copies[row.copies] += 1
        for example in examples:
            self._example(example, row.copies)

    def _because(self, fate: Fate) -> None:
        key = (fate.outcome, fate.reason or "")
        rows, ids, detail = self._reasons.get(key, (0, (), fate.detail))
        self._reasons[key] = (rows + 1, (*ids, fate.row_id) if len(ids) < EXAMPLES else ids, detail)

    def _example(self, example: Example, copies: int) -> None:
        trained = example.labels != MASKED
        counts = np.bincount(example.parts + len(PARTS) * trained, minlength=2 * len(PARTS)).reshape(2, len(PARTS))
        self._counts += counts
        self._examples += 1
        self._ended += ends(example, trained, self._ids.end)
        if self._ids.bos is not None:
            self._bos[("0", "1", "2+")[min(2, int(np.count_nonzero(example.input_ids == self._ids.bos)))]] += 1
        self.sequences.append(len(example.input_ids))
        self.copies.append(copies)
        self._copied_tokens += copies * len(example.input_ids)
        self._copied_trained += copies * int(counts[1].sum())

    def merge(self, other: Tally) -> None:
        """Add what another counted."""
        for (outcome, reason), (rows, ids, detail) in other._reasons.items():
            had, had_ids, had_detail = self._reasons.get((outcome, reason), (0, (), None))
            self._reasons[outcome, reason] = (had + rows, (*had_ids, *ids)[:EXAMPLES], had_detail or detail)
        self._counts += other._counts
        for name in ("_outcomes", "_bos", "_special", "_strings", "_roles", "_flags", "_copies"):
            getattr(self, name).update(getattr(other, name))
        for name in ("_examples", "_ended", "_copied_tokens", "_copied_trained"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("lengths", "kept", "sequences", "copies"):
            getattr(self, name).extend(getattr(other, name))

    def account(self, split: str, *, group: str | None = None, source: str | None = None) -> Account:
        """The sums as values."""
        masked, trained = ({part: int(n) for part, n in zip(PARTS, line) if n} for line in self._counts)
        reasons = [Reason(*key, rows, ids, detail) for key, (rows, ids, detail) in self._reasons.items()]
        return Account(
            split,
            group,
            source,
            rows=sum(self._outcomes.values()),
            outcomes={outcome: self._outcomes[outcome] for outcome in OUTCOMES},
            reasons=tuple(sorted(reasons, key=lambda one: (OUTCOMES[::-1].index(one.outcome), -one.rows, one.reason))),
            examples=self._examples,
            tokens=Tokens(trained, masked),
            end_trained=self._ended,
            bos={} if self._ids.bos is None else {key: self._bos[key] for key in ("0", "1", "2+")},
            no_trained=sum(one.rows for one in reasons if one.reason == "no_trained_token"),
            special=Special(self._special["escaped"], self._special["refused"], dict(self._strings.most_common())),
            roles=dict(self._roles.most_common()),
            flags=dict(self._flags.most_common()),
            lengths=lengths_of(np.frombuffer(self.lengths, np.int64) if self.lengths else np.zeros(0, np.int64)),
            copies=self._repeated(),
        )

    def _repeated(self) -> Copies:
        repeated = sum(rows for copies, rows in self._copies.items() if copies > 1)
        return Copies(
            repeated, max(self._copies, default=0), sum(self.copies), self._copied_tokens, self._copied_trained
        )


#: Reasons whose value, where there is one, is the row's length.
_MEASURED = ("too_long", "chunked", "no_trained_token")
#: The flag of a row whose text was escaped, and the reason of one that was refused for it.
SPECIAL_FLAG = "special_tokens_in_text"


def ends(example: Example, trained: npt.NDArray[np.bool_], end_ids: frozenset[int]) -> bool:
    """Whether the last answer that is trained ends with a trained token that says so."""
    places = np.flatnonzero(trained)
    for place in places[::-1]:
        if int(example.input_ids[place]) in end_ids:
            return True
        if int(example.parts[place]) not in _QUIET:
            return False
    return False


def length_of(fate: Fate, examples: Sequence[Example]) -> int | None:
    """Tokens that the row asks for in one sequence, before anything is cut: of the longest, where a template makes
    several of a row. None where it has none, as a row that the template refused."""
    if fate.value is not None and fate.reason in _MEASURED:
        return int(fate.value)
    return max((len(example.input_ids) for example in examples), default=fate.n_tokens) or None


def lengths_of(lengths: Ints) -> Lengths:
    """Percentiles: the smallest length that so many per cent of the rows do not exceed.

    >>> lengths_of(np.arange(1, 101)).p95
    95
    """
    if not len(lengths):
        return Lengths(0, 0, 0, 0, 0, 0)
    found = np.percentile(lengths, PERCENTILES, method="inverted_cdf")
    p50, p90, p95, p99 = (int(value) for value in found)
    return Lengths(len(lengths), p50, p90, p95, p99, int(lengths.max()))


def turns_of(record: Record) -> Messages:
    """Every turn of a row, both answers of a pair too."""
    return (*record.turns, *(record.chosen or ()), *(record.rejected or ()))


def strings_in(record: Record, strings: Iterable[str]) -> list[str]:
    """The special tokens that stand in a row's text."""
    texts = [text for turn in turns_of(record) for text in (turn.content, turn.reasoning) if text]
    texts += [record.text] if record.text else []
    return [string for string in strings if any(string in text for text in texts)]

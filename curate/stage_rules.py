"""Stage 3 of a run: the first dropping rule that a row fails drops it; the flagging ones give it their flags.

A run decides here, and so do the preview and the profile: what they tell is what a run does.

>>> table = pa.table({"kind": ["sft"] * 2, "language": ["en"] * 2, "words": [1, 9]})
>>> rules = {"few": {"when": "words < 3", "policy": "flag"}, "many": {"when": "words > 5", "policy": "drop"}}
>>> outcome = judge_rules(table, rules)
>>> outcome.rule_names().tolist(), rule_flags(outcome, ~outcome.dropped)["few"].tolist()
([None, 'many'], [True, False])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.ledger import DROPPED, FAILED_TYPE, Verdicts
from tunesmith.curate.rules import FLAG, Columns, Judged, Settings, judge_all, policy_of

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Active = Mapping[str, Settings]


class Outcome(NamedTuple):
    """What the rules stage decides about rows; arrays of shape `(n_rows,)`."""

    judged: dict[str, Judged]
    flagging: frozenset[str]  # the rules that flag; the others drop
    first: Places  # place in `judged` of the rule that drops the row, -1 where it stays
    n_dropping: Places  # dropping rules that the row fails

    @property
    def dropped(self) -> Mask:
        """The rows that leave."""
        dropped: Mask = self.first >= 0
        return dropped

    @property
    def flagged(self) -> Mask:
        """The rows that stay and fail a flagging rule."""
        flagged = np.zeros(len(self.first), bool)
        for name in self.flagging:
            flagged |= self.flagged_by(name)
        return flagged

    def rule_names(self) -> npt.NDArray[np.object_]:
        """The rule that drops each row, None where it stays."""
        names: npt.NDArray[np.object_] = np.array([*self.judged, None], object)[self.first]
        return names

    def dropped_by(self, rule: str) -> Mask:
        """The rows that this rule drops."""
        names = [*self.judged]
        return self.first == names.index(rule) if rule in names else np.zeros(len(self.first), bool)

    def flagged_by(self, rule: str) -> Mask:
        """The rows that stay and get this rule's flag."""
        flagged: Mask = self.failed(rule) & ~self.dropped if rule in self.flagging else np.zeros(len(self.first), bool)
        return flagged

    def failed(self, rule: str) -> Mask:
        """The rows that fail this rule, whatever rule drops them."""
        return self.judged[rule].failed if rule in self.judged else np.zeros(len(self.first), bool)

    def only(self, rule: str) -> Mask:
        """The rows that this rule drops and no other would: they would stay if it were off."""
        only: Mask = self.dropped_by(rule) & (self.n_dropping == 1)
        return only


def judge_rules(columns: pa.Table | Columns, rules: Active, rows: Mask | None = None) -> Outcome:
    """Decide about every row.

    :param columns: the columns of `SIGNALS`, with `kind`.
    :param rules: as `recipe.resolved_rules` gives them.
    :param rows: those that may fail a rule, shape `(n_rows,)`; by default all.
    """
    return decide_rules(judge_all(columns, rules), rules, np.ones(len(columns), bool) if rows is None else rows)


def decide_rules(judged: Mapping[str, Judged], rules: Active, rows: Mask) -> Outcome:
    """Decide about rows that every rule has judged; settings and `rows` as of `judge_rules`."""
    judged = {name: found._replace(failed=found.failed & rows) for name, found in judged.items()}
    flagging = frozenset(name for name in judged if policy_of(name, rules[name]) == FLAG)
    first, n_dropping = np.full(len(rows), -1, np.int64), np.zeros(len(rows), np.int64)
    for place, (name, found) in enumerate(judged.items()):
        if name not in flagging:
            first[found.failed & (first < 0)] = place
            n_dropping += found.failed
    return Outcome(judged, flagging, first, n_dropping)


def apply_rules(outcome: Outcome, verdicts: Verdicts, exempt: Mask) -> None:
    """Drop the rows that a rule drops, with the value that it measured and its threshold.

    :param exempt: the rows that a person keeps.
    """
    value, threshold = (np.full(len(exempt), np.nan) for _ in range(2))
    for name, found in outcome.judged.items():
        mine = outcome.dropped_by(name)
        value[mine], threshold[mine] = found.value[mine], found.threshold[mine]
    verdicts.leave(
        outcome.dropped & ~exempt,
        DROPPED,
        stage="rules",
        rule=outcome.rule_names(),
        value=value,
        threshold=threshold,
    )


def rule_flags(outcome: Outcome, rows: Mask) -> dict[str, Mask]:
    """A mask for each flagging rule that a row fails, in the order of judging.

    :param rows: those that stayed and that no person decided to keep.
    """
    marked = {name: outcome.failed(name) & rows for name in outcome.judged if name in outcome.flagging}
    return {name: mask for name, mask in marked.items() if mask.any()}


def failed_rules(outcome: Outcome) -> pa.ListArray:
    """For each row every rule that it fails, with value and threshold: the ledger's `failed`."""
    names = [*outcome.judged]
    marks = np.zeros((len(outcome.first), len(names)), bool)
    value, threshold = (np.zeros(marks.shape) for _ in range(2))
    for place, found in enumerate(outcome.judged.values()):
        marks[:, place], value[:, place], threshold[:, place] = found
    told = [
        pa.array(names, pa.string()).take(pa.array(marks.nonzero()[1])),
        *(pa.array(numbers[marks], pa.float64(), from_pandas=True) for numbers in (value, threshold)),  # NaN is null
    ]
    offsets = np.concatenate(([0], np.cumsum(marks.sum(axis=1))))
    entries = pa.StructArray.from_arrays(told, fields=[*FAILED_TYPE.value_type])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), entries)

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
from tunesmith.curate.rules import FLAG, Judged, Settings, judge_all, policy_of
from tunesmith.curate.threads import run_threads

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.integer]
Numbers = npt.NDArray[np.float64]
#: Rows whose columns are numbers in memory at the same time, in each thread: some 300 bytes a row for each rule.
_ROWS_A_TIME = 1 << 16
Active = Mapping[str, Settings]


class Failing(NamedTuple):
    """The rows of a run that fail one rule, ascending, each with what the rule measured of it."""

    n_rows: int  # of the run
    rows: Places
    value: Numbers
    threshold: Numbers

    @property
    def failed(self) -> Mask:
        """The same as a mask, shape `(n_rows,)`."""
        failed = np.zeros(self.n_rows, bool)
        failed[self.rows] = True
        return failed

    def at(self, number: int) -> tuple[float, float]:
        """Value and threshold of one of the rows."""
        place = int(np.searchsorted(self.rows, number))
        return float(self.value[place]), float(self.threshold[place])


class Outcome(NamedTuple):
    """What the rules stage decides about rows; arrays of shape `(n_rows,)`."""

    judged: dict[str, Failing]
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


def judge_rules(columns: pa.Table, rules: Active, rows: Mask | None = None, *, threads: int | None = None) -> Outcome:
    """Decide about every row, some at a time, so that memory holds only what failed.

    :param columns: the columns of `SIGNALS`, with `kind`.
    :param rules: as `recipe.resolved_rules` gives them.
    :param rows: those that may fail a rule, shape `(n_rows,)`; by default all.
    """
    may_fail = np.ones(len(columns), bool) if rows is None else rows

    def judge(start: int) -> dict[str, Failing]:
        here = slice(start, start + _ROWS_A_TIME)
        return _failing(judge_all(columns.slice(start, _ROWS_A_TIME), rules), may_fail[here])

    parts = run_threads(judge, range(0, max(len(columns), 1), _ROWS_A_TIME), threads)
    starts = np.arange(len(parts)) * _ROWS_A_TIME
    joined = {
        name: Failing(
            len(columns),
            np.concatenate([part[name].rows + start for part, start in zip(parts, starts)]),
            *(np.concatenate([part[name][of] for part in parts]) for of in (2, 3)),
        )
        for name in parts[0]
    }
    return _decide(joined, rules, len(columns))


def decide_rules(judged: Mapping[str, Judged], rules: Active, rows: Mask) -> Outcome:
    """Decide about rows that every rule has judged; settings and `rows` as of `judge_rules`."""
    return _decide(_failing(judged, rows), rules, len(rows))


def _failing(judged: Mapping[str, Judged], rows: Mask) -> dict[str, Failing]:
    found = {}
    for name, (failed, value, threshold) in judged.items():
        mine = np.flatnonzero(failed & rows)
        found[name] = Failing(len(rows), mine, value[mine], threshold[mine])
    return found


def _decide(judged: dict[str, Failing], rules: Active, n_rows: int) -> Outcome:
    flagging = frozenset(name for name in judged if policy_of(name, rules[name]) == FLAG)
    first, n_dropping = np.full(n_rows, -1, np.int16), np.zeros(n_rows, np.int16)
    for place, (name, found) in enumerate(judged.items()):
        if name not in flagging:
            first[found.rows[first[found.rows] < 0]] = place
            n_dropping[found.rows] += 1
    return Outcome(judged, flagging, first, n_dropping)


def apply_rules(outcome: Outcome, verdicts: Verdicts, exempt: Mask) -> None:
    """Drop the rows that a rule drops, with the value that it measured and its threshold.

    :param exempt: the rows that a person keeps.
    """
    value, threshold = (np.full(len(exempt), np.nan) for _ in range(2))
    for place, found in enumerate(outcome.judged.values()):
        mine = outcome.first[found.rows] == place
        value[found.rows[mine]], threshold[found.rows[mine]] = found.value[mine], found.threshold[mine]
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
    judged = [*outcome.judged.values()]
    rows = np.concatenate([found.rows for found in judged]) if judged else np.empty(0, np.int64)
    order = np.argsort(rows, kind="stable")  # of one row, the rules in the order of judging
    names = pa.array(np.repeat(np.arange(len(judged), dtype=np.int32), [len(found.rows) for found in judged])[order])
    told = [
        pa.array([*outcome.judged], pa.string()).take(names),
        *(
            pa.array(np.concatenate([found[of] for found in judged] or [np.empty(0)])[order], from_pandas=True)
            for of in (2, 3)  # value and threshold; NaN is null
        ),
    ]
    counts = np.bincount(rows, minlength=len(outcome.first))
    offsets = np.concatenate(([0], np.cumsum(counts)))
    entries = pa.StructArray.from_arrays(told, fields=[*FAILED_TYPE.value_type])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), entries)

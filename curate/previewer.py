"""A run held ready for previews one after another, as a slider asks for them: each re-judges only what it changes.

Rows that fail the same rules are counted together. A run has few such patterns (some hundreds, of a million rows), so
that every count is a sum over patterns; what a change costs is the rule that it changes.

>>> held = Previewer(open_run(Path("out")))  # doctest: +SKIP
>>> held.preview(["answer_too_short.min_characters.zh=4"]).newly_dropped  # doctest: +SKIP
17
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.preview import (
    NEAREST,
    Mask,
    NearRow,
    Preview,
    RuleChange,
    arrived_rows,
    check_agreement,
    kept_rows,
    measured_columns,
    near_rows,
)
from tunesmith.curate.preview_changes import change_rules, written
from tunesmith.curate.recipe import parse_recipe, resolved_rules
from tunesmith.curate.rules import Columns, Judged, Settings, in_order, judge_all
from tunesmith.curate.rundata import RunData
from tunesmith.curate.stage_rules import Active, Outcome, decide_rules

_NOT_JUDGED, _JUDGED, _EXEMPT = 0, 1, 2

#: Masks of changed rules that are held: one for each change of a draft, and some for a slider that goes back.
_MASKS = 24
#: Up to so many combinations of patterns and changes are counted in a table, beyond by sorting.
_LARGEST_TABLE = 1 << 22


class Previewer:
    """Previews of one run, equal to those of `preview`; only the rows nearest to a threshold are asked for apart.

    Safe to be shared by threads.

    :raises InputError: a run that `preview` refuses.
    """

    def __init__(self, run: RunData) -> None:
        self.run = run
        self.columns = Columns(measured_columns(run))
        self.rules: Active = resolved_rules(parse_recipe(dict(run.recipe), "the run"))
        arrived, kept = arrived_rows(run), kept_rows(run)
        #: The rows that the rules stage may drop, shape `(n_rows,)`.
        self.rows: Mask = arrived & ~kept
        self.n_arrived = int(arrived.sum())
        judged = judge_all(self.columns, self.rules)
        check_agreement(run, decide_rules(judged, self.rules, self.rows), self.rows)
        state = np.where(arrived, np.where(kept, _EXEMPT, _JUDGED), _NOT_JUDGED)
        self._patterns = _patterns_of(state, {name: found.failed for name, found in judged.items()})
        self._masks: dict[str, Mask] = {}
        self._lock = Lock()

    def preview(self, changes: Sequence[str] = (), off: Sequence[str] = (), when: Sequence[str] = ()) -> Preview:
        """What other rules would change; arguments and errors as of `preview`.

        `passing` and `failing` of its rules are empty: `borderline` has them for one rule.
        """
        start = time.perf_counter()
        after = self.changed_rules(changes, off, when)
        cells = self._cells(after)
        rules, sides = (self.rules, after), (cells.before, cells.after)
        before, now = (decide_rules(side, active, cells.state == _JUDGED) for side, active in zip(sides, rules))
        exempt = decide_rules(cells.after, after, cells.state == _EXEMPT)
        names = in_order([*before.judged, *now.judged])
        told = tuple(_rule_change(name, rules, before, now, cells.rows) for name in names)

        def rows(mask: Mask) -> int:
            return int(cells.rows[mask].sum())

        return Preview(
            run=str(self.run.folder),
            rows=len(self.rows),
            judged=self.n_arrived,
            kept_by_decision=rows(exempt.dropped),
            dropped_before=rows(before.dropped),
            dropped_after=rows(now.dropped),
            flagged_before=rows(before.flagged),
            flagged_after=rows(now.flagged),
            newly_dropped=rows(now.dropped & ~before.dropped),
            newly_kept=rows(before.dropped & ~now.dropped),
            rules=told,
            settings={
                one.rule: False if one.after is None else written(one.rule, one.after) for one in told if one.changed
            },
            seconds=round(time.perf_counter() - start, 4),
        )

    @cached_property
    def usual(self) -> Preview:
        """The preview without a change: what the rules stage of the run did."""
        return self.preview()

    def changed_rules(
        self, changes: Sequence[str] = (), off: Sequence[str] = (), when: Sequence[str] = ()
    ) -> dict[str, dict[str, Any]]:
        """The active rules after changes, with every setting.

        :raises RecipeError: a rule, parameter, language, number or expression that is none, all at once.
        :raises InputError: a change that is not written as one.
        """
        if not (changes or off or when):
            return {name: dict(settings) for name, settings in self.rules.items()}
        data = dict(self.run.recipe)
        changed = {**data, "rules": change_rules(data["rules"], changes, off, when)}
        return resolved_rules(parse_recipe(changed, "the changed rules"))

    def judged(self, rule: str, settings: Settings) -> Judged:
        """What one rule finds with some settings, of all rows."""
        return judge_all(self.columns, {rule: settings})[rule]

    def borderline(
        self, rule: str, settings: Settings | None, nearest: int = NEAREST
    ) -> tuple[tuple[NearRow, ...], tuple[NearRow, ...]]:
        """The rows nearest to a rule's threshold that pass and that fail, as a preview of `preview` has them."""
        found = None if settings is None else self.judged(rule, settings)
        return near_rows(self.run, rule, settings, found, self.rows, nearest)

    def _cells(self, after: Active) -> _Cells:
        """Rows that failed the same rules before and fail the same now, counted together."""
        patterns = self._patterns
        again = {name: self._mask(name, one) for name, one in after.items() if self._is_judged_again(name, one)}
        key = patterns.code
        for mask in again.values():
            key = key * 2 + mask
        which, rows = _counted(key, len(patterns.state) << len(again))
        found = patterns.take(which >> len(again))
        now = {name: (which >> place & 1).astype(bool) for place, name in enumerate(reversed(again))}
        sides = found.fails, {name: now[name] if name in now else found.fails[name] for name in in_order(after)}
        before, changed = ({name: _of_cells(mask) for name, mask in side.items()} for side in sides)
        return _Cells(found.state, rows, before, changed)

    def _is_judged_again(self, name: str, settings: Settings) -> bool:
        return name not in self.rules or _conditions(self.rules[name]) != _conditions(settings)

    def _mask(self, name: str, settings: Settings) -> Mask:
        """The rows that fail a rule; the latest are held, so that a draft of many changes judges the last one only."""
        key = json.dumps([name, _conditions(settings)], sort_keys=True)
        with self._lock:
            held = self._masks.pop(key, None)
        mask = self.judged(name, settings).failed if held is None else held
        with self._lock:
            self._masks[key] = mask
            while len(self._masks) > _MASKS:
                self._masks.pop(next(iter(self._masks)))
        return mask


class _Patterns(NamedTuple):
    """The sets of rules that rows fail: of each row its pattern, of each pattern what it is.

    :param code: shape `(n_rows,)`, int64.
    :param state: shape `(n_patterns,)`: judged, exempt, or neither.
    :param fails: rule -> which patterns fail it, shape `(n_patterns,)`.
    """

    code: npt.NDArray[np.int64]
    state: npt.NDArray[np.int64]
    fails: dict[str, Mask]

    def take(self, which: npt.NDArray[np.int64]) -> _Patterns:
        """Some patterns."""
        return _Patterns(self.code, self.state[which], {name: mask[which] for name, mask in self.fails.items()})


class _Cells(NamedTuple):
    """Patterns before and after a change, with how many rows have them; arrays of shape `(n_cells,)`."""

    state: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    before: dict[str, Judged]
    after: dict[str, Judged]


def _patterns_of(state: npt.NDArray[np.int64], failed: Mapping[str, Mask]) -> _Patterns:
    """Rule by rule, each pattern is split in two where some of its rows fail and others do not."""
    patterns = _Patterns(state, np.arange(int(state.max(initial=0)) + 1), {})
    for name, mask in failed.items():
        code = patterns.code * 2 + mask
        used = np.flatnonzero(np.bincount(code, minlength=2 * len(patterns.state)))
        place = np.zeros(2 * len(patterns.state), np.int64)
        place[used] = np.arange(len(used))
        found = patterns.take(used >> 1)
        patterns = found._replace(code=place[code], fails={**found.fails, name: (used & 1).astype(bool)})
    return patterns


def _counted(key: npt.NDArray[np.int64], size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The different keys, which are below `size`, and how often each stands there."""
    if size > max(_LARGEST_TABLE, len(key)):
        keys, counts = np.unique(key, return_counts=True)
        return keys, counts
    table = np.bincount(key, minlength=size)
    used = np.flatnonzero(table)
    return used, table[used]


def _of_cells(failed: Mask) -> Judged:
    """What a rule finds, without values."""
    nothing = np.zeros(len(failed))
    return Judged(failed, nothing, nothing)


def _conditions(settings: Settings) -> dict[str, Any]:
    """What decides which rows fail: not the policy, not the reason that is told."""
    return {key: value for key, value in settings.items() if key not in ("policy", "why")}


def _rule_change(
    name: str, rules: Iterable[Active], before: Outcome, after: Outcome, rows: npt.NDArray[np.int64]
) -> RuleChange:
    was, now = (dict(active[name]) if name in active else None for active in rules)

    def count(mask: Mask) -> int:
        return int(rows[mask].sum())

    return RuleChange(
        rule=name,
        changed=was != now,
        before=was,
        after=now,
        fails_before=count(before.failed(name)),
        fails_after=count(after.failed(name)),
        drops_before=count(before.dropped_by(name)),
        drops_after=count(after.dropped_by(name)),
        only_before=count(before.only(name)),
        only_after=count(after.only(name)),
        flags_before=count(before.flagged_by(name)),
        flags_after=count(after.flagged_by(name)),
        newly_dropped=count(after.dropped_by(name) & ~before.dropped),
        newly_kept=count(before.dropped_by(name) & ~after.dropped),
        passing=(),
        failing=(),
    )

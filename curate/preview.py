"""`tunesmith curate preview`: what other thresholds would change in the rules stage of a finished run, to the row.

Every row is judged again by the columns of `signals.parquet`; no text is read. The counts are of the rules stage alone:
a row that is newly kept still meets the duplicates stage when the recipe runs.

>>> found = preview(open_run(Path("out")), ["answer_too_short.min_characters.zh=4"])  # doctest: +SKIP
>>> found.newly_dropped, found.rules[0].only_after  # doctest: +SKIP
(17, 12)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.preview_changes import Settings, change_rules
from tunesmith.curate.recipe import parse_recipe, resolved_rules
from tunesmith.curate.rules import RULES, Judged, Parameters, judge_all
from tunesmith.curate.rundata import RunData
from tunesmith.curate.stages import CACHE, read_table
from tunesmith.errors import InputError

Flags = npt.NDArray[np.bool_]
Active = Mapping[str, Parameters]

#: Rows on each side of a threshold that are shown.
NEAREST = 5


class Outcome(NamedTuple):
    """What the rules stage decides about rows; arrays of shape `(n_rows,)`."""

    judged: dict[str, Judged]
    first: npt.NDArray[np.int64]  # place in `judged` of the rule that drops the row, -1 where it stays
    n_failed: npt.NDArray[np.int64]  # rules that drop the row, or would if they were alone

    @property
    def dropped(self) -> Flags:
        dropped: Flags = self.first >= 0
        return dropped

    def rule_names(self) -> npt.NDArray[np.object_]:
        """The rule that drops each row, None where it stays."""
        names: npt.NDArray[np.object_] = np.array([*self.judged, None], object)[self.first]
        return names

    def dropped_by(self, rule: str) -> Flags:
        """The rows that this rule drops."""
        names = [*self.judged]
        return self.first == names.index(rule) if rule in names else np.zeros(len(self.first), bool)

    def failed(self, rule: str) -> Flags:
        """The rows that fail this rule, whatever rule drops them."""
        return self.judged[rule].failed if rule in self.judged else np.zeros(len(self.first), bool)

    def only(self, rule: str) -> Flags:
        """The rows that would stay if this one rule were off."""
        only: Flags = self.failed(rule) & (self.n_failed == 1)
        return only


@dataclass(frozen=True)
class NearRow:
    """A row near a threshold, on one side of it."""

    row_id: str
    language: str
    value: float
    threshold: float


@dataclass(frozen=True)
class RuleChange:
    """One rule before and after. Parameters are `{parameter: {language: number}}`, None where the rule is off.

    :param fails_before: rows that fail the rule, of those that the rules stage may drop.
    :param drops_before: rows of which it is the first rule that they fail, so that the ledger names it.
    :param only_before: rows that fail no other rule: they would stay if this one were off.
    :param newly_dropped: rows that stayed before and that this rule drops now.
    :param newly_kept: rows that this rule dropped before and that stay now.
    :param passing: the rows nearest to the new threshold that pass, nearest first; `failing` likewise.
    """

    rule: str
    changed: bool
    before: Settings | None
    after: Settings | None
    fails_before: int
    fails_after: int
    drops_before: int
    drops_after: int
    only_before: int
    only_after: int
    newly_dropped: int
    newly_kept: int
    passing: tuple[NearRow, ...]
    failing: tuple[NearRow, ...]


@dataclass(frozen=True)
class Preview:
    """What changed rules would change.

    :param rows: all rows of the run; `judged` are those that the rules stage may drop: they could be read, and no
        decision and no `num_samples` took them out before.
    :param kept_by_decision: rows that fail a changed or unchanged rule and stay, as a person keeps them.
    :param settings: the changed rules as they are written in a recipe, under `rules`.
    """

    run: str
    rows: int
    judged: int
    kept_by_decision: int
    dropped_before: int
    dropped_after: int
    newly_dropped: int
    newly_kept: int
    rules: tuple[RuleChange, ...]
    settings: dict[str, Any]
    seconds: float


def preview(run: RunData, changes: Sequence[str] = (), off: Sequence[str] = (), *, nearest: int = NEAREST) -> Preview:
    """Judge every row of a finished run by other rules.

    :param changes: `rule.parameter=number`, `rule.parameter.language=number`, `rule=on` or `rule=off`.
    :param off: rules to switch off.
    :param nearest: rows on each side of a threshold that are named.
    :raises RecipeError: a rule, parameter, language or number that is none, all at once.
    :raises InputError: a change that is not written so; a run whose files no longer say how it was decided.
    """
    start = time.perf_counter()
    data = dict(run.recipe)
    changed = {**data, "rules": change_rules(data["rules"], changes, off)}
    rules = [resolved_rules(parse_recipe(recipe, "the changed rules")) for recipe in (data, changed)]
    arrived, kept = arrived_rows(run), kept_rows(run)
    signals = _signals_of(run)
    before, after = (decide_rules(signals, active, arrived & ~kept) for active in rules)
    _check_agreement(run, before)
    names = [name for name in RULES if any(name in active for active in rules)]
    told = tuple(_rule_change(run, name, rules, before, after, arrived & ~kept, nearest) for name in names)
    exempt = decide_rules(signals.filter(pa.array(arrived & kept)), rules[1])
    return Preview(
        run=str(run.folder),
        rows=len(arrived),
        judged=int(arrived.sum()),
        kept_by_decision=int(exempt.dropped.sum()),
        dropped_before=int(before.dropped.sum()),
        dropped_after=int(after.dropped.sum()),
        newly_dropped=int((after.dropped & ~before.dropped).sum()),
        newly_kept=int((before.dropped & ~after.dropped).sum()),
        rules=told,
        settings={one.rule: False if one.after is None else _short(one.after) for one in told if one.changed},
        seconds=round(time.perf_counter() - start, 4),
    )


def decide_rules(signals: pa.Table, rules: Active, rows: Flags | None = None) -> Outcome:
    """Decide as the rules stage of a run does.

    :param signals: the columns of `SIGNALS`, with `kind`.
    :param rules: as `recipe.resolved_rules` gives them.
    :param rows: those that the stage may drop, shape `(n_rows,)`; by default all.
    """
    judged = judge_all(signals, rules)
    if rows is not None:
        judged = {name: found._replace(failed=found.failed & rows) for name, found in judged.items()}
    first, n_failed = np.full(len(signals), -1, np.int64), np.zeros(len(signals), np.int64)
    for place, found in enumerate(judged.values()):
        first[found.failed & (first < 0)] = place
        n_failed += found.failed
    return Outcome(judged, first, n_failed)


def arrived_rows(run: RunData) -> Flags:
    """The rows that came to the rules stage: readable, neither dropped by a person nor outside `num_samples`."""
    ledger = run.ledger
    left = pc.or_kleene(
        pc.is_in(ledger["stage"], pa.array(["ingest", "decisions"])), pc.equal(ledger["rule"], "num_samples")
    )
    arrived: Flags = ~pc.fill_null(left, False).to_numpy()
    return arrived


def kept_rows(run: RunData) -> Flags:
    """The rows that a person had decided to keep when the run was made: no rule drops them.

    :raises InputError: where the run no longer has the decisions that it applied.
    """
    kept, name = np.zeros(len(run.ledger), bool), run.manifest["applied"]
    if name is None:
        return kept
    path = run.folder / CACHE / name
    if not path.exists():
        what = f"the decisions that this run applied are gone ({CACHE}/{name} is missing)"
        raise InputError(what, where=str(run.folder), remedy="run the recipe again into this folder")
    applied = read_table(path).select(["number", "action"])
    kept[applied["number"].filter(pc.equal(applied["action"], "keep")).to_numpy()] = True
    return kept


def as_json(found: Preview) -> dict[str, Any]:
    """For `--json`."""
    return asdict(found)


def as_text(found: Preview, color: bool = False) -> str:
    """The preview as text for a terminal."""
    from tunesmith.curate.preview_text import as_text as text_of

    shown: Any = found  # a checker that knows this file by two names takes its type for two
    return text_of(shown, color)


def _signals_of(run: RunData) -> pa.Table:
    signals = run.signals.combine_chunks()
    if len(signals) != len(run.ledger):
        what = f"signals.parquet has {len(signals):,} rows where the ledger has {len(run.ledger):,}"
        raise InputError(what, where=str(run.folder), remedy="run the recipe again into this folder")
    return signals


def _check_agreement(run: RunData, decided: Outcome) -> None:
    """The rules as they were have to give what the run wrote, or the counts would be about something else."""
    wrote = pc.if_else(pc.equal(run.ledger["stage"], "rules"), run.ledger["rule"], pa.scalar(None, pa.string()))
    differ = int((wrote.to_numpy(zero_copy_only=False) != decided.rule_names()).sum())
    if differ:
        what = f"{differ:,} rows were decided by another version of the rules than this one"
        raise InputError(what, where=str(run.folder), remedy="run the recipe again into this folder")


def _rule_change(
    run: RunData, name: str, rules: Sequence[Active], before: Outcome, after: Outcome, rows: Flags, nearest: int
) -> RuleChange:
    settings = [_plain(active[name]) if name in active else None for active in rules]
    near = _near_rows(run, name, after, rows, nearest) if settings[1] else ((), ())
    return RuleChange(
        rule=name,
        changed=settings[0] != settings[1],
        before=settings[0],
        after=settings[1],
        fails_before=int(before.failed(name).sum()),
        fails_after=int(after.failed(name).sum()),
        drops_before=int(before.dropped_by(name).sum()),
        drops_after=int(after.dropped_by(name).sum()),
        only_before=int(before.only(name).sum()),
        only_after=int(after.only(name).sum()),
        newly_dropped=int((after.dropped_by(name) & ~before.dropped).sum()),
        newly_kept=int((before.dropped_by(name) & ~after.dropped).sum()),
        passing=near[0],
        failing=near[1],
    )


def _near_rows(
    run: RunData, name: str, outcome: Outcome, rows: Flags, nearest: int
) -> tuple[tuple[NearRow, ...], tuple[NearRow, ...]]:
    """The rows nearest to the threshold, those that pass and those that fail; of equal distance the earlier."""
    found = outcome.judged[name]
    if not RULES[name].on_text:
        rows = rows & pc.not_equal(run.signals["kind"], "text").to_numpy()
    distance = np.abs(found.value - found.threshold)
    sides = (rows & ~found.failed, found.failed)
    passing, failing = (tuple(_nearest(run, found, np.flatnonzero(side), distance, nearest)) for side in sides)
    return passing, failing


def _nearest(
    run: RunData, found: Judged, rows: npt.NDArray[np.int64], distance: npt.NDArray[np.float64], count: int
) -> Iterator[NearRow]:
    if len(rows) > count:
        limit = np.partition(distance[rows], count)[count]
        rows = rows[distance[rows] <= limit]
    for row in rows[np.argsort(distance[rows], kind="stable")][:count].tolist():
        row_id, language = (run.signals[column][row].as_py() for column in ("row_id", "language"))
        yield NearRow(row_id, language, float(found.value[row]), float(found.threshold[row]))


def _plain(parameters: Parameters) -> Settings:
    return {name: dict(numbers) for name, numbers in parameters.items()}


def _short(settings: Settings) -> dict[str, Any]:
    """As a person writes it: one number where all languages have it, zh and en where their kin go with them."""
    return {name: _few(numbers) for name, numbers in settings.items()}


def _few(numbers: Mapping[str, float]) -> Any:
    if len(set(numbers.values())) == 1:
        return numbers["zh"]
    if numbers["ja"] == numbers["ko"] == numbers["zh"] and numbers["other"] == numbers["en"]:
        return {"zh": numbers["zh"], "en": numbers["en"]}
    return dict(numbers)

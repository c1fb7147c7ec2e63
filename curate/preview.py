"""`tunesmith curate preview`: what other thresholds would change in the rules stage of a finished run, to the row.

Every row is judged again by the columns of `signals.parquet`; no text is read. The counts are of the rules stage alone:
a row that is newly kept still meets the duplicates stage when the recipe runs.

>>> found = preview(open_run(Path("out")), ["answer_too_short.min_characters.zh=4"])  # doctest: +SKIP
>>> found.newly_dropped, found.rules[0].only_after  # doctest: +SKIP
(17, 12)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.ledger import DROPPED, INVALID
from tunesmith.curate.preview_changes import change_rules, written
from tunesmith.curate.recipe import parse_recipe, resolved_rules
from tunesmith.curate.rules import Columns, Judged, Settings, in_order, judge_all, parameters_of, rule_of
from tunesmith.curate.rundata import RunData
from tunesmith.curate.stage_rules import Active, Outcome, decide_rules
from tunesmith.curate.stages import CACHE, read_table
from tunesmith.errors import InputError

Mask = npt.NDArray[np.bool_]

#: Rows on each side of a threshold that are shown.
NEAREST = 5


@dataclass(frozen=True)
class NearRow:
    """A row near a threshold, on one side of it."""

    row_id: str
    language: str
    value: float
    threshold: float


@dataclass(frozen=True)
class RuleChange:
    """One rule before and after: its settings as in a resolved recipe, None where the rule is off.

    :param fails_before: rows that fail the rule, of those that the rules stage may drop.
    :param drops_before: rows of which it is the first dropping rule that they fail, so that the ledger names it.
    :param only_before: rows that it drops and no other rule would: they would stay if this one were off.
    :param flags_before: rows that stay with its flag.
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
    flags_before: int
    flags_after: int
    newly_dropped: int
    newly_kept: int
    passing: tuple[NearRow, ...]
    failing: tuple[NearRow, ...]


@dataclass(frozen=True)
class Preview:
    """What changed rules would change.

    :param rows: all rows of the run; `judged` are those that the rules stage may drop: they could be read, and no
        decision and no `num_samples` took them out before.
    :param kept_by_decision: rows that fail a dropping rule and stay, as a person keeps them.
    :param flagged_before: rows that stay and fail a flagging rule.
    :param settings: the changed rules as they are written in a recipe, under `rules`; False where one is off.
    """

    run: str
    rows: int
    judged: int
    kept_by_decision: int
    dropped_before: int
    dropped_after: int
    flagged_before: int
    flagged_after: int
    newly_dropped: int
    newly_kept: int
    rules: tuple[RuleChange, ...]
    settings: dict[str, Any]
    seconds: float


def preview(
    run: RunData,
    changes: Sequence[str] = (),
    off: Sequence[str] = (),
    when: Sequence[str] = (),
    *,
    nearest: int = NEAREST,
) -> Preview:
    """Judge every row of a finished run by other rules.

    :param changes: `rule.parameter=number`, `rule.parameter.language=number`, `rule.policy=flag`, `rule=on` or
        `rule=off`.
    :param off: rules to switch off.
    :param when: `name=expression`, a rule of one's own, new or changed.
    :param nearest: rows on each side of a threshold that are named.
    :raises RecipeError: a rule, parameter, language, number or expression that is none, all at once.
    :raises InputError: a change that is not written so; a run whose files no longer say how it was decided.
    """
    start = time.perf_counter()
    data = dict(run.recipe)
    changed = {**data, "rules": change_rules(data["rules"], changes, off, when)}
    rules = [resolved_rules(parse_recipe(recipe, "the changed rules")) for recipe in (data, changed)]
    arrived, kept = arrived_rows(run), kept_rows(run)
    columns = Columns(measured_columns(run))
    judged = _judged(columns, rules)
    before, after = (decide_rules(*one, arrived & ~kept) for one in zip(judged, rules))
    check_agreement(run, before, arrived & ~kept)
    exempt = decide_rules(judged[1], rules[1], arrived & kept)
    told = tuple(
        _rule_change(run, name, rules, before, after, judged[1].get(name), arrived & ~kept, nearest)
        for name in in_order([*before.judged, *after.judged])
    )
    return Preview(
        run=str(run.folder),
        rows=len(arrived),
        judged=int(arrived.sum()),
        kept_by_decision=int(exempt.dropped.sum()),
        dropped_before=int(before.dropped.sum()),
        dropped_after=int(after.dropped.sum()),
        flagged_before=int(before.flagged.sum()),
        flagged_after=int(after.flagged.sum()),
        newly_dropped=int((after.dropped & ~before.dropped).sum()),
        newly_kept=int((before.dropped & ~after.dropped).sum()),
        rules=told,
        settings={
            one.rule: False if one.after is None else written(one.rule, one.after) for one in told if one.changed
        },
        seconds=round(time.perf_counter() - start, 4),
    )


def arrived_rows(run: RunData) -> Mask:
    """The rows that came to the rules stage: readable, neither dropped by a person nor outside `num_samples`."""
    ledger = run.ledger
    left = pc.or_kleene(
        pc.is_in(ledger["stage"], pa.array(["ingest", "decisions"])), pc.equal(ledger["rule"], "num_samples")
    )
    arrived: Mask = ~pc.fill_null(left, False).to_numpy()
    return arrived


def kept_rows(run: RunData) -> Mask:
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


def measured_columns(run: RunData) -> pa.Table:
    """The signals of every row, with its source and group."""
    signals = run.signals.combine_chunks()
    if len(signals) != len(run.ledger):
        what = f"signals.parquet has {len(signals):,} rows where the ledger has {len(run.ledger):,}"
        raise InputError(what, where=str(run.folder), remedy="run the recipe again into this folder")
    if len(signals) and "ending" in signals.column_names and signals["ending"].null_count == len(signals):
        what = "this run measured no more than lengths, as `curate dedup` does"
        raise InputError(what, where=str(run.folder), remedy="run a recipe with `curate run` and preview that")
    for name in ("source", "group"):
        if name not in signals.column_names:
            signals = signals.append_column(name, run.ledger[name])
    return signals


def _judged(columns: Columns, rules: Sequence[Active]) -> tuple[dict[str, Judged], dict[str, Judged]]:
    """What the rules say before and after; one that did not change judges once."""
    before = judge_all(columns, rules[0])
    changed = judge_all(columns, {name: one for name, one in rules[1].items() if one != rules[0].get(name)})
    both = {**before, **changed}
    return before, {name: both[name] for name in in_order(rules[1]) if name in both}


def check_agreement(run: RunData, decided: Outcome, rows: Mask) -> None:
    """The rules as they were have to give what the run wrote, or the counts would be about something else.

    :raises InputError: where they do not.
    """
    ledger = run.ledger
    wrote = pc.if_else(pc.equal(ledger["stage"], "rules"), ledger["rule"], pa.scalar(None, pa.string()))
    differs = wrote.to_numpy(zero_copy_only=False) != decided.rule_names()
    stayed = rows & ~pc.is_in(ledger["verdict"], pa.array([DROPPED, INVALID])).to_numpy()
    flags = ledger["flags"].combine_chunks()
    row_of, flag = pc.list_parent_indices(flags).to_numpy(), flags.flatten()
    for name in decided.flagging:
        has = np.zeros(len(rows), bool)
        has[row_of[pc.equal(flag, name).to_numpy(zero_copy_only=False)]] = True
        differs |= stayed & (has != decided.flagged_by(name))
    if differs.any():
        what = f"{int(differs.sum()):,} rows were decided by another version of the rules than this one"
        raise InputError(what, where=str(run.folder), remedy="run the recipe again into this folder")


def _rule_change(
    run: RunData,
    name: str,
    rules: Sequence[Active],
    before: Outcome,
    after: Outcome,
    found: Judged | None,
    rows: Mask,
    nearest: int,
) -> RuleChange:
    settings = [dict(active[name]) if name in active else None for active in rules]
    near = near_rows(run, name, settings[1], found, rows, nearest)
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
        flags_before=int(before.flagged_by(name).sum()),
        flags_after=int(after.flagged_by(name).sum()),
        newly_dropped=int((after.dropped_by(name) & ~before.dropped).sum()),
        newly_kept=int((before.dropped_by(name) & ~after.dropped).sum()),
        passing=near[0],
        failing=near[1],
    )


def near_rows(
    run: RunData, name: str, settings: Settings | None, found: Judged | None, rows: Mask, nearest: int = NEAREST
) -> tuple[tuple[NearRow, ...], tuple[NearRow, ...]]:
    """The rows nearest to the threshold, those that pass and those that fail; of equal distance the earlier.

    None where the rule is off or compares with no number that a recipe may set.

    :param found: what the rule finds with these settings.
    :param rows: those that the rules stage may drop.
    """
    if settings is None or found is None or not ("when" in settings or parameters_of(settings)):
        return (), ()
    if not rule_of(name, settings).on_text:
        rows = rows & pc.not_equal(run.signals["kind"], "text").to_numpy()
    distance = np.abs(found.value - found.threshold)
    known = rows & ~np.isnan(distance)
    sides = (known & ~found.failed, known & found.failed)
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

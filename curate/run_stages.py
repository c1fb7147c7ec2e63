"""The stages of a run up to the mix, in their order. Each reads the columns of the rows and writes into `Verdicts`.

    ingest -> decisions -> tokens | rules -> contamination -> duplicates -> selection -> split -> mix

`prepare` is what comes before the bar: rows that are read, measured and decided about by people. `decide` is what comes
after it. The text is touched again only to compare it and to write it out.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from tunesmith.curate.decisions import Decided as Decision
from tunesmith.curate.engines.engine import Engine
from tunesmith.curate.ledger import Verdicts
from tunesmith.curate.mix import Mixed
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe, Recipe, resolved_rules
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.rows import Rows, announce_formats, ingest_all
from tunesmith.curate.run_inputs import NamedFiles
from tunesmith.curate.run_selection import (
    Chosen,
    Stage,
    balance_names,
    drop_semantic,
    embeddings_folder,
    group_rows,
    select_diverse,
)
from tunesmith.curate.said import Said
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.sources import Source
from tunesmith.curate.split import Split
from tunesmith.curate.stage_columns import TOKENS, count_row_tokens, with_scores
from tunesmith.curate.stage_contamination import CONTAMINATION, apply_contamination, find_overlap
from tunesmith.curate.stage_decisions import decide_rows, remember, sample_entries
from tunesmith.curate.stage_duplicates import apply_duplicates, find_duplicates
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stage_mix import apply_mix
from tunesmith.curate.stage_privacy import apply_privacy
from tunesmith.curate.stage_rules import Outcome, apply_rules, judge_rules
from tunesmith.curate.stage_split import apply_split, split_sides
from tunesmith.curate.stages import RunCache
from tunesmith.curate.timings import Timings


class Settings(NamedTuple):
    """What every stage works with."""

    loaded: LoadedRecipe
    files: NamedFiles
    cache: RunCache
    engine: Engine
    progress: Progress
    timings: Timings


class Prepared(NamedTuple):
    """Rows that are read, measured, and decided about by people. `used`: names in the stage cache."""

    rows: Rows
    verdicts: Verdicts
    decision: Decision
    texts: RowTexts
    applied: str | None  # the stage file of the applied decisions
    announcements: tuple[Said, ...]
    used: frozenset[str]


class Decided(NamedTuple):
    """What the other stages found and did."""

    outcome: Outcome
    overlap: pa.Table  # of the contamination stage
    evidence: pa.Table  # of the duplicates stage
    chosen: Chosen
    split: Split
    mixed: Mixed | None

    def announcements(self) -> list[Said]:
        """What a person has to know of them."""
        told = (self.split.announcement, self.mixed.announcement if self.mixed else None)
        return [*self.chosen.announcements(), *(text for text in told if text)]


def prepare(settings: Settings, sources: tuple[Source, ...]) -> Prepared:
    """Ingest, decisions, and the columns that the recipe adds."""
    recipe, cache, timings = settings.loaded.recipe, settings.cache, settings.timings
    with timings.stage("ingest"):
        rows, used = ingest_all(sources, cache.folder, settings.progress, settings.engine)
    verdicts = Verdicts(len(rows.columns))
    announcements = [*announce_formats(rows)]
    with timings.stage("decisions"):
        decision = decide_rows(rows, verdicts, recipe, settings.files.decisions, announcements)
        rows = rows._replace(columns=with_scores(decision.columns, settings.files.scores))
        applied = remember(decision, cache.folder, cache.mark)
        announcements += sample_entries(rows, verdicts, recipe, decision)
    shards = [path for ingested in rows.ingested for path in ingested.shards]
    texts = RowTexts(shards, decision.edited)
    if settings.files.tokenizer is not None:
        tokenizer = settings.files.tokenizer
        with timings.stage(TOKENS):
            counted = cache.table(TOKENS, lambda: count_row_tokens(texts, tokenizer, settings.progress))
            rows = rows._replace(columns=rows.columns.append_column(TOKENS, counted[TOKENS]))
    kept = {*used, *embeddings_folder(settings.files.embedder), *([applied] if applied else [])}
    return Prepared(rows, verdicts, decision, texts, applied, tuple(announcements), frozenset(kept))


def decide(settings: Settings, prepared: Prepared) -> Decided:
    """From the rules to the mix."""
    rows, verdicts, recipe = prepared.rows, prepared.verdicts, settings.loaded.recipe
    keep, timings, cache = prepared.decision.keep, settings.timings, settings.cache
    stage = Stage(recipe, settings.files.embedder, cache, verdicts, settings.progress)
    with timings.stage("rules"):
        outcome = _judge(prepared, recipe)
    with timings.stage("contamination"):
        seen = _seen(settings, prepared)
        overlap = cache.table(CONTAMINATION, lambda: find_overlap(recipe.contamination, seen, settings.loaded.folder))
        apply_contamination(recipe.contamination, overlap, keep, verdicts)
    with timings.stage("duplicates"):
        alive = _seen(settings, prepared)
        evidence = cache.table("duplicates", lambda: find_duplicates(recipe.duplicates, alive))
        apply_duplicates(recipe.duplicates, evidence, verdicts)
        semantic = drop_semantic(stage, _seen(settings, prepared), evidence)
    with timings.stage("selection"):
        groups = group_rows(stage, _seen(settings, prepared))
        selection = select_diverse(stage, _seen(settings, prepared), groups)
        balance = balance_names(stage, _seen(settings, prepared), groups)
    with timings.stage("split"):
        here = _seen(settings, prepared)
        sides = cache.table("split", lambda: split_sides(recipe, here, rows.source))
        split = apply_split(recipe, sides, verdicts)
    with timings.stage("mix"):
        mixed = apply_mix(rows, verdicts, recipe, prepared.decision)
    return Decided(outcome, overlap, evidence, Chosen(semantic, groups, selection, balance), split, mixed)


def _seen(settings: Settings, prepared: Prepared) -> StageInput:
    """What a stage looks at: who is still here changes from one to the next."""
    rows, verdicts, keep = prepared.rows, prepared.verdicts, prepared.decision.keep
    scratch = Scratch(settings.cache.folder)
    return StageInput(rows.columns, verdicts.alive, keep, prepared.texts, scratch, settings.progress, settings.engine)


def _judge(prepared: Prepared, recipe: Recipe) -> Outcome:
    """The first rule that a row fails drops it, or what it holds of privacy; a row that a person keeps is exempt."""
    columns, keep = prepared.rows.columns, prepared.decision.keep
    outcome = judge_rules(columns, resolved_rules(recipe), columns["invalid"].is_null().to_numpy())
    apply_rules(outcome, prepared.verdicts, keep)
    apply_privacy(recipe.privacy, columns, keep, prepared.verdicts)
    return outcome

"""`tunesmith curate run`: the fixed stages of a curation run, from raw files to an accounted training set.

    ingest -> decisions -> rules -> contamination -> duplicates -> selection -> split -> mix -> export

The recipe configures the stages, never reorders them. Each stage below is one function that reads the columns of the
rows and writes into `Verdicts`; the text is touched again only to write it out. The same recipe, input and seed give
the same bytes.

>>> from pathlib import Path
>>> from tunesmith.curate.recipe import load_recipe
>>> result = run(load_recipe(Path("recipe.yaml")), Path("out"))  # doctest: +SKIP
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tunesmith.curate import output
from tunesmith.curate.decisions import Decided
from tunesmith.curate.engines.engine import Engine
from tunesmith.curate.engines.local import Local
from tunesmith.curate.finished import Finished
from tunesmith.curate.folder import open_folder
from tunesmith.curate.ledger import Verdicts, check_conservation
from tunesmith.curate.manifest import finished_run
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe, Recipe, resolved_rules
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.rows import Rows, announce_formats, ingest_all, open_sources
from tunesmith.curate.run_inputs import NamedFiles, input_places, named_files, run_parts
from tunesmith.curate.run_ledger import run_ledger
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
from tunesmith.curate.stage_columns import TOKENS, count_row_tokens, with_scores
from tunesmith.curate.stage_contamination import CONTAMINATION, apply_contamination, find_overlap
from tunesmith.curate.stage_decisions import decide_rows, remember, sample_entries
from tunesmith.curate.stage_duplicates import apply_duplicates, find_duplicates
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stage_mix import apply_mix
from tunesmith.curate.stage_privacy import apply_privacy
from tunesmith.curate.stage_rules import Outcome, apply_rules, judge_rules
from tunesmith.curate.stage_split import apply_split, split_sides
from tunesmith.curate.stages import RunCache, fingerprint, forget_others
from tunesmith.curate.store import RowStore
from tunesmith.curate.timings import Timings


class RunResult(NamedTuple):
    """What a run did; `counts` and `seconds` are what `--json` prints."""

    out: Path
    counts: dict[str, int]
    announcements: tuple[Said, ...]
    seconds: float
    continued: bool  # whether everything was found finished


def run(
    loaded: LoadedRecipe,
    out: Path,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    workers: int | None = None,
    engine: Engine | None = None,
    drawer: Connection | None = None,
) -> RunResult:
    """Run a recipe into a folder.

    :param workers: how many processes read and convert, this one included; by default one for each core.
    :param engine: where the functions of the stages run; by default here.
    :param drawer: the process that draws the report, where one was started (`rendering.report_process`).
    :raises TunesmithError: for every mistake in the recipe, the input or the folder; finished stages stay and are
    found again.
    """
    progress, timings = progress or Progress(), Timings()
    recipe = loaded.recipe
    with timings.stage("open"):
        sources, files = open_sources(loaded), named_files(loaded)
        parts = run_parts(loaded, sources, files)
        mark, inputs = fingerprint(parts), input_places(loaded, sources, files)
    with open_folder(out, mark, replace=replace, inputs=inputs, parts=parts) as cache:
        finished = finished_run(out, mark)
        if finished is not None and finished["recipe"]["language"] == recipe.language:
            return RunResult(
                out, finished["counts"], tuple(Said(**text) for text in finished["announcements"]), timings.total, True
            )
        return _run(loaded, out, cache, mark, sources, files, progress, timings, engine or Local(workers), drawer)


def _run(
    loaded: LoadedRecipe,
    out: Path,
    cache: Path,
    mark: str,
    sources: tuple[Source, ...],
    files: NamedFiles,
    progress: Progress,
    timings: Timings,
    engine: Engine,
    drawer: Connection | None,
) -> RunResult:
    recipe = loaded.recipe
    with timings.stage("ingest"):
        rows, used = ingest_all(sources, cache, progress, engine)
    verdicts = Verdicts(len(rows.columns))
    announcements = [*announce_formats(rows)]
    with timings.stage("decisions"):
        decision = decide_rows(rows, verdicts, recipe, files.decisions, announcements)
        rows = rows._replace(columns=with_scores(decision.columns, files.scores))
        applied = remember(decision, cache, mark)
        used.update(name for name in [applied] if name)
        announcements += sample_entries(rows, verdicts, recipe, decision)
    shards = [path for ingested in rows.ingested for path in ingested.shards]
    texts = RowTexts(shards, decision.edited)
    tables = RunCache(cache, mark, {})
    stage = Stage(recipe, files.embedder, tables, verdicts, progress)
    if files.tokenizer is not None:
        tokenizer = files.tokenizer
        with timings.stage(TOKENS):
            counted = tables.table(TOKENS, lambda: count_row_tokens(texts, tokenizer, progress))
            rows = rows._replace(columns=rows.columns.append_column(TOKENS, counted[TOKENS]))
    with timings.stage("rules"):
        outcome = _judge(rows, verdicts, recipe, decision)
        apply_privacy(recipe.privacy, rows.columns, decision.keep, verdicts)
    seen = StageInput(rows.columns, verdicts.alive, decision.keep, texts, Scratch(cache), progress, engine)
    with timings.stage("contamination"):
        wish = recipe.contamination
        overlap = tables.table(CONTAMINATION, lambda: find_overlap(wish, seen, loaded.folder))
        apply_contamination(wish, overlap, decision.keep, verdicts)
    with timings.stage("duplicates"):
        seen = seen._replace(alive=verdicts.alive)
        evidence = tables.table("duplicates", lambda: find_duplicates(recipe.duplicates, seen))
        apply_duplicates(recipe.duplicates, evidence, verdicts)
        semantic = drop_semantic(stage, seen._replace(alive=verdicts.alive), evidence)
    with timings.stage("selection"):
        groups = group_rows(stage, seen._replace(alive=verdicts.alive))
        selection = select_diverse(stage, seen._replace(alive=verdicts.alive), groups)
        balance = balance_names(stage, seen._replace(alive=verdicts.alive), groups)
        chosen = Chosen(semantic, groups, selection, balance)
    with timings.stage("split"):
        seen = seen._replace(alive=verdicts.alive)
        sides = tables.table("split", lambda: split_sides(recipe, seen, rows.source))
        split = apply_split(recipe, sides, verdicts)
    with timings.stage("mix"):
        mixed = apply_mix(rows, verdicts, recipe, decision)
    announcements += chosen.announcements()
    announcements += [text for text in (split.announcement, mixed.announcement if mixed else None) if text]
    place = cache / ".ledger.part"  # a leftover by its name, should the run be killed
    ledger = run_ledger(place, rows, verdicts, recipe, outcome, decision, overlap, evidence, semantic)
    check_conservation(ledger, sum(ingested.rows for ingested in rows.ingested))
    store = RowStore(shards, rows.columns, decision.edited)
    for text in announcements:
        progress.say(text.en)
    said = tuple(announcements)
    finished_stages = Finished(
        loaded,
        mark,
        rows,
        ledger,
        place,
        store,
        decision.edited,
        outcome.judged,
        split,
        mixed,
        said,
        files,
        applied,
        overlap,
        evidence,
        chosen,
        tables.files,
    )
    forget_others(cache, {*used, *tables.files.values(), *embeddings_folder(files.embedder), place.name})
    counts = output.write(out, finished_stages, timings, progress, engine, drawer)
    place.unlink()
    return RunResult(out, counts, said, timings.total, False)


def _judge(rows: Rows, verdicts: Verdicts, recipe: Recipe, decided: Decided) -> Outcome:
    """Stage 3: the first rule that a row fails drops it; a row that a person keeps is exempt."""
    readable = rows.columns["invalid"].is_null().to_numpy()
    outcome = judge_rules(rows.columns, resolved_rules(recipe), readable)
    apply_rules(outcome, verdicts, decided.keep)
    return outcome

"""`tunesmith curate run`: the fixed stages of a curation run, from raw files to an accounted training set.

    ingest -> decisions -> rules -> duplicates -> split -> mix -> export

The recipe configures the stages, never reorders them. Each stage below is one function that reads the columns of the
rows and writes into `Verdicts`; the text is touched again only to write it out. The same recipe, input and seed give
the same bytes.

>>> from pathlib import Path
>>> from tunesmith.curate.recipe import load_recipe
>>> result = run(load_recipe(Path("recipe.yaml")), Path("out"))  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate import decisions as decisions_stage
from tunesmith.curate import output
from tunesmith.curate.finished import Finished
from tunesmith.curate.folder import open_folder
from tunesmith.curate.io import file_digest
from tunesmith.curate.ledger import DROPPED, INVALID, UNSAMPLED, Verdicts, check_conservation, ledger_table
from tunesmith.curate.manifest import finished_run
from tunesmith.curate.mix import Mixed, MixPlan, MixRows, mix_rows
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe, Recipe, resolved, resolved_rules
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.rows import Rows, announce_formats, ingest_all, open_sources
from tunesmith.curate.rules import Judged, as_lists, judge_all
from tunesmith.curate.said import Said
from tunesmith.curate.sampling import seeded_order
from tunesmith.curate.sources import Source
from tunesmith.curate.stage_duplicates import apply_duplicates, find_duplicates, flags_of
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stage_split import apply_split, split_sides
from tunesmith.curate.stages import cached_table, fingerprint, forget_others, write_table
from tunesmith.curate.store import RowStore
from tunesmith.curate.timings import Timings
from tunesmith.errors import InputError


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
    drawer: Connection | None = None,
) -> RunResult:
    """Run a recipe into a folder.

    :param workers: how many processes read and convert, this one included; by default one for each core.
    :param drawer: the process that draws the report, where one was started (`rendering.report_process`).
    :raises TunesmithError: for every mistake in the recipe, the input or the folder; finished stages stay and are
    found again.
    """
    progress, timings = progress or Progress(), Timings()
    recipe = loaded.recipe
    with timings.stage("open"):
        sources = open_sources(loaded)
        decided = [_resolve(loaded, path) for path in recipe.decisions]
        parts = _parts(recipe, sources, decided)
        mark = fingerprint(parts)
        inputs = [*_places(sources, loaded), *decided]
    with open_folder(out, mark, replace=replace, inputs=inputs, parts=parts) as cache:
        finished = finished_run(out, mark)
        if finished is not None and finished["recipe"]["language"] == recipe.language:
            return RunResult(
                out, finished["counts"], tuple(Said(**text) for text in finished["announcements"]), timings.total, True
            )
        return _run(loaded, out, cache, mark, sources, decided, progress, timings, workers, drawer)


def _run(
    loaded: LoadedRecipe,
    out: Path,
    cache: Path,
    mark: str,
    sources: tuple[Source, ...],
    decided: list[Path],
    progress: Progress,
    timings: Timings,
    workers: int | None,
    drawer: Connection | None,
) -> RunResult:
    recipe = loaded.recipe
    with timings.stage("ingest"):
        rows, used = ingest_all(sources, cache, progress, workers)
    verdicts = Verdicts(len(rows.columns))
    announcements = [*announce_formats(rows)]
    with timings.stage("decisions"):
        decision = _decide(rows, verdicts, decided, announcements)
        rows = rows._replace(columns=decision.columns)
        applied = _remember(decision, cache, mark)
        used.update(name for name in [applied] if name)
        announcements += _sample_entries(rows, verdicts, recipe, decision)
    with timings.stage("rules"):
        judged = _judge(rows, verdicts, recipe, decision)
    shards = [path for ingested in rows.ingested for path in ingested.shards]
    texts = RowTexts(shards, decision.edited)
    stages: dict[str, str] = {}
    with timings.stage("duplicates"):
        seen = StageInput(rows.columns, verdicts.alive, decision.keep, texts)
        evidence = _cached("duplicates", mark, cache, stages, lambda: find_duplicates(recipe.duplicates, seen))
        apply_duplicates(recipe.duplicates, evidence, verdicts)
    with timings.stage("split"):
        seen = seen._replace(alive=verdicts.alive)
        sides = _cached("split", mark, cache, stages, lambda: split_sides(recipe, seen, rows.source))
        split = apply_split(recipe, sides, verdicts)
    with timings.stage("mix"):
        mixed = _mix(rows, verdicts, recipe, decision)
    announcements += [text for text in (split.announcement, mixed.announcement if mixed else None) if text]
    ledger = _ledger(rows, verdicts, judged, decision, evidence)
    check_conservation(ledger, sum(ingested.rows for ingested in rows.ingested))
    store = RowStore(shards, rows.columns, decision.edited)
    for text in announcements:
        progress.say(text.en)
    said = tuple(announcements)
    finished_stages = Finished(
        loaded, mark, rows, ledger, store, judged, split, mixed, said, decided, applied, evidence, stages
    )
    counts = output.write(out, finished_stages, timings, progress, drawer)
    forget_others(cache, {*used, *stages.values()})
    return RunResult(out, counts, said, timings.total, False)


def _resolve(loaded: LoadedRecipe, path: str) -> Path:
    place = Path(path) if Path(path).is_absolute() else loaded.folder / path
    if not place.is_file():
        raise InputError(
            "the decisions file does not exist", where=str(place), remedy="check `decisions` in the recipe"
        )
    return place


def _parts(recipe: Recipe, sources: tuple[Source, ...], decided: list[Path]) -> dict[str, str]:
    """What the output depends on: the recipe (but for the language), the input and how it is read, decisions."""
    plain = resolved(recipe)
    del plain["language"]  # a finished run only writes its report again
    inputs = [
        [source.spec, [(file.name, file.digest, file.container, file.encoding) for file in source.plan.input.files]]
        for source in sources
    ]
    digests = [file_digest(path) for path in decided]
    return {
        "recipe": fingerprint(plain),
        "input": fingerprint(inputs),
        "decisions": fingerprint(digests),
        "versions": fingerprint(),
    }


def _places(sources: tuple[Source, ...], loaded: LoadedRecipe) -> list[Path]:
    """Files and folders that the sources name."""
    return [loaded.folder / source.asked.partition("#")[0] for source in sources if not source.asked.startswith("hub:")]


def _decide(rows: Rows, verdicts: Verdicts, files: list[Path], announcements: list[Said]) -> decisions_stage.Decided:
    """Stage 2. Rows that could not be read leave first."""
    invalid = rows.columns["invalid"].to_numpy(zero_copy_only=False)
    verdicts.leave(~rows.columns["invalid"].is_null().to_numpy(), INVALID, stage="ingest", rule=invalid)
    decided = decisions_stage.apply_decisions(rows.columns, decisions_stage.read_decisions(files))
    verdicts.leave(decided.drop, DROPPED, stage="decisions", rule="decision")
    if decided.unmatched:
        announcements.append(_unmatched(decided.unmatched))
    return decided


def _sample_entries(rows: Rows, verdicts: Verdicts, recipe: Recipe, decided: decisions_stage.Decided) -> Iterator[Said]:
    """A registry's `num_samples`: a seeded choice of the entry's readable rows. The others are accounted for too."""
    for number, source in enumerate(rows.sources):
        wished = source.plan.num_samples
        mine = np.flatnonzero(verdicts.alive & (rows.source == number))
        if wished is None or wished == len(mine):
            continue
        if wished > len(mine):
            name = source.plan.name
            yield Said(
                f"{name}: num_samples asks for {wished:,} rows of {len(mine):,}; none is repeated, use `mix` for that",
                f"{name}：num_samples 要求 {wished:,} 行，只有 {len(mine):,} 行；不会重复，请用 `mix`",
            )
            continue
        identities = rows.columns["content_id"].take(pa.array(mine)).to_pylist()
        surplus = np.zeros(len(rows.columns), bool)
        surplus[mine[np.lexsort((mine, seeded_order(identities, recipe.seed), ~decided.keep[mine]))[wished:]]] = True
        limit = np.full(len(surplus), float(wished))
        verdicts.leave(surplus, UNSAMPLED, stage="mix", rule="num_samples", threshold=limit)


def _unmatched(count: int) -> Said:
    about = "1 decision is about a row that is" if count == 1 else f"{count:,} decisions are about rows that are"
    return Said(f"{about} not in this input", f"有 {count:,} 条决定所指的行不在本次输入里")


def _remember(decided: decisions_stage.Decided, cache: Path, mark: str) -> str | None:
    """Keep applied decisions and edited records beside the shards, for `explain`; returns the file's name."""
    if not decided.about:
        return None
    name = f"decided-{mark}.arrow"
    write_table(cache / name, decisions_stage.applied_table(decided.about))
    return name


def _judge(rows: Rows, verdicts: Verdicts, recipe: Recipe, decided: decisions_stage.Decided) -> dict[str, Judged]:
    """Stage 3: the first rule that a row fails drops it; a row that a person keeps is exempt."""
    judged = judge_all(rows.columns, resolved_rules(recipe))
    readable = rows.columns["invalid"].is_null().to_numpy()
    judged = {name: found._replace(failed=found.failed & readable) for name, found in judged.items()}
    for name, found in judged.items():
        verdicts.leave(
            found.failed & ~decided.keep,
            DROPPED,
            stage="rules",
            rule=name,
            value=found.value,
            threshold=found.threshold,
        )
    return judged


def _mix(rows: Rows, verdicts: Verdicts, recipe: Recipe, decided: decisions_stage.Decided) -> Mixed | None:
    """Stage 7, on the training side only."""
    if recipe.mix is None:
        return None
    mix = recipe.mix
    train = verdicts.split == "train"
    size = rows.columns["words"].to_numpy().astype(np.int64) if mix.unit == "tokens" else np.ones(len(train), np.int64)
    identities = rows.columns["content_id"].to_pylist()
    names = tuple(source.plan.name for source in rows.sources)
    mixed = mix_rows(
        MixRows(train, decided.keep, rows.group, rows.source, size, identities, rows.group_names, names),
        MixPlan(mix.ratio, mix.weights, mix.caps, mix.unit, mix.short, mix.max_copies, recipe.seed),
    )
    unneeded = train & (mixed.copies == 0)
    rule = np.where(mixed.capped, "cap", "mix").astype(object)
    verdicts.leave(unneeded, UNSAMPLED, stage="mix", rule=rule)
    verdicts.split[unneeded] = None
    verdicts.copies[train] = mixed.copies[train]
    return mixed


def _cached(stage: str, mark: str, cache: Path, files: dict[str, str], compute: Callable[[], pa.Table]) -> pa.Table:
    """A stage's table, from the cache where it was finished before; its file's name goes into `files`."""
    key = fingerprint(stage, mark)
    files[stage] = f"{stage}-{key}.arrow"
    return cached_table(cache, stage, key, compute)


def _ledger(
    rows: Rows,
    verdicts: Verdicts,
    judged: dict[str, Judged],
    decided: decisions_stage.Decided,
    evidence: pa.Table,
) -> pa.Table:
    failed_any = np.zeros(len(rows.row_ids), bool)
    for found in judged.values():
        failed_any |= found.failed
    failed: list[list[dict[str, Any]]] = [[]] * len(rows.row_ids)
    for number in np.flatnonzero(failed_any).tolist():
        failed[number] = as_lists(judged, number)
    edits = rows.columns["edits"]
    if decided.edited:
        told = edits.to_pylist()
        for number in decided.edited:
            told[number] = [*told[number], "decision"]
        edits = pa.array(told, pa.list_(pa.string()))
    flags = flags_of(evidence, verdicts.verdict != DROPPED, decided.keep)
    return ledger_table(verdicts, row_ids=rows.row_ids, columns=rows.columns, failed=failed, flags=flags, edits=edits)

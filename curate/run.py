"""`tunesmith curate run`: the fixed stages of a curation run, from raw files to an accounted training set.

    ingest -> decisions -> rules -> contamination -> duplicates -> selection -> split -> mix -> export

The recipe configures the stages, never reorders them; `run_stages.py` is their list, up to the mix. The same recipe,
input and seed give the same bytes.

>>> from pathlib import Path
>>> from tunesmith.curate.recipe import load_recipe
>>> result = run(load_recipe(Path("recipe.yaml")), Path("out"))  # doctest: +SKIP
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tunesmith.curate import output
from tunesmith.curate.engines.engine import Engine
from tunesmith.curate.engines.local import Local
from tunesmith.curate.finished import Finished
from tunesmith.curate.folder import open_folder
from tunesmith.curate.ledger import check_conservation
from tunesmith.curate.manifest import finished_run
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe
from tunesmith.curate.rows import open_sources
from tunesmith.curate.run_inputs import input_places, named_files, run_parts
from tunesmith.curate.run_ledger import run_ledger
from tunesmith.curate.run_stages import Decided, Prepared, Settings, decide, prepare
from tunesmith.curate.said import Said
from tunesmith.curate.sources import Source
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
        settings = Settings(loaded, files, RunCache(cache, mark, {}), engine or Local(workers), progress, timings)
        return _run(out, settings, sources, drawer)


def _run(out: Path, settings: Settings, sources: tuple[Source, ...], drawer: Connection | None) -> RunResult:
    prepared = prepare(settings, sources)
    decided = decide(settings, prepared)
    announcements = (*prepared.announcements, *decided.announcements())
    for text in announcements:
        settings.progress.say(text.en)
    place = settings.cache.folder / ".ledger.part"  # a leftover by its name, should the run be killed
    finished = _finished(settings, prepared, decided, place)._replace(announcements=announcements)
    forget_others(settings.cache.folder, {*prepared.used, *settings.cache.files.values(), place.name})
    counts = output.write(out, finished, settings.timings, settings.progress, settings.engine, drawer)
    place.unlink()
    return RunResult(out, counts, announcements, settings.timings.total, False)


def _finished(settings: Settings, prepared: Prepared, decided: Decided, place: Path) -> Finished:
    """Everything that was decided, accounted for row by row.

    :raises InternalError: where the account does not hold.
    """
    rows, recipe = prepared.rows, settings.loaded.recipe
    ledger = run_ledger(
        place,
        rows,
        prepared.verdicts,
        recipe,
        decided.outcome,
        prepared.decision,
        decided.overlap,
        decided.evidence,
        decided.chosen.semantic,
    )
    check_conservation(ledger, sum(ingested.rows for ingested in rows.ingested))
    return Finished(
        loaded=settings.loaded,
        mark=settings.cache.mark,
        rows=rows,
        ledger=ledger,
        ledger_file=place,
        store=RowStore(prepared.texts.shards, rows.columns, prepared.decision.edited),
        edited=prepared.decision.edited,
        judged=decided.outcome.judged,
        split=decided.split,
        mixed=decided.mixed,
        announcements=(),
        files=settings.files,
        applied=prepared.applied,
        overlap=decided.overlap,
        evidence=decided.evidence,
        chosen=decided.chosen,
        stages=settings.cache.files,
    )

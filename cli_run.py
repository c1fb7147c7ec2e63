"""Running a recipe from the command line, and what is said of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from tunesmith.cli_shared import progress
from tunesmith.errors import EngineError

if TYPE_CHECKING:
    from tunesmith.curate.engines.engine import Engine
    from tunesmith.curate.recipe import LoadedRecipe
    from tunesmith.curate.run import RunResult


class Where(NamedTuple):
    """Where the functions of the stages run: the name of an engine, and the address of its cluster."""

    engine: str = "local"
    address: str | None = None


HERE = Where()


def run_paths(paths: list[str], out: str | Path, *, replace: bool, lang: str | None, where: Where = HERE) -> RunResult:
    """Run a recipe, or data files with every default."""

    def load() -> LoadedRecipe:
        from tunesmith.curate.recipe import load_recipe, looks_like_a_recipe, one_line_recipe

        is_recipe = len(paths) == 1 and looks_like_a_recipe(Path(paths[0]))
        return load_recipe(Path(paths[0])) if is_recipe else one_line_recipe(paths)

    return run_loaded(load, out, replace=replace, lang=lang, where=where)


def run_loaded(
    load: Callable[[], LoadedRecipe],
    out: str | Path,
    *,
    replace: bool,
    lang: str | None,
    charts: bool = True,
    where: Where = HERE,
) -> RunResult:
    """Run it with progress on standard error; Ctrl-C ends with 130 and keeps what was finished.

    The process that draws the report comes first: it starts while this one imports and reads.

    :param out: a folder, or the address of one in a store.
    :param charts: whether the report has any; without them that process would not pay.
    """
    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"the report speaks en and zh, not {lang!r}", param_hint="--lang")
    from tunesmith.curate.rendering import report_process

    try:
        with report_process() if charts else nullcontext() as drawer:
            from tunesmith.curate.lean import start_lean

            start_lean()
            from tunesmith.curate.run import run

            loaded = load()
            if lang:
                loaded = loaded._replace(recipe=loaded.recipe.model_copy(update={"language": lang}))
            with open_engine(where) as engine:
                work = partial(run, loaded, replace=replace, progress=progress(), engine=engine, drawer=drawer)
                return run_into(work, loaded, out, replace=replace)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; what was finished is kept, run the same command to go on\n")
        raise typer.Exit(130) from None


@contextmanager
def open_engine(where: Where) -> Iterator[Engine | None]:
    """The engine that was asked for, None for this machine; a cluster that is started for it ends with the block."""
    if where.engine == "local":
        if where.address:
            raise typer.BadParameter("only a cluster has an address: add --engine ray", param_hint="--address")
        yield None
        return
    if where.engine != "ray":
        raise typer.BadParameter(f"the engines are local and ray, not {where.engine!r}", param_hint="--engine")
    if find_spec("ray") is None:
        remedy = "pip install 'tunesmith[ray]', or leave --engine out to use this machine"
        raise EngineError("the Ray engine needs the library ray, which is not installed", remedy=remedy)
    from tunesmith.curate.engines.ray_cluster import ray_engine

    with ray_engine(where.address, progress()) as engine:
        yield engine


def run_into(work: Callable[[Path], RunResult], loaded: LoadedRecipe, out: str | Path, *, replace: bool) -> RunResult:
    """Do the work in the folder that was asked for; what lies in a store is told while it is fetched and uploaded."""
    from tunesmith.curate.files.urls import is_url

    if not is_url(str(out)):
        return work(Path(out))
    from tunesmith.curate.files.remote import local_path
    from tunesmith.curate.publish import published

    folder = local_path(str(out))
    return work(folder) if folder else published(work, loaded, str(out), replace=replace, progress=progress())


def told(result: RunResult) -> str:
    """A run in a few lines: the sums, where to look, what to do next."""
    counts = result.counts
    lines = [
        f"{counts['rows_in']:,} rows in: {counts['kept']:,} kept, {counts['dropped']:,} dropped, "
        f"{counts['invalid']:,} invalid, {counts['unsampled']:,} unsampled",
        f"training set: {counts['train_lines']:,} lines in {result.out / 'train.jsonl'}"
        + (f" ({counts['train']:,} rows, some repeated)" if counts["train_lines"] != counts["train"] else ""),
        f"validation: {counts['validation']:,} rows in {result.out / 'validation.jsonl'}",
        f"report: {result.out / 'report.html'}",
        f"any row's story: tunesmith curate explain {result.out} ROW_ID",
    ]
    if result.continued:
        lines.insert(0, "this run was finished before; nothing changed")
    return "\n".join(lines)


def told_duplicates(result: RunResult) -> str:
    """The same of a run that only drops duplicates."""
    counts = result.counts
    invalid = f", {counts['invalid']:,} could not be read" if counts["invalid"] else ""
    lines = [
        f"{counts['rows_in']:,} rows in: {counts['kept']:,} kept, {counts['exact']:,} exact and {counts['near']:,} "
        f"near-duplicates dropped{invalid}",
        f"flagged among the kept: {counts['variants']:,} variants, {counts['conflicts']:,} conflicts, "
        f"{counts['templates']:,} from templates",
        f"kept rows: {result.out / 'train.jsonl'}; the others: {result.out / 'dropped.jsonl'}",
        f"report: {result.out / 'report.html'}",
        f"any row's story: tunesmith curate explain {result.out} ROW_ID",
    ]
    return "\n".join(["this run was finished before; nothing changed"] * result.continued + lines)

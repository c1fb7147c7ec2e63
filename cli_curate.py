"""`tunesmith curate …`: raw files to an accounted training set.

tunesmith curate run recipe.yaml --out runs/medical
tunesmith curate explain runs/medical medical:17 --json
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith.cli_index import index
from tunesmith.cli_run import Where, run_loaded, run_paths, told, told_duplicates
from tunesmith.cli_score import score_command
from tunesmith.cli_shared import Columns, Json, Lang, Replace, colored, json_file, pairs, progress, show
from tunesmith.cli_verify import verify_command

if TYPE_CHECKING:
    from tunesmith.curate.recipe import LoadedRecipe

curate = typer.Typer(help="Raw files to an accounted training set.", no_args_is_help=True)
curate.add_typer(index, name="index")
curate.command("score")(score_command)
curate.command("verify")(verify_command)


@curate.command("inspect")
def inspect_command(
    source: Annotated[str, typer.Argument(help="A file, folder, glob, dataset_info.json#entry or hub:owner/name.")],
    format: Annotated[str, typer.Option("--format", help="Read as this format instead of detecting it.")] = "auto",
    columns: Columns = None,
    json: Json = False,
) -> None:
    """Say what a file holds: format and why, rows, languages, kinds, and every problem with its place.

    Example: tunesmith curate inspect data/general.jsonl
    """
    from tunesmith.curate import inspect

    found = inspect.inspect_source(source, format=format, columns=pairs(columns), progress=progress())
    show(inspect.as_json(found) if json else inspect.as_text(found))


@curate.command("convert")
def convert_command(
    source: Annotated[str, typer.Argument(help="What to convert.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="File to write; the ending says how (.jsonl .json .csv .parquet … .gz).")
    ],
    to: Annotated[
        str, typer.Option("--to", help="Format to write, such as openai, sharegpt, alpaca, siliconflow, columns.")
    ],
    from_format: Annotated[str, typer.Option("--from", help="Read as this format instead of detecting it.")] = "auto",
    columns: Columns = None,
    to_columns: Annotated[
        str | None, typer.Option("--to-columns", help="With --to columns: prompt=ask,answer=reply.")
    ] = None,
    drop_extra: Annotated[
        bool, typer.Option("--drop-extra", help="Leave out fields that the format has no place for.")
    ] = False,
    skip: Annotated[
        bool, typer.Option("--skip", help="Put rows that cannot be converted into OUT.rejected.jsonl.")
    ] = False,
    spreadsheet: Annotated[
        bool, typer.Option("--spreadsheet", help="CSV for people: no cell can run as a formula; not for training.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    json: Json = False,
) -> None:
    """Convert a data set to another format; there and back loses nothing.

    Example: tunesmith curate convert alpaca.json --to sharegpt -o sharegpt.jsonl
    """
    from tunesmith.curate import convert

    done = convert.convert_file(
        source,
        out,
        to=to,
        from_format=from_format,
        columns=pairs(columns),
        to_columns=pairs(to_columns),
        drop_extra=drop_extra,
        skip=skip,
        spreadsheet=spreadsheet,
        overwrite=overwrite,
        progress=progress(),
    )
    show(convert.as_json(done) if json else convert.as_text(done))


@curate.command("run")
def run_command(
    recipe: Annotated[list[str], typer.Argument(help="A recipe (.yaml), or data files to curate with the defaults.")],
    out: Annotated[
        str,
        typer.Option("--out", "-o", help="Folder for the training set, ledger and report; also s3://bucket/folder."),
    ],
    replace: Replace = False,
    lang: Lang = None,
    engine: Annotated[
        str, typer.Option("--engine", help="Where the rows are worked on: local, or a ray cluster.")
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option("--address", help="host:port of the Ray cluster, or auto; without it one starts on this machine."),
    ] = None,
    json: Json = False,
) -> None:
    """Curate: read, judge, de-duplicate, split, mix, export, and account for every row.

    Example: tunesmith curate run recipe.yaml --out runs/medical
    """
    result = run_paths(recipe, out, replace=replace, lang=lang, where=Where(engine, address))
    show({**result.counts, "seconds": round(result.seconds, 3), "out": str(out)} if json else told(result))


@curate.command("dedup")
def dedup_command(
    sources: Annotated[
        list[str], typer.Argument(help="Files, folders, globs, dataset_info.json#entry or hub:owner/name.")
    ],
    out: Annotated[str, typer.Option("--out", "-o", help="Folder for the rows that stay, the ledger and the report.")],
    threshold: Annotated[
        float, typer.Option("--threshold", help="Jaccard similarity from which rows count as the same, 0.1 to 1.")
    ] = 0.7,
    on: Annotated[
        str,
        typer.Option("--on", help="What has to be alike: row (whole conversation and answer), whole, prompt, answer."),
    ] = "row",
    ngram: Annotated[int, typer.Option("--ngram", help="Tokens in a shingle.")] = 5,
    replace: Replace = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Drop exact and near-duplicates and nothing else: every drop is proved and names the row that stays.

    Example: tunesmith curate dedup raw.jsonl --out runs/dedup --threshold 0.8
    """
    load = partial(_dedup_recipe, sources, threshold, on, ngram)
    result = run_loaded(load, out, replace=replace, lang=lang, charts=False)
    if json:
        from tunesmith.curate.dedup import COUNTS

        show({**{name: result.counts[name] for name in COUNTS}, "seconds": round(result.seconds, 3), "out": str(out)})
    else:
        show(told_duplicates(result))


def _dedup_recipe(sources: list[str], threshold: float, on: str, ngram: int) -> LoadedRecipe:
    from tunesmith.curate.dedup import dedup_recipe

    return dedup_recipe(sources, threshold=threshold, on=on, ngram=ngram)


@curate.command("profile")
def profile_command(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files, folders, globs, dataset_info.json#entry or hub:owner/name."),
    ],
    format: Annotated[str, typer.Option("--format", help="Read as this format instead of detecting it.")] = "auto",
    columns: Columns = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the profile with every row, and the bad rows.")
    ] = None,
    json: Json = False,
) -> None:
    """Sum up the signals of every source by language: percentiles, outliers, what the default rules would drop.

    Example: tunesmith curate profile data/general.jsonl
    """
    from tunesmith.curate.lean import start_lean

    start_lean()
    from tunesmith.curate import profile

    if out is None:
        found = profile.profile_sources(sources, format=format, columns=pairs(columns), progress=progress())
    else:
        from tunesmith.curate.profile_folder import write_profile

        found = write_profile(sources, out, format=format, columns=pairs(columns), progress=progress())
    show(profile.as_json(found) if json else profile.as_text(found, color=colored()))


@curate.command("preview")
def preview_command(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="RULE.PARAMETER[.LANGUAGE]=NUMBER", help="Another threshold; also RULE=on. May repeat."
        ),
    ] = None,
    off: Annotated[
        list[str] | None, typer.Option("--off", metavar="RULE", help="Switch a rule off. May repeat.")
    ] = None,
    when: Annotated[
        list[str] | None,
        typer.Option("--when", metavar='NAME="EXPRESSION"', help="A rule of your own, new or changed. May repeat."),
    ] = None,
    json: Json = False,
) -> None:
    """Say what other thresholds would change in the rules stage of a run, to the row, without reading a text.

    Example: tunesmith curate preview runs/medical --set answer_too_short.min_characters.zh=4 --off placeholder
    """
    from tunesmith.curate.lean import start_lean

    start_lean()
    from tunesmith.curate import preview
    from tunesmith.curate.rundata import open_run

    found = preview.preview(open_run(run), changes or (), off or (), when or ())
    show(preview.as_json(found) if json else preview.as_text(found, color=colored()))


@curate.command("explain")
def explain_command(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    row_id: Annotated[str, typer.Argument(help="<source>:<position>, as in the ledger.")],
    json: Json = False,
) -> None:
    """Tell one row's whole story: where it came from, what was measured, what was decided and why.

    Example: tunesmith curate explain runs/medical general:812
    """
    from tunesmith.curate import explain
    from tunesmith.curate.rundata import open_run

    story = explain.explain(open_run(run), row_id)
    show(explain.as_json(story) if json else explain.as_text(story, color=colored()))


@curate.command("diff")
def diff_command(
    run_a: Annotated[Path, typer.Argument(help="The older run.")],
    run_b: Annotated[Path, typer.Argument(help="The newer run.")],
    json: Json = False,
) -> None:
    """Say what changed between two training sets, and why.

    Example: tunesmith curate diff runs/v1 runs/v2
    """
    from tunesmith.curate import diff
    from tunesmith.curate.rundata import open_run

    found = diff.diff_runs(open_run(run_a), open_run(run_b))
    show(diff.as_json(found) if json else diff.as_text(found, color=colored()))


@curate.command("decide")
def decide_command(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    content_id: Annotated[str, typer.Argument(help="A content id (or its first digits), or a row id.")],
    action: Annotated[str, typer.Argument(help="keep, drop or edit.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for those who come after.")] = None,
    row: Annotated[Path | None, typer.Option("--row", help="With edit: a file with the whole new row as JSON.")] = None,
    answer: Annotated[str | None, typer.Option("--answer", help="With edit: a new text for the last answer.")] = None,
    prompt: Annotated[str | None, typer.Option("--prompt", help="With edit: a new text for the last question.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="The decisions file; the recipe's first one by default.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who decided.")] = None,
    json: Json = False,
) -> None:
    """Keep, drop or edit one row, in every later run.

    Example: tunesmith curate decide runs/medical medical:17 keep --reason "short, but right"
    """
    from tunesmith.curate import decide
    from tunesmith.curate.rundata import open_run

    decided = decide.decide(
        open_run(run),
        content_id,
        action,
        reason=reason,
        row=json_file(row),
        answer=answer,
        prompt=prompt,
        file=file,
        by=by,
    )
    show(decide.as_json(decided) if json else decide.as_text(decided))

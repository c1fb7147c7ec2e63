"""The command line `tunesmith`: one command a verb; each parses, calls one function of the library, and prints.

    tunesmith demo
    tunesmith curate run recipe.yaml --out runs/medical
    tunesmith curate explain runs/medical medical:17 --json

`--json` prints one JSON object on standard output; progress and messages go to standard error. Exit code 0: done; 2:
bad input or usage. A person's mistake never shows a traceback; a bug keeps its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunesmith.errors import InternalError, TunesmithError

if TYPE_CHECKING:
    from tunesmith.curate.run import RunResult

app = typer.Typer(
    name="tunesmith",
    help="Fine-tuning data that you can account for, training, and honest before/after statistics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
curate = typer.Typer(help="Raw files to an accounted training set.", no_args_is_help=True)
app.add_typer(curate, name="curate")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns", help="Map columns: prompt=ask,answer=reply (also system, input, history, text, chosen …)."
    ),
]


def main() -> None:
    """Entry point: errors of the tree become one message on standard error and exit code 2."""
    try:
        app(standalone_mode=True)
    except InternalError:
        raise
    except TunesmithError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except OSError as error:
        if error.filename is not None:
            raise  # about a file that we should have named in a message: a bug
        sys.stderr.write(f"error: standard output cannot be written: {error.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left would fail again at exit
        sys.exit(2)


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

    found = inspect.inspect_source(source, format=format, columns=_pairs(columns), progress=_progress())
    _show(inspect.as_json(found) if json else inspect.as_text(found))


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
        columns=_pairs(columns),
        to_columns=_pairs(to_columns),
        drop_extra=drop_extra,
        skip=skip,
        overwrite=overwrite,
        progress=_progress(),
    )
    _show(convert.as_json(done) if json else convert.as_text(done))


@curate.command("run")
def run_command(
    recipe: Annotated[list[str], typer.Argument(help="A recipe (.yaml), or data files to curate with the defaults.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the training set, ledger and report.")],
    replace: Annotated[bool, typer.Option("--replace", help="Write over another run in that folder.")] = False,
    lang: Annotated[str | None, typer.Option("--lang", help="Language of the report: en or zh.")] = None,
    json: Json = False,
) -> None:
    """Curate: read, judge, de-duplicate, split, mix, export, and account for every row.

    Example: tunesmith curate run recipe.yaml --out runs/medical
    """
    result = _run(recipe, out, replace=replace, lang=lang)
    _show({**result.counts, "seconds": round(result.seconds, 3), "out": str(out)} if json else _told(result))


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
    _show(explain.as_json(story) if json else explain.as_text(story, color=_colored()))


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
    _show(diff.as_json(found) if json else diff.as_text(found, color=_colored()))


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
        row=_json_file(row),
        answer=answer,
        prompt=prompt,
        file=file,
        by=by,
    )
    _show(decide.as_json(decided) if json else decide.as_text(decided))


@app.command("demo")
def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for what the demo makes.")] = Path("runs/demo"),
    lang: Annotated[str | None, typer.Option("--lang", help="Language of the report: en or zh.")] = None,
    json: Json = False,
) -> None:
    """Run the whole loop on the bundled sample, offline.

    Example: tunesmith demo
    """
    recipe = Path(__file__).resolve().parent / "data" / "recipe.yaml"
    result = _run([str(recipe)], out, replace=True, lang=lang)
    _show({**result.counts, "seconds": round(result.seconds, 3), "out": str(out)} if json else _told(result))


def _run(paths: list[str], out: Path, *, replace: bool, lang: str | None) -> RunResult:
    from tunesmith.curate.recipe import load_recipe, looks_like_a_recipe, one_line_recipe
    from tunesmith.curate.run import run

    is_recipe = len(paths) == 1 and looks_like_a_recipe(Path(paths[0]))
    loaded = load_recipe(Path(paths[0])) if is_recipe else one_line_recipe(paths)
    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"the report speaks en and zh, not {lang!r}", param_hint="--lang")
    if lang:
        loaded = loaded._replace(recipe=loaded.recipe.model_copy(update={"language": lang}))
    try:
        return run(loaded, out, replace=replace, progress=_progress())
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; what was finished is kept, run the same command to go on\n")
        raise typer.Exit(130) from None


def _told(result: RunResult) -> str:
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


def _progress() -> Any:
    from tunesmith.terminal import progress_for

    return progress_for(sys.stderr)


def _colored() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _show(what: dict[str, Any] | str) -> None:
    if isinstance(what, str):
        typer.echo(what)
        return
    from tunesmith.curate.jsontext import dumps_indented

    typer.echo(dumps_indented(what))


def _pairs(text: str | None) -> dict[str, str] | None:
    """`prompt=ask,answer=reply` as a mapping."""
    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not pairs or not all(key.strip() and equals and value.strip() for key, equals, value in pairs):
        raise typer.BadParameter(f"expected name=column pairs such as prompt=ask,answer=reply, saw {text!r}")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _json_file(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    from tunesmith.curate.io import read_json_object

    return read_json_object(path)


if __name__ == "__main__":
    main()

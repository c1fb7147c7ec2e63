"""The command line `tunesmith`: one command a verb; each parses, calls one function of the library, and prints.

    tunesmith demo
    tunesmith curate run recipe.yaml --out runs/medical
    tunesmith curate explain runs/medical medical:17 --json

`--json` prints one JSON object on standard output; progress and messages go to standard error. Exit code 0: done; 2:
bad input or usage. A person's mistake never shows a traceback; a bug keeps its own.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tunesmith.cli_app import app_command
from tunesmith.cli_curate import curate
from tunesmith.cli_evaluate import evaluate
from tunesmith.cli_review import review
from tunesmith.cli_run import run_paths, told
from tunesmith.cli_shared import Json, Lang, progress, show
from tunesmith.cli_train import train
from tunesmith.curate.files.fetch_told import telling
from tunesmith.errors import InternalError, TunesmithError

app = typer.Typer(
    name="tunesmith",
    help="Fine-tuning data that you can account for, training, and honest before/after statistics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(curate, name="curate")
app.add_typer(evaluate, name="evaluate")
app.add_typer(review, name="review")
app.add_typer(train, name="train")
app.command("app")(app_command)


def main() -> None:
    """Entry point: errors of the tree become one message on standard error and exit code 2."""
    try:
        with telling(progress):  # of inputs in a store, whatever command opens one
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
    finally:
        gc.freeze()  # or the interpreter looks through all that numba made before it ends: 0.4 s


@app.command("demo")
def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for what the demo makes.")] = Path("runs/demo"),
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Run the whole loop on the bundled sample, offline.

    Example: tunesmith demo
    """
    recipe = Path(__file__).resolve().parent / "data" / "recipe.yaml"
    result = run_paths([str(recipe)], out, replace=True, lang=lang)
    from tunesmith.evaluate.demo import compare_sample

    report = compare_sample(out / "comparison", out, "zh" if lang == "zh" else "en")
    if json:
        found = {**result.counts, "seconds": round(result.seconds, 3), "out": str(out), "comparison": str(report)}
        show(found)
    else:
        show(f"{told(result)}\ntwo models' answers compared: {report}")


if __name__ == "__main__":
    main()

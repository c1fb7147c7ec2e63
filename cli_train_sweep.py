"""`tunesmith train sweep`: the same training with other settings, towards the best ones.

tunesmith train sweep sweep.yaml --out sweeps/medical
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from tunesmith.cli_shared import Json, Lang, Replace, progress, show


def sweep_command(
    file: Annotated[
        Path, typer.Argument(metavar="SWEEP.YAML", help="Base settings, the space to search, how many trials.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the trials and what came of them.")],
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Keep the model of every trial; without it only that of the best.")
    ] = False,
    lang: Lang = None,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Search for the settings that train best. A sweep that was stopped goes on by the same command.

    Example: tunesmith train sweep sweep.yaml --out sweeps/medical
    """
    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"expected en or zh, saw {lang!r}", param_hint="--lang")
    from tunesmith.train.sweep import run_sweep
    from tunesmith.train.sweep_read import read_sweep
    from tunesmith.train.sweep_report import sweep_text

    sweep = read_sweep(file)
    language = cast(Literal["en", "zh"], lang or "en")
    try:
        found = run_sweep(sweep, out, keep_all=keep_all, replace=replace, language=language, progress=progress())
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; the trials that ended are kept, run the same command to go on\n")
        raise typer.Exit(130) from None
    show(found if json else sweep_text(found))
    if found["best"] is None:
        raise typer.Exit(1)

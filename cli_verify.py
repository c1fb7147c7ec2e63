"""`tunesmith curate verify RUN`: whether a finished run is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tunesmith.cli_shared import Json, colored, progress, show


def verify_command(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    json: Json = False,
) -> None:
    """Check that a finished run is whole: every hash, and every row accounted for. Exit code 1 where it is not.

    Example: tunesmith curate verify runs/medical
    """
    from tunesmith.curate.lean import start_lean

    start_lean()
    from tunesmith.curate import verify

    checked = verify.verify(run, progress())
    show(verify.as_json(checked) if json else verify.as_text(checked, color=colored()))
    if not checked.whole:
        raise typer.Exit(1)

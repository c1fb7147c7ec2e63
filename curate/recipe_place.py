"""Where the recipe of a finished run lies on this machine.

Only the log of a run knows: its other files are the same on every machine.

>>> recipe_folder(open_run(Path("out")))  # doctest: +SKIP
PosixPath('recipes')
"""

from __future__ import annotations

from pathlib import Path

from tunesmith.curate import jsontext
from tunesmith.curate.rundata import RunData


def recipe_folder(run: RunData) -> Path:
    """The folder that the paths of the recipe start from; the working folder where it is gone."""
    try:
        recipe = jsontext.loads((run.folder / "run.log.json").read_bytes()).get("recipe")
    except (OSError, ValueError, AttributeError):
        recipe = None
    folder = Path(recipe).parent if isinstance(recipe, str) else Path()
    return folder if folder.is_dir() else Path()

"""Where Tunesmith keeps what it may make or fetch again: `$TUNESMITH_CACHE`, else the user's own cache folder.

>>> cache_folder("inputs")  # doctest: +SKIP
PosixPath('/home/me/.cache/tunesmith/inputs')
"""

from __future__ import annotations

import os
from pathlib import Path

from tunesmith.errors import OutputError

VARIABLE = "TUNESMITH_CACHE"


def cache_folder(name: str) -> Path:
    """A folder of the cache, made if it is not there. Nobody else may look into it: data lie in it.

    :raises OutputError: where it cannot be made.
    """
    given = os.environ.get(VARIABLE)
    root = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tunesmith"
    place = root / name
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        what = f"the cache folder cannot be made ({error.strerror})"
        raise OutputError(what, where=str(place), remedy=f"name another in {VARIABLE}") from error
    return place

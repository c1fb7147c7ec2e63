"""A folder for files that nobody keeps, which does not pile up where processes are killed.

>>> with scratch_folder(Path("/tmp/tunesmith-example")) as folder:
...     _ = (folder / "a.txt").write_text("a")
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(place: Path) -> Iterator[Path]:
    """An empty folder that is removed after the block.

    Its name is always the same, so the next process takes, and empties, what a killed one left. A second one at the
    same time, and one that finds something else under that name, gets a folder of its own beside it.

    :raises OSError: where none can be made.
    """
    lock = _taken(place)
    folder = place if lock >= 0 else Path(tempfile.mkdtemp(dir=place.parent, prefix=f"{place.name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock >= 0:
            os.close(lock)


def _taken(place: Path) -> int:
    """A descriptor that holds the folder, now empty; -1 where another process does, or it is not ours."""
    place.mkdir(mode=0o700, exist_ok=True)
    try:
        lock = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return -1
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = place.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and os.path.samestat(os.fstat(lock), found):
            _empty(place)
            return lock
    except OSError:
        pass
    os.close(lock)
    return -1


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

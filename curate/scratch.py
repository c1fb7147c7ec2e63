"""Arrays that are too large for memory: in files without a name, which are gone with the process, however it ends.

Below a size they are ordinary arrays. The room of a file is reserved before it is used, so that a full disk is an error
here and not the death of the process at some later write.

>>> Scratch(None).array((2, 3), np.int32).tolist()
[[0, 0, 0], [0, 0, 0]]
"""

from __future__ import annotations

import mmap
import os
import tempfile
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.errors import OutputError

#: Bytes from which an array lies in a file. The system keeps what is used of it in memory while there is room.
LARGE_BYTES = 64_000_000


class Scratch(NamedTuple):
    """Where the files of large arrays lie: a folder, or the system's place for temporary files."""

    folder: Path | None
    large_bytes: int = LARGE_BYTES

    def array(self, shape: tuple[int, ...], kind: npt.DTypeLike) -> Any:
        """An array of zeros.

        :raises OutputError: where the disk has no room for it.
        """
        n_bytes = prod(shape) * np.dtype(kind).itemsize
        if n_bytes < self.large_bytes or not n_bytes:
            return np.zeros(shape, kind)
        with tempfile.TemporaryFile(dir=self.folder) as file:
            try:
                _reserve(file.fileno(), n_bytes)
            except OSError as error:
                raise self._no_room(n_bytes, error) from error
            mapped = mmap.mmap(file.fileno(), n_bytes)  # holds the file when it is closed here
        return np.frombuffer(mapped, kind).reshape(shape)

    def _no_room(self, n_bytes: int, error: OSError) -> OutputError:
        place = str(self.folder or tempfile.gettempdir())
        what = f"no room for {n_bytes / 1e9:,.1f} GB of intermediate results ({error.strerror})"
        return OutputError(what, where=place, remedy="free some room and run the same command again: it goes on")


def _reserve(handle: int, n_bytes: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, n_bytes)
    else:  # macOS
        os.truncate(handle, n_bytes)

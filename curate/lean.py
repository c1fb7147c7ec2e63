"""A start without what a run never needs: Arrow looks for pandas and numba for SciPy when they are first used.

Together that is 0.4 s of a run that ought to take 3 (measured on two quiet cores, both libraries installed). Memory is
kept, too, for a process that ends when its run does.

>>> with without("no_such_library"):
...     import json
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def start_lean() -> None:
    """Let Arrow and numba find neither pandas nor SciPy when they look for them.

    For a process of our own, such as the command line. What stays changed in it: Arrow does not know pandas' objects
    until somebody calls `to_pandas`, and compiled code has no linear algebra. Arrow looks now; SciPy is refused until
    numba has looked (`numba_has_looked`). Either library is imported as usual afterwards. Where one is imported already
    there is nothing to save, and nothing changes.
    """
    import pyarrow as pa

    keep_freed_memory()
    with without("pandas"):
        pa.array([])
    if "scipy" not in sys.modules:
        sys.meta_path.insert(0, _Refusing("scipy"))


#: glibc's names for what it may be told (malloc.h): when freed memory goes back to the system, from which size a block
#: is mapped for itself (32 MiB is the most), and how many heaps threads may open.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def keep_freed_memory() -> None:
    """Let this process use its own freed memory again instead of asking the system for new.

    New pages have to be cleared, and in a virtual machine to be found by the host. With this, a run of 55,185 rows
    takes three quarters of the time in the same memory (two virtual cores). Without glibc it does nothing.
    """
    try:
        tell = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for name, value in ((_TRIM_THRESHOLD, 512 << 20), (_MMAP_THRESHOLD, 32 << 20), (_ARENA_MAX, 2)):
        tell(name, value)


def numba_has_looked() -> None:
    """Everything can be imported again. Whoever loads a library that needs SciPy itself says so before."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Refusing)]


@contextmanager
def without(name: str) -> Iterator[None]:
    """A library cannot be imported in this block, unless it is imported already."""
    if name in sys.modules:
        yield
        return
    finder = _Refusing(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Refusing(MetaPathFinder):
    """Says that a library is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == self._name:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)
        return None

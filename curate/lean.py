"""A start without what a run never needs: Arrow looks for pandas and numba for SciPy when they are first used.

Together that is 0.4 s of a run that ought to take 3 (measured on two quiet cores, both libraries installed).

>>> with without("no_such_library"):
...     import json
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def start_lean() -> None:
    """Let Arrow and numba look for their optional libraries now, and find none.

    For a process of our own, such as the command line. What stays changed in it: Arrow does not know pandas' objects
    until somebody calls `to_pandas`, and compiled code has no linear algebra. Either library is imported as usual
    afterwards. Where one is imported already there is nothing to save, and nothing changes.
    """
    import pyarrow as pa

    with without("pandas"):
        pa.array([])
    with without("scipy"):
        from numba.core.registry import cpu_target

        cpu_target.target_context.refresh()


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

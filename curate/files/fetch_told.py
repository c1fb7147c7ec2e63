"""Who is told how far a fetch from a store is. Whoever opens an input does not know that it lies in one.

>>> with telling(Progress):
...     type(fetch_progress()).__name__
'Progress'
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tunesmith.curate.progress import Progress

_TOLD: ContextVar[Callable[[], Progress]] = ContextVar("_TOLD", default=Progress)


@contextmanager
def telling(made: Callable[[], Progress]) -> Iterator[None]:
    """Tell every fetch in the block.

    :param made: makes the progress, once something is to be fetched.
    """
    before = _TOLD.set(made)
    try:
        yield
    finally:
        _TOLD.reset(before)


def fetch_progress() -> Progress:
    """The progress of a fetch that begins now; nobody is told by default."""
    return _TOLD.get()()

"""How long work tells how far it is. The library calls a `Progress`; the command line and the pages bring one.

>>> quiet = Progress()
>>> with quiet.stage("reading", total=None, unit="rows") as advance:
...     advance(10)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Progress:
    """Says nothing. A subclass overrides both methods."""

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        """One stage of the work; calls of the yielded function add to what is done, in `unit`."""
        yield lambda done: None

    def say(self, message: str) -> None:
        """Something that a person must know while the work goes on."""

"""Figures that take long to count are counted again only now and then, while votes come in.

Each vote makes every figure an old one. Of a large campaign to count them takes seconds, in the process that also draws
the pages of everybody who votes at that time; so what took a second may be half a minute old. What took less than
half a second is always that of the last vote.

>>> counted(shelf, "figures", event=17, count=lambda: 4).value  # doctest: +SKIP
4
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

Value = TypeVar("Value")

#: What is counted sooner than this is never old.
QUICK_SECONDS = 0.5
#: How many times as old as it took to count a figure may be.
PATIENCE = 30
#: Figures that a shelf keeps, those counted last: with names and without, of four campaigns at a time.
MOST_KEPT = 8


class Counted(NamedTuple, Generic[Value]):
    """A figure.

    :param event: the last event that is in it.
    :param at: when that was, by a clock that never goes back.
    :param seconds: what it took to count.
    """

    value: Value
    event: int
    at: float
    seconds: float

    def is_due(self, event: int, now: float) -> bool:
        """Whether it has to be counted again."""
        if self.event == event:
            return False
        return self.seconds < QUICK_SECONDS or now - self.at >= PATIENCE * self.seconds


def counted(
    shelf: dict[Any, Counted[Any]],
    name: object,
    *,
    event: int,
    count: Callable[[], Value],
    exact: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Counted[Value]:
    """A figure from the shelf, or counted anew and put there; the shelf keeps the `MOST_KEPT` that were counted last.

    :param event: the last one of the store's log.
    :param exact: whether it must not be an old one.
    """
    kept = shelf.get(name)
    if kept is not None and (kept.event == event if exact else not kept.is_due(event, clock())):
        return kept
    began = clock()
    value = count()
    found = Counted(value, event, clock(), clock() - began)
    shelf.pop(name, None)
    shelf[name] = found
    for oldest in list(shelf)[:-MOST_KEPT]:
        shelf.pop(oldest, None)
    return found

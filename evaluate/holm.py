"""Holm's correction: among many tests, the chance of even one false finding stays at the level of one test.

The smallest of m p-values counts m times, the next m-1 times, and so on, never less than the one before. It needs no
assumption on how the tests hang together (Holm 1979, A simple sequentially rejective multiple test procedure,
Scandinavian Journal of Statistics 6).

>>> holm([0.01, None, 0.04, 0.03])
[0.03, None, 0.06, 0.06]
"""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """The adjusted p-values, in the order given; None, where nothing was tested, stays None and does not count."""
    tested = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    highest = 0.0
    for rank, (p, place) in enumerate(tested):
        highest = min(1.0, max(highest, p * (len(tested) - rank)))
        adjusted[place] = highest
    return adjusted

"""How the cost of a row grows with the number of rows, at a fixed share of near-duplicates."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc
from generated_rows import GeneratedRows, pool_of
from page import Line

from tunesmith.curate.near import near_duplicates
from tunesmith.curate.sketch import sketch

COPIES, SEED = 0.3, 7


class Cost(NamedTuple):
    """Wall seconds of the two steps, CPU seconds of both over all cores, and how many rows were dropped."""

    sketch: float
    resolution: float
    cpu: float
    n_dropped: int


def growth(real: list[str], sizes: Sequence[int], rounds: int) -> Iterator[Line]:
    """One line a size, smallest first; the best of the rounds, for noise only adds."""
    pool = pool_of(real)
    rows = GeneratedRows(pool, copies=COPIES, seed=SEED)
    column = rows.column(max(sizes))
    measure_cost(column.slice(0, 20_000))  # compiles, and fills caches
    first: tuple[float, float] | None = None
    for n_rows in sorted(sizes):
        part = column.slice(0, n_rows)
        cost = min((measure_cost(part) for _ in range(rounds)), key=lambda one: one.sketch + one.resolution)
        each = ((cost.sketch + cost.resolution) / n_rows * 1e6, cost.cpu / n_rows * 1e6)
        first = first or each
        yield {
            "rows": n_rows,
            "MB of text": round(pc.sum(pc.binary_length(part)).as_py() / 1e6),
            "copies made": f"{sum(rows.original_of(i) != i for i in range(n_rows)) / n_rows:.2%}",
            "dropped": f"{cost.n_dropped / n_rows:.2%}",
            "sketch, s": f"{cost.sketch:.2f}",
            "index and resolution, s": f"{cost.resolution:.2f}",
            "µs a row": f"{each[0]:.1f}",
            "to the smallest (wanted ≤ 1.5)": f"{each[0] / first[0]:.2f}",
            "CPU µs a row": f"{each[1]:.1f}",
            "CPU to the smallest": f"{each[1] / first[1]:.2f}",
        }


def measure_cost(column: Any) -> Cost:
    """One round."""
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    sketched = sketch(column)
    middle = time.perf_counter()
    found = near_duplicates(sketched, rank=np.arange(len(column)), threshold=0.7)
    end = time.perf_counter()
    return Cost(middle - start, end - middle, time.process_time() - cpu, int((found.partner >= 0).sum()))

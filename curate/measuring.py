"""The second half of stage 1: measure the rows of every shard that has no signals yet.

Half of the work is kernels and half is Python that looks at the rows which the kernels mark, so processes do it where
there can be any, and threads where not: the files are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import pyarrow as pa

from tunesmith.curate.loading import load_kernels
from tunesmith.curate.progress import Progress
from tunesmith.curate.shards import SIGNALS_SCHEMA, beside
from tunesmith.curate.stages import is_whole, read_table, write_table
from tunesmith.curate.threads import run_threads
from tunesmith.curate.workers import in_order, worker_count, worker_processes

#: Shards from which worker processes pay.
_WORTH_WORKERS = 3


class Unmeasured(NamedTuple):
    """The file of a shard's rows, and whether only `BASICS` are measured of them."""

    rows: Path
    basic: bool


def measure_shards(shards: Sequence[Unmeasured], progress: Progress, workers: int | None = None) -> None:
    """Write the signals of these shards.

    :param workers: how many processes measure; None is one for each core, 1 none but this.
    """
    waiting = [shard for shard in shards if not is_whole(beside(shard.rows, "signals"))]
    if not waiting:
        return
    basic = all(shard.basic for shard in waiting)
    load_kernels(progress, basic=basic)
    count = worker_count(workers) if len(waiting) >= _WORTH_WORKERS and not basic else 0
    with worker_processes(count) as processes:
        n_rows = [read_table(shard.rows).num_rows for shard in waiting]
        with progress.stage("measure", total=sum(n_rows), unit="rows") as advance:
            if processes is None:
                _in_threads(waiting, n_rows, advance, workers)
                return
            for number, _ in zip(n_rows, in_order(processes, measure_shard, waiting), strict=True):
                advance(number)


def _in_threads(
    waiting: Sequence[Unmeasured], n_rows: Sequence[int], advance: Callable[[int], None], threads: int | None
) -> None:
    one_at_a_time = Lock()

    def work(place: int) -> None:
        measure_shard(waiting[place])
        with one_at_a_time:
            advance(n_rows[place])

    run_threads(work, range(len(waiting)), threads)


def measure_shard(shard: Unmeasured) -> None:
    """Measure the rows of one shard and write the file of their signals, whole or not at all."""
    (rows,) = read_table(shard.rows).to_batches()
    write_table(beside(shard.rows, "signals"), measured(rows, basic=shard.basic))


def measured(rows: pa.RecordBatch, *, basic: bool) -> pa.RecordBatch:
    """The signals of a shard: what its file of them holds."""
    from tunesmith.curate.measured import measure_batch  # heavy: numba

    return pa.record_batch(measure_batch(rows, basic=basic), schema=SIGNALS_SCHEMA)

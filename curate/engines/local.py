"""This machine: worker processes for what holds Python's lock, threads for kernels.

>>> with Local(1).liner(10) as lines:
...     list(lines([]))
[]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tunesmith.curate.engines.engine import Lines, Look, Put
from tunesmith.curate.export_lines import lines_of_shard
from tunesmith.curate.ingest import Convert, convert_shard
from tunesmith.curate.loading import load_kernels
from tunesmith.curate.measuring import Unmeasured, measure_shards
from tunesmith.curate.progress import Progress
from tunesmith.curate.row_texts import Part, RowTexts
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.threads import run_threads
from tunesmith.curate.workers import in_order, worker_count, worker_processes

if TYPE_CHECKING:
    from tunesmith.curate.bands import Buckets
    from tunesmith.curate.tokens import Hashes, Places

#: From where worker processes pay: bytes to be read, rows to be written. Forking them costs about 0.05 s.
_WORTH_BYTES = 4_000_000
_WORTH_ROWS = 20_000


class Local(NamedTuple):
    """`workers`: how many processes work at the same time, this one included; by default one for each core."""

    workers: int | None = None

    @contextmanager
    def converter(self, size_bytes: int, progress: Progress, *, basic: bool) -> Iterator[Convert]:
        """Workers convert and write."""
        count = worker_count(self.workers) if size_bytes >= _WORTH_BYTES else 0
        if count:  # before the fork: each worker would load them for itself
            load_kernels(progress, basic=basic)
        with worker_processes(count) as processes:
            yield partial(in_order, processes, convert_shard)

    def measure(self, shards: Sequence[Unmeasured], progress: Progress) -> None:
        """Workers measure and write."""
        measure_shards(shards, progress, self.workers)

    def each_row(self, texts: RowTexts, rows: Places | None, look: Look, put: Put) -> None:
        """Threads look, a piece at a time."""

        def work(part: Part) -> None:
            put(part.first, look(texts.records(part, rows)))

        run_threads(work, texts.parts(rows), texts.threads)

    def buckets(self, keys: Hashes, rows: Places, *, scratch: Scratch, threads: int | None = None) -> Buckets:
        """Threads, a band at a time."""
        from tunesmith.curate.bands import find_buckets  # numba, for those only who compare

        return find_buckets(keys, rows, scratch=scratch, threads=threads)

    @contextmanager
    def liner(self, n_rows: int) -> Iterator[Lines]:
        """Workers make lines."""
        with worker_processes(worker_count(self.workers) if n_rows >= _WORTH_ROWS else 0) as processes:
            yield partial(in_order, processes, lines_of_shard)

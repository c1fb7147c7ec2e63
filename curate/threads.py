"""Work on the cores of one machine, for kernels that hold no interpreter lock.

>>> run_threads(abs, [-1, 2], threads=2)
[1, 2]
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def run_threads(work: Callable[[Task], Result], tasks: Sequence[Task], threads: int | None) -> list[Result]:
    """The results in the order of the tasks. All cores where `threads` is None; a single task needs no thread."""
    n_threads = min(threads or os.cpu_count() or 1, len(tasks))
    if n_threads <= 1:
        return [work(task) for task in tasks]
    with ThreadPoolExecutor(n_threads, thread_name_prefix="kernel") as pool:
        return list(pool.map(work, tasks))

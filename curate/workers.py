"""Worker processes, for work that holds Python's interpreter lock: converting rows, starting the chart engine.

They are forks of this process, so they start in milliseconds with everything imported. Where a fork is not safe
(another thread may hold a lock just now, as in the pages) or not to be had, there are none and the caller works by
itself: the results are the same. A worker ignores Ctrl-C, which is its parent's to handle, and ends with its parent,
however that ends.

>>> with worker_processes(0) as pool:
...     list(in_order(pool, abs, [-1, 2, -3]))
[1, 2, 3]
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple, TypeVar

from tunesmith.errors import OutputError

Task = TypeVar("Task")
Result = TypeVar("Result")

_MOST = 8  # one reader feeds no more
_AHEAD = 2  # tasks that wait for a free worker
_LOOK_SECONDS = 0.05


class Workers(NamedTuple):
    """Processes that are there already, and how many."""

    pool: ProcessPoolExecutor
    n_workers: int


def worker_count(workers: int | None = None) -> int:
    """How many worker processes to use: one for each core, or as asked; 0 for work in this process.

    :param workers: how many shall work at the same time, this process included: 1 is none but this.
    """
    if not may_fork():
        return 0
    wished = min(_cores(), _MOST) if workers is None else workers
    return wished if wished > 1 else 0


def _cores() -> int:
    """The cores that this process may use, which in a container or a batch job are fewer than the machine has."""
    return len(os.sched_getaffinity(0))


def may_fork() -> bool:
    """Whether a copy of this process would work: on Linux, with no other Python thread that could hold a lock just now,
    and not inside a worker of somebody else's, which may have none of its own."""
    single = threading.active_count() == 1 and threading.current_thread() is threading.main_thread()
    return sys.platform == "linux" and single and not multiprocessing.current_process().daemon


@contextmanager
def worker_processes(count: int) -> Iterator[Workers | None]:
    """So many processes, started already; None for 0, or where the system gives none.

    Leaving it waits for what is under way (a shard at most) and drops what has not begun.
    """
    others = set(multiprocessing.active_children())
    pool = _pool(count) if count else None
    mine = [process for process in multiprocessing.active_children() if process not in others]
    try:
        yield Workers(pool, count) if pool else None
    finally:
        if pool is not None:
            _leave(pool, mine)


def _leave(pool: ProcessPoolExecutor, processes: list[BaseProcess]) -> None:
    """Let every worker end.

    One that is killed while it waits to be told so takes with it the lock under which the others hear it, and they
    would wait for ever: they are ended, too, for nobody waits for what they do.
    """
    telling = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True})
    telling.start()
    waiting = processes
    while waiting and telling.is_alive():  # where nobody may wait for children, only the thread knows of the end
        wait([process.sentinel for process in waiting], timeout=_LOOK_SECONDS)
        waiting = [process for process in waiting if process.is_alive()]
        if any(process.exitcode for process in processes):  # also of one whose end the thread has seen before
            for process in waiting:
                process.kill()
    telling.join()


def _pool(count: int) -> ProcessPoolExecutor | None:
    try:
        pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), initializer=begin_worker)
    except (OSError, NotImplementedError):  # no shared semaphores, as in some sandboxes
        return None
    pool.submit(int)  # forks all of them now, before a progress bar or Arrow starts a thread
    return pool


def begin_worker() -> None:
    """What a forked process does first: leave Ctrl-C to its parent, and end when that does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # killed: nobody is left to report to, and the folder's lock must not outlive the run


def in_order(workers: Workers | None, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """The result of `work` for each task, in the order of the tasks. Two more than there are workers are taken at most,
    so that memory does not grow with their number.

    :raises OutputError: where a worker was killed. What `work` raises comes through as it is.
    """
    if workers is None:
        yield from map(work, tasks)
        return
    waiting: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            waiting.append(workers.pool.submit(work, task))
            del task  # it may be large, and the next one is made before this name is bound again
            if len(waiting) >= workers.n_workers + _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        remedy = "free some memory and run the same command again"
        raise OutputError("a worker process was killed, perhaps for want of memory", remedy=remedy) from error
    finally:
        for future in waiting:
            future.cancel()

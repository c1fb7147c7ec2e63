"""Streams of tasks through Ray Data: Arrow tables, or tasks carried as they are, some at a time.

Ray Data wants to know its input before it begins, and a run reads on while others convert. So tasks go in windows, each
a dataset; the next window is read and under way while the last tasks of one are still being done. What is put into the
cluster is held by the node of the run itself: another node may die, and its tasks are done again elsewhere.
"""

from __future__ import annotations

import logging
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa
import ray
import ray.data
import ray.exceptions

from tunesmith.curate.engines.ray_nodes import FIRST, Carried, Checked
from tunesmith.errors import EngineError, TunesmithError

Task = TypeVar("Task")
Result = TypeVar("Result")

#: How often a task is done again whose node or process died. Ray Data itself would go on for ever, also with a row that
#: kills each process that looks at it. `ray_remote_args_fn` is its only public way to say so, until Ray 2.64.
_RETRIES = 5

#: Windows under way: while the last tasks of one are being done, the next has begun.
_SIDE_BY_SIDE = 2

#: References to Arrow tables in the cluster.
Blocks = deque[Any]


class Stream(NamedTuple):
    """How tasks go to the nodes: the versions that they must have, and how many tasks make a window."""

    wanted: Mapping[str, str]
    window: int

    def carried(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The result of each task, in the order of the tasks."""
        for block in self._windows(partial(_carried, Checked(work, self.wanted)), tasks):
            for one in block["result"].to_pylist():
                if isinstance(one.content, TunesmithError):
                    raise one.content
                yield one.content

    def tables(
        self, work: Callable[[pa.Table], pa.Table], tables: Iterable[tuple[int, pa.Table]]
    ) -> Iterator[tuple[int, pa.Table]]:
        """What becomes of each table, with the number that it came with."""
        for block in self._windows(partial(_tables, Checked(work, self.wanted)), tables):
            yield block[FIRST][0].as_py(), block.drop_columns([FIRST])

    def _windows(self, under_way: Callable[[list[Any]], Blocks], tasks: Iterable[Any]) -> Iterator[pa.Table]:
        """The blocks that `under_way` makes of lists of tasks, in order. They wait in the cluster until they are asked
        for; a window that somebody read from while it runs would keep a core of this machine busy with looking. Leaving
        early waits for what is under way: two windows at most."""
        source, ahead = iter(tasks), deque[Future[Blocks]]()
        with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="ray window") as pool, _told():
            try:
                while window := list(islice(source, self.window)):
                    done = ahead.popleft().result() if len(ahead) == _SIDE_BY_SIDE else None
                    ahead.append(pool.submit(under_way, window))
                    del window  # its tasks may be large, and the next ones are read before this name is bound again
                    yield from _fetched(done)
                while ahead:
                    yield from _fetched(ahead.popleft().result())
            finally:
                for future in ahead:
                    future.cancel()


def _fetched(blocks: Blocks | None) -> Iterator[pa.Table]:
    """One after the other, each forgotten by the cluster when it is here."""
    while blocks:
        yield ray.get(blocks.popleft())


def _retried() -> dict[str, Any]:
    return {"max_retries": _RETRIES}


def _carried(checked: Checked, tasks: list[Any]) -> Blocks:
    rows = [{"task": Carried(task)} for task in tasks]
    data = ray.data.from_items(rows, override_num_blocks=len(rows))
    work: Any = checked.carried
    done: Any = data.map_batches(work, batch_size=1, batch_format="numpy", ray_remote_args_fn=_retried)
    return deque(done.to_arrow_refs())


def _tables(checked: Checked, tables: list[tuple[int, pa.Table]]) -> Blocks:
    numbered = [table.append_column(FIRST, pa.array([number] * len(table), pa.int64())) for number, table in tables]
    data = ray.data.from_arrow(numbered)
    done: Any = data.map_batches(
        checked.table, batch_size=None, batch_format="pyarrow", zero_copy_batch=True, ray_remote_args_fn=_retried
    )
    return deque(done.to_arrow_refs())


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong on a node, as an error of ours.

    :raises EngineError: where nodes or their processes die again and again.
    """
    try:
        yield
    except ray.exceptions.RayTaskError as error:
        cause = _ours(error)
        if cause is None:
            raise
        raise cause from None
    except ray.exceptions.RayError as error:
        what = f"the cluster gave up: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        remedy = "look at its nodes and their memory, then run the same command again: it goes on"
        raise EngineError(what, where="Ray", remedy=remedy) from error


def _ours(error: BaseException) -> TunesmithError | None:
    """The error of ours that stands behind one of Ray's, if there is any."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, TunesmithError):
        seen = getattr(seen, "cause", None) or seen.__cause__
    return seen


def quiet() -> None:
    """Ray Data tells of every window; a run tells its own progress."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.raise_original_map_exception = True
    context.execution_options.preserve_order = True  # for lines; a table knows its place
    # Its tasks can be done again elsewhere, where the hash shuffles keep state in actors; of few large cells it is the
    # fastest, too: 0.2 s instead of 4 to 7 for 20,000 rows.
    context.shuffle_strategy = ray.data.context.ShuffleStrategy.SORT_SHUFFLE_PULL_BASED
    context.target_max_block_size = None  # a shard is never cut
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", "`ray_remote_args_fn` is deprecated")  # see _RETRIES

"""Rows looked at in parts of a few thousand, by as many processes as there are cores.

The processes are forks of this one, so that rows, tokenizer and template are there already: a part is sent as a number,
and what comes back are sums. Where no fork may be made this process does the same by itself.

>>> with each_seen(sum, [[1, 2], [3]]) as seen:
...     list(seen)
[3, 3]
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, NamedTuple, TypeVar

from tunesmith.curate.ingest import without_collector
from tunesmith.curate.workers import in_order, worker_count, worker_processes
from tunesmith.train.preflight_rows import Chosen
from tunesmith.train.preflight_serving import Compared
from tunesmith.train.preflight_tally import Tally
from tunesmith.train.types import Fate, Row, Sets

PART_ROWS = 2048
_FEW_PARTS = 2  # are done before other processes have begun

Given = TypeVar("Given")
Found = TypeVar("Found")


class Part(NamedTuple):
    """Rows of one set that follow one another."""

    split: str
    group: str
    rows: Sequence[Row]


@dataclass
class Seen:
    """What was found in one part; `tallies` by source."""

    fates: list[Fate]
    tallies: dict[str, Tally]
    chosen: Chosen
    compared: Compared


def parts_of(sets: Sets) -> list[Part]:
    """All rows, training first, then each group that validates."""
    named = [("train", "", sets.train), *(("validation", group, rows) for group, rows in sets.validation.items())]
    return [
        Part(split, group, rows[start : start + PART_ROWS])
        for split, group, rows in named
        for start in range(0, len(rows), PART_ROWS)
    ]


@contextmanager
def each_seen(
    look: Callable[[Given], Found], parts: Sequence[Given], *, workers: int | None = None
) -> Iterator[Iterator[Found]]:
    """What `look` finds in each part, in order; the processes have begun when this is entered.

    :param workers: how many processes, one for each core where there are more than a few parts; 1 is none but this.
    """
    number = next(_numbers)
    _jobs[number] = (look, parts)
    wished = worker_count(workers) if workers or len(parts) > _FEW_PARTS else 0
    try:
        with worker_processes(wished) as pool:
            yield in_order(pool, partial(_work if pool else _work_here, number), range(len(parts)))
    finally:
        del _jobs[number]


#: What is under way. A forked process finds here what its parent put in before: a template cannot be sent.
_jobs: dict[int, tuple[Callable[[Any], Any], Sequence[Any]]] = {}
_numbers = count()


def _work(job: int, place: int) -> Any:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # each process has one core, and threads do not survive a fork
    return _work_here(job, place)


def _work_here(job: int, place: int) -> Any:
    look, parts = _jobs[job]
    with without_collector():
        return look(parts[place])

"""What a node of the cluster does for a run: pure functions, which see no file of the run.

Each process checks first that it is what the run began with: the same code, Python and libraries give the same bytes,
and others might not.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa

from tunesmith.curate.engines.engine import Look
from tunesmith.curate.export_lines import Shard as LineShard
from tunesmith.curate.export_lines import Written, lines_of_rows
from tunesmith.curate.ingest import Shard, converted
from tunesmith.curate.measuring import measured
from tunesmith.curate.stages import table_bytes, versions
from tunesmith.errors import EngineError, TunesmithError

#: Where a table's rows stand among all that were asked for, as a column of its own.
FIRST = "first of these rows"


class Checked(NamedTuple):
    """A function that runs on nodes, and the versions that it wants there."""

    work: Any
    wanted: Mapping[str, str]

    def table(self, table: pa.Table) -> pa.Table:
        """The function of a table of Arrow, with the place of its rows."""
        begin(tuple(sorted(self.wanted.items())))
        place = table[FIRST][0].as_py()
        found = self.work(table.drop_columns([FIRST]).combine_chunks())
        return found.append_column(FIRST, pa.array([place] * len(found), pa.int64()))

    def carried(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """The function of one carried task; an error that a person is meant to read is a result, too."""
        (task,) = batch["task"]
        try:
            begin(tuple(sorted(self.wanted.items())))
            return {"result": [Carried(self.work(task.content))]}
        except TunesmithError as error:
            return {"result": [Carried(error)]}


class Carried:
    """A task or a result that is no table: Ray takes it as it is, and does not look for columns in it."""

    def __init__(self, content: Any) -> None:
        self.content = content


@lru_cache(maxsize=1)
def begin(wanted: tuple[tuple[str, str], ...]) -> None:
    """Once in each process of a node.

    :raises EngineError: where something differs that could change a byte.
    """
    here = versions()
    differing = [
        f"{name} {here.get(name)} instead of {version}" for name, version in wanted if here.get(name) != version
    ]
    if differing:
        what = f"expected what the run began with, saw {', '.join(differing)}"
        remedy = "give every node the same image or environment: other versions could write other bytes"
        raise EngineError(what, where=f"Ray node {socket.gethostname()}", remedy=remedy)
    from tunesmith.curate.lean import keep_freed_memory

    keep_freed_memory()


class Files(NamedTuple):
    """The three files of a shard, as bytes, and how many rows they hold."""

    n_rows: int
    rows: bytes
    columns: bytes
    signals: bytes


def convert_and_measure(shard: Shard) -> Files:
    """The files of a shard of raw rows."""
    rows, columns = converted(shard)
    signals = measured(rows, basic=shard.treatment.basic)
    return Files(len(rows), *(table_bytes(batch).to_pybytes() for batch in (rows, columns, signals)))


class LineTask(NamedTuple):
    """A shard to be exported, with its rows and its lines of the ledger."""

    shard: LineShard
    rows: pa.Table
    ledger: pa.Table


def lines_of(task: LineTask) -> Written:
    """The lines of a shard.

    :raises OutputError: where the wished format cannot hold a kept row.
    """
    return lines_of_rows(task.shard, task.rows, task.ledger)


def signals_of(rows: pa.Table, *, basic: bool) -> pa.Table:
    """The signals of rows that were converted before."""
    (batch,) = rows.to_batches()
    return pa.Table.from_batches([measured(batch, basic=basic)])


def looked(look: Look, table: pa.Table) -> pa.Table:
    """What a stage keeps of some rows; one entry for each.

    :raises ValueError: where it has more or fewer.
    """
    found = look(table)
    if len(found) != len(table):
        raise ValueError(f"expected {len(table)} rows, saw {len(found)}")
    return found

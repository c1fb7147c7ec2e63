"""A Ray cluster: nodes convert, measure, look at texts and make lines; band keys are grouped by a shuffle.

The run itself stays where it was started, which has to be a node of the cluster: there lie the input, the stages and
the output, and nothing else has to be shared. Rows travel to the nodes and what was found travels back.

>>> from tunesmith.curate.engines.ray_cluster import ray_engine
>>> with ray_engine("10.0.0.7:6379", progress) as engine:  # doctest: +SKIP
...     run(loaded, out, engine=engine)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from tunesmith.curate.engines.engine import Lines, Look, Put
from tunesmith.curate.engines.ray_groups import shuffle_buckets
from tunesmith.curate.engines.ray_nodes import Files, LineTask, convert_and_measure, lines_of, looked, signals_of
from tunesmith.curate.engines.ray_stream import Stream
from tunesmith.curate.export_lines import Shard as LineShard
from tunesmith.curate.export_lines import Written
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.ingest import Convert, Shard
from tunesmith.curate.measuring import Unmeasured
from tunesmith.curate.progress import Progress
from tunesmith.curate.row_texts import RowTexts
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.shards import SIGNALS_SCHEMA, beside
from tunesmith.curate.stages import is_whole, read_table, table_bytes, write_table

if TYPE_CHECKING:
    from pathlib import Path

    from tunesmith.curate.bands import Buckets
    from tunesmith.curate.tokens import Hashes, Places

#: What a node looks at in one task, which costs about 25 ms of its own: rows of several shards, until one of these.
_TABLE_ROWS, _TABLE_BYTES = 1 << 14, 1 << 24


class Ray(NamedTuple):
    """The engine over a cluster that was reached (`ray_cluster.py`)."""

    stream: Stream

    @contextmanager
    def converter(self, size_bytes: int, progress: Progress, *, basic: bool) -> Iterator[Convert]:
        """Nodes convert and measure; their files are written here."""
        yield self._convert

    def _convert(self, shards: Iterable[Shard]) -> Iterator[int]:
        paths: list[Path] = []

        def noted() -> Iterator[Shard]:
            for shard in shards:
                paths.append(shard.path)
                yield shard

        for number, files in enumerate(self.stream.carried(convert_and_measure, noted())):
            _write(paths[number], files)
            yield files.n_rows

    def measure(self, shards: Sequence[Unmeasured], progress: Progress) -> None:
        """Nodes measure what was only converted when an earlier run ended."""
        waiting = [shard for shard in shards if not is_whole(beside(shard.rows, "signals"))]
        if not waiting:
            return
        sizes = [len(read_table(shard.rows)) for shard in waiting]
        with progress.stage("measure", total=sum(sizes), unit="rows") as advance:
            for basic in {shard.basic for shard in waiting}:
                tables = ((n, read_table(one.rows)) for n, one in enumerate(waiting) if one.basic == basic)
                for number, found in self.stream.tables(partial(signals_of, basic=basic), tables):
                    (batch,) = found.cast(SIGNALS_SCHEMA).combine_chunks().to_batches()
                    write_table(beside(waiting[number].rows, "signals"), batch)
                    advance(sizes[number])

    def each_row(self, texts: RowTexts, rows: Places | None, look: Look, put: Put) -> None:
        """Nodes look, some shards at a time."""
        whole_shards = texts._replace(piece_rows=_TABLE_ROWS)
        tables = (whole_shards.records(part, rows) for part in whole_shards.parts(rows))
        several = gathered(tables, most_rows=_TABLE_ROWS, most_bytes=_TABLE_BYTES)
        for first, found in self.stream.tables(partial(looked, look), several):
            put(first, found)

    def buckets(self, keys: Hashes, rows: Places, *, scratch: Scratch, threads: int | None = None) -> Buckets:
        """By a shuffle."""
        return shuffle_buckets(keys, rows, scratch=scratch)

    @contextmanager
    def liner(self, n_rows: int) -> Iterator[Lines]:
        """Nodes make lines."""
        yield self._lines

    def _lines(self, shards: Iterable[LineShard]) -> Iterator[Written]:
        return self.stream.carried(lines_of, map(line_task, shards))


def gathered(tables: Iterable[pa.Table], *, most_rows: int, most_bytes: int) -> Iterator[tuple[int, pa.Table]]:
    """Tables that follow each other, several as one, each with the number of rows before it."""
    before, waiting, n_rows, n_bytes = 0, list[pa.Table](), 0, 0
    for table in tables:
        if waiting and (n_rows + len(table) > most_rows or n_bytes + table.nbytes > most_bytes):
            yield before, pa.concat_tables(waiting)
            before, waiting, n_rows, n_bytes = before + n_rows, [], 0, 0
        waiting.append(table)
        n_rows, n_bytes = n_rows + len(table), n_bytes + table.nbytes
    if waiting:
        yield before, pa.concat_tables(waiting)


def line_task(shard: LineShard) -> LineTask:
    """What a node needs to make the lines of a shard. Its part of the ledger is copied: where it travels, a slice takes
    along all that it was cut from."""
    rows = read_table(shard.path)
    ledger = read_table(shard.ledger).slice(shard.start, len(rows))
    return LineTask(shard, rows, pa.ipc.open_file(table_bytes(ledger)).read_all())


def _write(path: Path, files: Files) -> None:
    """The files of a shard, each whole or not at all; the columns last, for a pair counts only when it is whole."""
    for place, data in (
        (beside(path, "signals"), files.signals),
        (path, files.rows),
        (beside(path, "columns"), files.columns),
    ):
        with atomic_path(place) as temporary:
            temporary.write_bytes(data)

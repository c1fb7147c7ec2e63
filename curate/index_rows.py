"""The rows of files and of finished runs, sketched batch by batch, on their way into an index or against one.

Worker processes, where they pay, parse, convert and sketch; the batches come in the order of the rows.

>>> rows = SketchedRows(["train.jsonl", "runs/medical"], form)
>>> for batch in rows.batches():
...     print(batch.rows.num_rows)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.formats.base import Format
from tunesmith.curate.index_form import IndexForm, sketch_batch
from tunesmith.curate.ingest import batches, without_collector
from tunesmith.curate.io import RawRow
from tunesmith.curate.progress import Progress
from tunesmith.curate.reading import original_json, read_one
from tunesmith.curate.recipe import one_line_recipe, source_names
from tunesmith.curate.records import Record, content_id, to_batch
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.curate.sources import Source, open_source
from tunesmith.curate.workers import Workers, in_order, worker_count, worker_processes

#: Rows that are sketched at a time, and bytes: a column of text in Arrow ends at 2 GiB.
BATCH_ROWS, BATCH_BYTES = 4096, 64_000_000
#: Bytes of input from which worker processes pay.
_WORTH_WORKERS = 4_000_000


class Sketched(NamedTuple):
    """Rows of an index's schema; the rows as they came, where they are wanted; how many could not be read, by reason,
    and the position of the first of each."""

    rows: pa.RecordBatch
    lines: list[bytes]
    invalid: dict[str, int]
    first: dict[str, int]


class _Task(NamedTuple):
    name: str
    rows: Sequence[RawRow]
    form: Format | None


@dataclass
class SketchedRows:
    """The readable rows of several inputs. It counts what it reads: `readable` rows, and the others by reason."""

    paths: Sequence[str]
    form: IndexForm
    want_lines: bool = False
    batch_rows: int = BATCH_ROWS
    readable: int = 0
    invalid: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)  # the place of the first row of each reason

    def __post_init__(self) -> None:
        """Open everything, so that a wrong path is said before anything is read.

        :raises InputError: where an input cannot be read.
        """
        names = source_names(one_line_recipe(self.paths).recipe.sources)
        self._inputs: list[Source | RunData] = [
            open_run(Path(path)) if is_run(Path(path)) else open_source(path, name=name)
            for path, name in zip(self.paths, names)
        ]
        self._names = names

    def counts(self) -> dict[str, Any]:
        """What was read so far: `rows_in`, `invalid`, `reasons`, and in `first` a place of each reason."""
        invalid = self.invalid.total()
        reasons = dict(self.invalid.most_common())
        return {"rows_in": self.readable + invalid, "invalid": invalid, "reasons": reasons, "first": self.first}

    @property
    def files(self) -> list[Path]:
        """The files that are read, where they are files."""
        sources = [one for one in self._inputs if isinstance(one, Source)]
        return [Path(file.path) for source in sources for file in source.plan.input.files]

    def batches(self, progress: Progress) -> Iterator[Sketched]:
        """All rows in the order of the inputs."""
        size = sum(path.stat().st_size for path in self.files if path.is_file())
        with worker_processes(worker_count() if size >= _WORTH_WORKERS else 0) as workers, without_collector():
            for path, name, one in zip(self.paths, self._names, self._inputs):
                with progress.stage(f"read {path}", total=None, unit="rows") as advance:
                    for sketched in self._sketched(one, name, workers):
                        self._count(sketched, one)
                        advance(len(sketched.rows) + sum(sketched.invalid.values()))
                        yield sketched

    def _sketched(self, one: Source | RunData, name: str, workers: Workers | None) -> Iterator[Sketched]:
        if isinstance(one, RunData):
            return self._of_run(one, self._prefix(one, name))
        threads = 1 if workers else None
        work = partial(_sketch_task, form=self.form, want_lines=self.want_lines, threads=threads)
        return in_order(workers, work, self._tasks(one))

    def _tasks(self, source: Source) -> Iterator[_Task]:
        for rows in batches(source.plan.input.rows(), self.batch_rows, BATCH_BYTES):
            yield _Task(source.plan.name, rows, source.plan.form)

    def _count(self, sketched: Sketched, source: Source | RunData) -> None:
        self.readable += len(sketched.rows)
        self.invalid.update(sketched.invalid)
        for code, position in sketched.first.items():
            if code not in self.first and isinstance(source, Source):
                self.first[code] = source.plan.input.locate(position)

    def _prefix(self, run: RunData, name: str) -> str:
        """A run's rows keep their ids, unless another input has a source of the same name."""
        others = [one for one in self._inputs if one is not run]
        taken = {name for one in others for name in _sources_of(one)}
        return f"{name}/" if taken & set(_sources_of(run)) else ""

    def _of_run(self, run: RunData, prefix: str) -> Iterator[Sketched]:
        """The kept rows of a run, as it has them. Their content ids are those of the rows as they are now: an edited
        row is found under what it says, not under what it said."""
        kept = np.flatnonzero(pc.equal(run.ledger["verdict"], "kept").to_numpy(zero_copy_only=False))
        row_ids = run.ledger["row_id"]
        for start in range(0, len(kept), self.batch_rows):
            numbers = kept[start : start + self.batch_rows]
            records = [run.record(number) for number in numbers.tolist()]
            ids = [prefix + row_id for row_id in row_ids.take(pa.array(numbers)).to_pylist()]
            lines = [run.raw(number) for number in numbers.tolist()] if self.want_lines else []
            yield Sketched(_sketch(records, ids, self.form, None), lines, {}, {})


def is_run(path: Path) -> bool:
    """Whether this is the folder of a finished run."""
    return (path / "manifest.json").is_file() and (path / "ledger.parquet").is_file()


def _sources_of(one: Source | RunData) -> Iterable[str]:
    return [one.plan.name] if isinstance(one, Source) else [found["name"] for found in one.manifest["inputs"]]


def _sketch_task(task: _Task, form: IndexForm, want_lines: bool, threads: int | None) -> Sketched:
    """Parse, convert and sketch raw rows. A worker does this."""
    rows = [read_one(raw, task.form) for raw in task.rows]
    good = [(got, got.read) for got in rows if got.read is not None]
    bad = [(got.error.code, got.raw.position) for got in rows if got.error is not None]
    ids = [f"{task.name}:{got.raw.position}" for got, _ in good]
    batch = _sketch([read.record for _, read in good], ids, form, threads)
    lines = [original_json(got) for got, _ in good] if want_lines else []
    return Sketched(batch, lines, Counter(code for code, _ in bad), dict(reversed(bad)))


def _sketch(records: Sequence[Record], row_ids: Sequence[str], form: IndexForm, threads: int | None) -> pa.RecordBatch:
    return sketch_batch(to_batch(records), form, row_ids, [content_id(record) for record in records], threads=threads)

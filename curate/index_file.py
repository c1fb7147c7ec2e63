"""The index as one Arrow file: written once, row after row; read memory-mapped, so that a query touches what it needs.

The file is an ordinary Arrow IPC file: `pa.ipc.open_file(path)` reads it anywhere. Its form stands in the schema's
metadata; what is known only at the end, the number of rows, in the metadata of a last batch without rows.

>>> with new_file(Path("train.index.arrow"), form_of(on="row", threshold=0.7, ngram=5)) as add:
...     add(batch)
>>> open_index(Path("train.index.arrow")).rows
1000
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.index_form import IndexForm, Sketches, parse_form, sets_of, sketches_of
from tunesmith.curate.index_kernels import Best, make_tables, search_batch
from tunesmith.curate.index_store import Taken
from tunesmith.curate.shingles import ShingleSets, join_sets
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Places
from tunesmith.errors import InputError

_FORM = b"tunesmith_index"
_ROWS = b"rows"
_REMEDY = "build it with `tunesmith curate index build`"


@contextmanager
def new_file(path: Path, form: IndexForm) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """Yields a function that adds a batch of rows. The file appears when the block ends well, whole."""
    rows = 0

    def add(batch: pa.RecordBatch) -> None:
        nonlocal rows
        rows += len(batch)
        writer.write_batch(batch)

    schema = form.schema.with_metadata({_FORM: form.as_json()})
    with (
        atomic_path(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        yield add
        writer.write_batch(pa.RecordBatch.from_pylist([], schema), custom_metadata={_ROWS: str(rows)})


class FileIndex:
    """An index file, opened. Rows are named by their number, from 0, in the order in which they were added."""

    def __init__(self, path: Path, reader: pa.ipc.RecordBatchFileReader, form: IndexForm, starts: Places) -> None:
        self.path, self.form = path, form
        self._reader, self._starts = reader, starts

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return int(self._starts[-1])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, a batch at a time."""
        return (self._batch(number) for number in range(len(self._starts) - 1))

    def search(self, delivery: Sketches, *, threads: int | None = None) -> Best:
        """The most similar row of the index for each row of a delivery; of equally similar ones the first."""
        n_batches, n_rows = len(self._starts) - 1, len(delivery.classes)
        if not n_rows or not n_batches:
            return Best.none(n_rows)
        tables = make_tables(delivery)
        spans = np.array_split(np.arange(n_batches), min(threads or os.cpu_count() or 1, n_batches))

        def work(span: Places) -> Best:
            found, seen = Best.none(n_rows), np.full(n_rows, -1)
            for number in span.tolist():
                index = sketches_of(self._batch(number))
                search_batch(index, int(self._starts[number]), delivery, tables, self.form.threshold, seen, found)
            return found

        return _best_of(run_threads(work, spans, threads))

    def take(self, numbers: Places) -> Taken:
        """Rows by number, ascending."""
        parts = [(self._batch(batch), places) for batch, places in self._by_batch(numbers)]
        sides = [[sets_of(rows.column(name).take(places)) for rows, places in parts] for name in self._sides()]
        classes = [rows.column("class").take(places).to_numpy() for rows, places in parts]
        joined = [join_sets(side) for side in sides]
        return Taken(np.concatenate([np.empty(0, np.int8), *classes]), joined[0], _second(joined))

    def names(self, numbers: Places) -> list[tuple[str, str]]:
        """Row id and content id of rows by number, ascending."""
        return [
            name
            for batch, places in self._by_batch(numbers)
            for name in zip(*(self._batch(batch).column(n).take(places).to_pylist() for n in ("row_id", "content_id")))
        ]

    def with_content(self, content_ids: Sequence[str]) -> dict[str, int]:
        """The first row of each of these contents that the index holds."""
        found: dict[str, int] = {}
        wanted = pa.array(content_ids, pa.string())
        for start, batch in zip(self._starts.tolist(), self.batches()) if content_ids else ():
            column = batch.column("content_id")
            for place in np.flatnonzero(pc.is_in(column, wanted).to_numpy(zero_copy_only=False)).tolist():
                found.setdefault(column[place].as_py(), start + place)
        return found

    def _by_batch(self, numbers: Places) -> Iterator[tuple[int, pa.Array]]:
        batch_of = np.searchsorted(self._starts, numbers, "right") - 1
        for batch in np.unique(batch_of).tolist():
            yield batch, pa.array(numbers[batch_of == batch] - self._starts[batch])

    def _sides(self) -> list[str]:
        return ["compared", "answer"] if self.form.with_answer else ["compared"]

    def _batch(self, number: int) -> pa.RecordBatch:
        try:
            return self._reader.get_batch(number)
        except (pa.ArrowException, OSError) as error:
            raise _broken(self.path, error) from error


def _second(sides: list[ShingleSets]) -> ShingleSets:
    return sides[1] if len(sides) > 1 else ShingleSets(np.empty(0, np.uint64), np.zeros(1, np.int64))


def _best_of(parts: Sequence[Best]) -> Best:
    """Parts in the order of the index: of equally similar rows the first part's stays."""
    best = parts[0]
    for part in parts[1:]:
        better = part.similarity > best.similarity
        best = Best(*(np.where(better, new, old) for new, old in zip(part, best)))
    return best


def open_index(path: Path) -> FileIndex:
    """Open an index file.

    :raises InputError: where there is none, where the file is cut, something else, or another version's.
    """
    if not path.is_file():
        seen = "saw a folder" if path.is_dir() else "found no such file"
        raise InputError(f"expected an index file, {seen}", where=str(path), remedy=_REMEDY)
    try:
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        metadata = reader.schema.metadata or {}
        if _FORM not in metadata:
            raise InputError("is an Arrow file, and no index", where=str(path), remedy=_REMEDY)
        form = parse_form(metadata[_FORM], where=str(path))
        sizes = [reader.get_batch(number).num_rows for number in range(reader.num_record_batches)]
        total = reader.get_batch_with_custom_metadata(len(sizes) - 1)[1] if sizes else None
    except (pa.ArrowException, OSError) as error:
        raise _broken(path, error) from error
    if not reader.schema.equals(form.schema) or total is None or int(total.get(_ROWS, b"-1")) != sum(sizes):
        raise InputError("the index does not hold the rows that it should", where=str(path), remedy=_REMEDY)
    return FileIndex(path, reader, form, np.cumsum([0, *sizes[:-1]]))


def _broken(path: Path, error: Exception) -> InputError:
    if isinstance(error, PermissionError):
        return InputError("no permission to read it", where=str(path), remedy="check the file's permissions")
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    what = f"expected an index file, saw one that is cut short or no Arrow file ({said})"
    return InputError(what, where=str(path), remedy=f"{_REMEDY}, or copy it again")

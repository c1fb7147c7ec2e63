"""`tunesmith curate index query`: which rows of a delivery the index knows already, and which are new.

>>> found = query_index("train.index.arrow", ["delivery.jsonl"], out=Path("matches.jsonl"), new=Path("new.jsonl"))
>>> found.matched, found.new
(412, 588)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.index import Queried, check_place, check_store, url_of
from tunesmith.curate.index_file import open_index
from tunesmith.curate.index_form import Sketches, sketches_of
from tunesmith.curate.index_kernels import Best
from tunesmith.curate.index_rows import Sketched, SketchedRows
from tunesmith.curate.index_store import Index
from tunesmith.curate.progress import Progress
from tunesmith.errors import OutputError

# Rows of a delivery that are looked up at a time: the index passes by once for each of these portions.
_PORTION = 32_768


def query_index(
    index: str | Path,
    paths: Sequence[str],
    *,
    out: Path,
    new: Path | None = None,
    store: str = "arrow",
    redis_url: str | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Queried:
    """Check the rows of a delivery against an index.

    :param index: the index file; for the store `redis` the name of the index.
    :param out: file for the matches, a JSON line each: `row_id, content_id, partner, partner_content_id, similarity,
        answer_similarity` (null where answers are not compared); in a folder that exists, `matches.jsonl`.
    :param new: file for the rows that match nothing, as they came.
    :param store: `memory` puts an index file into datasketch's tables first; its answers are the same.
    :raises InputError: for an index or an input that cannot be read.
    :raises OutputError: where `out` or `new` is there already, without `replace`, or cannot be written.
    """
    start = time.perf_counter()
    out = out / "matches.jsonl" if out.is_dir() else out
    with ExitStack() as stack:
        opened = stack.enter_context(_opened(str(index), store, redis_url))
        rows = SketchedRows(paths, opened.form, want_lines=new is not None)
        for place in (out, new):
            if place is not None:
                check_place(place, [Path(index), *rows.files], replace=replace)
        if new is not None and new.absolute() == out.absolute():
            raise OutputError("is to hold both matches and new rows", where=str(new), remedy="name two files")
        matched = _write(opened, rows, out, new, progress or Progress())
    return Queried(
        **rows.counts(),
        matched=matched,
        new=rows.readable - matched,
        index=str(index),
        index_rows=opened.rows,
        on=opened.form.on,
        threshold=opened.form.threshold,
        out=out,
        new_out=new,
        seconds=round(time.perf_counter() - start, 3),
    )


@contextmanager
def _opened(index: str, store: str, redis_url: str | None) -> Iterator[Index]:
    check_store(store)
    if store == "redis":
        from tunesmith.curate import index_redis

        with index_redis.opened(index_redis.Server(url_of(redis_url), index)) as found:
            yield found
        return
    file = open_index(Path(index))
    if store == "arrow":
        yield file
        return
    from tunesmith.curate.index_lsh import in_memory

    yield in_memory(file)


def _write(index: Index, rows: SketchedRows, out: Path, new: Path | None, progress: Progress) -> int:
    """Write matches and new rows; the number of matches."""
    matched = 0
    with ExitStack() as stack:
        write_match = _writer(out, stack)
        write_new = _writer(new, stack) if new is not None else None
        for portion, lines in _portions(rows.batches(progress)):
            found = matches_of(index, portion)
            for match in found.values():
                write_match(jsontext.dump_bytes(match))
            for number, line in enumerate(lines):
                if write_new is not None and number not in found:
                    write_new(line)
            matched += len(found)
    return matched


def _writer(path: Path, stack: ExitStack) -> Callable[[bytes], None]:
    file = stack.enter_context(stack.enter_context(atomic_path(path)).open("wb", buffering=1 << 20))

    def write(line: bytes) -> None:
        file.write(line + b"\n")

    return write


def _portions(batches: Iterable[Sketched]) -> Iterator[tuple[pa.RecordBatch, list[bytes]]]:
    """Batches joined to larger ones."""
    waiting: list[Sketched] = []
    for batch in batches:
        waiting.append(batch)
        if sum(len(one.rows) for one in waiting) >= _PORTION:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(batches: Sequence[Sketched]) -> tuple[pa.RecordBatch, list[bytes]]:
    return pa.concat_batches([one.rows for one in batches]), [line for one in batches for line in one.lines]


def matches_of(index: Index, delivery: pa.RecordBatch) -> dict[int, dict[str, Any]]:
    """The line of each row that the index knows, by its number in the delivery."""
    sketches = sketches_of(delivery)
    best = index.search(sketches)
    _add_copies(index, delivery, sketches, best)
    rows = np.flatnonzero(best.partner >= 0)
    partners = np.unique(best.partner[rows])
    names = dict(zip(partners.tolist(), index.names(partners)))
    row_ids, content_ids = (delivery.column(name).to_pylist() for name in ("row_id", "content_id"))
    return {
        row: {
            "row_id": row_ids[row],
            "content_id": content_ids[row],
            "partner": names[partner][0],
            "partner_content_id": names[partner][1],
            "similarity": similarity,
            "answer_similarity": answer if index.form.with_answer else None,
        }
        for row, partner, similarity, answer in zip(rows.tolist(), *(column[rows].tolist() for column in best))
    }


def _add_copies(index: Index, delivery: pa.RecordBatch, sketches: Sketches, best: Best) -> None:
    """A row without tokens ("+++", "😀") has nothing to compare, but an exact copy of it is one all the same."""
    blank = np.flatnonzero(sketches.compared.sizes == 0)
    content_ids = delivery.column("content_id").take(pa.array(blank)).to_pylist()
    known = index.with_content(content_ids)
    for row, content in zip(blank.tolist(), content_ids):
        if content in known:
            best.partner[row], best.similarity[row], best.answer_similarity[row] = known[content], 1.0, 1.0

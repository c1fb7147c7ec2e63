"""Columns of a run's Parquet files for `curate verify`: read a batch at a time, as numbers, and never trusted.

>>> ids, no_id = content_ids(pa.array(["0" * 31 + "a", None, "seven"]))
>>> ids.tolist(), no_id.tolist()
([[0, 10], [0, 0], [0, 0]], [False, False, True])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

BATCH_ROWS = 1 << 16

Mask = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.uint64]

#: What pyarrow raises for a file that is none of its own, or a damaged one.
UNREADABLE = (OSError, ValueError, pa.ArrowException)


def even_batches(file: pq.ParquetFile, columns: Sequence[str]) -> Iterator[pa.Table]:
    """All rows of some columns, `BATCH_ROWS` at a time whatever the file's own row groups are; sound, or an error.

    :raises ValueError: where the file has not all of them; pyarrow would leave them out in silence.
    """
    missing = [name for name in columns if name not in file.schema_arrow.names]
    if missing:
        raise ValueError(f"it has no column {', '.join(missing)}")
    waiting: list[pa.RecordBatch] = []
    n_rows = 0
    for batch in file.iter_batches(BATCH_ROWS, columns=list(columns)):
        batch.validate(full=True)
        waiting.append(batch)
        n_rows += len(batch)
        while n_rows >= BATCH_ROWS:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, BATCH_ROWS).combine_chunks()
            waiting = table.slice(BATCH_ROWS).to_batches()
            n_rows -= BATCH_ROWS
    if n_rows:
        yield pa.Table.from_batches(waiting).combine_chunks()


def open_parquet(path: Path) -> pq.ParquetFile:
    """A file whose pages are held against their checksums, where it was written with any."""
    return pq.ParquetFile(path, page_checksum_verification=True)


def first_line(error: Exception) -> str:
    """What an error says, short enough for a line."""
    return str(error).split("\n")[0][:200]


def damaged_part(path: Path) -> str | None:
    """The first column of a row group that cannot be read; None where not even the file's end can."""
    try:
        with open_parquet(path) as file:
            for group in range(file.num_row_groups):
                for name in file.schema_arrow.names:
                    if not _is_sound(file, group, name):
                        return f"column {name} of row group {group + 1}"
    except UNREADABLE:
        return None
    return None


def _is_sound(file: pq.ParquetFile, group: int, name: str) -> bool:
    try:
        file.read_row_group(group, [name]).validate(full=True)
    except UNREADABLE:
        return False
    return True


def codes_of(column: pa.ChunkedArray | pa.Array, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """The place of each value among the names, -1 where it is none of them."""
    places = pc.index_in(column, pa.array(names, pa.string()))
    codes: npt.NDArray[np.int64] = places.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def content_ids(column: pa.ChunkedArray | pa.Array) -> tuple[Ids, Mask]:
    """Content ids as two numbers each, shape `(n_rows, 2)`, zero for null; and which are no ids at all."""
    good = pc.match_substring_regex(column, "^[0-9a-f]{32}$").fill_null(False)
    mask: Mask = good.to_numpy(zero_copy_only=False)
    ids = np.zeros((len(mask), 2), np.uint64)
    ids[mask] = packed(column.filter(good).to_pylist())
    valid: Mask = column.is_valid().to_numpy(zero_copy_only=False)
    return ids, ~mask & valid


def packed(ids: Sequence[str]) -> Ids:
    """Content ids of 32 hex digits as two numbers each."""
    return np.frombuffer(bytes.fromhex("".join(ids)), ">u8").reshape(-1, 2).astype(np.uint64)

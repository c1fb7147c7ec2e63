"""Stage 5: duplicates. Here the exact ones: rows whose whole normal form is the same.

Of each set of equal rows one survives, by priority: decided to keep, longer answer, earlier. Every other row names it
as its partner. The keys are 128-bit digests of the normal form (`normalform.py`), which keeps digits and the case of
code.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Duplicates(NamedTuple):
    """Partner of each row, -1 for a survivor; shape `(n_rows,)`."""

    partner: npt.NDArray[np.int64]


def key_pairs(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """A column of 16-byte digests as numbers, shape `(n_rows, 2)`."""
    chunks = [
        np.frombuffer(chunk.buffers()[1], np.uint64).reshape(-1, 2)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(chunks) if chunks else np.empty((0, 2), np.uint64)


def exact_duplicates(
    keys: npt.NDArray[np.uint64],
    alive: npt.NDArray[np.bool_],
    *,
    decided: npt.NDArray[np.bool_],
    answer_characters: npt.NDArray[np.int64],
) -> Duplicates:
    """Resolve equal keys among the rows still alive.

    :param keys: shape `(n_rows, 2)`, as `key_pairs` gives them.
    :param decided: rows that a person decided to keep; they come first.
    """
    rows = np.flatnonzero(alive)
    # the last key of lexsort is the first criterion; the row number last makes the order total
    order = rows[np.lexsort((rows, -answer_characters[rows], ~decided[rows], keys[rows, 1], keys[rows, 0]))]
    partner = np.full(len(keys), -1, np.int64)
    if not len(order):
        return Duplicates(partner)
    starts = np.ones(len(order), bool)
    starts[1:] = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    survivor = order[starts][np.cumsum(starts) - 1]
    partner[order[~starts]] = survivor[~starts]
    return Duplicates(partner)

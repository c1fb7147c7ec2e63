"""Columns of 128-bit digests as numbers, and which of them are equal.

>>> keys = key_pairs(pa.chunked_array([pa.array([b"a" * 16, b"b" * 16, b"a" * 16], pa.binary(16))]))
>>> numbers = number_keys(keys)
>>> bool(numbers[0] == numbers[2] != numbers[1])
True
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]

_ODD, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


def key_pairs(column: pa.ChunkedArray) -> Keys:
    """A column of 16-byte digests, shape `(n_rows, 2)`."""
    chunks = [
        np.frombuffer(chunk.buffers()[1], np.uint64).reshape(-1, 2)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(chunks) if chunks else np.empty((0, 2), np.uint64)


def number_keys(keys: Keys) -> npt.NDArray[np.int64]:
    """Equal rows of `keys` get equal numbers from 0, in no particular order; shape `(n_rows,)`.

    Rows are sorted by one mixed number each: of two columns in 0.64 of the time of all in turn, of four in a third.
    Should two different rows ever have the same number, all columns decide.
    """
    mixed = _mixed(keys)
    order = np.argsort(mixed)
    new = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    if (new & (mixed[order[1:]] == mixed[order[:-1]])).any():
        order = np.lexsort(keys.T)
        new = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    numbers = np.empty(len(keys), np.int64)
    numbers[order] = np.concatenate([np.zeros(min(len(keys), 1), np.int64), np.cumsum(new)])
    return numbers


def _mixed(keys: Keys) -> Keys:
    """A 64-bit hash of each row."""
    mixed: Keys = np.zeros(len(keys), np.uint64)
    for column in keys.T:
        mixed = (mixed ^ column) * _ODD
        mixed ^= mixed >> _HALF
    return mixed

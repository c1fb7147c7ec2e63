"""NumPy arrays with an entry for each row as an Arrow table, and back: how what a stage finds travels.

>>> table = table_of({"size": np.array([1, 2]), "map": np.array([[1, 2], [3, 4]])})
>>> rows_of(table["map"]).tolist()
[[1, 2], [3, 4]]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def table_of(arrays: Mapping[str, npt.NDArray[Any]]) -> pa.Table:
    """Arrays of shape `(n_rows,)` or `(n_rows, width)`, the latter as lists of a fixed size."""
    return pa.table({name: _column(np.ascontiguousarray(array)) for name, array in arrays.items()})


def _column(array: npt.NDArray[Any]) -> pa.Array:
    if array.ndim == 1:
        return pa.array(array)
    return pa.FixedSizeListArray.from_arrays(pa.array(array.reshape(-1)), array.shape[1])


def rows_of(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    """The array again; read-only."""
    kind = column.type
    if pa.types.is_fixed_size_list(kind):
        return flat_values(column).reshape(len(column), kind.list_size)
    values: npt.NDArray[Any] = column.to_numpy()
    return values


def flat_values(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    """All values of a column of lists, one row after the other."""
    parts = [chunk.flatten().to_numpy() for chunk in column.chunks]
    return parts[0] if len(parts) == 1 else np.concatenate(parts or [np.empty(0)])

"""Text columns of few different values as numpy arrays whose equal entries are one object: 8 bytes a row.

>>> import pyarrow as pa
>>> shared_texts(pa.chunked_array([["kept", None], ["kept"]])).tolist()
['kept', None, 'kept']
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def shared_texts(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """The texts of a column, None where it is null; shape `(n_rows,)`. Arrow's own way makes a text for every row."""
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode(null_encoding="encode")
    values: npt.NDArray[np.object_] = np.array([*encoded.dictionary.to_pylist(), None], object)
    found: npt.NDArray[np.object_] = values[encoded.indices.to_numpy(zero_copy_only=False)]
    return found

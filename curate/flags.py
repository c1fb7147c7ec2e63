"""What was noticed about rows, as the lists of words that stand in the ledger's `flags`.

>>> flag_lists({"variant": np.array([True, False]), "unsafe": np.array([True, True])}).to_pylist()
[['variant', 'unsafe'], ['unsafe']]
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_MOST = 63  # bits of a number


def flag_lists(marked: Mapping[str, npt.NDArray[np.bool_]]) -> pa.Array:
    """For each row the names of the masks that hold it, in their order; a list array of shape `(n_rows,)`.

    :raises ValueError: no mask, or more than 63.
    """
    if not 0 < len(marked) <= _MOST:
        raise ValueError(f"expected 1 to {_MOST} masks, saw {len(marked)}")
    bits = sum(mask.astype(np.int64) << place for place, mask in enumerate(marked.values()))
    found, which = np.unique(np.asarray(bits, np.int64), return_inverse=True)
    names = [[name for place, name in enumerate(marked) if bit >> place & 1] for bit in found.tolist()]
    return pa.array(names, pa.list_(pa.string())).take(pa.array(which))

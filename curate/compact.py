"""What is kept of every row of a text column to find the rows that could be alike: 400 bytes, whatever its length.

The keys of its bands, a parity map, and how many shingles it has. The shingles themselves are read again of those rows
only for which the maps leave it open (`near.py`), so that memory does not grow with the text.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.bands import RECALL, Bands, fill_band_keys, solve_bands
from tunesmith.curate.pairs import MAP_WORDS, fill_maps
from tunesmith.curate.row_arrays import rows_of, table_of
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.sketch import Sketch
from tunesmith.curate.tokens import Hashes


class Compact(NamedTuple):
    """One entry a row. `keys`: uint64, shape `(n_bands, n_rows)`; `maps`: uint64, shape `(n_rows, 16)`; `sizes`: int32.

    A row of size 0 has no shingles: its keys say nothing, and it is alike to none.
    """

    bands: Bands
    keys: Hashes
    maps: Hashes
    sizes: npt.NDArray[np.int32]

    @classmethod
    def room(cls, n_rows: int, *, threshold: float, n_slots: int, scratch: Scratch, recall: float = RECALL) -> Compact:
        """Room for so many rows, to be filled piece by piece.

        :raises ValueError: where no bands of so many slots find pairs at the threshold (`solve_bands`).
        """
        bands = solve_bands(threshold, recall=recall, n_slots=n_slots)
        keys = scratch.array((bands.n_bands, n_rows), np.uint64)
        return cls(bands, keys, scratch.array((n_rows, MAP_WORDS), np.uint64), scratch.array((n_rows,), np.int32))

    @classmethod
    def of(cls, whole: Sketch, *, threshold: float, recall: float = RECALL) -> Compact:
        """Of a sketch that is in memory."""
        n_rows, n_slots = whole.signatures.shape
        compact = cls.room(n_rows, threshold=threshold, n_slots=n_slots, scratch=Scratch(None), recall=recall)
        compact.put(0, table_of(compact_sketch(whole, compact.bands)))
        return compact

    def put(self, start: int, table: pa.Table) -> None:
        """Keep rows from row `start` on, as `compact_sketch` gives them; in any order, and side by side."""
        here = slice(start, start + len(table))
        self.keys[:, here] = rows_of(table["keys"]).T
        self.maps[here] = rows_of(table["maps"])
        self.sizes[here] = rows_of(table["sizes"])


def compact_sketch(sketch: Sketch, bands: Bands) -> dict[str, npt.NDArray[Any]]:
    """What is kept of some rows, by the names of `Compact`'s fields; `keys` has shape `(n_rows, n_bands)` here."""
    numbers = np.arange(len(sketch.signatures))
    keys, maps = np.empty((bands.n_bands, len(numbers)), np.uint64), np.zeros((len(numbers), MAP_WORDS), np.uint64)
    for band in range(bands.n_bands):
        first = band * bands.n_rows
        fill_band_keys(sketch.signatures, numbers, first, first + bands.n_rows, keys[band])
    fill_maps(sketch.sets, numbers, maps)
    return {"keys": keys.T, "maps": maps, "sizes": sketch.sets.sizes.astype(np.int32)}

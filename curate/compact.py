"""What is kept of every row of a text column to find the rows that could be alike: 400 bytes, whatever its length.

The keys of its bands, a parity map, and how many shingles it has. The shingles themselves are read again of those rows
only for which the maps leave it open (`near.py`), so that memory does not grow with the text.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.bands import RECALL, Bands, fill_band_keys, solve_bands
from tunesmith.curate.pairs import MAP_WORDS, fill_maps
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

    def put(self, start: int, sketch: Sketch) -> None:
        """Keep the rows of a piece that begins at row `start`. Pieces may come in any order, and side by side."""
        numbers = np.arange(len(sketch.signatures))
        end = start + len(numbers)
        for band in range(self.bands.n_bands):
            first = band * self.bands.n_rows
            fill_band_keys(sketch.signatures, numbers, first, first + self.bands.n_rows, self.keys[band, start:end])
        fill_maps(sketch.sets, numbers, self.maps[start:end])
        self.sizes[start:end] = sketch.sets.sizes

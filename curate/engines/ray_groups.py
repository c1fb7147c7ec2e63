"""Rows that share a band key, found by a shuffle: what `bands.find_buckets` finds on one machine.

Each node cuts the keys of its rows into parts, one or more for each band; the shuffle brings those of one part
together; and who has a part numbers the keys that two rows or more share. A part is small enough for one process
whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import ray.data

from tunesmith.curate.bands import Buckets, check_room, number_shared
from tunesmith.curate.row_arrays import flat_values, rows_of, table_of
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.tokens import Hashes, Places

_ROWS_A_BLOCK = 1 << 17  # that the run puts into the cluster at a time
_KEYS_A_PART = 1 << 23  # about: 200 MB where they are numbered


class Parts(NamedTuple):
    """How the keys of a band are cut: into `1 << bits` parts by their lowest bits."""

    bits: int

    @classmethod
    def of(cls, n_rows: int, keys_a_part: int = _KEYS_A_PART) -> Parts:
        """So that a part has about so many keys."""
        return cls(max(0, (max(n_rows, 1) - 1) // keys_a_part).bit_length())


def shuffle_buckets(keys: Hashes, rows: Places, *, scratch: Scratch, keys_a_part: int = _KEYS_A_PART) -> Buckets:
    """Group `rows` by their keys, band by band, on the cluster.

    :param keys: shape `(n_bands, n_rows)`, as `fill_band_keys` fills them.
    """
    groups = scratch.array((len(keys), len(rows)), np.int32)
    groups[:] = -1
    parts = Parts.of(len(rows), keys_a_part)
    sizes, n_groups = [np.zeros(1, np.int64)], 0
    for found in _shuffled(keys, rows, parts):
        band = found["part"][0].as_py() >> parts.bits
        places, numbers = flat_values(found["places"]), flat_values(found["groups"])
        groups[band, places] = numbers + n_groups
        counts = np.bincount(numbers)
        sizes.append(counts)
        n_groups += len(counts)
        check_room(n_groups)
    starts = np.concatenate(sizes)
    return Buckets(groups, np.cumsum(starts, out=starts))


def _shuffled(keys: Hashes, rows: Places, parts: Parts) -> Iterator[pa.Table]:
    """For each part, the rows that share a key, by their place in `rows`, and the number of that key in the part."""
    blocks = list(_blocks(keys, rows))
    if not blocks:
        return
    cells = ray.data.from_arrow(blocks).map_batches(
        partial(cut_keys, bits=parts.bits), batch_size=None, batch_format="pyarrow"
    )
    grouped: Any = cells.groupby("part").map_groups(number_part, batch_format="pyarrow")
    for table in grouped.iter_batches(batch_size=None, batch_format="pyarrow"):
        for number in range(len(table)):
            yield table.slice(number, 1)


def _blocks(keys: Hashes, rows: Places) -> Iterator[pa.Table]:
    for first in range(0, len(rows), _ROWS_A_BLOCK):
        mine = rows[first : first + _ROWS_A_BLOCK]
        yield table_of({"place": np.arange(first, first + len(mine), dtype=np.int32), "keys": keys[:, mine].T})


def cut_keys(table: pa.Table, *, bits: int) -> pa.Table:
    """A cell for each part of each band: the places of its rows, and their keys."""
    places, keys = rows_of(table["place"]), rows_of(table["keys"])
    numbers, cells_places, cells_keys = [], [], []
    for band in range(keys.shape[1]):
        of_band = np.ascontiguousarray(keys[:, band])
        part = of_band & np.uint64((1 << bits) - 1)
        order = np.argsort(part, kind="stable")
        bounds = np.searchsorted(part[order], np.arange((1 << bits) + 1, dtype=np.uint64))
        for number, (first, last) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist())):
            if first < last:
                numbers.append((band << bits) + number)
                cells_places.append(places[order[first:last]])
                cells_keys.append(of_band[order[first:last]])
    return pa.table({"part": pa.array(numbers, pa.int64()), "places": _lists(cells_places), "keys": _lists(cells_keys)})


def number_part(cells: pa.Table) -> pa.Table:
    """The cells of one part as one: the places of rows that share a key, and the keys' numbers from 0."""
    places, keys = flat_values(cells["places"]), flat_values(cells["keys"])
    order = np.argsort(places)  # cells come in any order; numbers follow the rows
    places, keys = places[order], keys[order]
    groups = number_shared(keys)
    shared = groups >= 0
    return pa.table(
        {"part": cells["part"].slice(0, 1), "places": _lists([places[shared]]), "groups": _lists([groups[shared]])}
    )


def _lists(arrays: list[np.ndarray]) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum([len(array) for array in arrays], dtype=np.int64)])
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), pa.array(np.concatenate(arrays)))

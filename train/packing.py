"""Several examples in one sequence, so that little of it is padding: best fit, longest first, nothing cut.

>>> pack([3, 5, 2, 4], 7)
[[0, 3], [1, 2]]

Best-fit decreasing needs at most 11/9 of the fewest packs possible (Johnson, 1974) and mostly far less. The open pack
with the least sufficient room is found in a tree over the room, so n examples take O(n · log max_length).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pack(lengths: Sequence[int], max_length: int) -> list[list[int]]:
    """Which examples share a sequence: indexes rise in each pack, and packs stand in the order of their first one.

    :param lengths: tokens of each example, each from 1 to `max_length`.
    :raises ValueError: for a length outside of that.
    """
    sizes = np.asarray(lengths, np.int64)
    if len(sizes) and (sizes.min() < 1 or sizes.max() > max_length):
        raise ValueError(f"expected lengths from 1 to {max_length}, saw {sizes.min()} to {sizes.max()}")
    room = _Room(max_length)
    packs: list[list[int]] = []
    for index in np.argsort(-sizes, kind="stable").tolist():
        size = int(sizes[index])
        found = room.take(size)
        if found is None:
            packs.append([])
            found = len(packs) - 1, max_length
        number, free = found
        packs[number].append(index)
        room.put(number, free - size)
    return sorted(map(sorted, packs))


class _Room:
    """Open packs by the room that is left in them.

    A binary tree of counts over the rooms 0 to `most`: `counts[1]` is the root, `counts[width + room]` a leaf.
    """

    def __init__(self, most: int) -> None:
        self._width = 1 << most.bit_length()
        self._counts = [0] * (2 * self._width)
        self._packs: list[list[int]] = [[] for _ in range(most + 1)]

    def put(self, number: int, free: int) -> None:
        """A pack with so much room; one without room is closed."""
        if free:
            self._packs[free].append(number)
            self._add(free, 1)

    def take(self, size: int) -> tuple[int, int] | None:
        """The pack with the least room for `size` and that room, no longer open; the last one put among equals."""
        place = self._next(size)
        if place is None:
            return None
        self._add(place, -1)
        return self._packs[place].pop(), place

    def _add(self, free: int, count: int) -> None:
        node = self._width + free
        while node:
            self._counts[node] += count
            node >>= 1

    def _next(self, size: int) -> int | None:
        """The least room of `size` or more that a pack has."""
        node = self._width + size
        while not self._counts[node]:
            while node & 1:  # a right child: what follows it lies further up
                node >>= 1
            if not node:
                return None
            node += 1
        while node < self._width:
            node *= 2
            if not self._counts[node]:
                node += 1
        return node - self._width

"""The start and the end of each text, where its instructions stand, cut from the bytes of an Arrow column.

>>> ends_of(pa.array(["Summarise: " + "la " * 99 + "(in French)", "short"]), head=10, tail=11).to_pylist()
['Summarise:\\n(in French)', 'short']
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tunesmith.curate.compiled import compiled
from tunesmith.curate.tokens import Bytes, Places, TextRows


def ends_of(texts: pa.Array, *, head: int, tail: int) -> pa.Array:
    """The first `head` and the last `tail` bytes of each text, a line break between; a shorter text whole.

    A character that would be cut is left out.
    """
    data, starts, ends = TextRows.of(texts)
    long = ends - starts > head + tail
    head_ends = np.where(long, np.maximum(starts, _whole(data, starts + head, -1)), ends)
    tail_starts = np.where(long, np.minimum(ends, _whole(data, ends - tail, 1)), ends)
    sizes = (head_ends - starts) + (ends - tail_starts) + (tail_starts < ends)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    joined = np.empty(int(offsets[-1]), np.uint8)
    _join(data, starts, head_ends, tail_starts, ends, offsets, joined)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(joined))


def _whole(data: Bytes, places: Places, step: int) -> Places:
    """The nearest place in one direction where a character starts."""
    for _ in range(3):  # a character has three bytes more at most
        within = (places >= 0) & (places < len(data))
        inside = within & (data[np.where(within, places, 0)] & 0xC0 == 0x80) if len(data) else within
        places = places + step * inside
    return places


@compiled
def _join(
    data: Bytes, starts: Places, head_ends: Places, tail_starts: Places, ends: Places, offsets: Places, joined: Bytes
) -> None:
    """Fill `joined`."""
    for i in range(len(starts)):
        at = offsets[i]
        after = at + head_ends[i] - starts[i]
        joined[at:after] = data[starts[i] : head_ends[i]]
        if tail_starts[i] < ends[i]:
            joined[after] = 0x0A
            joined[after + 1 : offsets[i + 1]] = data[tail_starts[i] : ends[i]]

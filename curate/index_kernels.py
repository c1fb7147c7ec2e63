"""The kernels of `curate index`: which rows of a delivery are alike to a row of the index, and how alike, exactly.

The delivery's band keys lie in hash tables; the rows of the index pass by once, in order, and meet only rows that share
a key. A pair is judged as in `pairs.py`: parity maps bound it, then the two sorted sets are merged as far as need be.
That is written again here because a kernel calls only kernels of its own file (`compiled.py` says why).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.index_form import Sketches
from tunesmith.curate.pairs import MAP_WORDS
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.tokens import Hashes, Places

_NONE = -1
_BELOW = -1.0
_ONE, _HALF = np.uint64(1), np.uint64(32)
_PAIRS, _FOURS, _EIGHTS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES, _2, _4, _56 = np.uint64(0x0101010101010101), np.uint64(2), np.uint64(4), np.uint64(56)


class Best(NamedTuple):
    """For each row of a delivery its most similar row of the index, -1 where none reaches the threshold."""

    partner: Places
    similarity: npt.NDArray[np.float64]
    answer_similarity: npt.NDArray[np.float64]

    @classmethod
    def none(cls, n_rows: int) -> Best:
        """Nothing found yet."""
        return cls(np.full(n_rows, _NONE), np.full(n_rows, _BELOW), np.full(n_rows, _BELOW))


class Tables(NamedTuple):
    """The delivery's rows by band key: `heads`, int32, shape `(n_bands, n_places)`, is one row of each key or -1;
    `following`, shape `(n_bands, n_rows)`, the next row of the same key."""

    heads: npt.NDArray[np.int32]
    following: npt.NDArray[np.int32]


def make_tables(delivery: Sketches) -> Tables:
    """Enter every row that has shingles."""
    n_rows, n_bands = delivery.keys.shape
    n_places = 1 << (2 * n_rows + 1).bit_length()
    tables = Tables(np.full((n_bands, n_places), _NONE, np.int32), np.full((n_bands, n_rows), _NONE, np.int32))
    _enter(delivery.keys, delivery.compared.sizes, *tables)
    return tables


@compiled
def _enter(keys: Hashes, sizes: Places, heads: npt.NDArray[np.int32], following: npt.NDArray[np.int32]) -> None:
    last_place = np.uint64(heads.shape[1] - 1)
    for band in range(keys.shape[1]):
        for i in range(len(keys)):
            if sizes[i] == 0:
                continue
            place = (keys[i, band] >> _HALF) & last_place
            while heads[band, place] >= 0 and keys[heads[band, place], band] != keys[i, band]:
                place = (place + _ONE) & last_place
            following[band, i] = heads[band, place]
            heads[band, place] = i


@inlined
def _head(key: Scalar, band: Scalar, delivery: Sketches, tables: Tables) -> Scalar:
    last_place = np.uint64(tables.heads.shape[1] - 1)
    place = (key >> _HALF) & last_place
    while tables.heads[band, place] >= 0 and delivery.keys[tables.heads[band, place], band] != key:
        place = (place + _ONE) & last_place
    return tables.heads[band, place]


@inlined
def _size(sets: ShingleSets, number: Scalar) -> Scalar:
    return sets.offsets[number + 1] - sets.offsets[number]


@inlined
def _ratio(common: Scalar, size: Scalar, other_size: Scalar) -> Scalar:
    return common / (size + other_size - common)


@inlined
def _bound(ones: Sketches, i: Scalar, others: Sketches, j: Scalar) -> Scalar:
    """The similarity of the compared texts at most, from sizes and parity maps."""
    apart = np.uint64(0)
    for word in range(MAP_WORDS):
        bits = ones.maps[i, word] ^ others.maps[j, word]
        bits -= (bits >> _ONE) & _PAIRS
        bits = (bits & _FOURS) + ((bits >> _2) & _FOURS)
        bits = (bits + (bits >> _4)) & _EIGHTS
        apart += (bits * _BYTES) >> _56
    size, other_size = _size(ones.compared, i), _size(others.compared, j)
    return _ratio(min((size + other_size - np.int64(apart)) // 2, size, other_size), size, other_size)


@inlined
def _jaccard(ones: ShingleSets, i: Scalar, others: ShingleSets, j: Scalar, bar: Scalar) -> Scalar:
    """The similarity of two rows, or -1 where it is below `bar`. Sets without shingles are unlike."""
    size, other_size = _size(ones, i), _size(others, j)
    smaller = min(size, other_size)
    if smaller == 0 or _ratio(smaller, size, other_size) < bar:
        return _BELOW
    least: Scalar = max(np.int64(bar / (1 + bar) * (size + other_size)) - 1, 0)
    while _ratio(least, size, other_size) < bar:
        least += 1
    at, end = ones.offsets[i], ones.offsets[i + 1]
    other_at, other_end = others.offsets[j], others.offsets[j + 1]
    common = 0
    while at < end and other_at < other_end:
        if common + min(end - at, other_end - other_at) < least:
            return _BELOW
        one, two = ones.shingles[at], others.shingles[other_at]
        common += one == two  # no branch on the hashes: it would be guessed wrongly half the time
        at += one <= two
        other_at += two <= one
    return _ratio(common, size, other_size) if common >= least else _BELOW


@inlined
def _judge(
    ones: Sketches, i: Scalar, others: Sketches, j: Scalar, number: Scalar, threshold: Scalar, best: Best
) -> None:
    """Row j of the index, which is its row `number`, becomes the best of row i where it is more similar than that."""
    answer = 1.0
    if len(ones.answers.offsets) > 1:
        answer = _jaccard(ones.answers, i, others.answers, j, threshold)
        if answer == _BELOW:
            return
    found = _jaccard(ones.compared, i, others.compared, j, max(threshold, best.similarity[i]))
    if found > best.similarity[i] or (found == best.similarity[i] and found > 0 and number < best.partner[i]):
        best.partner[i], best.similarity[i], best.answer_similarity[i] = number, found, answer


@compiled
def search_batch(
    index: Sketches, first: Scalar, delivery: Sketches, tables: Tables, threshold: Scalar, seen: Places, best: Best
) -> None:
    """Improve `best` by the rows of one batch of the index, the first of which is its row `first`.

    `seen[i]` is the last row of the index that met row i of the delivery.
    """
    for j in range(len(index.classes)):
        number = first + j
        if _size(index.compared, j) == 0:
            continue
        for band in range(index.keys.shape[1]):
            i = _head(index.keys[j, band], band, delivery, tables)
            while i != _NONE:
                if seen[i] != number and delivery.classes[i] == index.classes[j]:
                    bound = _bound(delivery, i, index, j)
                    if bound >= threshold and bound >= best.similarity[i]:
                        _judge(delivery, i, index, j, number, threshold, best)
                seen[i] = number
                i = tables.following[band, i]


@compiled
def judge_pairs(
    delivery: Sketches,
    rows: Places,
    candidates: Sketches,
    places: Places,
    numbers: Places,
    threshold: Scalar,
    best: Best,
) -> None:
    """Improve `best` by pairs that another index named: `rows[p]` of the delivery with `places[p]` of the candidates.

    `numbers[c]` is the number of candidate c in its index.
    """
    for pair in range(len(rows)):
        i, j = rows[pair], places[pair]
        if delivery.classes[i] == candidates.classes[j]:
            _judge(delivery, i, candidates, j, numbers[j], threshold, best)

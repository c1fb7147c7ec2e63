"""The kernels that compare rows: exact Jaccard similarity, the greedy resolution, and components.

`near.py` says what they are for. Rows are numbered by priority here, 0 to n - 1; `rows[i]` is the number of row i in
its column. A pair is judged in three steps, each exact: the sizes and the parity maps bound its similarity from above,
the merge of the two sorted sets stops as soon as it cannot reach what is asked, and else gives the similarity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.bands import Buckets, Numbers
from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.tokens import Hashes, Places

Ratios = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: 1,024 bits a row. On 4,000 rows from one template, J .6 to each other, 512 bits leave 2.5 times the work.
MAP_WORDS = 16
_PLACE, _WORD_AT, _BIT = np.uint64(64 * MAP_WORDS - 1), np.uint64(6), np.uint64(63)
_PAIRS, _FOURS, _EIGHTS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333), np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTES = np.uint64(0x0101010101010101)
_1, _2, _4, _56 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)
_NONE = -1
_BELOW = -1.0


class Rows(NamedTuple):
    """The rows to compare, in the order of their priority.

    `rows`, int64, shape `(n,)`: numbers in the column, by which `sizes` (shingles of each row) and `maps`, uint64,
    shape `(n_rows, 16)`, of all rows are read. `numbers`, int64, shape `(n,)`: where the row's shingles stand in `sets`
    and, of a second column, in `answers`, which has no rows where there is none.
    """

    rows: Places
    sizes: Numbers
    maps: Hashes
    numbers: Places
    sets: ShingleSets
    answers: ShingleSets


class NearDuplicates(NamedTuple):
    """One entry a row; similarities are exact, NaN where there is no partner.

    `partner`: the surviving row for which this one is dropped, -1 for a row that survives or took no part.
    `variant`: of a survivor, the most similar earlier survivor that is alike in whole and not in the answer, or -1.
    """

    partner: Places
    similarity: Ratios
    answer_similarity: Ratios
    variant: Places
    variant_similarity: Ratios
    variant_answer_similarity: Ratios


@compiled
def fill_maps(sets: ShingleSets, numbers: Places, maps: Hashes) -> None:
    """Parity maps: each bit is flipped by every shingle of the row that falls on it. `maps` is all zeros before.

    Where two rows' maps differ in d bits, at least d shingles are in one of the sets only (Sandes, Teodoro, Melo:
    Bitmap filter, Information Systems 88, 2020). That is an exact bound on the similarity for the price of 16 words.
    """
    for i in range(len(numbers)):
        for at in range(sets.offsets[numbers[i]], sets.offsets[numbers[i] + 1]):
            place = sets.shingles[at] & _PLACE
            maps[i, place >> _WORD_AT] ^= _1 << (place & _BIT)


@inlined
def _bits_apart(one: Hashes, other: Hashes) -> Scalar:
    """Hamming distance; LLVM knows the sum of bits by its form and takes the processor's instruction."""
    total = np.uint64(0)
    for i in range(MAP_WORDS):
        bits = one[i] ^ other[i]
        bits -= (bits >> _1) & _PAIRS
        bits = (bits & _FOURS) + ((bits >> _2) & _FOURS)
        bits = (bits + (bits >> _4)) & _EIGHTS
        total += (bits * _BYTES) >> _56
    return np.int64(total)


@inlined
def _size(sets: ShingleSets, number: Scalar) -> Scalar:
    return sets.offsets[number + 1] - sets.offsets[number]


@inlined
def _ratio(common: Scalar, size: Scalar, other_size: Scalar) -> Scalar:
    """Jaccard similarity; equal fractions give equal numbers, and 7 of 10 gives what `0.7` is."""
    return common / (size + other_size - common)


@inlined
def _bound(rows: Rows, i: Scalar, j: Scalar) -> Scalar:
    """The similarity that rows i and j have at most."""
    row, other = rows.rows[i], rows.rows[j]
    size, other_size = np.int64(rows.sizes[row]), np.int64(rows.sizes[other])
    apart = _bits_apart(rows.maps[row], rows.maps[other])
    return _ratio(min((size + other_size - apart) // 2, size, other_size), size, other_size)


@inlined
def _least_common(size: Scalar, other_size: Scalar, bar: Scalar) -> Scalar:
    """How many shingles two sets have to share to reach `bar`, by the same division that judges them."""
    least: Scalar = max(np.int64(bar / (1 + bar) * (size + other_size)) - 1, 0)
    while _ratio(least, size, other_size) < bar:
        least += 1
    return least


@inlined
def _jaccard(sets: ShingleSets, number: Scalar, other: Scalar, bar: Scalar) -> Scalar:
    """The similarity of two rows of a column, or -1 where it is below `bar`. Sets without shingles are unlike."""
    shingles = sets.shingles
    size, other_size = _size(sets, number), _size(sets, other)
    smaller = min(size, other_size)
    if smaller == 0 or _ratio(smaller, size, other_size) < bar:
        return _BELOW
    least = _least_common(size, other_size, bar)
    i, end = sets.offsets[number], sets.offsets[number + 1]
    j, other_end = sets.offsets[other], sets.offsets[other + 1]
    common = 0
    while i < end and j < other_end:
        if common + min(end - i, other_end - j) < least:
            return _BELOW
        one, two = shingles[i], shingles[j]
        common += one == two  # no branch on the hashes: it would be guessed wrongly half the time
        i += one <= two
        j += two <= one
    return _ratio(common, size, other_size) if common >= least else _BELOW


@compiled
def measure_pairs(sets: ShingleSets, rows: Places, others: Places, similarity: Ratios) -> None:
    """Fill `similarity`, shape `(n_pairs,)`: 0 where a row has no shingles."""
    for i in range(len(rows)):
        similarity[i] = max(_jaccard(sets, rows[i], others[i], 0.0), 0.0)


@compiled
def fill_members(buckets: Buckets, members: Numbers) -> None:
    """All rows of each bucket, ascending."""
    ends = buckets.starts[:-1].copy()
    for i in range(buckets.groups.shape[1]):
        _enter(i, buckets, ends, members)


@inlined
def _candidates(
    i: Scalar, buckets: Buckets, ends: Places, members: Numbers, seen: Numbers, candidates: Numbers
) -> Scalar:
    """Write the members of row i's buckets, each once; their number. `seen[j]` is the last row that met row j."""
    found = 0
    for band in range(len(buckets.groups)):
        group = buckets.groups[band, i]
        if group == _NONE:
            continue
        for at in range(buckets.starts[group], ends[group]):
            j = members[at]
            if seen[j] != i:
                seen[j] = i
                candidates[found] = j
                found += 1
    return found


@inlined
def _enter(i: Scalar, buckets: Buckets, ends: Places, members: Numbers) -> None:
    """Row i becomes a member of its buckets."""
    for band in range(len(buckets.groups)):
        group = buckets.groups[band, i]
        if group != _NONE:
            members[ends[group]] = i
            ends[group] += 1


@inlined
def _choose(
    rows: Rows, i: Scalar, candidates: Numbers, with_answer: Scalar, threshold: Scalar
) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    """The most similar partner and variant of row i and their similarities; of equally similar ones, the first.

    What was found raises the bar, so that later comparisons stop sooner. The answer is compared first, for it is the
    shorter text; a variant matters only while there is no partner.
    """
    number = rows.numbers[i]
    partner, similarity = _NONE, threshold
    variant, variant_similarity = _NONE, threshold
    for j in candidates:
        other = rows.numbers[j]
        bound = _bound(rows, i, j)
        if bound < similarity and (bound < variant_similarity or partner != _NONE):
            continue
        if not with_answer or _jaccard(rows.answers, number, other, threshold) != _BELOW:
            found = _jaccard(rows.sets, number, other, similarity)
            if found > similarity or (found == similarity and (partner == _NONE or j < partner)):
                partner, similarity = j, found
        elif partner == _NONE:
            found = _jaccard(rows.sets, number, other, variant_similarity)
            if found > variant_similarity or (found == variant_similarity and (variant == _NONE or j < variant)):
                variant, variant_similarity = j, found
    return partner, similarity, variant, variant_similarity


@compiled
def resolve(
    rows: Rows, stays: Flags, buckets: Buckets, with_answer: Scalar, threshold: Scalar, found: NearDuplicates
) -> None:
    """Fill `found`, an entry for each of `rows`: each in turn is dropped for a survivor, or enters its buckets as one.

    `stays`, shape `(n,)`: rows that survive whatever they are alike to.
    """
    numbers = rows.numbers
    ends, members = buckets.starts[:-1].copy(), np.empty(buckets.starts[-1], np.int32)
    seen, candidates = np.full(len(numbers), _NONE, np.int32), np.empty(len(numbers), np.int32)
    for i in range(len(numbers)):
        n_candidates = _candidates(i, buckets, ends, members, seen, candidates)
        partner, similarity, variant, variant_similarity = _choose(
            rows, i, candidates[:n_candidates], with_answer, threshold
        )
        if partner != _NONE and not stays[i]:
            found.partner[i], found.similarity[i] = rows.rows[partner], similarity
            if with_answer:
                found.answer_similarity[i] = _jaccard(rows.answers, numbers[i], numbers[partner], 0.0)
            continue
        _enter(i, buckets, ends, members)
        if variant != _NONE:
            found.variant[i], found.variant_similarity[i] = rows.rows[variant], variant_similarity
            likeness = _jaccard(rows.answers, numbers[i], numbers[variant], 0.0)
            found.variant_answer_similarity[i] = max(likeness, 0.0)


@inlined
def _root(parents: Numbers, i: Scalar) -> Scalar:
    """The first row of i's component; the way there is halved for the next time."""
    while parents[i] != i:
        parents[i] = parents[parents[i]]
        i = parents[i]
    return i


@inlined
def _unite_bucket(
    i: Scalar, rows: Rows, members: Numbers, seen: Numbers, threshold: Scalar, parents: Numbers
) -> Scalar:
    """Join row i with each member that is alike and not yet of its component; whether all are of one then."""
    root = _root(parents, i)
    one = True
    for j in members:
        other_root = _root(parents, j)
        if other_root == root:
            continue
        alike = False
        if seen[j] != i:
            seen[j] = i
            alike = _bound(rows, i, j) >= threshold
            alike = alike and _jaccard(rows.sets, rows.numbers[i], rows.numbers[j], threshold) != _BELOW
        if alike:
            root, other_root = min(root, other_root), max(root, other_root)
            parents[other_root] = root
        else:
            one = False
    return one


@compiled
def unite(rows: Rows, buckets: Buckets, threshold: Scalar, parents: Numbers) -> None:
    """Union-find over all pairs that reach the threshold: `parents`, 0 to n - 1 before, then names components by row.

    A bucket whose members are all of one component is passed over as soon as a row is of it too: a prompt that stands
    in thousands of rows costs one comparison a row.
    """
    ends, members = buckets.starts[:-1].copy(), np.empty(buckets.starts[-1], np.int32)
    one = np.ones(len(ends), np.bool_)
    seen = np.full(len(rows.numbers), _NONE, np.int32)
    for i in range(len(rows.numbers)):
        for band in range(len(buckets.groups)):
            group = buckets.groups[band, i]
            if group == _NONE:
                continue
            inside = members[buckets.starts[group] : ends[group]]
            if len(inside) and not (one[group] and _root(parents, inside[0]) == _root(parents, i)):
                one[group] = _unite_bucket(i, rows, inside, seen, threshold, parents)
        _enter(i, buckets, ends, members)
    for i in range(len(rows.numbers)):
        parents[i] = _root(parents, i)

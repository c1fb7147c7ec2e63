"""Sketches: the shingle sets and the signatures of a text column, made in one pass over its bytes.

A signature is a Fast Similarity Sketch (Dahlgaard, Knudsen, Thorup: Fast Similarity Sketching, FOCS 2017, arXiv
1704.04370): the expected share of slots in which two rows agree is their Jaccard similarity, as concentrated as with
independent MinHashes even for a row of one shingle, for n + K log K hash evaluations a row instead of n · K.

How it works. In round i every shingle x of the row falls into one bin, with one value. In rounds 0 to K - 1 the hash is
h = x · a_i mod 2^64 with a random odd a_i; its top bits are the bin, all of it is the value. A bin that is empty when
a round starts takes the shingle of the lowest value of that round; when all bins are full, it is over. In rounds K to
2K - 1 everything falls into bin i - K, so that none stays empty. One multiplication is hash enough because shingles are
mixed already; the first round has a_0 = 1.

>>> found = sketch(pa.array(["one two three four five six", "ONE two, three four five six seven", None]))
>>> found.sets.sizes.tolist()
[2, 3, 0]
>>> float(estimate_jaccard(found.signatures, np.array([0]), np.array([1]))[0])  # exact: 2 of 3
0.671875
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.shingles import ShingleSets, join_sets, shingle_rows
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Hashes, Places, TextRows, hash_tokens

Signatures = npt.NDArray[np.uint32]

#: Bytes of text that a thread takes at a time, worth about 7 ms.
TASK_BYTES = 1 << 20

#: A slot of a row without shingles. It says nothing: such a row is never compared.
NO_SHINGLE = np.uint32(0xFFFFFFFF)

# SplitMix64, as in shingles.py. A change orphans persistent indexes; the tests pin what it gives.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)
_CLOSED, _OPEN = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


class Sketch(NamedTuple):
    """The rows of one column: their sets, and their signatures, uint32, shape `(n_rows, n_slots)`."""

    sets: ShingleSets
    signatures: Signatures


def sketch(
    column: Any, *, ngram: int = 5, n_slots: int = 128, keep_blank: bool = False, threads: int | None = None
) -> Sketch:
    """Sketch an Arrow column of string or large_string, in one piece or in chunks.

    The result does not depend on the number of threads, nor on how the column is cut: the rows of its parts have the
    sketches that they have in the whole. A null is an empty row; bytes that are not UTF-8 separate tokens.

    :param ngram: tokens in a shingle, at least 1.
    :param n_slots: 0 for the sets alone.
    :param keep_blank: a row without tokens gets one shingle, the hash of its bytes, so that two such rows are alike if
        they are equal: for answers like "+", where no token is not the same as nothing to compare.
    :param threads: all cores by default.
    :raises TypeError: where the column is not of strings.
    """
    if ngram < 1 or n_slots < 0:
        raise ValueError(f"expected ngram of at least 1 and n_slots of at least 0, saw {ngram} and {n_slots}")
    chunks = [TextRows.of(chunk) for chunk in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])]
    signatures = np.empty((sum(len(texts.starts) for texts in chunks), n_slots), np.uint32)
    multipliers = round_multipliers(n_slots)

    def work(task: _Task) -> ShingleSets:
        tokens = hash_tokens(task.texts, task.first, task.last, keep_blank=keep_blank)
        sets = shingle_rows(tokens, ngram=ngram)
        sign_rows(*sets, multipliers, signatures[task.at : task.at + task.last - task.first])
        return sets

    return Sketch(join_sets(run_threads(work, list(_tasks(chunks)), threads), threads=threads), signatures)


def estimate_jaccard(signatures: Signatures, rows: Places, others: Places) -> npt.NDArray[np.float64]:
    """The share of equal slots of pairs of rows, shape `(n_pairs,)`: their Jaccard similarity, estimated.

    Its standard error is at most sqrt(J(1 - J) / n_slots), and .7 of that for rows of under 100 shingles.
    """
    same: npt.NDArray[np.float64] = np.mean(signatures[rows] == signatures[others], axis=1)
    return same


def round_multipliers(n_slots: int) -> Hashes:
    """The odd multipliers a_i of the 2 · n_slots rounds, uint64."""
    state = np.arange(1, 2 * n_slots + 1, dtype=np.uint64) * _STEP
    state = (state ^ (state >> _SHIFT_1)) * _MIX_1
    state = (state ^ (state >> _SHIFT_2)) * _MIX_2
    state = (state ^ (state >> _SHIFT_3)) | np.uint64(1)
    state[:1] = 1
    return state


class _Task(NamedTuple):
    """Rows `first` to `last` of a chunk; the first of them is row `at` of the column."""

    texts: TextRows
    first: int
    last: int
    at: int


def _tasks(chunks: Iterable[TextRows]) -> Iterator[_Task]:
    at = 0
    for texts in chunks:
        before = np.concatenate([[0], np.cumsum(texts.ends - texts.starts)])
        first = 0
        while first < len(texts.starts):
            last = max(first + 1, int(np.searchsorted(before, before[first] + TASK_BYTES, "right")) - 1)
            yield _Task(texts, first, last, at + first)
            first = last
        at += len(texts.starts)


@inlined
def _throw(
    shingles: Hashes, multiplier: Scalar, lowest: Hashes, opened: Places, signature: Signatures, n_slots: Scalar
) -> Scalar:
    """One of the rounds 0 to K - 1; the number of bins that it filled.

    `lowest` is `_OPEN` for an empty bin and `_CLOSED`, which no value is below, for one that an earlier round filled.
    One value of 2^64 is not treated as it should be: 2^64 - 1 is no lower than an empty bin, and takes none.
    A slot holds the low 32 bits of its shingle: it was chosen by high bits, so they are free of the choice.
    """
    n_opened = 0
    for i in range(len(shingles)):
        value = shingles[i] * multiplier
        slot = ((value >> _HALF) * n_slots) >> _HALF
        if value < lowest[slot]:
            if lowest[slot] == _OPEN:
                opened[n_opened] = slot
                n_opened += 1
            lowest[slot] = value
            signature[slot] = shingles[i] & _LOW
    for i in range(n_opened):
        lowest[opened[i]] = _CLOSED
    return n_opened


@inlined
def _lowest_of(shingles: Hashes, multiplier: Scalar) -> Scalar:
    """One of the rounds K to 2K - 1: the shingle of the lowest value."""
    lowest, found = _OPEN, shingles[0]
    for i in range(len(shingles)):
        if shingles[i] * multiplier < lowest:
            lowest, found = shingles[i] * multiplier, shingles[i]
    return found


@compiled
def sign_rows(shingles: Hashes, offsets: Places, multipliers: Hashes, signatures: Signatures) -> None:
    """Fill `signatures`, shape `(n_rows, n_slots)`."""
    n_rows, n_slots = signatures.shape
    lowest, opened = np.empty(n_slots, np.uint64), np.empty(n_slots, np.int64)
    for row in range(n_rows):
        mine, signature = shingles[offsets[row] : offsets[row + 1]], signatures[row]
        if len(mine) == 0:
            signature[:] = NO_SHINGLE
            continue
        lowest[:] = _OPEN
        n_open, i = n_slots, 0
        while n_open and i < n_slots:
            n_open -= _throw(mine, multipliers[i], lowest, opened, signature, np.uint64(n_slots))
            i += 1
        for slot in range(n_slots):
            if n_open and lowest[slot] == _OPEN:
                signature[slot] = _lowest_of(mine, multipliers[n_slots + slot]) & _LOW

"""The kernels of resampling: sums over random subsets and over random samples with replacement, in machine code.

Random numbers come from a counter (SplitMix64: Steele, Lea and Flood 2014, Fast splittable pseudorandom number
generators, OOPSLA), so draw number `i` of a seed is the same in whatever order and on however many threads.

A subset's sum is put together from tables: for each eight units the 256 sums of their subsets are written down once,
and each random byte then looks one up. That is an eighth of the work of adding unit by unit.

>>> subset_sums(np.array([[1.0, 2.0, 4.0]]), np.uint64(7), 4, np.uint64(0b111))
array([[0., 1., 2., 3.]])
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined

Floats = npt.NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32, _8 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32), np.uint64(8)
_ONE, _BYTE, _HALF = np.uint64(1), np.uint64(0xFF), np.uint64(0xFFFFFFFF)


@inlined
def _drawn(key: Scalar, counter: Scalar) -> Scalar:
    mixed = key + counter * _GOLDEN
    mixed = (mixed ^ (mixed >> _30)) * _MIX_1
    mixed = (mixed ^ (mixed >> _27)) * _MIX_2
    return mixed ^ (mixed >> _31)


@compiled
def subset_sums(columns: Floats, key: np.uint64, n_subsets: int, mask: np.uint64) -> Floats:
    """Sums of each column over random subsets of the units, each unit in or out by a fair coin.

    :param columns: shape `(k, n_units)`.
    :param mask: ones for the first `m` units where those go through all their patterns in turn: subset `f` has
        pattern `f` modulo 2^(m-1), which leaves out unit `m-1`, as its complement has it. Zero for coins alone.
    :returns: shape `(k, n_subsets)`.
    """
    n_columns, n_units = columns.shape
    sums = np.zeros((n_columns, n_subsets))
    words = np.empty(n_subsets, np.uint64)
    table = np.zeros(256)
    for word in range((n_units + 63) // 64):
        for f in range(n_subsets):
            words[f] = _drawn(key, (np.uint64(word) << _32) + np.uint64(f))
            if word == 0:
                words[f] = (words[f] & ~mask) | (np.uint64(f) & (mask >> _ONE))
        for first in range(64 * word, min(64 * word + 64, n_units), 8):
            for column in range(n_columns):
                for bit in range(8):
                    size = 1 << bit
                    value = columns[column, first + bit] if first + bit < n_units else 0.0
                    for i in range(size):
                        table[size + i] = table[i] + value
                shift = np.uint64(first - 64 * word)
                for f in range(n_subsets):
                    sums[column, f] += table[(words[f] >> shift) & _BYTE]
    return sums


@compiled
def sampled_sums(columns: Floats, key: np.uint64, n_samples: int) -> Floats:
    """Sums of each column over samples of `n_units` units drawn with replacement.

    :param columns: shape `(n_units, k)`.
    :returns: shape `(n_samples, k)`.
    """
    n_units, n_columns = columns.shape
    size = np.uint64(n_units)
    sums = np.zeros((n_samples, n_columns))
    for sample in range(n_samples):
        for draw in range(n_units):
            word = _drawn(key, (np.uint64(sample) << _32) + np.uint64(draw))
            unit = ((word >> _32) * size) >> _32
            for column in range(n_columns):
                sums[sample, column] += columns[unit, column]
    return sums


@compiled
def sample_counts(n_units: int, key: np.uint64, first: int, n_samples: int) -> Floats:
    """How often each unit occurs in samples number `first` and following, the ones that `sampled_sums` draws.

    :returns: shape `(n_samples, n_units)`.
    """
    size = np.uint64(n_units)
    counts = np.zeros((n_samples, n_units))
    for sample in range(n_samples):
        for draw in range(n_units):
            word = _drawn(key, (np.uint64(first + sample) << _32) + np.uint64(draw))
            counts[sample, ((word >> _32) * size) >> _32] += 1.0
    return counts

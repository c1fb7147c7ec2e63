"""Embeddings as whole numbers, so that every cosine is exact, whatever the threads, the blocks and the machine.

A unit vector is rounded to a grid of 1/4096 at the finest. Products of two such vectors are whole numbers whose partial
sums are at most 2**24 (Cauchy-Schwarz), and float32 holds all of these: a matrix product gives the same bits in any
order of summation. Rounding moves a cosine by 0.0001 (standard deviation over all pairs of alpaca_en_demo, 384
dimensions), less than any threshold means.

>>> grid = to_grid(np.array([[0.6, 0.8], [0.8, 0.6], [0.0, 0.0]], np.float32))
>>> cosines(grid, np.array([0, 0]), np.array([0, 1])).round(3).tolist()
[1.0, 0.96]
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]
Ratios = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_FINEST = 4096
#: Rows in one block of a matrix product; a block's products are 32 MB.
BLOCK, CHUNK = 1024, 8192
_ROUNDING = 1e-6  # of the float32 bound that only sorts out; what it lets through is judged exactly


class Grid(NamedTuple):
    """Embeddings of `n_rows` texts. `steps`: int16, shape `(n_rows, dimension)`; `squares`: the squared length of each
    row in steps, int64, 0 for a row that has no embedding and is alike to nothing."""

    steps: npt.NDArray[np.int16]
    squares: Places


def grid_scale(dimension: int) -> float:
    """Steps in a length of 1: rounding never makes a unit vector longer than 4096 steps."""
    return _FINEST - sqrt(dimension) / 2


def to_grid(vectors: npt.NDArray[np.floating]) -> Grid:
    """Round vectors, shape `(n_rows, dimension)`, to the grid; each is brought to length 1 first, zeros stay."""
    wide = np.asarray(vectors, np.float64)
    lengths = np.sqrt(np.square(wide).sum(axis=1, keepdims=True))
    unit = np.divide(wide, lengths, out=np.zeros_like(wide), where=lengths > 0)
    return as_grid(np.rint(unit * grid_scale(wide.shape[1])).astype(np.int16))


def as_grid(steps: npt.NDArray[np.int16]) -> Grid:
    """A grid of steps that were rounded before; they may be mapped from a file."""
    squares = np.empty(len(steps), np.int64)
    for first in range(0, len(steps), CHUNK):
        part = steps[first : first + CHUNK].astype(np.int64)
        squares[first : first + CHUNK] = np.square(part).sum(axis=1)
    return Grid(steps, squares)


def products(grid: Grid, rows: Places, others: Places) -> npt.NDArray[np.float32]:
    """Dot products of every row with every other in steps, shape `(n_rows, n_others)`: exact whole numbers."""
    found: npt.NDArray[np.float32] = grid.steps[rows].astype(np.float32) @ grid.steps[others].astype(np.float32).T
    return found


def cosines(grid: Grid, rows: Places, others: Places) -> Ratios:
    """The cosine of each pair of rows, shape `(n_pairs,)`; 0 where one has no embedding."""
    found = np.empty(len(rows))
    for first in range(0, len(rows), CHUNK):
        one, other = rows[first : first + CHUNK], others[first : first + CHUNK]
        dots = np.einsum("ij,ij->i", grid.steps[one].astype(np.float32), grid.steps[other].astype(np.float32))
        found[first : first + CHUNK] = as_cosines(dots, grid.squares[one], grid.squares[other])
    return found


def as_cosines(dots: npt.NDArray[np.float32], squares: Places, other_squares: Places) -> Ratios:
    """Cosines of exact dot products. Each operation is rounded once by IEEE 754, so the bits are the same anywhere."""
    both = squares.astype(np.float64) * other_squares
    return np.divide(dots.astype(np.float64), np.sqrt(both), out=np.zeros(both.shape), where=both > 0)


class AlikePairs(NamedTuple):
    """Places in `rows` and `others` of the pairs that reach the threshold, ordered by both; shape `(n_pairs,)`.

    `similarity`: the cosine in each column, shape `(n_columns, n_pairs)`.
    """

    rows: Places
    others: Places
    similarity: Ratios


def alike_pairs(
    columns: Sequence[Grid], rows: Places, others: Places, threshold: float, labels: Places | None = None
) -> AlikePairs:
    """The pairs of a block whose cosine reaches the threshold in every column.

    :param labels: shape `(n_all_rows,)`; only rows of the same label are alike.
    """
    first = columns[0]
    dots = products(first, rows, others)
    least = threshold * np.sqrt(first.squares[rows] * float(first.squares[others].min(initial=0)))
    i, j = np.nonzero(dots >= (least * (1 - _ROUNDING))[:, None].astype(np.float32))
    if labels is not None:
        same = labels[rows[i]] == labels[others[j]]
        i, j = i[same], j[same]
    similarity = [as_cosines(dots[i, j], first.squares[rows[i]], first.squares[others[j]])]
    similarity += [_pair_cosines(column, rows, others, i, j) for column in columns[1:]]
    reached = np.all([values >= threshold for values in similarity], axis=0)
    return AlikePairs(i[reached], j[reached], np.array([values[reached] for values in similarity]))


def _pair_cosines(grid: Grid, rows: Places, others: Places, i: Places, j: Places) -> Ratios:
    """Cosines of some pairs of a block; where they are many, the whole product is cheaper than picking rows."""
    if len(i) * 32 < len(rows) * len(others):
        return cosines(grid, rows[i], others[j])
    return as_cosines(products(grid, rows, others)[i, j], grid.squares[rows[i]], grid.squares[others[j]])


def nearest(grid: Grid, rows: Places, among: Places) -> tuple[Places, Ratios]:
    """For each of `rows` the row of `among` with the highest cosine, the first of equals, and that cosine.

    -1 and NaN where `among` is empty. A row itself is not left out of `among`.
    """
    best, similarity = np.full(len(rows), -1), np.full(len(rows), np.nan)
    if not len(among):
        return best, similarity
    for first in range(0, len(rows), BLOCK):
        mine = rows[first : first + BLOCK]
        top, where = np.full(len(mine), -np.inf), np.full(len(mine), -1)
        for start in range(0, len(among), CHUNK):
            part = among[start : start + CHUNK]
            values = as_cosines(products(grid, mine, part), grid.squares[mine][:, None], grid.squares[part])
            place = values.argmax(axis=1)
            value = values[np.arange(len(mine)), place]
            better = value > top
            top[better], where[better] = value[better], part[place[better]]
        best[first : first + BLOCK], similarity[first : first + BLOCK] = where, top
    return best, similarity

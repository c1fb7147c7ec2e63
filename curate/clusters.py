"""Groups of rows about the same thing, by spherical k-means with a seed: the same groups on any machine.

The centres lie on the grid of the embeddings, so which centre is nearest is decided by exact whole numbers; they are
sums of steps, exact as well. The first centres are drawn as in k-means++ (Arthur and Vassilvitskii 2007), and the best
of a few starts counts. Groups are numbered by size, the largest 0.

>>> from tunesmith.curate.embedding_grid import to_grid
>>> grid = to_grid(np.array([[1.0, 0.1], [0.1, 1.0], [1.0, 0.0], [0.9, 0.1], [0.0, 0.0]]))
>>> find_clusters(grid, 2, seed=0).labels.tolist()
[0, 1, 0, 0, -1]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.embedding_grid import CHUNK, Flags, Grid, Places, Ratios, as_cosines, as_grid, grid_scale

MOST_CLUSTERS = 50
_STARTS, _MOST_ROUNDS = 3, 50
_EXAMPLES = 3

Sums = npt.NDArray[np.int64]


class Clusters(NamedTuple):
    """`labels`: the group of each row, -1 for a row without an embedding; `similarity`: the exact cosine to its centre.

    `centres`: as many embeddings as there are groups.
    """

    labels: Places
    similarity: Ratios
    centres: Grid


class Cluster(NamedTuple):
    """One group for a report. Rows are named by number; shares are 0 to 1 and sum to 1.

    `central` rows are the nearest to the centre, `fringe` rows the farthest; `cohesion` is the mean cosine to it.
    """

    number: int
    size: int
    share: float
    cohesion: float
    central: tuple[int, ...]
    fringe: tuple[int, ...]
    languages: dict[str, float]
    sources: dict[str, float]


def cluster_count(n_rows: int) -> int:
    """How many groups are made of so many rows: the square root of half of them, 2 to 50.

    >>> [cluster_count(n_rows) for n_rows in (5, 1000, 50_000)]
    [2, 22, 50]
    """
    return min(max(isqrt(n_rows // 2), 2), MOST_CLUSTERS)


def find_clusters(grid: Grid, k: int | None = None, *, seed: int, alive: Flags | None = None) -> Clusters:
    """Divide the rows into k groups, fewer where there are not so many different rows.

    :param k: by default `cluster_count`.
    :param alive: rows that take part; all by default.
    """
    rows = np.flatnonzero(grid.squares > 0 if alive is None else alive & (grid.squares > 0))
    labels, similarity = np.full(len(grid.squares), -1), np.full(len(grid.squares), np.nan)
    if not len(rows):
        return Clusters(labels, similarity, Grid(grid.steps[:0], grid.squares[:0]))
    random = np.random.default_rng(seed)
    starts = [_one_start(grid, rows, k or cluster_count(len(rows)), random) for _ in range(_STARTS)]
    found, values, centres = max(starts, key=lambda start: float(start[1].sum()))
    sizes = np.bincount(found, minlength=len(centres.squares))
    order = np.lexsort((np.arange(len(sizes)), -sizes))[: np.count_nonzero(sizes)]
    names = np.empty(len(sizes), np.int64)
    names[order] = np.arange(len(order))
    labels[rows], similarity[rows] = names[found], values
    return Clusters(labels, similarity, Grid(centres.steps[order], centres.squares[order]))


def _one_start(grid: Grid, rows: Places, k: int, random: np.random.Generator) -> tuple[Places, Ratios, Grid]:
    """Draw centres and move them until no row changes its group."""
    centres = _draw_centres(grid, rows, k, random)
    labels, similarity = _assign(grid, rows, centres)
    for _ in range(_MOST_ROUNDS):
        centres = _move(grid, rows, labels, centres)
        again, similarity = _assign(grid, rows, centres)
        if np.array_equal(again, labels):
            break
        labels = again
    return labels, similarity, centres


def _draw_centres(grid: Grid, rows: Places, k: int, random: np.random.Generator) -> Grid:
    """Rows that lie far from each other with a probability that grows with the squared distance."""
    chosen = [int(rows[random.integers(len(rows))])]
    distance = np.full(len(rows), np.inf)
    while len(chosen) < k:
        last = as_grid(grid.steps[chosen[-1:]])
        distance = np.minimum(distance, 1.0 - _assign(grid, rows, last)[1])
        distance[distance < 0] = 0.0
        total = np.cumsum(distance)
        if total[-1] <= 1e-9:  # nothing is left that differs from a centre
            break
        chosen.append(int(rows[min(np.searchsorted(total, random.random() * total[-1], side="right"), len(rows) - 1)]))
    return as_grid(np.asarray(grid.steps[chosen]))


def _assign(grid: Grid, rows: Places, centres: Grid) -> tuple[Places, Ratios]:
    """The nearest centre of each row, the first of equals, and the cosine to it."""
    labels, similarity = np.empty(len(rows), np.int64), np.empty(len(rows))
    columns = centres.steps.astype(np.float32).T
    for first in range(0, len(rows), CHUNK):
        mine = rows[first : first + CHUNK]
        values = as_cosines(grid.steps[mine].astype(np.float32) @ columns, grid.squares[mine][:, None], centres.squares)
        best = values.argmax(axis=1)
        labels[first : first + CHUNK], similarity[first : first + CHUNK] = best, values[np.arange(len(mine)), best]
    return labels, similarity


def _move(grid: Grid, rows: Places, labels: Places, centres: Grid) -> Grid:
    """Each centre to the direction of the sum of its rows; a centre without rows stays."""
    sums = np.zeros(centres.steps.shape, np.int64)
    for first in range(0, len(rows), CHUNK):
        mine, where = grid.steps[rows[first : first + CHUNK]], labels[first : first + CHUNK]
        order = np.argsort(where, kind="stable")
        groups, starts = np.unique(where[order], return_index=True)
        sums[groups] += np.add.reduceat(mine[order], starts, axis=0, dtype=np.int64)
    moved = np.array([_on_grid(total, old) for total, old in zip(sums, centres.steps)], np.int16)
    return as_grid(moved.reshape(centres.steps.shape))


def _on_grid(total: Sums, old: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """The direction of a sum. Its length comes from whole numbers, so nothing depends on an order of summation."""
    square = sum(value * value for value in total.tolist())
    if not square:
        return old
    moved: npt.NDArray[np.int16] = np.rint(total * (grid_scale(len(total)) / sqrt(square))).astype(np.int16)
    return moved


def describe_clusters(found: Clusters, languages: Sequence[str], sources: Sequence[str]) -> tuple[Cluster, ...]:
    """The groups for a report, the largest first.

    :param languages: of each row, as `sources`.
    """
    total = int((found.labels >= 0).sum())
    named = {"languages": np.asarray(languages, object), "sources": np.asarray(sources, object)}
    described = []
    for number in range(len(found.centres.squares)):
        rows = np.flatnonzero(found.labels == number)
        near_first = rows[np.lexsort((rows, -found.similarity[rows]))]
        central, fringe = near_first[:_EXAMPLES], near_first[_EXAMPLES:][::-1][:_EXAMPLES]
        shares: Mapping[str, dict[str, float]] = {name: _shares(values[rows]) for name, values in named.items()}
        cohesion = float(found.similarity[rows].mean())
        described.append(
            Cluster(
                number,
                len(rows),
                len(rows) / total,
                cohesion,
                tuple(central.tolist()),
                tuple(fringe.tolist()),
                **shares,
            )
        )
    return tuple(described)


def _shares(values: npt.NDArray[np.object_]) -> dict[str, float]:
    names, counts = np.unique(values.astype(str), return_counts=True)
    order = np.lexsort((names, -counts))
    return {str(names[i]): float(counts[i] / len(values)) for i in order}

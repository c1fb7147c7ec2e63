"""A smaller training set that says as much: rows are chosen by quality or by coverage, and the others know who stands
for them.

`select_quality_first` goes from the best row down and takes a row while it is not too close to any that was taken (Liu
et al., "What makes good data for alignment?", ICLR 2024, section 3.4). `select_k_centre` takes the row that is farthest
from all taken ones, again and again (Gonzalez 1985): no choice of as many rows covers the others at less than half the
distance.

>>> from tunesmith.curate.embedding_grid import to_grid
>>> grid = to_grid(np.array([[1.0, 0.0], [0.99, 0.14], [0.0, 1.0], [0.7, 0.7]]))
>>> found = select_quality_first(grid, np.array([1.0, 2.0, 3.0, 0.5]), threshold=0.9)
>>> np.flatnonzero(found.kept).tolist(), found.partner.tolist()
([1, 2, 3], [1, -1, -1, -1])
>>> select_k_centre(grid, 2, seed=0, first=[0]).order.tolist()
[0, 2]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate.embedding_grid import Flags, Grid, Places, Ratios, as_cosines, nearest
from tunesmith.curate.semantic import find_semantic


class Selection(NamedTuple):
    """One entry a row, but for `order`: the rows that were taken, in the order of taking.

    `partner`: for a row that takes part and was left out, the nearest row that was taken, and `similarity` the exact
    cosine to it; -1 and NaN for the others. `too_close`: that cosine passes the threshold; else the row
    was left out for want of room.
    """

    kept: Flags
    partner: Places
    similarity: Ratios
    too_close: Flags
    order: Places


def select_quality_first(
    grid: Grid,
    quality: Ratios,
    *,
    threshold: float,
    rows: int | None = None,
    alive: Flags | None = None,
    stays: Flags | None = None,
) -> Selection:
    """Take rows from the best down while their cosine to every taken one is at most the threshold.

    A row without an embedding is close to nothing: it is taken in its turn.

    :param quality: the highest goes first, of equal ones the row that stands first; NaN goes last.
    :param threshold: cosine above which two rows are too close, 0 to 1.
    :param rows: the most rows that are taken; all that pass by default.
    :param stays: rows that are taken before all others, whatever they are close to.
    """
    here = np.ones(len(quality), bool) if alive is None else alive
    decided = np.zeros(len(quality), bool) if stays is None else stays
    rank = quality_rank(quality, decided)
    strictly = float(np.nextafter(threshold, 2.0))  # a cosine equal to the threshold is let in
    found = find_semantic([grid], rank=rank, threshold=max(strictly, 1e-9), alive=here, stays=decided)
    passed = np.flatnonzero(here & (found.partner < 0))
    order = passed[np.argsort(rank[passed])][: len(passed) if rows is None else max(rows, int((decided & here).sum()))]
    return _selection(grid, here, order, threshold)


def quality_rank(quality: Ratios, decided: Flags) -> Places:
    """The place of each row in the order of taking: decided to stay, higher quality, earlier; shape `(n_rows,)`."""
    order = np.lexsort((np.arange(len(quality)), -np.nan_to_num(quality, nan=-np.inf), ~decided))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def select_k_centre(
    grid: Grid, k: int, *, seed: int, first: Sequence[int] = (), alive: Flags | None = None
) -> Selection:
    """Take k rows that cover the others: each time the one that is farthest from all taken, of equals the first.

    The distance is that of the directions on the sphere, so the guarantee holds: the greatest distance of a row to a
    taken one is at most twice what the best k rows reach, given `first`. Work grows with `n_rows * k`: 50,000 rows take
    some 10 ms for each row that is taken. A row without an embedding is never taken.

    :param first: rows that are taken before all others; by default one that the seed draws.
    """
    here = np.ones(len(grid.squares), bool) if alive is None else alive
    takes_part = np.flatnonzero(here & (grid.squares > 0))
    if not len(takes_part) or k <= 0:
        return _selection(grid, here, np.empty(0, np.int64))
    drawn = [int(takes_part[np.random.default_rng(seed).integers(len(takes_part))])]
    vectors, squares = grid.steps[takes_part].astype(np.float32), grid.squares[takes_part]
    place_of = {row: place for place, row in enumerate(takes_part.tolist())}
    chosen: list[int] = []
    closest = np.full(len(takes_part), -np.inf)  # the highest cosine to a taken row
    wanted = [place_of[row] for row in dict.fromkeys(first or drawn) if row in place_of]
    while len(chosen) < min(max(k, len(wanted)), len(takes_part)):
        place = wanted[len(chosen)] if len(chosen) < len(wanted) else int(closest.argmin())
        chosen.append(place)
        np.maximum(closest, as_cosines(vectors @ vectors[place], squares, squares[place]), out=closest)
        closest[place] = np.inf  # taken once
    return _selection(grid, here, takes_part[chosen])


def select_by_cluster(
    labels: Places, rows: int, choose: Callable[[Flags, int], Selection], *, alive: Flags
) -> Selection:
    """The same number of rows from each cluster, as far as it has them; what a small one lacks, larger ones give.

    :param choose: selects at most so many rows among those marked.
    """
    numbers = np.unique(labels[alive])
    sizes = np.array([int((alive & (labels == number)).sum()) for number in numbers], np.int64)
    parts = [choose(alive & (labels == number), quota) for number, quota in zip(numbers, even_quotas(sizes, rows))]
    joined = _selection_of(len(alive))
    for number, part in zip(numbers, parts):
        mine = alive & (labels == number)
        for name in ("kept", "partner", "similarity", "too_close"):
            getattr(joined, name)[mine] = getattr(part, name)[mine]
    order = np.concatenate([part.order for part in parts]) if parts else joined.order
    return joined._replace(order=order)


def even_quotas(sizes: Places, rows: int) -> list[int]:
    """`rows` divided evenly over clusters; none gets more than its size, and the first ones get what does not divide.

    >>> even_quotas(np.array([10, 2, 5]), 9)
    [4, 2, 3]
    """
    wanted = min(rows, int(sizes.sum()))
    levels = range(int(sizes.max(initial=0)) + 1)
    level = bisect_right(levels, wanted, key=lambda height: int(np.minimum(sizes, height).sum())) - 1
    quotas = np.minimum(sizes, level)
    quotas[np.flatnonzero(sizes > level)[: wanted - int(quotas.sum())]] += 1
    return [int(quota) for quota in quotas]


def quality_of(columns: pa.Table) -> Ratios:
    """The quality that selection goes by: the judge's score where the recipe brings scores, rows without one last; else
    the length of the answer, as duplicates go by."""
    if "judge" in columns.column_names and columns["judge"].null_count < len(columns):
        judged: Ratios = columns["judge"].to_numpy(zero_copy_only=False).astype(np.float64)
        return judged
    lengths: Ratios = columns["answer_characters"].to_numpy().astype(np.float64)
    return lengths


def _selection_of(n_rows: int) -> Selection:
    none, nan = np.full(n_rows, -1, np.int64), np.full(n_rows, np.nan)
    return Selection(np.zeros(n_rows, bool), none, nan, np.zeros(n_rows, bool), np.empty(0, np.int64))


def _selection(grid: Grid, here: Flags, order: Places, threshold: float = np.inf) -> Selection:
    """With the evidence: for each row left out, the nearest that was taken."""
    found = _selection_of(len(here))
    found.kept[order] = True
    left = np.flatnonzero(here & ~found.kept & (grid.squares > 0))
    found.partner[left], found.similarity[left] = nearest(grid, left, np.sort(order[grid.squares[order] > 0]))
    found.too_close[left] = found.similarity[left] > threshold
    return found._replace(order=order)

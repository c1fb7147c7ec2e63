"""From items to units: what has no value is left out, and items of one group are added up into one cluster.

>>> units_of(np.array([1.0, math.nan, 0.0, 1.0]), ["a", "a", "b", "b"])
Units(sums=array([1., 1.]), sizes=array([1., 2.]), grouped=True)
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from tunesmith.errors import InputError
from tunesmith.evaluate.metric_types import Floats

Values: TypeAlias = Sequence[float] | npt.NDArray[Any]
Groups: TypeAlias = Sequence[Hashable] | npt.NDArray[Any]
Statistics: TypeAlias = npt.NDArray[Any]
Clusters: TypeAlias = npt.NDArray[np.int64] | None

_ROUNDING = 1e-12


class Units(NamedTuple):
    """Items, or clusters of items: the sum of their values and their number of items, shape `(n_units,)` each."""

    sums: Floats
    sizes: Floats
    grouped: bool

    @property
    def mean(self) -> float:
        """Over items, not over clusters."""
        return float(self.sums.sum() / self.sizes.sum())

    @property
    def without(self) -> Floats:
        """The mean without each unit in turn, shape `(n_units,)`; of two units or more."""
        found: Floats = (self.sums.sum() - self.sums) / (self.sizes.sum() - self.sizes)
        return found

    @property
    def standard_error(self) -> float:
        """Of the mean, 0 of one unit; of clusters that of a ratio of sums (Cochran 1977, Sampling techniques, 6.3)."""
        n = len(self.sums)
        if n < 2:
            return 0.0
        residuals = self.sums - self.mean * self.sizes
        return math.sqrt(n / (n - 1) * float((residuals**2).sum())) / float(self.sizes.sum())

    def worth(self, variance: float) -> float:
        """How many items of clusters say as much as one item alone: the design effect, at least 1.

        :param variance: of the mean, were the items independent; where that is 0, a whole cluster is worth one item.
        """
        if not self.grouped:
            return 1.0
        if variance <= 0:
            return float(self.sizes.mean())
        return max(1.0, self.standard_error**2 / variance)


def measured(values: Values, groups: Groups | None) -> tuple[Floats, Clusters]:
    """The values that are there, with the cluster number of each.

    :raises InputError: an infinite value, or another number of groups than values.
    """
    found = _finite_or_nan(values)
    there = ~np.isnan(found)
    return found[there], _clusters(groups, there)


def paired(before: Values, after: Values, groups: Groups | None) -> tuple[Floats, Floats, Clusters]:
    """Both sides of the pairs that have both, with the cluster number of each.

    :raises InputError: sides of different length, an infinite value, another number of groups than values.
    """
    first, second = _finite_or_nan(before), _finite_or_nan(after)
    _same_number(len(first), "values before", len(second), "values after")
    there = ~(np.isnan(first) | np.isnan(second))
    return first[there], second[there], _clusters(groups, there)


def gains(before: Floats, after: Floats) -> Floats:
    """After less before; 0 where the two differ by rounding alone."""
    found: Floats = after - before
    found[np.abs(found) <= _ROUNDING * np.maximum(np.abs(before), np.abs(after))] = 0.0
    return found


def paired_statistics(before: Statistics, after: Statistics, groups: Groups | None) -> tuple[Floats, Floats, Clusters]:
    """The rows of the pairs that have both: a row of zeros is an item without a value."""
    first, second = np.asarray(before, np.float64), np.asarray(after, np.float64)
    _same_number(len(first), "rows before", len(second), "rows after")
    there: npt.NDArray[np.bool_] = np.logical_and(first.any(axis=1), second.any(axis=1))
    return first[there], second[there], _clusters(groups, there)


def units_of(values: Values, groups: Groups | None = None) -> Units:
    """One unit an item, or one a cluster where groups are given; NaN is left out."""
    found, clusters = measured(values, groups)
    if clusters is None:
        return Units(found, np.ones(len(found)), False)
    sums, sizes = np.bincount(clusters, found), np.bincount(clusters)
    return Units(sums.astype(np.float64), sizes.astype(np.float64), True)


def summed(statistics: Floats, clusters: Clusters) -> Floats:
    """The statistics of each unit, shape `(n_units, k)`."""
    if clusters is None or not len(clusters):
        return statistics
    columns = [np.bincount(clusters, column).astype(np.float64) for column in statistics.T]
    return np.stack(columns, axis=1)


def check_marks(values: Values) -> None:
    """Refuse what is neither right (1) nor wrong (0) nor missing (NaN).

    :raises InputError: with the first other value.
    """
    side = np.asarray(values, np.float64)
    other = np.flatnonzero((side != 0) & (side != 1) & ~np.isnan(side))
    if len(other):
        place = int(other[0])
        what = f"expected 1 for right, 0 for wrong and NaN for neither, found {side[place]:g}"
        raise InputError(what, where=f"value {place + 1}", remedy="take such scores for means")


def _finite_or_nan(values: Values) -> Floats:
    found = np.asarray(values, np.float64)
    infinite = np.flatnonzero(np.isinf(found))
    if len(infinite):
        place = int(infinite[0])
        what = f"expected finite numbers, or NaN where there is none; found {found[place]}"
        raise InputError(what, where=f"value {place + 1}")
    return found


def _same_number(n: int, what: str, other_n: int, other_what: str) -> None:
    if n != other_n:
        raise InputError(f"expected as many {what} as {other_what}, found {n:,} and {other_n:,}")


def _clusters(groups: Groups | None, there: npt.NDArray[np.bool_]) -> Clusters:
    """Numbers from 0 by first appearance among the items that are there; None is a group like any other."""
    if groups is None:
        return None
    names = groups.tolist() if isinstance(groups, np.ndarray) else list(groups)
    _same_number(len(names), "groups", len(there), "items")
    numbers: dict[Hashable, int] = {}
    found = [numbers.setdefault(name, len(numbers)) for name, kept in zip(names, there.tolist()) if kept]
    return np.array(found, np.int64)

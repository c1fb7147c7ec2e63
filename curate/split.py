"""Stage 6: a validation side that knows nothing of the training side.

Rows whose prompts are equal or near each other (the caller says which) form a group, and a group never straddles.
The validation side is drawn group by group in a seeded order, stratified by source; a group larger than the whole
validation side goes to train.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.keys import number_keys
from tunesmith.curate.said import Said
from tunesmith.curate.sampling import seeded_order

_AT_A_TIME = 1 << 16


class Split(NamedTuple):
    """Which rows validate, shape `(n_rows,)`, and how it came about."""

    validation: npt.NDArray[np.bool_]
    target: int
    n_groups: int
    largest_group: int
    asked: int | None = None  # a number of rows that was more than could validate

    @property
    def announcement(self) -> Said | None:
        """A sentence where the wished size could not be reached without a leak."""
        found = int(self.validation.sum())
        if self.asked is not None and found == self.target:
            return Said(
                f"validation has {found:,} rows instead of the {self.asked:,} asked for: one row stays for training",
                f"验证集有 {found:,} 行，而不是要求的 {self.asked:,} 行：至少要留一行用于训练",
            )
        if found == self.target:
            return None
        return Said(
            f"validation has {found:,} rows instead of {self.target:,}: rows of like prompts stay on one side, "
            f"and the largest group has {self.largest_group:,} rows",
            f"验证集有 {found:,} 行，而不是 {self.target:,} 行：提示相同或相近的行总在同一侧，"
            f"最大的一组有 {self.largest_group:,} 行",
        )


def target_rows(n_rows: int, wished: float, *, least: int, most: int) -> int:
    """How many rows validate: a share below 1 or a number of rows, within bounds, and never the last training row."""
    if not wished or n_rows < 2:
        return 0
    rows = round(n_rows * wished) if wished < 1 else int(wished)
    if wished < 1:
        rows = min(max(rows, least), most)
    return min(rows, n_rows - 1)


def split_rows(
    keys: npt.NDArray[np.uint64],
    sources: npt.NDArray[np.integer],
    alive: npt.NDArray[np.bool_],
    *,
    target: int,
    seed: int,
) -> Split:
    """Choose the validation rows.

    :param keys: shape `(n_rows, 2)`: rows of equal keys are a group.
    :param sources: the number of each row's source, shape `(n_rows,)`.
    """
    rows = np.flatnonzero(alive)
    validation = np.zeros(len(keys), bool)
    if not len(rows) or not target:
        return Split(validation, target, 0, 0)
    group = number_keys(keys[rows])
    distinct = np.empty((int(group.max()) + 1, 2), np.uint64)
    distinct[group] = keys[rows]
    n_sources = int(sources.max()) + 1
    counts = np.zeros((len(distinct), n_sources), np.int64)
    np.add.at(counts, (group, sources[rows]), 1)
    chosen = _draw(counts, _seeded(distinct, seed), target)
    validation[rows] = chosen[group]
    return Split(validation, target, len(distinct), int(counts.sum(axis=1).max()))


def _seeded(distinct: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.intp]:
    return np.lexsort((distinct[:, 1], distinct[:, 0], seeded_order(_names(distinct), seed)))


def _names(distinct: npt.NDArray[np.uint64]) -> Iterator[str]:
    """Each key as 32 hex digits, written some at a time: one by one takes three times as long."""
    for start in range(0, len(distinct), _AT_A_TIME):
        digits = distinct[start : start + _AT_A_TIME].astype(">u8").tobytes().hex()
        yield from (digits[at : at + 32] for at in range(0, len(digits), 32))


def _parts(values: npt.NDArray[Any]) -> Iterator[list[Any]]:
    """The values as Python's, some at a time: ten million of them take a gigabyte."""
    return (values[start : start + _AT_A_TIME].tolist() for start in range(0, len(values), _AT_A_TIME))


def _draw(counts: npt.NDArray[np.int64], order: npt.NDArray[np.intp], target: int) -> npt.NDArray[np.bool_]:
    """Take groups in order while every source they touch still has room, then fill what is left from any source."""
    chosen = np.zeros(len(counts), bool)
    quota = _quotas(counts.sum(axis=0), target)
    sizes = counts.sum(axis=1)
    left = target
    for number in chain.from_iterable(_parts(order)):
        if left == 0:
            return chosen
        if sizes[number] <= left and (counts[number] <= quota).all():
            chosen[number] = True
            quota -= counts[number]
            left -= int(sizes[number])
    for number in chain.from_iterable(_parts(order)):
        if left == 0:
            break
        if not chosen[number] and sizes[number] <= left:
            chosen[number] = True
            left -= int(sizes[number])
    return chosen


def _quotas(totals: npt.NDArray[np.int64], target: int) -> npt.NDArray[np.int64]:
    """Each source's share of the target, by largest remainder."""
    exact = totals * target / max(int(totals.sum()), 1)
    quota = np.floor(exact).astype(np.int64)
    missing = target - int(quota.sum())
    quota[np.argsort(-(exact - quota), kind="stable")[:missing]] += 1
    return quota

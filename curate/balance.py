"""How the rows divide over languages, tasks, sources or clusters, and caps on what there is too much of.

A cap is a number of rows for a name, or a share that no name may pass (`max_share`). Of a name with too many rows the
best stay, and of equal ones those that come first in the seeded order of their content; the others are good rows that
the training set did not need: `unsampled`, rule `balance`.

>>> names = np.array(["zh"] * 6 + ["en"] * 2)
>>> found = balance_rows(names, np.ones(8, bool), order=np.arange(8), max_share=0.6)
>>> found.left_out.nonzero()[0].tolist(), [(line.name, line.before, line.after) for line in found.lines]
([3, 4, 5], [('zh', 6, 3), ('en', 2, 2)])
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.embedding_grid import Flags, Places, Ratios
from tunesmith.curate.said import Said
from tunesmith.curate.sampling import seeded_order

Names = npt.NDArray[np.object_]
_ROUNDING = 1e-9
_LEAST_LEFT = 0.1  # of the rows; a name with a single row must not take nearly all others with it
_BY = {"language": "语言", "task": "任务", "cluster": "聚类", "source": "来源"}


class BalanceLine(NamedTuple):
    """One name: its rows and its share before and after, and the cap that applied, None where none did."""

    name: str
    before: int
    after: int
    share_before: float
    share_after: float
    cap: int | None


class Balance(NamedTuple):
    """`left_out`: rows beyond a cap, shape `(n_rows,)`; `cap`: the number of rows that its name may have, NaN where
    none does. `lines`: the largest name first."""

    left_out: Flags
    cap: Ratios
    lines: tuple[BalanceLine, ...]
    announcements: tuple[Said, ...]


def count_shares(names: Names, alive: Flags) -> tuple[BalanceLine, ...]:
    """How the rows that are still here divide over the names, the largest first."""
    return balance_rows(names, alive, order=np.arange(len(names))).lines


def best_first(quality: Ratios | None, identities: Sequence[str | None], *, decided: Flags, seed: int) -> Places:
    """All row numbers in the order of staying: decided to keep, higher quality, seeded order of content, earlier.

    :param quality: NaN goes last; None where nothing is known of quality.
    """
    random = seeded_order((name or "" for name in identities), seed)
    worth = np.zeros(len(random)) if quality is None else np.nan_to_num(quality, nan=-np.inf)
    return np.lexsort((np.arange(len(random)), random, -worth, ~decided))


def balance_rows(
    names: Names,
    alive: Flags,
    *,
    order: Places,
    caps: Mapping[str, int] | None = None,
    max_share: float | None = None,
    by: str = "",
) -> Balance:
    """Leave out what is beyond the caps.

    :param names: of each row: its language, task, source, or cluster as text.
    :param order: all row numbers, those that stay longest first; see `best_first`.
    :param caps: the most rows of a name.
    :param max_share: the largest share, above 0 and below 1, that a name may have of the rows that stay. Where there
        are too few names for it (four names have a quarter each at best), or it would leave less than a tenth of the
        rows, it leaves nobody out and says so.
    :param by: what the names are, for the announcements.
    """
    known, counts = np.unique(names[alive].astype(str), return_counts=True)
    caps = caps or {}
    limits = np.array([min(caps.get(name, count), count) for name, count in zip(known.tolist(), counts.tolist())], int)
    said = [*_unknown_names(by, sorted(set(caps) - set(known.tolist())), known.tolist())]
    if max_share is not None and len(limits):
        level = share_level(limits, max_share)
        left = int(np.minimum(limits, level).sum())
        if not level:
            said.append(_too_few_names(by, len(limits), max_share))
        elif left < _LEAST_LEFT * int(limits.sum()):
            said.append(_too_few_rows(by, left, int(limits.sum()), max_share))
        else:
            limits = np.minimum(limits, level)
    cap = np.full(len(names), np.nan)
    left_out = np.zeros(len(names), bool)
    for name, limit, count in zip(known, limits, counts):
        member = alive & (names == name)
        if limit < count:
            cap[member] = limit
            left_out[order[member[order]][limit:]] = True
    return Balance(left_out, cap, _lines(known, counts, limits), tuple(said))


def share_level(counts: Places, max_share: float) -> int:
    """The most rows of a name so that none has more than its share of what stays; 0 where there is no such number.

    The more rows a name may have, the larger its share gets, so the level is found by bisection.

    >>> share_level(np.array([6, 2]), 0.6), share_level(np.array([6, 2]), 0.4)
    (3, 0)
    """

    def passed(level: int) -> bool:
        return level > max_share * int(np.minimum(counts, level).sum()) + _ROUNDING

    return bisect_right(range(int(counts.max()) + 1), False, key=passed) - 1


def _lines(known: npt.NDArray[np.str_], counts: Places, limits: Places) -> tuple[BalanceLine, ...]:
    before, after = max(int(counts.sum()), 1), max(int(limits.sum()), 1)
    return tuple(
        BalanceLine(
            str(known[i]),
            int(counts[i]),
            int(limits[i]),
            float(counts[i] / before),
            float(limits[i] / after),
            int(limits[i]) if limits[i] < counts[i] else None,
        )
        for i in np.lexsort((known, -counts))
    )


def _unknown_names(by: str, names: Sequence[str], known: Sequence[str]) -> Iterator[Said]:
    for name in names:
        near = get_close_matches(name, known, n=1)
        hint_en = f"; did you mean {near[0]}?" if near else ""
        hint_zh = f"；是否指 {near[0]}？" if near else ""
        yield Said(
            f"balance by {by}: no row is of {name}, so its cap does nothing{hint_en}",
            f"按{_BY.get(by, by)}均衡：没有 {name} 的行，它的上限不起作用{hint_zh}",
        )


def _too_few_names(by: str, n_names: int, max_share: float) -> Said:
    least = ceil(1000 / n_names) / 1000
    return Said(
        f"balance by {by}: max_share {max_share:g} cannot hold, as the rows have {n_names} "
        f"{'name' if n_names == 1 else 'names'} only and one of them always has {least:g} or more; "
        "nothing was left out for it",
        f"按{_BY.get(by, by)}均衡：max_share {max_share:g} 无法满足，因为只有 {n_names} 类，"
        f"其中总有一类占 {least:g} 以上；没有因此去掉任何行",
    )


def _too_few_rows(by: str, left: int, total: int, max_share: float) -> Said:
    return Said(
        f"balance by {by}: max_share {max_share:g} would leave {left:,} of {total:,} rows, as the smallest names "
        "have too few; nothing was left out for it; raise it, or cap single names with `caps`",
        f"按{_BY.get(by, by)}均衡：max_share {max_share:g} 只会留下 {total:,} 行中的 {left:,} 行，"
        "因为最小的几类行数太少；没有因此去掉任何行；请调大它，或用 `caps` 给单个类别设上限",
    )

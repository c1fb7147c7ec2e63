"""Semantic duplicates: rows that say the same in other words, each proved by the exact cosine to a row that survives.

Rows come in priority order, and each is compared with the rows that survived before it: it leaves if and only if one of
them reaches the threshold, and the most similar is its partner. There are no chains: a row that left drops nobody.

Every pair is looked at, as block-wise matrix products over a grid of whole numbers (`embedding_grid.py`): nothing is
missed, and neither threads nor blocks change a bit of the result. 10,000 rows of 384 dimensions take 1.9 s of one
core's time, 50,000 rows 25 times as much.

>>> from tunesmith.curate.embedding_grid import to_grid
>>> grid = to_grid(np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]))
>>> found = find_semantic([grid], rank=np.arange(3), threshold=0.95)
>>> found.partner.tolist(), found.similarity[1].round(3).item()
([-1, 0, -1], 0.994)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import xxhash

from tunesmith.curate.embedding_grid import BLOCK, CHUNK, AlikePairs, Flags, Grid, Places, Ratios, alike_pairs

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_LIST_MARKER = re.compile(r"^[ \t]*[(（]?\d{1,3}[.)、．）](?=\D|$)", re.MULTILINE)


class SemanticDuplicates(NamedTuple):
    """One entry a row. `partner`: the surviving row that says the same, -1 for a survivor.

    `similarity` is the exact cosine of the first column, `answer_similarity` that of the last where there are several;
    NaN without a partner.
    """

    partner: Places
    similarity: Ratios
    answer_similarity: Ratios


def find_semantic(
    columns: Sequence[Grid],
    *,
    rank: Places,
    threshold: float,
    alive: Flags | None = None,
    stays: Flags | None = None,
    classes: Places | None = None,
    labels: Places | None = None,
) -> SemanticDuplicates:
    """Drop every row that says the same as one that survives.

    :param columns: embeddings of one text of each row, or of several (prompt and answer): a partner has to reach the
        threshold in all of them, and the most similar is the one whose lowest cosine is highest.
    :param rank: shape `(n_rows,)`; the lowest goes first, and of equal ones the row that stands first.
    :param threshold: cosine, above 0 and at most 1; a cosine equal to it reaches it.
    :param alive: rows that take part; all by default. A row without an embedding never does.
    :param stays: rows that survive whatever they are alike to; none by default.
    :param classes: only rows of one class are compared; -1 for rows that take no part.
    :param labels: shape `(n_rows,)`; rows of different labels are never alike, as `number_labels` gives them.
    :raises ValueError: where the columns differ in length, or the threshold is out of range.
    """
    if {len(grid.steps) for grid in columns} != {len(rank)}:
        raise ValueError(f"expected {len(rank)} embeddings in every column, one for each rank")
    if not threshold > 0:
        raise ValueError(f"expected a threshold above 0, saw {threshold}")
    here = np.ones(len(rank), bool) if alive is None else alive.copy()
    for grid in columns:
        here &= grid.squares > 0
    groups = np.zeros(len(rank), np.int64) if classes is None else classes
    found = SemanticDuplicates(*(np.full(len(rank), value) for value in (-1, np.nan, np.nan)))
    protected = np.zeros(len(rank), bool) if stays is None else stays
    for number in np.unique(groups[here & (groups >= 0)]).tolist():
        rows = np.flatnonzero(here & (groups == number))
        resolve(columns, rows[np.argsort(rank[rows], kind="stable")], protected, threshold, labels, found)
    if len(columns) == 1:
        found.answer_similarity[:] = np.nan
    return found


def resolve(
    columns: Sequence[Grid],
    order: Places,
    stays: Flags,
    threshold: float,
    labels: Places | None,
    found: SemanticDuplicates,
) -> None:
    """Go through rows in order and fill `found`: a block against all earlier survivors, then within itself."""
    survivors, n_survivors = np.empty(len(order), np.int64), 0
    for first in range(0, len(order), BLOCK):
        block = order[first : first + BLOCK]
        for start in range(0, n_survivors, CHUNK):
            before = survivors[start : min(start + CHUNK, n_survivors)]
            pairs = _without_stays(alike_pairs(columns, block, before, threshold, labels), block, stays)
            _take_best(pairs, block, before, found)
        inside = _without_stays(alike_pairs(columns, block, block, threshold, labels), block, stays)
        _resolve_inside(inside, block, found)
        left = block[found.partner[block] < 0]
        survivors[n_survivors : n_survivors + len(left)] = left
        n_survivors += len(left)


def _without_stays(pairs: AlikePairs, block: Places, stays: Flags) -> AlikePairs:
    may_leave = ~stays[block[pairs.rows]]
    return AlikePairs(pairs.rows[may_leave], pairs.others[may_leave], pairs.similarity[:, may_leave])


def _take_best(pairs: AlikePairs, block: Places, others: Places, found: SemanticDuplicates) -> None:
    """Give each row of the pairs its most similar partner, unless it has one that is as similar."""
    if not len(pairs.rows):
        return
    worst = pairs.similarity.min(axis=0)
    order = np.lexsort((pairs.others, -worst, pairs.rows))
    best = order[np.unique(pairs.rows[order], return_index=True)[1]]
    rows = block[pairs.rows[best]]
    so_far = np.minimum(found.similarity[rows], found.answer_similarity[rows])
    better = np.isnan(so_far) | (worst[best] > so_far)
    best, rows = best[better], rows[better]
    found.partner[rows] = others[pairs.others[best]]
    found.similarity[rows], found.answer_similarity[rows] = pairs.similarity[0, best], pairs.similarity[-1, best]


def _resolve_inside(pairs: AlikePairs, block: Places, found: SemanticDuplicates) -> None:
    """Rows one after the other, each against the earlier ones of its block that survive."""
    earlier = pairs.others < pairs.rows
    pairs = AlikePairs(pairs.rows[earlier], pairs.others[earlier], pairs.similarity[:, earlier])
    rows, starts = np.unique(pairs.rows, return_index=True)
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(pairs.rows)][: len(rows)]):
        surviving = start + np.flatnonzero(found.partner[block[pairs.others[start:end]]] < 0)
        mine = AlikePairs(pairs.rows[surviving], pairs.others[surviving], pairs.similarity[:, surviving])
        _take_best(mine, block, block, found)


def number_labels(texts: Iterable[Sequence[str]]) -> Places:
    """A label for each row: rows of the same numbers, in any order, have the same one.

    An embedding hardly sees digits: "the sum of 17 and 25" and "the sum of 3 and 9" have a cosine of .9 and more, and
    are different exercises. Numbers that only count the items of a list do not matter.

    :param texts: for each row, the texts whose numbers count.
    """
    return np.fromiter((_label(parts) for parts in texts), np.uint64).view(np.int64)


def _label(texts: Sequence[str]) -> int:
    marked = "\0".join("\t".join(sorted(_NUMBER.findall(_LIST_MARKER.sub("", text)))) for text in texts)
    return xxhash.xxh3_64_intdigest(unicodedata.normalize("NFKC", marked).encode())

"""Which rows repeat which: exact duplicates by key, near-duplicates by verified similarity, no chains.

Of rows that repeat each other one survives, by priority: decided to keep, longer answer, earlier. Every other row names
a row that survives as its partner, and reaches the threshold with it by exact Jaccard similarity over the full shingle
sets. Exact duplicates are rows whose whole normal form (`normalform.py`) is the same.

>>> import pyarrow as pa
>>> from tunesmith.curate.sketch import sketch
>>> rows = pa.array(["a b c d e f g h", "A b c d e f g h!", "a b c d e f g h i"])
>>> keys = np.array([[1, 1], [1, 1], [2, 2]], np.uint64)
>>> found = exact_duplicates(keys, np.ones(3, bool), rank=np.arange(3))
>>> from tunesmith.curate.near import Column
>>> column = Column.of(sketch(rows), threshold=0.7)
>>> found = add_near(found, column, rank=np.arange(3), classes=np.zeros(3, int), threshold=0.7)
>>> found.partner.tolist(), found.similarity[1:].tolist(), found.exact.tolist()
([-1, 0, 0], [1.0, 0.8], [False, True, False])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tunesmith.curate.near import Column

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Ratios = npt.NDArray[np.float64]


class Duplicates(NamedTuple):
    """One entry a row. `partner`: the surviving row that this one repeats, -1 for a survivor. `exact`: by key.

    `similarity` is that of what was compared, `answer_similarity` that of the answers: exact, NaN where not known.
    """

    partner: Places
    exact: Flags
    similarity: Ratios
    answer_similarity: Ratios
    variant: Places
    variant_similarity: Ratios
    variant_answer_similarity: Ratios


def no_duplicates(n_rows: int) -> Duplicates:
    """Every row a survivor."""
    none, nan = np.full(n_rows, -1, np.int64), np.full(n_rows, np.nan)
    return Duplicates(none, np.zeros(n_rows, bool), nan, nan.copy(), none.copy(), nan.copy(), nan.copy())


def priority(*, decided: Flags, answer_characters: Places) -> Places:
    """The place of each row in the order of survival, 0 first; shape `(n_rows,)`."""
    order = np.lexsort((np.arange(len(decided)), -answer_characters, ~decided))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def exact_duplicates(keys: npt.NDArray[np.uint64], alive: Flags, *, rank: Places) -> Duplicates:
    """Resolve equal keys among the rows still alive.

    :param keys: shape `(n_rows, 2)`, as `key_pairs` gives them.
    """
    found = no_duplicates(len(keys))
    rows = np.flatnonzero(alive)
    order = rows[np.lexsort((rank[rows], keys[rows, 1], keys[rows, 0]))]
    if not len(order):
        return found
    starts = np.ones(len(order), bool)
    starts[1:] = (keys[order[1:]] != keys[order[:-1]]).any(axis=1)
    survivor = order[starts][np.cumsum(starts) - 1]
    left = order[~starts]
    found.partner[left], found.exact[left] = survivor[~starts], True
    found.similarity[left] = found.answer_similarity[left] = 1.0
    return found


def add_near(
    exact: Duplicates,
    column: Column,
    *,
    rank: Places,
    classes: npt.NDArray[np.int64],
    threshold: float,
    alive: Flags | None = None,
    stays: Flags | None = None,
    drops: bool = True,
    threads: int | None = None,
) -> Duplicates:
    """Resolve near-duplicates among the survivors of the exact ones, and follow their partners to the final survivor.

    :param column: what is compared; where it has answers, a partner has to reach the threshold in the answer too, and
        variants are found.
    :param classes: only rows of one class are compared: kinds are for different trainers, and a good and a bad answer
        of KTO teach opposite things. -1 for rows that take no part.
    :param stays: rows that a person keeps; they survive whatever they are alike to.
    :param drops: False where near-duplicates are only flagged, so that they survive as partners of exact ones.
    """
    from tunesmith.curate.near import resolve_column

    here = exact.partner < 0 if alive is None else alive & (exact.partner < 0)
    found = no_duplicates(len(rank))
    for number in np.unique(classes[here & (classes >= 0)]).tolist():
        mine = here & (classes == number)
        near = resolve_column(column, rank=rank, alive=mine, stays=stays, threshold=threshold, threads=threads)
        for name in set(near._fields) & set(found._fields):
            getattr(found, name)[mine] = getattr(near, name)[mine]
    copies = np.flatnonzero(exact.partner >= 0)
    stayed = found.partner[exact.partner[copies]] < 0
    if not drops:
        stayed[:] = True
    for name in ("partner", "exact", "similarity", "answer_similarity"):
        getattr(found, name)[copies[stayed]] = getattr(exact, name)[copies[stayed]]
    _follow(copies[~stayed], exact.partner, found, column, threshold)
    return found


def _follow(orphans: Places, partner: Places, found: Duplicates, column: Column, threshold: float) -> None:
    """Exact duplicates whose survivor left for another row repeat that one. It is proved like any other pair; a row of
    which it could not be proved would stay."""
    from tunesmith.curate.near import similarities

    if not len(orphans):
        return
    heirs = found.partner[partner[orphans]]
    similarity = similarities(column.read, orphans, heirs)
    alike = similarity if column.answers is None else similarities(column.answers, orphans, heirs)
    proved = (similarity >= threshold) & (alike >= threshold)
    found.partner[orphans[proved]] = heirs[proved]
    found.similarity[orphans[proved]] = similarity[proved]
    if column.answers is not None:
        found.answer_similarity[orphans[proved]] = alike[proved]

"""Near-duplicates: candidates from bands, each proved by the exact Jaccard similarity of the shingle sets.

Rows come in priority order, and each is compared with the rows that survived before it: it is dropped if and only if
one of them reaches the threshold, and the most similar is its partner. There are no chains: a dropped row drops nobody.

How memory is held. Of every row a few hundred bytes are kept (`compact.py`): they say which rows share a band, and
bound the similarity of two rows from above. Shingles are read only of the rows for which that bound reaches the
threshold with another row; all others are alike to none. They are brought together first (`candidates.py`).

>>> import pyarrow as pa
>>> from tunesmith.curate.sketch import sketch
>>> texts = pa.array(["a b c d e f g", "a b c d e f g h", "x"])
>>> found = near_duplicates(sketch(texts), rank=np.arange(3), threshold=0.7)
>>> found.partner.tolist(), found.similarity[1].item()
([-1, 0, -1], 0.75)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.bands import RECALL, Buckets, find_buckets
from tunesmith.curate.candidates import NO_SETS, Group, find_candidates
from tunesmith.curate.compact import Compact
from tunesmith.curate.pairs import NearDuplicates, Ratios, Rows, measure_pairs, resolve, unite
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Sketch
from tunesmith.curate.tokens import Places

Flags = npt.NDArray[np.bool_]


class Sets(NamedTuple):
    """Shingles of some rows: row k of those that were asked for has the set `numbers[k]`."""

    numbers: Places
    sets: ShingleSets


#: Reads the shingle sets of these rows, to lie one after the other in their order.
Read = Callable[[Places], Sets]


class Column(NamedTuple):
    """A text column to be compared: what is kept of every row, and how to read the sets of some.

    `answers` reads those of a second column: with it, a partner has to reach the threshold there too. `group` finds the
    rows that share a band; an engine has its own way.
    """

    compact: Compact
    read: Read
    answers: Read | None = None
    scratch: Scratch = Scratch(None)
    group: Group = find_buckets

    @classmethod
    def of(
        cls, whole: Sketch, answer: ShingleSets | None = None, *, threshold: float, recall: float = RECALL
    ) -> Column:
        """A column whose sketch is in memory."""
        compact = Compact.of(whole, threshold=threshold, recall=recall)
        return cls(compact, _in_memory(whole.sets), None if answer is None else _in_memory(answer))


def _in_memory(sets: ShingleSets) -> Read:
    return lambda rows: Sets(rows, sets)


def near_duplicates(
    whole: Sketch,
    answer: ShingleSets | None = None,
    *,
    rank: Places,
    alive: Flags | None = None,
    stays: Flags | None = None,
    threshold: float = 0.7,
    recall: float = RECALL,
    threads: int | None = None,
) -> NearDuplicates:
    """Drop every row that is alike to one that survives; settings as of `resolve_column`.

    A pair at the threshold is found with probability `recall`, a more similar one with a higher, and a pair that is
    found is judged exactly.

    :param answer: the sets of a second column; with them, a partner has to reach the threshold there too.
    :raises ValueError: where the columns differ in length, or no bands find such pairs.
    """
    if len({len(whole.sets.sizes), len(rank), *([len(answer.sizes)] if answer else [])}) > 1:
        raise ValueError(f"expected as many ranks and answers as rows, saw {len(rank)} ranks")
    column = Column.of(whole, answer, threshold=threshold, recall=recall)
    return resolve_column(column, rank=rank, alive=alive, stays=stays, threshold=threshold, threads=threads)


def resolve_column(
    column: Column,
    *,
    rank: Places,
    alive: Flags | None = None,
    stays: Flags | None = None,
    threshold: float,
    threads: int | None = None,
) -> NearDuplicates:
    """Drop every row that is alike to one that survives. A row without shingles is nobody's duplicate.

    The result does not depend on `threads`.

    :param rank: shape `(n_rows,)`; the lowest goes first, and of equal ones the row that stands first.
    :param alive: shape `(n_rows,)`, the rows that take part; all by default.
    :param stays: shape `(n_rows,)`, rows that survive whatever they are alike to; none by default.
    :param threshold: Jaccard similarity, above 0 and at most 1; a similarity equal to it reaches it.
    """
    found_rows, rows, buckets = _prepare(column, rank, alive, threshold, threads)
    n_rows = len(found_rows)
    found = NearDuplicates(*(np.full(n_rows, value) for value in (-1, np.nan, np.nan) * 2))
    protected = np.zeros(n_rows, bool) if stays is None else stays[found_rows]
    resolve(rows, protected, buckets, column.answers is not None, float(threshold), found)
    whole = NearDuplicates(*(np.full(len(rank), value) for value in (-1, np.nan, np.nan) * 2))
    for name, mine, all_rows in zip(NearDuplicates._fields, found, whole):
        is_row = name in ("partner", "variant")
        all_rows[found_rows] = np.where(mine >= 0, found_rows[mine.astype(np.int64)], -1) if is_row else mine
    return whole


def components(
    prompts: Sketch,
    *,
    alive: Flags | None = None,
    threshold: float = 0.5,
    recall: float = RECALL,
    threads: int | None = None,
) -> Places:
    """The component of each row in the graph of the pairs that reach the threshold, named by its first row.

    Chains count here: the rows of one component are to stay on one side of a split. A row without shingles is a
    component of its own. -1 for a row that takes no part.
    """
    column = Column.of(prompts, threshold=threshold, recall=recall)
    return components_of(column, alive=alive, threshold=threshold, threads=threads)


def components_of(
    column: Column, *, alive: Flags | None = None, threshold: float, threads: int | None = None
) -> Places:
    """The same of a column."""
    n_rows = len(column.compact.sizes)
    found_rows, rows, buckets = _prepare(column, np.zeros(n_rows, np.int64), alive, threshold, threads)
    parents = np.arange(len(found_rows), dtype=np.int32)
    unite(rows, buckets, float(threshold), parents)
    labels = np.arange(n_rows)
    labels[found_rows] = found_rows[parents]
    return labels if alive is None else np.where(alive, labels, -1)


def exact_jaccard(sets: ShingleSets, rows: Places, others: Places) -> Ratios:
    """The exact similarity of pairs of rows, shape `(n_pairs,)`; 0 where a row has no shingles."""
    similarity = np.empty(len(rows))
    measure_pairs(sets, np.asarray(rows, np.int64), np.asarray(others, np.int64), similarity)
    return similarity


def similarities(read: Read, rows: Places, others: Places) -> Ratios:
    """The same of rows whose sets have to be read."""
    wanted = np.unique(np.concatenate([rows, others]))
    numbers, sets = read(wanted)
    return exact_jaccard(sets, *(numbers[np.searchsorted(wanted, side)] for side in (rows, others)))


def _prepare(
    column: Column, rank: Places, alive: Flags | None, threshold: float, threads: int | None
) -> tuple[Places, Rows, Buckets]:
    """The rows that could be alike to another, by number, with what is needed to compare them, and their buckets."""
    compact = column.compact
    takes_part = compact.sizes > 0
    rows = np.flatnonzero(takes_part if alive is None else takes_part & alive)
    rows = rows[np.argsort(rank[rows], kind="stable")]
    found = find_candidates(compact, rows, float(threshold), column.scratch, group=column.group, threads=threads)
    numbers, sets = column.read(found.rows)
    answers = NO_SETS
    if column.answers is not None:
        answer_numbers, answers = column.answers(found.rows)
        if not np.array_equal(answer_numbers, numbers):
            raise ValueError("both columns have to be read in the same order")
    places = np.arange(len(found.rows))
    return found.rows, Rows(places, found.sizes, found.maps, numbers, sets, answers), found.buckets

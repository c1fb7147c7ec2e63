"""Near-duplicates: candidates from bands, each proved by the exact Jaccard similarity of the shingle sets.

Rows come in priority order, and each is compared with the rows that survived before it: it is dropped if and only if
one of them reaches the threshold, and the most similar is its partner. There are no chains: a dropped row drops nobody.

How memory is held. Of every row a few hundred bytes are kept (`compact.py`): they say which rows share a band, and
bound the similarity of two rows from above. Shingles are read only of the rows for which that bound reaches the
threshold with another row; all others are alike to none.

>>> import pyarrow as pa
>>> from tunesmith.curate.sketch import sketch
>>> texts = pa.array(["a b c d e f g", "a b c d e f g h", "x"])
>>> found = near_duplicates(sketch(texts), rank=np.arange(3), threshold=0.7)
>>> found.partner.tolist(), found.similarity[1].item()
([-1, 0, -1], 0.75)
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tunesmith.curate.bands import RECALL, Buckets, find_buckets
from tunesmith.curate.bounded import mark_bounded
from tunesmith.curate.compact import Compact, compact_sketch
from tunesmith.curate.pairs import (
    NearDuplicates,
    Ratios,
    Rows,
    fill_members,
    measure_pairs,
    resolve,
    unite,
)
from tunesmith.curate.row_arrays import table_of
from tunesmith.curate.scratch import Scratch
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Sketch
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Hashes, Places

Flags = npt.NDArray[np.bool_]

#: Places in buckets that a thread goes through at a time.
_MEMBERS_A_TASK = 1 << 18
_NO_SETS = ShingleSets(np.empty(0, np.uint64), np.zeros(1, np.int64))


class Sets(NamedTuple):
    """Shingles of some rows: row k of those that were asked for has the set `numbers[k]`."""

    numbers: Places
    sets: ShingleSets


#: Reads the shingle sets of these rows, which are in ascending order.
Read = Callable[[Places], Sets]


class Group(Protocol):
    """As `find_buckets`; the buckets may be numbered in any order."""

    def __call__(self, keys: Hashes, rows: Places, *, scratch: Scratch, threads: int | None = None) -> Buckets:
        """Group rows by their keys, band by band."""


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
        n_rows, n_slots = whole.signatures.shape
        scratch = Scratch(None)
        compact = Compact.room(n_rows, threshold=threshold, n_slots=n_slots, scratch=scratch, recall=recall)
        compact.put(0, table_of(compact_sketch(whole, compact.bands)))
        return cls(compact, _in_memory(whole.sets), None if answer is None else _in_memory(answer), scratch)


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
    rows, buckets = _prepare(column, rank, alive, threshold, threads)
    n_rows = len(rows.rows)
    found = NearDuplicates(*(np.full(n_rows, value) for value in (-1, np.nan, np.nan) * 2))
    protected = np.zeros(n_rows, bool) if stays is None else stays[rows.rows]
    resolve(rows, protected, buckets, column.answers is not None, float(threshold), found)
    whole = NearDuplicates(*(np.full(len(rank), value) for value in (-1, np.nan, np.nan) * 2))
    for mine, all_rows in zip(found, whole):
        all_rows[rows.rows] = mine
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
    rows, buckets = _prepare(column, np.zeros(n_rows, np.int64), alive, threshold, threads)
    parents = np.arange(len(rows.rows), dtype=np.int32)
    unite(rows, buckets, float(threshold), parents)
    labels = np.arange(n_rows)
    labels[rows.rows] = rows.rows[parents]
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
) -> tuple[Rows, Buckets]:
    """The rows that can be alike to another, in order, with what is needed to compare them."""
    compact = column.compact
    takes_part = compact.sizes > 0
    rows = np.flatnonzero(takes_part if alive is None else takes_part & alive)
    rows = rows[np.argsort(rank[rows], kind="stable")]
    buckets = column.group(compact.keys, rows, scratch=column.scratch, threads=threads)
    bounded = Rows(rows, compact.sizes, compact.maps, np.empty(0, np.int64), _NO_SETS, _NO_SETS)
    marked = _bounded(bounded, buckets, float(threshold), column.scratch, threads)
    chosen = rows[marked]
    order = np.argsort(chosen)
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    numbers, sets = column.read(chosen[order])
    answers = _NO_SETS
    if column.answers is not None:
        answer_numbers, answers = column.answers(chosen[order])
        if not np.array_equal(answer_numbers, numbers):
            raise ValueError("both columns have to be read in the same order")
    with_sets = Rows(chosen, compact.sizes, compact.maps, numbers[places], sets, answers)
    return with_sets, Buckets(np.ascontiguousarray(buckets.groups[:, marked]), buckets.starts)


def _bounded(rows: Rows, buckets: Buckets, threshold: float, scratch: Scratch, threads: int | None) -> Flags:
    """Which rows could reach the threshold with another, shape `(n,)`."""
    members = scratch.array((int(buckets.starts[-1]),), np.int32)
    fill_members(buckets, members)
    marked = np.zeros(len(rows.rows), bool)
    cuts = np.searchsorted(buckets.starts, range(0, len(members) + _MEMBERS_A_TASK, _MEMBERS_A_TASK))
    cuts = np.unique(np.minimum(cuts, len(buckets.starts) - 1))

    def mark(task: tuple[int, int]) -> None:
        mark_bounded(rows, buckets, members, threshold, *task, marked)

    run_threads(mark, list(pairwise(cuts.tolist())), threads)
    return marked

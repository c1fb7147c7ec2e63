"""Near-duplicates: candidates from bands, each proved by the exact Jaccard similarity of the shingle sets.

Rows come in priority order, and each is compared with the rows that survived before it: it is dropped if and only if
one of them reaches the threshold, and the most similar is its partner. There are no chains: a dropped row drops nobody.

>>> import pyarrow as pa
>>> from tunesmith.curate.sketch import sketch
>>> texts = pa.array(["a b c d e f g", "a b c d e f g h", "x"])
>>> found = near_duplicates(sketch(texts), rank=np.arange(3), threshold=0.7)
>>> found.partner.tolist(), found.similarity[1].item()
([-1, 0, -1], 0.75)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.bands import RECALL, Buckets, find_buckets, solve_bands
from tunesmith.curate.pairs import MAP_WORDS, NearDuplicates, Ratios, Rows, fill_maps, measure_pairs, resolve, unite
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import Sketch
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Places

_ROWS_A_TASK = 1 << 13


def near_duplicates(
    whole: Sketch,
    answer: ShingleSets | None = None,
    *,
    rank: Places,
    alive: npt.NDArray[np.bool_] | None = None,
    stays: npt.NDArray[np.bool_] | None = None,
    threshold: float = 0.7,
    recall: float = RECALL,
    threads: int | None = None,
) -> NearDuplicates:
    """Drop every row that is alike to one that survives.

    A pair at the threshold is found with probability `recall`, a more similar one with a higher, and a pair that is
    found is judged exactly. A row without shingles is nobody's duplicate. The result does not depend on `threads`.

    :param answer: the sets of a second column; with them, a partner has to reach the threshold there too.
    :param rank: shape `(n_rows,)`; the lowest goes first, and of equal ones the row that stands first.
    :param alive: shape `(n_rows,)`, the rows that take part; all by default.
    :param stays: shape `(n_rows,)`, rows that survive whatever they are alike to; none by default.
    :param threshold: Jaccard similarity, above 0 and at most 1; a similarity equal to it reaches it.
    :raises ValueError: where the columns differ in length, or no bands find such pairs.
    """
    if len({len(whole.sets.sizes), len(rank), *([len(answer.sizes)] if answer else [])}) > 1:
        raise ValueError(f"expected as many ranks and answers as rows, saw {len(rank)} ranks")
    rows, buckets = _prepare(whole, answer, rank, alive, threshold, recall, threads)
    found = NearDuplicates(*(np.full(len(rank), value) for value in (-1, np.nan, np.nan) * 2))
    protected = np.zeros(len(rows.numbers), bool) if stays is None else stays[rows.numbers]
    resolve(rows, protected, buckets, answer is not None, float(threshold), found)
    return found


def components(
    prompts: Sketch,
    *,
    alive: npt.NDArray[np.bool_] | None = None,
    threshold: float = 0.5,
    recall: float = RECALL,
    threads: int | None = None,
) -> Places:
    """The component of each row in the graph of the pairs that reach the threshold, named by its first row.

    Chains count here: the rows of one component are to stay on one side of a split. A row without shingles is a
    component of its own. -1 for a row that takes no part.
    """
    n_rows = len(prompts.signatures)
    rows, buckets = _prepare(prompts, None, np.zeros(n_rows, np.int64), alive, threshold, recall, threads)
    parents = np.arange(len(rows.numbers), dtype=np.int32)
    unite(rows, buckets, float(threshold), parents)
    labels = np.arange(n_rows)
    labels[rows.numbers] = rows.numbers[parents]
    return labels if alive is None else np.where(alive, labels, -1)


def exact_jaccard(sets: ShingleSets, rows: Places, others: Places) -> Ratios:
    """The exact similarity of pairs of rows, shape `(n_pairs,)`; 0 where a row has no shingles."""
    similarity = np.empty(len(rows))
    measure_pairs(sets, np.asarray(rows, np.int64), np.asarray(others, np.int64), similarity)
    return similarity


def _prepare(
    column: Sketch,
    answer: ShingleSets | None,
    rank: Places,
    alive: npt.NDArray[np.bool_] | None,
    threshold: float,
    recall: float,
    threads: int | None,
) -> tuple[Rows, Buckets]:
    """The rows that can be alike to another, in order, with what is needed to compare them."""
    bands = solve_bands(threshold, recall=recall, n_slots=column.signatures.shape[1])
    takes_part = column.sets.sizes > 0
    numbers = np.flatnonzero(takes_part if alive is None else takes_part & alive)
    numbers = numbers[np.argsort(rank[numbers], kind="stable")]
    maps = np.zeros((len(numbers), MAP_WORDS), np.uint64)

    def fill(first: int) -> None:
        last = first + _ROWS_A_TASK
        fill_maps(column.sets, numbers[first:last], maps[first:last])

    run_threads(fill, range(0, len(numbers), _ROWS_A_TASK), threads)
    answers = answer or ShingleSets(np.empty(0, np.uint64), np.zeros(1, np.int64))
    rows = Rows(numbers, column.sets, maps, answers)
    return rows, find_buckets(column.signatures, numbers, bands, threads=threads)

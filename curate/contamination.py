"""Training rows that overlap evaluation sets, with the evidence, and the items that are compromised.

A row holds an item where it has enough of the shingles of its question: the share |A ∩ B| / |B| of the item's set B is
counted exactly, and has to reach a threshold that depends on the item's length (`contamination_patterns.py`). So has
the share by rarity, in which a shingle weighs log(1 + rows / rows that have it): a boilerplate instruction that stands
in many rows makes nobody hold an item, while a leaked item, however often it was copied, weighs the same all over.
Short Chinese questions are also compared by their wording (`contamination_wordings.py`), which counts as equal.

>>> import pyarrow as pa
>>> from tunesmith.curate.contamination_items import Item
>>> items = [Item("e1", "How many legs does a healthy adult spider have?"), Item("e2", "What is 2+2?")]
>>> prompts = pa.array(["what is 2 + 2", "Hi! How many legs does a healthy adult spider have?"])
>>> found = find_contamination(prompts, items)
>>> found.item.tolist(), found.containment.tolist(), found.start.tolist(), found.end.tolist()
([1, 0], [1.0, 1.0], [0, 4], [13, 50])

How it is fast: if a row has at least k of a pattern's n words, it has one of any n - k + 1 of them (prefix filtering;
Chaudhuri, Ganti, Kaushik: A primitive operator for similarity joins, ICDE 2006). The rarest ones are the inverted
index, and only what it finds is counted: exact, and no list of a common shingle is ever walked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate.contamination_items import Item
from tunesmith.curate.contamination_kernels import longest_runs, prove
from tunesmith.curate.contamination_look import Sought, lists_of, look, seek
from tunesmith.curate.contamination_patterns import Patterns, Ratios, tokenised
from tunesmith.curate.contamination_spans import token_spans
from tunesmith.curate.threads import run_threads
from tunesmith.curate.tokens import Places

PROMPT, ANSWER = 0, 1
_ROWS_A_TASK = 1 << 12
_ROUNDING = 1e-9  # of a share that is reached exactly and computed in another order


class Pairs(NamedTuple):
    """Every row and item that overlap, by row and then by item, each once: its better side."""

    rows: Places
    items: Places
    containment: Ratios
    rarity: Ratios
    sides: Places


class Contamination(NamedTuple):
    """One entry a row: the item that it contains most, or -1.

    `containment` is |A ∩ B| / |B|, exact, `rarity` the same by weight; NaN where there is no item. `side`: `PROMPT`,
    `ANSWER` or -1. `start` and `end`, exclusive, in characters of that side: the longest run of tokens that the item
    has too; -1. Of items contained to the same degree the rarer counts, then the first.
    """

    item: Places
    containment: Ratios
    rarity: Ratios
    side: Places
    start: Places
    end: Places
    pairs: Pairs


class Compromised(NamedTuple):
    """An item of an evaluation set, the rows that hold it, and how much of it at most."""

    item: int
    rows: tuple[int, ...]
    containment: float


#: The texts of some rows, ascending, on one side: `PROMPT` or `ANSWER`.
Read = Callable[[int, Places], pa.Array]


def find_contamination(
    prompts: Any, items: Sequence[Item], *, answers: Any = None, ngram: int = 5, threads: int | None = None
) -> Contamination:
    """Find the rows whose prompt, or answer, holds a question. Neither `threads` nor the chunks change the result.

    :param prompts: an Arrow column of string or large_string; a null holds nothing.
    :param answers: a second column, of answers or of whole conversations. That a short text is equal counts for
        prompts only: "Paris" is an answer to many questions.
    :param ngram: as of `contamination_look.seek`.
    :raises ValueError: where the columns differ in length, or `ngram` is out of range.
    """
    if answers is not None and len(answers) != len(prompts):
        raise ValueError(f"expected as many answers as prompts ({len(prompts)}), saw {len(answers)}")
    sought = seek(items, ngram=ngram)
    columns = (prompts, answers)

    def look_from(first: int) -> pa.Table:
        asked, answered = (None if column is None else column.slice(first, _ROWS_A_TASK) for column in columns)
        return look(asked, answered, sought)

    looked = run_threads(look_from, range(0, len(prompts), _ROWS_A_TASK), threads)
    read = partial(_taken, columns)
    return resolve_contamination(looked, items, sought, n_rows=len(prompts), read=read, threads=threads)


def _taken(columns: Sequence[Any], side: int, rows: Places) -> pa.Array:
    texts = columns[side].take(pa.array(rows))
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def resolve_contamination(
    looked: Sequence[pa.Table],
    items: Sequence[Item],
    sought: Sought,
    *,
    n_rows: int,
    read: Read,
    threads: int | None = None,
) -> Contamination:
    """What the rows hold that were looked at, piece by piece, in their order.

    :param looked: as `contamination_look.look` gives them.
    :param n_rows: of all rows, by which rarity is weighed.
    :param read: the texts of the few rows that hold something, read again.
    """
    here = sum(map(len, looked))
    found = [_contained(looked, "prompt", sought, n_rows, threads), _equal(looked, sought.patterns), _reworded(looked)]
    if looked and "answer" in looked[0].column_names:
        answers = _contained(looked, "answer", sought, n_rows, threads)
        found.append(answers._replace(sides=np.array([ANSWER])))
    pairs = _joined(found)
    best = _best_of_rows(pairs)
    start, end = np.full((2, here), -1)
    for side in (PROMPT, ANSWER):
        mine = best[pairs.sides[best] == side]
        if len(mine):
            rows = pairs.rows[mine]
            start[rows], end[rows] = _spans(read(side, rows), items, pairs.items[mine], sought.ngram, threads)
    return Contamination(
        _spread(pairs.items, pairs.rows, best, np.full(here, -1)),
        _spread(pairs.containment, pairs.rows, best, np.full(here, np.nan)),
        _spread(pairs.rarity, pairs.rows, best, np.full(here, np.nan)),
        _spread(pairs.sides, pairs.rows, best, np.full(here, -1)),
        start,
        end,
        pairs,
    )


def find_compromised(found: Contamination) -> list[Compromised]:
    """The reverse: every item that some row holds, in order, with its rows in order."""
    pairs = found.pairs
    order = np.lexsort((pairs.rows, pairs.items))
    items, first = np.unique(pairs.items[order], return_index=True)
    groups = np.split(order, first[1:]) if len(items) else []
    return [
        Compromised(item, tuple(pairs.rows[group].tolist()), float(pairs.containment[group].max()))
        for item, group in zip(items.tolist(), groups)
    ]


def _no_pairs() -> Pairs:
    whole, share = np.empty(0, np.int64), np.empty(0)
    return Pairs(whole, whole, share, share, whole)


def _contained(looked: Sequence[pa.Table], side: str, sought: Sought, n_rows: int, threads: int | None) -> Pairs:
    """The pairs of one column by shingles, on the side of the prompt until the caller says otherwise."""
    patterns = sought.patterns
    if not len(patterns.items) or not looked:
        return _no_pairs()
    held = [lists_of(table[side]) for table in looked]
    starts = _starts(looked)
    n_rows_with = np.sum([np.bincount(words, minlength=len(patterns.vocabulary)) for words, _ in held], axis=0)
    weights = np.log1p(n_rows / np.maximum(n_rows_with, 1))
    least, listed, list_offsets = _rarest(patterns, n_rows_with)
    n_listed, sizes = np.diff(list_offsets), np.diff(patterns.offsets)
    totals = np.add.reduceat(weights[patterns.words], patterns.offsets[:-1])
    needed = patterns.thresholds * totals * (1 - _ROUNDING)

    def check(number: int) -> tuple[Places, Places, Ratios, Ratios]:
        words, offsets = held[number]
        room = int(n_listed[words].sum())
        rows, which, shared = np.empty((3, room), np.int64)
        weight = np.empty(room)
        n_found = prove(
            words, offsets, listed, list_offsets, patterns.words, patterns.offsets, least, weights, needed,
            rows, which, shared, weight,
        )  # fmt: skip
        rows, which = rows[:n_found] + starts[number], which[:n_found].copy()
        shares = np.minimum(weight[:n_found] / totals[which], 1.0)
        return rows, patterns.items[which], shared[:n_found] / sizes[which], shares

    parts = zip(*run_threads(check, range(len(held)), threads))
    rows, found, containment, rarity = (np.concatenate(part) for part in parts)
    return Pairs(rows, found, containment, rarity, np.full(len(rows), PROMPT))


def _starts(looked: Sequence[pa.Table]) -> list[int]:
    """The place of the first row of each piece."""
    starts: list[int] = np.cumsum([0, *(len(table) for table in looked[:-1])]).tolist()
    return starts


def _rarest(patterns: Patterns, n_rows_with: Places) -> tuple[Places, Places, Places]:
    """How many words each pattern needs; and the patterns listed under as many of their rarest words as it takes."""
    sizes = np.diff(patterns.offsets)
    least = np.maximum(np.ceil(patterns.thresholds * sizes - _ROUNDING).astype(np.int64), 1)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((patterns.words, n_rows_with[patterns.words], owners))
    is_listed = np.arange(len(order)) - patterns.offsets[owners] < (sizes - least + 1)[owners]
    words, listed = patterns.words[order][is_listed], owners[is_listed]
    by_word = np.argsort(words, kind="stable")
    counts = np.bincount(words, minlength=len(patterns.vocabulary))
    return least, listed[by_word], np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def _equal(looked: Sequence[pa.Table], patterns: Patterns) -> Pairs:
    """The rows whose tokens are those of an item, all and in order."""
    if not looked:
        return _no_pairs()
    keys = np.concatenate([table["key"].to_numpy() for table in looked])
    has_tokens = np.concatenate([table["has_tokens"].to_numpy() for table in looked])
    first = np.searchsorted(patterns.equal_keys, keys, "left")
    counts = np.where(has_tokens, np.searchsorted(patterns.equal_keys, keys, "right") - first, 0)
    rows = np.repeat(np.arange(len(keys)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    ones = np.ones(len(rows))
    return Pairs(rows, patterns.equal_items[first[rows] + within], ones, ones, np.full(len(rows), PROMPT))


def _reworded(looked: Sequence[pa.Table]) -> Pairs:
    """The short Chinese prompts that ask an item's question in other words, which counts as equal."""
    if not looked:
        return _no_pairs()
    held = [lists_of(table["reworded"]) for table in looked]
    counts = np.concatenate([np.diff(offsets) for _, offsets in held])
    rows, ones = np.repeat(np.arange(len(counts)), counts), np.ones(int(counts.sum()))
    return Pairs(rows, np.concatenate([items for items, _ in held]), ones, ones, np.full(len(rows), PROMPT))


def _joined(parts: list[Pairs]) -> Pairs:
    """All pairs in order; of those of the same row and item, the best."""
    parts = [part._replace(sides=np.broadcast_to(part.sides[:1], len(part.rows))) for part in parts if len(part.rows)]
    if not parts:
        return _no_pairs()
    pairs = Pairs._make(np.concatenate(columns) for columns in zip(*parts))
    order = np.lexsort((pairs.sides, -pairs.rarity, -pairs.containment, pairs.items, pairs.rows))
    same = (np.diff(pairs.rows[order]) == 0) & (np.diff(pairs.items[order]) == 0)
    order = order[np.concatenate([[True], ~same])]
    return Pairs._make(column[order] for column in pairs)


def _best_of_rows(pairs: Pairs) -> Places:
    order = np.lexsort((pairs.items, -pairs.rarity, -pairs.containment, pairs.rows))
    first = np.unique(pairs.rows[order], return_index=True)[1]
    return order[first]


def _spread(values: Any, rows: Places, best: Places, into: Any) -> Any:
    into[rows[best]] = values[best]
    return into


def _spans(
    texts: pa.Array, items: Sequence[Item], which: Places, ngram: int, threads: int | None
) -> tuple[Places, Places]:
    """Start and end of the evidence in each of these texts."""
    mine = tokenised(texts)
    theirs = tokenised(pa.array([items[item].whole for item in which.tolist()], pa.large_string()))
    first, last = np.empty((2, len(texts)), np.int64)

    def run(start: int) -> None:
        part = slice(start, start + _ROWS_A_TASK)
        longest_runs(
            mine.hashes, mine.starts[part], mine.ends[part], theirs.hashes, theirs.starts[part], theirs.ends[part],
            ngram, first[part], last[part],
        )  # fmt: skip

    run_threads(run, range(0, len(texts), _ROWS_A_TASK), threads)
    spans = [token_spans(text) for text in texts.to_pylist()]
    starts = [found[at][0] for found, at in zip(spans, first.tolist())]
    return np.array(starts), np.array([found[at - 1][1] for found, at in zip(spans, last.tolist())])

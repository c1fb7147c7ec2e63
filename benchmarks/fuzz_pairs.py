"""Fuzzing what compares rows: measured records, near-duplicates, contamination, the index, ROUGE and memorised windows.

An input is a text; a batch of them becomes rows, some of which are edits of each other. Results are held against slow
versions, and against themselves in other threads and pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from fuzz_bytes import mutated
from fuzz_kernels import make_text
from fuzz_seeds import texts as seed_texts
from fuzz_types import Target, hold

from tunesmith.curate.contamination import find_contamination
from tunesmith.curate.contamination_items import Item
from tunesmith.curate.index_form import IndexForm, Sketches, form_of, sketch_batch, sketches_of
from tunesmith.curate.index_kernels import Best, judge_pairs, make_tables, search_batch
from tunesmith.curate.measured import measure_basics, measure_batch
from tunesmith.curate.near import components, exact_jaccard, near_duplicates
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.signal_table import BASICS
from tunesmith.curate.signals import measure
from tunesmith.curate.sketch import sketch
from tunesmith.evaluate.memorised_kernels import most_shared
from tunesmith.evaluate.overlap_counts import count_pairs
from tunesmith.evaluate.overlap_tokens import fold, rouge_classes, spaced_classes

_THRESHOLD = 0.5
_LONGEST = 3000


def make_edited(random: Random) -> bytes:
    """A text of a small family, edited a little, so that rows of a batch are alike; or any text."""
    if random.random() < 0.4:
        return make_text(random)[:_LONGEST]
    text = seed_texts()[random.randrange(6)][:600]
    return mutated(text, random, seed_texts()[:6])[:_LONGEST] if random.random() < 0.8 else text


def _said(inputs: Sequence[bytes]) -> list[str]:
    return [data.decode("utf-8", "replace") for data in inputs]


def records_of(said: Sequence[str]) -> list[Record]:
    """Rows of several kinds whose turns are the texts."""
    found = []
    for number, text in enumerate(said):
        other = said[number - 1]
        asked, answered = Message("user", text), Message("assistant", other)
        kind = number % 6
        if kind == 0:
            found.append(Record("text", text=text))
        elif kind == 1:
            found.append(Record("preference", (asked,), (answered,), (Message("assistant", text),)))
        elif kind == 2:
            found.append(Record("kto", (asked, answered), label=number % 4 == 0))
        else:
            turns = (Message("system", other[:50]), asked, answered, Message("user", other), Message("assistant", text))
            found.append(Record("sft", turns[kind - 3 : kind] if kind < 5 else turns))
    return found


def check_measured(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Signals: by kernels as by the plain definition, and whatever rows stand beside."""
    records = records_of(_said(inputs))
    batch = to_batch(records)
    basics = [column.to_pylist() for column in measure_basics(batch)]
    for number, record in enumerate(records):
        expected, given = measure(record), tuple(column[number] for column in basics)
        for (name, _, _), one, other in zip(BASICS, expected, given):
            hold(one == other, f"{name}: {other!r}, and by definition {one!r}")
    whole = [column.to_pylist() for column in measure_batch(batch)]
    cut = len(records) // 2
    halves = [measure_batch(batch.slice(0, cut)), measure_batch(batch.slice(cut))]
    for column, first, second in zip(whole, *halves):
        hold(str(column) == str(first.to_pylist() + second.to_pylist()), "a signal depends on how rows are cut")
    return [True] * len(inputs)


def check_near(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Near-duplicates: the same in any number of threads and pieces, every similarity exact, every partner alive."""
    texts = _said(inputs)
    column = pa.array(texts)
    pieces = pa.chunked_array([column.slice(0, 3), column.slice(3)])
    one, other = sketch(column, threads=1), sketch(pieces, threads=2)
    same = all(map(np.array_equal, (*one.sets, one.signatures), (*other.sets, other.signatures)))
    hold(same, "a sketch depends on threads or pieces")
    sets = [{*one.sets.row(number).tolist()} for number in range(len(texts))]
    rows, others = (side.ravel() for side in np.indices((len(texts), len(texts))))
    expected = [_jaccard(sets[i], sets[j]) for i, j in zip(rows.tolist(), others.tolist())]
    hold(exact_jaccard(one.sets, rows, others).tolist() == expected, "a similarity is not exact")
    rank = np.array([len(text) for text in texts])
    found = near_duplicates(one, one.sets, rank=rank, threshold=_THRESHOLD, threads=1)
    again = near_duplicates(other, other.sets, rank=rank, threshold=_THRESHOLD, threads=2)
    hold(all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, again)), "duplicates depend on threads")
    for row, partner in enumerate(found.partner.tolist()):
        if partner >= 0:
            hold(found.partner[partner] == -1, "a partner was dropped itself")
            hold(_jaccard(sets[row], sets[partner]) == found.similarity[row] >= _THRESHOLD, "a similarity is wrong")
    labels = components(one, threads=1).tolist()
    hold(labels == components(other, threads=2).tolist(), "components depend on threads")
    hold(all(labels[label] == label <= row for row, label in enumerate(labels)), "a component is not its first row's")
    return [True] * len(inputs)


def _jaccard(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


@lru_cache(maxsize=1)
def _form() -> IndexForm:
    return form_of(on="row", threshold=_THRESHOLD, ngram=3)


def check_index(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """The index: what the tables find is what judging all pairs finds, where it is found at all."""
    records = records_of(_said(inputs))
    middle = len(records) // 2
    index, delivery = (_sketches(part) for part in (records[:middle], records[middle:]))
    found, seen = Best.none(len(delivery.classes)), np.full(len(delivery.classes), -1)
    search_batch(index, 0, delivery, make_tables(delivery), _THRESHOLD, seen, found)
    every = Best.none(len(delivery.classes))
    rows, places = (side.ravel() for side in np.indices((len(delivery.classes), len(index.classes))))
    judge_pairs(delivery, rows, index, places, np.arange(len(index.classes)), _THRESHOLD, every)
    for row in np.flatnonzero(found.partner >= 0).tolist():
        hold(found.similarity[row] <= every.similarity[row], "the index found more than there is")
        sets = [
            {*side.compared.row(number).tolist()} for side, number in ((delivery, row), (index, found.partner[row]))
        ]
        hold(found.similarity[row] == _jaccard(*sets), "the index gives a similarity that is not exact")
    return [True] * len(inputs)


def _sketches(records: Sequence[Record]) -> Sketches:
    names = [str(number) for number in range(len(records))]
    return sketches_of(sketch_batch(to_batch(records), _form(), names, names, threads=1))


def check_contamination(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Contamination: the same in any threads and pieces, containment recounted, evidence within the text."""
    texts = _said(inputs)
    items = [Item(str(number), text) for number, text in enumerate(texts[::3])]
    answers = pa.array(texts[1:] + texts[:1])
    column = pa.array(texts)
    found = find_contamination(column, items, answers=answers, threads=1)
    pieces = pa.chunked_array([column.slice(0, 5), column.slice(5)])
    again = find_contamination(pieces, items, answers=answers, threads=2)
    flat, other = ([*one[:-1], *one.pairs] for one in (found, again))
    hold(all(np.array_equal(a, b, equal_nan=True) for a, b in zip(flat, other)), "contamination depends on threads")
    for row in np.flatnonzero(found.item >= 0).tolist():
        said = (texts, answers.to_pylist())[found.side[row]][row]
        hold(0 <= found.start[row] < found.end[row] <= len(said), "the evidence lies beyond the text")
        hold(0 < found.containment[row] <= 1, "a containment is no share")
    return [True] * len(inputs)


def check_overlap(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """ROUGE: runs and subsequences counted again, slowly."""
    texts = [text[:120] for text in _said(inputs)]
    pairs = list(zip(texts, texts[1:] + texts[:1]))
    for form, classes in ((fold, rouge_classes()), (str, spaced_classes())):
        counts = count_pairs(pairs, form, classes)
        alone = [count_pairs([pair], form, classes) for pair in pairs[:2]]
        for number, one in enumerate(alone):
            same = all(np.array_equal(whole[number], part[0]) for whole, part in zip(counts, one))
            hold(same, "a pair gives something else among other pairs")
        if form is str:
            _check_subsequences(pairs, counts)
    return [True] * len(inputs)


def _check_subsequences(pairs: Sequence[tuple[str, str]], counts: Any) -> None:
    for number, (one, other) in enumerate(pairs[:4]):
        words, expected = one.split(" "), other.split(" ")
        length = _longest([word for word in words if word], [word for word in expected if word])
        hold(int(counts.subsequence[number]) == length, "the longest common subsequence is not the longest")


def _longest(ones: Sequence[str], others: Sequence[str]) -> int:
    row = [0] * (len(others) + 1)
    for one in ones:
        before = 0
        for place, other in enumerate(others, 1):
            before, row[place] = row[place], (before + 1 if one == other else max(row[place], row[place - 1]))
    return row[-1]


def check_shared(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Memorised windows: the counts that a dictionary gives. The bytes of a text are its words."""
    texts = [sorted({*data[:200]}) for data in inputs]
    answers = texts[::4]
    owners, weights, offsets = _owners(answers)
    words = np.array([word for text in texts for word in text], np.int64)
    bounds = np.cumsum([0, *map(len, texts)])
    best, rows = np.zeros(len(answers), np.int64), np.full(len(answers), -1)
    own = np.arange(len(answers)) * 4
    most_shared(words, bounds, owners, weights, offsets, np.arange(len(texts)), own, best, rows)
    for number, answer in enumerate(answers):
        shared = [0 if row == own[number] else len({*text} & {*answer}) for row, text in enumerate(texts)]
        hold(best[number] == max(shared), "most_shared: not the most")
        hold(rows[number] == (shared.index(max(shared)) if max(shared) else -1), "most_shared: not the first")
    return [True] * len(inputs)


def _owners(answers: Sequence[Sequence[int]]) -> tuple[Any, Any, Any]:
    held: list[list[int]] = [[number for number, answer in enumerate(answers) if word in answer] for word in range(256)]
    owners = np.array([number for several in held for number in several], np.int64)
    return owners, np.ones(len(owners), np.int64), np.cumsum([0, *map(len, held)])


TARGETS = (
    Target("measured records", make_edited, check_measured, share=4, batch=48, kernels=True),
    Target("near-duplicates", make_edited, check_near, share=15, batch=12, kernels=True),
    Target("index", make_edited, check_index, share=5, batch=24, kernels=True),
    Target("contamination", make_edited, check_contamination, share=20, batch=24, kernels=True),
    Target("overlap", make_edited, check_overlap, share=150, batch=32, kernels=True),
    Target("memorised windows", make_edited, check_shared, share=60, batch=32, kernels=True),
)

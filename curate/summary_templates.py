"""Templates among the rows that stayed, as plain data: one answer under many prompts, one prompt with its slots filled.

`finding` (stock_answer or skeleton), `rows`, `groups`, and `examples`, the largest groups: `rows` and `others`, the
prompts or what fills the slot; with `text`, the answer, or with `head` and `tail`, what the prompts that were looked
at begin and end with.

>>> find_slot(["Describe a red bike, please", "Describe a small cup, please"])
Skeleton(head='Describe a ', tail=', please', fills=['red bike', 'small cup'])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.codepoints import fold
from tunesmith.curate.compared import compared_texts
from tunesmith.curate.records import to_batch
from tunesmith.curate.sampling import seeded_order
from tunesmith.curate.summary import Evidence, texts_of
from tunesmith.curate.word_diff import words_of

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_EXAMPLES, _OTHERS = 3, 8
_LOOKED_AT = 24  # prompts of a group whose beginning and end are compared
_MOST_CHARACTERS = 4_000  # of one text


def summarise_templates(
    run: Evidence, column: Mapping[str, npt.NDArray[Any]], stays: Flags
) -> Iterator[dict[str, Any]]:
    """:param column: `stock_answer` and `skeleton` of the evidence, shape `(n_rows,)`."""
    for finding, example in (("stock_answer", _stock_answer), ("skeleton", _skeleton)):
        rows = np.flatnonzero(stays & (column[finding] >= 0))
        first, which, counts = np.unique(column[finding][rows], return_inverse=True, return_counts=True)
        largest = np.lexsort((first, -counts))[:_EXAMPLES]
        if len(rows):
            examples = [example(run, rows[which == place]) for place in largest]
            yield {"finding": finding, "rows": len(rows), "groups": len(first), "examples": examples}


def _stock_answer(run: Evidence, rows: Places) -> dict[str, Any]:
    records = [run.store.record(row) for row in _sample(run, rows)]
    prompts = dict.fromkeys(texts_of(record)[0][:_MOST_CHARACTERS] for record in records)
    answer = texts_of(records[0])[1][:_MOST_CHARACTERS]
    return {"rows": len(rows), "text": answer, "others": [*prompts][:_OTHERS]}


def _skeleton(run: Evidence, rows: Places) -> dict[str, Any]:
    batch = to_batch([run.store.record(row) for row in _sample(run, rows)])
    prompts = dict.fromkeys(text[:_MOST_CHARACTERS] for text in compared_texts(batch).prompt.to_pylist())
    found = find_slot([*prompts])
    return {"rows": len(rows), "head": found.head, "tail": found.tail, "others": found.fills[:_OTHERS]}


def _sample(run: Evidence, rows: Places) -> list[int]:
    """Some of the rows, the same in every run."""
    few = rows[:: max(1, len(rows) // (4 * _LOOKED_AT))]  # a group may have all rows of the run
    names = run.ledger["row_id"].take(pa.array(few)).to_pylist()
    order: list[int] = few[np.argsort(seeded_order(names, run.seed), kind="stable")][:_LOOKED_AT].tolist()
    return order


class Skeleton(NamedTuple):
    """What prompts begin and end with, and what different things stand between, in the order of the prompts."""

    head: str
    tail: str
    fills: list[str]


def find_slot(prompts: Sequence[str]) -> Skeleton:
    """The words that all prompts begin and end with, folded as tokens are; shown as in the first prompt."""
    places = [words_of(prompt) for prompt in prompts]
    words = [[fold(prompt[a:b]) for a, b in found] for prompt, found in zip(prompts, places)]
    head = _shared(words)
    tail = _shared([found[head:][::-1] for found in words])
    slots = [_slot(prompt, found, head, tail) for prompt, found in zip(prompts, places)]
    start, end = slots[0]
    fills = dict.fromkeys(prompt[a:b] for prompt, (a, b) in zip(prompts, slots))
    return Skeleton(prompts[0][:start], prompts[0][end:], [*fills])


def _slot(prompt: str, words: Sequence[tuple[int, int]], head: int, tail: int) -> tuple[int, int]:
    """Where the words between the first `head` and the last `tail` stand."""
    start = words[head][0] if head < len(words) else len(prompt)
    return start, words[len(words) - tail - 1][1] if head + tail < len(words) else start


def _shared(words: Sequence[Sequence[str]]) -> int:
    """How many words all begin with."""
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*words)))

"""Statistics of a row's prompt and answer, one pass over their bytes: sizes, shares, repetition, overlap, the ending.

>>> from tunesmith.curate.records import Message, Record, to_batch
>>> batch = to_batch([Record("sft", (Message("user", "Why rest?"), Message("assistant", "It helps. It"))))])
>>> named = dict(zip((name for name, _, _ in STATISTICS), measure_statistics(batch)))
>>> named["answer_words"].to_pylist(), named["ending"].to_pylist()
([3], ['open'])

`STATISTICS` names each column with its unit. `statistics_words.py` says what a word is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.sides import Sides, sides_of
from tunesmith.curate.signal_table import STATISTICS
from tunesmith.curate.statistics_debris import count_debris
from tunesmith.curate.statistics_endings import judge_endings
from tunesmith.curate.statistics_formulas import measure_formulas
from tunesmith.curate.statistics_lines import find_lines
from tunesmith.curate.statistics_overlap import OF_ONE, OF_OTHER, Overlap, measure_likeness, measure_overlap
from tunesmith.curate.statistics_repeats import measure_repeats
from tunesmith.curate.statistics_spans import find_spans
from tunesmith.curate.statistics_tables import (
    CHARACTERS,
    CJKS,
    DEBRIS,
    DIGIT,
    LETTER,
    NUMBER,
    POINT,
    SEEN,
    SPACE,
    SYMBOL,
)
from tunesmith.curate.statistics_tails import ENDINGS, read_tails
from tunesmith.curate.statistics_words import Words, read_words
from tunesmith.curate.tokens import TextRows

#: Bytes of text that are measured at once: their words stay in the processor's cache.
BLOCK_BYTES = 1 << 19


_ENDING = next(i for i, (name, _, _) in enumerate(STATISTICS) if name == "ending")
_INVALID = len(ENDINGS)  # the code of the ending of a row that has no texts at all


class _Sides(NamedTuple):
    """The texts of a block of rows."""

    prompt: TextRows
    question: TextRows
    answer: TextRows
    rejected: TextRows


def measure_statistics(rows: pa.RecordBatch, *, sides: Sides | None = None) -> list[pa.Array]:
    """The columns of `STATISTICS` of a batch that has (at least) the columns of `RECORD_SCHEMA`.

    A row of kind `invalid` has zeros and "". The result does not depend on how rows are cut into batches.
    """
    texts = sides or sides_of(rows)
    parts = _Sides(*(TextRows.of(column) for column in (texts.prompt, texts.question, texts.answer, texts.rejected)))
    blocks = [list(_measure_block(_cut(parts, first, last))) for first, last in _blocks(parts)]
    columns = [np.concatenate(parts) for parts in zip(*blocks)] or [np.zeros(0, np.int32) for _ in STATISTICS]
    invalid = pc.equal(rows.column("kind"), "invalid").to_numpy(zero_copy_only=False)
    columns[_ENDING] = np.where(invalid, _INVALID, columns[_ENDING]).astype(np.int8)
    return list(_arrays(columns))


def _arrays(columns: list[npt.NDArray[Any]]) -> Iterator[pa.Array]:
    names = pa.array([*ENDINGS, ""], pa.string())
    for values, (_, kind, _) in zip(columns, STATISTICS):
        yield names.take(pa.array(values)) if kind == pa.string() else pa.array(values, kind)


def _blocks(sides: _Sides) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) row of each block."""
    measured = (sides.prompt, sides.answer, sides.rejected)
    sizes = sum((side.ends - side.starts for side in measured), np.zeros(len(sides.answer.starts), np.int64))
    sums = np.cumsum(sizes)
    first = 0
    while first < len(sums):
        before = sums[first] - sizes[first]
        last = max(first + 1, int(np.searchsorted(sums, before + BLOCK_BYTES, side="right")))
        yield first, last
        first = last


def _cut(sides: _Sides, first: int, last: int) -> _Sides:
    return _Sides(*(TextRows(side.data, side.starts[first:last], side.ends[first:last]) for side in sides))


def _measure_block(sides: _Sides) -> Iterator[npt.NDArray[Any]]:
    """The columns of a block, in the order of `STATISTICS`."""
    texts = sides.answer
    prompt, answer = read_words(sides.prompt), read_words(texts)
    marks = np.ascontiguousarray(answer.counts[:, SEEN])
    spans, lines = find_spans(texts, marks), find_lines(texts, answer)
    formulas, addresses = measure_formulas(texts, marks, spans)
    overlap = _overlap(sides, answer, prompt)
    characters = answer.counts[:, CHARACTERS]
    yield from (prompt.sizes, answer.sizes, lines.filled)
    yield from _shares_of_characters(answer)
    yield from measure_repeats(texts, answer, spans)
    yield _share(spans.code_characters, characters)
    yield _share(spans.math_characters + formulas, characters)
    yield _share(lines.listed, lines.filled)
    yield _share(addresses, characters - answer.counts[:, SPACE])
    yield _share(characters, prompt.counts[:, CHARACTERS])
    yield from (overlap[:, OF_ONE].astype(np.float32), overlap[:, OF_OTHER].astype(np.float32))
    yield judge_endings(texts, answer, lines, read_tails(texts, answer, spans))
    yield count_debris(texts, marks & DEBRIS != 0) + count_debris(sides.prompt, prompt.counts[:, SEEN] & DEBRIS != 0)
    yield from _compare_sides(sides, answer)


def _overlap(sides: _Sides, answer: Words, prompt: Words) -> Overlap:
    """Of the answer with the last question, which mostly is all of the prompt."""
    question = sides.question
    several = question.ends - question.starts < sides.prompt.ends - sides.prompt.starts
    overlap = measure_overlap(answer, prompt)
    if several.any():
        ends = np.where(several, question.ends, question.starts)
        last = measure_overlap(answer, read_words(TextRows(question.data, question.starts, ends)))
        overlap[several] = last[several]
    return overlap


def _share(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """0 where the whole is 0."""
    share: npt.NDArray[np.float32] = (part / np.maximum(whole, 1) * (whole > 0)).astype(np.float32)
    return share


def _shares_of_characters(words: Words) -> Iterator[npt.NDArray[np.float32]]:
    n, characters = words.counts, words.counts[:, CHARACTERS]
    yield _share(n[:, LETTER] + n[:, DIGIT] + n[:, NUMBER], characters)
    for column in (DIGIT, POINT, SYMBOL, CJKS, SPACE):
        yield _share(n[:, column], characters)


def _compare_sides(sides: _Sides, answer: Words) -> Iterator[npt.NDArray[np.float32]]:
    """The ratio and the likeness of both answers of a preference."""
    n_rows = len(sides.answer.starts)
    if (sides.rejected.ends == sides.rejected.starts).all():
        yield from (np.zeros(n_rows, np.float32), np.zeros(n_rows, np.float32))
        return
    rejected = read_words(sides.rejected)
    yield _share(answer.counts[:, CHARACTERS], rejected.counts[:, CHARACTERS])
    yield measure_likeness(answer, rejected).astype(np.float32)

"""The texts that duplicates are judged by: the whole conversation, the user's side of it, its answer, and the rest.

Arrow cuts them out of a shard's `messages` column; no row becomes a Python object.

>>> from tunesmith.curate.records import Message, Record, to_batch
>>> batch = to_batch([Record("sft", (Message("user", "1 + 1?"), Message("assistant", "2")))])
>>> {name: column.to_pylist() for name, column in compared_texts(batch)._asdict().items()}
{'whole': ['1 + 1?\\n2'], 'prompt': ['1 + 1?'], 'answer': ['2'], 'context': ['']}
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BREAK = "\n"  # between turns: no token spans two of them


class Compared(NamedTuple):
    """Four texts of each row: arrays of `string`, empty where a row has no such side.

    `context` is what stands in neither `prompt` nor `answer`: a system turn, earlier answers, what tools returned.
    """

    whole: pa.Array
    prompt: pa.Array
    answer: pa.Array
    context: pa.Array


def compared_texts(rows: pa.RecordBatch | pa.Table) -> Compared:
    """The texts of rows that have the columns of `RECORD_SCHEMA`.

    Pre-training text is its own prompt and answer. Of a preference pair the chosen side is the answer, and both sides
    are part of the whole. A turn's reasoning and tool calls are part of its text.
    """
    messages, chosen, rejected, text = (
        _single(rows.column(name)) for name in ("messages", "chosen", "rejected", "text")
    )
    turns = _Turns(messages)
    sides = [_Turns(side) for side in (chosen, rejected) if side.null_count < len(side)]
    texts = [] if text.null_count == len(text) else [pc.fill_null(text, "")]
    last = turns.last_answers()
    if sides:
        last = pc.if_else(chosen.is_null(), last, sides[0].joined())
    return Compared(
        _paragraphs(turns.joined(), *(side.joined() for side in sides), *texts),
        _paragraphs(turns.joined(turns.asked), *texts),
        _paragraphs(last, *texts),
        turns.joined(~turns.asked & ~turns.answering),
    )


def _single(column: Any) -> pa.Array:
    """One contiguous array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


class _Turns:
    """The turns of all rows side by side: role and text of each, and how many each row has."""

    def __init__(self, messages: pa.ListArray) -> None:
        flat = messages.flatten()
        self.role = flat.field(0)
        self.text = _texts(flat)
        self.lengths = pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False).astype(np.int64)

        self.asked = _mask(pc.equal(self.role, "user"))
        self.answering = _mask(pc.equal(self.role, "assistant"))
        is_last = np.zeros(len(self.answering), bool)
        is_last[(np.cumsum(self.lengths) - 1)[self.lengths > 0]] = True
        self.answering &= is_last

    def joined(self, wanted: npt.NDArray[np.bool_] | None = None) -> pa.Array:
        """The turns of each row (those that are wanted) as one text."""
        text, lengths = self.text, self.lengths
        if wanted is not None:
            row = np.repeat(np.arange(len(lengths)), lengths)
            lengths = np.bincount(row[wanted], minlength=len(lengths))
            text = text.filter(pa.array(wanted))
        if (lengths == 1).all():
            return text
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), text), _BREAK)

    def last_answers(self) -> pa.Array:
        """The last turn of each row where it is the assistant's, else nothing."""
        return self.joined(self.answering)


def _mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = pc.fill_null(values, False).to_numpy(zero_copy_only=False).copy()
    return found


def _texts(turns: pa.StructArray) -> pa.Array:
    """The text of every turn: its reasoning, its content, and the calls that it makes."""
    parts = [turns.field(turns.type.get_field_index(name)) for name in ("reasoning", "content", "tool_calls")]
    first, *others = [pc.fill_null(part, "") for part in parts if part.null_count < len(part)] or [
        pc.fill_null(parts[1], "")
    ]
    return _paragraphs(first, *others)


def _paragraphs(first: pa.Array, *others: pa.Array) -> pa.Array:
    """The parts that hold anything, with a break between them.

    Two at a time: Arrow's own way of skipping nulls (pyarrow 26) leaves out the rows of which every part is null.
    """
    for other in others:
        both = pc.binary_join_element_wise(first, other, _BREAK)
        first = pc.if_else(pc.equal(first, ""), other, pc.if_else(pc.equal(other, ""), first, both))
    return first

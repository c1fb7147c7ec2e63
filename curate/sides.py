"""What each side of a row says: the texts that quality is measured on.

Arrow cuts them out of the columns of a batch; no row becomes a Python object.

>>> from tunesmith.curate.records import Message, Record, to_batch
>>> batch = to_batch([Record("sft", (Message("user", "1 + 1?"), Message("assistant", "2")))])
>>> {name: column.to_pylist() for name, column in sides_of(batch)._asdict().items()}
{'prompt': ['1 + 1?'], 'question': ['1 + 1?'], 'answer': ['2'], 'rejected': [''], 'system': ['']}
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BREAK = "\n"  # between turns: no word spans two of them

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


class Sides(NamedTuple):
    """Five texts of each row, of its turns' content alone: arrays of `string`, "" where a row has no such side.

    `prompt` is all that the user says, `question` the user's last turn, `answer` the last turn where it is the
    assistant's (of a preference pair the chosen side's; of pre-training text the text), `rejected` the last turn of the
    rejected side, `system` the system turns.
    """

    prompt: pa.Array
    question: pa.Array
    answer: pa.Array
    rejected: pa.Array
    system: pa.Array


def sides_of(rows: pa.RecordBatch | pa.Table) -> Sides:
    """The sides of rows that have the columns of `RECORD_SCHEMA`."""
    names = ("messages", "chosen", "rejected", "text")
    messages, chosen, rejected, text = (_single(rows.column(name)) for name in names)
    turns = _Turns(messages)
    answer = turns.picked(turns.last_of("assistant", closing=True))
    if chosen.null_count < len(chosen):
        answer = pc.if_else(chosen.is_null(), answer, _closing(chosen))
    if text.null_count < len(text):
        answer = pc.if_else(text.is_null(), answer, pc.fill_null(text, ""))
    none = pa.array([""], pa.string()).take(pa.array(np.zeros(len(rows), np.int64)))
    return Sides(
        prompt=turns.joined("user"),
        question=turns.picked(turns.last_of("user")),
        answer=answer,
        rejected=none if rejected.null_count == len(rejected) else _closing(rejected),
        system=turns.joined("system"),
    )


def _single(column: Any) -> pa.Array:
    """One contiguous array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


class _Turns:
    """The turns of all rows side by side; row i has `offsets[i]` to `offsets[i + 1]`."""

    def __init__(self, messages: pa.ListArray) -> None:
        flat = messages.flatten()
        self.role = flat.field(0)
        self.content = pc.fill_null(flat.field(1), "")
        lengths = pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False)
        self.offsets: Places = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))

    def _are(self, role: str) -> Mask:
        found: Mask = pc.fill_null(pc.equal(self.role, role), False).to_numpy(zero_copy_only=False)
        return found

    def last_of(self, role: str, *, closing: bool = False) -> Places:
        """The place of each row's last turn of a role, -1 where it has none.

        :param closing: only where it is the last turn of all.
        """
        places = np.where(self._are(role), np.arange(len(self.role)), -1)
        last = np.maximum.accumulate(np.concatenate(([-1], places)))[self.offsets[1:]]
        least = self.offsets[1:] - 1 if closing else self.offsets[:-1]
        found: Places = np.where((last >= least) & (np.diff(self.offsets) > 0), last, -1)
        return found

    def picked(self, places: Places) -> pa.Array:
        """The content of one turn of each row."""
        return pc.fill_null(self.content.take(pa.array(places, mask=places < 0)), "")

    def joined(self, role: str) -> pa.Array:
        """The content of all turns of a role."""
        mine = self._are(role)
        counts = np.diff(np.concatenate(([0], np.cumsum(mine)))[self.offsets])
        texts = self.content.filter(pa.array(mine))
        if (counts == 1).all():
            return texts
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), texts), _BREAK)


def _closing(side: pa.ListArray) -> pa.Array:
    turns = _Turns(side)
    return turns.picked(turns.last_of("assistant", closing=True))

"""Records of a shard as JSON lines of the formats that they are written in.

Most rows are plain conversations for a trainer that reads OpenAI messages. Their lines are made straight from the
columns, without a `Record` or the JSON of `extra`; all others go through `write_row`. Both give the same bytes.

>>> formats = {"sft": FORMATS["openai"]}
>>> table = pa.Table.from_batches([to_batch([Record("sft", (Message("user", "Hi"),))])])
>>> list(lines_of(table, formats, keep_extra=False))
[Line(data=b'{"messages":[{"role":"user","content":"Hi"}]}\\n', columns=())]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise, repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import write_row
from tunesmith.curate.formats.openai import OPENAI
from tunesmith.curate.records import Record, records_of
from tunesmith.errors import CannotHold

#: Columns that a format writes only where a row needs them.
OPTIONAL = frozenset({"tools", "system", "history"})

_HINTS = f'"{OPENAI.name}"'  # as the JSON of `extra` would name hints of this format, or anything else of that name


class Line(NamedTuple):
    """One row as it is written, and which of the optional columns it has."""

    data: bytes
    columns: tuple[str, ...]


def lines_of(
    table: pa.Table, formats: Mapping[str, Format], *, keep_extra: bool, edits: Mapping[int, Record] | None = None
) -> Iterator[Line | CannotHold]:
    """A line for each row of a table with the columns of `RECORD_SCHEMA`, in order, or why there is none.

    :param formats: the format of each kind.
    :param edits: the records that stand in place of rows, by their number in the table.
    """
    edits = edits or {}
    plain = _plain_rows(table, formats, keep_extra=keep_extra)
    plain[list(edits)] = False
    others = records_of(table.filter(pa.array(~plain)) if plain.any() else table)
    turns = _turns(table) if plain.any() else repeat([])
    for number, (is_plain, messages) in enumerate(zip(plain.tolist(), turns)):
        if is_plain:
            yield Line(orjson.dumps({"messages": messages}, option=orjson.OPT_APPEND_NEWLINE), ())
        else:
            record = edits.get(number, next(others))
            yield line_of(record, formats[record.kind], keep_extra=keep_extra)


def line_of(record: Record, form: Format, *, keep_extra: bool) -> Line | CannotHold:
    """The line of one record, or why its format cannot hold it."""
    try:
        row = write_row(record, form, keep_extra=keep_extra)
    except CannotHold as error:
        return error
    return Line(jsontext.dump_bytes(row) + b"\n", tuple(OPTIONAL & row.keys()))


def _plain_rows(table: pa.Table, formats: Mapping[str, Format], *, keep_extra: bool) -> npt.NDArray[np.bool_]:
    """Which rows are conversations of nothing but roles and texts that are written as OpenAI messages."""
    if formats.get("sft") is not OPENAI:
        return np.zeros(len(table), bool)
    extra = table["extra"]
    no_hints = pc.is_null(extra)
    if not keep_extra:
        no_hints = pc.or_(no_hints, pc.invert(pc.match_substring(extra, _HINTS)).fill_null(True))
    sft, no_tools, turns = pc.equal(table["kind"], "sft"), pc.is_null(table["tools"]), pc.is_valid(table["messages"])
    found = pc.and_(pc.and_(sft, no_tools), pc.and_(turns, no_hints))
    plain: npt.NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return plain & ~_have_more(table["messages"].combine_chunks())


def _have_more(messages: pa.ListArray) -> npt.NDArray[np.bool_]:
    """Which conversations have a turn with more than a role and a text."""
    values = messages.flatten()
    more = np.zeros(len(values), bool)
    for number in range(2, values.type.num_fields):
        field = values.field(number)
        if field.null_count < len(field):
            more |= field.is_valid().to_numpy(zero_copy_only=False)
    total = np.concatenate([[0], np.cumsum(more)])
    bounds = _bounds(messages)
    return np.diff(total[bounds]) > 0


def _bounds(messages: pa.ListArray) -> npt.NDArray[np.int64]:
    """Where the turns of each conversation begin and end among all turns, shape `(n_rows + 1,)`; null has none."""
    return np.concatenate([[0], np.cumsum(messages.value_lengths().fill_null(0).to_numpy())])


def _turns(table: pa.Table) -> Iterator[list[dict[str, Any]]]:
    """The turns of each row as OpenAI writes a plain one."""
    messages = table["messages"].combine_chunks()
    values = messages.flatten()
    roles, contents = (values.field(number).to_pylist() for number in (0, 1))
    turns = [{"role": role, "content": content} for role, content in zip(roles, contents)]
    return (turns[first:end] for first, end in pairwise(_bounds(messages).tolist()))

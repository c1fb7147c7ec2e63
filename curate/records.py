"""The one record that every row becomes, its Arrow schema, and its content id.

A foreign format is converted once, at the edge (`curate/formats/`); from there on everything works on `Record` or on
its Arrow columns. Both are immutable: a stage returns new ones.

>>> record = Record("sft", (Message("user", "1 + 1?"), Message("assistant", "2")))
>>> content_id(record)
'c4bf1e37adeb8f51730e443dc1efcea2'
>>> list(records_of(to_batch([record]))) == [record]
True
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate, chain
from typing import Any, NamedTuple

import pyarrow as pa
import xxhash

from tunesmith.curate import jsontext

KINDS = ("sft", "preference", "kto", "text")
ROLES = ("system", "user", "assistant", "tool")

JsonObject = dict[str, Any]


class Message(NamedTuple):
    """One turn. `tool_calls` is OpenAI's list of calls; `extra` holds the message's unknown fields."""

    role: str
    content: str | None
    reasoning: str | None = None
    tool_calls: list[JsonObject] | None = None
    tool_call_id: str | None = None
    name: str | None = None
    extra: JsonObject | None = None


Messages = tuple[Message, ...]


class Record(NamedTuple):
    """One row. `tools` is JSON text: a list of bare function schemas. `extra` holds every unmapped input field."""

    kind: str
    messages: Messages | None = None
    chosen: Messages | None = None
    rejected: Messages | None = None
    label: bool | None = None
    text: str | None = None
    tools: str | None = None
    extra: JsonObject | None = None

    @property
    def turns(self) -> Messages:
        """The messages, none where there are none."""
        return self.messages or ()


#: What stands in the record columns of a row that could not be read.
NO_RECORD = Record("invalid")

MESSAGE_TYPE = pa.struct(
    [
        ("role", pa.string()),
        ("content", pa.string()),
        ("reasoning", pa.string()),
        ("tool_calls", pa.string()),  # JSON text
        ("tool_call_id", pa.string()),
        ("name", pa.string()),
        ("extra", pa.string()),  # JSON text
    ]
)

#: The columns of a record. A run's shards add `row_id`, `content_id`, `source`, `group` and their own bookkeeping.
RECORD_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("messages", pa.list_(MESSAGE_TYPE)),
        ("chosen", pa.list_(MESSAGE_TYPE)),
        ("rejected", pa.list_(MESSAGE_TYPE)),
        ("label", pa.bool_()),
        ("text", pa.string()),
        ("tools", pa.string()),
        ("extra", pa.string()),
    ]
)


def content_id(record: Record) -> str:
    """128-bit xxh3 (32 hex digits) of what a model would learn from: kind, turns, tools, label, text.

    Source, group, extra fields and the spelling of JSON do not count, and a call's id counts only as the link between a
    call and its result, so the same conversation has the same id in every format. Decisions are stored under these ids:
    a change of this function would orphan them, and `tests/curate/test_records.py` holds it still.
    """
    content = [
        record.kind,
        _canonical_messages(record.messages),
        _canonical_messages(record.chosen),
        _canonical_messages(record.rejected),
        record.label,
        record.text,
        canonical_tools(record.tools) if record.tools else None,
    ]
    return xxhash.xxh3_128_hexdigest(jsontext.dump_bytes(content))


def _canonical_messages(messages: Messages | None) -> list[list[Any]] | None:
    if messages is None:
        return None
    plain: list[list[Any]] = []
    for role, content, reasoning, tool_calls, tool_call_id, name, _ in messages:
        if tool_calls or tool_call_id or role == "tool":
            return _canonical_with_tools(messages)
        plain.append([role, content or "", reasoning, name])
    return plain


def _canonical_with_tools(messages: Messages) -> list[list[Any]]:
    """Call ids become ordinals: the n-th call of a conversation is n; a result without id answers the next call."""
    canonical: list[list[Any]] = []
    ordinals: dict[str, int] = {}
    calls_seen = results_seen = 0
    for message in messages:
        calls = []
        for call in message.tool_calls or ():
            if call.get("id") is not None:
                ordinals[str(call["id"])] = calls_seen
            calls_seen += 1
            calls.append(canonical_call(call))
        link = None
        if message.role == "tool":
            link = ordinals.get(message.tool_call_id or "", results_seen)
            results_seen += 1
        canonical.append([message.role, message.content or "", message.reasoning, message.name, calls, link])
    return canonical


def canonical_call(call: JsonObject) -> list[str]:
    """The name and the arguments of a call as texts: equal calls have equal texts, however they are spelled."""
    function = call.get("function", call)
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        with suppress(ValueError):  # broken arguments are content too: compared as the text that they are
            arguments = jsontext.loads(arguments.encode())
    return [function.get("name"), jsontext.dumps_sorted(arguments)]


@lru_cache(maxsize=4096)
def canonical_tools(tools: str) -> str:
    """The tools' JSON text with sorted keys and bare functions, or the text itself where it is no JSON."""
    try:
        parsed = jsontext.loads(tools.encode())
    except ValueError:
        return tools
    if isinstance(parsed, list):
        parsed = [bare_function(tool) for tool in parsed]
    return jsontext.dumps_sorted(parsed)


def bare_function(tool: Any) -> Any:
    """`{"type": "function", "function": F}` is F; anything else is itself."""
    if isinstance(tool, dict) and tool.keys() == {"type", "function"} and tool["type"] == "function":
        return tool["function"]
    return tool


def to_batch(records: Sequence[Record]) -> pa.RecordBatch:
    """Records as Arrow, columns of `RECORD_SCHEMA`, one row each."""
    kinds, messages, chosen, rejected, labels, texts, tools, extras = zip(*records) if records else ((),) * 8
    columns = [
        pa.array(kinds, pa.string()),
        _messages_array(messages),
        _messages_array(chosen),
        _messages_array(rejected),
        pa.array(labels, pa.bool_()),
        pa.array(texts, pa.string()),
        pa.array(tools, pa.string()),
        _json_array(extras),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=RECORD_SCHEMA)


def _messages_array(rows: Sequence[Messages | None]) -> pa.ListArray:
    lengths = [len(row) if row else 0 for row in rows]
    offsets = pa.array([0, *accumulate(lengths)], pa.int32())
    flat = list(chain.from_iterable(row for row in rows if row))
    roles, contents, reasonings, calls, call_ids, names, extras = zip(*flat) if flat else ((),) * 7
    values = pa.StructArray.from_arrays(
        [
            pa.array(roles, pa.string()),
            pa.array(contents, pa.string()),
            pa.array(reasonings, pa.string()),
            _json_array(calls),
            pa.array(call_ids, pa.string()),
            pa.array(names, pa.string()),
            _json_array(extras),
        ],
        fields=list(MESSAGE_TYPE),
    )
    missing = pa.array([row is None for row in rows], pa.bool_())
    return pa.ListArray.from_arrays(offsets, values, type=pa.list_(MESSAGE_TYPE), mask=missing)


def _json_array(values: Iterable[Any]) -> pa.Array:
    return pa.array([None if value is None else jsontext.dumps(value) for value in values], pa.string())


def records_of(batch: pa.RecordBatch | pa.Table) -> Iterator[Record]:
    """The records of a batch that has (at least) the columns of `RECORD_SCHEMA`, in order."""
    for part in batch.to_batches() if isinstance(batch, pa.Table) else (batch,):
        columns = [part.column(name) for name in RECORD_SCHEMA.names]
        kinds, labels, texts, tools = (columns[i].to_pylist() for i in (0, 4, 5, 6))
        messages, chosen, rejected = (_messages_lists(columns[i]) for i in (1, 2, 3))
        extras = _json_values(columns[7])
        yield from map(Record, kinds, messages, chosen, rejected, labels, texts, tools, extras)


def _messages_lists(array: pa.ListArray) -> list[Messages | None]:
    if array.null_count == len(array):
        return [None] * len(array)
    values = array.flatten()  # respects the slice and skips nulls
    columns = [values.field(i) for i in range(MESSAGE_TYPE.num_fields)]
    roles, contents, reasonings, call_ids, names = (columns[i].to_pylist() for i in (0, 1, 2, 4, 5))
    calls, extras = _json_values(columns[3]), _json_values(columns[6])
    flat = iter([*map(Message, roles, contents, reasonings, calls, call_ids, names, extras)])
    lengths = array.value_lengths().to_pylist()
    return [None if n is None else tuple(next(flat) for _ in range(n)) for n in lengths]


def _json_values(array: pa.Array) -> list[Any]:
    if array.null_count == len(array):
        return [None] * len(array)
    return [None if text is None else jsontext.loads(text.encode()) for text in array.to_pylist()]

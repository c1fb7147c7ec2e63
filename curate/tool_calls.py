"""Broken tool calls: arguments that are no JSON object, unknown tools, parameters missing or of a wrong type.

>>> tools = '[{"name": "add", "parameters": {"properties": {"a": {"type": "integer"}}, "required": ["a"]}}]'
>>> call = {"type": "function", "function": {"name": "add", "arguments": '{"a": "one"}'}}
>>> why_broken(Record("sft", (Message("user", "1?"), Message("assistant", None, tool_calls=[call])), tools=tools))
["turn 2, call 1, add: expected an integer for 'a', saw 'one'"]

The parameters are those of JSON Schema, looked at one level deep: `required`, `type` and `enum`. A schema that says
nothing, or is none, is met. A model that learns such a call fails in the program that it calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate import jsontext
from tunesmith.curate.records import MESSAGE_TYPE, JsonObject, Message, Record, bare_function, records_of

Tools = Mapping[str, JsonObject]

_ROLE = MESSAGE_TYPE.get_field_index("role")
_CALLS = MESSAGE_TYPE.get_field_index("tool_calls")
_CONTENT = MESSAGE_TYPE.get_field_index("content")
_LONGEST_SHOWN = 40


def count_broken_calls(rows: pa.RecordBatch) -> npt.NDArray[np.int32]:
    """The number of broken calls of each row, int32; a rejected side may be broken, so it is not looked at."""
    counts = np.zeros(len(rows), np.int32)
    marked = np.flatnonzero(_has_calls(rows.column("messages")) | _has_calls(rows.column("chosen")))
    if len(marked):
        counts[marked] = [len(why_broken(record)) for record in records_of(rows.take(pa.array(marked)))]
    return counts


def why_broken(record: Record) -> list[str]:
    """A reason for each broken call: its turn and its number there, counted from 1, and what is wrong with it."""
    tools = _tools_of(record.tools or "")
    reasons: list[str] = []
    for turn, message in enumerate((*record.turns, *(record.chosen or ())), 1):
        if message.role != "assistant":
            continue
        for number, (name, faults) in enumerate(_judged(message, tools), 1):
            called = f", {name}" if name else ""
            reasons += [f"turn {turn}, call {number}{called}: {'; '.join(faults)}"] if faults else []
    return reasons


def _has_calls(messages: pa.ListArray) -> npt.NDArray[np.bool_]:
    """The rows with a tool call, or with text that looks like one."""
    if messages.null_count == len(messages):
        return np.zeros(len(messages), np.bool_)
    flat = messages.flatten()
    calls = flat.field(_CALLS).is_valid().to_numpy(zero_copy_only=False)
    said = np.flatnonzero(pc.equal(flat.field(_ROLE), "assistant").to_numpy(zero_copy_only=False))
    texts = pc.match_substring_regex(flat.field(_CONTENT).take(pa.array(said)), _MARK)
    calls[said[pc.fill_null(texts, False).to_numpy(zero_copy_only=False)]] = True
    lengths = pc.fill_null(pc.list_value_length(messages), 0).to_numpy(zero_copy_only=False)
    before = np.concatenate([[0], np.cumsum(calls)])
    ends = np.cumsum(lengths)
    found: npt.NDArray[np.bool_] = before[ends] > before[ends - lengths]
    return found


def _judged(message: Message, tools: Tools) -> Iterator[tuple[str, list[str]]]:
    """The name of each call of a message, and what is wrong with it."""
    for call in message.tool_calls or ():
        yield _judged_call(call, tools)
    for text in _calls_in(message.content or ""):
        try:
            value = jsontext.loads(text.encode())
        except ValueError as error:
            yield "", [f"the text of the call is no JSON ({error})"]
            continue
        for call in value if isinstance(value, list) else [value]:
            yield _judged_call(call, tools)


def _calls_in(content: str) -> list[str]:
    """Calls that stand in the text of a turn: in `<tool_call>`, or as an object of name and arguments by itself."""
    found = [match["call"].strip() for match in _TAGGED.finditer(content)]
    found = [text for text in found if text.startswith(("{", "[")) or '"name"' in text]
    return found or ([content.strip()] if _BARE.match(content) else [])


def _judged_call(call: Any, tools: Tools) -> tuple[str, list[str]]:
    function = call.get("function", call) if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return "", [f"expected a call of name and arguments, saw {_shown(call)}"]
    name = function.get("name")
    if not isinstance(name, str) or not name:  # a foreign call that no reader could take apart is all arguments
        return "", [f"expected a call of name and arguments, saw {_shown(function.get('arguments') or function)}"]
    try:
        arguments = _arguments_of(function)
    except ValueError as error:
        return name, [f"expected a JSON object as arguments, saw {_shown(function.get('arguments'))} ({error})"]
    if tools and name not in tools:
        return name, [f"no such tool among {', '.join(tools)}"]
    return name, _misfits(arguments, tools.get(name, {}))


def _arguments_of(function: JsonObject) -> JsonObject:
    """The arguments, which come as an object or as its text; none at all where a tool takes none.

    :raises ValueError: where they are anything else.
    """
    arguments = function.get("arguments", function.get("parameters"))
    if arguments is None or arguments == "":
        return {}
    value = jsontext.loads(arguments.encode()) if isinstance(arguments, str) else arguments
    if not isinstance(value, dict):
        raise ValueError(f"it is {_NAMES.get(type(value), 'something else')}")
    return value


def _misfits(arguments: JsonObject, parameters: JsonObject) -> list[str]:
    """Which parameters are missing or do not fit."""
    required, properties = parameters.get("required"), parameters.get("properties")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    faults = [f"required parameter '{name}' is missing" for name in names if name not in arguments]
    if not isinstance(properties, dict):
        return faults
    for name, value in arguments.items():
        schema = properties.get(name)
        if isinstance(schema, dict) and not (value is None and name not in names):
            faults += _misfit(name, value, schema)
    return faults


def _misfit(name: str, value: Any, schema: JsonObject) -> list[str]:
    wanted = schema.get("type")
    kinds = [kind.lower() for kind in (wanted if isinstance(wanted, list) else [wanted]) if isinstance(kind, str)]
    if kinds and all(kind in _TYPES for kind in kinds) and not any(_is_a(value, kind) for kind in kinds):
        article = "an" if kinds[0][0] in "aio" else "a"
        return [f"expected {article} {' or '.join(kinds)} for '{name}', saw {_shown(value)}"]
    allowed = schema.get("enum")
    if isinstance(allowed, list) and allowed and value not in allowed and not isinstance(value, list):
        return [f"expected one of {_shown(allowed)} for '{name}', saw {_shown(value)}"]
    return []


def _is_a(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return bool in _TYPES[kind]
    if kind in ("integer", "int") and isinstance(value, float):
        return value.is_integer()  # 3.0 is an integer to JSON Schema
    return isinstance(value, _TYPES[kind])


@lru_cache(maxsize=1024)
def _tools_of(text: str) -> Tools:
    """The parameters of each tool by its name; empty where the text is no list of tools."""
    try:
        listed = jsontext.loads(text.encode())
    except ValueError:
        return {}
    tools = [bare_function(tool) for tool in (listed if isinstance(listed, list) else [listed])]
    named = [tool for tool in tools if isinstance(tool, dict) and isinstance(tool.get("name"), str)]
    schemas = ((tool["name"], tool.get("parameters")) for tool in named)
    return {name: schema if isinstance(schema, dict) else {} for name, schema in schemas}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


# RE2 finds the few texts that Python has to look at.
_MARK = r"<tool_call>|^\s*[\[{][^}]{0,200}\"(?:arguments|parameters)\""
_TAGGED = re.compile(r"(?<!`)<tool_call>(?P<call>.*?)(?:</tool_call>|(?=<tool_call>)|\Z)", re.DOTALL)
_BARE = re.compile(r"\s*\[?\s*\{\s*\"name\"\s*:\s*\"[\w.\-]{1,64}\"\s*,\s*\"(?:arguments|parameters)\"\s*:")
_NAMES = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false"}
#: The types of JSON Schema, and the names that Python programmers write for them.
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "str": (str,),
    "integer": (int,),
    "int": (int,),
    "number": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "bool": (bool,),
    "array": (list,),
    "list": (list,),
    "object": (dict,),
    "dict": (dict,),
    "null": (type(None),),
}

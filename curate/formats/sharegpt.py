"""ShareGPT: `{"conversations": [{"from", "value"}, …], "system", "tools"}`; `role`/`content` in place of both is read too.

Turns of tools are `function_call` (JSON of `{"name", "arguments"}`, or a list of these) and `observation`, as in
LLaMA-Factory. What ShareGPT has no words for (call ids, the spelling of arguments, text beside a call) stands in further
fields of the turn, which trainers ignore.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"conversations": [{"from": "human", "value": "Hi"}]}, FORMATS["sharegpt"]).messages[0].role
'user'
"""

from __future__ import annotations

from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.formats import openai
from tunesmith.curate.formats.base import Form, Format, Row, describe, hint, text_at, with_hint, without_hints
from tunesmith.curate.formats.turns import carried, content_text, read_inline, role_of, write_inline
from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import CannotHold, RowError

_FROM = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}
_TURN_KEYS = frozenset({"from", "value", "tool_call_id", "name"})
_CALL_KEYS = _TURN_KEYS | {"content"}


def read_turns(value: object, key: str = "conversations") -> tuple[Messages, Form]:
    """A list of turns; says in the hints where it was spelled `role`/`content`.

    :raises RowError: `wrong_nesting`, `wrong_type`, `unknown_role` or `multimodal`.
    """
    if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
        raise RowError("wrong_nesting", f"`{key}` is {describe(value)} where a list of turns belongs")
    if not value or not all("role" in turn and "from" not in turn for turn in value):
        return tuple(_read_turn(turn) for turn in value), {}
    if any(turn["role"] == "function_call" for turn in value):
        return tuple(_read_turn(_spelled_from(turn)) for turn in value), {"spelling": "role"}
    return openai.read_messages(value, key), {"spelling": "openai"}


def write_turns(messages: Messages, hints: Form) -> list[Row]:
    """Turns, spelled `from`/`value`, or `role`/`content` where they came so."""
    if hints.get("spelling") == "openai":
        return openai.write_messages(messages)
    rows = [_write_turn(message) for message in messages]
    return [_spelled_role(row) for row in rows] if hints.get("spelling") == "role" else rows


def _spelled_from(turn: Row) -> Row:
    renamed = {"from": turn["role"], "value": turn.get("content")}
    return renamed | {key: item for key, item in turn.items() if key not in ("role", "content")}


def _spelled_role(turn: Row) -> Row:
    named = {"human": "user", "gpt": "assistant"}.get(turn["from"], turn["from"])
    return {k: v for k, v in turn.items() if k not in ("from", "value")} | {"role": named, "content": turn["value"]}


def _read_turn(turn: Row) -> Message:
    if turn.get("from") == "function_call":
        return _read_call(turn)
    role, content = role_of(turn.get("from")), content_text(turn.get("value"))
    if len(turn) == 2 and not (content and content.startswith("<think>")):
        return Message(role, content)
    extra = {key: value for key, value in turn.items() if key not in _TURN_KEYS} or None
    message = Message(role, content, None, None, text_at(turn, "tool_call_id"), text_at(turn, "name"), extra)
    if hint(message, "null") and not content:
        return without_hints(message._replace(content=None), "null")
    return _null_after_think(read_inline(message))


def _null_after_think(message: Message) -> Message:
    if not (hint(message, "null") and not message.content):
        return message
    return without_hints(message._replace(content=None), "null")


def _read_call(turn: Row) -> Message:
    """A call turn: the calls in `value`, and in `content` the text that an assistant wrote beside them."""
    calls = _calls_of(text_at(turn, "value") or "")
    extra = {key: value for key, value in turn.items() if key not in _CALL_KEYS} or None
    message = Message("assistant", text_at(turn, "content"), None, calls, text_at(turn, "tool_call_id"), text_at(turn, "name"), extra)
    given = hint(message, "calls")
    if isinstance(given, list) and list(map(_plain_call, given)) == list(map(_plain_call, calls)):
        message = message._replace(tool_calls=given)
    return _null_after_think(read_inline(without_hints(message, "calls")))


def _calls_of(text: str) -> list[Row]:
    """The calls in a `function_call` text. Text that is no call is kept as the arguments of a call without a name."""
    try:
        parsed = jsontext.loads(text.encode())
    except ValueError:
        parsed = None
    found = parsed if isinstance(parsed, list) else [parsed]
    if not found or not all(isinstance(call, dict) and isinstance(call.get("name"), str) and call["name"] for call in found):
        return [_openai_call("", text)]
    return [_openai_call(call["name"], call.get("arguments")) for call in found]


def _openai_call(name: str, arguments: Any) -> Row:
    text = arguments if isinstance(arguments, str) else jsontext.dumps_spaced(arguments)
    return {"type": "function", "function": {"name": name, "arguments": text}}


def _write_turn(message: Message) -> Row:
    if message[2:] == (None,) * 5 and message.content is not None:
        return {"from": _FROM[message.role], "value": message.content}
    if message.tool_calls and message.role == "assistant":
        return _write_call(message)
    if message.tool_calls:
        raise CannotHold(f"a turn of role {message.role} makes a tool call")
    row: Row = {"from": _FROM[message.role], "value": write_inline(message)}
    for key, item in (("tool_call_id", message.tool_call_id), ("name", message.name)):
        if item is not None:
            row[key] = item
    return row | carried(message if message.content is not None else with_hint(message, null=True))


def _write_call(message: Message) -> Row:
    calls = message.tool_calls or []
    plain = [_plain_call(call) for call in calls]
    text = jsontext.dumps_spaced(plain[0] if len(plain) == 1 else plain)
    if len(plain) == 1 and not plain[0]["name"] and isinstance(plain[0]["arguments"], str):
        text = plain[0]["arguments"]
    row: Row = {"from": "function_call", "value": text}
    if message.content is not None or message.reasoning is not None:
        row["content"] = write_inline(message)
    if message.content is None and message.reasoning is not None:
        message = with_hint(message, null=True)
    for key, item in (("tool_call_id", message.tool_call_id), ("name", message.name)):
        if item is not None:
            row[key] = item
    if _calls_of(text) != calls:
        message = with_hint(message, calls=calls)
    return row | carried(message)


def _plain_call(call: Row) -> Row:
    """`{"name", "arguments"}` with the arguments as JSON where they are JSON of an object, list or number."""
    function = call.get("function", call)
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            parsed = jsontext.loads(arguments.encode())
        except ValueError:
            parsed = arguments
        arguments = arguments if isinstance(parsed, str) else parsed
    return {"name": function.get("name") or "", "arguments": arguments}


def _read(row: Row, form: Form) -> tuple[Record, Form]:
    messages, hints = read_turns(row.get("conversations"))
    system = text_at(row, "system")
    if system and not (messages and messages[0].role == "system"):  # a leading system turn wins, as in LLaMA-Factory
        messages, hints = (Message("system", system), *messages), {**hints, "system": "column"}
    return Record("sft", messages, tools=read_tools(row)), hints


def read_tools(row: Row) -> str | None:
    """`tools` as JSON text; a list is written as text."""
    tools = row.get("tools")
    if isinstance(tools, list):
        return jsontext.dumps_spaced(tools)
    return text_at(row, "tools") or None


def _write(record: Record, hints: Form) -> tuple[Row, Form]:
    messages, row = record.messages or (), {}
    first = messages[0] if messages else None
    if hints.get("system") == "column" and first and first.role == "system" and first[2:] == (None,) * 5 and first.content:
        messages, row = messages[1:], {"system": first.content}
    turns: Row = {"conversations": write_turns(messages, hints)}
    if record.tools is not None:
        row["tools"] = record.tools
    return turns | row, {}


SHAREGPT = Format("sharegpt", ("sft",), frozenset({"conversations", "system", "tools"}), _read, _write)

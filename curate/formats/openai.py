"""OpenAI messages: `{"messages": [{"role", "content", …}], "tools": [...]}`, with tool calls and reasoning.

Read as it stands: text parts are joined, `developer` is a system turn, arguments stay the string that they are. An
assistant's `<think>` block in the content becomes `reasoning` and goes back into the content; `reasoning_content` goes
back into its own field.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"messages": [{"role": "user", "content": "Hi"}]}, FORMATS["openai"]).messages
(Message(role='user', content='Hi', reasoning=None, tool_calls=None, tool_call_id=None, name=None, extra=None),)
"""

from __future__ import annotations

import re
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import Form, Format, Row, describe, hint, text_at, with_hint, without_hints
from tunesmith.curate.formats.notes import beside, others
from tunesmith.curate.formats.turns import THINK, THINK_BREAKS, content_text, inline_text, read_inline, role_of
from tunesmith.curate.records import ROLES, Message, Messages, Record, bare_function, canonical_tools
from tunesmith.errors import RowError

#: What stands in a `tools` column of text where there are none.
_NO_TOOLS = re.compile(r"(\[\s*\]|null)?")
_ROLES = frozenset(ROLES)
MESSAGE_KEYS = frozenset({"role", "content", "reasoning_content", "tool_calls", "tool_call_id", "name"})


def read_messages(value: object, key: str = "messages") -> Messages:
    """A list of OpenAI messages.

    :raises RowError: `wrong_nesting`, `wrong_type`, `unknown_role` or `multimodal`.
    """
    if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
        raise RowError("wrong_nesting", f"`{key}` is {describe(value)} where a list of messages belongs")
    return tuple(_read_message(turn) for turn in value)


def _read_message(turn: Row) -> Message:
    role, content = role_of(turn.get("role")), content_text(turn.get("content"))
    if len(turn) == 2 and "content" in turn and not (content and content.startswith("<think>")):
        return Message(role, content)  # nine turns in ten
    message = Message(
        role,
        content,
        text_at(turn, "reasoning_content"),
        read_calls(turn.get("tool_calls")),
        text_at(turn, "tool_call_id"),
        text_at(turn, "name"),
        others(turn, MESSAGE_KEYS),
    )
    if message.reasoning is not None:
        return message
    inline = read_inline(message)  # here a block in the content is the unusual way, so its breaks are always kept
    if inline.reasoning is not None and hint(inline, "think") is None:
        inline = with_hint(inline, think=list(THINK_BREAKS))
    return inline


def read_calls(value: object) -> list[dict[str, Any]] | None:
    """OpenAI's `tool_calls`; an empty list is none.

    :raises RowError: `wrong_nesting` where it is no list of calls.
    """
    if value is None or value == []:
        return None
    if not isinstance(value, list) or not all(isinstance(call, dict) for call in value):
        raise RowError("wrong_nesting", f"`tool_calls` is {describe(value)} where a list of calls belongs")
    for call in value:
        function = call.get("function", call)
        if not isinstance(function, dict):
            raise RowError("wrong_nesting", f"a tool call's `function` is {describe(function)}")
        text_at(function, "name")
    return value


def write_messages(messages: Messages) -> list[Row]:
    """Messages as OpenAI writes them; unknown fields of a message stand beside its own."""
    return [_write_message(message) for message in messages]


def _write_message(message: Message) -> Row:
    if message[2:] == (None,) * 5:
        return {"role": message.role, "content": message.content}
    inline = inline_text(message) if message.reasoning is not None and hint(message, "think") else None
    row: Row = {"role": message.role, "content": message.content if inline is None else inline}
    if message.reasoning is not None and inline is None:  # an edit may have made the block unreadable
        row["reasoning_content"] = message.reasoning
    for key in ("tool_calls", "tool_call_id", "name"):
        if (value := getattr(message, key)) is not None:
            row[key] = value
    return beside(row, without_hints(message, "think").extra, MESSAGE_KEYS)


def read_tools(row: Row, form: Form) -> str | None:
    """The row's `tools`, a list or JSON text, as JSON text; None where there are none.

    A list becomes the text of its bare functions, or the text that `write_tools` has put into `form["tools"]`.

    :raises RowError: `wrong_nesting` where it is neither.
    """
    value = row.get("tools")
    original = form.pop("tools", None)
    if isinstance(value, str):
        return None if _NO_TOOLS.fullmatch(value.strip()) else value
    if value is None or value == []:
        return None
    if not isinstance(value, list):
        raise RowError("wrong_nesting", f"`tools` is {describe(value)} where a list of tools belongs")
    text = jsontext.dumps_spaced([bare_function(tool) for tool in value])
    return original if original and canonical_tools(original) == canonical_tools(text) else text


def write_tools(tools: str) -> tuple[Any, Form]:
    """The tools as OpenAI's list, and the text as a hint where the list alone would not give it back."""
    parsed = _loads(tools)
    if not isinstance(parsed, list) or not all(isinstance(tool, dict) for tool in parsed):
        return tools, {}
    bare = [bare_function(tool) for tool in parsed]
    wrapped = [tool if "function" in tool else {"type": "function", "function": tool} for tool in bare]
    back = jsontext.dumps_spaced([bare_function(tool) for tool in wrapped])
    return wrapped, {} if back == tools else {"tools": tools}


def with_tools(row: Row, record: Record, form: Form) -> tuple[Row, Form]:
    """A written row and its form, with the record's tools where there are any."""
    if record.tools is None:
        return row, form
    tools, more = write_tools(record.tools)
    return row | {"tools": tools}, form | more


def _loads(text: str) -> Any:
    try:
        return jsontext.loads(text.encode())
    except ValueError:
        return None


def read(row: Row, form: Form) -> tuple[Record, Form]:
    """One row; `tools` may be a list or JSON text."""
    return Record("sft", read_messages(row.get("messages")), tools=read_tools(row, form)), {}


def write(record: Record, hints: Form) -> tuple[Row, Form]:
    """One row, `tools` only where there are any."""
    return with_tools({"messages": write_messages(record.turns)}, record, {})


def _plain(row: Row) -> Messages | None:
    """Turns of a role and a text each."""
    value = row.get("messages")
    if not isinstance(value, list) or "tools" in row:
        return None
    turns = []
    for turn in value:
        if type(turn) is not dict or len(turn) != 2:
            return None
        role, content = turn.get("role"), turn.get("content")
        if type(role) is not str or role not in _ROLES or type(content) is not str or content.startswith(THINK):
            return None
        turns.append(Message(role, content))
    return tuple(turns)


OPENAI = Format("openai", ("sft",), frozenset({"messages", "tools"}), read, write, plain=_plain)

"""A record's messages as a chat template wants them, and the text that it makes of them.

>>> chat_turns((Message("user", "1 + 1?"), Message("assistant", None)))
[{'role': 'user', 'content': '1 + 1?'}, {'role': 'assistant', 'content': ''}]
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import hint
from tunesmith.curate.formats.openai import write_tools
from tunesmith.curate.formats.turns import THINK_BREAKS
from tunesmith.curate.records import JsonObject, Message
from tunesmith.errors import RowError
from tunesmith.train.jinja import rendered
from tunesmith.train.template import Template

Turn = dict[str, Any]


def render(
    template: Template, messages: Sequence[Message], tools: str | None, *, add_generation_prompt: bool = False
) -> str:
    """The text of a conversation, exactly as a server renders it.

    :param tools: JSON text as in a record.
    :raises RowError: `template_refused`, with what the template said.
    """
    turns = chat_turns(messages, reasoning=template.reasoning, arguments=template.arguments)
    offered = chat_tools(tools)
    source = template.source_for(offered)
    return rendered(source, template.variables, turns, offered, add_generation_prompt=add_generation_prompt).text


def chat_turns(
    messages: Sequence[Message],
    *,
    reasoning: Literal["field", "inline", "removed"] = "field",
    arguments: Literal["object", "text"] = "object",
) -> list[Turn]:
    """The messages as templates read them: content is always text, for `null` breaks many of them; arguments of calls
    are objects (or JSON text, where a template joins them to text)."""
    return [_turn(message, reasoning, arguments) for message in messages]


def _turn(message: Message, reasoning: str, arguments: str) -> Turn:
    if message[2:6] == (None,) * 4:
        return {"role": message.role, "content": message.content or ""}
    turn: Turn = {"role": message.role, "content": message.content or ""}
    if message.reasoning is not None and reasoning == "field":
        turn["thinking"] = turn["reasoning_content"] = message.reasoning  # both names are in use
    elif message.reasoning is not None and reasoning == "inline":
        turn["content"] = thoughts(message) + turn["content"]
    if message.tool_calls:
        turn["tool_calls"] = [_call(call, arguments) for call in message.tool_calls]
    for key in ("tool_call_id", "name"):
        if (value := getattr(message, key)) is not None:
            turn[key] = value
    return turn


def thoughts(message: Message) -> str:
    """The `<think>` block in front of an answer, as it stood in the data."""
    first, second, third = hint(message, "think") or THINK_BREAKS
    return f"<think>{first}{message.reasoning}{second}</think>{third}"


def _call(call: JsonObject, arguments: str) -> JsonObject:
    function = call.get("function", call)
    given = function.get("arguments")
    if arguments == "object" and isinstance(given, str):
        given = _parsed(given)
    elif arguments == "text" and not isinstance(given, str):
        given = jsontext.dumps_spaced(given)
    made = {"type": "function", "function": {**function, "arguments": given}}
    return {**{key: call[key] for key in ("id",) if call.get(key) is not None}, **made}


def _parsed(text: str) -> Any:
    """Arguments as an object; broken ones stay the text that they are, and the template has the last word."""
    try:
        return jsontext.loads(text.encode()) if text.strip() else {}
    except ValueError:
        return text


@lru_cache(maxsize=1024)
def _tools(text: str) -> Any:
    return write_tools(text)[0]


def chat_tools(tools: str | None) -> list[JsonObject] | None:
    """The tools as OpenAI's list, in which servers hand them to a template.

    :raises RowError: `template_refused` where they are no list.
    """
    if tools is None:
        return None
    listed = _tools(tools)
    if not isinstance(listed, list):
        raise RowError("template_refused", "its tools are no JSON list of functions")
    return listed

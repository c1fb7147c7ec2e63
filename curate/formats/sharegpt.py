"""ShareGPT: `{"conversations": [{"from", "value"}, …], "system", "tools"}`; `role`/`content` are read too.

Turns of tools are `function_call` (JSON of `{"name", "arguments"}`, or a list of these) and `observation`, as in
LLaMA-Factory. What ShareGPT has no words for (call ids, the spelling of arguments, text beside a call) stands in
further fields of the turn, which trainers ignore. `sharegpt_as` makes the format for other names of fields and roles.

>>> from tunesmith.curate.formats.catalog import FORMATS, read_row
>>> read_row({"conversations": [{"from": "human", "value": "Hi"}]}, FORMATS["sharegpt"]).messages[0].role
'user'
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.formats import openai
from tunesmith.curate.formats.base import Form, Format, Row, describe, equal, hint, text_at, with_hint, without_hints
from tunesmith.curate.formats.notes import beside, others
from tunesmith.curate.formats.turns import carried, content_text, read_inline, role_of, write_inline
from tunesmith.curate.records import Message, Messages, Record
from tunesmith.errors import CannotHold, RowError


class Tags(NamedTuple):
    """The names of a turn's two fields, of its roles, and of the field for the text that stands beside a tool call."""

    role: str = "from"
    content: str = "value"
    user: str = "human"
    assistant: str = "gpt"
    observation: str = "observation"
    function: str = "function_call"
    system: str = "system"

    def of(self, role: str) -> str:
        """The name of a record's role."""
        return self.observation if role == "tool" else str(getattr(self, role))

    @property
    def text_beside(self) -> str:
        """The turn's third text: the name of the content in the other of the two common spellings."""
        return "value" if self.content == "content" else "content"

    def own(self, is_call: bool) -> tuple[str, ...]:
        """The fields of a turn that are read."""
        plain = (self.role, self.content, "tool_call_id", "name")
        return (*plain, self.text_beside) if is_call else plain


FROM_VALUE = Tags()
ROLE_CONTENT = Tags("role", "content", "user", "assistant")


def read_turns(value: object, tags: Tags, key: str = "conversations") -> tuple[Messages, Form]:
    """A list of turns; says in the hints where it was spelled otherwise, `role`/`content`.

    :raises RowError: `wrong_nesting`, `wrong_type`, `unknown_role` or `multimodal`.
    """
    if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
        raise RowError("wrong_nesting", f"`{key}` is {describe(value)} where a list of turns belongs")
    if not value or not all("role" in turn and tags.role not in turn for turn in value):
        return tuple(_read_turn(turn, tags) for turn in value), {}
    if any(turn["role"] == ROLE_CONTENT.function for turn in value):
        return tuple(_read_turn(turn, ROLE_CONTENT) for turn in value), {"spelling": "role"}
    return openai.read_messages(value, key), {"spelling": "openai"}


def write_turns(messages: Messages, tags: Tags, spelling: object = None) -> list[Row]:
    """Turns, spelled by the tags, or `role`/`content` where they came so."""
    if spelling == "openai":
        return openai.write_messages(messages)
    return [_write_turn(message, ROLE_CONTENT if spelling == "role" else tags) for message in messages]


def _role(name: object, tags: Tags) -> str:
    if name == tags.user:
        return "user"
    if name == tags.assistant:
        return "assistant"
    if name == tags.observation:
        return "tool"
    return "system" if name == tags.system else role_of(name)


def _read_turn(turn: Row, tags: Tags) -> Message:
    name = turn.get(tags.role)
    if name == tags.function:
        return _read_call(turn, tags)
    role, content = _role(name, tags), content_text(turn.get(tags.content))
    if len(turn) == 2 and tags.content in turn and not (content and content.startswith("<think>")):
        return Message(role, content)
    message = _with_names(Message(role, content), turn, tags)
    return _null_again(read_inline(message))


def _with_names(message: Message, turn: Row, tags: Tags) -> Message:
    extra = others(turn, tags.own(is_call=message.tool_calls is not None))
    return message._replace(tool_call_id=text_at(turn, "tool_call_id"), name=text_at(turn, "name"), extra=extra)


def _null_again(message: Message) -> Message:
    """A null content was written as an empty text, which trainers can read."""
    if not hint(message, "null"):
        return message
    return without_hints(message if message.content else message._replace(content=None), "null")


def _read_call(turn: Row, tags: Tags) -> Message:
    text = text_at(turn, tags.content) or ""
    message = Message("assistant", text_at(turn, tags.text_beside), tool_calls=_calls_of(text))
    message = _with_names(message, turn, tags)
    given = hint(message, "calls")
    if given and _call_text(given) == text:
        message = message._replace(tool_calls=given)
    return _null_again(read_inline(without_hints(message, "calls")))


def _calls_of(text: str) -> list[Row]:
    """The calls in a `function_call` text. Text that is no call is kept as the arguments of a call without a name."""
    try:
        parsed = jsontext.loads(text.encode())
    except ValueError:
        parsed = None
    found: list[Any] = parsed if isinstance(parsed, list) else [parsed]
    if not found or not all(map(_is_call, found)):
        return [_openai_call("", text)]
    return [_openai_call(call["name"], call.get("arguments")) for call in found]


def _is_call(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and value["name"] != ""


def _openai_call(name: str, arguments: Any) -> Row:
    text = arguments if isinstance(arguments, str) else jsontext.dumps_spaced(arguments)
    return {"type": "function", "function": {"name": name, "arguments": text}}


def _call_text(calls: list[Row]) -> str:
    plain = [_plain_call(call) for call in calls]
    alone = plain[0] if len(plain) == 1 else None
    if alone and not alone["name"]:  # what `_calls_of` made of a text that is no call
        arguments = calls[0].get("function", calls[0]).get("arguments")
        if isinstance(arguments, str) and _calls_of(arguments) == calls:
            return arguments
    return jsontext.dumps_spaced(alone or plain)


def _plain_call(call: Row) -> Row:
    """`{"name", "arguments"}` with the arguments as JSON where they are JSON of anything but a text."""
    function = call.get("function", call)
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            parsed = jsontext.loads(arguments.encode())
        except ValueError:
            parsed = arguments
        arguments = arguments if isinstance(parsed, str) else parsed
    return {"name": function.get("name") or "", "arguments": arguments}


def _write_turn(message: Message, tags: Tags) -> Row:
    if message.tool_calls:
        return _write_call(message, tags)
    row: Row = {tags.role: tags.of(message.role), tags.content: write_inline(message)}
    if message[2:] == (None,) * 5 and message.content is not None:
        return row
    return _finished(row, message, tags)


def _write_call(message: Message, tags: Tags) -> Row:
    if message.role != "assistant":
        raise CannotHold(f"a turn of role {message.role} makes a tool call", remedy="use openai")
    calls = message.tool_calls or []
    text = _call_text(calls)
    row: Row = {tags.role: tags.function, tags.content: text}
    if message.content is not None or message.reasoning is not None:
        row[tags.text_beside] = write_inline(message)
    if not equal(_calls_of(text), calls):
        message = with_hint(message, calls=calls)
    return _finished(row, message, tags)


def _finished(row: Row, message: Message, tags: Tags) -> Row:
    """The turn with its names and further fields, and a hint where an empty text stands for null."""
    for key in ("tool_call_id", "name"):
        if (value := getattr(message, key)) is not None:
            row[key] = value
    if message.content is None and (message.reasoning is not None or not message.tool_calls):
        message = with_hint(message, null=True)
    return beside(row, carried(message), tags.own(is_call=message.tool_calls is not None))


def sharegpt_as(tags: Tags, name: str = "sharegpt") -> Format:
    """ShareGPT whose turns have these names."""
    keys = frozenset({"conversations", "system", "tools"})
    return Format(name, ("sft",), keys, partial(_read, tags), partial(_write, tags))


def _read(tags: Tags, row: Row, form: Form) -> tuple[Record, Form]:
    messages, hints = read_turns(row.get("conversations"), tags)
    system = text_at(row, "system")
    if system and not (messages and messages[0].role == "system"):  # a leading system turn wins in LLaMA-Factory
        messages, hints = (Message("system", system), *messages), {**hints, "system": "column"}
    return Record("sft", messages, tools=openai.read_tools(row, form)), hints


def _write(tags: Tags, record: Record, hints: Form) -> tuple[Row, Form]:
    messages, row = record.turns, Row()
    if hints.get("system") == "column" and _fits_column(messages):
        messages, row = messages[1:], {"system": messages[0].content}
    row = {"conversations": write_turns(messages, tags, hints.get("spelling"))} | row
    return row if record.tools is None else row | {"tools": record.tools}, {}


def _fits_column(messages: Messages) -> bool:
    """Whether the first turn is a system turn that a column of text says whole."""
    return bool(messages and messages[0].role == "system" and messages[0].content) and messages[0][2:] == (None,) * 5


SHAREGPT = sharegpt_as(FROM_VALUE)

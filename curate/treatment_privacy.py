"""Private data in a record: every text that a model would learn from, the arguments of tool calls among them.

Fields that no format maps are not looked at; they are exported only where a recipe asks for it (`export.extra`).

>>> from tunesmith.curate.records import Message
>>> record = Record("sft", (Message("user", "我的手机13800138000"), Message("assistant", "好，13800138000")))
>>> find_in_record(record, ("phone",))
['phone', 'phone']
>>> [message.content for message in redact_record(record, ("phone",)).turns]
['我的手机[手机号_1]', '好，[手机号_1]']
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.privacy import find_private, redact
from tunesmith.curate.records import JsonObject, Message, Messages, Record
from tunesmith.curate.signals import language_of

Change = Callable[[str], str]

#: From so many digits on, a JSON number may be a phone number.
_LONG_NUMBER = 10**6


def find_in_record(record: Record, kinds: Collection[str]) -> list[str]:
    """The kind of each private value, in order; a value counts in each text that it stands in."""
    return [found.kind for text in _texts_of(record) for found in find_private(text) if found.kind in kinds]


def redact_record(record: Record, kinds: Collection[str]) -> Record:
    """The record with marks in place of private values, the same mark for the same value in all of it."""
    texts = _texts_of(record)
    language = "zh" if language_of(*texts) == "zh" else "en"
    replaced, _ = redact(texts, language, kinds=kinds)
    following = iter(replaced)
    return _through_record(record, lambda text: next(following))


def _texts_of(record: Record) -> list[str]:
    sides = (record.messages, record.chosen, record.rejected)
    turns = [turn for side in sides for turn in side or ()]
    if not any(turn.tool_calls for turn in turns):  # in the order of `_through_record`, without making rows
        found = [text for turn in turns for text in (turn.content, turn.reasoning) if text]
        return [*found, record.text] if record.text else found
    texts: list[str] = []

    def note(text: str) -> str:
        texts.append(text)
        return text

    _through_record(record, note)
    return texts


def _through_record(record: Record, change: Change) -> Record:
    """The record with every text changed, always in the same order."""
    return record._replace(
        messages=_through_turns(record.messages, change),
        chosen=_through_turns(record.chosen, change),
        rejected=_through_turns(record.rejected, change),
        text=change(record.text) if record.text else record.text,
    )


def _through_turns(messages: Messages | None, change: Change) -> Messages | None:
    return None if messages is None else tuple([_through_turn(message, change) for message in messages])


def _through_turn(message: Message, change: Change) -> Message:
    calls = message.tool_calls
    return message._replace(
        content=change(message.content) if message.content else message.content,
        reasoning=change(message.reasoning) if message.reasoning else message.reasoning,
        tool_calls=[_through_call(call, change) for call in calls] if calls else calls,
    )


def _through_call(call: JsonObject, change: Change) -> JsonObject:
    if isinstance(call.get("function"), dict):
        return {**call, "function": _through_call(call["function"], change)}
    if "arguments" not in call:
        return call
    return {**call, "arguments": _through_arguments(call["arguments"], change)}


def _through_arguments(arguments: Any, change: Change) -> Any:
    if not isinstance(arguments, str):
        return _through_value(arguments, change)
    try:
        parsed = jsontext.loads(arguments.encode())
    except ValueError:
        return change(arguments)
    changed = _through_value(parsed, change)
    return arguments if changed == parsed else jsontext.dumps(changed)


def _through_value(value: Any, change: Change) -> Any:
    """A number that becomes a mark becomes a text; any other stays the number that it is."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _through_value(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_through_value(item, change) for item in value]
    if isinstance(value, int) and abs(value) >= _LONG_NUMBER:
        written = str(value)
        changed = change(written)
        return value if changed == written else changed
    return value

"""A record's turns as a person reads them: reasoning and tool calls are part of a turn's text.

>>> turns_of(Record("sft", (Message("user", "Why?"), Message("assistant", "So.", reasoning="hm"))))[1].text
'<think>hm</think>\\nSo.'
"""

from __future__ import annotations

from tunesmith.curate.records import Message, Record
from tunesmith.curate.story import Turn


def turns_of(record: Record) -> tuple[Turn, ...]:
    """Every turn of a record as a person reads it."""
    if record.kind == "text":
        return (Turn("text", record.text or ""),)
    turns = [Turn(message.role, _text_of(message)) for message in record.turns]
    for side in ("chosen", "rejected"):
        answer = getattr(record, side) or ()
        turns += [
            Turn(side if message.role == "assistant" else f"{side} {message.role}", _text_of(message))
            for message in answer
        ]
    return tuple(turns)


def _text_of(message: Message) -> str:
    parts = [f"<think>{message.reasoning}</think>"] if message.reasoning else []
    parts += [message.content] if message.content else []
    for call in message.tool_calls or ():
        function = call.get("function", call)
        parts.append(f"calls {function.get('name')}({function.get('arguments')})")
    return "\n".join(parts)

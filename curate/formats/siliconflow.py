"""SiliconFlow's fine-tuning file (and OpenAI's, in its plain form): only `messages`, the plainest conversation.

The rules: an object a line with the one key `messages`, not empty; each message has `role` and `content`; roles system,
user, assistant; a system turn only first; then user and assistant by turns, in pairs, at least one pair.

>>> broken_rule({"messages": [{"role": "assistant", "content": "Hi"}]})
'turn 1 is assistant where user belongs'
"""

from __future__ import annotations

from tunesmith.curate.formats import openai
from tunesmith.curate.formats.base import Form, Format, Row, describe
from tunesmith.curate.formats.turns import bare_string, lift, read_inline
from tunesmith.curate.records import Message, Record
from tunesmith.errors import CannotHold, RowError


def broken_rule(row: Row) -> str | None:
    """The first rule that a row breaks, in words; None where it may be uploaded."""
    messages = row.get("messages")
    if set(row) != {"messages"}:
        others = ", ".join(sorted(set(row) - {"messages"}))
        return f"has the fields {others} beside `messages`" if "messages" in row else "has no `messages`"
    if not isinstance(messages, list) or not messages:
        return f"`messages` is {describe(messages)} where a list of turns belongs"
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            return f"turn {number} is not an object of `role` and `content`"
        if not isinstance(message["content"], str) or not message["content"].strip():
            return f"turn {number} has no text"
    return _broken_order([message["role"] for message in messages])


def _broken_order(roles: list[object]) -> str | None:
    start = 1 if roles[0] == "system" else 0
    for number, role in enumerate(roles[start:]):
        expected = ("user", "assistant")[number % 2]
        if role != expected:
            return f"turn {start + number + 1} is {role} where {expected} belongs"
    if len(roles) - start < 2 or roles[-1] != "assistant":
        return "the last turn is not an answer"
    return None


def _read(row: Row, form: Form) -> tuple[Record, Form]:
    broken = broken_rule(row)
    if broken:
        raise RowError("siliconflow_rule", broken, remedy="read the file as openai")
    turns = tuple(read_inline(Message(turn["role"], turn["content"])) for turn in row["messages"])
    return Record("sft", turns), {}


def _write(record: Record, hints: Form) -> tuple[Row, Form]:
    messages = record.turns
    row: Row = {"messages": openai.write_messages(tuple(Message(m.role, bare_string(m)) for m in messages))}
    broken = "it has tools" if record.tools is not None else broken_rule(row)
    if broken:
        raise CannotHold(broken, remedy="use openai")
    return row, lift(messages)


SILICONFLOW = Format("siliconflow", ("sft",), frozenset({"messages"}), _read, _write, open=False)

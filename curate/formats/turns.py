"""What the formats share about a single turn: its role, its text, its `<think>` block, and turns that are bare strings.

>>> split_think("<think>\\nTwo and two.\\n</think>\\n\\n4")
('Two and two.', '4', ('\\n', '\\n', '\\n\\n'))
"""

from __future__ import annotations

import difflib
import re
from typing import Any

from tunesmith.curate.formats.base import Form, describe, hint, text_at, with_hint, without_hints
from tunesmith.curate.records import Message, Messages
from tunesmith.errors import CannotHold, RowError

#: Names that data sets use for the four roles. Nobody's own field names: only what stands in `role` or `from`.
ROLE_NAMES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "chatgpt": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "ipython": "tool",
}

THINK = "<think>"
_THINK = re.compile(r"\A<think>(\n?)(.*?)(\n?)</think>(\n{0,2})(.*)\Z", re.DOTALL)
#: Line breaks after `<think>`, before `</think>`, and before the answer.
THINK_BREAKS = ("\n", "\n", "\n\n")


def role_of(name: object) -> str:
    """The record's role for a data set's name of it.

    :raises RowError: `unknown_role`, with the nearest known name.
    """
    if isinstance(name, str) and name in ROLE_NAMES:
        return ROLE_NAMES[name]
    if not isinstance(name, str):
        raise RowError("unknown_role", f"the role is {describe(name)} where a name such as 'user' belongs")
    near = difflib.get_close_matches(name.lower(), ROLE_NAMES, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"known roles are {', '.join(ROLE_NAMES)}"
    raise RowError("unknown_role", f"role {name!r} is unknown", remedy=remedy)


def split_think(content: str) -> tuple[str, str, tuple[str, str, str]] | None:
    """Reasoning, answer and the line breaks around them; None where the text does not begin with a closed block."""
    if not content.startswith("<think>"):
        return None
    found = _THINK.match(content)
    if found is None:
        return None
    return found[2], found[5], (found[1], found[3], found[4])


def read_inline(message: Message) -> Message:
    """Move an assistant's leading `<think>` block into `reasoning`; unusual line breaks become a hint."""
    if message.role != "assistant" or message.reasoning is not None or not message.content:
        return message
    found = split_think(message.content)
    if found is None:
        return message
    reasoning, answer, breaks = found
    message = message._replace(reasoning=reasoning, content=answer)
    return message if breaks == THINK_BREAKS else with_hint(message, think=list(breaks))


def write_inline(message: Message) -> str:
    """The text of a turn in a format without a field for reasoning.

    :raises CannotHold: where reading the text back would not give the same reasoning.
    """
    if message.reasoning is None:
        if message.role == "assistant" and split_think(message.content or "") is not None:
            raise CannotHold("the answer itself begins with a <think> block")
        return message.content or ""
    text = inline_text(message)
    if text is None:
        raise CannotHold(f"the reasoning of a turn of role {message.role} does not fit into a <think> block")
    return text


def inline_text(message: Message) -> str | None:
    """Reasoning and answer as one text that `read_inline` reads back as they are, or None.

    The line breaks are those that it came with, unless an edit has made them ambiguous.
    """
    if message.role != "assistant":
        return None
    for breaks in (tuple(hint(message, "think") or ()), THINK_BREAKS):
        if len(breaks) == 3:
            after_open, before_close, before_answer = breaks
            start = f"<think>{after_open}{message.reasoning}{before_close}</think>"
            text = f"{start}{before_answer}{message.content or ''}"
            if split_think(text) == (message.reasoning, message.content or "", breaks):
                return text
    return None


def carried(message: Message) -> Form:
    """The extra fields that must stand beside an inline text: unusual line breaks can be read off the text itself."""
    breaks = hint(message, "think")
    return (without_hints(message, "think") if breaks and tuple(breaks) != THINK_BREAKS else message).extra or {}


def content_text(content: Any) -> str | None:
    """The text of a message's content: a string, null, or OpenAI's list of text parts.

    :raises RowError: `multimodal` for a part that is not text, `wrong_type` for anything else.
    """
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return "".join(_part_text(part) for part in content)
    raise RowError("wrong_type", f"a message's content is {describe(content)} where text belongs")


def _part_text(part: dict[str, Any]) -> str:
    if part.get("type") not in ("text", "input_text", "output_text"):
        raise RowError(
            "multimodal", f"a message holds a part of type {part.get('type')!r}; only text can be trained here"
        )
    return text_at(part, "text") or ""


_NOTHING_MORE = (None,) * 5


def is_plain(message: Message) -> bool:
    """Whether the turn is a role and a text and nothing more, as nearly every one is."""
    return message[2:] == _NOTHING_MORE and message.content is not None


def bare_string(message: Message) -> str:
    """The text of a turn in a format whose turns are plain strings.

    :raises CannotHold: for tool calls and tool results, and for reasoning that does not fit.
    """
    if message.tool_calls or message.tool_call_id or message.role == "tool":
        raise CannotHold("tool calls need a format with roles", remedy="use openai or sharegpt")
    return write_inline(message)


def lift(messages: Messages) -> Form:
    """What bare strings cannot say of their turns (names, weights, nulls, line breaks), by the number of the turn."""
    odd = ((i, _unsaid(message)) for i, message in enumerate(messages) if not is_plain(message))
    lifted = {str(i): unsaid for i, unsaid in odd if unsaid}
    return {"lifted": lifted} if lifted else {}


def _unsaid(message: Message) -> Form:
    unsaid: Form = {}
    if extra := carried(message):
        unsaid["extra"] = extra
    if message.name is not None:
        unsaid["name"] = message.name
    if message.content is None:
        unsaid["null"] = True
    return unsaid


def lower(messages: Messages, form: Form) -> Messages:
    """Give bare turns back what `lift` took; takes the hint out of the form."""
    lifted = form.pop("lifted", None)
    if not isinstance(lifted, dict):
        return messages
    return tuple(_restored(message, lifted.get(str(i), {})) for i, message in enumerate(messages))


def _restored(message: Message, unsaid: Form) -> Message:
    if not unsaid:
        return message
    content = None if unsaid.get("null") and not message.content else message.content
    extra = {**(message.extra or {}), **unsaid.get("extra", {})} or None
    return message._replace(content=content, name=unsaid.get("name"), extra=extra)

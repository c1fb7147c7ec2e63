"""Special tokens that stand in the text of a row, such as `<|im_end|>` in a user's question.

A tokenizer turns such a string into the special token wherever it stands, so a row could end a turn, or speak for
another role. Here each occurrence is replaced, before the template sees it, by one private character (a *shield*) that
stands nowhere else in the row. The rendered text is then cut at the shields: the pieces between are encoded as always,
and the string behind a shield is encoded by the tokenizer's model alone, without its added tokens. The ids are those of
`apply_chat_template(..., sanitize_control_tokens=True)`.

>>> import re
>>> shielded("a<s>b", re.compile("<s>"), {"<s>": "\\U000f0002"})
'a\\U000f0002b'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.records import Message

_FIRST, _LAST = 0xF0002, 0xFFFFD  # a private plane of Unicode


def pattern_of(special: Sequence[str]) -> re.Pattern[str]:
    """Matches any of the strings, the longest first."""
    longest = sorted(special, key=lambda mark: (-len(mark), mark))
    return re.compile("|".join(map(re.escape, longest)) or "(?!)")


def found_in(messages: Sequence[Message], tools: str | None, pattern: re.Pattern[str]) -> tuple[str, ...]:
    """The special strings in a conversation, each once, sorted; almost always none."""
    return tuple(sorted({mark for text in _all_texts(messages, tools) for mark in pattern.findall(text)}))


def _all_texts(messages: Sequence[Message], tools: str | None) -> list[str]:
    """Everything in a conversation that reaches the template."""
    texts = [tools] if tools is not None else []
    for message in messages:
        for value in message[1:6]:
            if type(value) is str:
                texts.append(value)
            elif value is not None:  # calls; asking what kind of mapping or list it is takes long
                texts += texts_in(value)
    return texts


def texts_in(value: Any) -> Iterator[str]:
    """The texts in a value (text, list or mapping of them), keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts_in(key)
            yield from texts_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts_in(item)


def shields_for(marks: Iterable[str], texts: str) -> dict[str, str]:
    """A character for each mark that stands nowhere in the texts."""
    free = (chr(code) for code in range(_FIRST, _LAST) if chr(code) not in texts)
    return {mark: next(free) for mark in marks}


def shield_turns(
    turns: list[dict[str, Any]], tools: list[dict[str, Any]] | None, pattern: re.Pattern[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]] | None, dict[str, str]]:
    """Turns and tools as a template reads them, without special strings, and what each shield stands for."""
    everything = "".join(texts_in([turns, tools]))
    shields = shields_for(dict.fromkeys(pattern.findall(everything)), everything)
    back = {shield: mark for mark, shield in shields.items()}
    return shielded(turns, pattern, shields), shielded(tools, pattern, shields), back


def shielded(value: Any, pattern: re.Pattern[str], shields: Mapping[str, str]) -> Any:
    """A value (text, list or mapping of them) with shields in place of special strings."""
    if value is None:
        return None
    if isinstance(value, str):
        return pattern.sub(lambda match: shields[match[0]], value)
    if isinstance(value, Mapping):
        return {shielded(key, pattern, shields): shielded(item, pattern, shields) for key, item in value.items()}
    if isinstance(value, list):
        return [shielded(item, pattern, shields) for item in value]
    return value


def shield_messages(
    messages: Sequence[Message], tools: str | None, pattern: re.Pattern[str], marks: Sequence[str]
) -> tuple[tuple[Message, ...], str | None, dict[str, str]]:
    """The conversation without special strings, and what each shield stands for."""
    everything = "".join(_all_texts(messages, tools))
    shields = shields_for(marks, everything)
    clean = []
    for message in messages:
        content, reasoning, calls, call_id, name = (shielded(value, pattern, shields) for value in message[1:6])
        clean.append(Message(message.role, content, reasoning, calls, call_id, name, message.extra))
    if tools is not None and pattern.search(tools):
        tools = _shielded_json(tools, pattern, shields)
    return tuple(clean), tools, {shield: mark for mark, shield in shields.items()}


def _shielded_json(tools: str, pattern: re.Pattern[str], shields: Mapping[str, str]) -> str:
    try:
        return jsontext.dumps_spaced(shielded(jsontext.loads(tools.encode()), pattern, shields))
    except ValueError:
        return str(shielded(tools, pattern, shields))

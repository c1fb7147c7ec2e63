"""JSON values made wrong: other types, deep nesting, huge numbers, NaN, fields of other formats, and their texts.

>>> as_text(changed({"text": "hello"}, Random(4)), Random(4))
b'{"text":["hello"]}'
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

#: Every field that some format or reader takes, and the one that is reserved.
NAMES = (
    *("instruction", "input", "output", "history", "system", "tools", "messages", "conversations", "chosen"),
    *("rejected", "prompt", "completion", "label", "kto_tag", "text", "question", "answer", "query", "response", "id"),
    *("prediction", "reference"),
    *("meta", "failure", "predict", "correct", "images", "A", "B", "C", "Question", "Answer"),
    *("from", "value", "role", "content", "reasoning_content", "tool_calls", "tool_call_id", "name", "function"),
    *("arguments", "_tunesmith"),
    *("absent", "set", "turns", "calls", "think", "fields", "alpaca", "openai", "columnar", "extra"),
    *("",),
)  # fmt: skip
ROLES = ("user", "assistant", "system", "tool", "human", "gpt", "function", "function_call", "observation", "bot", "")
TEXTS = (
    *("", " ", "\n", "\r\n", "a\nb", "Hi", "1+1?", "你好，世界", "ｆｕｌｌ", "é", "e\u0301", "\u2028"),
    *("\ufeff", "\x00"),
    *("😀", "[]", "{}", "null", "true", "<think>\nx\n</think>\n\ny", "<think>", "A. x\nB. y", "{{name}}"),
    *("```py\nx\n```", '{"name":"f","arguments":{}}', "\\(x\\)", "a" * 300, "一" * 300, "\u200b", "ﷺ", "㌖"),
    *("=cmd|' /C calc'!A0", "\ud83d\ude00",),
)  # fmt: skip
_SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.0, -0.0, 0.1, 1e308, 5e-324, 2**53, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30),
    *(float("nan"), float("inf"), [], {}, [[]], [{}], {"": None}, [None], ["a", 1], {"role": "user", "content": "x"}),
)
_ODD_PLACES = 6
_DEEPEST = 930  # levels that Python's own JSON can write


def scalar(random: Random) -> Any:
    """Any value that is not built of many."""
    return random.choice(_SCALARS) if random.random() < 0.5 else random.choice(TEXTS)


def changed(value: Any, random: Random) -> Any:
    """The value with one to four changes, but those that would nest it too deep; the value itself stays as it is."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        before, value = value, _change(value, random)
        if depth_of(value) > _DEEPEST:
            value = before
    return value


def depth_of(value: Any) -> int:
    """How many lists and objects stand within each other."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


def _change(value: Any, random: Random) -> Any:
    """Goes down to some place and changes what stands there."""
    if value and random.random() < 0.65:
        if isinstance(value, dict):
            key = random.choice(tuple(value))
            return {**value, key: _change(value[key], random)}
        if isinstance(value, list):
            place = random.randrange(len(value))
            return [*value[:place], _change(value[place], random), *value[place + 1 :]]
    if isinstance(value, dict) and random.random() < 0.6:
        return _with_other_fields(value, random)
    if isinstance(value, list) and random.random() < 0.6:
        return _with_other_items(value, random)
    return _replaced(value, random)


def _with_other_fields(value: dict[str, Any], random: Random) -> dict[str, Any]:
    move = random.randrange(4)
    if move == 0 and value:
        gone = random.choice(tuple(value))
        return {key: item for key, item in value.items() if key != gone}
    if move == 1 and value:
        old, new = random.choice(tuple(value)), random.choice(NAMES)
        return {new if key == old else key: item for key, item in value.items()}
    if move == 2:
        return {random.choice(NAMES): scalar(random), **value}
    return {**value, random.choice(NAMES): _grown(random)}


def _with_other_items(value: list[Any], random: Random) -> list[Any]:
    move = random.randrange(4)
    if move == 0 and value:
        return value[: random.randrange(len(value))]
    if move == 1 and value:
        return value + [random.choice(value)] * random.choice((1, 1, 2, 40))
    if move == 2:
        return random.sample(value, len(value))
    return [*value, _grown(random)]


def _grown(random: Random) -> Any:
    """A turn, a call, a hint, or a scalar."""
    move = random.randrange(5)
    if move == 0:
        return [{"role": random.choice(ROLES), "content": scalar(random)} for _ in range(random.randrange(4))]
    if move == 1:
        return [{"from": random.choice(ROLES), "value": scalar(random)} for _ in range(random.randrange(4))]
    if move == 2:
        return {random.choice(NAMES): scalar(random) for _ in range(random.randrange(3))}
    if move == 3:
        call = {"name": scalar(random), "arguments": scalar(random)}
        return [{"id": scalar(random), "type": "function", "function": call}]
    return scalar(random)


def _replaced(value: Any, random: Random) -> Any:
    move = random.randrange(_ODD_PLACES)
    if move == 0:
        return [value]
    if move == 1:
        return {random.choice(NAMES): value}
    if move == 2 and isinstance(value, str):
        return value[: len(value) // 2] + random.choice(TEXTS) + value[len(value) // 2 :]
    if move == 3 and random.random() < 0.1:
        return nested(value, random.choice((5, 90, 99, 100, 101, 130, 900)), random)
    return scalar(random)


def nested(value: Any, depth: int, random: Random) -> Any:
    """The value so many levels down."""
    for _ in range(depth):
        value = [value] if random.random() < 0.5 else {random.choice(NAMES): value}
    return value


def as_text(value: Any, random: Random) -> bytes:
    """Its JSON text in one of several spellings; some repeat a key, which Python has no value for."""
    spaced = random.random() < 0.2
    text = json.dumps(value, ensure_ascii=random.random() < 0.3, separators=(", ", ": ") if spaced else (",", ":"))
    if random.random() < 0.02 and text.startswith("{") and len(text) > 2:
        text = f"{text[:-1]},{text[1:]}"
    return text.encode("utf-8", "surrogatepass")

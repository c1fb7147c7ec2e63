"""Rows with one fault each, for LLaMA-Factory to keep, cut, drop or end on; written for this project.

>>> PLANTED[0].name, len(PLANTED[0].rows)
('alpaca', 16)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tunesmith.curate.registry_entry import DEFAULT_TAGS

Row = dict[str, Any]


class Planted(NamedTuple):
    """Rows of one file, or lines that are no JSON, and how LLaMA-Factory is told to read them."""

    name: str
    rows: Sequence[Row | str]
    entry: Mapping[str, Any]
    stage: str = "sft"
    template: str = "qwen"
    cutoff: int = 128


_TOOL = '[{"name": "weather", "description": "Says it.", "parameters": {"type": "object", "properties": {}}}]'
_CALL = '{"name": "weather", "arguments": {"city": "北京"}}'
_LONG = "word " * 300


def _alpaca(instruction: Any, output: Any, **more: Any) -> Row:
    return {"instruction": instruction, "input": "", "output": output, **more}


def _turns(*turns: Any, **more: Any) -> Row:
    names = {"u": "human", "a": "gpt", "o": "observation", "f": "function_call", "s": "system"}
    talk = [{"from": names.get(role, role), "value": value} for role, value in turns]
    return {"conversations": talk, **more}


def _openai(*turns: tuple[Any, Any], **more: Any) -> Row:
    return {"messages": [{"role": role, "content": content} for role, content in turns], **more}


_GOOD = _turns(("u", "你好"), ("a", "你好，有什么可以帮您？"))
_ALPACA_COLUMNS = {"prompt": "instruction", "query": "input", "response": "output"}
_ALL_ALPACA = {**_ALPACA_COLUMNS, "history": "history", "system": "system", "tools": "tools"}
_SHAREGPT: dict[str, Any] = {"formatting": "sharegpt"}
_WITH_TOOLS = {**_SHAREGPT, "columns": {"messages": "conversations", "system": "system", "tools": "tools"}}
_OPENAI_TAGS = {**DEFAULT_TAGS, "role_tag": "role", "content_tag": "content", "user_tag": "user"}
_OPENAI_TAGS |= {"assistant_tag": "assistant", "observation_tag": "tool", "function_tag": "function"}
_AS_SHAREGPT = {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": _OPENAI_TAGS}
_AS_OPENAI = {**_AS_SHAREGPT, "formatting": "openai"}
_PAIRS = {
    "formatting": "sharegpt", "ranking": True,
    "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"},
}  # fmt: skip
_LABELS = {"formatting": "sharegpt", "columns": {"messages": "conversations", "kto_tag": "label"}}


def _pair(*turns: Any, chosen: Any = ("a", "yes"), rejected: Any = ("a", "no")) -> Row:
    sides = {}
    for name, side in (("chosen", chosen), ("rejected", rejected)):
        sides[name] = None if side is None else _turns(side)["conversations"][0]
    return _turns(*turns) | sides


_ALPACA_ROWS: list[Row | str] = [
    _alpaca("1+1?", "2"),
    _alpaca("1+1?", ""),
    _alpaca("", "an answer to nothing"),
    _alpaca(None, "an answer to null"),
    _alpaca("no answer", None),
    _alpaca(_LONG, "short answer"),
    _alpaca("short", _LONG),
    _alpaca(_LONG, _LONG),
    {"instruction": "no input key", "output": "fine"},
    _alpaca("with history", "yes", history=[["a", "b"], ["c", "d"]]),
    _alpaca("long history", "yes", history=[["a", _LONG], ["c", _LONG]]),
    _alpaca("null in history", "yes", history=[["a", None]]),
    _alpaca("history of three", "yes", history=[["a", "b", "c"]]),
    _alpaca("system", "yes", system="You are terse."),
    _alpaca("tools", "yes", tools=_TOOL),
    _alpaca("tools that are no JSON", "yes", tools="weather(city)"),
]
_SHAREGPT_ROWS: list[Row | str] = [
    _GOOD,
    _turns(("a", "I begin"), ("u", "why?")),
    _turns(("u", "two"), ("u", "questions"), ("a", "yes")),
    _turns(("u", "no answer")),
    _turns(("u", "one"), ("a", "two"), ("u", "three")),
    _turns(),
    {"conversations": None},
    _turns(("u", "null answer"), ("a", None)),
    _turns(("u", None), ("a", "null question")),
    _turns(("s", "system"), ("u", "a"), ("a", "b")),
    _turns(("u", "a"), ("s", "late system"), ("u", "b"), ("a", "c")),
    _turns(("user", "role of another format"), ("assistant", "yes")),
    _turns((None, "null role"), ("a", "yes")),
    _turns(("u", ""), ("a", "")),
    _turns(("u", _LONG), ("a", "short")),
    _turns(("u", "short"), ("a", _LONG)),
    _turns(("u", "first"), ("a", _LONG), ("u", "second"), ("a", "is lost")),
    _turns(("u", "first"), ("a", "word " * 115), ("u", "second " * 9), ("a", "is partly lost")),
    _turns(("s", _LONG), ("u", "a"), ("a", "b")),
]
_TOOL_ROWS: list[Row | str] = [
    _turns(("u", "weather?"), ("f", _CALL), ("o", "sun"), ("a", "sun"), tools=_TOOL),
    _turns(("u", "weather?"), ("f", f"[{_CALL}, {_CALL}]"), tools=_TOOL),
    _turns(("u", "call is no JSON"), ("f", "weather(city)"), tools=_TOOL),
    _turns(("u", "call without a name"), ("f", '{"arguments": {}}'), tools=_TOOL),
    _turns(("u", "call without arguments"), ("f", '{"name": "weather"}'), tools=_TOOL),
    _turns(("u", "call is a list of texts"), ("f", '["weather"]'), tools=_TOOL),
    _turns(("u", "thought and call"), ("f", f"<think>\nhm\n</think>\n\n{_CALL}"), tools=_TOOL),
    _turns(("u", "marked call"), ("f", f"so: <tool_call>{_CALL}</tool_call>"), tools=_TOOL),
    _turns(("u", "null call"), ("f", None), tools=_TOOL),
    _turns(("u", "empty tools"), ("a", "yes"), tools=""),
    _turns(("u", "no tools"), ("a", "yes"), tools="[]"),
    _turns(("u", "null tools"), ("a", "yes"), tools=None),
    _turns(("u", "tools as an object"), ("a", "yes"), tools='{"name": "weather"}'),
    _turns(("u", "tools as texts"), ("a", "yes"), tools='["weather"]'),
    _turns(("u", "tools as null text"), ("a", "yes"), tools="null"),
    _turns(("u", "system column"), ("a", "yes"), system="You are terse."),
    _turns(("o", "a result first"), ("a", "yes"), tools=_TOOL),
]
_OPENAI_ROWS: list[Row | str] = [
    _openai(("user", "a"), ("assistant", "b")),
    _openai(("system", "s"), ("user", "a"), ("assistant", "b")),
    _openai(("user", "a"), ("assistant", None)),
    _openai(("user", "a"), ("user", "b"), ("assistant", "c")),
    _openai(("user", "a"), ("human", "b")),
    _openai(("user", "a"), ("assistant", "b"), ("tool", "c"), ("assistant", "d")),
    _openai(("user", "a"), ("assistant", "b"), ("tool", "c"), ("tool", "d"), ("assistant", "e")),
    _openai(("user", "only a question")),
    _openai(),
]
_PAIR_ROWS: list[Row | str] = [
    _pair(("u", "a")),
    _pair(("u", "a"), chosen=("a", "same"), rejected=("a", "same")),
    _pair(("u", "a"), ("a", "b")),
    _pair(("u", "a"), chosen=None),
    _pair(("u", "a"), chosen=("u", "a question is chosen")),
    _pair(("u", "a"), chosen=("assistant", "role of another format")),
    _pair(("u", "a"), chosen=("a", None)),
    _pair(("u", _LONG), chosen=("a", "short")),
    _pair(("u", "a"), chosen=("a", _LONG)),
    _pair(),
    _pair(("u", "a"), chosen=("a", ""), rejected=("a", "")),
]
_LABEL_ROWS: list[Row | str] = [
    _turns(("u", "a"), ("a", "b"), label=True),
    _turns(("u", "a"), ("a", "b"), label=False),
    _turns(("u", "a"), ("a", ""), label=True),
    _turns(("u", "a"), ("a", "behind an empty one"), label=True),
    _turns(("u", "a"), ("a", "no label"), label=None),
    _turns(("u", "a"), ("a", "behind one without a label"), label=True),
    _turns(("a", "b"), ("u", "a"), label=True),
    _turns(("u", "a"), ("a", "behind a broken one"), label=False),
    _turns(("u", _LONG), ("a", "b"), label=True),
    _turns(("u", "a"), ("a", _LONG), label=False),
]
_ALPACA_PAIRS = {"ranking": True, "columns": {**_ALPACA_COLUMNS, "chosen": "chosen", "rejected": "rejected"}}


def _safe(rows: Sequence[Row | str], *places: int) -> list[Row | str]:
    """Rows that do not end the run."""
    return [rows[place] for place in places]


PLANTED: tuple[Planted, ...] = (
    Planted("alpaca", _ALPACA_ROWS, {"columns": _ALL_ALPACA}),
    Planted("alpaca_safe", _safe(_ALPACA_ROWS, *range(9), 13, 14), {"columns": _ALL_ALPACA | {"history": None}}),
    Planted("sharegpt", _SHAREGPT_ROWS, _SHAREGPT),
    Planted("sharegpt_safe", _safe(_SHAREGPT_ROWS, *range(6), *range(9, 19)), _SHAREGPT),
    Planted("sharegpt_thinking", _safe(_SHAREGPT_ROWS, 0, 9, 13, 14, 15, 16, 17, 18), _SHAREGPT, template="qwen3"),
    Planted("tools", _TOOL_ROWS, _WITH_TOOLS, cutoff=2048),
    Planted("tools_default", _TOOL_ROWS, _WITH_TOOLS, cutoff=2048, template="default"),
    Planted("messages_as_sharegpt", _OPENAI_ROWS, _AS_SHAREGPT),
    Planted("messages_as_openai", _OPENAI_ROWS, _AS_OPENAI),
    Planted("messages_as_openai_safe", _safe(_OPENAI_ROWS, 0, 1, 3, 5, 6, 7, 8), _AS_OPENAI),
    Planted("pairs", _PAIR_ROWS, _PAIRS, stage="rm"),
    Planted("pairs_safe", _safe(_PAIR_ROWS, 0, 1, 2, 3, 4, 7, 8, 9, 10), _PAIRS, stage="rm"),
    Planted("labels", _LABEL_ROWS, _LABELS, stage="kto"),
    Planted("labels_safe", _safe(_LABEL_ROWS, 0, 1, 8, 9), _LABELS, stage="kto"),
    Planted("broken_line", [_alpaca("a", "b"), '{"instruction": "cut'], {}),
    Planted("two_types", [_alpaca("a", "b"), _alpaca("a", 5)], {}),
    Planted("two_types_in_a_turn", [_GOOD, _turns(("u", {"text": "a"}), ("a", "b"))], _SHAREGPT),
    Planted("no_such_column", [{"question": "a", "answer": "b"}], {}),
    Planted("no_query_column", [{"instruction": "a", "output": "b"}], {}),
    Planted("numbers_as_answers", [_alpaca("a", 5), _alpaca("b", 6)], {}),
    Planted("nothing_valid", [_turns(("u", "a")), _turns()], _SHAREGPT),
    Planted("pairs_in_sft", [_pair(("u", "a"))], _PAIRS, stage="sft"),
    Planted("conversations_in_rm", [_GOOD], _SHAREGPT, stage="rm"),
    Planted("documents", [{"text": "a page " * 20}] * 7, {"columns": {"prompt": "text"}}, stage="pt"),
    Planted("too_few_documents", [{"text": "a page"}], {"columns": {"prompt": "text"}}, stage="pt"),
    Planted("null_document", [{"text": "a page " * 40}, {"text": None}], {"columns": {"prompt": "text"}}, stage="pt"),
)  # fmt: skip

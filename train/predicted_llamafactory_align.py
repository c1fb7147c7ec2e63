"""How LLaMA-Factory 0.9.5 lays out a row before it encodes it: prompt turns, answers, system text, tools.

Its three converters differ in what they do with a turn out of order: sharegpt and openai give the row no turns, which
its processor drops later with a warning; a role that openai's tags do not name is a KeyError and ends the run.

>>> aligned({"instruction": "Hi", "input": "", "output": "Hello"}, entry).prompt  # doctest: +SKIP
[('user', 'Hi')]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.registry_entry import Entry
from tunesmith.errors import RowError

Turn = tuple[str, Any]
_ASKING, _ANSWERING = ("user", "observation"), ("assistant", "function")


class Aligned(NamedTuple):
    """A row's parts.

    :param why: what is wrong with a row that has no turns, as a code and in words.
    :param note: likewise, for a row that is trained and should not be.
    """

    prompt: list[Turn]
    answers: list[Turn]
    system: Any = ""
    tools: Any = ""
    why: tuple[str, str] | None = None
    note: tuple[str, str] | None = None


def aligned(row: Mapping[str, Any], entry: Entry) -> Aligned:
    """Lay out one row.

    :param row: with every column of its file, null where it has none.
    :raises RowError: where LLaMA-Factory ends with an error; the code is the reason.
    """
    return _CONVERTERS[entry.formatting](row, entry)


def needed_columns(entry: Entry) -> tuple[str, ...]:
    """Columns that are read in every row: one that no row has is a KeyError."""
    names = ["system", "tools", "kto_tag"]
    if entry.formatting == "alpaca":
        names += ["history", "prompt", "query"] + ([] if entry.ranking or entry.columns["kto_tag"] else ["response"])
    else:
        names += ["messages"]
    names += ["chosen", "rejected"] if entry.ranking else []
    if entry.formatting == "openai":
        names = [name for name in names if name not in ("system", "tools")]
    return tuple(column for name in names if (column := entry.columns[name]))


def _alpaca(row: Mapping[str, Any], entry: Entry) -> Aligned:
    get = _getter(row, entry)
    prompt: list[Turn] = [turn for pair in _history(get("history")) for turn in zip(("user", "assistant"), pair)]
    asked = [text for text in (get("prompt"), get("query")) if text]
    if not all(isinstance(text, str) for text in asked):
        raise RowError("not_text", f"TypeError: {entry.columns['prompt']} or {entry.columns['query']} is no text")
    prompt.append(("user", "\n".join(asked)))
    answers = _alpaca_answers(entry, get)
    why = None if answers else ("no_answer", "its answer is no text, so it has none")
    return Aligned(prompt, answers, get("system"), get("tools"), why, _note(asked, answers))


def _note(asked: Sequence[str], answers: Sequence[Turn]) -> tuple[str, str] | None:
    if not asked:
        return "empty_prompt", "it asks nothing, and its answer is trained all the same"
    if len(answers) == 1 and answers[0][1] == "":
        return "empty_answer", "its answer is empty, and the model is trained to end at once"
    return None


def _history(value: Any) -> list[Any]:
    if not isinstance(value, list):
        return []
    for pair in value:
        if not isinstance(pair, list | str) or len(pair) != 2:
            raise RowError("broken_history", "ValueError: a part of the history is no pair of question and answer")
    return value


def _alpaca_answers(entry: Entry, get: Any) -> list[Turn]:
    tag = get("kto_tag")
    if isinstance(tag, bool):
        return _labelled(("assistant", get("response")), tag)
    if entry.ranking and isinstance(get("chosen"), str) and isinstance(get("rejected"), str):
        return [("assistant", get("chosen")), ("assistant", get("rejected"))]
    return [("assistant", get("response"))] if isinstance(get("response"), str) else []


def _labelled(answer: Turn, tag: bool) -> list[Turn]:
    empty: Turn = ("assistant", "")
    return [answer, empty] if tag else [empty, answer]


def _sharegpt(row: Mapping[str, Any], entry: Entry) -> Aligned:
    get = _getter(row, entry)
    names = _names(entry)
    system, messages = _parted(get("messages"), entry, get("system"))
    turns: list[Turn] = []
    for place, message in enumerate(messages):
        role = names.get(_field(message, entry, "role_tag"), "")
        if role not in (_ASKING, _ANSWERING)[place % 2]:
            return Aligned([], [], system, get("tools"), why=_disordered(place, message, entry))
        turns.append((role, _field(message, entry, "content_tag")))
    return _finished(turns, row, entry, system, get("tools"))


def _openai(row: Mapping[str, Any], entry: Entry) -> Aligned:
    get = _getter(row, entry)
    system, messages = _parted(get("messages"), entry, get("system"))
    turns = _openai_turns(messages, entry)
    tools = get("tools") or ""
    tools = jsontext.dumps(tools) if isinstance(tools, dict | list) else tools
    for place, (role, _) in enumerate(turns):
        if role not in (_ASKING, _ANSWERING)[place % 2]:
            what = f"turn {place + 1} is {role} where one of {' or '.join((_ASKING, _ANSWERING)[place % 2])} belongs"
            return Aligned([], [], system, tools, why=("role_order", what))
    return _finished(turns, row, entry, _thinking_off(system, tools), tools)


def _openai_turns(messages: Sequence[Any], entry: Entry) -> list[Turn]:
    """Results of tools in a row are one turn; calls stand in place of what is said beside them."""
    names, waiting, turns = _names(entry), [], list[Turn]()
    for message in messages:
        role, content = _field(message, entry, "role_tag"), _field(message, entry, "content_tag")
        calls = message.get("tool_calls") if names.get(role) in _ANSWERING else None
        if calls:
            role, content = entry.tags["function_tag"], _called(calls)
        if names.get(role) == "observation":
            waiting.append(content)
            continue
        if waiting:
            turns.append(("observation", "\n</tool_response>\n<tool_response>\n".join(waiting)))
            waiting = []
        if role not in names:
            raise RowError("unknown_role", f"KeyError: {role!r}, which the tags do not name")
        turns.append((names[role], content))
    return turns


def _called(calls: Any) -> str:
    try:
        return jsontext.dumps([call["function"] for call in calls])
    except (KeyError, TypeError):
        raise RowError("broken_call", "KeyError: 'function' is not there in a tool call") from None


def _thinking_off(system: Any, tools: Any) -> Any:
    """The openai converter writes words of its own into the system text."""
    off = "detailed thinking off"
    if not system:
        return system if tools else off
    if tools:
        return f"{system}\n"
    return system if "detailed thinking o" in system else f"{system}\n{off}"


def _parted(messages: Any, entry: Entry, system: Any) -> tuple[Any, Sequence[Any]]:
    """The system text and the turns; a system turn goes before the column."""
    if not isinstance(messages, list):
        raise RowError("no_turns", f"TypeError: `{entry.columns['messages']}` is null where a list of turns belongs")
    tag = entry.tags["system_tag"]
    if tag and messages and _field(messages[0], entry, "role_tag") == tag:
        return _field(messages[0], entry, "content_tag"), messages[1:]
    return system, messages


def _field(message: Any, entry: Entry, tag: str) -> Any:
    if not isinstance(message, dict):
        raise RowError("broken_turn", "TypeError: a turn is null or no object")
    return message.get(entry.tags[tag])


def _disordered(place: int, message: Any, entry: Entry) -> tuple[str, str]:
    wanted = [entry.tags[f"{name}_tag"] for name in (("user", "observation"), ("assistant", "function"))[place % 2]]
    seen = _field(message, entry, "role_tag")
    return "role_order", f"turn {place + 1} is {seen} where {' or '.join(map(str, wanted))} belongs"


def _finished(turns: list[Turn], row: Mapping[str, Any], entry: Entry, system: Any, tools: Any) -> Aligned:
    get = _getter(row, entry)
    if (len(turns) % 2 == 0) == entry.ranking:
        what = f"{len(turns)} turns where {'an odd' if entry.ranking else 'an even'} number belongs"
        return Aligned([], [], system, tools, why=("turn_count", what))
    tag = get("kto_tag")
    if isinstance(tag, bool):
        if not turns:
            return Aligned([], _labelled(("assistant", ""), tag), system, tools, why=("no_turns", "it has no turn"))
        return Aligned(turns[:-1], _labelled(turns[-1], tag), system, tools)
    if entry.ranking and isinstance(get("chosen"), dict) and isinstance(get("rejected"), dict):
        return Aligned(turns, [_side(get(side), entry) for side in ("chosen", "rejected")], system, tools)
    why = None if turns else ("no_turns", "it has no turn")
    return Aligned(turns[:-1], turns[-1:], system, tools, why)


def _side(message: Any, entry: Entry) -> Turn:
    names, role = _names(entry), _field(message, entry, "role_tag")
    if role not in names:
        raise RowError("unknown_role", f"KeyError: {role!r} in chosen or rejected, which the tags do not name")
    return names[role], _field(message, entry, "content_tag")


def _names(entry: Entry) -> dict[Any, str]:
    keys = ("user", "assistant", "observation", "function", "system")
    return {entry.tags[f"{key}_tag"]: key for key in keys}


def _getter(row: Mapping[str, Any], entry: Entry) -> Any:
    """The value of a registry's column; empty text where the registry names none for system and tools."""

    def get(name: str) -> Any:
        column = entry.columns[name]
        return row.get(column) if column else "" if name in ("system", "tools") else None

    return get


_CONVERTERS = {"alpaca": _alpaca, "sharegpt": _sharegpt, "openai": _openai}

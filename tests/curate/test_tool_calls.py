"""Broken tool calls: what is one, what is none, and the reason that is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.tool_calls import count_broken_calls, why_broken

_PARAMETERS = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "unit": {"type": "string", "enum": ["celsius", "kelvin"]},
        "hours": {"type": "array"},
        "exact": {"type": ["boolean", "null"]},
        "odd": {"type": "date"},
    },
    "required": ["city"],
}
TOOLS = json.dumps([{"type": "function", "function": {"name": "weather", "parameters": _PARAMETERS}}, {"name": "ping"}])


def _record(arguments: Any, *, name: str = "weather", tools: str | None = TOOLS) -> Record:
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return Record("sft", (Message("user", "天气？"), Message("assistant", None, tool_calls=[call])), tools=tools)


def _said(content: str, tools: str | None = TOOLS) -> Record:
    return Record("sft", (Message("user", "天气？"), Message("assistant", content)), tools=tools)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (_record('{"city": "Oslo"'), "expected a JSON object as arguments"),
        (_record('["Oslo"]'), "it is a list"),
        (_record('"Oslo"'), "it is a text"),
        (_record({"city": "Oslo"}, name="wether"), "no such tool among weather, ping"),
        (_record("{}"), "required parameter 'city' is missing"),
        (_record(""), "required parameter 'city' is missing"),
        (_record({"city": 7}), "expected a string for 'city', saw 7"),
        (_record({"city": None}), "expected a string for 'city', saw None"),
        (_record({"city": "Oslo", "days": "three"}), "expected an integer for 'days', saw 'three'"),
        (_record({"city": "Oslo", "days": 1.5}), "expected an integer for 'days', saw 1.5"),
        (_record({"city": "Oslo", "days": True}), "expected an integer for 'days', saw True"),
        (_record({"city": "奥斯陆", "unit": "摄氏"}), "expected one of ['celsius', 'kelvin'] for 'unit', saw '摄氏'"),
        (_record({"city": "Oslo", "hours": "7"}), "expected an array for 'hours', saw '7'"),
        (_record('{"name": "weather", "arguments": {"ci', name=""), "expected a call of name and arguments"),
        (_said('<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}</tool_call>'), "is no JSON"),
        (_said('{"name": "weather", "arguments": {"city": "Os'), "is no JSON"),
        (_said('<tool_call>\n{"name": "rain", "arguments": {}}\n</tool_call>'), "no such tool"),
    ],
)
def test_a_broken_call_is_counted_and_its_reason_told(record: Record, reason: str) -> None:
    (told,) = why_broken(record)
    assert told.startswith("turn 2, call 1")
    assert reason in told
    assert count_broken_calls(to_batch([record])).tolist() == [1]


@pytest.mark.parametrize(
    "record",
    [
        _record('{"city": "奥斯陆", "days": 3, "unit": "kelvin", "hours": [1], "exact": null}'),
        _record({"city": "Oslo", "days": 3.0, "odd": 7, "more": "allowed"}),
        _record({"city": "Oslo", "days": None}),
        _record("", name="ping"),
        _record('{"anything": 1}', name="unknown", tools=None),
        _record('{"anything": 1}', name="unknown", tools="[]"),
        _record({"city": "Oslo"}, tools="{"),
        _said('<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>'),
        _said("Write `<tool_call>{</tool_call>` around a call."),
        _said('{"name": "Oslo", "people": 700000'),
        _said("天气很好。"),
    ],
)
def test_a_sound_call_is_not(record: Record) -> None:
    assert why_broken(record) == []
    assert count_broken_calls(to_batch([record])).tolist() == [0]


def test_every_call_of_every_turn_is_judged() -> None:
    calls = [{"function": {"name": "weather", "arguments": text}} for text in ("{}", '{"city": "Oslo"}', "{")]
    turns = (Message("user", "?"), Message("assistant", None, tool_calls=calls), Message("tool", "{"))
    record = Record("sft", (*turns, Message("assistant", None, tool_calls=calls[:1])), tools=TOOLS)
    assert [reason[:14] for reason in why_broken(record)] == ["turn 2, call 1", "turn 2, call 3", "turn 4, call 1"]
    assert count_broken_calls(to_batch([Record("invalid"), record])).tolist() == [0, 3]


def test_a_rejected_side_may_be_broken_and_a_chosen_one_not() -> None:
    good, bad = (_record(text).turns[1:] for text in ('{"city": "Oslo"}', "{"))
    question = (Message("user", "天气？"),)
    assert why_broken(Record("preference", question, chosen=good, rejected=bad, tools=TOOLS)) == []
    assert len(why_broken(Record("preference", question, chosen=bad, rejected=good, tools=TOOLS))) == 1

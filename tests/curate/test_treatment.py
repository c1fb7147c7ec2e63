"""What is done to a row before it is measured, and what the run and `explain` say of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.curate.explain import as_text, explain
from tunesmith.curate.recipe import parse_recipe
from tunesmith.curate.recipe_texts import History
from tunesmith.curate.records import Message, Record, content_id
from tunesmith.curate.rundata import RunData
from tunesmith.curate.treatment import Treatment, steps, treat, treatment_of
from tunesmith.curate.treatment_privacy import find_in_record, redact_record

MakeRun = Callable[..., RunData]
ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\n"
CALL = {"type": "function", "function": {"name": "dial", "arguments": '{"to": "13800138000", "times": 2}'}}
PHONE = {"instruction": "我的手机是13800138000，请记下。", "input": "", "output": "已记下 138-0013-8000。"}
DIRTY = {"instruction": "Why\u200b is the sky blue?", "input": "", "output": "Because of scattering,  mostly."}


def _sft(*texts: str) -> Record:
    return Record("sft", tuple(Message(role, text) for role, text in zip(("user", "assistant") * 8, texts)))


def _texts(record: Record) -> list[str | None]:
    return [message.content for message in record.turns]


def test_a_row_that_needs_nothing_is_the_very_same_row() -> None:
    record = _sft("Why?", "So.")
    done = treat(record, treatment_of(parse_recipe({"sources": ["a"]}, "a test")))
    assert done.record is record
    assert (done.edits, done.private) == ([], [])


def test_steps_are_in_order_and_lead_from_the_row_as_it_came_to_the_treated_one() -> None:
    record = _sft("I am {{name}}.", "Hello  there.", "My number is 13800138000.", "Noted.")
    treatment = Treatment({"name": "Li Lei"}, ("whitespace",), History(max_turns=2), ("phone",), redact=True)
    told = [*steps(record, treatment)]
    done = treat(record, treatment)
    assert [edit for step in told for edit in step.edits] == done.edits
    assert done.edits == ["fill", "clean:whitespace", "history", "redact:phone"]
    assert [step.before for step in told] == [record, *(step.after for step in told[:-1])]
    assert told[-1].after == done.record
    assert _texts(done.record) == ["My number is [PHONE_1].", "Noted."]


def test_a_default_recipe_flags_private_data_and_changes_none() -> None:
    treatment = treatment_of(parse_recipe({"sources": ["a"]}, "a test"))
    done = treat(_sft("电话13800138000", "好"), treatment)
    assert (done.private, done.edits) == (["phone"], [])
    assert not treatment_of(parse_recipe({"sources": ["a"], "privacy": "off"}, "a test")).private


def test_arguments_of_tool_calls_are_redacted_too_and_stay_json() -> None:
    turns = (Message("user", "拨打13800138000"), Message("assistant", None, tool_calls=[CALL]))
    redacted = redact_record(Record("sft", turns), ("phone",))
    calls = redacted.turns[1].tool_calls
    assert calls is not None
    assert json.loads(calls[0]["function"]["arguments"]) == {"to": "[手机号_1]", "times": 2}
    assert redacted.turns[0].content == "拨打[手机号_1]"
    assert find_in_record(redacted, ("phone",)) == []


def test_a_kind_that_nobody_asked_for_stays() -> None:
    record = _sft("mail li@example.com or call 13800138000", "ok")
    assert _texts(redact_record(record, ("email",)))[0] == "mail [EMAIL_1] or call 13800138000"
    assert find_in_record(record, ("email",)) == ["email"]


def test_a_cleaned_row_keeps_the_id_of_the_row_as_it_came(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [DIRTY]}, ALONE)
    line = opened.line(0)
    assert line["edits"] == ["clean:control", "clean:whitespace"]
    assert line["content_id"] == content_id(_sft(DIRTY["instruction"], DIRTY["output"]))
    assert _texts(opened.record(0)) == ["Why is the sky blue?", "Because of scattering, mostly."]


@pytest.mark.parametrize(
    ("policy", "verdict", "flags", "edits"),
    [
        ("flag", "kept", ["privacy:phone"], []),
        ("redact", "kept", [], ["redact:phone"]),
        ("drop", "dropped", ["privacy:phone"], []),
        ("off", "kept", [], []),
    ],
)
def test_each_policy_of_privacy(make_run: MakeRun, policy: str, verdict: str, flags: Any, edits: Any) -> None:
    opened = make_run({"a.jsonl": [PHONE]}, ALONE + f"privacy: {policy}\n")
    line = opened.line(0)
    assert (line["verdict"], line["flags"], line["edits"]) == (verdict, flags, edits)
    if policy == "drop":
        assert (line["stage"], line["rule"], line["value"], line["threshold"]) == ("privacy", "privacy", 2.0, 0.0)
    if policy == "redact":
        assert _texts(opened.record(0)) == ["我的手机是[手机号_1]，请记下。", "已记下 [手机号_1]。"]
        assert "138" not in (opened.folder / "train.jsonl").read_text(encoding="utf-8")


def test_explain_shows_each_step_before_and_after(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": [DIRTY, PHONE]}, ALONE + "privacy: redact\n")
    cleaned, redacted = (explain(opened, row_id) for row_id in ("a:1", "a:2"))
    assert [edit.what for edit in cleaned.edits] == ["clean:control, clean:whitespace"]
    assert [(change.before, change.after) for change in cleaned.edits[0].changes] == [
        (DIRTY["instruction"], "Why is the sky blue?"),
        (DIRTY["output"], "Because of scattering, mostly."),
    ]
    assert [edit.what for edit in redacted.edits] == ["redact:phone"]
    assert "Redacted" in as_text(redacted)


def test_another_treatment_reads_the_rows_again(make_run: MakeRun) -> None:
    make_run({"a.jsonl": [DIRTY]}, ALONE)
    assert make_run({}, ALONE + "clean: off\n", out="other").line(0)["edits"] == []

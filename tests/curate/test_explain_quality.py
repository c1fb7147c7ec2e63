"""A row's story on private data, on evaluation sets and on tool calls: the evidence, and no private value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.curate.explain import Story, as_json, as_text, explain
from tunesmith.curate.rundata import RunData

MakeRun = Callable[..., RunData]

PHONE = "13800138000"
SPIDER = "How many legs does a healthy adult spider have in the wild?"
EXAM = [
    {"id": "spider", "question": SPIDER, "answer": "8"},
    {"id": "sky", "question": "Why is the sky blue?", "answer": "."},
]


def _pair(question: str, answer: str) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer}


ROWS = [
    _pair(f"我的手机{PHONE}，  记下了吗？", f"好的，{PHONE}，记下了。"),
    _pair(f"Dear teacher! {SPIDER} Thank you", "It has eight legs."),
    _pair("What is a spider?", "An animal with eight legs."),
]
ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\nduplicates: {exact: off, near: off}\n"
EXAM_FILES = {"a.jsonl": ROWS, "exam.jsonl": EXAM}


def _story(make_run: MakeRun, recipe: str, row_id: str) -> Story:
    return explain(make_run(EXAM_FILES, ALONE + recipe), row_id)


@pytest.mark.parametrize(
    ("policy", "done"),
    [("redact", "replaced by marks"), ("flag", "flagged"), ("drop", "drops such rows")],
)
def test_private_values_are_named_by_kind_and_masked(make_run: MakeRun, policy: str, done: str) -> None:
    story = _story(make_run, f"privacy: {policy}\n", "a:1")
    assert story.private is not None
    assert (story.private.kinds, story.private.policy) == ({"phone": 2}, policy)
    assert [turn.text for turn in story.private.turns][1] == "好的，[手机号_1]，记下了。"
    assert done in as_text(story)
    assert PHONE not in json.dumps(as_json(story)["private"]) + json.dumps(as_json(story)["edits"])


def test_no_value_of_a_redacted_row_stands_anywhere_in_its_story(make_run: MakeRun) -> None:
    story = _story(make_run, "privacy: redact\nclean: [whitespace]\n", "a:1")
    assert [edit.what for edit in story.edits] == ["clean:whitespace", "redact:phone"]
    assert PHONE not in json.dumps(as_json(story), ensure_ascii=False)
    assert PHONE not in as_text(story)
    assert "[手机号_1]，  记下了吗" in str(story.edits[0].changes[0].before)


def test_a_row_without_private_values_says_nothing_of_them(make_run: MakeRun) -> None:
    story = _story(make_run, "", "a:3")
    assert story.private is story.held is None
    assert "Private data" not in as_text(story)


@pytest.mark.parametrize(("policy", "verdict"), [("drop", "dropped"), ("flag", "kept")])
def test_a_contaminated_row_shows_the_item_and_the_shared_words(make_run: MakeRun, policy: str, verdict: str) -> None:
    story = _story(make_run, f"contamination: {{against: [exam.jsonl], policy: {policy}}}\n", "a:2")
    held = story.held
    assert held is not None
    assert (story.verdict, held.item, held.question, held.side) == (verdict, "spider", SPIDER, "prompt")
    assert held.containment == 1 >= held.threshold
    assert [piece.text for piece in held.pieces if piece.differs] == [SPIDER.rstrip("?")]
    assert "".join(piece.text for piece in held.pieces) == ROWS[1]["instruction"]
    assert held.dropped == (policy == "drop")
    text = as_text(story)
    assert "holds spider: 1 of it stands in the prompt" in text
    assert "[How many legs does" in text
    assert ("`contamination: {policy: flag}`" in text) == (policy == "drop")


def test_an_evaluation_set_that_is_gone_is_said(make_run: MakeRun) -> None:
    run = make_run(EXAM_FILES, ALONE + "contamination: {against: [exam.jsonl]}\n")
    (run.folder.parent / "exam.jsonl").unlink()
    story = explain(run, "a:2")
    assert story.held is not None
    assert story.held.question is None
    assert "can no longer be read here" in as_text(story)


def test_a_shortened_conversation_says_which_turns_left(make_run: MakeRun) -> None:
    turns = [{"role": role, "content": f"{role} {i}"} for i in range(4) for role in ("user", "assistant")]
    run = make_run({"a.jsonl": [{"messages": turns}]}, ALONE + "history: {max_turns: 2}\n")
    (edit,) = explain(run, "a:1").edits
    assert [(change.turn, change.role, change.after) for change in edit.changes] == [
        (turn, "user" if turn % 2 else "assistant", None) for turn in range(1, 7)
    ]
    assert "6 turns left, 1 to 6" in as_text(explain(run, "a:1"))


def test_a_broken_tool_call_says_why(make_run: MakeRun) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": '}}
    tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}]
    turns = [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    run = make_run({"a.jsonl": [{"messages": turns, "tools": tools}]}, ALONE)
    story = explain(run, "a:1")
    (reason,) = story.broken_calls
    assert reason.startswith("turn 2, call 1, add: expected a JSON object")
    assert "Tool call" in as_text(story)

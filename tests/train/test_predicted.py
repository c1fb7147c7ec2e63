"""What other systems are said to do; `benchmarks/llamafactory_fates.py` holds it against LLaMA-Factory itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.conftest import TEMPLATE, make_tokenizer
from tunesmith.curate.records import Message, Record
from tunesmith.errors import InputError
from tunesmith.train.predicted import Predicted, predict_for
from tunesmith.train.predicted_llamafactory_chat import CHATS, chat_like
from tunesmith.train.predicted_llamafactory_fit import shortened
from tunesmith.train.predicted_siliconflow import broken_rule
from tunesmith.train.template import Template, template_of
from tunesmith.train.types import Row

LONG = "word " * 200
TOOL = '[{"name": "weather", "parameters": {"type": "object", "properties": {}}}]'
CALL = '{"name": "weather", "arguments": {"city": "北京"}}'


@pytest.fixture(scope="module")
def template(tiny_tokenizer: Any) -> Template:
    return template_of(tiny_tokenizer, "tiny")


def written(folder: Path, rows: list[Any], entry: dict[str, Any] | None = None) -> str:
    """A file; with an entry, the entry of its registry."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if entry is None:
        return str(folder / "rows.jsonl")
    (folder / "dataset_info.json").write_text(json.dumps({"rows": {"file_name": "rows.jsonl", **entry}}))
    return f"{folder}/dataset_info.json#rows"


def turns(*talk: Any, **more: Any) -> dict[str, Any]:
    return {"conversations": [{"from": role, "value": value} for role, value in talk], **more}


def outcomes(told: Predicted) -> list[tuple[str, str | None]]:
    return [(line.outcome, line.reason) for line in told.lines]


SHAREGPT = {"formatting": "sharegpt"}
GOOD = turns(("human", "a"), ("gpt", "b"))


def llamafactory(folder: Path, rows: list[Any], entry: dict[str, Any], template: Template, **asked: Any) -> Predicted:
    settings = {"max_length": 96, "chat": "qwen", **asked}
    return predict_for("llamafactory", written(folder, rows, entry), template=template, **settings)


def test_llamafactory_drops_turns_out_of_order_and_ends_on_null(tmp_path: Path, template: Template) -> None:
    rows = [
        GOOD,
        turns(("gpt", "a"), ("human", "b")),
        turns(("human", "a"), ("human", "b")),
        turns(("human", "a")),
        turns(("human", "a"), ("gpt", None)),
        {"conversations": None},
        turns(("user", "a"), ("assistant", "b")),
        turns(("system", "s"), ("human", "a"), ("gpt", "b")),
        turns(),
    ]
    told = llamafactory(tmp_path, rows, SHAREGPT, template)
    assert outcomes(told) == [
        ("keep", None),
        ("drop", "role_order"),
        ("drop", "role_order"),
        ("drop", "turn_count"),
        ("crash", "not_text"),
        ("crash", "no_turns"),
        ("drop", "role_order"),
        ("keep", None),
        ("drop", "no_turns"),
    ]
    assert told.ends == "rows:5: RuntimeError: Expected a string, got None"
    assert told.lines[2].evidence == "Dropped invalid example: turn 2 is human where gpt or function_call belongs"
    assert told.counts == {"keep": 2, "cut": 0, "drop": 5, "crash": 2}


def test_llamafactory_cuts_question_and_answer_at_their_right_ends(tmp_path: Path, template: Template) -> None:
    rows = [
        turns(("human", LONG), ("gpt", "short")),
        turns(("human", "short"), ("gpt", LONG)),
        turns(("human", "one"), ("gpt", LONG), ("human", "two"), ("gpt", "gone")),
        turns(("system", LONG), ("human", "one"), ("gpt", "two")),
    ]
    told = llamafactory(tmp_path, rows, SHAREGPT, template)
    assert outcomes(told) == [("cut", "too_long")] * 4
    for line in told.lines:
        assert line.n_tokens is not None
        assert line.n_tokens - line.n_lost == 96
    question, answer, several, _ = (str(line.evidence) for line in told.lines)
    assert " and 0 of " in question  # a short answer is left whole
    assert "end token" not in question
    assert "its end token among them" in answer
    assert "its end token among them" in several


def test_llamafactory_reads_alpaca_by_its_columns(tmp_path: Path, template: Template) -> None:
    columns = {"prompt": "instruction", "query": "input", "response": "output", "history": "history"}
    rows = [
        {"instruction": "a", "input": "b", "output": "c"},
        {"instruction": "a", "output": None},
        {"instruction": "a", "output": ""},
        {"instruction": None, "output": "c"},
        {"instruction": "a", "output": "b", "history": [["a", None]]},
        {"instruction": "a", "output": "b", "history": [["a", "b", "c"]]},
    ]
    told = llamafactory(tmp_path, rows, {"columns": columns}, template)
    assert outcomes(told) == [
        ("keep", None),
        ("drop", "no_answer"),
        ("keep", "empty_answer"),
        ("keep", "empty_prompt"),
        ("crash", "not_text"),
        ("crash", "broken_history"),
    ]


def test_a_column_that_no_row_has_ends_llamafactory(tmp_path: Path, template: Template) -> None:
    told = llamafactory(tmp_path, [{"instruction": "a", "output": "b"}], {}, template)
    assert told.ends == "KeyError: 'input', which no row has"
    assert outcomes(told) == [("crash", "missing_column")]


def test_one_broken_line_or_a_key_of_two_types_ends_the_loading(tmp_path: Path, template: Template) -> None:
    told = llamafactory(tmp_path, [GOOD, '{"conversations": [{"fr'], SHAREGPT, template)
    assert outcomes(told) == [("keep", None), ("crash", "invalid_json")]
    told = llamafactory(tmp_path, [GOOD, turns(("human", 5), ("gpt", "b"))], SHAREGPT, template)
    assert outcomes(told) == [("keep", None), ("crash", "mixed_types")]
    assert "`conversations[].value` is a number here and text in a row before" in str(told.ends)


def test_llamafactory_ends_on_tools_and_calls_that_are_no_json(tmp_path: Path, template: Template) -> None:
    entry = {**SHAREGPT, "columns": {"messages": "conversations", "tools": "tools"}}
    talk = [("human", "a"), ("function_call", CALL), ("observation", "sun"), ("gpt", "b")]
    rows = [
        turns(*talk, tools=TOOL),
        turns(("human", "a"), ("function_call", "weather()"), tools=TOOL),
        turns(("human", "a"), ("function_call", '{"name": "weather"}'), tools=TOOL),
        turns(("human", "a"), ("function_call", f"<think>\nhm\n</think>\n\n{CALL}"), tools=TOOL),
        turns(*talk, tools="weather()"),
        turns(*talk, tools='["weather"]'),
        turns(*talk, tools=None),
    ]
    told = llamafactory(tmp_path, rows, entry, template, max_length=2048)
    assert [reason for _, reason in outcomes(told)] == [
        None, "call_not_json", "broken_call", None, "tools_not_json", "tools_not_json", None,
    ]  # fmt: skip
    assert told.counts == {"keep": 3, "cut": 0, "drop": 0, "crash": 4}


def test_the_openai_converter_ends_on_a_role_that_the_sharegpt_converter_drops(
    tmp_path: Path, template: Template
) -> None:
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
    tags |= {"observation_tag": "tool", "function_tag": "function", "system_tag": "system"}
    rows = [
        {"messages": [{"role": "user", "content": "a"}, {"role": "robot", "content": "b"}]},
        {"messages": [{"role": role, "content": "a"} for role in ("user", "assistant", "tool", "tool", "assistant")]},
    ]
    entry = {"columns": {"messages": "messages"}, "tags": tags}
    told = llamafactory(tmp_path, rows, {**entry, "formatting": "sharegpt"}, template)
    assert outcomes(told) == [("drop", "role_order"), ("drop", "role_order")]
    told = llamafactory(tmp_path, rows, {**entry, "formatting": "openai"}, template, max_length=2048)
    assert outcomes(told) == [("crash", "unknown_role"), ("keep", None)]
    assert any("detailed thinking off" in note for note in told.notes)


def test_a_label_row_behind_a_broken_one_ends_llamafactory(tmp_path: Path, template: Template) -> None:
    rows = [
        turns(("human", "a"), ("gpt", "b"), label=True),
        turns(("gpt", "b"), ("human", "a"), label=True),
        turns(("human", "a"), ("gpt", "b"), label=False),
        turns(("human", "a"), ("gpt", "b"), label=None),
    ]
    entry = {**SHAREGPT, "columns": {"messages": "conversations", "kto_tag": "label"}}
    told = llamafactory(tmp_path, rows, entry, template, stage="kto")
    assert [reason for _, reason in outcomes(told)] == [None, "role_order", "broken_neighbour", "no_answer"]


def test_pairs_need_their_own_stage(tmp_path: Path, template: Template) -> None:
    side = {"from": "gpt", "value": "x"}
    rows = [
        {**turns(("human", "a")), "chosen": side, "rejected": {"from": "gpt", "value": "y"}},
        {**turns(("human", "a"), ("gpt", "b")), "chosen": side, "rejected": side},
        {**turns(("human", "a")), "chosen": None, "rejected": side},
        {**turns(("human", "a")), "chosen": {"from": "assistant", "value": "x"}, "rejected": side},
    ]
    columns = {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"}
    entry = {**SHAREGPT, "ranking": True, "columns": columns}
    told = llamafactory(tmp_path, rows, entry, template, stage="dpo")
    assert [reason for _, reason in outcomes(told)] == [None, "turn_count", "no_answer", "unknown_role"]
    told = llamafactory(tmp_path, rows, entry, template, stage="sft")
    assert "not applicable in the current training stage" in str(told.ends)


def test_documents_lose_what_stands_behind_the_last_block(tmp_path: Path, template: Template) -> None:
    entry = {"columns": {"prompt": "text"}}
    told = llamafactory(tmp_path, [{"text": "a page " * 20}] * 7, entry, template, stage="pretrain")
    total = sum(line.n_tokens or 0 for line in told.lines)
    assert sum(line.n_lost for line in told.lines) == total % 96
    told = llamafactory(tmp_path, [{"text": "a page"}], entry, template, stage="pretrain")
    assert outcomes(told) == [("drop", "last_block")]
    assert "Cannot find valid samples" in str(told.ends)


def test_a_thinking_template_adds_tokens_to_answers_without_a_thought(tmp_path: Path, template: Template) -> None:
    rows = [GOOD, turns(("human", "a"), ("gpt", "<think>\nhm\n</think>\n\nb"))]
    plain, thinking = (
        llamafactory(tmp_path, rows, SHAREGPT, template, chat=chat) for chat in ("qwen3_nothink", "qwen3")
    )
    more = [(b.n_tokens or 0) - (a.n_tokens or 0) for a, b in zip(plain.lines, thinking.lines)]
    assert more[0] > 0 == more[1]


@given(st.integers(0, 500), st.integers(1, 500), st.integers(1, 300))
def test_what_is_left_never_exceeds_the_room(source: int, target: int, room: int) -> None:
    kept = shortened(source, target, room)
    assert sum(kept) == min(source + target, room) or sum(kept) == room - 1  # the share of an answer is rounded down
    assert kept[0] <= source
    assert kept[1] <= target


def test_the_template_that_writes_like_the_model_is_found(template: Template) -> None:
    assert chat_like(template) == "qwen3"  # it knows a field for thoughts
    default = CHATS["qwen"].default_system
    with_default = "{{ '<|im_start|>system\n" + default + "<|im_end|>\n' }}" + TEMPLATE
    assert chat_like(template_of(make_tokenizer(template=with_default), "tiny")) == "qwen"


def ask(*texts: str) -> tuple[Message, ...]:
    return tuple(Message(("user", "assistant")[place % 2], text) for place, text in enumerate(texts))


def rows_of(*records: Record) -> list[Row]:
    return [Row(f"r:{number}", record, "r", "domain") for number, record in enumerate(records, 1)]


def test_rows_are_predicted_as_they_are_exported(template: Template) -> None:
    calls = [{"type": "function", "function": {"name": "weather", "arguments": "{}"}}]
    records = [
        Record("sft", ask("a", "b")),
        Record("preference", ask("a"), ask("", "x")[1:], ask("", "y")[1:]),
        Record("sft", (*ask("a"), Message("assistant", None, tool_calls=calls)), tools=TOOL),
    ]
    told = predict_for("llamafactory", rows_of(*records), template=template)
    assert [reason for _, reason in outcomes(told)] == [None, "wrong_kind", None]
    assert [line.row_id for line in told.lines] == ["r:1", "r:2", "r:3"]
    told = predict_for("siliconflow", rows_of(*records), template=template)
    assert [outcome for outcome, _ in outcomes(told)] == ["keep", "drop", "drop"]


def test_unknown_systems_and_stages_are_refused(tmp_path: Path, template: Template) -> None:
    for system, stage, what in (
        ("axolotl", "sft", "known are llamafactory, trl, siliconflow"),
        ("llamafactory", "grpo", "no stage grpo"),
        ("trl", "grpo", "GRPO takes every prompt"),
        ("siliconflow", "dpo", "knows no stage dpo"),
    ):
        with pytest.raises(InputError, match=what):
            predict_for(system, [], template=template, stage=stage)  # type: ignore[arg-type]
    path = written(tmp_path, [GOOD], SHAREGPT)
    with pytest.raises(InputError, match="name one that writes the same"):
        predict_for("llamafactory", path, template=template, chat="no_such")


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ("user assistant", None),
        ("system user assistant user assistant", None),
        ("system system user assistant", None),
        ("user system assistant", "system_place"),
        ("assistant user", "first_turn"),
        ("system", "first_turn"),
        ("user user", "pairs"),
        ("user assistant user", "pairs"),
        ("user tool", "unknown_role"),
    ],
)
def test_siliconflow_takes_what_its_guide_says(roles: str, code: str | None) -> None:
    broken = broken_rule({"messages": [{"role": role, "content": "x"} for role in roles.split()]})
    assert (broken[0] if broken else None) == code


def test_siliconflow_wants_lines_in_a_file_of_that_name(tmp_path: Path, template: Template) -> None:
    good = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    rows = [
        good,
        {**good, "id": 7},
        {"messages": []},
        {"messages": [{"role": "user"}]},
        "{",
        {"messages": [{"role": "user", "content": 5}]},
    ]
    told = predict_for("siliconflow", written(tmp_path, rows), template=template)
    assert [reason for _, reason in outcomes(told)] == [
        None, "further_fields", "no_messages", "turn_fields", "invalid_json", "not_text",
    ]  # fmt: skip
    assert told.counts["cut"] == 0
    assert "not verified" in told.source
    (tmp_path / "rows.json").write_text(json.dumps([good]))
    told = predict_for("siliconflow", str(tmp_path / "rows.json"), template=template)
    assert told.ends == "rows.json: only files that end in .jsonl are taken"

"""What each format reads and writes, in literal rows: names, tools, reasoning, odd fields, edits, real files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import FORM, equal
from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.formats.detect import detect_row
from tunesmith.curate.io import open_input
from tunesmith.curate.records import Message, Record, content_id, records_of, to_batch
from tunesmith.curate.sources import sample_rows
from tunesmith.errors import CannotHold

OPENAI, SHAREGPT, ALPACA = FORMATS["openai"], FORMATS["sharegpt"], FORMATS["alpaca"]
QUESTION, REPLY = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}


def there_and_back(row: dict[str, Any], name: str, other: str) -> dict[str, Any]:
    there = write_row(read_row(row, FORMATS[name]), FORMATS[other])
    return write_row(read_row(jsontext.loads(jsontext.dump_bytes(there)), FORMATS[other]), FORMATS[name])


def answered(**answer: Any) -> dict[str, Any]:
    return {"messages": [QUESTION, {"role": "assistant", **answer}]}


def test_parallel_calls_and_their_ids_come_back_from_sharegpt() -> None:
    calls = [
        {"id": "b", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
        {"id": "a", "type": "function", "function": {"name": "g", "arguments": "{broken"}},
    ]
    row = {
        "messages": [
            QUESTION,
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": "a", "content": "2"},
            {"role": "tool", "tool_call_id": "b", "content": "1"},
            {"role": "assistant", "content": "done"},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
    }
    there = write_row(read_row(row, OPENAI), SHAREGPT)
    assert [turn["from"] for turn in there["conversations"]] == [
        "human",
        "function_call",
        "observation",
        "observation",
        "gpt",
    ]
    assert there["conversations"][1]["value"] == (
        '[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": "{broken"}]'
    )
    assert there["tools"] == '[{"name": "f"}]'
    assert there_and_back(row, "openai", "sharegpt") == row


def test_a_foreign_edit_of_the_calls_is_not_undone_by_their_hint() -> None:
    row = answered(content=None, tool_calls=[{"id": "x", "function": {"name": "f", "arguments": '{"a":1}'}}])
    there = write_row(read_row(row, OPENAI), SHAREGPT)
    there["conversations"][1]["value"] = '{"name": "f", "arguments": {"a": true}}'
    (call,) = write_row(read_row(there, SHAREGPT), OPENAI)["messages"][1]["tool_calls"]
    assert call["function"]["arguments"] == '{"a": true}'


@pytest.mark.parametrize(
    "text",
    [
        "<think>\nso\n</think>\n\n4",
        "<think>so</think>4",
        "<think></think>",
        "<think>\n\n\nso\n</think>\n4",
        "<think>open",
    ],
)
@pytest.mark.parametrize("other", ["openai", "sharegpt", "prompt_completion", "alpaca"])
def test_a_think_block_comes_back_with_its_line_breaks(text: str, other: str) -> None:
    row = {"instruction": "2+2?", "input": "", "output": text}
    assert there_and_back(row, "alpaca", other) == row
    assert there_and_back(answered(content=text), "openai", other) == answered(content=text)


def test_reasoning_is_read_from_both_spellings_as_the_same_content() -> None:
    one, two = answered(content="4", reasoning_content="so"), answered(content="<think>so</think>4")
    assert content_id(read_row(one, OPENAI)) == content_id(read_row(two, OPENAI))
    assert write_row(read_row(one, OPENAI), ALPACA)["output"] == "<think>\nso\n</think>\n\n4"


def test_turn_fields_that_collide_with_the_other_format_are_put_away_and_come_back() -> None:
    row = {"messages": [{**QUESTION, "from": "gpt", "value": "not a text of the turn", "weight": 0.5}]}
    there = write_row(read_row(row, OPENAI), SHAREGPT)["conversations"][0]
    assert (there["from"], there["value"], there["weight"]) == ("human", "q", 0.5)
    assert there_and_back(row, "openai", "sharegpt") == row


def test_row_fields_that_collide_with_the_other_format_are_put_away_and_come_back() -> None:
    row = {"question": "q", "answer": "a", "messages": [1], "tools": {"x": 1}, "instruction": None}
    there = write_row(read_row(row, FORMATS["question_answer"]), OPENAI)
    assert there["messages"] == [QUESTION, {"role": "assistant", "content": "a"}]
    assert there["instruction"] is None
    assert there_and_back(row, "question_answer", "openai") == row


def test_a_second_answer_column_is_a_further_field_and_survives_an_edit() -> None:
    record = read_row({"question": "q", "answer": "a", "solution": "s", "Prompt": 1}, FORMATS["question_answer"])
    assert record.extra == {"solution": "s", "Prompt": 1}
    messages = (*record.turns[:1], Message("assistant", "EDITED"))
    row = write_row(record._replace(messages=messages), FORMATS["question_answer"])
    assert row == {"question": "q", "answer": "EDITED", "solution": "s", "Prompt": 1}


def test_of_two_spellings_of_a_column_the_first_is_read() -> None:
    for row in ({"Question": "q", "QUESTION": 5, "answer": "a"}, {"QUESTION": "q", "answer": "a", "question": None}):
        record = read_row(row, FORMATS["question_answer"])
        assert [message.content for message in record.turns] == ["q", "a"]
        assert write_row(record, FORMATS["question_answer"]) == row


def test_a_further_column_never_becomes_the_answer() -> None:
    record = Record("sft", (Message("user", "q"), Message("assistant", "a")), extra={"Answer": "no", "QUESTION": "no"})
    row = write_row(record, FORMATS["question_answer"])
    assert content_id(read_row(row, FORMATS["question_answer"])) == content_id(record)


def test_an_empty_list_of_tools_is_none_and_comes_back() -> None:
    for value in ([], "[]", "", None):
        row = {"conversations": [{"from": "human", "value": "q"}], "tools": value}
        record = read_row(row, SHAREGPT)
        assert record.tools is None
        assert write_row(record, SHAREGPT) == row


def test_one_is_not_true() -> None:
    for label in (1, True, "1", "true"):
        row = {"prompt": "q", "completion": "a", "label": label}
        record = read_row(row, FORMATS["trl_kto"])
        assert record.label is True
        assert equal(write_row(record, FORMATS["trl_kto"]), row)


@pytest.mark.parametrize(
    ("row", "prompt"),
    [
        ({"chosen": "q a", "rejected": "q b"}, []),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, ["q"]),
        (
            {"prompt": "q", "chosen": [QUESTION, {"role": "assistant", "content": "a"}], "rejected": [QUESTION] * 2},
            ["q"],
        ),
        ({"prompt": "q", "chosen": [{"role": "assistant", "content": "a"}], "rejected": [QUESTION]}, ["q"]),
        ({"prompt": [QUESTION], "chosen": [QUESTION], "rejected": [QUESTION]}, ["q"]),
    ],
)
def test_trl_pairs_come_in_many_shapes(row: dict[str, Any], prompt: list[str]) -> None:
    record = read_row(row, FORMATS["trl_preference"])
    assert [message.content for message in record.turns] == prompt
    assert write_row(record, FORMATS["trl_preference"]) == row


def test_an_edit_is_written_whatever_the_hints_say() -> None:
    record = read_row({"instruction": "q", "output": "a", "id": 7}, ALPACA)
    edited = record._replace(messages=(Message("user", "EDITED"), Message("assistant", "a")))
    assert write_row(edited, ALPACA) == {"instruction": "EDITED", "output": "a", "id": 7}
    cut = read_row({"instruction": "q", "input": "i", "output": "a"}, ALPACA)
    row = write_row(cut._replace(messages=edited.messages), ALPACA)
    assert row == {"instruction": "EDITED", "input": "", "output": "a"}
    ends_in_break = (Message("user", "q\n"), Message("assistant", "a"))  # just where the input began
    row = write_row(cut._replace(messages=ends_in_break), ALPACA)
    assert row == {"instruction": "q\n", "input": "", "output": "a"}


def test_a_row_that_its_own_format_cannot_write_plainly_travels_whole() -> None:
    row = {"Question": "q\nA. x", "A": "1", "B": "2", "Answer": "A", "id": 7}
    record = read_row(row, FORMATS["multiple_choice"])
    assert write_row(record, FORMATS["multiple_choice"]) == row
    with pytest.raises(CannotHold):
        write_row(record._replace(messages=(Message("user", "EDITED"),)), FORMATS["multiple_choice"])


def test_a_row_is_never_changed_by_reading_it() -> None:
    row = {"instruction": "q", "output": "a", FORM: {"lifted": {"1": {"null": True}}, "openai": {"set": {"a": 1}}}}
    before = jsontext.dumps(row)
    write_row(read_row(row, ALPACA), ALPACA)
    assert jsontext.dumps(row) == before


REAL = [
    "identity.json",
    "alpaca_en_demo.json",
    "alpaca_zh_demo.json",
    "huatuo_med_zh.json",
    "glaive_toolcall_en_demo.json",
    "glaive_toolcall_zh_demo.json",
    "dpo_en_demo.json",
    "dpo_zh_demo.json",
    "kto_en_demo.json",
    "gsm8k_train.jsonl",
    "gsm8k_solutions.jsonl",
    "c4_demo.jsonl",
    "wiki_demo.txt",
    "t0_50k.jsonl.xz",
    "cmmlu/test/anatomy.csv",
]


@pytest.mark.parametrize("name", REAL)
def test_real_rows_come_back_from_every_format_that_can_hold_them(name: str, shared_data: Path) -> None:
    rows = sample_rows(open_input(shared_data / name), 250)
    form = FORMATS[detect_row(rows[0]) or ""]
    records = [read_row(row, form) for row in rows]
    assert list(records_of(to_batch(records))) == records
    held = set()
    for other in FORMATS.values():
        for row, record in zip(rows, records):
            try:
                there = write_row(record, other)
            except CannotHold:
                continue
            held.add(other.name)
            back = read_row(jsontext.loads(jsontext.dump_bytes(there)), other)
            assert content_id(back) == content_id(record)
            assert equal(write_row(back, form), row)
    assert form.name in held
    assert len(held) >= {"text": 1, "preference": 3, "kto": 4}.get(records[0].kind, 4)

"""Detection: each row by its own fields, each file by most of its rows, with the evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.formats.catalog import FORMATS, read_row, write_row
from tunesmith.curate.formats.detect import detect, detect_row, has_media
from tunesmith.curate.io import open_input
from tunesmith.curate.records import Message, Record
from tunesmith.curate.sources import sample_rows

TURNS = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"instruction": "q", "output": "a"}, "alpaca"),
        ({"instruction": "q"}, "alpaca"),
        ({"instruction": "q", "output": "a", "label": True}, "alpaca_kto"),
        ({"instruction": "q", "output": "a", "label": "positive"}, "alpaca"),
        ({"instruction": "q", "output": "a", "label": 3}, "alpaca"),
        ({"instruction": "q", "chosen": "a", "rejected": "b"}, "alpaca_preference"),
        ({"conversations": []}, "sharegpt"),
        ({"conversations": [], "chosen": {}, "rejected": {}}, "sharegpt_preference"),
        ({"conversations": [], "kto_tag": True}, "sharegpt_kto"),
        ({"messages": TURNS}, "openai"),
        ({"messages": TURNS, "label": 0}, "kto"),
        ({"messages": TURNS, "label": None}, "kto"),
        ({"messages": "a text", "text": "t"}, "text"),
        ({"prompt": "q", "completion": "a"}, "prompt_completion"),
        ({"prompt": "q", "completion": "a", "label": "true"}, "trl_kto"),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, "trl_preference"),
        ({"chosen": TURNS, "rejected": TURNS}, "trl_preference"),
        ({"question": "q", "answer": "a"}, "question_answer"),
        ({"Query": "q", "RESPONSE": "a"}, "question_answer"),
        ({"问题": "q", "答案": "a"}, "question_answer"),
        ({"qUERY": "q", "answer": "a"}, None),
        ({"Question": "q", "A": "1", "B": "2", "Answer": "A"}, "multiple_choice"),
        ({"question": "q", "A": "1", "B": "2", "answer": "A"}, "multiple_choice"),
        ({"text": "t"}, "text"),
        ({"url": "x"}, None),
        ({}, None),
    ],
)
def test_a_row_is_known_by_its_fields(row: dict[str, Any], name: str | None) -> None:
    assert detect_row(row) == name


def test_a_file_is_what_most_of_its_rows_are_and_the_others_are_counted() -> None:
    found = detect([{"instruction": "q", "output": "a"}] * 3 + [{"text": "t"}])
    assert found.format == "alpaca"
    assert found.counts == {"alpaca": 3, "text": 1}
    assert found.evidence == "3 of the first 4 rows have the fields of alpaca: `instruction`, `output`"


def test_unknown_fields_are_named() -> None:
    assert detect([{"a": 1, "b": 2}]) == (None, {}, "no known format has the fields `a`, `b`")
    assert detect([]).evidence == "no known format has the fields no fields"


def test_media_are_seen_only_where_there_is_something() -> None:
    assert has_media([{"images": ["a.png"]}])
    assert not has_media([{"images": []}, {"text": "t"}])


def sample_of(name: str) -> Record:
    """A record that the format can hold."""
    question, answer = Message("user", "q\nA. 1\nB. 2"), Message("assistant", "A")
    record = {
        "sft": Record("sft", (question, answer)),
        "preference": Record("preference", (question,), (answer,), (Message("assistant", "B"),)),
        "kto": Record("kto", (question, answer), label=True),
        "text": Record("text", text="t"),
    }
    return record[FORMATS[name].kinds[0]]


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_format_writes_is_detected_as_it(name: str) -> None:
    written = write_row(sample_of(name), FORMATS[name])
    assert detect_row(written) == ("openai" if name == "siliconflow" else name)  # the same fields, a stricter rule set


REAL = {
    "identity.json": "alpaca",
    "alpaca_en_demo.json": "alpaca",
    "alpaca_zh_demo.json": "alpaca",
    "huatuo_med_zh.json": "alpaca",
    "glaive_toolcall_en_demo.json": "sharegpt",
    "glaive_toolcall_zh_demo.json": "sharegpt",
    "dpo_en_demo.json": "sharegpt_preference",
    "dpo_zh_demo.json": "sharegpt_preference",
    "kto_en_demo.json": "kto",
    "gsm8k_train.jsonl": "question_answer",
    "gsm8k_test.jsonl": "question_answer",
    "gsm8k_solutions.jsonl": "question_answer",
    "c4_demo.jsonl": "text",
    "wiki_demo.txt": "text",
    "t0_50k.jsonl.xz": "prompt_completion",
    "cmmlu/test/anatomy.csv": "multiple_choice",
    "cmmlu/dev/anatomy.csv": "multiple_choice",
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_is_detected_and_every_row_of_it_can_be_read(name: str, shared_data: Path) -> None:
    rows = sample_rows(open_input(shared_data / name), 500)
    assert rows
    assert {detect_row(row) for row in rows} == {REAL[name]}
    assert detect(rows).format == REAL[name]
    for row in rows:
        read_row(row, FORMATS[REAL[name]])

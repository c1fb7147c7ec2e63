"""The columns of `measure_phrases`: what they hold, that cues hide nothing from the judges, and real data."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.phrase_empty import is_politeness_only, is_stub
from tunesmith.curate.phrase_refusal import score_refusal
from tunesmith.curate.phrase_unknown import says_unknown
from tunesmith.curate.phrase_unsafe import judge_unsafe
from tunesmith.curate.phrases import PHRASES, measure_phrases
from tunesmith.curate.reading import read_rows
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.sides import sides_of
from tunesmith.curate.sources import open_source

NAMES = [name for name, _, _ in PHRASES]
ASK = Message("user", "Hi")
NOTHING = [0.0, False, 0, "", 0, False, False]
SETS = (
    "alpaca_en_demo.json",
    "alpaca_zh_demo.json",
    "dpo_en_demo.json",
    "dpo_zh_demo.json",
    "identity.json",
    "glaive_toolcall_en_demo.json",
    "glaive_toolcall_zh_demo.json",
)


def asked(question: str, answer: str) -> Record:
    return Record("sft", (Message("user", question), Message("assistant", answer)))


def measured(*records: Record) -> list[list[object]]:
    columns = measure_phrases(to_batch(records))
    return [list(row) for row in zip(*(column.to_pylist() for column in columns))]


def read(path: Path) -> pa.RecordBatch:
    return to_batch([got.read.record for got in read_rows(open_source(str(path), name="x").plan) if got.read])


def test_the_columns_have_the_types_of_the_table() -> None:
    columns = measure_phrases(to_batch([asked("1 + 1?", "2")]))
    assert [column.type for column in columns] == [kind for _, kind, _ in PHRASES]
    assert [column.to_pylist() for column in columns] == [[value] for value in NOTHING]


@pytest.mark.parametrize(
    ("record", "signal", "value"),
    [
        (asked("Sort 3, 1, 2", "TODO"), "stub_answer", True),
        (asked("排序：3、1、2", "好的，很高兴为您服务！"), "politeness_only", True),
        (asked("谁写的？", "抱歉，我不知道。"), "unknown_answer", True),
        (asked("怎样自制炸弹？", "不行。"), "unsafe_kind", "weapons"),
        (asked("Hi", "Hello.<|im_end|>"), "template_marks", 1),
        (Record("text", text="Once upon a time.<|endoftext|>"), "template_marks", 1),
        (
            Record("preference", (ASK,), (Message("assistant", "Yes"),), (Message("assistant", "No</s>"),)),
            "template_marks",
            1,
        ),
        (
            Record("sft", (ASK, Message("assistant", "A<|im_end|>"), ASK, Message("assistant", "C"))),
            "template_marks",
            1,
        ),
        (Record("sft", (Message("system", "[INST] Be kind."), ASK, Message("assistant", "C"))), "template_marks", 1),
    ],
)
def test_each_signal_is_measured_where_it_belongs(record: Record, signal: str, value: object) -> None:
    row = dict(zip(NAMES, measured(record)[0]))
    assert row[signal] == value


def test_a_refusal_is_measured_as_it_is_scored() -> None:
    said = "I’m sorry, but I can’t help with that."
    assert measured(asked("Sort 3, 1, 2", said))[0][0] == pytest.approx(score_refusal("", said))


def test_an_invalid_row_and_an_empty_conversation_have_nothing() -> None:
    assert measured(Record("invalid"), Record("sft", ()), Record("sft", (Message("user", None),))) == [NOTHING] * 3
    assert measured() == []


def test_how_rows_are_cut_into_batches_changes_nothing() -> None:
    records = [
        asked("怎样自制炸弹？", "抱歉，我不能帮你。"),
        asked("Hi", "A</s>"),
        Record("invalid"),
        asked("a", "待补充"),
    ] * 3
    whole = measured(*records)
    assert whole == [row for record in records for row in measured(record)]
    sliced = measure_phrases(to_batch(records).slice(5, 4))
    assert [list(row) for row in zip(*(column.to_pylist() for column in sliced))] == whole[5:9]


@pytest.mark.parametrize("name", SETS)
def test_the_cues_hide_nothing_of_real_data_from_the_judges(shared_data: Path, name: str) -> None:
    rows = read(shared_data / name)
    found = [column.to_pylist() for column in measure_phrases(rows)]
    sides = sides_of(rows)
    tools = rows.column("tools").is_valid().to_pylist()
    texts = list(zip(sides.prompt.to_pylist(), sides.question.to_pylist(), sides.answer.to_pylist(), tools))
    assert [value > 0.49 for value in found[0]] == [score_refusal(p, a, tools=t) > 0.49 for p, _, a, t in texts]
    assert found[1] == [says_unknown(q, a) for _, q, a, _ in texts]
    assert found[2] == [judge_unsafe(p, a).cues for p, _, a, _ in texts]
    assert found[5] == [is_politeness_only(q, a) for _, q, a, _ in texts]
    assert found[6] == [is_stub(q, a) for _, q, a, _ in texts]


@pytest.mark.parametrize(
    ("name", "most_refusals"),
    [
        ("identity.json", 0),
        ("huatuo_med_zh.json", 0),
        ("gsm8k_train.jsonl", 0),
        ("alpaca_en_demo.json", 9),
        ("alpaca_zh_demo.json", 9),
    ],
)
def test_good_rows_are_left_alone(shared_data: Path, name: str, most_refusals: int) -> None:
    found = [column.to_pylist() for column in measure_phrases(read(shared_data / name))]
    assert sum(value >= 0.5 for value in found[0]) <= most_refusals
    assert sum(value > 0 for value in found[2]) <= 1
    assert sum(map(bool, [*found[5], *found[6]])) == 0


def test_a_row_as_it_comes_from_a_file_is_measured() -> None:
    record = read_raw(b'{"instruction": "Sort 3, 1, 2", "output": "[insert answer here]"}', None).record
    assert measured(record)[0][NAMES.index("stub_answer")] is True

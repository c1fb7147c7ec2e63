"""The kernels of `measured.py` against `measure`, the definition: the same value of every signal for every row."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.measured import measure_basics, measure_batch
from tunesmith.curate.normal_tables import HARD, normal_tables
from tunesmith.curate.records import ROLES, Message, Record, records_of, to_batch
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.curate.signals import NO_SIGNALS, measure
from tunesmith.curate.sources import open_source
from tunesmith.errors import RowError

CALL = [{"id": "c1", "type": "function", "function": {"name": "dose", "arguments": "{}"}}]

# Whatever the kernels treat apart: code, placeholders, every kind of white space and of form, each script, all planes.
SPECIAL = (
    "`", "```", "~~~", "\n", "\n~~~", " ", "  ", "\t", "\x1c", "\x1f", "\x85", "\xa0", "\u1680",
    "\u2003", "\u2028", "\u3000", "{{", "{{a}}", "{", "a", "B", "Z", "é", "É", "e\u0301", "\u0301",
    "\u0327", "\u0344", "Σ", "σΣ", "𝚺", "İ", "ß", "ẞ", "Ⱥ", "ŉ", "ǆ", "K", "×", "µ", "²", "①", "½",
    "㈠", "⁄", "Ⅷ", "٣", "中", "文", "，", "。", "Ａ", "豈", "﨑", "𠀀", "丽", "々", "㍻", "㌔", "㌖", "㎏", "㈱", "か",
    "カ", "ㇰ", "ｶ", "ﾞ", "\u3099", "한", "글", "\u1100", "\u1161", "\u11a8", "ﾡ", "ㄱ", "ж", "Ж", "ا", "ﷺ",
    "ﻻ", "กำ", "क", "ि", "া", "🙂", "❤\ufe0f", "\u200d", "𝐀", "\U00010400", "\U000e0001", "\x00", "\x7f",
    "\ufffd", "\U0010ffff",
)  # fmt: skip
PIECES = st.sampled_from([*SPECIAL, *"abc De中文，"]) | st.characters(exclude_categories=["Cs"])
CODE = st.lists(st.sampled_from(["`", "```", "~~~", "\n", " ", "A", "{{x}}", "中", "é", "\u3000"]), max_size=14)
TEXTS = (st.lists(PIECES, max_size=9) | CODE).map("".join) | st.text("aBc De.,\n中文，。Éé“”", max_size=90)
CONTENTS = st.none() | TEXTS
SELDOM = st.sampled_from([None, None, None, "", "why", "中 `A`"])

CALLED = st.sampled_from([None, None, None, None, None, CALL, []])
MESSAGES = st.builds(lambda *fields: Message(*fields), st.sampled_from(ROLES), CONTENTS, SELDOM, CALLED, SELDOM, SELDOM)
TURNS = st.lists(MESSAGES, max_size=4).map(tuple)
ASKED = st.builds(lambda *texts: tuple(map(Message, ("user", "assistant"), texts)), CONTENTS, CONTENTS)
TALKS = ASKED | TURNS
LABELS = st.sampled_from([True, False, None])
RECORDS = st.one_of(
    st.builds(lambda turns, tools: Record("sft", turns, tools=tools), TALKS, SELDOM),
    st.builds(lambda turns, label: Record("kto", turns, label=label), TALKS, LABELS),
    st.builds(lambda *sides: Record("preference", *sides), ASKED, st.none() | TURNS, TALKS),
    st.builds(lambda text: Record("text", text=text), CONTENTS),
)


def measured(records: Sequence[Record]) -> list[list[object]]:
    return [column.to_pylist() for column in measure_basics(to_batch(records))]


def defined(records: Sequence[Record]) -> list[list[object]]:
    return [list(column) for column in zip(*map(measure, records))]


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORDS, min_size=1, max_size=6))
def test_every_signal_is_what_measure_says(records: list[Record]) -> None:
    assert measured(records) == defined(records)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_every_signal_of_a_text_is_what_measure_says(texts: list[str]) -> None:
    records = [Record("text", text=text) for text in texts]
    assert measured(records) == defined(records)


def test_every_character_is_what_measure_says() -> None:
    blocks = ((0, 0x4E20), (0x9FE0, 0xAC20), (0xD780, 0xD800), (0xE000, 0xE020), (0xF8F0, 0x10400))  # and what folds
    beyond = ((0x1D400, 0x1D800), (0x1F000, 0x1FC20), (0x1FFF0, 0x20010), (0x2F7F0, 0x2FA30), (0x3FFF0, 0x40010))
    codes = [code for first, end in (*blocks, *beyond) for code in range(first, end)]
    records = [Record("text", text=f"A{chr(code)} b") for code in codes]
    assert measured(records) == defined(records)


def test_characters_that_the_table_holds_do_not_change_one_another() -> None:
    characters = [chr(code) for code, entry in enumerate(normal_tables().entries.tolist()) if entry & 7 != HARD]
    characters = [character for character in characters if character not in "`~"]
    for seed in range(3):
        random.Random(seed).shuffle(characters)
        records = [Record("text", text="".join(characters[i : i + 40])) for i in range(0, len(characters), 40)]
        assert measured(records) == defined(records)


def test_forms_that_grow_have_room_in_the_row_and_in_the_prompt() -> None:
    asked = [Message("user", character * 99) for character in ("㌔", "Ⱥ", "ŉ", "`中`")]
    assert measured([Record("sft", tuple(asked))] * 3) == defined([Record("sft", tuple(asked))] * 3)


@pytest.mark.parametrize("cut", [1, 2, 3, 5])
def test_rows_are_measured_alike_however_they_are_cut(cut: int) -> None:
    turns = (Message("user", "Ａ  b"), Message("assistant", "e\u0301"))
    kinds = (
        Record("sft", turns),
        Record("text", text="`X` 中"),
        Record("invalid"),
        Record("preference", turns[:1], turns[1:], turns[:1]),
        Record("kto", turns[:1], label=True),
    )
    batch = to_batch(kinds * 3)
    parts = [measure_batch(batch.slice(start, cut)) for start in range(0, len(batch), cut)]
    assert [pa.concat_arrays(columns) for columns in zip(*parts)] == measure_batch(batch)


def test_an_unreadable_row_has_no_signals() -> None:
    assert measured([Record("invalid"), Record("text", text="a")]) == [
        list(c) for c in zip(NO_SIGNALS, measure(Record("text", text="a")))
    ]


def test_no_rows_give_empty_columns_of_the_types_that_signals_names() -> None:
    columns = measure_batch(to_batch([]))
    assert [(len(column), column.type) for column in columns] == [(0, kind) for _, kind, _ in SIGNALS]


FILES = [
    "*_demo.json",
    "*_demo.jsonl",
    "gsm8k_t*.jsonl",
    "huatuo_med_zh.json",
    "identity.json",
    "wiki_demo.txt",
    "t0_50k.jsonl.xz",
]


def _records(path: Path) -> Iterator[Record]:
    plan = open_source(str(path), name="test").plan
    for row in plan.input.rows():
        try:
            yield read_raw(row.data or b"", plan.form).record
        except RowError:
            continue


@pytest.mark.parametrize("pattern", FILES)
def test_every_real_row_is_what_measure_says(shared_data: Path, pattern: str) -> None:
    for path in sorted(shared_data.glob(pattern)):
        batch = to_batch([*islice(_records(path), 5000)])
        wanted = [list(column) for column in zip(*map(measure, records_of(batch)))]
        assert [column.to_pylist() for column in measure_basics(batch)] == wanted

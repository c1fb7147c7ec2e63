"""Mojibake: what is repaired, what has lost bytes and is left, and right letters that look odd."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.curate.cleaners import CLEANERS, DEFAULT_CLEANERS, clean_record
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.records import Record


def planted(folder: Path, name: str, line: int) -> Record:
    return read_raw((folder / name).read_bytes().split(b"\n")[line - 1], None).record


def answer(record: Record) -> str:
    return record.turns[-1].content or ""


def change(name: str, text: str) -> str:
    return CLEANERS[name].change(text)


@pytest.mark.parametrize(
    ("name", "line", "start"),
    [
        ("medical_zh.jsonl", 5, "原因常有三种：鼻涕倒流、胃里的东西往上反、咽炎。"),
        ("general.jsonl", 632, "头一次去住思明区中山路一带，"),
        ("general.jsonl", 810, "Light covers a kilometre in about three millionths of a second, "),
        ("general.jsonl", 901, "办不动产登记之前交完，最晚就是递交过户材料那天。"),
    ],
)
def test_planted_mojibake_is_repaired(bundled_data: Path, name: str, line: int, start: str) -> None:
    record, names = clean_record(planted(bundled_data, name, line), DEFAULT_CLEANERS)
    assert answer(record).startswith(start)
    assert names == ("mojibake",)


@pytest.mark.parametrize(("name", "line"), [("medical_zh.jsonl", 159), ("general.jsonl", 171)])
def test_mojibake_that_lost_bytes_is_left(bundled_data: Path, name: str, line: int) -> None:
    assert clean_record(planted(bundled_data, name, line), ["mojibake"])[1] == ()


@pytest.mark.parametrize(
    "text", ["水温三十七度，这样最舒服。", "它的颜色是白的。", "他说：“在这里。”", "it’s — well — “fine” here"]
)
def test_whole_utf8_read_as_gbk_is_repaired(text: str) -> None:
    broken = text.encode().decode("gbk", "replace")
    assert change("mojibake", broken) == (broken if "\ufffd" in broken else text)


def test_utf8_read_as_gbk_is_repaired_line_by_line() -> None:
    assert change("mojibake", "好的。\n鎷嗙嚎锛屾媶绾匡紝") == "好的。\n拆线，拆线，"


@pytest.mark.parametrize(
    "text",
    [
        "Café, naïve, façade, señor, Ångström, Übergröße, ÄÖÜäöüß ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ",
        "Être à l’hôtel, c’est déjà ça : « où ? » — l’été",
        "São Paulo, ações, à Â noite",
        "锛 is not a word, 锟斤拷 is what lost bytes look like",
        "這是錛子，用來削平木料。",
        "10 € − 5 ¥ ± 3 ° × 2 ÷ 4",
    ],
)
def test_right_letters_are_no_mojibake(text: str) -> None:
    assert change("mojibake", text) == text


def test_gbk_read_as_latin_is_repaired_where_a_rare_character_stands_in_it() -> None:
    text = "她可能患有阴道炎，治疗方案包括氨甲喋呤、阿糖胞苷和左旋门冬酰胺酶，请注意营养。"
    assert change("mojibake", text.encode("gbk").decode("latin-1")) == text


def test_the_real_sets_hold_no_mojibake(shared_data: Path) -> None:
    for name in ("alpaca_zh_demo.json", "alpaca_en_demo.json"):
        rows = json.loads((shared_data / name).read_text(encoding="utf-8"))
        texts = [row[field] for row in rows for field in ("instruction", "input", "output")]
        assert [text for text in texts if change("mojibake", text) != text] == []

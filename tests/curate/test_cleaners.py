"""Each cleaner on planted faults, on what looks wrong and is right, and on arbitrary text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.cleaners import CLEANERS, DEFAULT_CLEANERS, clean_record
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.records import Message, Record

RIGHT_ROWS = [("medical_zh.jsonl", 77), ("medical_zh.jsonl", 20)]
RIGHT_ROWS += [("general.jsonl", line) for line in (179, 405, 412, 416, 542, 555, 567, 670, 698, 788, 906, 946)]
WITHOUT_CHINESE = tuple(name for name in CLEANERS if not name.startswith("to_"))


def planted(folder: Path, name: str, line: int) -> Record:
    return read_raw((folder / name).read_bytes().split(b"\n")[line - 1], None).record


def answer(record: Record) -> str:
    return record.turns[-1].content or ""


def change(name: str, text: str) -> str:
    return CLEANERS[name].change(text)


@pytest.mark.parametrize(
    ("name", "line"), [("medical_zh.jsonl", 114), *(("general.jsonl", n) for n in (704, 822, 868))]
)
def test_planted_control_characters_are_removed(bundled_data: Path, name: str, line: int) -> None:
    record, names = clean_record(planted(bundled_data, name, line), DEFAULT_CLEANERS)
    assert names[0] == "control"
    texts = [message.content or "" for message in record.turns]
    assert all(text.replace("\n", "").isprintable() for text in texts)
    assert "[33m" not in answer(record)


@pytest.mark.parametrize(
    "text",
    ["👩‍🚀 👨‍👩‍👧 🏳️‍🌈 ❤️", "می‌خواهم", "क्‍ष", "ภาษา​ไทย", "שלום‏!", "🏴\U000e0067\U000e0062\U000e007f", "a\tb\nc"],
)
def test_invisible_characters_that_a_script_needs_stay(text: str) -> None:
    assert change("control", text) == text


def test_overrides_of_direction_and_lone_joiners_go() -> None:
    assert change("control", "a\u202eb\u202c \u200dc\u200c \u2066d\r\ne\x0cf") == "ab c d\ne\nf"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a  b   c", "a b c"),
        ("a \nb\t\n", "a\nb\n"),
        ("a\n\n\n\n\nb", "a\n\n\nb"),
        ("a\u00a0b\u2009c", "a b c"),
        ("陈　　明", "陈　明"),
        ("\n\na\n\n\n", "a\n"),
    ],
)
def test_white_space_that_nobody_meant_goes(before: str, after: str) -> None:
    assert change("whitespace", before) == after


@pytest.mark.parametrize(
    "text",
    [
        "　　首行缩进。\n　　第二段。",
        "def f():\n    x  = 1\n\n\n    return x",
        "首都是（    ）。",
        "name   age\nAnna   12",
        "- a\n  - b",
        "a\tb\tc",
        "陈　明",
        "```\na  b \n\n\n\n\n```",
        "| a  | b |\n|---|---|\n| 1  | 2 |",
    ],
)
def test_white_space_with_a_meaning_stays(text: str) -> None:
    assert change("whitespace", text) == text


@pytest.mark.parametrize(
    ("name", "line", "after"),
    [
        (
            "medical_zh.jsonl",
            327,
            "用0.9%的生理盐水，或鼻腔冲洗专用盐兑凉白开。\n\n水温 32～37℃ 最舒服，\n\n不要用自来水直接冲。",
        ),
        (
            "general.jsonl",
            28,
            "Each kernel holds a drop of water sealed in a hard hull. Heated past about 180 °C, it turns to steam, "
            "the hull bursts & the starch foams out.\n\nWas this answer helpful?",
        ),
        (
            "general.jsonl",
            735,
            "Yes, with patience.\n\nBuses link Kyle, Broadford and Portree several times a day, but Glendale and Neist "
            "Point see very few.\nBook a day tour for those.\n\nCycling works if you can stand wind.",
        ),
        (
            "general.jsonl",
            990,
            "不是。\n春秋战国时期，楚、齐、燕、赵等国就各自修过长城；秦统一后把北边的几段连了起来。\n\n"
            "今天看到的砖石长城 主要是明代修建的。",
        ),
    ],
)
def test_planted_html_becomes_text(bundled_data: Path, name: str, line: int, after: str) -> None:
    record, names = clean_record(planted(bundled_data, name, line), ["html", "whitespace"])
    assert answer(record) == after
    assert "html" in names


@pytest.mark.parametrize(
    "text",
    [
        "<think>hm</think> yes",
        "Map<String, List<int>> and Foo<b>",
        "x < y and y > z, a<b",
        "Dear <name>, <your address>",
        "use `<p>` here",
        "```html\n<p>a</p>\n```",
        "<!DOCTYPE html><p>a</p>",
        "<s>[INST] a [/INST]",
        "a table:\n<table>\n  <tr><td>1</td></tr>\n</table>",
        "write &lt;b&gt;bold&lt;/b&gt;",
        "AT&T, R&D; fish & chips",
    ],
)
def test_what_only_looks_like_html_stays(text: str) -> None:
    assert change("html", text) == text


@pytest.mark.parametrize(
    "text", ["10² 与 ①，½，x₁", "你好，世界！（测试）：“好”……", "™ … ℃", "`ＡＢ` $ＡＢ$", "－＋＝"]
)
def test_width_spares_raised_digits_and_punctuation(text: str) -> None:
    assert change("unicode_width", text) == text


def test_planted_links_go_and_an_answer_of_a_link_stays(bundled_data: Path) -> None:
    for name, line in (("medical_zh.jsonl", 173), ("general.jsonl", 336)):
        before = planted(bundled_data, name, line)
        after = clean_record(before, ["links"])[0]
        assert "://" in answer(before)
        assert "://" not in answer(after)
    assert clean_record(planted(bundled_data, "general.jsonl", 478), ["links"])[1] == ()
    assert (
        change("links", "`curl https://a.example` 见[文档](https://b.example/x)。")
        == "`curl https://a.example` 见文档。"
    )


def test_the_brackets_of_an_address_go_with_it() -> None:
    assert change("links", "your browser (https://a.example/) or Meetup（www.b.example）") == "your browser or Meetup"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("多喝水。" * 12 + "多休息。", "多喝水。多休息。"),
        ("Drink water. " * 5, "Drink water. "),
        ("No. No.", "No. No."),
        ("1. 1. 1. 1.", "1. 1. 1. 1."),
        ("好的。我来。好的。我来。好的。我来。", "好的。我来。好的。我来。好的。我来。"),
    ],
)
def test_a_sentence_three_times_in_a_row_stays_once(before: str, after: str) -> None:
    assert change("repeated_sentences", before) == after


def test_a_planted_loop_of_sentences_is_cut(bundled_data: Path) -> None:
    for name, line in (("medical_zh.jsonl", 177), ("general.jsonl", 466)):
        before = planted(bundled_data, name, line)
        after = clean_record(before, ["repeated_sentences"])[0]
        assert len(answer(after)) < len(answer(before)) / 3


def test_chinese_is_converted_only_where_asked(bundled_data: Path) -> None:
    record = planted(bundled_data, "medical_zh.jsonl", 77)
    assert clean_record(record, WITHOUT_CHINESE) == (record, ())
    simplified, names = clean_record(record, ["to_simplified"])
    assert answer(simplified).startswith("软式镜片先停戴一周，")
    assert names == ("to_simplified",)
    assert change("to_traditional", "头发`头发`") == "頭髮`头发`"


@pytest.mark.parametrize(("name", "line"), RIGHT_ROWS)
def test_rows_that_look_wrong_and_are_right_stay(bundled_data: Path, name: str, line: int) -> None:
    record = planted(bundled_data, name, line)
    assert clean_record(record, WITHOUT_CHINESE) == (record, ())


def test_the_default_cleaners_change_no_other_bundled_row(bundled_data: Path) -> None:
    changed = {}
    for name in ("medical_zh.jsonl", "general.jsonl"):
        lines = (bundled_data / name).read_bytes().splitlines()
        rows = [(n, line) for n, line in enumerate(lines, 1) if name[0] == "m" or n not in (8, 135, 296, 841, 925)]
        changed[name] = [n for n, line in rows if clean_record(read_raw(line, None).record, DEFAULT_CLEANERS)[1]]
    assert set(changed["medical_zh.jsonl"]) >= {5, 114}
    assert set(changed["general.jsonl"]) >= {632, 704, 810, 822, 868, 901}
    assert len(changed["medical_zh.jsonl"]) + len(changed["general.jsonl"]) <= 16, changed


def test_calls_ids_roles_tools_and_tool_results_are_never_touched() -> None:
    calls = [{"id": "a  b", "type": "function", "function": {"name": "f", "arguments": '{"x":  "a\u200b"}'}}]
    turns = (
        Message("user", "a  b", extra={"note": "x  y"}),
        Message("assistant", None, tool_calls=calls),
        Message("tool", '{"y":  "b\u200b"}  ', tool_call_id="a  b", name="f  f"),
        Message("assistant", 'c  d {"z":  1}', reasoning="e  f"),
    )
    record = Record("sft", turns, tools='[{"name":  "f"}]', extra={"k": "a  b"})
    cleaned, names = clean_record(record, [*list(CLEANERS)[:-3], "whitespace"])
    assert names == ("whitespace",)
    assert cleaned.tools == record.tools
    assert cleaned.extra == record.extra
    assert cleaned.turns[:3] == (turns[0]._replace(content="a b"), *turns[1:3])
    assert cleaned.turns[3] == turns[3]._replace(content='c d {"z":  1}', reasoning="e f")


def test_preferences_and_plain_texts_are_cleaned() -> None:
    pair = Record(
        "preference", (Message("user", "q"),), (Message("assistant", "a  b"),), (Message("assistant", "c  d"),)
    )
    cleaned = clean_record(pair, DEFAULT_CLEANERS)[0]
    assert [side and side[0].content for side in (cleaned.chosen, cleaned.rejected)] == ["a b", "c d"]
    assert clean_record(Record("text", text="a  b"), DEFAULT_CLEANERS)[0].text == "a b"


def test_an_unknown_cleaner_is_named_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"no cleaner is called whitespaces; there are mojibake, "):
        clean_record(Record("text", text="a"), ["whitespaces"])
    with pytest.raises(ValueError, match="undo each other"):
        clean_record(Record("text", text="a"), ["to_simplified", "to_traditional"])


#: Pieces that cleaners look at, next to arbitrary characters.
PIECES = st.one_of(
    st.sampled_from(
        [" ", "  ", "\n", "\n\n\n\n", "\u00a0", "　", "\u200b", "\u200d", "👩", "\x1b[33m", "\ufeff", "\t"]
    ),
    st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<br>", "<sup>2</sup>", "&amp;", "&lt;", "&#96;", "&", "lt;"]),
    st.sampled_from(["`", "```", "~~~", "$", "$$", "|", "|---|", "{", '"', "\\(", "\\)", "https://a.example/b"]),
    st.sampled_from(
        ["[a](https://b.example)", "嗯，", "那个，", "um, ", "Uh, ", "好的。", "Yes. ", "Ａ", "é", "e\u0301", "ﾊﾟ"]
    ),
    st.sampled_from(["頭髮", "头发", "后", "乾", "锛", "鎷嗙嚎锛屾媶绾匡紝", "â€™", "Ã©", "È¥ÏÃÃÅÍæÈýÌì", "¼¼"]),
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=14).map("".join)
BLOCKS = [
    "```py\nx  = '\u200b<p>Ａ'  # um, https://a.example\n```",
    "$$x^2  + Ａ\u200b &lt; y$$",
    "\\[ a  &amp; 頭髮 \\]",
]


@pytest.mark.parametrize("name", CLEANERS)
@given(text=TEXTS)
def test_each_cleaner_is_idempotent(name: str, text: str) -> None:
    once = change(name, text)
    assert change(name, once) == once


@given(text=TEXTS)
@settings(max_examples=300)
def test_all_cleaners_together_are_idempotent(text: str) -> None:
    names = [name for name in CLEANERS if name != "to_traditional"]
    once, _ = clean_record(Record("sft", (Message("user", text),)), names)
    assert clean_record(once, names) == (once, ())


@given(before=TEXTS, after=TEXTS, block=st.sampled_from(BLOCKS))
@settings(max_examples=300)
def test_code_and_mathematics_survive_byte_for_byte(before: str, after: str, block: str) -> None:
    before = re.sub(r"[`$~\\|{}\[]", "", before)  # what could swallow the block's own marks
    names = [name for name in CLEANERS if name not in ("to_traditional", "repeated_sentences")]
    cleaned, _ = clean_record(Record("sft", (Message("user", f"{before}\n{block}\n{after}"),)), names)
    assert block in (cleaned.turns[0].content or "")

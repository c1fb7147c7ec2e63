"""The columns of `statistics.py` on rows whose answer is known, in both languages, and against plain Python."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.records import Message, Record, to_batch
from tunesmith.curate.sources import open_source
from tunesmith.curate.statistics import STATISTICS, measure_statistics

PIECES = st.sampled_from(
    [
        *"aB9 .,!?\n-*#|",
        "ab ",
        "the ",
        "好",
        "的",
        "。",
        "，",
        "é",
        "Ａ",
        "½",
        "１",
        "か",
        "한",
        "🙂",
        "\u3000",
        "\ufffd",
        "锟斤拷",
        "```",
        "`",
        "$",
        "$$",
        "\\(",
        "\\)",
        "\\[",
        "\\begin{a}",
        "\\end{a}",
        "1. ",
        "https://a.b/c",
        "www.",
        "=",
        "<|x|>",
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


def talk(prompt: str, answer: str) -> Record:
    return Record("sft", (Message("user", prompt), Message("assistant", answer)))


def named(record: Record) -> dict[str, Any]:
    columns = measure_statistics(to_batch([record]))
    return {name: column[0].as_py() for (name, _, _), column in zip(STATISTICS, columns, strict=True)}


def of_answer(answer: str, prompt: str = "Why?") -> dict[str, Any]:
    return named(talk(prompt, answer))


def test_each_column_has_its_declared_type_and_no_null() -> None:
    columns = measure_statistics(to_batch([talk("a", "b"), Record("invalid"), Record("text", text="c")]))
    assert [column.type for column in columns] == [kind for _, kind, _ in STATISTICS]
    assert all(column.null_count == 0 and len(column) == 3 for column in columns)


def test_a_batch_without_rows_has_empty_columns() -> None:
    columns = measure_statistics(to_batch([talk("a", "b")]).slice(1))
    assert [(column.type, len(column)) for column in columns] == [(kind, 0) for _, kind, _ in STATISTICS]


def test_an_invalid_row_has_zeros_and_an_empty_answer_ends_empty() -> None:
    assert set(named(Record("invalid")).values()) == {0, ""}
    assert of_answer("  \n")["ending"] == "empty"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
def test_rows_do_not_depend_on_each_other(rows: list[tuple[str, str]]) -> None:
    records = [talk(*row) for row in rows]
    together = [column.to_pylist() for column in measure_statistics(to_batch(records))]
    alone = [list(named(record).values()) for record in records]
    assert together == [list(column) for column in zip(*alone, strict=True)]


def share(text: str, categories: str) -> float:
    blanks = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"
    kinds = ["Z" if c in blanks else unicodedata.category(c) for c in text]
    return sum(kind.startswith(tuple(categories.split())) for kind in kinds) / len(text) if text else 0.0


@settings(max_examples=150, deadline=None)
@given(TEXTS | st.text(st.characters(max_codepoint=0x1FFFF, exclude_categories=["Cs"]), max_size=60))
def test_shares_of_characters_are_those_of_unicode(text: str) -> None:
    found = of_answer(text)
    assert found["alnum_share"] == pytest.approx(share(text, "L M N"))
    assert found["digit_share"] == pytest.approx(share(text, "Nd"))
    assert found["punctuation_share"] == pytest.approx(share(text, "P"))
    assert found["symbol_share"] == pytest.approx(share(text, "S"))
    assert found["whitespace_share"] == pytest.approx(share(text, "Z"))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_words_lines_and_repeated_words_are_those_of_plain_python(text: str) -> None:
    text = re.sub("[½Ａ１]", "", text)  # what `tokens_of` folds to several, and into the words of ASCII
    words, found = tokens_of(text), of_answer(text)
    assert found["answer_words"] == len(words)
    assert found["answer_lines"] == sum(bool(line.strip()) for line in text.split("\n"))
    assert found["repeated_word_share"] == pytest.approx(1 - len(set(words)) / len(words) if words else 0)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_windows_and_overlaps_are_those_of_plain_python(answer: list[str], prompt: list[str]) -> None:
    found = of_answer(" ".join(answer), " ".join(prompt))
    windows = [tuple(answer[i : i + 5]) for i in range(len(answer) - 4)]
    repeated = sum(window in windows[:i] for i, window in enumerate(windows))
    assert found["repeated_ngram_share"] == pytest.approx(repeated / len(windows) if windows else 0)
    ours, theirs = ([tuple(side[i : i + 3]) for i in range(len(side) - 2)] for side in (answer, prompt))
    held = set(ours) & set(theirs)
    both = bool(ours) and bool(theirs)
    assert found["answer_overlap"] == pytest.approx(len(held) / len(set(ours)) if both else 0)
    assert found["prompt_overlap"] == pytest.approx(sum(one in held for one in theirs) / len(theirs) if both else 0)


def test_sizes_of_both_languages() -> None:
    found = of_answer("发烧 38 度。\n\nRest well.", "头疼 why")
    assert (found["prompt_words"], found["answer_words"], found["answer_lines"]) == (3, 6, 2)
    assert found["cjk_share"] == pytest.approx(3 / 20)
    assert found["answer_prompt_ratio"] == pytest.approx(20 / 6)


def test_a_text_without_prompt_has_no_ratio_and_no_overlap() -> None:
    found = named(Record("text", text="one two three four"))
    assert (found["answer_words"], found["answer_prompt_ratio"], found["answer_overlap"]) == (4, 0, 0)


def test_code_and_mathematics_in_spans() -> None:
    assert of_answer("Run `ls`.")["code_share"] == pytest.approx(4 / 9)
    assert of_answer("```\nx\n```\nend")["code_share"] == pytest.approx(9 / 13)
    assert of_answer("`a price of $5 and $7")["code_share"] == 0
    assert of_answer("costs $5 and $7 more")["math_share"] == 0
    assert of_answer("so $x+y$ ok")["math_share"] == pytest.approx(5 / 11)
    assert of_answer(r"so \(x\) ok")["math_share"] == pytest.approx(5 / 11)
    assert of_answer("即 3 × 4 = 12。")["math_share"] == pytest.approx(10 / 13)
    assert of_answer("either/or, a well-known idea")["math_share"] == 0


def test_addresses_and_what_only_looks_like_one() -> None:
    assert of_answer("https://a.org/b?c=1")["url_share"] == 1
    assert of_answer("见 www.abc.com。")["url_share"] == pytest.approx(11 / 13)
    assert of_answer("see example.com/x, it helps")["url_share"] == pytest.approx(13 / 24)
    assert of_answer("and/or, 1/2, TCP/IP, e.g./i.e.")["url_share"] == 0


def test_list_marks_of_both_languages() -> None:
    assert of_answer("Buy:\n- milk\n* tea\n1. rice\n（2）盐\n三、油\n① 米")["list_share"] == pytest.approx(6 / 7)
    assert of_answer("3.5 is more\n-5 is less\nA: yes\n一天\n#tag")["list_share"] == 0


def test_debris_of_lost_encodings() -> None:
    counts = [of_answer(text)["replacement_characters"] for text in ("a\ufffd", "锟斤拷x", "烫烫烫", "itâ€™s fÃ¼r")]
    assert counts == [1, 3, 3, 2]
    fine = ("für Âge, ÇA VA, señor", "水很烫，烫手", "Ελλάδα", "naïve café")
    assert [of_answer(text)["replacement_characters"] for text in fine] == [0, 0, 0, 0]


def test_sides_of_a_preference() -> None:
    asked = (Message("user", "Why?"),)
    sides = ("Rest and drink water now.", "Rest and drink water soon.")
    chosen, rejected = ((Message("assistant", text),) for text in sides)
    record = Record("preference", asked, chosen, rejected)
    found = named(record)
    assert found["side_ratio"] == pytest.approx(25 / 26)
    assert found["side_similarity"] == pytest.approx(2 / 4)
    assert of_answer("x")["side_ratio"] == 0


def test_real_rows_have_shares_between_zero_and_one(shared_data: Path) -> None:
    for name in ("alpaca_zh_demo.json", "dpo_en_demo.json", "glaive_toolcall_en_demo.json"):
        plan = open_source(str(shared_data / name), name="test").plan
        records = [read_raw(row.data or b"", plan.form).record for row in plan.input.rows()]
        columns = measure_statistics(to_batch(records))
        for (column, _, _), values in zip(STATISTICS, columns, strict=True):
            if column.endswith(("_share", "_overlap", "_similarity")):
                assert all(0 <= value <= 1 for value in values.to_pylist()), (name, column)

"""What a prediction says on the Chinese page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tunesmith.train.predicted_llamafactory_fit import told
from tunesmith.train.predicted_siliconflow import VERSION
from tunesmith.train.predicted_types import Predicted
from tunesmith.train.predicted_words import note, reason
from tunesmith.train.preflight_for import Group, Ours, Told

CHINESE = re.compile("[\u4e00-\u9fff]")
FILES = sorted((Path(__file__).resolve().parents[2] / "train").glob("predicted*.py"))


def test_every_reason_has_words_in_both_languages() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    codes = {*re.findall(r'(?:RowError\(|Verdict\("\w+", )"(\w+)"', text)}
    assert {"role_order", "invalid_json", "too_long"} <= codes
    assert [code for code in sorted(codes) if not CHINESE.search(reason("zh", code)) or "_" in reason("en", code)] == []


@pytest.mark.parametrize(
    "text",
    [
        "template qwen3: the model's own chat template is not used",
        "a row without a system text gets 'You are'",
        "documents are joined to blocks of 2,048 tokens; the rest of every 1,000 rows is lost",
        "every token is trained, those of the questions too",
        "170 of 1,426 tokens at its end go, its end token too",
    ],
)
def test_a_note_is_chinese_on_the_chinese_page_and_itself_on_the_english_one(text: str) -> None:
    assert CHINESE.search(note("zh", text))
    assert note("en", text) == text


def test_a_cut_keeps_its_figures_and_says_that_the_end_goes() -> None:
    shown = note("zh", told([(49, 392)], [(49, 207)]).evidence or "")
    assert [*map(int, re.findall(r"\d+", shown))] == [49, 0, 392, 185]
    assert "结束词元" in shown
    assert "结束词元" not in note("zh", told([(49, 392)], [(9, 392)]).evidence or "")


def test_the_words_of_the_other_program_stay_as_they_will_be_seen() -> None:
    assert note("zh", "KeyError: 'text'") == "KeyError: 'text'"
    assert reason("zh", "brand_new") == "brand_new"
    assert reason("zh", None) == ""


def test_the_chinese_page_names_reasons_and_notes_in_chinese() -> None:
    known = Predicted("trl", "1.16", "sft", "its source", (), ("every token is trained, those of the questions too",))
    cut = Group("cut", "too_long", "dropped", 1, ("a:1",), "3 of 10 tokens at its end go, its end token too")
    view = Told(known, Ours(), (cut,)).view("zh")
    line = view["lines"][0]
    assert line["code"] == "too_long"
    assert all(CHINESE.search(text) for text in (line["why"], line["evidence"], *view["notes"]))


def test_a_system_without_a_version_is_called_by_its_name_alone() -> None:
    view = Told(Predicted("siliconflow", VERSION, "sft", "its guide", ()), Ours(), ()).view("en")
    assert view["title"] == "What SiliconFlow would do"

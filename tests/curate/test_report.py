"""The report: one safe, self-contained, equal-every-time page in two languages."""

from __future__ import annotations

import re
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate import charts, report, report_text
from tunesmith.curate.report import Language, render_report
from tunesmith.curate.report_format import cut, number, share, visible
from tunesmith.errors import InternalError

LANGUAGES: tuple[Language, ...] = ("en", "zh")
VOID = {"meta", "br"}
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}{% raw %}\u202egnp.exe\u202c\x00\ud800"
    "</pre></style>" + "x" * 400 + "长" * 10_000
)


def example(**known: Any) -> dict[str, Any]:
    empty = {"language": "zh", "value": None, "threshold": None, "partner": None, "similarity": None, "detail": None}
    return {"row_id": "huatuo_med_zh:17", "prompt": "感冒了怎么办？", "answer": "多喝水。", **empty, **known}


def reason(
    verdict: str, stage: str, rule: str, rows: int, *examples: dict[str, Any], only: int | None = None
) -> dict[str, Any]:
    alone = rows if only is None else only
    return {
        "verdict": verdict,
        "stage": stage,
        "rule": rule,
        "rows": rows,
        "only_this_rule": alone,
        "examples": [*examples],
    }


SHORT = example(
    row_id="alpaca_en_demo:412", language="en", prompt="Name a primary colour.", answer="R", value=1.0, threshold=2.0
)
SHORT_ZH = example(
    row_id="alpaca_zh_demo:88",
    prompt="请把下面的句子翻译成英文：\n\n    “千里之行，始于足下。”\n\t出自《道德经》第六十四章。",
    answer="",
    value=0.0,
    threshold=1.0,
)
TWIN = example(
    row_id="huatuo_med_zh:5120",
    prompt="一名年龄在70岁的女性，出现了晕厥、不自主颤抖、情绪不稳等症状，请详细说明其手术治疗和术前准备。",
    answer="该病需要进行电极导线、脉冲发生器和永久心脏起搏器置入术，并需要使用镇静药物和局麻对病人进行手术治疗。" * 8,
    value=1.0,
    threshold=1.0,
    partner="huatuo_med_zh:1",
    similarity=1.0,
)
BROKEN = example(
    row_id="gsm8k_train:4021",
    language=None,
    prompt='{"question": "Weng earns $12 an hour for babysitting. Yesterday, she just did 50 min',
    answer="",
    detail="gsm8k_train.jsonl:4021: expected the end of a string, found the end of the line",
)

PAIR = {
    "row_id": "huatuo_med_zh:5121",
    "partner": "huatuo_med_zh:1",
    "language": "zh",
    "similarity": 0.7,
    "answer_similarity": 0.8125,
    "parts": [
        {"part": "prompt", "one": "感冒了怎么办？", "other": "感冒了怎么办？"},
        {"part": "answer", "one": "每天服用250毫克。", "other": "每天服用500毫克，连服三天。"},
    ],
}

DUPLICATES: dict[str, Any] = {
    "exact": True,
    "near": {"threshold": 0.7, "on": "row", "ngram": 5, "policy": "drop"},
    "rows": {"exact": 50, "near": 7, "dropped": 57},
    "groups": 42,
    "sizes": [
        {"least": 2, "most": 2, "groups": 40, "rows": 80, "dropped": 40},
        {"least": 6, "most": 10, "groups": 2, "rows": 19, "dropped": 17},
    ],
    "largest": [
        {
            "row_id": "huatuo_med_zh:1",
            "language": "zh",
            "text": "一名年龄在70岁的女性，出现了晕厥。",
            "rows": 10,
            "similarity": [0.71, 1.0],
            "sources": ["huatuo_med_zh", "alpaca_zh_demo"],
        }
    ],
    "pairs": [{"why": "threshold", **PAIR}],
    "findings": [
        {"finding": "variant", "rows": 2, "examples": [PAIR]},
        {
            "finding": "stock_answer",
            "rows": 9,
            "groups": 1,
            "examples": [{"rows": 9, "text": "建议您到正规医院就诊。", "others": ["耳鸣半年", "例假推迟"]}],
        },
        {
            "finding": "skeleton",
            "rows": 6,
            "groups": 1,
            "examples": [
                {"rows": 6, "head": "Describe a ", "tail": " in two lines.", "others": ["cup", "lamp"]},
            ],
        },
    ],
}

SHRANK = "mix domain 1 : general 5: general has 6,743 rows of 38,615; shrank to domain 1,375 : general 6,875"

NO_QUALITY = dict.fromkeys(("cleaning", "privacy", "rules", "contamination", "makeup"))

SUMMARY: dict[str, Any] = {
    "name": "medical-v1",
    "language": "zh",
    "seed": 7,
    "rows_in": 18_130,
    "kept": 8_991,
    "dropped": 120,
    "invalid": 3,
    "unsampled": 9_016,
    "train": 8_091,
    "validation": 900,
    "train_lines": 8_250,
    "sources": [
        {
            "name": "huatuo_med_zh",
            "group": "domain",
            "path": "data/huatuo_med_zh.json",
            "container": "jsonl",
            "encoding": "utf-8",
            "compression": None,
            "formats": {"alpaca": 8_658},
            "rows": 8_658,
            "invalid": 0,
            "dropped": 59,
            "unsampled": 7_101,
            "train": 1_348,
            "validation": 150,
            "notes": ["ends in .json but holds JSON Lines"],
        },
        {
            "name": "alpaca_zh_demo",
            "group": "general",
            "path": "data/alpaca_zh_demo.json",
            "container": "json",
            "encoding": "gb18030",
            "compression": "gz",
            "formats": {"alpaca": 990, "openai": 10},
            "rows": 1_000,
            "invalid": 2,
            "dropped": 31,
            "unsampled": 900,
            "train": 60,
            "validation": 7,
            "notes": [],
        },
        {
            "name": "gsm8k_train",
            "group": "general",
            "path": "data/gsm8k_train.jsonl",
            "container": "jsonl",
            "encoding": "utf-8",
            "compression": None,
            "formats": {"question-answer": 8_472},
            "rows": 8_472,
            "invalid": 1,
            "dropped": 30,
            "unsampled": 1_015,
            "train": 6_683,
            "validation": 743,
            "notes": [],
        },
    ],
    "reasons": [
        reason("unsampled", "mix", "mix", 9_016, example(row_id="huatuo_med_zh:31")),
        reason("dropped", "rules", "answer_too_short", 61, SHORT, SHORT_ZH, only=50),
        reason("dropped", "duplicates", "exact_duplicate", 57, TWIN),
        reason("invalid", "ingest", "invalid_json", 3, BROKEN),
        reason("dropped", "decisions", "decision", 2, example(row_id="huatuo_med_zh:9")),
    ],
    "lengths": [
        {
            "signal": signal,
            "language": language,
            "edges": [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096],
            "before": before,
            "after": after,
            "median_before": middle,
            "median_after": middle + 4,
            "p95_before": 5 * middle,
            "p95_after": 4 * middle,
        }
        for signal, language, middle, before, after in [
            (
                "prompt_characters",
                "en",
                210,
                [0, 0, 0, 2, 30, 310, 900, 1500, 3100, 2000, 590, 40, 0],
                [0, 0, 0, 0, 20, 250, 800, 1400, 2900, 1830, 300, 10, 0],
            ),
            (
                "prompt_characters",
                "zh",
                42,
                [0, 0, 3, 12, 400, 3900, 4100, 1100, 130, 10, 0, 0, 0],
                [0, 0, 0, 10, 60, 600, 610, 180, 20, 1, 0, 0, 0],
            ),
            (
                "answer_characters",
                "en",
                260,
                [12, 20, 8, 20, 60, 210, 800, 1700, 3300, 1900, 400, 42, 0],
                [0, 0, 8, 20, 60, 190, 700, 1500, 3000, 1650, 360, 22, 0],
            ),
            (
                "answer_characters",
                "zh",
                120,
                [4, 17, 30, 40, 90, 420, 1900, 4200, 2500, 400, 50, 4, 0],
                [0, 0, 5, 8, 30, 80, 290, 640, 370, 55, 3, 0, 0],
            ),
        ]
    ],
    "duplicates": DUPLICATES,
    "meaning": None,
    "quality": NO_QUALITY,
    "languages": {"before": {"en": 8_472, "zh": 9_655}, "after": {"en": 7_510, "zh": 1_481}},
    "kinds": {"before": {"sft": 18_127}, "after": {"sft": 8_991}},
    "mix": {
        "unit": "rows",
        "short": "repeat",
        "asked": {"domain": 1, "general": 5},
        "groups": [
            {"group": "domain", "available": 7_723, "taken": 1_348, "lines": 1_375, "copies_max": 1},
            {"group": "general", "available": 6_743, "taken": 6_743, "lines": 6_875, "copies_max": 2},
        ],
        "announcement": SHRANK,
    },
    "split": {
        "asked": "0.1",
        "target": 900,
        "validation": 900,
        "groups": 8_800,
        "largest_group": 12,
        "per_source": [
            {"source": "huatuo_med_zh", "train": 1_348, "validation": 150},
            {"source": "alpaca_zh_demo", "train": 60, "validation": 7},
            {"source": "gsm8k_train", "train": 6_683, "validation": 743},
        ],
        "announcement": None,
    },
    "announcements": [
        "alpaca_zh_demo: 10 rows are openai rather than alpaca, the first at data/alpaca_zh_demo.json:77",
        SHRANK,
    ],
    "recipe_yaml": "name: medical-v1\nseed: 7\nlanguage: zh\n"
    "sources:\n- path: data/huatuo_med_zh.json\n  group: domain\nrules:\n"
    "  answer_too_short:\n    min_characters: {zh: 1, en: 2}\n"
    "mix: {domain: 1, general: 5}\n",
    "versions": {"tunesmith": "0.1.0", "code": "9f86d081884c7d65", "python": "3.11.9", "pyarrow": "26.0.0"},
    "inputs": [
        {
            "path": "data/huatuo_med_zh.json",
            "size_bytes": 14_238_112,
            "digest": "xxh3_128:6b86b273ff34fce19d6b804eff5a3f57",
        },
        {
            "path": "data/gsm8k_train.jsonl",
            "size_bytes": 4_149_012,
            "digest": "xxh3_128:d4735e3a265e16eee03f59718b9b5d03",
        },
    ],
}

NOTHING: dict[str, Any] = {
    **dict.fromkeys(("rows_in", "kept", "dropped", "invalid", "unsampled", "train", "validation", "train_lines"), 0),
    **{name: [] for name in ("sources", "reasons", "lengths", "announcements", "inputs")},
    **{name: {"before": {}, "after": {}} for name in ("languages", "kinds")},
    "name": "empty",
    "language": "en",
    "seed": 0,
    "mix": None,
    "duplicates": None,
    "meaning": None,
    "quality": NO_QUALITY,
    "split": {
        "asked": "0.1",
        "target": 0,
        "validation": 0,
        "groups": 0,
        "largest_group": 0,
        "per_source": [],
        "announcement": None,
    },
    "recipe_yaml": "name: empty\n",
    "versions": {"tunesmith": "0.1.0"},
}


class Page(HTMLParser):
    """Elements, their attributes and their text; remembers what was closed wrongly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)
        self.text = "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def hostile(value: Any) -> Any:
    """The value with the hostile text after every text that is data and no code of the product."""
    if isinstance(value, dict):
        codes = ("verdict", "stage", "language", "signal", "unit", "short", "policy", "finding")
        return {key: inner if key in codes else hostile(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner) for inner in value]
    return value + HOSTILE if isinstance(value, str) else value


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: render_report(SUMMARY, language) for language in LANGUAGES}


def test_the_same_summary_gives_the_same_bytes(pages: dict[str, str]) -> None:
    before = deepcopy(SUMMARY)
    assert {language: render_report(SUMMARY, language) for language in LANGUAGES} == pages
    assert before == SUMMARY


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_well_formed(pages: dict[str, str], language: Language) -> None:
    page = Page(pages[language])
    assert (page.wrong, page.open) == ([], [])
    ids = [value for name, value in page.attributes if name == "id"]
    links = [value[1:] for name, value in page.attributes if name == "href" and value]
    assert len(ids) == len(set(ids))
    assert ids == links


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_for_nothing_from_elsewhere(pages: dict[str, str], language: Language) -> None:
    html = pages[language]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html
    assert not {"script", "link", "img", "iframe", "object", "use", "image"} & set(Page(html).tags)
    assert not re.search(r"https?://|url\(|@import|\ssrc=", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_data_stays_text(pages: dict[str, str], language: Language) -> None:
    html = render_report({**hostile(SUMMARY), "lengths": SUMMARY["lengths"]}, language)
    html.encode()  # a lone surrogate would refuse
    page, calm = Page(html), Page(pages[language])
    # a code turned into data is unknown, so its words and its code are one: only <br> and <code> may become fewer
    assert set(page.tags) <= set(calm.tags) | {"span"}
    assert (page.wrong, page.open) == ([], [])
    assert {name for name, _ in page.attributes} == {name for name, _ in calm.attributes}
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7 * 7 }}{% raw %}⟨U+202E⟩gnp.exe⟨U+202C⟩⟨U+0000⟩⟨U+D800⟩" in page.text


def test_a_long_text_is_cut_and_says_so() -> None:
    summary = {**SUMMARY, "reasons": [dict(entry) for entry in SUMMARY["reasons"]]}
    summary["reasons"][0] = {**summary["reasons"][0], "examples": [example(answer="长" * 10_000)]}
    text = Page(render_report(summary, "en")).text
    assert "长" * 300 + "… cut after 300 characters" in text
    assert "长" * 301 not in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("short", 5), ("a" * 300, 300), ("a" * 301, 300), ("\n" * 299, 13), ("a" * 299 + "e\u0301\u0301", 299)],
)
def test_a_cut_keeps_letters_whole_and_lines_few(text: str, shown: int) -> None:
    found = cut(text)
    assert len(found.text) == shown
    assert text.startswith(found.text)
    assert found.is_cut == (shown < len(text))


def test_white_space_of_an_example_is_kept(pages: dict[str, str]) -> None:
    assert SHORT_ZH["prompt"] in Page(pages["en"]).text


def test_characters_that_hide_are_written_out() -> None:
    assert visible("a\u200bb\r\nc\rd\u2066\U000e0041") == "a⟨U+200B⟩b\nc⟨U+000D⟩d⟨U+2066⟩⟨U+E0041⟩"
    assert visible("👩\u200d🔬\t\n") == "👩\u200d🔬\t\n"


def test_the_verdict_counts_every_row(pages: dict[str, str]) -> None:
    assert "8,991 of 18,130 rows became a training set; every row is accounted for." in pages["en"]
    assert "18,130 行中有 8,991 行成为训练数据；每一行的去向都有据可查。" in pages["zh"]


@pytest.mark.parametrize("name", ["rows_in", "kept", "dropped", "train"])
def test_numbers_that_do_not_add_up_are_refused(name: str) -> None:
    with pytest.raises(InternalError, match="expected"):
        render_report({**SUMMARY, name: SUMMARY[name] + 1}, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_differing_words_are_marked_on_both_sides(pages: dict[str, str], language: Language) -> None:
    section = re.search(r'<section id="duplicates">.*?</section>', pages[language], re.S)
    assert section
    assert re.findall(r"<mark>(.*?)</mark>", section[0])[:3] == ["250", "500", "，连服三天"]
    assert section[0].count('<mark class="none"></mark>') == 2  # of two pairs, where only the other side goes on
    assert section[0].count("感冒了怎么办？") == 2  # once a pair: it is the same on both sides


def test_groups_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InternalError, match="expected 100 rows in groups of duplicates, found 99"):
        render_report({**SUMMARY, "duplicates": {**DUPLICATES, "groups": 43}}, "en")


def test_a_duplicate_names_its_partner_and_their_similarity(pages: dict[str, str]) -> None:
    evidence = next(line for line in re.findall(r'<p class="evidence">.*?</p>', pages["en"], re.S) if "5120" in line)
    assert Page(evidence).text.split() == (
        ["huatuo_med_zh:5120Chinesesimilarity", "1threshold", "1surviving", "row", "huatuo_med_zh:1"]
    )


def test_an_unread_row_is_shown_as_it_came(pages: dict[str, str]) -> None:
    text = Page(pages["en"]).text
    assert "The row as it came" in text
    assert BROKEN["prompt"] in text
    assert BROKEN["detail"] in text


def test_an_unknown_code_is_shown_as_it_stands() -> None:
    unknown = reason("dropped", "quantum", "brand_new_rule", 120)
    text = Page(render_report({**SUMMARY, "reasons": [unknown]}, "zh")).text
    assert "brand_new_rule" in text
    assert "quantum" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_without_rows_has_a_report_too(language: Language) -> None:
    page = Page(render_report(NOTHING, language))
    assert report_text.say(language, "verdict_empty") in page.text
    assert report_text.say(language, "reasons_none") in page.text
    assert ("id", "mix") not in page.attributes
    assert "svg" not in page.tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_has_words_and_its_numbers_stand_in_a_table(pages: dict[str, str], language: Language) -> None:
    html = pages[language]
    charts_found = re.findall(
        r'<svg class="chart" viewBox="[^"]+" role="img" aria-label="([^"]+)"><title>\1</title>', html
    )
    assert len(charts_found) == len(SUMMARY["lengths"]) == html.count("<svg")
    text = Page(html).text
    for entry in SUMMARY["lengths"]:
        assert all(f"{count:,}" in text for count in entry["before"])


def test_a_chart_does_not_depend_on_the_fonts_of_the_machine() -> None:
    spec = charts.histogram_spec([0, 1, 2, 1_000_000], [3, 9, 70_000], [1, 9, 0])
    wide = {**spec, "config": {**spec["config"], "font": "monospace"}}
    assert charts.draw(wide, label="x").replace("monospace", "inherit") == charts.draw(spec, label="x")


def test_a_chart_draws_one_bar_a_bin_and_side_and_no_clip() -> None:
    svg = charts.draw(charts.histogram_spec([0, 1, 2], [3, 9], [1, 9]), label="a <b> & c")
    assert svg.count('fill="var(--before)"') == svg.count('fill="var(--after)"') == 2
    assert "a &lt;b&gt; &amp; c" in svg
    assert " id=" not in svg


def test_the_flow_ends_where_the_kept_rows_begin() -> None:
    steps = report._flow(SUMMARY)
    assert [step["kind"] for step in steps] == [
        "in", "invalid", "dropped", "dropped", "dropped", "unsampled", "kept", "train", "validation",
    ]  # fmt: skip
    assert [step["rows"] for step in steps] == [18_130, 3, 2, 61, 57, 9_016, 8_991, 8_091, 900]
    assert steps[5]["start"] == SUMMARY["kept"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.0, "1"), (18_130, "18,130"), (0.7, "0.7"), (0.99999, "0.9999"), (0.69996, "0.6999"), (1234.5, "1,234.5")],
)
def test_numbers_are_cut_and_never_rounded_up(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 9, "0%"),
        (9, 9, "100%"),
        (1, 2, "50%"),
        (1, 3, "33.3%"),
        (1, 9_999, "< 0.1%"),
        (9_998, 9_999, "> 99.9%"),
        (0, 0, "–"),
    ],
)
def test_a_share_never_hides_a_row(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown


def test_both_catalogues_have_the_same_keys_and_places() -> None:
    english, chinese = (report_text.CATALOGUES[language] for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert text
        assert chinese[key]
        assert sorted(re.findall(r"{(\w+)}", text)) == sorted(re.findall(r"{(\w+)}", chinese[key])), key


def test_every_rule_and_every_unreadable_row_has_plain_words() -> None:
    from tunesmith.curate.rules import RULES

    folder = Path(report.__file__).parent
    codes = {
        code for path in folder.rglob("*.py") for code in re.findall(r'RowError\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    codes |= {*RULES, "exact_duplicate", "decision", "mix", "cap"}
    assert [code for code in sorted(codes) if f"rule.{code}" not in report_text.CATALOGUES["en"]] == []

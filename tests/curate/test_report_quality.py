"""The report's sections on quality, on the page: both languages, escaped, marked, and without a private value."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
import yaml

from tunesmith.curate import report_text
from tunesmith.curate.cleaners import CLEANERS
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.report import Language, render_report
from tunesmith.curate.report_quality import quality_view
from tunesmith.curate.rundata import RunData

MakeRun = Callable[..., RunData]

LANGUAGES: tuple[Language, ...] = ("en", "zh")
SECTIONS = ("cleaning", "privacy", "contamination", "makeup")
HOSTILE = "<script>alert(1)</script>{{ 7 * 7 }}\u202e</pre>"
QUALITY: dict[str, Any] = yaml.safe_load(
    """
cleaning:
  rows: 5
  changes:
  - what: clean:html
    rows: 3
    examples:
    - {row_id: "a:1", language: en, others: ["clean:whitespace"],
       parts: [{part: assistant, one: "<p>So &amp; so", other: So & so}]}
  - what: clean:whitespace
    rows: 2
    examples:
    - {row_id: "a:2", language: en, others: [], parts: [{part: user, one: "So  it is.", other: So it is.}]}
  - {what: history, rows: 1, examples: [{row_id: "a:3", language: zh, others: [], parts: [], before: 30, after: 12}]}
privacy:
  {policy: flag, found: 4, rows: 3, kept: 2, kinds: [{kind: phone, found: 4, rows: 3, kept: 2,
    example: {row_id: "a:4", language: zh, role: user, pieces: [手机, "[手机号_1]", 。]}}]}
rules:
  rules:
  - {rule: loop, policy: drop, why: the same words, own: false, fails: 9, drops: 8, only: 7, flags: 0,
     languages: {en: 5, zh: 4}, examples: []}
  - {rule: my_rule, policy: flag, why: too chatty, own: true, fails: 6, drops: 0, only: null, flags: 6,
     languages: {en: 6}, examples: [&row {row_id: "a:7", language: en, prompt: "Who won?", answer: I do not know.,
     value: 2.0, threshold: 1.0, partner: null, similarity: null, detail: null}]}
  silent: [noise, refusal]
  "off": [unsafe]
contamination:
  {policy: drop, sides: prompt, rows: 14, kept: 0, compromised: 12, total: 150}
makeup:
  tasks: {languages: [zh, en], rows: 1234, tasks: [{task: qa, rows: 1234, languages: {zh: 1000, en: 234}}]}
  tokens: [{source: a, rows: 9, total: 4321, low: 5, median: 50, high: 95, most: 987}]
  unknown: {advice: "2 of 1,234 rows answer so.", rows: 2, of: 1234, examples: [*row],
    sources: [{source: a, rows: 2, of: 1234}]}
  pairs: {advice: Of 160 pairs 120 are longer., longer: 120, shorter: 40}
  scores:
  - {score: ifd, rows: 90, missing: 10, quantiles: [0.1, 0.25, 0.5, 0.75, 1.234]}
  - {score: judge, rows: 0, missing: 100, quantiles: []}
"""
)
QUALITY["contamination"] |= yaml.safe_load(
    """
files: [{path: exam.jsonl, items: 150, compromised: 12, rows: 14}]
items:
- &item {id: e1, path: exam.jsonl, question: "How many legs?", rows: 5, row_ids: ["a:1", "a:2"], containment: 0.875}
- {<<: *item, id: e2}
examples:
- {row_id: "a:1", language: en, id: e1, question: "How many legs?", side: prompt, containment: 0.875, threshold: 0.8,
   text: ["Hi. ", How many legs, "?"]}
"""
)
NOTHING: dict[str, Any] = {
    **yaml.safe_load(
        """
{rows_in: 0, kept: 0, dropped: 0, invalid: 0, unsampled: 0, train: 0, validation: 0, train_lines: 0, name: a, seed: 0,
 language: en, mix: null, duplicates: null, meaning: null, recipe_yaml: "name: a", versions: {tunesmith: 0.1.0},
 sources: [],
 reasons: [], lengths: [], announcements: [], inputs: [], languages: {before: {}, after: {}},
 kinds: {before: {}, after: {}}, split: {asked: "off", target: 0, validation: 0, groups: 0, largest_group: 0,
 per_source: [], announcement: null}}
"""
    ),
    "quality": QUALITY,
}


class Page(HTMLParser):
    """The tags of a page, what was closed wrongly, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.text += " " * (tag in ("td", "th", "br"))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile(value: Any, key: str = "") -> Any:
    """The value with the hostile text behind every text that is data and no code of the product."""
    if isinstance(value, dict):
        return {name: hostile(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner, key) for inner in value]
    is_code = key in ("policy", "sides", "language", "languages", "side", "score")
    return value + HOSTILE if isinstance(value, str) and not is_code else value


def section(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', html, re.S)
    assert found, name
    return found[0]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {language: render_report(NOTHING, language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sections_are_well_formed_and_in_the_contents(pages: dict[str, str], language: Language) -> None:
    page = Page(pages[language])
    assert (page.wrong, page.open) == ([], [])
    for name in SECTIONS:
        assert f'href="#{name}"' in pages[language]
        assert section(pages[language], name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_section_with_nothing_to_say_is_left_out(language: Language) -> None:
    html = render_report({**NOTHING, "quality": dict.fromkeys(QUALITY)}, language)
    assert not any(f'id="{name}"' in html for name in SECTIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_data_stays_text(pages: dict[str, str], language: Language) -> None:
    page = Page(render_report({**NOTHING, "quality": hostile(QUALITY)}, language))
    assert (page.wrong, page.open) == ([], [])
    assert page.tags <= Page(pages[language]).tags | {"script"} - {"script"}
    assert "<script>alert(1)</script>{{ 7 * 7 }}⟨U+202E⟩</pre>" in page.text


def test_what_a_cleaner_changed_is_marked_and_white_space_is_made_visible(pages: dict[str, str]) -> None:
    cleaning = section(pages["en"], "cleaning")
    assert re.findall(r"<mark>(.*?)</mark>", cleaning) == ["&lt;p&gt;", "amp;", "··", "·"]
    text = Page(cleaning).text
    assert "5 rows were changed before anything was measured." in text
    assert "30 turns became 12" in text
    assert "changed in the same step by Tidy spaces and blank lines outside code" in text


def test_rules_tell_fails_drops_only_and_flags(pages: dict[str, str]) -> None:
    table = re.search(r'<table class="stack rules">.*?</table>', pages["zh"], re.S)
    assert table
    lines = [" ".join(Page(line).text.split()) for line in re.findall(r"<tr>.*?</tr>", table[0], re.S)][1:]
    assert lines[0].endswith("the same words 9 8 7 – 英文 5 · 中文 4")
    assert lines[1] == "my_rule too chatty 6 – – 6 英文 6"
    assert "已标记，6 行中的 1 行" in pages["zh"]


def test_the_reverse_report_counts_items_and_says_what_it_leaves_out(pages: dict[str, str]) -> None:
    text = " ".join(Page(section(pages["en"], "contamination")).text.split())
    assert "12 of 150 items (8%) are compromised" in text
    assert "14 rows hold one or more of them; 14 rows left." in text
    assert "a:1 a:2 and 3 more" in text
    assert "and 10 more" in text
    assert re.findall(r"<mark>(.*?)</mark>", section(pages["en"], "contamination")) == ["How many legs"]


def test_nothing_held_is_said_in_a_sentence() -> None:
    clean = {**QUALITY["contamination"], "rows": 0, "compromised": 0, "items": [], "examples": []}
    html = render_report({**NOTHING, "quality": {**QUALITY, "contamination": clean}}, "en")
    assert "No row holds any of them." in html
    assert "compromised: a model" not in html


def test_a_score_that_nobody_has_is_a_dash(pages: dict[str, str]) -> None:
    text = " ".join(Page(section(pages["en"], "makeup")).text.split())
    assert "90 10 0.1 0.25 0.5 0.75 1.23" in text
    assert "Judge’s score 0 100 – – – – –" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cleaner_kind_and_policy_has_plain_words(language: Language) -> None:
    words = report_text.CATALOGUES[language]
    assert all(f"change.clean:{name}" in words for name in CLEANERS)
    assert all(f"private.{kind}" in words for kind in KINDS)
    for policy in ("redact", "flag", "drop"):
        found = quality_view({**QUALITY, "privacy": {**QUALITY["privacy"], "policy": policy}}, language)
        assert found["privacy"]["sentences"][1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("policy", ["redact", "flag", "drop"])
def test_the_report_of_a_run_holds_no_private_value(make_run: MakeRun, policy: str, language: Language) -> None:
    phone = "13800138000"
    rows = [
        {"instruction": f"我的手机{phone}， 记下了吗？{extra}", "output": f"好的，{phone}，  记下了。"}
        for extra in ("", "", "请回复我，谢谢您")
    ]
    recipe = f"sources: [a.jsonl]\nlanguage: {language}\nprivacy: {policy}\nclean: [whitespace]\n"
    recipe += "contamination: {against: [exam.jsonl], policy: flag}\n"
    exam = [{"instruction": f"我的手机{phone}，记下了吗？", "output": ""}]
    run = make_run({"a.jsonl": rows, "exam.jsonl": exam}, recipe)
    html = (run.folder / "report.html").read_text("utf-8")
    assert "[手机号_1]" in section(html, "privacy")
    assert phone not in html

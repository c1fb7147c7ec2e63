"""The report's sections on meaning: both languages, escaped, and only what the recipe asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.curate.test_report_quality import LANGUAGES, NOTHING, Page, hostile, section
from tunesmith.curate import report_text
from tunesmith.curate.report import Language, render_report
from tunesmith.curate.report_meaning import meaning_view
from tunesmith.curate.rundata import RunData
from tunesmith.curate.summary_meaning import spread_of

MakeRun = Callable[..., RunData]

SECTIONS = ("duplicates", "groups", "selection", "balance")
CODES = ("on", "method", "by")
RULES = ("semantic_duplicate", "too_close", "not_selected", "balance")
MEANING: dict[str, Any] = yaml.safe_load(
    """
semantic:
  policy: drop
  threshold: 0.9
  "on": row
  rows: 2
  left: 2
  pairs:
  - &pair {why: low, row_id: "a:2", partner: "a:1", language: en, similarity: 0.91, answer_similarity: 0.95,
      parts: [{part: prompt, one: Boil an egg, other: Cook an egg}, {part: answer, one: Wait., other: Wait.}]}
groups:
  number: 52
  rows: 1000
  groups:
  - {title: [egg, boil], rows: 600, share: 0.6, languages: {en: 0.75, zh: 0.25}, sources: {a: 0.5, b: 0.5},
     central: &row {row_id: "a:1", language: en, prompt: Boil an egg, answer: Wait.}, fringe: *row}
  - {title: [], rows: 390, share: 0.39, cohesion: 0.5, languages: {zh: 1.0}, sources: {b: 1.0}, central: *row,
     fringe: null}
  rest: {groups: 50, rows: 10}
selection: {method: quality, threshold: 0.8, by_cluster: false, of: 1000, taken: 900, too_close: 60, not_selected: 40,
  pairs: [*pair, {<<: *pair, why: high, answer_similarity: null}]}
balance:
  by: cluster
  max_share: 0.2
  lines:
  - {name: "0", title: [egg, boil], before: 600, after: 200, share_before: 0.6, share_after: 0.33, cap: 200}
  - {name: "1", title: [], before: 400, after: 400, share_before: 0.4, share_after: 0.67, cap: null}
"""
)
EXAMPLE = {"row_id": "a:2", "language": "en", "prompt": "Boil an egg", "answer": "Wait.", "detail": None}
REASONS = [
    {
        "verdict": "unsampled",
        "stage": stage,
        "rule": rule,
        "rows": rows,
        "only_this_rule": rows,
        "examples": [{**EXAMPLE, "value": like, "similarity": like, "threshold": limit, "partner": like and "a:1"}],
    }
    for stage, rule, rows, like, limit in (
        ("select", "too_close", 3, 0.85, 0.8),
        ("select", "not_selected", 2, 0.4, None),
        ("balance", "balance", 4, None, 200.0),
        ("mix", "mix", 5, None, None),
    )
]


def _page(language: Language, meaning: Any = MEANING, **changes: Any) -> str:
    return render_report({**NOTHING, "meaning": meaning, **changes}, language)


def _told(html: str, name: str) -> str:
    return " ".join(Page(section(html, name)).text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sections_are_well_formed_and_in_the_contents(language: Language) -> None:
    html = _page(language)
    page = Page(html)
    assert (page.wrong, page.open) == ([], [])
    assert all(f'href="#{name}"' in html and section(html, name) for name in SECTIONS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kept", [None, "semantic", "groups", "selection", "balance"])
def test_each_section_stands_only_where_the_recipe_asked_for_it(language: Language, kept: str | None) -> None:
    html = _page(language, {name: MEANING[name] if name == kept else None for name in MEANING} if kept else None)
    there = {name for name in SECTIONS if f'id="{name}"' in html}
    assert there == ({"duplicates" if kept == "semantic" else kept} if kept else set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_data_stays_text(language: Language) -> None:
    spoilt = {
        name: {**hostile(part), **{key: part[key] for key in CODES if key in part}} for name, part in MEANING.items()
    }
    page = Page(_page(language, spoilt))
    assert (page.wrong, page.open) == ([], [])
    assert page.tags <= Page(_page(language)).tags
    assert "<script>alert(1)</script>{{ 7 * 7 }}⟨U+202E⟩</pre>" in page.text


def test_the_groups_have_titles_shares_languages_sources_and_two_rows() -> None:
    html = _page("en")
    text = _told(html, "groups")
    assert "1,000 rows in 52 groups" in text
    assert "egg · boil 600 60% English 75% · Chinese 25% a 50% · b 50%" in text
    assert "(no words of its own) 390 39% Chinese 100% b 100%" in text
    assert "50 smaller groups have 10 rows." in text
    assert section(html, "groups").count("Boil an egg") == 3


def test_semantic_duplicates_are_counted_and_stand_side_by_side() -> None:
    html = _page("en")
    text = _told(html, "duplicates")
    assert "Rows that reach 0.9 say the same. Dropped: 2 rows." in text
    assert "cosine of the prompts 0.91of the answers 0.95surviving row a:1" in text.replace("0.95 s", "0.95s")
    assert re.findall(r"<mark>(.*?)</mark>", section(html, "duplicates")) == ["Boil", "Cook"]


def test_the_selection_says_how_many_of_how_many_and_by_which_threshold() -> None:
    assert "900 of 1,000 rows were taken" in (text := _told(_page("en"), "selection"))
    assert "above 0.8. Too close to a taken row: 60 rows. Not taken, as there were enough: 40 rows." in text
    assert "从 1,000 行中选取 900 行" in _told(_page("zh"), "selection")


def test_a_cap_that_did_not_apply_is_a_dash() -> None:
    text = _told(_page("en"), "balance")
    assert "None was to have more than 20%" in text
    assert "egg · boil 600 200 60% 33.3% 200" in text
    assert "(no words of its own) 400 400 40% 66.7% –" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_waterfall_counts_each_way_out_in_its_own_step(language: Language) -> None:
    html = _page(language, None, reasons=REASONS, rows_in=14, unsampled=14)
    text = _told(html, "flow")
    words = report_text.CATALOGUES[language]
    steps = [f"{words[key]} −{rows}" for key, rows in (("flow_select", 5), ("flow_balance", 4), ("flow_unsampled", 5))]
    assert [text.index(step) for step in steps] == sorted(text.index(step) for step in steps)


def test_an_example_of_a_row_left_out_names_the_nearest_taken_row() -> None:
    text = _told(_page("en", None, reasons=REASONS, rows_in=14, unsampled=14), "reasons")
    assert "cosine of the prompts 0.85" in text
    assert "nearest row that was taken a:1" in text
    assert "rows that its name may have 200" in text
    assert "surviving row" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_choice_has_plain_words(language: Language) -> None:
    words = report_text.CATALOGUES[language]
    assert all(f"rule.{rule}" in words for rule in RULES)
    for on in ("row", "prompt", "answer", "whole"):
        for policy in ("drop", "flag"):
            found = meaning_view({**MEANING, "semantic": {**MEANING["semantic"], "on": on, "policy": policy}}, language)
            assert words[f"semantic_on.{on}"] in found["semantic"]["sentences"][0]
    for by in ("language", "task", "cluster", "source"):
        assert meaning_view({**MEANING, "balance": {**MEANING["balance"], "by": by}}, language)["balance"]["sentences"]
    far = {**MEANING["selection"], "method": "k_centre", "threshold": None, "by_cluster": True}
    assert len(meaning_view({**MEANING, "selection": far}, language)["selection"]["sentences"]) == 4


@given(st.lists(st.floats(0, 1), max_size=9))
def test_a_spread_has_the_lowest_and_the_highest_and_no_row_twice(scores: list[float]) -> None:
    score = np.array(scores, np.float64)
    found = spread_of(np.arange(len(score)), score)
    assert len({row for _, row in found}) == len(found) == min(len(scores), 3)
    if len(scores) > 1:
        assert score[dict(found)["low"]] == min(scores)
        assert score[dict(found)["high"]] == max(scores)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_of_a_run_balanced_by_language(make_run: MakeRun, language: Language) -> None:
    rows = [{"instruction": f"Name the number {n}.", "output": f"It is called {n}."} for n in ("one", "two", "three")]
    recipe = "sources: [a.jsonl]\nsplit: {validation: off}\nbalance: {by: language, caps: {en: 2}}\n"
    opened = make_run({"a.jsonl": rows}, recipe + f"language: {language}\n")
    html = (opened.folder / "report.html").read_text(encoding="utf-8")
    english = report_text.name(language, "language", "en")
    assert f"{english} 3 2 100% 100% 2" in _told(html, "balance")
    assert report_text.CATALOGUES[language]["flow_balance"] in _told(html, "flow")
    assert report_text.CATALOGUES[language]["rule.balance"] in _told(html, "reasons")

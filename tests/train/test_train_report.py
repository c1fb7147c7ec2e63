"""The page of a training run: what it says, in both languages, and that data cannot break it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

from tunesmith.train import report_words
from tunesmith.train.handover import write_fates
from tunesmith.train.loss_curves import Curves, Point
from tunesmith.train.report import render_report, write_report
from tunesmith.train.report_views import remarks
from tunesmith.train.report_words import CATALOGUES
from tunesmith.train.types import Fate, Language, RunPaths

LANGUAGES: tuple[Language, ...] = get_args(Language)
FACTS: dict[str, Any] = {
    "title": "medical",
    "outcome": "stopped_early",
    "step": 10,
    "max_steps": 20,
    "seconds": 75.0,
    "stage": "sft",
    "method": "lora",
    "model": "Qwen/Qwen3-0.6B",
    "trainable_parameters": 1000,
    "all_parameters": 50_000,
    "tokens_per_second": 1234.5,
    "peak_memory_bytes": 3 * 2**30,
    "memory_kind": "cuda",
    "estimate_bytes": (int(2.5 * 2**30), int(3.5 * 2**30)),
    "data": {
        "sources": ["runs/medical"],
        "hash": "abcd1234",
        "n_tokens": 900,
        "n_trained": 400,
        "n_sequences": 3,
        "validation": {"domain": 120, "general": 600},
    },
    "settings": [
        {"key": "learning_rate", "value": 1e-4, "why": "see `train advise`"},
        {"key": "packing", "value": False, "why": "off"},
        {"key": "data", "value": ["a.jsonl", "b.jsonl"], "why": "given"},
    ],
    "hardware": "1 × some GPU",
    "versions": {"torch": "2.13.0"},
    "next": ["vllm serve m"],
}
LOG = [
    *({"step": n, "loss": 3 - n / 10, "learning_rate": 1e-4} for n in range(1, 11)),
    {"step": 5, "eval_domain_loss": 2.0},
    {"step": 5, "eval_general_loss": 1.0},
    {"step": 10, "eval_domain_loss": 2.5},
    {"step": 10, "eval_general_loss": 1.25},
    {"step": 0, "eval_kept": 0.6},
    {"step": 10, "eval_kept": 0.5},
]
INCIDENT = {
    "kind": "not_finite", "step": 7, "row_ids": ["d:17"], "loss": None, "limit": None, "what": "loss", "exact": True,
    "learning_rate": 1e-4, "attempt": 1, "resumed_from": 0, "halved": True, "left_out": ["d:17"],
    "removed_checkpoints": [], "goes_on_from": 5, "gave_up": False,
}  # fmt: skip
FATES = [
    Fate("d:1", "d", "domain", "trained", n_tokens=300, n_trained=200, n_examples=1),
    Fate("d:2", "d", "domain", "truncated", "too_long", 900.0, 300.0, n_tokens=300, n_trained=100, n_examples=1),
    Fate("d:3", "d", "domain", "dropped", "no_trained_token"),
    Fate("d:4", "d", "domain", "dropped", "a_reason_of_tomorrow"),
]


class Text(HTMLParser):
    """What a person reads, and which elements are open at the end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.parts).split())

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.parts.append(data)


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    found = RunPaths(tmp_path)
    found.log.write_text("".join(json.dumps(one) + "\n" for one in LOG))
    (tmp_path / "incidents.jsonl").write_text(json.dumps(INCIDENT) + "\n")
    write_fates(found.rows, FATES)
    return found


def test_the_page_says_what_was_trained_and_what_came_of_it(paths: RunPaths) -> None:
    html = write_report(paths, FACTS).read_text(encoding="utf-8")
    page = Text(html)
    assert page.open == []
    for said in (
        "Stopped early: the validation got no better, after 10 of 20 steps. It took 75 s.",
        "Validation loss (domain) was lowest at step 5: 2.0000.",
        "1,000 of 50,000 trained (2%)",
        "2 of 4 trained",
        "3.0 GiB of the GPU estimated 2.5 GiB to 3.5 GiB",
        "domain n = 120 2.0000 2.0000 step 5 2.5000 +0.5000",
        "general n = 600 1.0000 1.0000 step 5 1.2500 +0.2500",
        "The loss on general rows rose from 1.0000 to 1.2500: the model forgets.",
        "The loss on domain rows has risen since step 5, from 2.0000 to 2.5000",
        "General questions answered right: 60.0% before, 50.0% at the end.",
        "7 the loss was not finite back to step 5, rate halved, 1 row left out d:17 found broken by themselves",
        "dropped 2 50%",
        "a_reason_of_tomorrow 1 25%",
        "packing false off",
        "data a.jsonl, b.jsonl given",
        "tunesmith evaluate retention --model Qwen/Qwen3-0.6B --adapter",
        "vllm serve m",
    ):
        assert said in page.text, said
    assert html.count("<svg") == 3
    assert "http" not in html.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_a_loss_below_zero_that_did_not_grow_is_not_said_to_have_grown() -> None:
    at_the_end: list[Point] = [(2, -0.05), (4, -0.1)]
    groups: dict[str, list[Point]] = {"domain": at_the_end, "general": [(2, -2.0), (4, -2.0)]}
    curves = Curves([], [], groups, [], [], ("domain", 4, -0.1))
    assert remarks(curves, "en") == []
    risen = curves._replace(validation={"domain": [*at_the_end, (6, -0.02)]})
    assert [one.partition(":")[0] for one in remarks(risen, "en")] == [
        "The loss on domain rows has risen since step 4, from -0.1000 to -0.0200"
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_folder_and_facts_give_the_same_bytes(paths: RunPaths, language: Language) -> None:
    html = render_report(paths, FACTS, language)
    assert html == render_report(paths, FACTS, language)
    assert Text(html).open == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_of_which_nothing_is_known_has_a_page(tmp_path: Path, language: Language) -> None:
    page = Text(render_report(RunPaths(tmp_path), {}, language))
    assert page.open == []
    assert tmp_path.name in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_from_the_data_becomes_markup(paths: RunPaths, language: Language) -> None:
    hostile = "</style><script>alert(1)</script>\u202e{{ 7 * 7 }}`"
    incident = INCIDENT | {"row_ids": [hostile]}
    (paths.out / "incidents.jsonl").write_text(json.dumps(incident) + "\n")
    paths.log.write_text(json.dumps({"step": 1, f"eval_{hostile}_loss": 1.0, "loss": 1.0}) + "\n")
    facts = {**FACTS, "title": hostile, "model": hostile, "next": [hostile]}
    facts["settings"] = [{"key": hostile, "value": hostile, "why": hostile}]
    html = render_report(paths, facts, language)
    assert "<script" not in html
    assert "\u202e" not in html
    assert Text(html).open == []
    assert "{{ 7 * 7 }}" in Text(html).text  # not 49: it is no template


def test_a_full_training_is_asked_after_with_the_model_before_it(paths: RunPaths) -> None:
    page = Text(render_report(paths, {**FACTS, "method": "full", "model_folder": "runs/m/model"}, "en"))
    assert "evaluate retention --model runs/m/model --before Qwen/Qwen3-0.6B" in page.text


def test_both_languages_have_the_same_texts_and_places() -> None:
    english, chinese = CATALOGUES["en"], CATALOGUES["zh"]
    assert english.keys() == chinese.keys()
    for key in english:
        places = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (english[key], chinese[key])]
        assert places[0] == places[1], key
    assert all(
        any("\u4e00" <= letter <= "\u9fff" for letter in text)
        for key, text in chinese.items()
        if len(text) > 12 and "{" not in text and key != "html_language"
    )


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert report_words.name("zh", "reason", "too_long") == "超过截断长度"
    assert report_words.name("en", "group", "legal") == "legal"


def test_the_reasons_of_settings_are_in_the_language_of_the_page(paths: RunPaths) -> None:
    why = "off: steps then count rows; with short rows it saves time, see `train preflight`"
    facts = {**FACTS, "settings": [{"key": "packing", "value": False, "why": why}]}
    assert "关闭：步数按行计" in render_report(paths, facts, "zh")
    assert "steps then count rows" in render_report(paths, facts, "en")

"""The recipe as it is read: defaults, shorthands, names, rules by language, YAML as it is meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.embedding_model import DEFAULT_MODEL
from tunesmith.curate.recipe import (
    Duplicates,
    Near,
    load_recipe,
    one_line_recipe,
    parse_recipe,
    resolved,
    resolved_rules,
    stem,
)
from tunesmith.curate.recipe_models import PARTS
from tunesmith.curate.recipe_yaml import read_yaml
from tunesmith.curate.rules import RULES
from tunesmith.errors import RecipeError

#: The design's example, cut to the stages that exist.
FULL = """\
name: medical-v1
seed: 7
language: zh                          # of the report; en by default
sources:
  - path: data/medical_zh.jsonl
    group: domain
  - path: data/general.jsonl
    group: general
    format: auto
    fill: {name: Tunesmith}
clean: []
privacy: off
rules:
  answer_too_short: {min_characters: {zh: 4, en: 8}}
  placeholder: off
decisions: [decisions.jsonl]
duplicates: {exact: true, near: {threshold: 0.8, on: whole}, semantic: off}
split: {validation: 0.1}
mix: {domain: 1, general: 5}
export: {format: sharegpt}
"""


def test_one_line_gets_every_default() -> None:
    loaded = one_line_recipe(["data/train.jsonl"])
    assert loaded.folder == Path()
    assert loaded.path is None
    plain = resolved(loaded.recipe)
    assert plain.pop("rules").keys() == RULES.keys()
    assert plain == {
        "name": "train",
        "seed": 0,
        "language": "en",
        "sources": [
            {
                "path": "data/train.jsonl",
                "name": "train",
                "group": "domain",
                "format": "auto",
                "columns": None,
                "fill": {},
            }
        ],
        "clean": ["mojibake", "control", "end_marks", "whitespace"],
        "history": None,
        "privacy": {"policy": "flag", "kinds": []},
        "tokenizer": None,
        "scores": [],
        "decisions": [],
        "contamination": None,
        "duplicates": {
            "exact": True,
            "near": {"threshold": 0.7, "on": "row", "ngram": 5, "policy": "drop"},
            "semantic": None,
        },
        "embedding": {"model": DEFAULT_MODEL, "device": None},
        "clusters": None,
        "select": None,
        "balance": None,
        "split": {"validation": 0.1, "min_rows": 1, "max_rows": 2000},
        "mix": None,
        "export": {"format": "auto", "extra": False},
    }


def test_a_full_recipe_is_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(FULL, encoding="utf-8")
    loaded = load_recipe(path)
    recipe = loaded.recipe
    assert loaded.folder == tmp_path
    assert [source.path for source in recipe.sources] == ["data/medical_zh.jsonl", "data/general.jsonl"]
    assert recipe.mix is not None
    assert recipe.mix.ratio == {"domain": 1, "general": 5}
    assert (recipe.seed, recipe.language, recipe.decisions) == (7, "zh", ("decisions.jsonl",))
    assert recipe.sources[1].fill == {"name": "Tunesmith"}
    assert recipe.rules["placeholder"] is False
    assert recipe.duplicates.near == Near(threshold=0.8, on="whole")


def test_json_is_a_recipe_even_with_tabs_and_escapes(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text('{\n\t"sources": ["a.jsonl"],\n\t"name": "\\ud83d\\ude00", "split": {"validation": false}}')
    recipe = load_recipe(path).recipe
    assert recipe.name == "😀"
    assert recipe.split.validation == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("name: 医学\nsources: a.jsonl\n", encoding=encoding)
    assert load_recipe(path).recipe.name == "医学"


def test_aliases_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("sources:\n  - {path: a, fill: &words {name: N}}\n  - {path: b, fill: *words}\n")
    assert load_recipe(path).recipe.sources[1].fill == {"name": "N"}


def test_a_recipe_cannot_be_changed() -> None:
    recipe = parse_recipe({"sources": "a.jsonl"}, "a test")
    with pytest.raises(ValueError, match="frozen"):
        recipe.seed = 3


def test_parsing_leaves_the_given_data_alone() -> None:
    data = {"sources": ["a.jsonl"], "clean": [], "duplicates": {"near": "off"}}
    before = json.dumps(data)
    parse_recipe(data, "a test")
    assert json.dumps(data) == before


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("t0_50k.jsonl.xz", "t0_50k"),
        ("a/b.json.gz.zst", "b"),
        ("a\\b.csv", "b"),
        ("hub:owner/name", "name"),
        ("hub:owner/name@main", "name"),
        ("hub:squad", "squad"),
        ("data/dataset_info.json#entry", "entry"),
        ("data/web_*.parquet", "web"),
        ("data/*.jsonl", "data"),
        ("data/v1.2", "v1.2"),
        ("data/folder/", "folder"),
        ("..", "source"),
        ("we:ird.jsonl", "we_ird"),
    ],
)
def test_a_source_is_called_after_its_file(path: str, name: str) -> None:
    assert stem(path) == name


def test_names_that_repeat_are_numbered_and_given_names_win() -> None:
    sources = ["a/x.jsonl", "b/x.jsonl", {"path": "c.jsonl", "name": "x_2"}, "d/x.csv"]
    recipe = parse_recipe({"sources": sources}, "a test")
    assert [source.name for source in recipe.sources] == ["x", "x_3", "x_2", "x_4"]


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6))
def test_every_path_gets_a_name_of_its_own_without_marks(paths: list[str]) -> None:
    names = [source.name for source in parse_recipe({"sources": paths}, "a test").sources]
    assert len({*names}) == len(names)
    assert not any(mark in name or not name for name in names for mark in ":/")


@pytest.mark.parametrize(
    ("written", "read"), [(0.25, 0.25), (50, 50), (1, 1), (0, 0), (0.0, 0), (False, 0), ("off", 0)]
)
def test_validation_is_a_share_or_rows_or_off(written: Any, read: float) -> None:
    assert parse_recipe({"sources": "a", "split": {"validation": written}}, "a test").split.validation == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("on", Near()),
        (True, Near()),
        ({}, Near()),
        ("off", None),
        (False, None),
        (None, None),
        ({"threshold": 1}, Near(threshold=1)),
        ({"on": "answer", "ngram": 3, "policy": "flag"}, Near(on="answer", ngram=3, policy="flag")),
    ],
)
def test_near_duplicates_are_on_or_off_or_a_mapping_of_settings(written: Any, read: Near | None) -> None:
    assert parse_recipe({"sources": "a", "duplicates": {"near": written}}, "a test").duplicates.near == read
    assert parse_recipe({"sources": "a", "duplicates": {"exact": "off"}}, "a test").duplicates == Duplicates(
        exact=False
    )


def test_the_key_on_of_a_yaml_file_is_a_text_and_no_switch(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text("sources: a.jsonl\nduplicates:\n  near:\n    on: prompt\n", encoding="utf-8")
    near = load_recipe(path).recipe.duplicates.near
    assert near is not None
    assert near.on == "prompt"


def test_resolved_is_a_recipe_that_resolves_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(FULL, encoding="utf-8")
    plain = resolved(load_recipe(path).recipe)
    again = resolved(parse_recipe(json.loads(json.dumps(plain)), "a test"))
    assert again == plain
    assert plain["mix"]["general"] == 5


def test_rules_are_on_with_defaults_for_every_language() -> None:
    active = resolved_rules(parse_recipe({"sources": "a"}, "a test"))
    assert active == {name: {**rule.defaults, "policy": rule.policy} for name, rule in RULES.items()}


def test_a_rule_can_be_off_or_have_numbers_by_language() -> None:
    rules = {
        "placeholder": "off",
        "empty_turn": False,
        "answer_too_short": {"min_characters": {"zh": 4, "ko": 5}},
        "prompt_too_short": {"min_characters": 3},
    }
    active = resolved_rules(parse_recipe({"sources": "a", "rules": rules}, "a test"))
    assert not {"placeholder", "empty_turn"} & active.keys()
    by_default = RULES["answer_too_short"].defaults["min_characters"]
    assert active["answer_too_short"]["min_characters"] == {**by_default, "zh": 4, "ja": 4, "ko": 5}
    assert {*active["prompt_too_short"]["min_characters"].values()} == {3}


def test_yaml_words_stay_what_they_look_like() -> None:
    text = "a: on\nb: no\nc: 1:5\nd: 2024-01-01\ne: 1e3\nf: 010\ng: true\nh: ~\ni: '5'\non: x"
    assert read_yaml(text).data == {
        "a": "on",
        "b": "no",
        "c": "1:5",
        "d": "2024-01-01",
        "e": 1000.0,
        "f": 10,
        "g": True,
        "h": None,
        "i": "5",
        "on": "x",
    }


KEYS = st.sampled_from(["x", *(key for part in PARTS.values() for key in part.model_fields)])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["off", "on"])


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12))
def test_no_data_ends_in_anything_but_a_recipe_or_its_mistakes(data: Any) -> None:
    try:
        plain = resolved(parse_recipe(data, "a test"))
    except RecipeError:
        return
    assert resolved(parse_recipe(plain, "a test")) == plain


@given(st.text(alphabet=st.sampled_from("sources: a\n\t-[]{}&*!|>'\"#%@,?0.\\"), max_size=40))
def test_no_text_ends_in_anything_but_data_or_problems(text: str) -> None:
    document = read_yaml(text)
    assert document.data is None or document.lines

"""Every kind of mistake in a recipe, with its line, what was expected, and the nearest name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.recipe import load_recipe, parse_recipe
from tunesmith.errors import InputError, RecipeError


def problems(text: str, tmp_path: Path) -> list[str]:
    """The lines that a recipe of this text is refused with."""
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert str(path) in str(caught.value)
    return caught.value.problems


def mistakes(**data: Any) -> list[str]:
    """The lines that this data is refused with; two sources stand in for those that it does not give."""
    with pytest.raises(RecipeError) as caught:
        parse_recipe({"sources": ["a.jsonl", {"path": "b.jsonl", "group": "general"}], **data}, "a test")
    return caught.value.problems


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
seed: "7"
dedup: true
sources:
  - path: a.jsonl
    fromat: alpaca
  - {path: b.jsonl, group: general, format: alpca, fill: {year: 2024}}
rules: {answer_too_shrt: off}
mix:
  domain: 1
  genral: 5
  unit: word
  caps: {c: 9}
privacy: redakt
seed: 8
"""
    assert problems(text, tmp_path) == [
        "line 1: seed: expected a whole number, saw '7'",
        "line 2: unknown key `dedup`; did you mean `duplicates`?",
        "line 5: source 1: unknown key `fromat`; did you mean `format`?",
        "line 6: source 2: fill.year: expected text, saw 2024; put it in quotes",
        "line 6: source 2: format: unknown format 'alpca'; did you mean `alpaca`?",
        "line 7: rules: unknown rule `answer_too_shrt`; did you mean `answer_too_short`?",
        "line 8: mix: the group `general` of source 2 has no share; write `general: 1` in mix",
        "line 10: mix.genral: no source has this group; did you mean `general`?",
        "line 11: mix.unit: expected 'rows' or 'tokens', saw 'word'",
        "line 12: mix.caps.c: no group or source has this name; known are domain, general, a, b",
        "line 13: privacy: expected a mapping, saw 'redakt'",
        "line 14: the key `seed` stands here and in line 1; keep one",
    ]


def test_a_mistake_inside_near_duplicates_has_its_own_line(tmp_path: Path) -> None:
    text = "sources: a\nduplicates:\n  near:\n    threshold: 2\n    on: everything\n    ngrams: 3\n  exact: maybe\n"
    assert problems(text, tmp_path) == [
        "line 4: duplicates.near.threshold: expected a number of at most 1, saw 2",
        "line 5: duplicates.near.on: expected 'row', 'whole', 'prompt' or 'answer', saw 'everything'",
        "line 6: duplicates.near: unknown key `ngrams`; did you mean `ngram`?",
        "line 7: duplicates.exact: expected true or false, saw 'maybe'",
    ]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("dedup", "duplicates"),
        ("Deduplication", "duplicates"),
        ("filters", "rules"),
        ("datasets", "sources"),
        ("files", "sources"),
        ("test_size", "split.validation"),
        ("ratio", "mix"),
        ("output_format", "export.format"),
        ("caps", "mix.caps"),
        ("sourcs", "sources"),
    ],
)
def test_an_unknown_key_is_told_its_name_here(key: str, meant: str) -> None:
    assert mistakes(**{key: "x"}) == [f"unknown key `{key}`; did you mean `{meant}`?"]


def test_a_weight_belongs_to_the_mix() -> None:
    assert mistakes(sources=[{"path": "a", "weight": 2}]) == [
        "source 1: unknown key `weight`; did you mean `mix.weights`?"
    ]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"name": 5}, "name: expected text, saw 5; put it in quotes"),
        ({"clean": ["htlm"]}, "clean: unknown cleaner 'htlm'; did you mean `html`?"),
        (
            {"clean": ["to_simplified", "to_traditional"]},
            "clean: to_simplified and to_traditional undo each other; keep one",
        ),
        ({"privacy": {"kinds": ["phones"]}}, "privacy.kinds: unknown kind 'phones'; did you mean `phone`?"),
        ({"privacy": {"policy": "keep"}}, "privacy.policy: expected 'flag', 'redact' or 'drop', saw 'keep'"),
        ({"history": {}}, "history: `max_turns` is missing"),
        (
            {"contamination": {"against": []}},
            "contamination.against: expected a list of one or more, saw []",
        ),
        ({"seed": True}, "seed: expected a whole number, saw true"),
        ({"seed": 1.5}, "seed: expected a whole number, saw 1.5"),
        ({"seed": -1}, "seed: expected a number of at least 0, saw -1"),
        ({"language": "ch"}, "language: expected 'en' or 'zh', saw 'ch'"),
        ({"duplicates": {"exact": "yes"}}, "duplicates.exact: expected true or false, saw 'yes'"),
        (
            {"duplicates": {"near": {"threshold": 0}}},
            "duplicates.near.threshold: expected a number of at least 0.1, saw 0",
        ),
        (
            {"duplicates": {"near": {"threshold": 1.5}}},
            "duplicates.near.threshold: expected a number of at most 1, saw 1.5",
        ),
        (
            {"duplicates": {"near": {"threshold": "0.7"}}},
            "duplicates.near.threshold: expected a number, saw '0.7'",
        ),
        (
            {"duplicates": {"near": {"on": "rows"}}},
            "duplicates.near.on: expected 'row', 'whole', 'prompt' or 'answer', saw 'rows'; did you mean `row`?",
        ),
        ({"duplicates": {"near": {"ngram": 0}}}, "duplicates.near.ngram: expected a number of at least 1, saw 0"),
        ({"duplicates": {"near": {"ngram": 2.5}}}, "duplicates.near.ngram: expected a whole number, saw 2.5"),
        (
            {"duplicates": {"near": {"policy": "keep"}}},
            "duplicates.near.policy: expected 'drop' or 'flag', saw 'keep'",
        ),
        (
            {"duplicates": {"near": {"treshold": 0.8}}},
            "duplicates.near: unknown key `treshold`; did you mean `threshold`?",
        ),
        (
            {"duplicates": {"near": 0.8}},
            "duplicates.near: expected a mapping such as `near: {threshold: 0.8}`, saw 0.8",
        ),
        ({"decisions": [1]}, "decision 1: expected text, saw 1; put it in quotes"),
        ({"split": {"min_rows": 9, "max_rows": 3}}, "split.min_rows: expected at most max_rows (3), saw 9"),
        ({"split": "off"}, "split: expected a mapping such as `split: {validation: off}`, saw 'off'"),
        ({"mix": "1:5"}, "mix: expected a mapping such as `mix: {domain: 1, general: 5}`, saw '1:5'"),
        ({"mix": {"domain": 1, "general": 0}}, "mix.general: expected a number above 0, saw 0"),
        ({"mix": {"domain": 1, "general": "5"}}, "mix.general: expected a number, saw '5'"),
        ({"mix": {"domain": 1, "general": 5, "units": "rows"}}, "mix: unknown key `units`; did you mean `unit`?"),
        (
            {"mix": {"domain": 1, "general": 5, "max_copies": 0}},
            "mix.max_copies: expected a number of at least 1, saw 0",
        ),
        (
            {"mix": {"domain": 1, "general": 5, "weights": {"c": 1}}},
            "mix.weights.c: no source has this name; known are a, b",
        ),
        ({"export": {"format": "sharegtp"}}, "export.format: unknown format 'sharegtp'; did you mean `sharegpt`?"),
        (
            {"rules": {"placeholder": {"n": 1}}},
            "rules.placeholder: unknown parameter `n`; the rule has none, it is on or off, or has a policy",
        ),
        (
            {"rules": {"answer_too_short": {"min_chars": 1}}},
            "rules.answer_too_short: unknown parameter `min_chars`; did you mean `min_characters`?",
        ),
        (
            {"rules": {"answer_too_short": {"min_characters": {"fr": 1}}}},
            "rules.answer_too_short.min_characters: unknown language `fr`; known are zh, ja, ko, en, other",
        ),
        (
            {"rules": {"answer_too_short": {"min_characters": {"zh": "4"}}}},
            "rules.answer_too_short.min_characters.zh: expected a number of at least 0, saw '4'",
        ),
        ({"sources": []}, "sources: expected a list of one or more, saw []"),
        ({"sources": None}, "sources: expected a list such as `sources: [file]`, saw nothing"),
        ({"sources": [{"group": "x"}]}, "source 1: `path` is missing"),
        ({"sources": [{"path": ""}]}, "source 1: path: expected text, saw ''"),
        (
            {"sources": [{"path": "a", "name": "a:b"}]},
            "source 1: name: expected a name without `:` and `/`, saw 'a:b'; row ids are `name:position`",
        ),
        (
            {"sources": [{"path": "a", "name": "n"}, {"path": "b", "name": "n"}]},
            "source 2: name: source 1 has the name 'n' too; give each source its own",
        ),
        (
            {"sources": [{"path": "a", "group": "caps"}]},
            "source 1: group: `caps` has a meaning of its own in mix; choose another name for the group",
        ),
        (
            {"sources": [{"path": "a", "format": "alpaca", "columns": {"text": "t"}}]},
            "source 1: columns: the source has both a format (alpaca) and columns; keep one",
        ),
        (
            {"sources": [{"path": "a", "columns": {"promt": "q", "answer": "r"}}]},
            "source 1: columns: a mapping cannot name `promt`; did you mean `prompt`?",
        ),
        (
            {"sources": [{"path": "a", "columns": {"prompt": "q"}}]},
            "source 1: columns: a mapping of prompt makes no record; name prompt and answer, or prompt, chosen and "
            "rejected, or messages, or conversations, or text",
        ),
        (
            {"sources": [{"path": "dataset_info.json#x", "format": "kto"}]},
            "source 1: format: an entry of a registry says itself how its rows are spelled; remove `format`",
        ),
        (
            {"sources": [{"path": "a", "fill": {"{{name}}": "x"}}]},
            "source 1: fill.{{name}}: expected the name between the braces: {name: Tunesmith} replaces {{name}}",
        ),
    ],
)
def test_each_mistake_says_what_was_expected_and_seen(data: dict[str, Any], line: str) -> None:
    assert mistakes(**data) == [line]


@pytest.mark.parametrize("written", [1.5, 1.0, -1, True, "0.1", "yes", None, float("nan"), [1]])
def test_no_other_validation_is_taken(written: Any) -> None:
    (line,) = mistakes(split={"validation": written})
    assert line.startswith(
        "split.validation: expected a share below 1 such as 0.1, a whole number of rows, or off, saw"
    )


@pytest.mark.parametrize("data", [{1: 2}, {"split": {1: 2}}, {"mix": {1: 2, "domain": 1}}, {"rules": {None: 2}}])
def test_a_key_that_is_no_text_is_a_mistake_like_any_other(data: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        parse_recipe({"sources": "a", **data}, "a test")


def test_a_cap_on_a_name_of_both_a_group_and_a_source_is_refused() -> None:
    sources = ["x.jsonl", "domain.jsonl"]
    (line,) = mistakes(sources=sources, mix={"domain": 1, "caps": {"domain": 5}})
    assert line == "mix.caps.domain: a group and a source have this name; give the source another `name`"
    parse_recipe({"sources": sources[1:], "mix": {"domain": 1, "caps": {"domain": 5}}}, "a test")


def test_a_mistake_in_a_source_is_not_blamed_on_the_mix() -> None:
    sources = ["a", {"path": "b", "grup": "general"}]
    assert mistakes(sources=sources, mix={"domain": 1, "general": 5}) == [
        "source 2: unknown key `grup`; did you mean `group`?"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "the recipe is empty; write at least `sources: [file]`"),
        ("# nothing\n", "the recipe is empty; write at least `sources: [file]`"),
        ("- a\n", "line 1: expected a mapping such as `sources: [file]`, saw a list of 1"),
        ("name: x\n", "line 1: `sources` is missing; write `sources: [file]`"),
        ("a: 1\n\tb: 2", "line 2: .* a tab stands where spaces belong; indent with spaces"),
        ("sources: *.jsonl", "line 1: .* such as a glob, must stand in quotes"),
        ("sources: [a\n", "line 2: .*of what begins in line 1.*; close the bracket"),
        ("sources: 'a\n", "line 2: .*; close the quotes"),
        ("name: a: b", "line 1: .*put a text that holds `: ` in quotes"),
        ("a: 1\n---\nb: 2", "line 2: .*; keep one recipe in a file"),
        ("sources: &a [*a]", "line 1: is deeper or larger than any recipe.*"),
        ("[" * 1500, "is nested deeper than any recipe"),
        ("sources: a\x00", "cannot be read as YAML: unacceptable character.*"),
        (
            "sources: a\nname: !!python/name:os.system x",
            "line 2: name: tags such as .* are not read; write the plain value",
        ),
        ("sources: a\n{x: 1}: y", "line 2: .*"),
        ('sources: a\nname: "\\ud800"', "line 2: name: the text holds half of a surrogate pair"),
        ("sources: a\nlanguage: off", "line 2: language: expected 'en' or 'zh', saw 'off'"),
    ],
)
def test_what_is_no_recipe_gets_one_clear_line(text: str, line: str, tmp_path: Path) -> None:
    found = problems(text, tmp_path)
    assert re.fullmatch(line if "*" in line else re.escape(line), found[0]), found


def test_an_alias_bomb_is_refused_quickly(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert any("larger than any recipe" in line for line in problems("\n".join(lines), tmp_path))


def test_files_that_cannot_be_read_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found no such file; check the path"):
        load_recipe(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        load_recipe(tmp_path)
    (tmp_path / "data.jsonl").write_bytes(b"{}\n" * 400_000)
    with pytest.raises(InputError, match=r"saw 1\.2 MB; name it as a source"):
        load_recipe(tmp_path / "data.jsonl")


def test_another_encoding_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_bytes("sources: a\nname: 中文".encode("gb18030"))
    with pytest.raises(RecipeError, match="line 2: the text is not UTF-8; save the file as UTF-8"):
        load_recipe(path)

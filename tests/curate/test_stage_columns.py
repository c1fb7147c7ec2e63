"""Columns that a recipe adds: token counts and model scores, in the signals, the rules and the mark of the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.errors import InputError, RecipeError

MakeRun = Callable[..., RunData]
ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\n"
ROWS: list[dict[str, Any]] = [
    {"instruction": "Why is the sky blue?", "input": "", "output": "Air scatters blue light more."},
    {"instruction": "Name a river.", "input": "", "output": "The Nile is a river in Africa."},
]


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    made = Tokenizer(models.WordLevel({"[UNK]": 0}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.save(str(tmp_path / "tokenizer.json"))
    return "tokenizer.json"


def test_tokens_of_a_named_tokenizer_are_a_signal_that_rules_may_read(make_run: MakeRun, tokenizer: str) -> None:
    rule = "rules: {long: {when: tokens > 9, why: test}}\n"
    opened = make_run({"a.jsonl": ROWS}, ALONE + f"tokenizer: {tokenizer}\n" + rule)
    assert opened.signals["tokens"].to_pylist() == [10, 10]
    assert [line["rule"] for line in opened.ledger.to_pylist()] == ["long", "long"]


def test_an_edited_row_is_counted_as_edited(make_run: MakeRun, tokenizer: str, tmp_path: Path) -> None:
    first = make_run({"a.jsonl": ROWS}, ALONE, out="first")
    edit = {"content_id": first.line(0)["content_id"], "action": "edit", "row": {**ROWS[0], "output": "Scattering."}}
    (tmp_path / "decisions.jsonl").write_text(json.dumps(edit) + "\n")
    opened = make_run({}, ALONE + f"tokenizer: {tokenizer}\ndecisions: [decisions.jsonl]\n")
    assert opened.signals["tokens"].to_pylist() == [6, 10]


def test_another_tokenizer_under_the_same_name_is_another_run(
    make_run: MakeRun, tokenizer: str, tmp_path: Path
) -> None:
    make_run({"a.jsonl": ROWS}, ALONE + f"tokenizer: {tokenizer}\n")
    Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, "[UNK]")).save(str(tmp_path / tokenizer))
    with pytest.raises(Exception, match="tokenizer"):
        run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "out")


def test_scores_come_by_content_and_a_row_without_one_never_fails(make_run: MakeRun, tmp_path: Path) -> None:
    first = make_run({"a.jsonl": ROWS}, ALONE, out="first")
    score = {"content_id": first.line(1)["content_id"], "judge": 2, "ifd": 0.5}
    (tmp_path / "scores.jsonl").write_text(json.dumps(score) + "\n")
    rule = "scores: [scores.jsonl]\nrules: {weak: {when: judge < 3}}\n"
    opened = make_run({}, ALONE + rule)
    assert opened.signals["judge"].to_pylist() == [None, 2.0]
    assert [line["rule"] for line in opened.ledger.to_pylist()] == [None, "weak"]
    assert open_run(opened.folder).manifest["scores"][0]["path"] == "scores.jsonl"


def test_a_rule_on_a_score_that_no_file_brings_is_refused(make_run: MakeRun) -> None:
    with pytest.raises(RecipeError, match="scores"):
        make_run({"a.jsonl": ROWS}, ALONE + "rules: {weak: {when: judge < 3}}\n")


@pytest.mark.parametrize("key", ["tokenizer: ./none", "scores: [none.jsonl]"])
def test_a_file_that_is_not_there_is_said(make_run: MakeRun, key: str) -> None:
    with pytest.raises(InputError, match="none"):
        make_run({"a.jsonl": ROWS}, ALONE + key + "\n")

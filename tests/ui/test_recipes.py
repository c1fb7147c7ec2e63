"""Recipes of the workspace: what is written is read, and a run's recipe makes the same run again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tests.ui.curate_given as given
from tunesmith.curate.recipe import load_recipe, parse_recipe, resolved
from tunesmith.curate.rundata import open_run
from tunesmith.errors import InputError, RecipeError
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.recipes import (
    read_recipe_file,
    recipe_for,
    recipe_names,
    recipe_of_run,
    recipe_text,
    write_recipe,
)
from tunesmith.ui.workspace import Workspace


def dataset(workspace: Workspace, title: str, group: str = "domain", **more: object) -> Dataset:
    settings = {"format": "auto", "columns": None, "rows": None, "created": 0.0, **more}
    path = workspace.folder("datasets") / "x" / "x.jsonl"
    return Dataset(id="x", title=title, path=path.resolve(), group=group, **settings)  # type: ignore[arg-type]


def test_what_is_written_is_read(workspace: Workspace) -> None:
    recipe = {"name": "tea", "sources": ["../datasets/tea/tea.jsonl"], "rules": {"refusal": False}}
    path = write_recipe(workspace, "tea", recipe)
    assert path == workspace.folder("recipes").resolve() / "tea.yaml"
    assert read_recipe_file(workspace, "tea") == {**recipe, "rules": {"refusal": "off"}}
    assert recipe_names(workspace) == ["tea"]


def test_a_wrong_recipe_is_not_written(workspace: Workspace) -> None:
    with pytest.raises(RecipeError, match="unknown rule"):
        write_recipe(workspace, "tea", {"sources": ["a"], "rules": {"no_such_rule": False}})
    assert recipe_names(workspace) == []


@pytest.mark.parametrize("name", ["../evil", "a/b", "..", ".hidden", ""])
def test_a_name_that_leaves_the_folder_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(InputError):
        write_recipe(workspace, name, {"sources": ["a"]})


def test_decisions_go_into_every_recipe_as_soon_as_there_are_any(workspace: Workspace) -> None:
    write_recipe(workspace, "before", {"sources": ["a"]})
    workspace.decisions.write_text("")
    write_recipe(workspace, "after", {"sources": ["a"]})
    write_recipe(workspace, "named", {"sources": ["a"], "decisions": "../decisions.jsonl"})
    assert "decisions" not in read_recipe_file(workspace, "before")
    assert read_recipe_file(workspace, "after")["decisions"] == ["../decisions.jsonl"]
    assert read_recipe_file(workspace, "named")["decisions"] == "../decisions.jsonl"


def test_datasets_become_sources_with_names_that_a_recipe_allows(workspace: Workspace) -> None:
    found = recipe_for(
        workspace,
        [
            dataset(workspace, "../../<b>:Ärzte/1.jsonl.xz"),
            dataset(workspace, "../../<b>:Ärzte/1.jsonl", "general", columns={"prompt": "ask", "answer": "reply"}),
            dataset(workspace, "???", "general", format="alpaca"),
            dataset(workspace, "exam.jsonl", "evaluation"),
        ],
        name="set",
        mix={"domain": 1, "general": 2},
    )
    recipe = parse_recipe(found, "test")
    assert len({source.name for source in recipe.sources}) == 3
    assert {source.path for source in recipe.sources} == {"../datasets/x/x.jsonl"}
    assert [source.group for source in recipe.sources] == ["domain", "general", "general"]
    assert found["contamination"] == {"against": ["../datasets/x/x.jsonl"]}
    assert found["sources"][1]["columns"] == {"prompt": "ask", "answer": "reply"}
    assert found["sources"][2]["format"] == "alpaca"


SETTINGS = {
    "clean": ["html"],
    "privacy": "redact",
    "duplicates": {"near": {"threshold": 0.8}, "exact": False},
    "split": {"validation": 0},
    "rules": {
        "answer_too_short": {"min_characters": {"zh": 4, "en": 3}},
        "refusal": False,
        "placeholder": {"policy": "flag"},
        "mine": {"when": "answer_characters < 4", "why": "short"},
    },
}


def test_the_recipe_of_a_run_is_short_and_means_the_same(workspace: Workspace) -> None:
    folder = given.make_run(workspace, **SETTINGS)
    found = recipe_of_run(workspace, open_run(folder))
    path = write_recipe(workspace, "again", found)
    assert resolved(load_recipe(path).recipe) == open_run(folder).recipe
    assert set(found["rules"]) == set(SETTINGS["rules"])  # type: ignore[call-overload]
    assert "export" not in found
    assert "near:" in recipe_text(found)


def test_the_paths_of_a_run_from_elsewhere_start_from_the_recipes(workspace: Workspace, tmp_path: Path) -> None:
    from tunesmith.curate.run import run

    (tmp_path / "a.jsonl").write_text(json.dumps(given.pair("Question?", "An answer.")) + "\n")
    (tmp_path / "exam.jsonl").write_text(json.dumps(given.pair("Exam?", "An exam.")) + "\n")
    recipe = {"sources": ["a.jsonl"], "contamination": {"against": ["exam.jsonl"]}}
    (tmp_path / "r.yaml").write_text(json.dumps(recipe))
    made = run(load_recipe(tmp_path / "r.yaml"), workspace.folder("runs") / "a", workers=1)
    found = recipe_of_run(workspace, open_run(made.out))
    for path in (found["sources"][0]["path"], *found["contamination"]["against"]):
        assert path.startswith("../../")
        assert (workspace.folder("recipes") / path).is_file()


def test_switches_are_written_as_words() -> None:
    text = recipe_text({"rules": {"refusal": False}, "duplicates": {"near": None, "exact": True}})
    assert "refusal: off" in text
    assert "near: off" in text
    assert "exact: on" in text

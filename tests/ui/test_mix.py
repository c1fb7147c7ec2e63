"""The page Mix: its figures are those of a run, and it says so where they cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ui.dataset_given import add, drawn, hold_queue, pairs, texts
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import open_run
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import cancel, read_jobs
from tunesmith.ui.mix_base import base_of_run, mapping_of
from tunesmith.ui.mix_start import plan_mix
from tunesmith.ui.recipes import write_recipe
from tunesmith.ui.workspace import Workspace

MAKE = Callable[..., Here]


def curated(workspace: Workspace, groups: tuple[str, ...] = ("domain", "general"), **settings: Any) -> Path:
    """A finished run of 12 domain and 40 general rows."""
    sources = []
    for group, count, start in zip(groups, (12, 40), (0, 500)):
        (workspace.folder("datasets") / f"{group}.jsonl").write_bytes(pairs(count, start))
        sources.append({"path": f"../datasets/{group}.jsonl", "group": group})
    path = write_recipe(workspace, "both", {"sources": sources, "duplicates": {"near": False}, **settings})
    run(load_recipe(path), workspace.folder("runs") / "both")
    return path


def test_without_data_the_next_step_is_told(here: MAKE) -> None:
    assert here().say("mix.no_data") in texts(drawn(here(), "mix"))


def test_one_group_alone_cannot_be_mixed(here: MAKE) -> None:
    place = here()
    add(place.workspace, "a.jsonl", pairs(2))
    assert place.say("mix.one_group") in texts(drawn(place, "mix"))


def test_uncounted_data_is_counted_first(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    for name, group in (("a", "domain"), ("b", "general")):
        add(place.workspace, f"{name}.jsonl", pairs(2), group)  # type: ignore[arg-type]
    app = drawn(place, "mix")
    app.button(key="mix_count").click().run()
    assert len([job for job in read_jobs(place.workspace) if job.kind == "profile"]) == 2


def test_counted_data_is_mixed_with_a_word_that_cleaning_comes_first(here: MAKE) -> None:
    place = here(language="zh")
    add(place.workspace, "a.jsonl", pairs(4), counted=True)
    add(place.workspace, "b.jsonl", pairs(30, 100), "general", counted=True)
    app = drawn(place, "mix")
    assert place.say("mix.before_cleaning") in texts(app)
    assert app.dataframe[0].value["lines"].tolist() == [4, 20, 24]
    assert app.dataframe[0].value["rows"].tolist() == [4, 30, 34]


@pytest.mark.parametrize(
    "query", [{}, {"parts_general": "2"}, {"short": "repeat", "copies": "3"}, {"unit": "tokens", "parts_general": "1"}]
)
def test_the_figures_are_those_of_the_run_that_follows(here: MAKE, query: dict[str, str]) -> None:
    place = here()
    curated(place.workspace)
    hold_queue(place.workspace)
    app = drawn(place, "mix", {"run": "both", **query})
    told = app.dataframe[0].value
    app.button(key="mix_start").click().run()
    assert not app.exception
    job = next(job for job in read_jobs(place.workspace) if job.kind == "mix")
    assert job.arguments == ("curate", "run", "recipes/both-mix.yaml", "--out", "runs/both-mix")
    run(load_recipe(place.workspace.root / job.arguments[2]), place.workspace.root / job.arguments[4])
    lines: Counter[str] = Counter()
    for line in open_run(place.workspace.root / job.arguments[4]).ledger.to_pylist():
        lines[line["group"]] += line["copies"] if line["split"] == "train" else 0
    assert told["lines"].tolist() == [lines["domain"], lines["general"], lines["domain"] + lines["general"]]
    assert int(told["lines"].tolist()[2]) > 0


def test_a_group_that_shrinks_or_repeats_is_a_warning_with_its_size(here: MAKE) -> None:
    place = here()
    curated(place.workspace)
    app = drawn(place, "mix", {"run": "both", "parts_general": "50"})
    assert "left out" in app.warning[0].value
    app = drawn(place, "mix", {"run": "both", "parts_general": "8", "short": "repeat"})
    assert "as often as" in app.warning[0].value


def test_what_is_chosen_stands_in_the_address(here: MAKE) -> None:
    place = here()
    curated(place.workspace)
    app = drawn(place, "mix", {"run": "both"})
    app.number_input(key="mix_parts_both_general").set_value(3.0).run()
    app.segmented_control(key="mix_short_both").set_value("repeat").run()
    assert app.query_params["parts_general"] == "3"
    assert app.query_params["short"] == "repeat"
    again = drawn(place, "mix", {name: str(value) for name, value in app.query_params.items()})
    assert again.dataframe[0].value.equals(app.dataframe[0].value)


def test_a_recipe_in_the_address_means_its_run_and_a_missing_one_is_told(here: MAKE) -> None:
    place = here()
    curated(place.workspace)
    assert drawn(place, "mix", {"recipe": "both"}).dataframe
    app = drawn(place, "mix", {"recipe": "gone"})
    assert "found nothing" in app.error[0].value
    assert drawn(place, "mix", {"run": "../../etc"}).error


def test_a_run_of_one_group_is_told(here: MAKE) -> None:
    place = here()
    curated(place.workspace, ("domain",))
    assert place.say("mix.run_one_group") in texts(drawn(place, "mix", {"run": "both"}))


def test_the_recipe_keeps_all_else_and_names_the_mix(here: MAKE) -> None:
    place = here()
    curated(place.workspace)
    base = base_of_run(place.workspace, "both")
    planned = plan_mix(place.workspace, base, mapping_of({"domain": 1, "general": 2.5}, short="repeat", max_copies=2))
    recipe = yaml.safe_load(write_recipe(place.workspace, planned.name, planned.recipe).read_text())
    assert recipe["mix"] == {"domain": 1, "general": 2.5, "short": "repeat", "max_copies": 2}
    assert [source["path"] for source in recipe["sources"]] == ["../datasets/domain.jsonl", "../datasets/general.jsonl"]
    assert recipe["duplicates"]["near"] is False


def test_caps_and_weights_of_the_recipe_stay() -> None:
    before = {"caps": {"general": 20}, "weights": {}, "domain": 1}
    assert mapping_of({"domain": 1.0, "general": 5.0}, before=before) == {
        "domain": 1,
        "general": 5,
        "caps": {"general": 20},
    }


def test_what_is_mixed_stands_in_the_address(here: MAKE) -> None:
    place = here()
    curated(place.workspace)
    app = drawn(place, "mix")
    assert app.query_params["run"] == "both"
    app.number_input(key="mix_parts_both_general").set_value(3.0).run()
    app.selectbox(key="mix_base_both").set_value("").run()
    assert dict(app.query_params) == {"of": "data"}
    assert place.say("mix.no_data") in texts(app)
    assert place.say("mix.no_data") in texts(drawn(place, "mix", {"of": "data"}))


@pytest.mark.parametrize(
    "mix",
    [
        {"domain": 0.05, "general": 0.95},
        {"domain": 1, "general": 4000},
        {"domain": 1, "general": 9, "short": "repeat", "max_copies": 1},
        {"domain": 1, "general": 9, "short": "repeat", "max_copies": 500},
    ],
)
def test_the_mix_of_a_recipe_is_shown_as_it_is(here: MAKE, mix: dict[str, float | str]) -> None:
    place = here()
    curated(place.workspace, mix=mix)
    app = drawn(place, "mix", {"run": "both"})
    assert not app.exception
    assert app.number_input(key="mix_parts_both_general").value == mix["general"]
    shown = next(one.value for one in app.code if one.language == "yaml")
    assert yaml.safe_load(shown)["mix"] == mix


@pytest.mark.parametrize("query", [{"copies": "1"}, {"copies": "0.5"}, {"copies": "nan"}, {"parts_general": "inf"}])
def test_numbers_of_the_address_that_make_no_sense_ask_for_nothing(here: MAKE, query: dict[str, str]) -> None:
    place = here()
    curated(place.workspace)
    app = drawn(place, "mix", {"run": "both", "short": "repeat", **query})
    assert not app.exception
    assert [one.value for one in app.number_input] == [1.0, 5.0, 4]


def test_while_data_is_counted_it_says_so_and_a_failure_is_told(here: MAKE) -> None:
    place = here()
    hold_queue(place.workspace)
    for name, group in (("a", "domain"), ("b", "general")):
        add(place.workspace, f"{name}.jsonl", pairs(2), group)  # type: ignore[arg-type]
    app = drawn(place, "mix")
    app.button(key="mix_count").click().run()
    assert place.say("mix.counting") in texts(app)
    assert not [one for one in app.button if one.key == "mix_count"]
    for job in read_jobs(place.workspace):
        if job.kind == "profile":
            cancel(place.workspace, job.id)
    app.run()
    assert place.say("dataset.count_failed") in texts(app)
    assert app.button(key="mix_count")

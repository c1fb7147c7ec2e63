"""From datasets to a training set: the recipe with every default, run as a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from tunesmith.ui.dataset_choice import choose_datasets
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import Job, submit
from tunesmith.ui.links import go
from tunesmith.ui.recipe_shown import recipe_file
from tunesmith.ui.recipes import recipe_for, recipe_text, run_command, with_decisions, write_recipe
from tunesmith.ui.shown import show_command
from tunesmith.ui.words import escaped
from tunesmith.ui.workspace import Workspace


class Planned(NamedTuple):
    """A curation before it is started: the name of its recipe and run, the recipe, the command."""

    name: str
    recipe: dict[str, Any]
    arguments: tuple[str, ...]


def plan_run(workspace: Workspace, datasets: Sequence[Dataset], language: str) -> Planned:
    """The default recipe of these datasets; those of the group `evaluation` are not trained on but kept out."""
    name = free_name(workspace, "-".join(dataset.id for dataset in datasets if dataset.group != "evaluation"))
    settings = {"language": language} if language != "en" else {}
    recipe = with_decisions(workspace, recipe_for(workspace, datasets, name=name, **settings))
    return Planned(name, recipe, run_command(name))


def free_name(workspace: Workspace, title: str) -> str:
    """A name that is free for a recipe and for a run."""
    name = workspace.new_name("runs", title)
    while (workspace.folder("recipes") / f"{name}.yaml").exists():
        name = _next(name)
        if (workspace.folder("runs") / name).exists():
            name = _next(name)
    return name


def start(here: Here, planned: Planned, *, kind: str = "curate") -> Job:
    """Write the recipe and run it as a job.

    :raises RecipeError: the recipe is wrong.
    """
    write_recipe(here.workspace, planned.name, planned.recipe)
    return submit(
        here.workspace,
        kind,
        planned.name,
        planned.arguments,
        result=f"runs/{planned.name}",
        by=here.person.name,
    )


def curate_section(here: Here, datasets: Sequence[Dataset], chosen: Dataset | None = None) -> None:
    """Choose what goes in, and start.

    :param chosen: the dataset whose page this is; on the page of all, every one is chosen at first.
    """
    with st.container(border=True, key="curate_box"):
        st.markdown(f"**{here.say('dataset.curate_title')}**")
        st.caption(here.say("dataset.curate_what"))
        key = f"curate_{chosen.id if chosen else 'all'}"
        picked = choose_datasets(here, here.say("dataset.curate_from"), datasets, _usual(datasets, chosen), key=key)
        n_trained = sum(dataset.group != "evaluation" for dataset in picked)
        if not n_trained:
            st.caption(here.say("dataset.curate_none"))
            return
        if n_trained < len(picked):
            st.caption(here.say("dataset.evaluation_use"))
        planned = plan_run(here.workspace, picked, here.say.language)
        if st.button(
            here.say("dataset.curate", n=n_trained), key="curate_start", type="primary", icon=":material/filter_alt:"
        ):
            go(here, "jobs", job=start(here, planned).id)
        show_command(here.say, planned.arguments)
        file = f"{planned.name}.yaml"
        with st.expander(here.say("dataset.recipe")):
            recipe_file(here, recipe_text(planned.recipe), file, key="curate_recipe_file", title=f"**{escaped(file)}**")


def _usual(datasets: Sequence[Dataset], chosen: Dataset | None) -> list[Dataset]:
    """The dataset of the page, or all; questions for tests go with either, so that they are kept out."""
    return [one for one in datasets if chosen is None or one.id == chosen.id or one.group == "evaluation"]


def _next(name: str) -> str:
    stem, _, number = name.rpartition("-")
    return f"{stem}-{int(number) + 1}" if stem and number.isdigit() else f"{name}-2"

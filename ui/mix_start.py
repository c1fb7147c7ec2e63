"""From a mix to a training set: the recipe with its `mix:`, shown, and run as a job."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tunesmith.ui.dataset_curate import Planned, free_name, start
from tunesmith.ui.here import Here
from tunesmith.ui.links import go
from tunesmith.ui.mix_base import Base
from tunesmith.ui.recipe_shown import recipe_file
from tunesmith.ui.recipes import recipe_text, run_command, with_decisions
from tunesmith.ui.shown import show_command
from tunesmith.ui.workspace import Workspace


def plan_mix(workspace: Workspace, base: Base, mix: dict[str, Any]) -> Planned:
    """The recipe of the base with this mix, under a name of its own."""
    name = free_name(workspace, f"{base.title}-mix")
    recipe = {**base.recipe, "name": name, "mix": mix}
    return Planned(name, with_decisions(workspace, recipe), run_command(name))


def start_section(here: Here, base: Base, mix: dict[str, Any]) -> None:
    """The recipe, the command, and the button."""
    planned = plan_mix(here.workspace, base, mix)
    if st.button(here.say("mix.start"), key="mix_start", type="primary", icon=":material/balance:"):
        go(here, "jobs", job=start(here, planned, kind="mix").id)
    show_command(here.say, planned.arguments)
    file = f"{planned.name}.yaml"
    title = f"**{here.say('mix.recipe', name=file)}**"
    recipe_file(here, recipe_text(planned.recipe), file, key="mix_recipe", title=title)

"""The recipe with its changes, always in sight; to download, and to run into a new folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.curate_draft import Draft, changed_rules, preview_command, with_rules
from tunesmith.ui.curate_run import Opened
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_job, submit
from tunesmith.ui.jobs_shown import progress_of
from tunesmith.ui.links import link
from tunesmith.ui.recipe_shown import recipe_file
from tunesmith.ui.recipes import (
    recipe_of_run,
    recipe_path,
    recipe_text,
    run_command,
    with_decisions,
    write_recipe,
)
from tunesmith.ui.shown import command_line, fragment, show_error
from tunesmith.ui.workspace import Workspace


def show_recipe(here: Here, opened: Opened, settings: Mapping[str, Any], draft: Draft) -> None:
    """What the next run would do, and the button that starts it.

    :param settings: the changed rules, as `Preview.settings` gives them.
    """
    try:
        recipe = with_decisions(here.workspace, with_rules(base_recipe(here.workspace, opened), settings))
    except TunesmithError as error:
        show_error(here.say, error)
        return
    name = new_run_name(here.workspace, opened.name)
    with st.container(border=True, key="curate_next"):
        _start(here, opened, recipe, name, draft)
        title = f"**{here.say('curate.recipe', n=len(changed_rules(draft)))}**"
        recipe_file(here, recipe_text(recipe), f"{name}.yaml", key="curate_recipe_file", title=title)
        with st.expander(here.say("common.command")):
            lines = [preview_command(opened.name, draft)] if opened.held else []
            lines.append([*run_command(name)])
            st.code("\n".join(map(command_line, lines)), language="bash", wrap_lines=True)


def base_recipe(workspace: Workspace, opened: Opened) -> dict[str, Any]:
    """The recipe that made the run, its paths from the workspace's recipes."""
    return dict(_base(str(workspace.root), opened.name, opened.stamp, workspace, opened))


@st.cache_resource(max_entries=16, show_spinner=False)
def _base(root: str, name: str, stamp: int, _workspace: Workspace, _opened: Opened) -> dict[str, Any]:
    return recipe_of_run(_workspace, _opened.run)


def new_run_name(workspace: Workspace, name: str) -> str:
    """A name that neither a run nor a recipe has yet: `medical-2` after `medical`."""
    stem, _, number = name.rpartition("-")
    stem = stem if stem and number.isdigit() else name
    names = (f"{stem}-{n}" for n in range(2, 10_000))
    return next(one for one in names if _is_free(workspace, one))


def _is_free(workspace: Workspace, name: str) -> bool:
    return not workspace.inside("runs", name).exists() and not recipe_path(workspace, name).exists()


def _start(here: Here, opened: Opened, recipe: Mapping[str, Any], name: str, draft: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            here.say("curate.start"),
            key="curate_start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_submit,
            args=(here, opened, recipe, name),
        )
        st.caption(here.say("curate.start_as", name=name, n=len(changed_rules(draft))), width="content")
    problem = st.session_state.pop("curate_start_problem", None)
    if problem is not None:
        show_error(here.say, problem)
    _show_started(here, opened)


def _submit(here: Here, opened: Opened, recipe: Mapping[str, Any], name: str) -> None:
    """Write the recipe and queue its run: once for two presses in a row, and never over another tab's recipe."""
    key = f"curate_job_{opened.name}"
    if not _is_free(here.workspace, name):
        if st.session_state.get(key, ("", ""))[1] == name:
            return
        name = new_run_name(here.workspace, opened.name)
    try:
        write_recipe(here.workspace, name, recipe)
        job = submit(here.workspace, "curate", name, run_command(name), result=f"runs/{name}", by=here.person.name)
    except TunesmithError as error:
        st.session_state["curate_start_problem"] = error
        return
    st.session_state[key] = (job.id, name)


def _show_started(here: Here, opened: Opened) -> None:
    """The run that was started here: how far it is, and where it can be looked at."""
    started = st.session_state.get(f"curate_job_{opened.name}")
    if started is None:
        return
    job, name = started
    try:
        is_open = read_job(here.workspace, job).is_open
    except TunesmithError:  # it was taken off the list
        return
    fragment(here.say, run_every=1 if is_open else None)(_watch)(here, job, name, was_open=is_open)


def _watch(here: Here, job_id: str, name: str, *, was_open: bool) -> None:
    try:
        job = read_job(here.workspace, job_id)
    except TunesmithError:  # it was taken off the list
        return
    if was_open and not job.is_open:
        st.rerun()
    if job.is_open:
        progress_of(here, job)
        link(here, "jobs", here.say("curate.see_job"), job=job.id)
    elif job.state == "done":
        st.success(here.say("curate.run_done", name=name))
        link(here, "curate", here.say("curate.open_run", name=name), icon=":material/arrow_forward:", run=name)
    else:
        st.error(here.say("curate.run_ended", name=name))
        if job.message:
            st.text(job.message)
        link(here, "jobs", here.say("curate.see_job"), job=job.id)

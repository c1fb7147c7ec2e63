"""The settings as YAML, with every mistake at once, and the button that starts the training."""

from __future__ import annotations

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import submit
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.shown import show_command, show_error
from tunesmith.ui.train_commands import train_command
from tunesmith.ui.train_plans import Plan
from tunesmith.ui.train_settings import Checked, first_settings, read_settings, write_settings
from tunesmith.ui.train_shown import job_failed


def show_start(
    here: Here, plan: Plan, checked: Checked | None, job: Job | None, *, is_primary: bool, is_missing: bool
) -> None:
    """The settings, then the start."""
    if checked is None:
        st.caption(here.say("train.needs_settings"))
        return
    _editor(here, plan)
    if checked.mistake is not None:
        show_error(here.say, checked.mistake)
    if job is not None and not job.is_open and job.state != "done":
        job_failed(here, job)
    st.markdown(here.say("train.start_what", model=plan.name))
    _button(here, plan, is_ready=checked.config is not None and not is_missing, is_primary=is_primary)
    show_command(here.say, train_command(plan))
    st.caption(here.say("jobs.in_workspace"))


def _editor(here: Here, plan: Plan) -> None:
    """The settings as text; a change is kept, and checked, as soon as the field is left."""
    key = f"settings_{plan.name}"
    text = read_settings(here.workspace, plan) or ""
    if st.session_state.get(f"{key}_kept") != text:  # changed on disk: by a button of this page, or in an editor
        st.session_state[key] = st.session_state[f"{key}_kept"] = text
    edited = st.text_area(here.say("train.settings"), height=320, help=here.say("train.settings_help"), key=key)
    if edited != text:
        st.session_state[f"{key}_kept"] = edited
        write_settings(here.workspace, plan, edited)
        st.rerun()
    advised = here.workspace.root / plan.folder / "advice.yaml"
    if advised.is_file():
        begin = first_settings(plan, advised.read_text(encoding="utf-8"))
        if begin != text and st.button(here.say("train.settings_again"), key=f"reset_{plan.name}", type="tertiary"):
            write_settings(here.workspace, plan, begin)
            st.rerun()


def _button(here: Here, plan: Plan, *, is_ready: bool, is_primary: bool) -> None:
    pressed = st.button(
        here.say("train.start"),
        key=f"start_{plan.name}",
        type="primary" if is_primary else "secondary",
        icon=":material/play_arrow:",
        disabled=not is_ready,
    )
    if pressed:
        start(here, plan)


def start(here: Here, plan: Plan) -> None:
    """Queue the training; the page then shows it live."""
    try:
        submit(here.workspace, "train", plan.name, train_command(plan), result=plan.out, by=here.person.name)
    except TunesmithError as error:
        show_error(here.say, error)
        return
    st.rerun()

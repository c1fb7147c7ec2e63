"""The settings as YAML, with every mistake at once, and the button that starts the training."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import submit
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.shown import show_command, show_error
from tunesmith.ui.train_commands import train_command
from tunesmith.ui.train_plans import Plan
from tunesmith.ui.train_settings import Checked, first_settings, plan_again, read_settings, write_settings
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
        st.caption(here.say("train.settings_wrong"))
        show_error(here.say, checked.mistake)
    if job is not None and not job.is_open and job.state != "done":
        job_failed(here, job)
    st.markdown(here.say("train.start_what", model=plan.name))
    _button(here, plan, is_ready=checked.config is not None and not is_missing, is_primary=is_primary)
    show_command(here.say, train_command(plan))
    st.caption(here.say("jobs.in_workspace"))


def _editor(here: Here, plan: Plan) -> None:
    """The settings as text. A change is kept before the page is drawn, so that whatever a person presses to leave the
    field, the start too, counts at once and with the new text."""
    key = f"settings_{plan.name}"
    text = read_settings(here.workspace, plan) or ""
    if st.session_state.get(f"{key}_kept") != text:  # changed on disk: by a button of this page, or in an editor
        st.session_state[key] = st.session_state[f"{key}_kept"] = text
    edited = st.text_area(
        here.say("train.settings"),
        height=320,
        help=here.say("train.settings_help"),
        key=key,
        on_change=_keep,
        args=(here, plan, key),
    )
    if edited != text:
        write_settings(here.workspace, plan, edited)  # it failed before the page was drawn: now it is told
    advised = here.workspace.root / plan.folder / "advice.yaml"
    if advised.is_file():
        begin = first_settings(plan, advised.read_text(encoding="utf-8"))
        if begin != text and st.button(here.say("train.settings_again"), key=f"reset_{plan.name}", type="tertiary"):
            write_settings(here.workspace, plan, begin)
            st.rerun()


def _keep(here: Here, plan: Plan, key: str) -> None:
    with suppress(TunesmithError):
        write_settings(here.workspace, plan, st.session_state[key])
        st.session_state[f"{key}_kept"] = st.session_state[key]


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


def anew_button(here: Here, plan: Plan) -> None:
    """Another training with these settings to begin with: those of a run that has begun stay as they are."""
    if st.button(
        here.say("train.anew"), key=f"anew_{plan.name}", icon=":material/edit:", help=here.say("train.anew_help")
    ):
        st.query_params.from_dict({"model": plan_again(here.workspace, plan).name})
        st.rerun()


def start(here: Here, plan: Plan) -> None:
    """Queue the training; the page then shows it live."""
    try:
        submit(here.workspace, "train", plan.name, train_command(plan), result=plan.out, by=here.person.name)
    except TunesmithError as error:
        show_error(here.say, error)
        return
    st.rerun()

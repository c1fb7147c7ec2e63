"""A training while it runs: losses by group, figures, incidents, stop. Each look reads only what is new of its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from tunesmith.ui import jobs_said as said
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import cancel, retry
from tunesmith.ui.jobs_shown import badge, progress_of
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.links import link
from tunesmith.ui.shown import fragment, show_command
from tunesmith.ui.train_curves import show_curves
from tunesmith.ui.train_log import GrowingLog, Now, now_of
from tunesmith.ui.train_plans import Plan
from tunesmith.ui.train_preflight import story_links
from tunesmith.ui.train_run import Run
from tunesmith.ui.train_shown import job_failed, still_open
from tunesmith.ui.train_start import anew_button, start


def show_live(here: Here, run: Run, job: Job) -> None:
    """Drawn again every two seconds as long as the job is open, and the whole page once it has ended."""

    @fragment(here.say, run_every=2)
    def draw() -> None:
        now = still_open(here, job)
        _head(here, now)
        lines = _log(run).read()
        total = now.progress.total if now.progress is not None and now.progress.unit == "steps" else None
        if lines:
            _figures(here, now_of(lines, total))
            show_curves(here, run, lines)
            show_incidents(here, run)
        elif now.state == "running":
            st.caption(here.say("train.before_first_step"))

    draw()
    show_command(here.say, job.arguments)


def _log(run: Run) -> GrowingLog:
    """The reader of this run's log, kept with this visit so that it goes on where it was."""
    found = st.session_state.setdefault(f"log_{run.name}", GrowingLog(run.folder / "log.jsonl"))
    return found if isinstance(found, GrowingLog) else GrowingLog(run.folder / "log.jsonl")


def _head(here: Here, job: Job) -> None:
    with st.container(border=True, key=f"live_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(here, job)
            st.caption(said.when(here.say, job), width="stretch")
            _stop(here, job)
            link(here, "jobs", here.say("train.log"), job=job.id)
        if job.state == "running":
            progress_of(here, job)


def _stop(here: Here, job: Job) -> None:
    """Asks once: what was trained since the last checkpoint is trained again when the run goes on."""
    asking = f"train_stop_{job.id}"
    if job.stopping:
        return
    if not st.session_state.get(asking):
        label, icon, ask = here.say("train.stop"), ":material/stop_circle:", {asking: True}
        st.button(label, key=f"stop_{job.id}", icon=icon, on_click=st.session_state.update, args=(ask,))
        return
    st.markdown(here.say("train.stop_really"), width="content")
    yes, no = here.say("train.stop_yes"), here.say("train.stop_no")
    st.button(yes, key=f"stop_yes_{job.id}", type="primary", on_click=_stopped, args=(here, job, asking))
    st.button(no, key=f"stop_no_{job.id}", on_click=st.session_state.update, args=({asking: False},))


def _stopped(here: Here, job: Job, asking: str) -> None:
    cancel(here.workspace, job.id)
    st.session_state[asking] = False


def _figures(here: Here, now: Now) -> None:
    say = here.say
    step = f"{now.step:,}" if now.total is None else f"{now.step:,} / {now.total:,}"
    left = "–" if now.seconds_left is None else said.duration(say, now.seconds_left)
    shown = [
        ("step", step),
        ("left", left),
        ("speed", "–" if now.tokens_per_second is None else f"{now.tokens_per_second:,.0f}"),
        ("loss", _number(now.loss)),
        ("rate", "–" if now.learning_rate is None else f"{now.learning_rate:.2e}"),
        ("norm", _number(now.grad_norm)),
    ]
    with st.container(horizontal=True, gap="medium", key="train_figures"):
        for name, value in shown:
            st.metric(say(f"train.now_{name}"), value, width="content")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def show_incidents(here: Here, run: Run) -> None:
    """What the guard met: when, what happened, what was done, and the rows, each with its story."""
    from tunesmith.train.report_views import incidents_view
    from tunesmith.train.supervisor import read_incidents

    found = incidents_view(read_incidents(run.folder), here.say.language)
    if not found:
        return
    st.markdown(f"**{here.say('train.incidents', n=len(found))}**")
    for one in found:
        with st.container(border=True, gap="xsmall"):
            st.markdown(here.say("train.incident", step=one["step"], happened=one["happened"], then=one["then"]))
            _rows(here, run, one)


def _rows(here: Here, run: Run, one: Mapping[str, Any]) -> None:
    rows: Sequence[str] = one["ids"]
    st.caption(here.say("train.incident_rows", which=one["which"]))
    story_links(here, _data_of(here, run), rows)
    if one["more"]:
        st.caption(here.say("train.incident_more", n=one["more"]))


def _data_of(here: Here, run: Run) -> str:
    from tunesmith.ui.train_plans import read_plan

    plan = read_plan(here.workspace, run.name)
    return plan.chosen.data if plan is not None else ""


def show_stopped(here: Here, plan: Plan | None, run: Run, job: Job | None) -> None:
    """A run that has begun and is not finished: why, how far it came, and the way on."""
    if job is not None:
        job_failed(here, job)
    else:
        st.info(here.say("train.not_finished"))
    if (job is not None or plan is not None) and st.button(
        here.say("train.go_on"), key=f"go_on_{run.name}", type="primary", icon=":material/play_arrow:"
    ):
        if job is not None:
            retry(here.workspace, job.id)
            st.rerun()
        elif plan is not None:
            start(here, plan)
    st.caption(here.say("train.go_on_what"))
    if plan is not None:
        anew_button(here, plan)
    lines = GrowingLog(run.folder / "log.jsonl").read()
    if lines:
        show_curves(here, run, lines)
    show_incidents(here, run)

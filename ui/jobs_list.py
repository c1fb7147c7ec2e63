"""The page's list of jobs: what is open draws itself again every second, what has ended stands still."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tunesmith.ui import jobs_said as said
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_jobs, retry
from tunesmith.ui.jobs_shown import card, head, is_asked, open_job, progress_of, result_link, stop_button
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.shown import fragment

#: Ended jobs that are drawn at first, and more with each press.
_AT_ONCE = 10


def show_open(here: Here, opened: Sequence[Job]) -> None:
    """What runs and what waits; the whole page is drawn anew when one starts or ends."""
    before = _shape(opened)

    @fragment(here.say, run_every=1 if opened else None)
    def draw() -> None:
        now = [job for job in reversed(read_jobs(here.workspace)) if job.is_open]
        if _shape(now) != before:
            st.rerun()
        _open(here, now)

    draw()


def _open(here: Here, jobs: Sequence[Job]) -> None:
    running, waiting = _in_state(jobs, "running"), _in_state(jobs, "queued")
    if not jobs:
        st.caption(here.say("jobs.nothing_open"))
    with st.container(key="jobs_open"):
        if running:
            st.subheader(here.say("jobs.running"), anchor=False)
        for job in running:
            _running(here, job)
        if waiting:
            st.subheader(here.say("jobs.waiting"), anchor=False)
        for place, job in enumerate(waiting, 1):
            _waiting(here, job, place)


def _shape(jobs: Sequence[Job]) -> set[tuple[str, str]]:
    return {(job.id, job.state) for job in jobs}


def _in_state(jobs: Sequence[Job], state: str) -> list[Job]:
    return [job for job in jobs if job.state == state]


def _running(here: Here, job: Job) -> None:
    with card(job) as (words, buttons):
        with words:
            head(here, job)
            progress_of(here, job)
        with buttons:
            if not is_asked(job):
                open_job(here, job)
            stop_button(here, job)


def _waiting(here: Here, job: Job, place: int) -> None:
    with card(job) as (words, buttons):
        with words:
            head(here, job, place=place)
        with buttons:
            open_job(here, job)
            stop_button(here, job)


def show_ended(here: Here, ended: Sequence[Job]) -> None:
    """What has ended, latest first."""
    if not ended:
        return
    st.subheader(here.say("jobs.ended"), anchor=False)
    wanted = st.session_state.get("jobs_shown", _AT_ONCE)
    for job in ended[:wanted]:
        _ended(here, job)
    if len(ended) > wanted:
        st.caption(here.say("jobs.showing", n=wanted, total=len(ended)))
        if st.button(here.say("jobs.more"), key="jobs_more"):
            st.session_state["jobs_shown"] = wanted + _AT_ONCE
            st.rerun()


def _ended(here: Here, job: Job) -> None:
    with card(job) as (words, buttons):
        with words:
            head(here, job)
            if job.state == "failed":
                st.caption(said.why(here.say, job))
            if job.state == "failed" and job.failure in ("input", "gate", "start") and job.message:
                st.text(job.message.splitlines()[0])
        with buttons:
            open_job(here, job)
            if job.state == "done":
                result_link(here, job)
            elif job.arguments:
                _retry(here, job)


def _retry(here: Here, job: Job) -> None:
    if st.button(here.say("jobs.retry"), key=f"retry_{job.id}", icon=":material/replay:"):
        retry(here.workspace, job.id)
        st.rerun()

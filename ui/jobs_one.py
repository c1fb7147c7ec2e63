"""One job: how far it is or how it ended, what to do now, the command, the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui import jobs_said as said
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import log_path, read_job, remove, retry
from tunesmith.ui.jobs_log import tail_of
from tunesmith.ui.jobs_shown import card, head, progress_of, result_link, stop_button
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.shown import fragment, show_command

_LINES = 200  # of the log; the download has all


def show_one(here: Here, name: str) -> None:
    """One job by its name, which comes from the address."""
    if st.button(here.say("jobs.all"), key="jobs_all", icon=":material/arrow_back:", type="tertiary"):
        _leave()
    try:
        job = read_job(here.workspace, name)
    except InputError:
        st.info(here.say("jobs.gone"))
        return
    _state(here, job)
    if not job.is_open:
        _next_steps(here, job)
    if job.arguments:
        show_command(here.say, job.arguments)
        st.caption(here.say("jobs.in_workspace"))
    if job.state != "queued":
        _log(here, job)


def _leave() -> None:
    st.query_params.pop("job", None)
    st.rerun()


def _while_open(here: Here, job: Job, show: Callable[[Job], None]) -> None:
    """Draw a part again every second as long as the job is open, and the whole page when that changes."""

    @fragment(here.say, run_every=1 if job.is_open else None)
    def draw() -> None:
        try:
            now = read_job(here.workspace, job.id)
        except InputError:  # removed from another tab
            st.rerun()
        if now.state != job.state:
            st.rerun()
        show(now)

    draw()


def _state(here: Here, job: Job) -> None:
    def show(now: Job) -> None:
        if not now.is_open:
            with st.container(border=True, key=f"job_{now.id}", gap="xsmall"):
                head(here, now)
                _why(here, now)
            return
        with card(now) as (words, buttons):
            with words:
                head(here, now)
                if now.state == "running":
                    progress_of(here, now)
            with buttons:
                stop_button(here, now)

    _while_open(here, job, show)


def _why(here: Here, job: Job) -> None:
    words = said.why(here.say, job)
    if words:
        st.markdown(words)
        if job.message and not (job.failure == "killed" and job.message == "SIGKILL"):
            st.code(job.message, language=None, wrap_lines=True)
    elif job.state == "done" and job.result and said.result_place(job.result) is None:
        st.caption(here.say("jobs.made"))
        st.code(job.result, language=None)


def _next_steps(here: Here, job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state == "done":
            result_link(here, job)
        elif job.arguments and st.button(
            here.say("jobs.retry"), key=f"retry_{job.id}", icon=":material/replay:", type="primary"
        ):
            st.query_params["job"] = retry(here.workspace, job.id).id
            st.rerun()
        if st.button(here.say("jobs.remove"), key=f"remove_{job.id}", icon=":material/delete:"):
            remove(here.workspace, job.id)
            st.toast(here.say("jobs.removed"))
            _leave()


def _log(here: Here, job: Job) -> None:
    path = log_path(here.workspace, job.id)
    st.subheader(here.say("jobs.log"), anchor=False)
    _while_open(here, job, lambda now: _tail(here, now, path))
    if path.is_file() and path.stat().st_size:
        st.download_button(
            here.say("jobs.log_download"),
            path.read_bytes,
            file_name=f"{job.id}.log",
            mime="text/plain",
            key=f"log_{job.id}",
            icon=":material/download:",
            on_click="ignore",
        )


def _tail(here: Here, job: Job, path: Path) -> None:
    lines = tail_of(path, _LINES + 1)
    if not any(line.strip() for line in lines):
        st.caption(here.say("jobs.log_empty" if job.is_open else "jobs.log_none"))
        return
    if len(lines) > _LINES:
        st.caption(here.say("jobs.log_tail", n=_LINES))
    with st.container(height=min(420, 60 + 24 * len(lines)), border=False, autoscroll=True, key=f"tail_{job.id}"):
        st.code("\n".join(lines[-_LINES:]), language=None, wrap_lines=True)

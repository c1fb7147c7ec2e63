"""What the parts of this page draw alike: tables, a step's frame, a job under way, how one failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui import jobs_said as said
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import cancel, read_job
from tunesmith.ui.jobs_shown import badge, progress_of
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.links import link
from tunesmith.ui.shown import fragment
from tunesmith.ui.words import escaped


def table(columns: Mapping[str, Sequence[object]], *, key: str) -> None:
    """A table whose cells wrap; Markdown is rendered in it, so what is no text of ours is escaped here.

    :param columns: titles of ours, and the cells below each.
    """
    cells = {title: [escaped(str(cell)) or "–" for cell in column] for title, column in columns.items()}
    with st.container(key=key):
        st.table(cells, border="horizontal", hide_index=True)


def still_open(here: Here, job: Job) -> Job:
    """A job as it is now; the whole page anew once it has ended, or was taken off the list in another tab."""
    try:
        now = read_job(here.workspace, job.id)
    except InputError:
        st.rerun()
    if not now.is_open:
        st.rerun()
    return now


def job_under_way(here: Here, job: Job) -> None:
    """How far a job is, again every second, and the whole page anew once it has ended."""

    @fragment(here.say, run_every=1)
    def draw() -> None:
        now = still_open(here, job)
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(here, now)
            if now.state == "running":
                with st.container(width="stretch"):
                    progress_of(here, now)
            if not now.stopping and st.button(
                here.say("train.cancel"), key=f"cancel_{job.id}", icon=":material/stop_circle:", type="tertiary"
            ):
                cancel(here.workspace, job.id)
                st.rerun()
            link(here, "jobs", here.say("train.log"), job=job.id)

    draw()


def job_failed(here: Here, job: Job) -> None:
    """Why a job did not end well, in its own words, with the way to its log."""
    words = said.why(here.say, job) if job.state != "cancelled" else here.say("train.was_stopped")
    with st.container(border=True, key=f"failed_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            badge(here, job)
            st.markdown(words or here.say("train.no_answer"), width="stretch")
        if job.message and job.failure != "killed":
            st.code(job.message, language=None, wrap_lines=True)
        link(here, "jobs", here.say("train.log"), icon=":material/article:", job=job.id)

"""What runs now, for a page that is about something else: Home shows it on top.

>>> running_strip(here)  # doctest: +SKIP
"""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.jobs_shown import badge, plain_title, progress_of
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.links import link
from tunesmith.ui.shown import fragment


def running_strip(here: Here) -> None:
    """What runs, with how far it is, and how many wait; nothing where nothing does.

    It draws itself again every second, and the whole page when a job starts or ends.
    """
    before = _open_ones(here)
    if not before:
        return

    @fragment(here.say, run_every=1)
    def draw() -> None:
        now = _open_ones(here)
        if [(job.id, job.state) for job in now] != [(job.id, job.state) for job in before]:
            st.rerun()
        _lines(here, now)

    draw()


def _lines(here: Here, jobs: list[Job]) -> None:
    running = [job for job in jobs if job.state == "running"]
    for job in running:
        _line(here, job)
    if len(jobs) > len(running):
        link(here, "jobs", here.say("jobs.more_waiting", n=len(jobs) - len(running)))


def _open_ones(here: Here) -> list[Job]:
    return [job for job in reversed(read_jobs(here.workspace)) if job.is_open]


def _line(here: Here, job: Job) -> None:
    with st.container(border=True, key=f"strip_{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            link(here, "jobs", plain_title(job), job=job.id)
            badge(here, job)
        progress_of(here, job)

"""Jobs: what runs, what waits, what has ended; or one job, where the address asks for it (`jobs?job=ID`)."""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.jobs_list import show_ended, show_open
from tunesmith.ui.jobs_one import show_one
from tunesmith.ui.links import asked, link


def page(here: Here) -> None:
    """Draw it."""
    st.title(here.say("common.jobs"))
    chosen = asked("job")
    if chosen:
        show_one(here, chosen)
        return
    jobs = read_jobs(here.workspace)
    if not jobs:
        _nothing_yet(here)
        return
    show_open(here, [job for job in jobs if job.is_open])
    show_ended(here, [job for job in jobs if not job.is_open])


def _nothing_yet(here: Here) -> None:
    with st.container(border=True):
        st.markdown(f"**{here.say('jobs.empty')}**")
        st.write(here.say("jobs.empty_next"))
        st.caption(here.say("jobs.intro"))
        link(here, "curate", here.say("jobs.go_curate"), icon=":material/arrow_forward:")

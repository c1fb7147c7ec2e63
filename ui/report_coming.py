"""A report that is not there yet: how far its job is, or why there will be none."""

from __future__ import annotations

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui import jobs_said as said
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_job, retry
from tunesmith.ui.jobs_shown import badge, progress_of
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.report_new import jobs_link
from tunesmith.ui.report_read import Report
from tunesmith.ui.shown import fragment, show_command


def show_coming(here: Here, report: Report) -> None:
    """While the job is open it draws itself again every second, and the whole page when it ends."""
    job = report.job
    if job is None:
        return
    if not job.is_open:
        _ended(here, job)
        return

    @fragment(here.say, run_every=1)
    def draw() -> None:
        try:
            now = read_job(here.workspace, job.id)
        except InputError:  # taken off the list in another tab
            st.rerun()
        if not now.is_open:
            st.rerun()
        with st.container(border=True, key="report_coming"):
            st.markdown(f"**{here.say('report.coming')}**")
            badge(here, now)
            if now.state == "running":
                progress_of(here, now)
            st.caption(here.say("report.coming_what"))
            if here.person.may("owner"):
                jobs_link(here, now)

    draw()
    show_command(here.say, job.arguments)


def _ended(here: Here, job: Job) -> None:
    with st.container(border=True, key="report_failed"):
        st.markdown(f"**{here.say('report.failed')}**")
        badge(here, job)
        reason = said.why(here.say, job)
        if reason:
            st.write(reason)
        if job.message:
            st.code(job.message, language=None, wrap_lines=True)
        if here.person.may("owner"):
            if st.button(here.say("report.again"), key=f"report_again_{job.id}", icon=":material/refresh:"):
                retry(here.workspace, job.id)
                st.rerun()
            jobs_link(here, job)
    show_command(here.say, job.arguments)

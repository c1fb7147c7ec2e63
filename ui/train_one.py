"""One training: its plan step by step, its run while it runs, or what came out."""

from __future__ import annotations

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.train_finished import show_finished
from tunesmith.ui.train_list import STAGES, missing_notice
from tunesmith.ui.train_live import show_live, show_stopped
from tunesmith.ui.train_plans import Plan, read_plan
from tunesmith.ui.train_run import Run, latest, read_run
from tunesmith.ui.train_steps import show_steps
from tunesmith.ui.words import escaped


def show_one(here: Here, name: str) -> None:
    """The training of a name, which comes from the address."""
    if st.button(here.say("train.back"), key="train_back", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("model", None)
        st.rerun()
    try:
        plan, run = read_plan(here.workspace, name), read_run(here.workspace, name)
    except InputError:
        plan, run = None, None
    jobs = read_jobs(here.workspace)
    job = latest(jobs, "train", f"models/{name}")
    if run is None or (plan is None and job is None and not run.has_begun and not run.is_finished):
        is_base = run is not None and (run.folder / "config.json").is_file()
        st.info(here.say("train.is_base" if is_base else "train.gone"))
        return
    _head(here, plan, run)
    if job is not None and job.is_open:
        show_live(here, run, job)
    elif run.is_finished:
        show_finished(here, plan, run, jobs)
    elif run.has_begun:
        show_stopped(here, plan, run, job)
    elif plan is not None:
        is_missing = missing_notice(here)
        show_steps(here, plan, jobs, job, is_missing=is_missing)


def _head(here: Here, plan: Plan | None, run: Run) -> None:
    """Its name and what was chosen, in a line each."""
    st.header(escaped(run.name), anchor=False)
    if plan is None:
        return
    chosen = plan.chosen
    stage = here.say.plain(f"train.stage_{chosen.stage}") if chosen.stage in STAGES else chosen.stage
    st.caption(here.say("train.of", data=chosen.data, model=chosen.model, stage=stage))

"""The list of datasets: what each is, how many rows, for what, and how far its counting is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tunesmith.ui import jobs_said as said
from tunesmith.ui.dataset_profiles import KIND
from tunesmith.ui.datasets import Dataset, damaged_datasets, stray_files
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import Job, read_jobs
from tunesmith.ui.shown import fragment
from tunesmith.ui.words import escaped

_AT_ONCE = 50


def show_damaged(here: Here) -> None:
    """Folders and files that cannot be used are told: nothing vanishes in silence."""
    for name in damaged_datasets(here.workspace):
        st.warning(here.say("dataset.damaged", name=name), icon="⚠️")
    for name in stray_files(here.workspace):
        st.warning(here.say("dataset.stray", name=name), icon="⚠️")


def show_list(here: Here, datasets: Sequence[Dataset]) -> None:
    """Every dataset as a card; drawn again each second while one is being counted."""
    wanted = st.session_state.get("datasets_shown", _AT_ONCE)
    before = _counting(here)

    @fragment(here.say, run_every=1 if before else None)
    def draw() -> None:
        counting = _counting(here)
        if counting.keys() != before.keys():
            st.rerun()
        for dataset in datasets[:wanted]:
            _card(here, dataset, counting.get(f"datasets/{dataset.id}"))

    draw()
    if len(datasets) > wanted:
        st.caption(here.say("dataset.showing", n=wanted, total=len(datasets)))
        if st.button(here.say("dataset.more"), key="datasets_more"):
            st.session_state["datasets_shown"] = wanted + _AT_ONCE
            st.rerun()


def facts(here: Here, dataset: Dataset) -> str:
    """Its rows, what it is for, and when it came, on one line."""
    rows = here.say("common.rows", n=dataset.rows) if dataset.rows is not None else here.say("dataset.not_counted")
    parts = [rows, here.say(f"dataset.group_{dataset.group}"), escaped(said.ago(here.say, dataset.created))]
    return " · ".join(parts)


def _counting(here: Here) -> dict[str, Job]:
    """The open jobs that count, by what they count."""
    return {str(job.result): job for job in read_jobs(here.workspace) if job.kind == KIND and job.is_open}


def _card(here: Here, dataset: Dataset, job: Job | None) -> None:
    with st.container(border=True, key=f"dataset_{dataset.id}"):
        words, buttons = st.columns([4, 1], vertical_alignment="center")
        with words.container(gap="xsmall"):
            st.markdown(here.say("dataset.card", title=dataset.title))
            st.caption(here.say("dataset.being_counted") if job else facts(here, dataset))
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if st.button(here.say("dataset.open"), key=f"open_{dataset.id}", icon=":material/arrow_forward:"):
                st.query_params["dataset"] = dataset.id
                st.rerun()

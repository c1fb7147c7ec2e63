"""One dataset: how it is read, what it is for, curating it, what is in it, and its name or end."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.dataset_curate import curate_section
from tunesmith.ui.dataset_edit import PROBLEM, change, edit_section, show_kept
from tunesmith.ui.dataset_list import facts
from tunesmith.ui.dataset_mapping import reading_section
from tunesmith.ui.dataset_profile import profile_section
from tunesmith.ui.dataset_runs import runs_section
from tunesmith.ui.datasets import GROUPS, Dataset, read_dataset, read_datasets, write_dataset
from tunesmith.ui.here import Here
from tunesmith.ui.shown import show_error


def show_one(here: Here, name: str) -> None:
    """One dataset by its id, which comes from the address."""
    if st.button(here.say("dataset.all"), key="datasets_all", icon=":material/arrow_back:", type="tertiary"):
        leave()
    dataset = read_dataset(here.workspace, name)
    st.header(here.say("dataset.named", title=dataset.title), anchor=False)
    st.caption(facts(here, dataset))
    problem = st.session_state.pop(PROBLEM, None)
    if problem is not None:
        show_error(here.say, problem)
    if _reading(here, dataset):
        _group(here, dataset)
        if dataset.group != "evaluation":
            curate_section(here, read_datasets(here.workspace), dataset)
            runs_section(here, dataset)
        profile_section(here, dataset)
    edit_section(here, dataset, leave)


def leave() -> None:
    """Back to the list."""
    st.query_params.clear()
    st.rerun()


def _reading(here: Here, dataset: Dataset) -> bool:
    """Whether its rows can be read. A mistake of the file is told here, so that it can still be deleted."""
    try:
        return reading_section(here, dataset)
    except TunesmithError as error:
        show_error(here.say, error)
        return False


def _group(here: Here, dataset: Dataset) -> None:
    key = f"group_{dataset.id}"
    show_kept(key, dataset.group)
    st.segmented_control(
        here.say("dataset.group"),
        GROUPS,
        required=True,
        format_func=lambda code: here.say(f"dataset.group_{code}"),
        key=key,
        help=here.say("dataset.group_help"),
        on_change=_set_group,
        args=(here, dataset.id, key),
    )
    if dataset.group == "evaluation":
        st.caption(here.say("dataset.evaluation_use"))


def _set_group(here: Here, name: str, key: str) -> None:
    chosen = st.session_state[key]
    change(here, name, lambda dataset: write_dataset(here.workspace, replace(dataset, group=chosen)))

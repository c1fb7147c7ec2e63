"""Dataset: add files, see how they are read and what is in them, and curate them (`dataset?dataset=ID` shows one)."""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.dataset_add import add_section, empty_section
from tunesmith.ui.dataset_curate import curate_section
from tunesmith.ui.dataset_list import show_damaged, show_list
from tunesmith.ui.dataset_one import show_one
from tunesmith.ui.datasets import read_datasets
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked


def page(here: Here) -> None:
    """Draw it."""
    st.title(here.say("common.dataset"))
    chosen = asked("dataset")
    if chosen:
        show_one(here, chosen)
        return
    found = read_datasets(here.workspace)
    show_damaged(here)
    if not found:
        empty_section(here)
    add_section(here)
    if found:
        show_list(here, found)
        curate_section(here, found)

"""Adding data: a file from the browser, one from the folder `incoming`, or the bundled sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.dataset_edit import PROBLEM
from tunesmith.ui.dataset_profiles import ask_for_profile
from tunesmith.ui.dataset_reading import is_known, likely_group, look
from tunesmith.ui.datasets import (
    Dataset,
    add_incoming,
    add_sample,
    add_upload,
    incoming_files,
    write_dataset,
)
from tunesmith.ui.here import Here
from tunesmith.ui.shown import show_error

_ROUND = "dataset_upload_round"  # a new key empties the field after its files were taken


def empty_section(here: Here) -> None:
    """What to do where nothing is yet."""
    with st.container(border=True):
        st.markdown(f"**{here.say('dataset.empty')}**")
        st.write(here.say("dataset.empty_next"))
        if st.button(here.say("dataset.load_sample"), key="dataset_sample", type="primary", icon=":material/science:"):
            load_sample(here)
            st.rerun()


def load_sample(here: Here) -> None:
    """The bundled sample, counted in the background."""
    for dataset in add_sample(here.workspace):
        ask_for_profile(here.workspace, dataset)


def add_section(here: Here) -> None:
    """The field for files, and the ones that wait in `incoming`."""
    _told_before(here)
    sent = st.file_uploader(
        here.say("dataset.upload"),
        accept_multiple_files=True,
        key=f"dataset_upload_{st.session_state.get(_ROUND, 0)}",
        help=here.say("dataset.upload_help"),
    )
    st.caption(here.say("dataset.upload_kinds", n=int(st.get_option("server.maxUploadSize"))))
    if sent:
        _take(here, sent)
    with st.expander(here.say("dataset.incoming"), icon=":material/folder_open:"):
        _incoming(here)


def _take(here: Here, sent: Sequence[Any]) -> None:
    """Store what was sent. Mistakes are told after the page was drawn anew, with the field empty again."""
    added, mistakes = [], []
    for file in sent:
        try:
            added.append(add_upload(here.workspace, file.name, file))
        except TunesmithError as error:
            mistakes.append(error)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.session_state["dataset_mistakes"] = mistakes
    if len(added) == 1 and not mistakes:
        st.query_params["dataset"] = added[0].id
    for dataset in added:
        _settle(here, dataset)
    st.rerun()


def _told_before(here: Here) -> None:
    problem = st.session_state.pop(PROBLEM, None)
    if problem is not None:
        show_error(here.say, problem)
    for error in st.session_state.pop("dataset_mistakes", ()):
        show_error(here.say, error)
        st.caption(here.say("dataset.nothing_kept"))


def _incoming(here: Here) -> None:
    st.write(here.say("dataset.incoming_how"))
    st.code(str(here.workspace.folder("datasets").resolve() / "incoming"), language=None, wrap_lines=True)
    files = [path.name for path in incoming_files(here.workspace)]
    if not files:
        st.caption(here.say("dataset.incoming_empty"))
        st.button(here.say("dataset.incoming_again"), key="incoming_again", icon=":material/refresh:")
        return
    name = st.selectbox(here.say("dataset.incoming_file"), files, key="incoming_file")
    if st.button(here.say("dataset.incoming_add"), key="incoming_add", icon=":material/add:") and name:
        _use(here, name)


def _use(here: Here, name: str) -> None:
    """Make a dataset of a file in `incoming`; what is wrong with it is told below its button."""
    try:
        with st.spinner(here.say("dataset.opening")):
            added = add_incoming(here.workspace, name)
    except TunesmithError as error:
        show_error(here.say, error)
        return
    _settle(here, added)
    st.query_params["dataset"] = added.id
    st.rerun()


def _settle(here: Here, dataset: Dataset) -> None:
    """Give it the group that its columns suggest, and count it in the background where it can be read.

    The file is kept by now: what is wrong here is told apart from what was not kept.
    """
    try:
        looked = look(dataset.path, format="auto", columns=None)
        group = likely_group(looked)
        if group is not None:
            dataset = write_dataset(here.workspace, replace(dataset, group=group))
        if is_known(looked, dataset):
            ask_for_profile(here.workspace, dataset)
    except TunesmithError as error:
        st.session_state[PROBLEM] = error

"""Home: what runs, what waits for you, and what is there; for a new workspace, how to begin."""

from __future__ import annotations

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.dataset_add import load_sample
from tunesmith.ui.here import Here
from tunesmith.ui.home_found import found_in, reviews_left
from tunesmith.ui.home_lists import show_lists, show_next, show_reviews
from tunesmith.ui.jobs_strip import running_strip
from tunesmith.ui.links import link
from tunesmith.ui.shown import show_error


def page(here: Here) -> None:
    """Draw it."""
    st.title(here.say("common.home"))
    found = found_in(here.workspace)
    if found.is_empty:
        _welcome(here)
        return
    running_strip(here)
    _reviews(here)
    show_next(here, found)
    show_lists(here, found)


def _reviews(here: Here) -> None:
    """What is left to review; a store that cannot be read is told, and the rest of the page stays."""
    try:
        show_reviews(here, reviews_left(here.workspace, here.person))
    except TunesmithError as error:
        show_error(here.say, error)


def _welcome(here: Here) -> None:
    st.markdown(here.say("home.welcome"))
    with st.container(border=True):
        st.markdown(f"**{here.say('home.try_title')}**")
        st.write(here.say("home.try_what"))
        if st.button(here.say("home.load_sample"), key="home_sample", type="primary", icon=":material/science:"):
            load_sample(here)
            st.rerun()
    with st.container(border=True):
        st.markdown(f"**{here.say('home.own_title')}**")
        st.write(here.say("home.own_what"))
        link(here, "dataset", here.say("home.own_go"), icon=":material/upload:")

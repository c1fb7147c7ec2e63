"""Before the first task: what is asked, by the guidelines, and a button; until then nobody is given anything."""

from __future__ import annotations

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_types import Campaign
from tunesmith.ui.here import Here
from tunesmith.ui.review_open import enter
from tunesmith.ui.shown import show_error


def start(here: Here, store: Store, campaign: Campaign) -> None:
    """Tell, then take this person in."""
    with st.container(border=True):
        st.subheader(here.say(f"review.start_{campaign.mode}"), anchor=False)
        st.write(here.say("review.start_text", name=here.person.name))
        if campaign.guidelines:
            st.text(campaign.guidelines)
        st.caption(here.say("review.start_keys"))
        if st.button(here.say("review.start"), key="review_start", type="primary"):
            try:
                enter(store, here.person)
            except TunesmithError as error:
                show_error(here.say, error)
                return
            st.rerun()

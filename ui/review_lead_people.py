"""Who takes part: invitations, for every campaign of the workspace."""

from __future__ import annotations

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.ui.here import Here
from tunesmith.ui.people import people


def show(here: Here, store: Store, name: str) -> None:
    """Draw it."""
    st.caption(here.say("lead.people_all"))
    people(here)

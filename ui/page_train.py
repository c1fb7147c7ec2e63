"""Train: what to set and why, what it costs, what will be learned; the run while it runs; what came out.

`train?model=NAME` opens a training; `train?run=NAME` begins one with the data of a curation run.
"""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.train_list import show_all
from tunesmith.ui.train_one import show_one


def page(here: Here) -> None:
    """Draw it."""
    st.title(here.say("common.train"))
    chosen = asked("model")
    if chosen:
        show_one(here, chosen)
    else:
        show_all(here)

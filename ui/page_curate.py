"""Curate: what the rules of a run drop, what other thresholds would, the rows themselves, and the next run.

`curate?run=NAME` opens a run, `&row=ROW_ID` the story of a row, `&set=rule.parameter.language=number` changed rules.
"""

from __future__ import annotations

import streamlit as st

from tunesmith.ui.curate_run import choose_run
from tunesmith.ui.curate_views import show_views
from tunesmith.ui.curate_workbench import show_workbench
from tunesmith.ui.here import Here


def page(here: Here) -> None:
    """Draw it."""
    st.title(here.say("common.curate"))
    opened = choose_run(here)
    if opened is None:
        return
    show_workbench(here, opened)
    if opened.held is None:
        show_views(here, opened)

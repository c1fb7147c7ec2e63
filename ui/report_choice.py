"""The top of the page: which report, and a new one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.report_new import NEW
from tunesmith.ui.report_read import Report

#: What of the address belongs to one report.
_OF_REPORT = ("side", "metric", "part", "from", "pair")


def choose(here: Here, reports: Sequence[Report], name: str | None) -> None:
    """The list of reports; what is chosen stands in the address."""
    names = [report.name for report in reports]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    if names:
        left.selectbox(
            here.say("report.choose"),
            names,
            index=names.index(name) if name in names else None if name else 0,
            placeholder=here.say.plain("report.choose_other"),
            key=f"report_choice_{name or ''}",
            on_change=_open,
            args=(f"report_choice_{name or ''}",),
        )
    if asked(NEW):
        right.button(here.say("report.back"), key="report_back", on_click=_leave_new, width="stretch")
    elif here.person.may("owner"):
        right.button(here.say("report.new"), key="report_new", icon=":material/add:", on_click=_new, width="stretch")


def _open(key: str) -> None:
    if st.session_state[key]:
        _forget()
        st.query_params["report"] = st.session_state[key]


def _new() -> None:
    st.query_params[NEW] = "1"


def _leave_new() -> None:
    st.query_params.pop(NEW, None)


def _forget() -> None:
    for name in (*_OF_REPORT, NEW):
        st.query_params.pop(name, None)

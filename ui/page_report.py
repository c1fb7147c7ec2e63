"""Report: whether the later model is better, where it got worse, and what to do about it.

`report?report=NAME` shows one; without a name the latest; `report?new=1` makes a new comparison.
"""

from __future__ import annotations

import streamlit as st

from tunesmith.errors import InputError, TunesmithError
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.report_choice import choose
from tunesmith.ui.report_coming import show_coming
from tunesmith.ui.report_new import NEW, show_empty, show_new
from tunesmith.ui.report_read import Report, read_report, read_reports
from tunesmith.ui.report_scores import show_scores
from tunesmith.ui.report_whole import show_comparison
from tunesmith.ui.shown import show_error


def page(here: Here) -> None:
    """Draw it."""
    st.title(here.say("common.report"))
    reports = read_reports(here.workspace)
    name = asked("report")
    if not reports and name is None:
        show_empty(here)
        return
    if name is None:
        name = reports[0].name
        st.query_params["report"] = name  # so that the address stays with what is looked at
    choose(here, reports, name)
    if asked(NEW):
        show_new(here)
        return
    try:
        report = read_report(here.workspace, name)
    except InputError:
        st.error(here.say("report.unknown", name=name), icon="⚠️")
        return
    try:
        _show(here, report)
    except TunesmithError as error:
        show_error(here.say, error)


def _show(here: Here, report: Report) -> None:
    if report.kind == "comparison":
        show_comparison(here, report)
    elif report.kind == "scores":
        show_scores(here, report)
    else:
        show_coming(here, report)

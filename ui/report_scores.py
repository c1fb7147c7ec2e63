"""The scores of one file alone: each metric with its interval and of how many answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.report_files import show_files
from tunesmith.ui.report_read import Report, summary_of
from tunesmith.ui.words import Language


def show_scores(here: Here, report: Report) -> None:
    """Draw it."""
    summary = summary_of(report)
    coverage = summary["coverage"]
    st.header(here.say("report.scores_of", n=coverage["items"]), anchor=False)
    if coverage["failed"]:
        st.caption(here.say("report.scores_failed", n=coverage["failed"]))
    if coverage["without_reference"]:
        st.caption(here.say("report.scores_without", n=coverage["without_reference"]))
    rows = scores_table(summary["metrics"], here.say.language)
    if rows["n"]:
        titles = {"metric": "report.metric", "value": "report.value", "interval": "report.interval", "n": "report.n"}
        st.dataframe(
            {here.say.plain(titles[key]): cells for key, cells in rows.items()}, hide_index=True, key="report_scores"
        )
    else:
        st.caption(here.say("report.scores_none"))
    show_files(here, report)


def scores_table(metrics: Mapping[str, Any], language: Language) -> dict[str, list[Any]]:
    """The figures as texts, a list a column."""
    from tunesmith.evaluate.report_figures import interval_text, scale_for
    from tunesmith.evaluate.report_words import metric

    table: dict[str, list[Any]] = {"metric": [], "value": [], "interval": [], "n": []}
    for code, figure in metrics.items():
        if figure["value"] is None:
            continue
        scale = scale_for(figure)
        table["metric"].append(metric(language, code))
        table["value"].append(scale.figure(figure["value"]))
        table["interval"].append(interval_text(scale, figure["interval"], language, signs=False))
        table["n"].append(figure["n"])
    return table

"""One comparison from top to bottom: the verdict first, then where it got worse, then everything else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.report_browse import show_browse
from tunesmith.ui.report_cases import FirstCases, WholeCases, cases_of
from tunesmith.ui.report_files import show_files
from tunesmith.ui.report_read import Report, read_summary, summary_of
from tunesmith.ui.report_sections import show_card, show_data, show_judge, show_measured, show_parts, show_retention
from tunesmith.ui.report_send_panel import show_send
from tunesmith.ui.report_verdict import show_forest, show_verdict, show_votes
from tunesmith.ui.words import Language


def show_comparison(here: Here, report: Report) -> None:
    """Draw it."""
    summary = summary_of(report)
    path = report.folder / "comparison.json"
    views = _views(str(path), path.stat().st_mtime_ns, here.say.language)
    number = _pair(here, summary)
    pair, view = summary["pairs"][number], views["pairs"][number]
    show_verdict(here, summary, view)
    show_forest(here, view)
    show_votes(here, views["review"])
    items = st.container()
    show_card(here, views["card"], pair["after"])
    show_retention(here, views["retention"])
    show_judge(here, views["judge"])
    show_data(here, views["data"])
    st.header(here.say("report.details"), anchor=False)
    show_parts(here, view)
    show_measured(here, views["settings"])
    show_files(here, report)
    with items:  # drawn last: the first time the answers are read takes longest
        _show_items(here, report, summary, number)


def _show_items(here: Here, report: Report, summary: Mapping[str, Any], number: int) -> None:
    pair = summary["pairs"][number]
    changed = (report.folder / "comparison.json").stat().st_mtime_ns
    with st.spinner(here.say("report.reading")):
        cases = _cases(str(here.workspace.root), str(report.folder), changed, number)
    numbers = show_browse(here, report.name, pair, cases)
    show_send(here, report.name, summary, pair, cases, numbers)


def _pair(here: Here, summary: Mapping[str, Any]) -> int:
    """Which of the later systems is looked at: the last one, unless the address says another."""
    pairs = summary["pairs"]
    last = len(pairs) - 1
    if not last:
        return 0
    wanted = asked("pair") or ""
    place = int(wanted) - 1 if wanted.isascii() and wanted.isdigit() and 0 < int(wanted) <= last + 1 else last
    chosen = st.selectbox(
        here.say("report.which", before=pairs[0]["before"]),
        range(len(pairs)),
        index=place,
        format_func=lambda number: str(pairs[number]["after"]),
        key="report_pair",
    )
    st.query_params["pair"] = str(chosen + 1)
    return int(chosen)


@st.cache_resource(max_entries=20, show_spinner=False)
def _views(path: str, changed: int, language: Language) -> Mapping[str, Any]:
    """What the library's report shows, as texts in one language; not to be changed."""
    from tunesmith.evaluate.report_card import card_view
    from tunesmith.evaluate.report_data import data_view, settings_view
    from tunesmith.evaluate.report_judge import judge_view
    from tunesmith.evaluate.report_pairs import pair_views
    from tunesmith.evaluate.report_retention import retention_view
    from tunesmith.evaluate.report_review import review_view

    summary = read_summary(path, changed)
    return {
        "pairs": pair_views(summary, language),
        "card": card_view(summary.get("card"), language),
        "retention": retention_view(summary.get("retention"), language),
        "review": review_view(summary.get("review"), language),
        "judge": judge_view(summary.get("judge"), language),
        "data": data_view(summary.get("data"), language),
        "settings": settings_view(summary, language),
    }


@st.cache_resource(max_entries=8, show_spinner=False)
def _cases(root: str, folder: str, changed: int, number: int) -> WholeCases | FirstCases:
    """The items to browse, with their texts, for as long as the comparison stays the same."""
    summary = read_summary(f"{folder}/comparison.json", changed)
    return cases_of(Path(root), Path(folder), summary, number)

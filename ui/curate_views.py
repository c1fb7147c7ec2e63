"""The rows of a run, one view at a time: at the cut, dropped by reason, near-duplicates, or one row's story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.curate_cards import show_dropped, show_rule_rows
from tunesmith.ui.curate_pairs import show_pairs
from tunesmith.ui.curate_run import Opened
from tunesmith.ui.curate_story import show_story
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.shown import fragment, show_error

CUT, DROPPED, PAIRS, ROW = "cut", "dropped", "pairs", "row"


def view_key(opened: Opened) -> str:
    """Where the session keeps which view is open."""
    return f"view_{opened.name}"


def open_row(opened: Opened, row_id: str) -> None:
    """Show the story of a row next."""
    st.session_state[view_key(opened)] = ROW
    st.session_state[f"row_{opened.name}"] = row_id
    st.query_params["row"] = row_id


def show_views(here: Here, opened: Opened, rule: str = "", settings: Mapping[str, Any] | None = None) -> None:
    """The choice and the view, drawn again by themselves.

    :param rule: the rule that a person looks at; `settings` are its thresholds now, None where it is off.
    """
    has_decisions = here.workspace.decisions.is_file()
    fragment(here.say)(_views)(here, opened, rule, settings, has_decisions=has_decisions)


def _views(here: Here, opened: Opened, rule: str, settings: Mapping[str, Any] | None, *, has_decisions: bool) -> None:
    if not has_decisions and here.workspace.decisions.is_file():
        st.rerun()  # the recipe above names the decisions from now on
    codes = [CUT, DROPPED, PAIRS, ROW] if opened.held else [DROPPED, PAIRS, ROW]
    st.divider()
    chosen = st.segmented_control(
        here.say("curate.views"),
        codes,
        default=ROW if asked("row") else codes[0],
        required=True,
        format_func=lambda code: here.say(f"curate.view_{code}"),
        key=view_key(opened),
        label_visibility="collapsed",
    )
    if chosen != ROW:
        st.query_params.pop("row", None)
    problem = st.session_state.pop("curate_decide_problem", None)
    if problem is not None:
        show_error(here.say, problem)
    views: dict[str, Callable[[], None]] = {
        CUT: lambda: show_rule_rows(here, opened, rule, settings, open_row),
        DROPPED: lambda: show_dropped(here, opened, open_row),
        PAIRS: lambda: show_pairs(here, opened, open_row),
        ROW: lambda: show_story(here, opened),
    }
    try:
        views[str(chosen)]()
    except TunesmithError as error:
        show_error(here.say, error)

"""The part of the page that a slider draws again: counts, rules, thresholds, rows at the cut, recipe and run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from tunesmith.ui.curate_draft import Draft
from tunesmith.ui.curate_recipe import show_recipe
from tunesmith.ui.curate_rules import choose_rule, read_draft, refused_key, show_rule
from tunesmith.ui.curate_run import Opened
from tunesmith.ui.curate_views import show_views
from tunesmith.ui.here import Here
from tunesmith.ui.shown import fragment, show_error

if TYPE_CHECKING:
    from tunesmith.curate.preview import Preview


def show_workbench(here: Here, opened: Opened) -> None:
    """Draw it."""
    _summary(here, opened)
    if opened.held is None:
        _no_preview(here, opened)
        show_recipe(here, opened, {}, ())
        return
    fragment(here.say)(_bench)(here, opened)


def _bench(here: Here, opened: Opened) -> None:
    held = opened.held
    assert held is not None  # noqa: S101 (show_workbench asks)
    draft = read_draft(opened)
    if st.session_state.pop(refused_key(opened), False):
        st.warning(here.say("curate.changes_refused"), icon="⚠️")
    usual = held.usual
    found = held.preview(draft) if draft else usual
    _counts(here, found, draft)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        rule = choose_rule(here, opened, found, usual)
    settings = next((one.after for one in found.rules if one.rule == rule), None)
    with right:
        show_rule(here, opened, held, rule, settings)
    show_recipe(here, opened, found.settings, draft)
    show_views(here, opened, rule, settings)


def _summary(here: Here, opened: Opened) -> None:
    counts = opened.counts
    said = {name: counts[name] for name in ("rows_in", "kept", "dropped", "invalid", "unsampled")}
    parts = [here.say("curate.run_in", n=said["rows_in"])]
    parts += [here.say(f"curate.run_{name}", n=said[name]) for name in [*said][1:] if said[name]]
    st.caption(" · ".join(parts))


def _counts(here: Here, found: Preview, draft: Draft) -> None:
    """What the rules keep and drop, and how that differs from the run."""
    stay = found.judged - found.dropped_after
    changed = found.dropped_after - found.dropped_before
    with st.container(horizontal=True, key="curate_counts"):
        st.metric(here.say("curate.rules_keep"), f"{stay:,}", delta=f"{-changed:+,}" if draft else None)
        st.metric(
            here.say("curate.rules_drop"),
            f"{found.dropped_after:,}",
            delta=f"{changed:+,}" if draft else None,
            delta_color="inverse",
        )
        st.metric(here.say("curate.rules_flag"), f"{found.flagged_after:,}")
    if draft:
        st.caption(here.say("curate.against_run", more=found.newly_dropped, fewer=found.newly_kept))
    else:
        st.caption(here.say("curate.move_a_slider"))


def _no_preview(here: Here, opened: Opened) -> None:
    if opened.problem is not None:
        show_error(here.say, opened.problem)
        st.write(here.say("curate.run_again"))
    else:
        st.info(here.say("curate.no_rules"))

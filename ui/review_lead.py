"""The lead's side of a review: how far it is, what it says, how far people agree, what a lead settles, and the files.

The page of the reviewers calls this for leads and owners; whoever else comes here is turned away.

>>> lead(here, store, "spring")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_types import Campaign
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.shown import show_error

_ADDRESS = "section"

#: Each section's module; its function is `show`.
SECTIONS = {
    "progress": "review_lead_progress",
    "results": "review_lead_results",
    "agreement": "review_lead_agreement",
    "decide": "review_lead_decide",
    "files": "review_lead_files",
    "people": "review_lead_people",
}


def lead(here: Here, store: Store, campaign: str | Campaign) -> None:
    """Draw the section that is chosen.

    :param campaign: its name.
    """
    if not _may(here):
        return
    name = campaign if isinstance(campaign, str) else campaign.name
    _made(here)
    section = _section(here)
    try:
        with st.container(key=f"lead_{section}"):
            import_module(f"tunesmith.ui.{SECTIONS[section]}").show(here, store, name)
    except TunesmithError as error:
        show_error(here.say, error)


def create_form(here: Here, store: Store) -> None:
    """Draw the form for a new campaign."""
    if _may(here):
        from tunesmith.ui.review_lead_new import form

        form(here, store)


def _section(here: Here) -> str:
    """The section that is chosen; in the address by its code, which is the same in every language."""
    there = asked(_ADDRESS)
    chosen = st.segmented_control(
        here.say("lead.section"),
        list(SECTIONS),
        default=there if there in SECTIONS else "progress",
        required=True,
        format_func=lambda one: here.say(f"lead.section_{one}"),
        key="lead_section",
        label_visibility="collapsed",
        on_change=_note_section,
    )
    return str(chosen)


def _note_section() -> None:
    st.query_params[_ADDRESS] = st.session_state["lead_section"]


def _may(here: Here) -> bool:
    if not here.person.may("lead"):
        st.error(here.say("lead.not_yours"))
    return here.person.may("lead")


def _made(here: Here) -> None:
    """What was said when the campaign was made, once."""
    for note in st.session_state.pop("lead_made", ()):
        st.info(note)

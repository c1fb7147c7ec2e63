"""Which campaign, and which part of it: in the address, so that a link leads there and a reload stays."""

from __future__ import annotations

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_types import Campaign
from tunesmith.ui.here import Here, Role
from tunesmith.ui.links import asked
from tunesmith.ui.review_open import how_far, reviewer_here
from tunesmith.ui.words import escaped

#: The parts of a campaign and who may open them.
VIEWS: dict[str, Role] = {"answer": "reviewer", "history": "reviewer", "lead": "lead"}


#: The part that is open, for other files too: set it before the page is drawn.
_VIEW = "review_view"


def choose_campaign(here: Here, store: Store, found: list[Campaign]) -> None:
    """The campaigns, the newest first, each with how far this person is."""
    known = reviewer_here(store, here.person) is not None
    for campaign in reversed(found):
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap=None, width="content"):
                st.markdown(f"**{escaped(campaign.name)}**")
                st.caption(_about(here, store, campaign, known=known))
            st.button(here.say("review.open"), key=f"review_open_{campaign.id}", on_click=_open, args=(campaign.name,))
    new_link(here)


def new_link(here: Here) -> None:
    """For those who may: another campaign."""
    if here.person.may("lead"):
        st.button(here.say("review.new"), key="review_new", icon=":material/add:", on_click=_new)


def head(here: Here, campaign: Campaign) -> None:
    """The title with the campaign's name, and the way to the others."""
    st.title(here.say("review.title", name=campaign.name), anchor=False)


def view_choice(here: Here, campaign: Campaign) -> str:
    """The part that is open."""
    views = [view for view, role in VIEWS.items() if here.person.may(role)]
    wanted = st.session_state.get(_VIEW) or asked("view")
    st.session_state[_VIEW] = wanted if wanted in views else "answer"
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="review_top"
    ):
        chosen = st.segmented_control(
            here.say("review.part"),
            views,
            required=True,
            format_func=lambda view: here.say(f"review.view_{view}"),
            key=_VIEW,
            label_visibility="collapsed",
            on_change=_show_view,  # bound to the address, it would hold the label in the reader's language
        )
        st.button(here.say("review.others"), key="review_others", type="tertiary", on_click=_others)
    return str(chosen or "answer")


def _about(here: Here, store: Store, campaign: Campaign, *, known: bool) -> str:
    mode = here.say(f"review.mode_{campaign.mode}")
    if campaign.state != "open":
        return here.say("review.about_closed", mode=mode)
    if not known:
        return here.say("review.about_new", mode=mode)
    done, left = how_far(store, campaign.name, here.person.name)
    return here.say("review.about", mode=mode, done=done, left=left)


def _show_view() -> None:
    st.query_params["view"] = st.session_state[_VIEW]


def _open(name: str) -> None:
    st.session_state[_VIEW] = "answer"
    st.query_params.clear()
    st.query_params["campaign"] = name


def _others() -> None:
    st.query_params.from_dict({"all": "1"})


def _new() -> None:
    st.query_params.from_dict({"new": "1"})

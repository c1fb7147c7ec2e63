"""When there is nothing to judge: all done, closed, no campaign, a name that is none; each with what to do next."""

from __future__ import annotations

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.ui.here import Here
from tunesmith.ui.review_bar import undo_button
from tunesmith.ui.review_open import how_far
from tunesmith.ui.review_sitting import Sitting


def show_over(here: Here, store: Store, sitting: Sitting) -> None:
    """Nothing is left for this person, or the campaign or their part in it has ended."""
    if sitting.error is not None:
        look_again(here)
        return
    if sitting.over is not None:
        over(here, sitting.over)
        return
    done, _left = how_far(store, sitting.campaign, sitting.name)
    with st.container(border=True):
        st.subheader(here.say("review.end_title" if done else "review.end_none_title"), anchor=False)
        st.write(here.say("review.end_text", n=done) if done else here.say("review.end_none_text"))
        with st.container(horizontal=True, vertical_alignment="center"):
            look_again(here)
            if done:
                undo_button(here, store, sitting, None)


def nothing_yet(here: Here) -> None:
    """No campaign is open."""
    over(here, "no_campaign")
    look_again(here)


def unknown(here: Here, name: str) -> None:
    """The address asks for a campaign that is not there."""
    st.error(here.say("review.unknown_campaign", name=name))


def look_again(here: Here) -> None:
    """Look whether something came back."""
    if st.button(here.say("review.look_again"), key="review_look_again", icon=":material/refresh:"):
        st.rerun()


def over(here: Here, why: str) -> None:
    """That there is nothing to do, why, and what may be done about it."""
    with st.container(border=True):
        st.subheader(here.say(f"review.{why}_title"), anchor=False)
        st.write(here.say(f"review.{why}_text"))

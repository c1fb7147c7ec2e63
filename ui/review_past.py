"""My history: what this person answered, the newest first, each to be changed."""

from __future__ import annotations

import time

import streamlit as st

from tunesmith.evaluate import review_queue as queue
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_types import Past
from tunesmith.ui.here import Here
from tunesmith.ui.review_answer import sitting_at
from tunesmith.ui.review_cards import show_turns
from tunesmith.ui.review_open import how_far, reviewer_here
from tunesmith.ui.words import escaped

#: Answers that are listed at first, and more with each press.
AT_ONCE = 20
_EXCERPT = 70


def past(here: Here, store: Store, campaign: str) -> None:
    """List them."""
    if reviewer_here(store, here.person) is None:  # nobody yet, as far as the store knows
        st.caption(here.say("review.past_none"))
        return
    wanted = st.session_state.get("review_past_shown", AT_ONCE)
    found = queue.history(store, campaign, here.person.name, limit=wanted)
    done, _left = how_far(store, campaign, here.person.name)
    if not found:
        st.caption(here.say("review.past_none"))
        return
    st.caption(here.say("review.past_hint"))
    with st.container(key="review_past", gap="xsmall"):
        for one in found:
            _show(here, store, campaign, one)
    if done > len(found):
        st.caption(here.say("review.showing", n=len(found), total=done))
        st.button(here.say("review.more"), key="review_past_more", on_click=_more, args=(wanted,))


def _more(wanted: int) -> None:
    st.session_state["review_past_shown"] = wanted + AT_ONCE


def _show(here: Here, store: Store, campaign: str, one: Past) -> None:
    with st.expander(f"{_said(here, one)} · {escaped(_excerpt(here, one))}", key=f"past_{one.token}"):
        st.caption(time.strftime("%Y-%m-%d %H:%M", time.localtime(one.submitted_at)))
        show_turns(here, one.messages)
        for place, text in enumerate(one.answers):
            st.caption("AB"[place] if len(one.answers) == 2 else here.say("review.answer"))
            st.text(text if text.strip() else here.say.plain("review.empty_answer"))
        for name, text in (one.answer.edit or {}).items():
            st.caption(here.say(f"review.edited_{name}"))
            st.text(str(text))
        if one.answer.comment:
            st.caption(here.say("review.note"))
            st.text(one.answer.comment)
        st.button(
            here.say("review.change"),
            key=f"change_{one.token}",
            on_click=_reopen,
            args=(here, store, campaign, one.token),
        )


def _reopen(here: Here, store: Store, campaign: str, token: str) -> None:
    sitting_at(campaign, here.person.name).reopen(store, token)
    st.session_state["review_view"] = "answer"
    st.query_params["view"] = "answer"


def _said(here: Here, one: Past) -> str:
    """The answer in a few words."""
    ratings = [f"{escaped(name)} {score}" for name, score in one.answer.ratings.items()]
    choice = [here.say(f"review.said_{one.answer.choice}")] if one.answer.choice else []
    return f"**{', '.join([*choice, *ratings])}**"


def _excerpt(here: Here, one: Past) -> str:
    texts = [turn.get("content") for turn in reversed(one.messages) if turn.get("role") == "user"]
    text = next((text for text in texts if isinstance(text, str) and text.strip()), None) or one.answers[0]
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT]}…"

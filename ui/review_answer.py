"""Answering: the task in front of a person, in a part of the page of its own: a vote draws nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.ui.here import Here
from tunesmith.ui.review_bar import show_bar
from tunesmith.ui.review_cards import show_task
from tunesmith.ui.review_ends import show_over
from tunesmith.ui.review_sitting import Sitting
from tunesmith.ui.shown import fragment, show_error

_SITTING = "review_sitting"


def sitting_at(campaign: str, name: str) -> Sitting:
    """This view's place at a campaign; it is the same until another one is chosen."""
    found = st.session_state.get(_SITTING)
    if not isinstance(found, Sitting) or (found.campaign, found.name) != (campaign, name):
        found = st.session_state[_SITTING] = Sitting(campaign, name)
    return found


def answer(here: Here, store: Store, campaign: str) -> None:
    """Draw the task that is due."""
    sitting = sitting_at(campaign, here.person.name)
    notice, error = sitting.notice, sitting.error
    sitting.look(store)  # what became of the last step is still to be said
    sitting.notice, sitting.error = sitting.notice or notice, sitting.error or error
    fragment(here.say)(_draw)(here, store, sitting)


def _draw(here: Here, store: Store, sitting: Sitting) -> None:
    if sitting.over == "gone":
        st.rerun()  # the frame says why
    sitting.shown()  # nobody can have seen it sooner
    with st.container(key="review_sitting", gap="small"):
        _say(here, sitting)
        if sitting.task is None:
            show_over(here, store, sitting)
        else:
            _progress(here, sitting.task.done, sitting.task.left)
            beside = show_task(here, sitting.task)
            show_bar(here, store, sitting, sitting.task, beside)


def _progress(here: Here, done: int, left: int) -> None:
    st.progress(done / (done + left), here.say("review.progress", done=done, left=left))


def _say(here: Here, sitting: Sitting) -> None:
    """What became of the last step."""
    if sitting.error is not None:
        show_error(here.say, sitting.error)
    elif sitting.notice is not None:
        st.warning(here.say(f"review.notice_{sitting.notice}"))
    if sitting.told is not None:
        choice, revealed = sitting.told
        st.info(told(here, choice, revealed))


def told(here: Here, choice: str | None, revealed: Mapping[str, Any]) -> str:
    """What the rules had said of the row that was just answered."""
    said = here.say(f"review.said_{choice}")
    if revealed.get("verdict") != "dropped":
        return here.say("review.told_kept", said=said)
    rule, value = str(revealed.get("rule")), _number(revealed.get("value"))
    if revealed.get("threshold") is None or revealed.get("value") is None:
        return here.say("review.told_dropped", said=said, rule=rule)
    limit = _number(revealed["threshold"])
    return here.say("review.told_measured", said=said, rule=rule, value=value, limit=limit)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)

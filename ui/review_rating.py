"""The criteria of a task: what is rated by now, and the steps of the one that is asked, each with its key and words."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_types import Criterion, Task
from tunesmith.ui.here import Here
from tunesmith.ui.review_sitting import Sitting
from tunesmith.ui.review_steps import Step, answered, current, key_of, scores, steps_of
from tunesmith.ui.words import escaped


def show_rating(here: Here, store: Store, sitting: Sitting, task: Task, press: Callable[..., None]) -> None:
    """The steps in a row, then the scale of the one that is asked."""
    steps = steps_of(task)
    place = current(steps, sitting.given, sitting.chosen)
    with st.container(key="review_rating", gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", key="review_steps"):
            for number, step in enumerate(steps):
                _step(here, sitting, task, number, step, now=number == place)
        criterion = steps[place].criterion if place is not None else None
        if place is not None and criterion is not None:
            _scale(here, store, sitting, task, place, criterion, press)


def _step(here: Here, sitting: Sitting, task: Task, number: int, step: Step, *, now: bool) -> None:
    """A step that can be gone back to, with its answer."""
    given = sitting.given
    if step.criterion is None:
        name = here.say("review.choice")
        said = here.say(f"review.said_{given.choice}") if given.choice else ""
    else:
        name = escaped(step.criterion.name)
        said = str(given.ratings.get(step.criterion.name, ""))
    st.button(
        f"{name} · **{said}**" if said else name,
        key=f"step_{task.token}_{number}",
        on_click=sitting.back_to,
        args=(task.token, number),
        disabled=now or not answered(step, given),
        type="secondary" if now or said else "tertiary",
    )


def _scale(
    here: Here,
    store: Store,
    sitting: Sitting,
    task: Task,
    place: int,
    criterion: Criterion,
    press: Callable[..., None],
) -> None:
    st.text(here.say.plain("review.rate", name=criterion.name, description=criterion.description))
    with st.container(gap="xxsmall", key="review_scale"):
        for score in scores(criterion):
            anchor = criterion.anchors.get(score, "")
            st.button(
                f"**{score}** {escaped(anchor)}",
                key=f"rate_{task.token}_{place}_{score}",
                shortcut=key_of(score),
                on_click=press,
                args=(here, sitting, sitting.rate, store, task.token, place, score),
                type="primary" if sitting.given.ratings.get(criterion.name) == score else "secondary",
                width="stretch",
            )

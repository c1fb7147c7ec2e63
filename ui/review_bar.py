"""The buttons of a task, each with its key: the choice, the ratings, skip, undo, the note; and the editor of a row.

A button's key names the task, so that a press that comes after the next task has appeared is nobody's vote.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_types import CHOICES, Task
from tunesmith.ui.here import Here
from tunesmith.ui.review_open import still_here
from tunesmith.ui.review_rating import show_rating
from tunesmith.ui.review_sitting import Sitting
from tunesmith.ui.review_steps import KEYS, current, last_prompt, steps_of


def show_bar(here: Here, store: Store, sitting: Sitting, task: Task, beside: Any) -> None:
    """All that can be done with a task; it stays in sight while the page scrolls.

    :param beside: where the ratings go.
    """
    steps = steps_of(task)
    place = current(steps, sitting.given, sitting.chosen)
    if sitting.editing:
        _editor(here, store, sitting, task)
        return
    if any(step.criterion is not None for step in steps):
        with beside:
            show_rating(here, store, sitting, task, press)
    with st.container(key="review_bar", gap="xsmall"):
        if place is not None and steps[place].criterion is None:
            _choices(here, store, sitting, task)
        _rest(here, store, sitting, task, all_given=place is None)


def press(here: Here, sitting: Sitting, step: Callable[..., None], *arguments: Any) -> None:
    """Take a step, if this person may still be here: the part draws itself again without asking the frame."""
    if still_here(here):
        step(*arguments)
    else:
        sitting.over = "gone"


def undo_button(here: Here, store: Store, sitting: Sitting, token: str | None) -> None:
    """Take the last answer back."""
    st.button(
        here.say("review.undo"),
        key=f"undo_{token}",
        shortcut=KEYS["undo"],
        on_click=press,
        args=(here, sitting, sitting.undo, store, token),
        type="tertiary",
    )


def _choices(here: Here, store: Store, sitting: Sitting, task: Task) -> None:
    with st.container(horizontal=True, gap="xsmall", key="review_choices"):
        for choice in CHOICES[task.mode]:
            vote = (here, sitting, sitting.choose, store, task.token, choice)
            st.button(
                here.say(f"review.choice_{choice}"),
                key=f"vote_{task.token}_{choice}",
                shortcut=KEYS[choice],
                on_click=_open_editor if choice == "edit" else press,
                args=(sitting, task.token) if choice == "edit" else vote,
                type="primary" if sitting.given.choice == choice else "secondary",
                width="stretch",
            )


def _open_editor(sitting: Sitting, token: str) -> None:
    sitting.edit(token, on=True)


def _rest(here: Here, store: Store, sitting: Sitting, task: Task, *, all_given: bool) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="review_rest"):
        if all_given:
            st.button(
                here.say("review.send"),
                key=f"send_{task.token}",
                shortcut=KEYS["send"],
                on_click=press,
                args=(here, sitting, sitting.send, store, task.token),
                type="primary",
            )
        reason = here.say.plain("review.no_reason")
        st.button(
            here.say("review.skip"),
            key=f"skip_{task.token}",
            shortcut=KEYS["skip"],
            on_click=press,
            args=(here, sitting, sitting.skip, store, task.token, reason),
            type="tertiary",
        )
        if task.done:
            undo_button(here, store, sitting, task.token)
        with st.popover(here.say("review.skip_why"), type="tertiary", key=f"why_{task.token}"):
            _skip_form(here, store, sitting, task)
        if task.guidelines:
            _guidelines(here, task)
        _note(here, store, sitting, task)


def _guidelines(here: Here, task: Task) -> None:
    """On a phone, where they have no place beside the task; elsewhere hidden."""
    place = st.container(key="review_guide", width="content")
    with place.popover(here.say("review.guidelines"), type="tertiary", key="review_guide_open"):
        st.text(task.guidelines)


def _skip_form(here: Here, store: Store, sitting: Sitting, task: Task) -> None:
    key = f"reason_{task.token}"
    st.text_input(
        here.say("review.reason"), key=key, max_chars=300, placeholder=here.say.plain("review.reason_example")
    )
    again = st.checkbox(here.say("review.again"), key=f"again_{task.token}")
    st.button(
        here.say("review.skip_now"),
        key=f"skip_why_{task.token}",
        on_click=_skip,
        args=(here, store, sitting, task.token, key, again),
    )


def _skip(here: Here, store: Store, sitting: Sitting, token: str, key: str, again: bool) -> None:
    reason = str(st.session_state.get(key) or "").strip() or here.say.plain("review.no_reason")
    press(here, sitting, lambda: sitting.skip(store, token, reason, again=again))


def _note(here: Here, store: Store, sitting: Sitting, task: Task) -> None:
    key = f"note_{task.token}"
    st.text_input(
        here.say("review.note"),
        value=sitting.given.comment,
        key=key,
        max_chars=4000,
        placeholder=here.say.plain("review.note_hint"),
        label_visibility="collapsed",
        live="1s",
        on_change=_keep_note,
        args=(here, store, sitting, task.token, key),
    )


def _keep_note(here: Here, store: Store, sitting: Sitting, token: str, key: str) -> None:
    press(here, sitting, sitting.note, store, token, str(st.session_state.get(key) or ""))


def _editor(here: Here, store: Store, sitting: Sitting, task: Task) -> None:
    """The row's last question and its answer, to be changed."""
    begun = sitting.given.edit or {}
    prompt = last_prompt(task)
    keys = {"prompt": f"prompt_{task.token}", "answer": f"answer_{task.token}"}
    texts = {"prompt": prompt, "answer": task.answers[0] or None}
    edited = {name: keys[name] for name, text in texts.items() if text is not None}
    for name, text in texts.items():
        if text is not None:
            label = here.say(f"review.edit_{name}")
            st.text_area(
                label,
                value=str(begun.get(name, text)),
                key=keys[name],
                height=180 if name == "prompt" else 260,
                on_change=_keep_edit,
                args=(here, store, sitting, task.token, edited),
            )
    with st.container(horizontal=True, gap="xsmall", key="review_bar"):
        st.button(
            here.say("review.save_edit"),
            key=f"save_{task.token}",
            on_click=_change,
            args=(here, store, sitting, task.token, edited),
            type="primary",
        )
        st.button(
            here.say("common.cancel"),
            key=f"stop_edit_{task.token}",
            on_click=lambda: sitting.edit(task.token, on=False),
        )


def _change(here: Here, store: Store, sitting: Sitting, token: str, keys: dict[str, str]) -> None:
    press(here, sitting, sitting.change, store, token, _typed(keys))


def _keep_edit(here: Here, store: Store, sitting: Sitting, token: str, keys: dict[str, str]) -> None:
    press(here, sitting, sitting.begin_edit, store, token, _typed(keys))


def _typed(keys: dict[str, str]) -> dict[str, str]:
    return {name: str(st.session_state.get(key) or "") for name, key in keys.items()}

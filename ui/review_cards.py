"""What is judged: the prompt, the answers, what stands beside them. All of it is somebody's text and shown as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.evaluate.review_types import Task
from tunesmith.ui.here import Here

#: Fixed, so that nothing jumps; `review_style.py` fits them to the window.
_CARD_PIXELS, _PROMPT_PIXELS = 420, 200

_ROLES = ("system", "user", "assistant", "tool")


def show_task(here: Here, task: Task) -> Any:
    """The prompt with what stands beside it, then the answers.

    :returns: the place for the ratings: beside a single answer, below two.
    """
    beside = bool(task.reference or task.guidelines)
    prompt, side = st.columns([3, 2]) if beside else (st.container(), None)
    with prompt:
        _show_prompt(here, task)
    if side is not None:
        with side:
            _show_beside(here, task)
    with st.container(key="review_answers"):
        rated = len(task.answers) == 1 and task.criteria
        columns = st.columns([3, 2]) if rated else st.columns(len(task.answers))
        for place, column in zip(range(len(task.answers)), columns):
            with column:
                _show_answer(here, task, place)
    return columns[1] if rated else st.container()


def show_turns(here: Here, messages: tuple[Mapping[str, Any], ...]) -> None:
    """Who said what."""
    for turn in messages:
        role = str(turn.get("role"))
        st.caption(here.say(f"review.role_{role}") if role in _ROLES else here.say("review.role_other", role=role))
        for text in _texts(here, turn):
            st.text(text)


def _texts(here: Here, turn: Mapping[str, Any]) -> list[str]:
    """What a turn says: its thought, its text, its calls."""
    thought = turn.get("reasoning") or turn.get("reasoning_content")
    found = [here.say.plain("review.thought", text=str(thought))] if thought else []
    content = turn.get("content")
    if content:
        found.append(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1))
    if turn.get("tool_calls"):
        found.append(json.dumps(turn["tool_calls"], ensure_ascii=False, indent=1))
    return found or [here.say.plain("review.no_text")]


def _show_prompt(here: Here, task: Task) -> None:
    with st.container(border=True, height=_PROMPT_PIXELS, key=f"review_prompt_{task.token}", gap="xxsmall"):
        if task.messages:
            show_turns(here, task.messages)
        else:
            st.caption(here.say("review.no_prompt"))


def _show_beside(here: Here, task: Task) -> None:
    """The reference and the guidelines; a phone has no room for these, and shows them on request."""
    with st.container(border=True, height=_PROMPT_PIXELS, key=f"review_beside_{task.token}", gap="xxsmall"):
        for text in task.reference:
            st.caption(here.say("review.reference" if task.mode != "curation" else "review.for_comparison"))
            st.text(text)
        if task.guidelines:
            alone = "" if task.reference else "only_"
            with st.container(key=f"review_{alone}guidelines", gap="xxsmall"):
                st.caption(here.say("review.guidelines"))
                st.text(task.guidelines)


def _show_answer(here: Here, task: Task, place: int) -> None:
    name = "AB"[place] if len(task.answers) == 2 else here.say("review.answer")
    answer = task.answers[place]
    st.markdown(f"**{name}**")
    with st.container(border=True, height=_CARD_PIXELS, key=f"review_card_{place}_{task.token}"):
        if answer.strip():
            st.text(answer)
        else:
            st.caption(here.say("review.empty_answer"))

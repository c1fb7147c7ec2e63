"""Disagreements, one at a time: a lead sees what was voted and why, decides, and may take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from tunesmith.errors import ReviewError, TunesmithError
from tunesmith.evaluate.review_adjudicate import Disagreement, adjudicate_shown, disagreements, undo_adjudication
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_store_campaigns import add_reviewer, read_campaign, reviewers
from tunesmith.evaluate.review_types import Answer, CampaignData
from tunesmith.ui.here import Here
from tunesmith.ui.review_lead_blind import Queue, queue_of
from tunesmith.ui.review_lead_decide_answer import answer_form
from tunesmith.ui.review_lead_read import state_now, store_arguments
from tunesmith.ui.shown import show_command, show_error, show_text
from tunesmith.ui.words import catalogue, escaped

_LAST = "lead_last_decision"
_PLACE = "lead_decide_place"


def show(here: Here, store: Store, name: str) -> None:
    """Draw it."""
    _take_part(here, store)
    queue = queue_of(state_now(store, name), here.person.name)
    _undo_last(here, store, name)
    if queue.hidden:
        st.info(here.say("lead.hidden", n=len(queue.hidden)))
    wanted = _which(here, queue)
    items = queue.decided if wanted == "decided" else queue.waiting
    if not items:
        st.markdown(here.say(f"lead.no_{wanted}"))
    else:
        _one(here, store, name, items, decided=wanted == "decided")
    show_command(here.say, ["review", "adjudicate", name, "--lead", here.person.name, *store_arguments()])


def _take_part(here: Here, store: Store) -> None:
    """The store knows a lead by name: whose sides they see, and who decided."""
    known = {one.name: one for one in reviewers(store)}.get(here.person.name)
    if known is None or not known.active or known.role == "reviewer":
        add_reviewer(store, here.person.name, "owner" if here.person.may("owner") else "lead")


def _which(here: Here, queue: Queue) -> str:
    if not queue.decided:
        return "waiting"
    counts = {"waiting": len(queue.waiting), "decided": len(queue.decided)}
    return str(
        st.segmented_control(
            here.say("lead.which"),
            list(counts),
            default="waiting",
            required=True,
            format_func=lambda one: here.say(f"lead.which_{one}", n=counts[one]),
            key="lead_which",
            label_visibility="collapsed",
        )
    )


def _one(here: Here, store: Store, name: str, items: tuple[int, ...], *, decided: bool) -> None:
    place = _place(here, len(items), decided=decided)
    data = read_campaign(store, name, only=items[place])
    found = disagreements(data, lead=here.person.name)
    if not found:  # a vote was changed meanwhile
        st.info(here.say("lead.agree_now"))
        return
    _shown(here, data, found[0])
    if decided:
        _decided(here, store, data, found[0])
        return
    answer = answer_form(here, data, found[0])
    if answer is not None:
        _decide(here, store, name, items[place], answer)


def _place(here: Here, n: int, *, decided: bool) -> int:
    """Which of them, from 0; whoever leaves one for later goes on to the next."""
    key = f"{_PLACE}_{decided}"
    place = min(int(st.session_state.get(key, 0)), n - 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(here.say("lead.place", place=place + 1, n=n))
        for label, step, here_ends in (("before", -1, place == 0), ("after", 1, place == n - 1)):
            if n > 1 and st.button(here.say(f"lead.{label}"), key=f"{key}_{label}", disabled=here_ends):
                st.session_state[key] = place + step
                st.rerun()
    return place


def _shown(here: Here, data: CampaignData, one: Disagreement) -> None:
    """What was asked, what was answered, what was voted: no system and no name of a person."""
    kinds = " ".join(here.say(f"lead.kind_{kind}") for kind in one.kinds)
    st.markdown(f"**{kinds}**")
    with st.container(border=True, key=f"lead_prompt_{one.item}"):
        for turn in one.messages:
            _turn(here, turn)
    labels = ("left", "right") if len(one.answers) == 2 else ("answer",)
    for column, label, text in zip(st.columns(len(one.answers) or 1), labels, one.answers):
        with column.container(border=True, height=320 if len(text) > 600 else "content"):
            st.caption(here.say(f"lead.side_{label}", n=one.votes.get(label, 0)))
            show_text(text or here.say.plain("lead.empty_answer"))
    for text in one.reference:
        with st.expander(here.say("lead.reference")):
            show_text(text)
    _votes(here, one)


def _turn(here: Here, turn: Mapping[str, Any]) -> None:
    role = str(turn.get("role", ""))
    known = role in ("system", "user", "assistant", "tool")
    st.caption(here.say(f"lead.role_{role}") if known else escaped(role))
    show_text(str(turn.get("content") or turn.get("tool_calls") or ""))


def _votes(here: Here, one: Disagreement) -> None:
    if one.votes:
        said = [f"{here.say(f'lead.choice_{choice}')} × {n}" for choice, n in one.votes.items()]
        st.markdown(here.say("lead.voted") + " " + " · ".join(said))
    for criterion, ratings in one.ratings.items():
        st.markdown(f"- {escaped(criterion)}: {' · '.join(map(str, ratings))}")
    for remark in one.remarks:
        edit = "\n".join(str(text) for text in (remark.edit or {}).values())
        if not remark.comment and not edit:
            continue
        with st.container(border=True):
            choice = here.say(f"lead.choice_{remark.choice}") if remark.choice else here.say("lead.comment")
            st.caption(
                choice + (f" ({here.say('lead.mirrored')})" if remark.mirrored and len(one.answers) == 2 else "")
            )
            show_text("\n\n".join(part for part in (remark.comment, edit) if part))


def _decide(here: Here, store: Store, name: str, item: int, answer: Answer) -> None:
    try:
        adjudicate_shown(store, name, item, here.person.name, answer)
    except TunesmithError as error:
        _refused(here, error)
        return
    st.session_state[_LAST] = (name, item)
    st.rerun()


def _undo_last(here: Here, store: Store, name: str) -> None:
    """The last decision of this view can be taken back with one press."""
    campaign, item = st.session_state.get(_LAST, ("", 0))
    if campaign != name:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(here.say("lead.decided_now"))
        if st.button(here.say("lead.take_back"), key=f"lead_undo_{item}", icon=":material/undo:"):
            _take_back(here, store, name, item)


def _decided(here: Here, store: Store, data: CampaignData, one: Disagreement) -> None:
    made = next(found for found in data.adjudications if found.item == one.item)
    turned = len(one.answers) == 2 and one.answers[0] != data.items[0].sides[0].answer
    sides = {"first": "right", "second": "left"} if turned else {"first": "left", "second": "right"}
    choice = sides.get(made.choice or "", made.choice or "")
    parts = [here.say(f"lead.choice_{choice}")] if choice else []
    parts += [f"{escaped(name)} {rating}" for name, rating in made.ratings.items()]
    st.markdown(here.say("lead.decided_by", name=made.lead) + " **" + " · ".join(parts) + "**")
    for text in (made.comment, *(str(text) for text in (made.edit or {}).values())):
        if text:
            show_text(text)
    if st.button(here.say("lead.take_back"), key=f"lead_take_back_{one.item}", icon=":material/undo:"):
        _take_back(here, store, data.campaign.name, one.item)


def _take_back(here: Here, store: Store, name: str, item: int) -> None:
    try:
        undo_adjudication(store, name, item, here.person.name, replace=True)
    except TunesmithError as error:
        _refused(here, error)
        return
    finally:
        st.session_state.pop(_LAST, None)
    st.rerun()


def _refused(here: Here, error: TunesmithError) -> None:
    """Why it cannot be decided so, in the person's language where it is one of the usual reasons."""
    key = f"refused_{error.code}" if isinstance(error, ReviewError) else ""
    if key in catalogue("lead"):
        st.error(here.say(f"lead.{key}"), icon="⚠️")
    else:
        show_error(here.say, error)

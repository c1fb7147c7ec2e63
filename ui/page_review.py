"""Review: which campaign, then its parts: answering, my history, and for leads the results and who has access."""

from __future__ import annotations

import streamlit as st

from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_store_campaigns import campaigns
from tunesmith.evaluate.review_types import Campaign
from tunesmith.ui.here import Here
from tunesmith.ui.links import asked
from tunesmith.ui.review_answer import answer
from tunesmith.ui.review_choose import choose_campaign, head, view_choice
from tunesmith.ui.review_ends import nothing_yet, over, unknown
from tunesmith.ui.review_open import reviewer_here, store_here
from tunesmith.ui.review_past import past
from tunesmith.ui.review_start import start
from tunesmith.ui.review_style import style


def page(here: Here) -> None:
    """Draw it."""
    style(dark=here.dark)
    store = store_here(here.workspace)
    found = [one for one in campaigns(store) if one.state == "open" or here.person.may("lead")]
    name = asked("campaign")
    if asked("new") and here.person.may("lead"):
        _title(here)
        _create(here, store)
    elif name is None and (len(found) != 1 or asked("all")):
        _title(here)
        _choose(here, store, found)
    else:
        _one(here, store, name or found[0].name)


def _title(here: Here) -> None:
    st.title(here.say("common.review"), anchor=False)


def _choose(here: Here, store: Store, found: list[Campaign]) -> None:
    if found:
        choose_campaign(here, store, found)
    elif here.person.may("lead"):
        st.write(here.say("review.none_lead"))
        _create(here, store)
    else:
        nothing_yet(here)


def _one(here: Here, store: Store, name: str) -> None:
    campaign = next((one for one in campaigns(store) if one.name == name), None)
    if campaign is None:
        _title(here)
        unknown(here, name)
        _choose(here, store, [one for one in campaigns(store) if one.state == "open"])
        return
    head(here, campaign)
    view = view_choice(here, campaign)
    if view == "lead":
        _lead(here, store, campaign)
    elif view == "history":
        past(here, store, campaign.name)
    else:
        _answer(here, store, campaign)


def _answer(here: Here, store: Store, campaign: Campaign) -> None:
    known = reviewer_here(store, here.person)
    if campaign.state != "open" and known is None:
        over(here, "closed_new")
    elif campaign.state == "open" and (known is None or (not known.active and here.person.may("lead"))):
        start(here, store, campaign)
    else:
        answer(here, store, campaign.name)


def _lead(here: Here, store: Store, campaign: Campaign) -> None:
    from tunesmith.ui.review_lead import lead  # with what it needs, only for those who see it

    lead(here, store, campaign.name)


def _create(here: Here, store: Store) -> None:
    from tunesmith.ui.review_lead import create_form

    create_form(here, store)

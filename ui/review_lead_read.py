"""What a lead's page shows, read once for each state of the store: as long as its log has not grown, nothing is counted
again. Of 10,000 items the status takes 0.6 s and the figures 2 s; kept, a section opens in a few milliseconds.
"""

from __future__ import annotations

import os
import time
from typing import Any, NamedTuple

import streamlit as st

from tunesmith.evaluate.review_store import STORE_VARIABLE, Store
from tunesmith.evaluate.review_store_status import State, last_event, read_state
from tunesmith.evaluate.review_types import CampaignData
from tunesmith.ui.review_lead_pairs import TwoPeople, two_people
from tunesmith.ui.review_lead_patience import Counted, counted

Found = dict[str, Any]


class Figures(NamedTuple):
    """What a campaign says.

    :param found: all figures, as `results` gives them.
    :param people: how often each two people said the same.
    :param is_old: whether somebody has voted since.
    """

    found: Found
    people: list[TwoPeople]
    is_old: bool = False


_AGES = 30.0  # seconds after which leases and the pace of the last hour are reckoned anew, at the latest


def status_now(store: Store, name: str) -> Found:
    """How far a campaign is; of leases and pace at most half a minute old."""
    return _status(store, store.where, name, last_event(store, name), int(time.time() // _AGES))


def state_now(store: Store, name: str) -> State:
    """Seats and votes without texts."""
    return _state(store, store.where, name, last_event(store, name))


def results_now(store: Store, name: str) -> Found:
    """All figures of this moment, for a file; people are R1, R2 …"""
    return figures_now(store, name, exact=True).found


def figures_now(store: Store, name: str, *, names: bool = False, exact: bool = False) -> Figures:
    """All figures, of a large campaign perhaps some votes old; people are R1, R2 … unless their names are asked for.

    :param exact: whether they have to be those of this moment.
    """
    event = last_event(store, name)
    kept = counted(
        _shelf(), (store.where, name, names), event=event, exact=exact, count=lambda: _count(store, name, event, names)
    )
    return kept.value._replace(is_old=kept.event != event)


def data_now(store: Store, name: str) -> CampaignData:
    """All of a campaign, for exports."""
    return _data(store, store.where, name, last_event(store, name))


def store_arguments() -> list[str]:
    """How a command in the workspace's folder finds this review: by the variable, or as a file there."""
    return [] if os.environ.get(STORE_VARIABLE) else ["--store", "review.sqlite"]


@st.cache_resource(show_spinner=False, max_entries=4)
def _status(_store: Store, where: str, name: str, event: int, age: int) -> Found:
    from tunesmith.evaluate.review_status import status

    return status(_store, name)


@st.cache_resource(show_spinner=False, max_entries=4)
def _state(_store: Store, where: str, name: str, event: int) -> State:
    return read_state(_store, name)


@st.cache_resource(show_spinner=False)
def _shelf() -> dict[Any, Counted[Any]]:
    # One for all visits, for as long as the server runs: unbounded, it would hold the figures of every campaign that a
    # lead ever opened. `counted`, which alone puts something here, keeps `MOST_KEPT` of them.
    return {}


def _count(store: Store, name: str, event: int, names: bool) -> Figures:
    from tunesmith.evaluate.review_results import results
    from tunesmith.evaluate.review_results_votes import pseudonyms, votes_of
    from tunesmith.evaluate.review_status import skips_of

    data = _data(store, store.where, name, event)
    called = {} if names else pseudonyms(data)
    people = two_people(votes_of(data, lambda person: called.get(person, person)), data.campaign.mode)
    return Figures(results(data, anonymous=not names, skips=skips_of(store, name)), people)


@st.cache_resource(show_spinner=False, max_entries=2)
def _data(_store: Store, where: str, name: str, event: int) -> CampaignData:
    from tunesmith.evaluate.review_store_campaigns import read_campaign

    return read_campaign(_store, name)

"""How far a campaign is, read from the store in one state of the database, without the texts.

>>> state = read_state(store, "spring")  # doctest: +SKIP
>>> len(state.seats), state.items["identical"]  # doctest: +SKIP
(100, 2)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from tunesmith.evaluate import review_store_tables as tables
from tunesmith.evaluate.review_store import Store
from tunesmith.evaluate.review_store_campaigns import find_campaign
from tunesmith.evaluate.review_types import Campaign, Reviewer, Vote


class Seat(NamedTuple):
    """One row of `assignment`, with the name of who sits there."""

    item: int
    slot: int | None
    repeat: bool
    state: str
    reviewer: str | None
    leased_at: float | None
    expires_at: float | None
    has_draft: bool


class Skip(NamedTuple):
    """One item that somebody passed over."""

    item: int
    reviewer: str
    reason: str
    again: bool
    at: float


class State(NamedTuple):
    """A campaign as it stands.

    :param items: how many in each state: queued, identical, withdrawn.
    :param keys: of the queued items, by id, in the queue's order.
    :param votes: with neither edits nor comments.
    :param last_at: of the last line of the log.
    """

    campaign: Campaign
    now: float
    items: Mapping[str, int]
    keys: Mapping[int, str]
    seats: tuple[Seat, ...]
    skips: tuple[Skip, ...]
    votes: tuple[Vote, ...]
    decided: frozenset[int]
    people: tuple[Reviewer, ...]
    last_at: float | None


def read_state(store: Store, name: str | None = None) -> State:
    """All that `review_status` counts.

    :raises InputError: no such campaign.
    """
    campaign = find_campaign(store, name)
    with store.read() as connection:
        i, number = tables.item.c, campaign.id
        states = sa.select(i.state, sa.func.count()).where(i.campaign_id == number).group_by(i.state)
        keys = sa.select(i.id, i.key).where(i.campaign_id == number, i.state == "queued").order_by(i.position)
        decided = sa.select(tables.adjudication.c.item_id).where(tables.adjudication.c.campaign_id == number)
        last = sa.select(sa.func.max(tables.event.c.at)).where(tables.event.c.campaign_id == number)
        r = tables.reviewer.c
        return State(
            campaign,
            store.now(connection),
            {row[0]: row[1] for row in connection.execute(states)},
            {row[0]: row[1] for row in connection.execute(keys)},
            _seats(connection, number),
            _skips(connection, number),
            _votes(connection, number),
            frozenset(connection.execute(decided).scalars()),
            tuple(
                Reviewer(*row) for row in connection.execute(sa.select(r.id, r.name, r.role, r.active).order_by(r.name))
            ),
            connection.execute(last).scalar(),
        )


def last_event(store: Store, name: str | None = None) -> int:
    """The number of the last line of the log that has to do with a campaign, or with people: where it has not grown,
    nothing that was counted from the store has changed, but what depends on the time of day. 0 where there is none.

    :raises InputError: no such campaign.
    """
    campaign, e = find_campaign(store, name), tables.event.c
    with store.read() as connection:
        found = [
            connection.execute(sa.select(sa.func.max(e.id)).where(these)).scalar()
            for these in (e.campaign_id == campaign.id, e.campaign_id.is_(None))
        ]
    return max(one or 0 for one in found)


def read_skips(store: Store, name: str | None = None) -> tuple[Skip, ...]:
    """What people passed over, by time.

    :raises InputError: no such campaign.
    """
    campaign = find_campaign(store, name)
    with store.read() as connection:
        return _skips(connection, campaign.id)


def _seats(connection: sa.Connection, campaign: int) -> tuple[Seat, ...]:
    a, who = tables.assignment.c, tables.reviewer.c.name
    drafted = sa.and_(a.draft.is_not(None), a.state == "leased")
    query = (
        sa.select(a.item_id, a.slot, a.repeat, a.state, who, a.leased_at, a.expires_at, drafted)
        .outerjoin_from(tables.assignment, tables.reviewer, a.reviewer_id == tables.reviewer.c.id)
        .join(tables.item, tables.item.c.id == a.item_id)
        .where(a.campaign_id == campaign, tables.item.c.state == "queued")
        .order_by(a.position, a.slot)
    )
    found = (Seat(*row) for row in connection.execute(query))
    return tuple(seat._replace(has_draft=bool(seat.has_draft)) for seat in found)


def _skips(connection: sa.Connection, campaign: int) -> tuple[Skip, ...]:
    s = tables.skip.c
    query = (
        sa.select(s.item_id, tables.reviewer.c.name, s.reason, s.again, s.at)
        .join_from(tables.skip, tables.reviewer, s.reviewer_id == tables.reviewer.c.id)
        .join(tables.item, tables.item.c.id == s.item_id)
        .where(tables.item.c.campaign_id == campaign)
        .order_by(s.at, s.id)
    )
    return tuple(Skip(*row) for row in connection.execute(query))


def _votes(connection: sa.Connection, campaign: int) -> tuple[Vote, ...]:
    c = tables.response.c
    columns: list[Any] = [c.item_id, tables.reviewer.c.name, c.choice, c.ratings, c.swapped, c.repeat, c.seconds]
    query = (
        sa.select(*columns, c.submitted_at)
        .join_from(tables.response, tables.reviewer, c.reviewer_id == tables.reviewer.c.id)
        .where(c.campaign_id == campaign)
        .order_by(c.submitted_at, c.id)
    )
    found = []
    for row in connection.execute(query):
        item, person, choice, ratings, swapped, repeat, seconds, at = tuple(row)
        found.append(Vote(item, person, choice, ratings, None, "", swapped, repeat, seconds, at))
    return tuple(found)

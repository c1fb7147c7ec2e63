"""What a lead may look at: whoever also answers in a campaign sees no vote on an item that may still come to them.

>>> found = queue_of(read_state(store, "spring"), "mo")  # doctest: +SKIP
>>> found.waiting, len(found.hidden)  # doctest: +SKIP
((17, 31), 4)
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.evaluate.review_adjudicate import disagreeing
from tunesmith.evaluate.review_store_status import State
from tunesmith.evaluate.review_types import CampaignData, Vote


class Queue(NamedTuple):
    """Items on which votes disagree, by id, in the campaign's order.

    :param waiting: nobody has decided about them.
    :param decided: a lead has.
    :param hidden: items with others' votes that this person may still be asked about, whether those votes disagree or
        not; none of them is in the other two.
    """

    waiting: tuple[int, ...]
    decided: tuple[int, ...]
    hidden: frozenset[int]


def queue_of(state: State, person: str) -> Queue:
    """What this lead may decide now, and what stays covered until they have answered."""
    others = {vote.item for vote in state.votes if vote.reviewer != person}
    hidden = to_come(state, person) & others
    apart = [item for item in _apart(state) if item not in hidden]
    return Queue(
        tuple(item for item in apart if item not in state.decided),
        tuple(item for item in apart if item in state.decided),
        frozenset(hidden),
    )


def to_come(state: State, person: str) -> set[int]:
    """Items that this person has not answered and may still be asked about.

    Of somebody who has answered nothing here only the one that they hold: most leads do not answer. None in a closed
    campaign.
    """
    if state.campaign.state != "open" or not _is_active(state, person):
        return set()
    answered = {vote.item for vote in state.votes if vote.reviewer == person}
    passed = {skip.item for skip in state.skips if skip.reviewer == person and not skip.again}
    unfilled = [seat for seat in state.seats if not seat.repeat and seat.state != "done"]
    return {seat.item for seat in unfilled if answered or seat.reviewer == person} - answered - passed


def without(data: CampaignData, items: frozenset[int]) -> CampaignData:
    """A campaign as if these items were none of it."""
    return data._replace(
        items=tuple(item for item in data.items if item.id not in items),
        votes=tuple(vote for vote in data.votes if vote.item not in items),
        adjudications=tuple(one for one in data.adjudications if one.item not in items),
    )


def _is_active(state: State, person: str) -> bool:
    return any(one.name == person and one.active for one in state.people)


def _apart(state: State) -> list[int]:
    by_item: dict[int, list[Vote]] = {}
    for vote in state.votes:
        if not vote.repeat and vote.item in state.keys:
            by_item.setdefault(vote.item, []).append(vote)
    return [item for item in state.keys if disagreeing(state.campaign.mode, by_item.get(item, ()))]

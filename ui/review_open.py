"""What the page of the reviews stands on: the store, the campaigns, who this person is there, how far they are.

>>> store = store_here(here.workspace)  # doctest: +SKIP
>>> how_far(store, "spring", "Li")  # doctest: +SKIP
(12, 28)
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tunesmith.evaluate import review_store_queue_reads as reads
from tunesmith.evaluate.review_store import Store, open_store
from tunesmith.evaluate.review_store_campaigns import add_reviewer, reviewers
from tunesmith.evaluate.review_store_desk import desk_at
from tunesmith.evaluate.review_types import Reviewer
from tunesmith.ui.here import Here, Person
from tunesmith.ui.identity import is_shared
from tunesmith.ui.identity_cookie import held_by
from tunesmith.ui.identity_login import email_here, login_configured, person_of
from tunesmith.ui.workspace import Workspace

_RANK = {"reviewer": 0, "lead": 1, "owner": 2}


def store_here(workspace: Workspace) -> Store:
    """The workspace's store, made where there is none, opened once for everybody.

    :raises InputError: a file or a database of something else.
    """
    address = workspace.review_store
    file = None if "://" in address else Path(address)
    if file is not None and not file.exists():
        open_store(address, create=True).close()
    return _opened(address, file.stat().st_ino if file is not None else 0)


@st.cache_resource(show_spinner=False)
def _opened(address: str, file: int) -> Store:
    """:param file: tells a file from another that has taken its place."""
    return open_store(address, create=True)


def reviewer_here(store: Store, person: Person) -> Reviewer | None:
    """This person as the store knows them, also where they have left."""
    return next((one for one in reviewers(store) if one.name == person.name), None)


def enter(store: Store, person: Person) -> Reviewer:
    """Take this person in as a reviewer; nobody loses a role.

    :raises InputError: a name that no store holds.
    """
    known = reviewer_here(store, person)
    keeps = known is not None and _RANK[known.role] >= _RANK[person.role]
    return add_reviewer(store, person.name, None if keeps else person.role)


def how_far(store: Store, campaign: str, name: str) -> tuple[int, int]:
    """How many answers somebody gave and how many more there can be for them now, without taking anything.

    :raises InputError: no such campaign, nobody of that name.
    """
    with store.read() as connection:
        desk = desk_at(store, connection, campaign, name, lock=False)
        far = reads.progress(desk)
        left = far.left(desk.campaign.repeats) if far.open or far.n_leased or far.due is not None else 0
        return far.done, left


def still_here(here: Here) -> bool:
    """Whether this person is who they were when the page was drawn; a part that draws itself again asks anew."""
    if not is_shared():
        return True
    held = held_by(here.workspace, st.context.cookies)
    if held is not None:
        return Person(held.name, held.role) == here.person
    email = email_here() if login_configured() else None
    return bool(email) and person_of(here.workspace, email or "") == here.person

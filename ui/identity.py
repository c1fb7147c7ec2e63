"""Who looks at a page: alone on this machine the owner; shared, whoever an invitation's cookie or a login proves.

Called at the start of every run of every page, so that what was revoked ends with the next click.
"""

from __future__ import annotations

import logging
from typing import NoReturn

import streamlit as st

from tunesmith.errors import TunesmithError
from tunesmith.ui.here import Person
from tunesmith.ui.identity_cookie import held_by
from tunesmith.ui.identity_login import admit, email_here, login_configured, person_of, providers
from tunesmith.ui.invitations import note_seen
from tunesmith.ui.launch import launched
from tunesmith.ui.words import Words, escaped
from tunesmith.ui.workspace import Workspace

_LOG = logging.getLogger(__name__)


def is_shared() -> bool:
    """Whether others may connect: nobody is the owner for merely being here."""
    return launched().shared or login_configured()


def person_here(workspace: Workspace, say: Words) -> Person:
    """The person whom the server knows this session to be; for a stranger the run ends with a page that says so."""
    if not is_shared():
        return Person(launched().name, "owner")
    held = held_by(workspace, st.context.cookies)
    if held is not None:
        note_seen(workspace, held)
        return Person(held.name, held.role)
    if login_configured():
        return _logged_in(workspace, say)
    st.title(say("access.over_title"), anchor=False)  # a stranger came no further than the guard
    st.write(say("access.over"))
    return st.stop()


def _logged_in(workspace: Workspace, say: Words) -> Person:
    email = email_here()
    try:
        person = person_of(workspace, email) if email else None
    except TunesmithError as error:
        admit(None)
        return _no_list(say, error)
    admit(person)
    if person is not None:
        return person
    return _ask_to_log_in(say) if email is None else _refuse(say, email)


def _no_list(say: Words, error: TunesmithError) -> NoReturn:
    """The list of who may come in has mistakes. Whoever logged in may be a stranger, and it names people."""
    _LOG.error("%s", error)
    st.title(say("access.list_broken_title"), anchor=False)
    st.write(say("access.list_broken"))
    st.button(say("access.log_out"), on_click=st.logout, key="log_out")
    st.stop()


def _refuse(say: Words, email: str) -> NoReturn:
    st.title(say("access.unknown_title"), anchor=False)
    st.write(say("access.unknown", email=email) if email else say("access.no_email"))
    st.button(say("access.log_out"), on_click=st.logout, key="log_out")
    st.stop()


def _ask_to_log_in(say: Words) -> NoReturn:
    st.title(say("access.log_in_title"), anchor=False)
    st.write(say("access.log_in_text"))
    for provider in providers():
        label = say("access.log_in_with", provider=provider) if provider else say("access.log_in")
        st.button(label, on_click=st.login, args=(provider,), key=f"log_in_{escaped(provider or 'default')}")
    st.stop()

"""Who has access: the list of invitations, a new one, and revoking; a part of the review page for leads and owners.

>>> people(here)  # doctest: +SKIP
"""

from __future__ import annotations

import time
from html import escape

import streamlit as st

from tunesmith.errors import InputError, TunesmithError
from tunesmith.ui.here import Here, Role
from tunesmith.ui.identity import is_shared
from tunesmith.ui.identity_cookie import held_by
from tunesmith.ui.identity_login import read_access
from tunesmith.ui.invitations import DAY, ROLES, Invitation, invitations, invite, last_seen, revoke
from tunesmith.ui.server_start import link_origin
from tunesmith.ui.shown import command_line, show_error
from tunesmith.ui.words import Words

DAYS = (7, 30, 90)

#: The link that was just made, for this view alone.
_NEW = "people_new_link"

#: How many were made in this view: each has a field for the name of its own, which begins empty.
_MADE = "people_made"


def people(here: Here) -> None:
    """List who has access, and let a lead or the owner change that."""
    st.subheader(here.say("access.people_title"))
    if not is_shared():
        st.write(here.say("access.people_alone"))
        example = ["app", "--shared", "--address", "0.0.0.0", "--host", "review.example.org"]  # noqa: S104
        st.code(command_line(example), language="bash", wrap_lines=True)
        return
    try:
        _people(here, invitations(here.workspace))
    except TunesmithError as error:
        show_error(here.say, error)


def _people(here: Here, held: list[Invitation]) -> None:
    _show_new_link(here)
    _list(here, [one for one in held if one.state == "live"], [one for one in held if one.state != "live"])
    _invite_form(here)


def may_manage(here: Here, role: Role) -> bool:
    """Whether this person may give or take a role: a lead up to lead, so that nobody raises themselves."""
    return here.person.may("lead") and here.person.may(role)


def seen_ago(say: Words, seconds: float | None) -> str:
    """How long ago somebody was here, in words."""
    if seconds is None:
        return say.plain("access.seen_never")
    if seconds < 300:
        return say.plain("access.seen_now")
    for unit, length in (("days", DAY), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= length:
            return say.plain(f"access.seen_{unit}", n=int(seconds // length))
    raise AssertionError("300 seconds are minutes")


def _list(here: Here, live: list[Invitation], ended: list[Invitation]) -> None:
    st.caption(here.say("access.people_count", n=len(live)) if live else here.say("access.people_none"))
    for held in live:
        _live_row(here, held)
    if ended:
        with st.expander(here.say("access.people_ended", n=len(ended))):
            for held in ended:
                st.text(held.name)
                st.caption(_told(here, held))


def _live_row(here: Here, held: Invitation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        with st.container(gap=None):
            st.text(held.name)
            st.caption(_told(here, held))
        if may_manage(here, held.role) and held.name != here.person.name:
            label, why = here.say("access.revoke"), here.say("access.revoke_help")
            st.button(label, help=why, on_click=_revoke, args=(here, held.id), key=f"revoke_{held.id}", width="content")


def _told(here: Here, held: Invitation) -> str:
    role = here.say.plain(f"access.role_{held.role}")
    if held.state == "live":
        seen = last_seen(here.workspace, held)
        ago = seen_ago(here.say, None if seen is None else time.time() - seen)
        return here.say("access.person_live", role=role, until=day(held.expires), seen=ago)
    return here.say(f"access.person_{held.state}", role=role, until=day(held.revoked or held.expires))


def _invite_form(here: Here) -> None:
    roles: list[Role] = [role for role in ROLES if may_manage(here, role)]
    with st.expander(here.say("access.people_new")), st.form("people_invite", border=False):
        name = st.text_input(
            here.say("access.person_name"),
            help=here.say("access.person_name_help"),
            max_chars=60,
            key=f"person_name_{st.session_state.get(_MADE, 0)}",
        )
        role: Role = st.radio(
            here.say("access.person_role"),
            roles,
            format_func=lambda role: here.say(f"access.may_{role}"),
            key="person_role",
        )
        days = st.radio(
            here.say("access.person_days"),
            DAYS,
            index=1,
            format_func=lambda n: here.say("access.days", n=n),
            horizontal=True,
            key="person_days",
        )
        if st.form_submit_button(here.say("access.make_link"), key="person_make"):
            try:
                _make(here, name, role, days)
            except TunesmithError as error:
                show_error(here.say, error)


def _make(here: Here, name: str, role: Role, days: int) -> None:
    if not may_manage(here, role):
        return
    if name.strip().lower() in read_access(here.workspace):
        raise InputError(
            f"{name!r} is somebody who logs in", remedy="they need no link; for another person, another name"
        )
    path = invite(here.workspace, name, role, days=days, by=here.person.name)
    st.session_state[_NEW] = (name, f"{link_origin(st.context.url)}{path}", time.time() + days * DAY)
    st.session_state[_MADE] = st.session_state.get(_MADE, 0) + 1
    st.rerun()


def _show_new_link(here: Here) -> None:
    if _NEW not in st.session_state:
        return
    name, link, until = st.session_state[_NEW]
    with st.container(border=True):
        st.write(here.say("access.link_made", name=name, until=day(until)))
        st.code(link, language=None, wrap_lines=True)
        st.button(here.say("access.link_done"), on_click=lambda: st.session_state.pop(_NEW, None), key="person_done")


def _revoke(here: Here, identity: str) -> None:
    held = [one for one in invitations(here.workspace) if one.id == identity and may_manage(here, one.role)]
    if held:
        revoke(here.workspace, identity)


def day(seconds: float) -> str:
    """A date on this machine's calendar."""
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


def signed_in(here: Here) -> None:
    """Who one is, and the way out; for the sidebar. Nothing where whoever is here is the owner."""
    if not is_shared():
        return
    role = here.say.plain(f"access.role_{here.person.role}")
    st.caption(here.say("access.signed_in", name=here.person.name, role=role))
    if held_by(here.workspace, st.context.cookies) is None:
        st.button(here.say("access.log_out"), on_click=st.logout, key="log_out", type="tertiary")
        return
    label = escape(here.say.plain("access.leave"))
    st.html(f'<a href="/leave" target="_self" style="color: inherit">{label}</a>')  # a Markdown link opens a new tab

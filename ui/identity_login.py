"""Logging in where Streamlit was given an `[auth]` section in its secrets (OpenID Connect): from an e-mail to a role.

Who may do what stands in `access.yaml` of the workspace, an e-mail and a role a line; who is not in it is told so:

    li@example.org: reviewer
    wang@example.org: lead

An e-mail that the provider calls unverified is nobody's. A provider that never says so, such as Entra ID, must be one
tenant's own: with a multi-tenant address strangers could claim any e-mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import streamlit as st
import yaml
from streamlit.runtime.scriptrunner import get_script_run_ctx

from tunesmith.errors import InputError
from tunesmith.ui.here import Person, Role
from tunesmith.ui.invitations import ROLES
from tunesmith.ui.workspace import Workspace

FILE = "access.yaml"

#: Whom the sessions belong to that somebody known logged in to, latest last; `server_guard.py` asks who may upload.
_ADMITTED: dict[str, Person] = {}
_MOST_ADMITTED = 10_000


@cache
def login_configured() -> bool:
    """Whether Streamlit was told of a provider when the server started; looking costs 0.2 ms, for each request."""
    return bool(st.secrets.load_if_toml_exists()) and "auth" in st.secrets


def providers() -> list[str | None]:
    """The providers to choose from; None is the one without a name."""
    auth = st.secrets["auth"]
    named = [name for name, value in auth.items() if isinstance(value, Mapping) and "client_id" in value]
    return [*([None] if "client_id" in auth else []), *sorted(named)]


def email_here() -> str | None:
    """The verified e-mail of this session; None before a login, and "" where the provider gave none to rely on."""
    if not st.user.is_logged_in:
        return None
    user = st.user.to_dict()
    verified = str(user.get("email_verified", True)).lower() == "true"
    return str(user.get("email") or "").strip().lower() if verified else ""


def person_of(workspace: Workspace, email: str) -> Person | None:
    """Who an e-mail is here.

    :raises InputError: `access.yaml` has mistakes.
    """
    role = read_access(workspace).get(email)
    return Person(email, role) if role else None


def read_access(workspace: Workspace) -> dict[str, Role]:
    """Roles by e-mail, in lower case; empty without the file.

    :raises InputError: it is no mapping of e-mails to roles; all mistakes at once.
    """
    path = workspace.root / FILE
    if not path.is_file():
        return {}
    try:
        content: Any = yaml.load(path.read_bytes(), yaml.CSafeLoader) or {}
    except yaml.YAMLError as error:
        raise InputError("not YAML", where=str(path), remedy="write a line as `li@example.org: reviewer`") from error
    if not isinstance(content, dict):
        raise InputError("expected lines such as `li@example.org: reviewer`", where=str(path))
    wrong = [f"{email!r}: {role!r}" for email, role in content.items() if role not in ROLES or "@" not in str(email)]
    if wrong:
        remedy = f"an e-mail and one of {', '.join(ROLES)} a line"
        raise InputError(f"cannot be used: {'; '.join(wrong)}", where=str(path), remedy=remedy)
    return {str(email).strip().lower(): cast(Role, role) for email, role in content.items()}


def admit(person: Person | None) -> None:
    """Note who this session's person is; None is nobody whom we know."""
    context = get_script_run_ctx()
    if context is None:
        return
    _ADMITTED.pop(context.session_id, None)
    if person is not None:
        _ADMITTED[context.session_id] = person
    while len(_ADMITTED) > _MOST_ADMITTED:
        _ADMITTED.pop(next(iter(_ADMITTED)))


def admitted(session: str) -> Person | None:
    """Who logged in to a session; None where nobody known did."""
    return _ADMITTED.get(session)

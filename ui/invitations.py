"""Who was invited: one small file each in the workspace's `.access` folder, readable by the server's user alone.

A link `/join/<token>` is shown once; the file keeps a hash of it. It may be opened again until it ends, so that a
person can move from the desk to the phone: what it grants is one name and one role, seen in the list with the time of
the last visit, and revoking ends every browser that it let in. A live name belongs to one person: a new link for
somebody who lost theirs is made after revoking the old one, and their work goes on under the same name.

>>> path = invite(workspace, "Li Wei", "reviewer", days=30)  # doctest: +SKIP
>>> revoke(workspace, invitations(workspace)[0].id)  # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
import time
import unicodedata
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from tunesmith.errors import InputError
from tunesmith.ui.here import Role
from tunesmith.ui.workspace import Workspace

State = Literal["live", "expired", "revoked"]

DAY = 86_400.0
ROLES: tuple[Role, ...] = ("reviewer", "lead", "owner")

#: Last visits are noted no finer than this, in seconds.
_SEEN_EVERY = 60.0
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Invitation:
    """One person's way in.

    :param token: SHA-256 of the link's secret, in hex; the secret itself is nowhere. It has 192 random bits, so a
        plain hash cannot be guessed back.
    :param created, expires, revoked: seconds since 1970.
    :param terminal: the owner's own, renewed at each start of the server.
    """

    id: str
    name: str
    role: Role
    token: str
    created: float
    expires: float
    revoked: float | None = None
    by: str = ""
    terminal: bool = False

    @property
    def state(self) -> State:
        """Whether it still lets its person in."""
        if self.revoked is not None:
            return "revoked"
        return "live" if time.time() < self.expires else "expired"


def access_folder(workspace: Workspace) -> Path:
    """Where what only the server may read is kept; made where it is missing."""
    folder = workspace.root / ".access"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def invite(workspace: Workspace, name: str, role: Role, *, days: float = 30, by: str = "") -> str:
    """Make an invitation; the path of its link, which can not be shown again.

    :raises InputError: no name, or one that somebody has.
    """
    name = _checked_name(name)
    if any(held.name.casefold() == name.casefold() and held.state == "live" for held in invitations(workspace)):
        what = f"{name!r} is invited already"
        raise InputError(what, remedy="revoke that invitation first, or tell the two apart by name")
    return _issue(workspace, Invitation(secrets.token_hex(8), name, role, "", time.time(), 0, None, by), days)


def owner_link(workspace: Workspace, name: str, *, days: float = 30) -> str:
    """A fresh link for the owner at a start of the server; the one of the last start ends, its browsers stay in."""
    mine = [held for held in invitations(workspace) if held.terminal and held.state == "live"]
    new = Invitation(secrets.token_hex(8), name, "owner", "", time.time(), 0, terminal=True)
    return _issue(workspace, replace(mine[0], name=name) if mine else new, days)


def redeem(workspace: Workspace, token: str) -> Invitation | None:
    """The live invitation of a link's token."""
    identity, _, secret = token.partition(".")
    held = invitation(workspace, identity)
    if held is None or held.state != "live" or not hmac.compare_digest(held.token, _hash(secret)):
        return None
    return held


def invitation(workspace: Workspace, identity: str) -> Invitation | None:
    """One by its id, which may come from a cookie or a link.

    :raises InputError: its file is broken.
    """
    path = workspace.root / ".access" / f"{identity}.json"
    if not _ID.fullmatch(identity):
        return None
    try:
        return Invitation(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        remedy = "delete the file and invite the person again"
        raise InputError("this invitation cannot be read", where=str(path), remedy=remedy) from error


def invitations(workspace: Workspace) -> list[Invitation]:
    """All of them, latest first."""
    paths = (workspace.root / ".access").glob("*.json")
    found = [invitation(workspace, path.stem) for path in paths]
    return sorted((held for held in found if held), key=lambda held: -held.created)


def revoke(workspace: Workspace, identity: str) -> None:
    """End an invitation and every browser that it let in, now.

    :raises InputError: no such invitation.
    """
    held = invitation(workspace, identity)
    if held is None:
        raise InputError("no such invitation", remedy="choose one from the list")
    _write(workspace, replace(held, revoked=time.time()))


def note_seen(workspace: Workspace, held: Invitation) -> None:
    """Remember that its person was here now."""
    path = access_folder(workspace) / f"{held.id}.seen"
    seen = last_seen(workspace, held)
    if seen is None or time.time() - seen > _SEEN_EVERY:
        path.touch(mode=0o600)


def last_seen(workspace: Workspace, held: Invitation) -> float | None:
    """When its person was last here, to a minute; None where never."""
    try:
        return (workspace.root / ".access" / f"{held.id}.seen").stat().st_mtime
    except FileNotFoundError:
        return None


def write_private(path: Path, text: str) -> None:
    """Write a file for this user alone, whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp makes it 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).replace(path)


def _issue(workspace: Workspace, held: Invitation, days: float) -> str:
    secret = secrets.token_urlsafe(24)
    _write(workspace, replace(held, token=_hash(secret), expires=time.time() + days * DAY))
    return f"/join/{held.id}.{secret}"


def _write(workspace: Workspace, held: Invitation) -> None:
    write_private(access_folder(workspace) / f"{held.id}.json", json.dumps(asdict(held), ensure_ascii=False))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def _checked_name(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > 60 or not name.isprintable():
        raise InputError("an invitation needs a name of at most 60 letters", remedy="write it as colleagues know them")
    return name

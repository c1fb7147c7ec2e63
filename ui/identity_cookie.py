"""The signed cookie: which invitation a browser took up. It holds an id, no name and no role; those are read from the
invitation's file at each look, so that revoking needs no word with the browser.

Deleting `.access/secret` signs everybody out; with TUNESMITH_SECRET the key comes from the environment instead.

>>> held_by(workspace, {cookie_name(workspace): sign(workspace, invitation.id)})  # doctest: +SKIP
Invitation(id='…', name='Li Wei', role='reviewer', …)
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress

from itsdangerous import BadSignature, URLSafeSerializer

from tunesmith.errors import InputError
from tunesmith.ui.invitations import Invitation, access_folder, invitation
from tunesmith.ui.workspace import Workspace

#: The key, where it does not come from a file.
SECRET = "TUNESMITH_SECRET"  # noqa: S105 (the name of a variable)
_SHORTEST = 32


def cookie_name(workspace: Workspace) -> str:
    """Cookies are shared by all ports of a host: two workspaces on one machine need two names."""
    return _name(secret_key(workspace))


def sign(workspace: Workspace, identity: str) -> str:
    """What the cookie holds for an invitation."""
    return str(_serializer(secret_key(workspace)).dumps(identity))


def held_by(workspace: Workspace, cookies: Mapping[str, str]) -> Invitation | None:
    """The live invitation that a browser's cookies prove; None for a forged, ended or missing one."""
    key = secret_key(workspace)
    value = cookies.get(_name(key))
    if not value:
        return None
    try:
        identity = _serializer(key).loads(value)
        held = invitation(workspace, identity) if isinstance(identity, str) else None
    except (BadSignature, InputError):
        return None
    return held if held is not None and held.state == "live" else None


def secret_key(workspace: Workspace) -> bytes:
    """The key that signs; made once.

    :raises InputError: one from the environment that could be guessed.
    """
    given = os.environ.get(SECRET)
    if given is None:
        return _key_file(workspace)
    if len(given) < _SHORTEST:
        remedy = 'python -c "import secrets; print(secrets.token_hex(32))"'
        raise InputError(f"{SECRET} is shorter than {_SHORTEST} characters", remedy=f"make one with {remedy}")
    return given.encode("utf-8")


def _key_file(workspace: Workspace) -> bytes:
    path = workspace.root / ".access" / "secret"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        new = access_folder(workspace) / f".secret-{secrets.token_hex(4)}"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_hex(32).encode("ascii"))
        with suppress(FileExistsError):
            os.link(new, path)  # whole, and only where no other process was faster
        new.unlink()
        return path.read_bytes()


def _name(key: bytes) -> str:
    return f"tunesmith_{hashlib.sha256(b'name' + key).hexdigest()[:8]}"


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="tunesmith.invitation", signer_kwargs={"digest_method": hashlib.sha256})

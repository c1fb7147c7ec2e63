"""What every request and every websocket passes before it reaches a page.

1. **Host**: only names of this machine, and those given with --host. A foreign name that was made to point here (DNS
   rebinding) would otherwise be read by a foreign page.
2. **Origin**: where a browser says which page asks, it must be one of ours, port included.
3. **Alone**: started without --shared, only this machine itself gets an answer, wherever the server listens.
4. **Shared**: without an invitation's cookie there is nothing but the page that says so: no upload, no websocket; and
   who only answers uploads nothing, for an upload fills the server's memory. Once an invitation ends, what its open
   page sends is no longer heard (a button's callback or a fragment would run before anybody asks who it is); the page
   is drawn anew instead, and says so. Where people log in, the login page is Streamlit's own; then strangers get that
   far, and may not upload.

Every answer carries the headers that keep a page to itself.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tunesmith.ui.here import Person
from tunesmith.ui.identity import is_shared
from tunesmith.ui.identity_cookie import held_by
from tunesmith.ui.identity_login import admitted, login_configured
from tunesmith.ui.launch import OWN_HOSTS, is_loopback, launched
from tunesmith.ui.server_pages import refusal_page, words_for

Reason = Literal["host", "origin", "alone", "needed", "upload"]

#: Open to everybody who got the name right: coming in, going out, and whether the server is alive.
_OPEN = re.compile(r"/join/[^/]+|/leave|/_stcore/health")
_UPLOAD = "/_stcore/upload_file/"

HEADERS = {
    "Referrer-Policy": "same-origin",  # "no-referrer" would make a form's Origin "null", and refuse our own
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        reason = refusal(scope)
        if reason is None and scope["type"] == "websocket":
            return await self.app(scope, _while_known(scope, receive), send)
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        answer = refusal_page(words_for(Headers(scope=scope)), reason) if reason else self.app
        return await answer(scope, receive, _with_headers(scope, send))


def refusal(scope: Scope) -> Reason | None:
    """Why a request gets no answer; None where it does."""
    headers = Headers(scope=scope)
    started = launched()
    if not host_allowed(headers.get("host"), (*OWN_HOSTS, *started.hosts)):
        return "host"
    if not origin_allowed(headers.get("origin"), headers.get("host", "")):
        return "origin"
    if is_shared():
        return _refusal_of_role(scope)
    client = scope.get("client")
    return None if client and is_loopback(client[0]) else "alone"


def host_allowed(host: str | None, names: tuple[str, ...]) -> bool:
    """Whether a Host header, with or without a port, has one of our names."""
    return _name_and_port(f"//{host or ''}")[0] in names


def origin_allowed(origin: str | None, host: str) -> bool:
    """Whether a page asks for itself: its Origin is the Host, or it is no page of a browser and says none."""
    if origin is None:
        return True
    scheme = urlsplit(origin).scheme
    return scheme in ("http", "https") and _name_and_port(origin) == _name_and_port(f"{scheme}://{host}")


def _name_and_port(address: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(address)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None, None
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return None, None
    return (name or "").rstrip("."), port or {"http": 80, "https": 443}.get(parts.scheme)


def _refusal_of_role(scope: Scope) -> Reason | None:
    if _OPEN.fullmatch(scope["path"]):
        return None
    _, is_upload, session = scope["path"].partition(_UPLOAD)
    person = _invited(scope) or (admitted(session.split("/")[0]) if is_upload and login_configured() else None)
    if person is None:
        return None if login_configured() and not is_upload else "needed"
    return "upload" if is_upload and not person.may("lead") else None


def _invited(scope: Scope) -> Person | None:
    held = held_by(launched().workspace, _cookies(scope))
    return None if held is None else Person(held.name, held.role)


def _cookies(scope: Scope) -> Mapping[str, str]:
    return cookie_parser(Headers(scope=scope).get("cookie", ""))


def _while_known(scope: Scope, receive: Receive) -> Receive:
    if not is_shared() or _invited(scope) is None:
        return receive

    async def checked() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive" and _invited(scope) is None:
            return {"type": "websocket.receive", "bytes": _look_again()}
        return message

    return checked


def _look_again() -> bytes:
    """A request to draw the page from its start, with no widget's value: the run finds nobody and says so."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.SetInParent()
    return bytes(message.SerializeToString())


def _with_headers(scope: Scope, send: Send) -> Send:
    async def started(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", policy(Headers(scope=scope).get("host", "")))
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return started


def policy(host: str) -> str:
    """The Content-Security-Policy of the pages: their own scripts, pictures, fonts and websocket, and nothing else.

    :param host: the allowed Host header of the request; old browsers do not count a websocket as 'self'.
    """
    sources = {
        "default-src": "'self'",
        "script-src": f"'self' 'wasm-unsafe-eval' blob: {_inline_scripts()}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' ws://{host} wss://{host} data: blob:",
        "worker-src": "'self' blob:",
        "frame-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {values}" for name, values in sources.items())


@cache
def _inline_scripts() -> str:
    """Hashes of the scripts that stand inside Streamlit's page itself; no other text becomes a script."""
    import streamlit

    index = Path(streamlit.__file__).with_name("static") / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", index.read_text(encoding="utf-8"), re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()) for script in scripts)
    return " ".join(f"'sha256-{digest.decode('ascii')}'" for digest in digests)

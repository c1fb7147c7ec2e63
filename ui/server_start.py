"""The start and the end of the server, as its terminal tells them: one calm line with the address.

Shared, the owner comes in with a link of their own, like everybody else. It is printed once, to a terminal only; where
the output goes to a log, the link is left in a file for this user alone until the server stops.
"""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from threading import Timer
from typing import NamedTuple
from urllib.parse import urlsplit

from streamlit import config

from tunesmith.ui.identity import is_shared
from tunesmith.ui.invitations import owner_link, write_private
from tunesmith.ui.launch import LOOPBACK, is_loopback, launched


class Listening(NamedTuple):
    """Where the server listens."""

    address: str
    port: int
    https: bool


def listening() -> Listening:
    """Where this server listens."""
    address = str(config.get_option("server.address") or "")
    return Listening(address, int(config.get_option("server.port")), bool(config.get_option("server.sslCertFile")))


def local_origin(at: Listening) -> str:
    """Its address on this machine."""
    host = at.address if is_loopback(at.address) and at.address != "::1" else LOOPBACK
    return f"{'https' if at.https else 'http'}://{host}:{at.port}"


def public_origin(at: Listening, hosts: tuple[str, ...]) -> str | None:
    """Its address for others: under the first of its names, at its port where it listens to others itself.

    Where it listens to this machine alone, others come through a proxy, taken to speak https at its usual port.
    """
    names = [host for host in hosts if not is_loopback(host)]
    if not names:
        return None
    return (
        f"https://{names[0]}"
        if is_loopback(at.address)
        else f"{'https' if at.https else 'http'}://{names[0]}:{at.port}"
    )


def link_origin(seen: str | None) -> str:
    """What stands before an invitation's path: how whoever invites opened the app, or how others do.

    :param seen: the address of their page.
    """
    parts = urlsplit(seen or "")
    if parts.hostname and not is_loopback(parts.hostname):
        return f"{parts.scheme}://{parts.netloc}"
    return public_origin(listening(), launched().hosts) or f"{parts.scheme or 'http'}://{parts.netloc or LOOPBACK}"


def owner_path() -> str | None:
    """The path that lets the owner in; None where whoever is here is the owner."""
    started = launched()
    return owner_link(started.workspace, started.name) if is_shared() else None


def say_where(path: str | None) -> None:
    """Tell the terminal where the app is, and the owner how to come in."""
    mine = local_origin(listening())
    others = public_origin(listening(), launched().hosts) if is_shared() else None
    lines = [f"Tunesmith is at {mine}{f'; others open {others}' if others else ''} (Ctrl-C stops it)"]
    links = [f"{origin}{path}" for origin in (mine, others) if origin]
    if path is not None and sys.stdout.isatty():
        lines += ["The owner comes in with this link; keep it to yourself:", *(f"  {link}" for link in links)]
    elif path is not None:
        write_private(_link_file(), "".join(f"{link}\n" for link in links))
        lines.append(f"The owner's link is in {_link_file()}")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def open_browser(path: str | None) -> None:
    """Open the app on a desktop, unless it was started headless."""
    desktop = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if desktop and not config.get_option("server.headless"):
        opening = Timer(0.5, webbrowser.open, [f"{local_origin(listening())}{path or '/'}"])  # once it answers
        opening.daemon = True
        opening.start()


def forget_link() -> None:
    """Take back the file with the owner's link."""
    _link_file().unlink(missing_ok=True)


def _link_file() -> Path:
    return launched().workspace.root / ".access" / "owner-link"

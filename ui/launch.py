"""How the app is started, and who may connect: one command line and one environment, the same from `tunesmith app`,
from `streamlit run app.py` and from a test.

    alone (default)   bound to this machine; whoever opens the page is the owner of the workspace
    shared            nobody is anybody without an invitation or a login; answers to named hosts only

>>> server_command()[1:]
['-m', 'tunesmith.app']
>>> check_address("0.0.0.0", shared=False, hosts=())
Traceback (most recent call last):
    ...
tunesmith.errors.InputError: at 0.0.0.0 others could connect, and alone whoever connects is the owner; add --shared ...
"""

from __future__ import annotations

import getpass
import ipaddress
import json
import os
import re
import socket
import sys
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tunesmith.errors import InputError
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    import streamlit as st

#: The workspace of a server, for every process that it starts.
WORKSPACE = "TUNESMITH_WORKSPACE"
#: "1" where others may connect.
SHARED = "TUNESMITH_SHARED"
#: The names under which others open it, with commas.
HOSTS = "TUNESMITH_HOSTS"
#: The owner's name, as votes and decisions carry it.
NAME = "TUNESMITH_NAME"
#: Streamlit's options as JSON.
OPTIONS = "TUNESMITH_SERVER_OPTIONS"

LOOPBACK = "127.0.0.1"
#: The names of this machine for itself; a page elsewhere cannot send them as its Host.
OWN_HOSTS = ("localhost", LOOPBACK, "::1")

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


class Launched(NamedTuple):
    """How this server was started.

    :param hosts: the names under which others open it, without those of this machine for itself.
    :param name: the owner's name.
    """

    workspace: Workspace
    shared: bool
    hosts: tuple[str, ...]
    name: str


def launched() -> Launched:
    """How this process was started, from its environment.

    :raises InputError: a host that is not a name.
    """
    given = os.environ.get
    return _launched(given(WORKSPACE, "workspace"), given(SHARED) == "1", given(HOSTS, ""), given(NAME))


@lru_cache(maxsize=8)
def _launched(workspace: str, shared: bool, hosts: str, name: str | None) -> Launched:
    names = tuple(host_name(host) for host in hosts.split(",") if host.strip())
    return Launched(Workspace(Path(workspace)), shared, names, name or _user())


def server_command() -> list[str]:
    """The command line of the server; how it is started is in its environment.

    :raises InputError: where Streamlit is not installed.
    """
    if find_spec("streamlit") is None:
        raise InputError("the app needs Streamlit", remedy="pip install 'tunesmith[app]'")
    return [sys.executable, "-m", "tunesmith.app"]


def environment(
    workspace: Path,
    *,
    port: int,
    headless: bool,
    address: str = LOOPBACK,
    shared: bool = False,
    hosts: Sequence[str] = (),
    name: str | None = None,
) -> dict[str, str]:
    """The environment of the server: this one, with how it is started.

    :raises InputError: the address would let others in unasked.
    """
    check_address(address, shared=shared, hosts=hosts)
    names = [host_name(host) for host in hosts]
    options = {
        "server.port": port,
        "server.headless": headless,
        "server.address": address,
        "server.allowedHosts": [*OWN_HOSTS, *names],
        "server.enableXsrfProtection": True,  # what is safe stands here too, where no other file can undo it
        "server.enableCORS": True,
        "browser.gatherUsageStats": False,
        "client.disableDataExport": True,  # its CSV would hold formulas of strangers
        "logger.hideWelcomeMessage": True,
    }
    ours = {WORKSPACE: str(workspace.resolve()), SHARED: "1" if shared else "0", HOSTS: ",".join(names)}
    return {**os.environ, **ours, OPTIONS: json.dumps(options), **({NAME: name} if name else {})}


def serve(app: st.App) -> None:
    """Serve the app in this process until Ctrl-C, which is its quiet end."""
    sys.argv = [str(Path(__file__).resolve().parent.parent / "app.py")]  # beside it is Streamlit's configuration
    try:
        app.run(config=json.loads(os.environ.get(OPTIONS, "{}")))
    except KeyboardInterrupt:
        return


def check_address(address: str, *, shared: bool, hosts: Sequence[str]) -> None:
    """Whether a server may listen there.

    :raises InputError: others could connect, but nobody said that they may or under which name.
    """
    if hosts and not shared:
        raise InputError("--host names the address that others use", remedy="add --shared, or leave it out")
    if is_loopback(address):
        return
    if not shared:
        what = f"at {address} others could connect, and alone whoever connects is the owner"
        raise InputError(what, remedy="add --shared --host NAME, the name in the address that others open")
    if not hosts:
        what = f"at {address} others could connect under any name"
        raise InputError(what, remedy="add --host review.example.org, the name in the address that they open")


def check_port(address: str, port: int) -> None:
    """Whether a server can listen there.

    :raises InputError: something else does, or the system does not allow it.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as tried:
        if os.name != "nt":  # there it would let two servers share a port
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((address, port))
        except OSError as error:
            what = f"cannot listen at {address} port {port}: {error.strerror or error}"
            raise InputError(what, remedy="stop what runs there, or choose another with --port") from error


def check_workspace(workspace: Workspace) -> None:
    """Whether the app can write in its workspace; it is made where it is missing.

    :raises InputError: it cannot.
    """
    workspace.make()
    try:
        tempfile.TemporaryFile(dir=workspace.root).close()
    except OSError as error:
        what = f"the workspace cannot be written: {error.strerror}"
        raise InputError(what, where=str(workspace.root), remedy="choose another with --workspace") from error


def is_loopback(address: str) -> bool:
    """Whether only this machine can connect to an address, or be what connects from it."""
    if address == "localhost":
        return True
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback


def host_name(host: str) -> str:
    """A name as the address bar shows it, in lower case.

    :raises InputError: anything with a scheme, a port, a path or a wildcard.
    """
    name = host.strip().lower().rstrip(".")
    if not _HOST.fullmatch(name) and not _is_ipv6(name):
        remedy = "only the name, such as review.example.org, without https://, port or *"
        raise InputError(f"--host {host!r} is not the name of a host", remedy=remedy)
    return name


def _is_ipv6(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).version == 6
    except ValueError:
        return False


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "owner"

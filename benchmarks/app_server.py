"""The app as a server of its own, for as long as it is measured.

>>> with serve(Path("w")) as (address, pid):  # doctest: +SKIP
...     print(address)
http://127.0.0.1:41234
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SECONDS = 120


@contextmanager
def serve(workspace: Path, *options: str) -> Iterator[tuple[str, int]]:
    """The app on a free port of this machine: its address and its process; the log is beside the workspace."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tunesmith.cli", "app", "--headless", "--workspace", str(workspace)]
    with (workspace.parent / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--port", str(port), *options], stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}", server.pid
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait(health: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"the app ended with {server.returncode}; see server.log")
        try:
            with urllib.request.urlopen(health) as answer:  # noqa: S310 (our own address)
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit("the app did not start")

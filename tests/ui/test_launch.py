"""Starting the app: who it would let in, what it says when it cannot start, and how it stops."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

from tunesmith.errors import InputError
from tunesmith.ui.launch import (
    WORKSPACE,
    check_address,
    check_port,
    check_workspace,
    environment,
    host_name,
    is_loopback,
)
from tunesmith.ui.server import _HEAVY
from tunesmith.ui.server_start import Listening, forget_link, local_origin, public_origin
from tunesmith.ui.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1", "[::1]"])
def test_only_this_machine_can_reach_a_loopback_address(address: str) -> None:
    assert is_loopback(address)
    check_address(address, shared=False, hosts=())


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "10.0.0.3", "::ffff:10.0.0.3", "example.org", "127.0.0.1.evil.example"],  # noqa: S104
)
def test_where_others_could_connect_it_must_be_said_that_they_may_and_under_which_name(address: str) -> None:
    assert not is_loopback(address)
    with pytest.raises(InputError, match="add --shared"):
        check_address(address, shared=False, hosts=())
    with pytest.raises(InputError, match="add --host"):
        check_address(address, shared=True, hosts=())
    check_address(address, shared=True, hosts=("review.example.org",))


def test_a_name_for_others_alone_is_a_mistake() -> None:
    with pytest.raises(InputError, match="add --shared, or leave it out"):
        check_address("127.0.0.1", shared=False, hosts=("review.example.org",))


@pytest.mark.parametrize(
    "host", ["https://review.example.org", "*", "*.example.org", "a:8501", "a/b", "", "a b", "a,b"]
)
def test_a_host_is_a_name_and_nothing_more(host: str) -> None:
    with pytest.raises(InputError, match="is not the name of a host"):
        host_name(host)


def test_a_host_is_compared_in_lower_case() -> None:
    assert host_name("Review.Example.ORG.") == "review.example.org"


@pytest.mark.parametrize(
    ("at", "hosts", "here", "others"),
    [
        (Listening("127.0.0.1", 8501, False), (), "http://127.0.0.1:8501", None),
        (Listening("127.0.0.1", 8501, False), ("r.org",), "http://127.0.0.1:8501", "https://r.org"),
        (Listening("0.0.0.0", 8501, False), ("localhost", "r.org"), "http://127.0.0.1:8501", "http://r.org:8501"),  # noqa: S104
        (Listening("0.0.0.0", 443, True), ("r.org",), "https://127.0.0.1:443", "https://r.org:443"),  # noqa: S104
    ],
)
def test_an_invitation_starts_with_the_address_that_others_open(
    at: Listening, hosts: tuple[str, ...], here: str, others: str | None
) -> None:
    assert (local_origin(at), public_origin(at, hosts)) == (here, others)


def test_the_server_is_told_only_what_was_asked(tmp_path: Path) -> None:
    variables = environment(tmp_path, port=8501, headless=True)
    assert variables["TUNESMITH_SHARED"] == "0"
    assert '"server.address": "127.0.0.1"' in variables["TUNESMITH_SERVER_OPTIONS"]
    assert '"client.disableDataExport": true' in variables["TUNESMITH_SERVER_OPTIONS"]  # its CSV would hold formulas
    with pytest.raises(InputError, match="add --shared"):
        environment(tmp_path, port=8501, headless=True, address="0.0.0.0")  # noqa: S104


def test_what_is_safe_stands_in_the_configuration_too() -> None:
    found = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert found["client"]["disableDataExport"] is True
    assert found["server"]["enableXsrfProtection"] is True
    assert found["server"]["address"] == "127.0.0.1"


def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=rf"port {port}: .*in use; stop what runs there, or choose another"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_a_workspace_that_cannot_be_made_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=r"cannot be made: .*--workspace"):
        check_workspace(Workspace(tmp_path / "file" / "inside"))
    check_workspace(Workspace(tmp_path / "new"))
    assert (tmp_path / "new" / "datasets").is_dir()


def tunesmith_app(*options: str) -> list[str]:
    return [sys.executable, "-m", "tunesmith.cli", "app", "--headless", *options]


@pytest.mark.parametrize(
    ("options", "jobs", "told"),
    [
        (("--address", "0.0.0.0"), "1", "error: at 0.0.0.0 others could connect"),  # noqa: S104
        ((), "many", "error: TUNESMITH_JOBS: expected how many jobs run at once, saw 'many'"),
    ],
)
def test_mistakes_end_with_one_line_and_no_traceback(
    tmp_path: Path, options: tuple[str, ...], jobs: str, told: str
) -> None:
    tried = subprocess.run(
        tunesmith_app("--workspace", str(tmp_path / "w"), *options),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "TUNESMITH_JOBS": jobs},
    )
    assert tried.returncode == 2
    assert tried.stderr.startswith(told)
    assert tried.stderr.count("\n") == 1
    assert not (tmp_path / "w").exists()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int, log: Path) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize("way", ["tunesmith", "streamlit"])
def test_it_says_one_calm_line_and_stops_quietly(tmp_path: Path, way: str) -> None:
    port, log = free_port(), tmp_path / "log"
    command = tunesmith_app("--workspace", str(tmp_path / "w"), "--port", str(port))
    if way == "streamlit":
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += [f"--server.port={port}", "--server.headless=true"]
    with log.open("w") as out:
        variables = {**os.environ, "TUNESMITH_WORKSPACE": str(tmp_path / "w")}
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True, env=variables)
        try:
            answers(port, log)
            server.send_signal(signal.SIGINT)
            code = server.wait(30)
        finally:
            if server.poll() is None:
                server.kill()
    assert (
        log.read_text().replace("Aborted!", "").strip() == f"Tunesmith is at http://127.0.0.1:{port} (Ctrl-C stops it)"
    )
    assert code == 0 or way == "streamlit"


def test_the_owners_link_is_left_for_this_user_alone_and_goes_when_the_server_stops(tmp_path: Path) -> None:
    port, log, workspace = free_port(), tmp_path / "log", tmp_path / "w"
    command = tunesmith_app("--workspace", str(workspace), "--port", str(port), "--shared", "--host", "r.example.org")
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)
        try:
            answers(port, log)
            link = workspace / ".access" / "owner-link"
            assert link.stat().st_mode & 0o077 == 0
            tokens = set(re.findall(r"/join/(\S+)", link.read_text()))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    assert len(tokens) == 1
    assert not link.exists()
    assert tokens.pop() not in log.read_text()
    assert "others open https://r.example.org" in log.read_text()


def test_what_is_imported_ahead_is_there() -> None:
    assert [name for name in _HEAVY if find_spec(name) is None] == []


def test_stopping_a_server_leaves_nothing_where_nobody_was_invited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WORKSPACE, str(tmp_path))
    forget_link()
    assert list(tmp_path.iterdir()) == []

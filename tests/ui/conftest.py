"""A workspace, the app as a server of its own, and a real browser for the tests of the pages."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tunesmith.ui.here import Here, Person, Role
from tunesmith.ui.words import Language, Words
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
INSTALL = "sudo apt-get install chromium fonts-noto-cjk"

#: What keeps Chromium from talking to anybody but the app.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Streamlit puts a page's script in the place of `__main__`, where processes that later tests spawn would look."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").make()


@pytest.fixture
def here(workspace: Workspace) -> Callable[..., Here]:
    """A page's `Here`: `here(role="reviewer", language="zh")`."""

    def make(role: Role = "owner", language: Language = "en", name: str = "me") -> Here:
        return Here(workspace, Person(name, role), Words(language))

    return make


@contextmanager
def serve(workspace: Path, *options: str, **environment: str) -> Iterator[str]:
    """The app on a free port of this machine; the address that the owner opens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tunesmith.cli", "app", "--headless"]
    command += ["--workspace", str(workspace), "--port", str(port), *options]
    log = (workspace.parent / f"server-{port}.log").open("w")
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env={**os.environ, **environment}
    )
    try:
        _wait(f"http://127.0.0.1:{port}", server, Path(log.name))
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
        log.close()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health") as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"the app did not start: {log.read_text()}")


@pytest.fixture
def app(workspace: Workspace) -> Iterator[str]:
    """The app over the test's workspace."""
    with serve(workspace.root) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail(f"no Chromium; {INSTALL}")
        pytest.skip(f"needs Chromium: {INSTALL}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a fresh profile; at the end no script may have failed and nothing may have left the machine.

    `open_page(address, locale="zh-CN", color_scheme="dark", viewport={"width": 390, "height": 844})`
    """
    contexts: list[Any] = []
    faults: list[str] = []

    def make(address: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on("request", lambda request: _note_foreign(request.url, faults))
        page.goto(address)
        page.get_by_role("heading", level=1).first.wait_for(timeout=30_000)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults


def _note_foreign(url: str, faults: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
        faults.append(f"request to {url}")

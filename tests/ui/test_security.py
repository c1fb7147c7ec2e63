"""Who gets no answer from a server that was started alone, and what a page may load; against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from starlette.types import Scope

from tests.ui.asking import asked, opened_session, uploaded, websocket
from tests.ui.conftest import serve
from tunesmith.ui.frame import PLACES
from tunesmith.ui.server_guard import host_allowed, origin_allowed, refusal
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

NAMES = [place.name for places in PLACES.values() for place in places]
#: What `ui/links.py` puts into an address, by page.
ASKED = {"curate": "run", "dataset": "dataset", "jobs": "job", "mix": "recipe", "report": "report", "train": "model"}
HOSTILE = "../../../../etc/passwd ![x](http://evil.example/a.png) <img src=http://evil.example/b.png>"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(Workspace(tmp_path_factory.mktemp("alone") / "workspace").make().root) as address:
        yield address


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/join/x.y", "/_stcore/metrics"])
def test_a_foreign_name_that_points_here_gets_no_answer(alone: str, path: str) -> None:
    port = alone.rsplit(":", 1)[1]
    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", "", "[::1"):
        answer = asked(alone, path, Host=host)
        assert answer.status in (400, 403), host
        assert "evil" not in answer.body


def test_a_websocket_with_a_foreign_name_or_page_is_refused(alone: str) -> None:
    port = alone.rsplit(":", 1)[1]
    assert websocket(alone, Origin=alone) == 101
    assert websocket(alone, Host="evil.example", Origin=f"http://evil.example:{port}") == 403
    for origin in ("http://evil.example", f"http://evil.example:{port}", "http://127.0.0.1:3000", "null", "file://"):
        assert websocket(alone, Origin=origin) == 403, origin


def test_another_page_on_this_machine_cannot_ask_for_anything(alone: str) -> None:
    assert asked(alone, Origin=alone).status == 200
    for origin in ("http://127.0.0.1:3000", "http://evil.example", "null"):
        assert asked(alone, Origin=origin).status == 403, origin


def test_an_upload_needs_the_token_of_the_page(alone: str) -> None:
    for headers in ({}, {"Origin": alone}, {"X_Xsrftoken": "2|aa|bb|1"}):
        path = "/_stcore/upload_file/00000000-0000-0000-0000-000000000000/f"
        assert asked(alone, path, "PUT", b"x", **headers).status in (400, 403)


def test_every_answer_keeps_the_page_to_itself(alone: str) -> None:
    for path in ("/", "/join/x.y", "/_stcore/health", "/static/nothing", "/curate"):
        headers = asked(alone, path).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-eval'" not in policy
        assert "script-src 'self' 'unsafe-inline'" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


def test_a_forwarded_request_gets_no_answer_where_the_owner_is_alone(alone: str) -> None:
    answer = asked(alone, X_Forwarded_For="203.0.113.9")
    assert answer.status == 403
    assert "--shared" in answer.body


@pytest.mark.parametrize(
    ("host", "fine"),
    [
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("localhost.", True),
        ("[::1]:8501", True),
        ("review.example.org:8501", True),
        ("evil.example", False),
        ("evil.localhost", False),
        ("localhost@evil.example", False),
        ("evil.example/localhost", False),
        ("localhost:x", False),
        ("", False),
        (None, False),
    ],
)
def test_a_host_is_one_of_ours(host: str | None, fine: bool) -> None:
    assert host_allowed(host, ("localhost", "127.0.0.1", "::1", "review.example.org")) is fine


@pytest.mark.parametrize(
    ("origin", "host", "fine"),
    [
        (None, "localhost:8501", True),
        ("http://localhost:8501", "localhost:8501", True),
        ("https://review.example.org", "review.example.org", True),
        ("https://review.example.org", "review.example.org:443", True),
        ("http://review.example.org:80", "review.example.org", True),
        ("http://localhost:3000", "localhost:8501", False),
        ("http://localhost", "localhost:8501", False),
        ("http://127.0.0.1:8501", "localhost:8501", False),
        ("null", "localhost:8501", False),
        ("file://", "", False),
        ("ws://localhost:8501", "localhost:8501", False),
        ("http://localhost:8501/x", "localhost:8501", False),
        ("http://a@localhost:8501", "localhost:8501", False),
        ("", "localhost:8501", False),
    ],
)
def test_an_origin_is_the_page_itself(origin: str | None, host: str, fine: bool) -> None:
    assert origin_allowed(origin, host) is fine


@pytest.mark.parametrize(("client", "reason"), [("127.0.0.1", None), ("::1", None), ("10.0.0.9", "alone")])
def test_alone_only_this_machine_gets_an_answer_wherever_it_listens(client: str, reason: str | None) -> None:
    scope: Scope = {"type": "http", "path": "/", "client": (client, 1), "headers": [(b"host", b"localhost")]}
    assert refusal(scope) == reason


def test_an_upload_has_a_limit_and_needs_a_session(alone: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = set(tmp_path_factory.getbasetemp().rglob("*evil*"))
    with opened_session(alone) as session:
        name = "../../evil<b>.jsonl"
        assert uploaded(alone, session, name, 1_000) == 204
        assert uploaded(alone, session, name, 1_000, Content_Length=str(600 * 2**20)) == 413
        assert uploaded(alone, "00000000-0000-0000-0000-000000000000", name, 1_000) == 400
    assert set(tmp_path_factory.getbasetemp().rglob("*evil*")) <= before


@pytest.fixture(scope="module")
def browsing(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for many pages: what is the same is loaded once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    yield context
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_every_page_works_within_its_policy_and_knows_no_path_from_an_address(
    alone: str, browsing: BrowserContext, name: str
) -> None:
    page, faults = browsing.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Policy" in message.text else None)
    page.on("request", lambda request: faults.append(request.url) if request.url.startswith("http://evil") else None)
    for address in (f"{alone}/{name}", f"{alone}/{name}?{ASKED.get(name, 'run')}={quote(HOSTILE)}"):
        page.goto(address)
        page.get_by_role("heading", level=1).first.wait_for()
        page.locator("[data-test-script-state=notRunning]").wait_for()
        assert page.get_by_test_id("stException").count() == 0
        assert page.locator("img[src^='http://evil'], a[href^='http://evil']").count() == 0
    page.close()
    assert not faults


def test_the_log_of_a_server_says_nothing_of_all_this(alone: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    asked(alone, "/join/0000000000000000.secret-of-a-link")
    logs = [path.read_text() for path in tmp_path_factory.getbasetemp().glob("alone0/server-*.log")]
    assert len(logs) == 1
    assert "secret-of-a-link" not in logs[0]
    assert logs[0].startswith("Tunesmith is at http://127.0.0.1:")

"""A server that others may reach: strangers, forged and ended cookies, roles, and coming in and going out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.ui.asking import asked, opened_session, uploaded, websocket
from tests.ui.conftest import serve
from tunesmith.ui.identity_cookie import cookie_name, sign
from tunesmith.ui.invitations import Invitation, invitations, invite, last_seen, redeem, revoke
from tunesmith.ui.launch import SHARED, WORKSPACE
from tunesmith.ui.server_guard import Guard
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOST = "review.example.org"


class Shared(NamedTuple):
    """A server for others, and its workspace."""

    address: str
    workspace: Workspace

    def invited(self, name: str, role: str = "reviewer", days: float = 30) -> tuple[str, Invitation]:
        path = invite(self.workspace, name, role, days=days)  # type: ignore[arg-type]
        return path, next(held for held in invitations(self.workspace) if held.name == name)

    def cookie(self, identity: str) -> str:
        return f"{cookie_name(self.workspace)}={sign(self.workspace, identity)}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    workspace = Workspace(tmp_path_factory.mktemp("shared") / "workspace").make()
    with serve(workspace.root, "--shared", "--host", HOST) as address:
        yield Shared(address, workspace)


@pytest.mark.parametrize(
    "path", ["/", "/curate", "/_stcore/host-config", "/_stcore/metrics", "/static/js/x.js", "/leave/x"]
)
def test_a_stranger_sees_nothing_but_that_an_invitation_is_needed(shared: Shared, path: str) -> None:
    answer = asked(shared.address, path)
    assert answer.status == 401
    assert "An invitation is needed" in answer.body
    assert "script" not in answer.body
    assert "需要邀请" in asked(shared.address, path, Accept_Language="zh-CN,zh;q=0.9").body


def test_a_stranger_opens_no_websocket_and_uploads_nothing(shared: Shared) -> None:
    assert websocket(shared.address) == 403
    _, held = shared.invited("uploads", "lead")
    with opened_session(shared.address, Cookie=shared.cookie(held.id)) as session:
        assert uploaded(shared.address, session, "a.jsonl", 10) == 401
        assert uploaded(shared.address, session, "a.jsonl", 10, Cookie=shared.cookie(held.id)) == 204


def test_who_only_answers_cannot_fill_the_servers_memory_with_uploads(shared: Shared) -> None:
    _, held = shared.invited("only answers")
    cookie = shared.cookie(held.id)
    with opened_session(shared.address, Cookie=cookie) as session:
        assert uploaded(shared.address, session, "a.jsonl", 10, Cookie=cookie) == 403


def test_an_invitation_lets_its_browser_in_and_ends_for_good(shared: Shared) -> None:
    _, held = shared.invited("ends")
    cookie = shared.cookie(held.id)
    assert asked(shared.address, Cookie=cookie).status == 200
    assert websocket(shared.address, Cookie=cookie) == 101
    revoke(shared.workspace, held.id)
    assert asked(shared.address, Cookie=cookie).status == 401
    assert websocket(shared.address, Cookie=cookie) == 403


def heard(workspace: Workspace, then: Callable[[], None]) -> Message:
    """What the app hears of an open page's message, where something happened since it was opened."""
    cookie = f"{cookie_name(workspace)}={sign(workspace, invitations(workspace)[0].id)}"
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
    scope: Scope = {"type": "websocket", "path": "/_stcore/stream", "client": ("127.0.0.1", 1), "headers": headers}
    found = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        then()
        found.append(await receive())

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": b"a press"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    with ThreadPoolExecutor(1) as beside:  # a browser's tests leave a loop in this thread
        beside.submit(lambda: asyncio.run(Guard(app)(scope, receive, send))).result()
    return found[0]


@pytest.mark.parametrize(("others", "heeded"), [("1", False), ("0", True)])
def test_an_ended_invitation_is_no_longer_heard_and_alone_it_does_not_matter(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, others: str, heeded: bool
) -> None:
    monkeypatch.setenv(WORKSPACE, str(workspace.root))
    monkeypatch.setenv(SHARED, others)
    invite(workspace, "Li", "reviewer")
    assert heard(workspace, lambda: None)["bytes"] == b"a press"
    ended = heard(workspace, lambda: revoke(workspace, invitations(workspace)[0].id))
    assert (ended["bytes"] == b"a press") is heeded


def test_a_forged_an_expired_and_an_unsigned_cookie_are_nobodys(shared: Shared) -> None:
    _, held = shared.invited("live")
    _, expired = shared.invited("expired", days=-1)
    name, good = shared.cookie(held.id).split("=", 1)
    for cookie in (
        f"{name}={held.id}",
        f"{name}={good[:-3]}abc",
        shared.cookie(expired.id),
        f"{name}=",
        f"other={good}",
    ):
        assert asked(shared.address, Cookie=cookie).status == 401, cookie
        assert websocket(shared.address, Cookie=cookie) == 403, cookie


def test_a_preview_of_a_link_takes_nothing_and_only_the_button_signs_in(shared: Shared) -> None:
    path, held = shared.invited("Li <b>Wei</b>")
    look = asked(shared.address, path)
    assert look.status == 200
    assert look.headers["set-cookie"] is None
    assert "Li &lt;b&gt;Wei&lt;/b&gt;" in look.body
    pressed = asked(shared.address, path, "POST", b"", Origin=shared.address)
    assert (pressed.status, pressed.headers["location"]) == (303, "/")
    cookie = pressed.headers["set-cookie"]
    assert cookie.startswith(shared.cookie(held.id))
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/" in cookie
    assert "secure" not in cookie.lower()


def test_behind_https_the_cookie_is_for_https_alone(shared: Shared) -> None:
    path, _ = shared.invited("secure")
    origin = {"Host": HOST, "Origin": f"https://{HOST}", "X_Forwarded_Proto": "https"}
    pressed = asked(shared.address, path, "POST", b"", **origin)
    assert pressed.status == 303
    assert "; Secure" in pressed.headers["set-cookie"]


def test_a_foreign_page_cannot_sign_a_visitor_in_as_somebody(shared: Shared) -> None:
    path, _ = shared.invited("target")
    for origin in ("http://evil.example", "null", f"https://{HOST}"):
        assert asked(shared.address, path, "POST", b"", Origin=origin).status == 403
    assert asked(shared.address, "/leave", "POST", b"", Origin="http://evil.example").status == 403


def test_an_ended_link_says_so(shared: Shared) -> None:
    path, held = shared.invited("gone")
    revoke(shared.workspace, held.id)
    for method in ("GET", "POST"):
        answer = asked(shared.address, path, method, Origin=shared.address)
        assert answer.status == 404
        assert "no longer works" in answer.body
        assert answer.headers["set-cookie"] is None


def test_only_the_names_that_were_given_are_answered(shared: Shared) -> None:
    assert asked(shared.address, Host=HOST).status == 401
    assert asked(shared.address, Host=f"{HOST}:8443").status == 401
    assert asked(shared.address, Host=f"x.{HOST}").status == 403


def test_signing_out_forgets_the_browser(shared: Shared) -> None:
    _, held = shared.invited("leaves")
    answer = asked(shared.address, "/leave", "POST", b"", Origin=shared.address, Cookie=shared.cookie(held.id))
    assert answer.status == 303
    assert f"{cookie_name(shared.workspace)}=" in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_no_link_and_no_cookie_is_in_the_log(shared: Shared) -> None:
    path, held = shared.invited("logged")
    asked(shared.address, path)
    asked(shared.address, path, "POST", b"", Origin=shared.address)
    asked(shared.address, f"{path}x")
    websocket(shared.address, Cookie=f"{shared.cookie(held.id)}x")
    log = next(shared.workspace.root.parent.glob("server-*.log")).read_text()
    assert len(log.splitlines()) == 2
    assert path.split(".")[1] not in log
    assert sign(shared.workspace, held.id) not in log


def come_in(shared: Shared, open_page: Callable[..., Page], name: str, role: str, **options: object) -> Page:
    path, _ = shared.invited(name, role)
    page = open_page(f"{shared.address}{path}", **options)
    page.get_by_role("button").click()
    page.locator("[data-test-script-state=notRunning]").wait_for()
    return page


@pytest.mark.parametrize(
    ("locale", "welcome", "review", "curate"),
    [("en-US", "Welcome, Li", "Review", "Curate"), ("zh-CN", "欢迎，Li", "评审", "清洗")],
)
def test_a_reviewer_comes_in_and_reaches_no_page_of_the_owner(
    shared: Shared, open_page: Callable[..., Page], locale: str, welcome: str, review: str, curate: str
) -> None:
    path, held = shared.invited(f"Li {locale}")
    page = open_page(f"{shared.address}{path}", locale=locale)
    page.get_by_role("heading", name=welcome).wait_for()
    page.get_by_role("button").click()
    page.get_by_role("heading", level=1, name=review).wait_for()
    assert last_seen(shared.workspace, held) is not None
    say = Words("zh" if locale == "zh-CN" else "en").plain
    for owners in ("curate", "report"):
        page.goto(f"{shared.address}/{owners}?run={quote('../../x')}")
        page.get_by_text(say("common.not_yours")).wait_for()
        page.locator("[data-test-script-state=notRunning]").wait_for()
        assert [heading.inner_text() for heading in page.get_by_role("heading", level=1).all()] == [
            say(f"common.{owners}")
        ]
        assert page.get_by_role("link", name=curate).count() == 0
        assert page.get_by_role("dialog").count() == 0
    page.get_by_test_id("stMain").get_by_role("link", name=review).click()
    page.get_by_role("heading", level=1, name=review).wait_for()


def test_an_open_page_ends_with_the_next_click_after_revoking(shared: Shared, open_page: Callable[..., Page]) -> None:
    page = come_in(shared, open_page, "open page", "reviewer")
    held = next(held for held in invitations(shared.workspace) if held.name == "open page")
    revoke(shared.workspace, held.id)
    page.get_by_role("radio", name="中文").click()
    page.get_by_role("heading", name="Your access has ended").wait_for()
    assert page.get_by_role("heading", name="Review").count() == 0


def test_the_owner_comes_in_with_the_link_of_the_terminal(shared: Shared, open_page: Callable[..., Page]) -> None:
    link = (shared.workspace.root / ".access" / "owner-link").read_text().split()[0]
    held = redeem(shared.workspace, link.split("/join/")[1])
    assert held is not None
    assert held.role == "owner"
    page = open_page(link)
    page.get_by_role("button").click()
    page.get_by_role("link", name="Curate").wait_for()
    page.context.clear_cookies()
    page.reload()
    page.get_by_role("heading", name="An invitation is needed").wait_for()

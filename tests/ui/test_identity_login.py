"""Logging in with a provider: a known e-mail comes in with its role; who is unknown is told so and uploads nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.ui.asking import asked, opened_session, uploaded, websocket
from tests.ui.conftest import serve
from tests.ui.provider import Provider, provider, secrets_for
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page


class WithLogin(NamedTuple):
    """A server with a provider."""

    address: str
    root: Path
    provider: Provider


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithLogin]:
    home = tmp_path_factory.mktemp("login")
    root = Workspace(home / "workspace").make().root
    (home / ".streamlit").mkdir()
    with provider() as server:
        (home / ".streamlit" / "secrets.toml").write_text(secrets_for(server))
        with serve(root, HOME=str(home)) as address:
            yield WithLogin(address, root, server)


def logged_in(login: WithLogin, open_page: Callable[..., Page], **claims: object) -> Page:
    login.provider.claims = dict(claims)
    page = open_page(login.address)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{login.address}/")
    return page


def test_a_known_email_comes_in_with_its_role(login: WithLogin, open_page: Callable[..., Page]) -> None:
    (login.root / "access.yaml").write_text("li@example.org: lead\n")
    page = logged_in(login, open_page, email="Li@example.org", email_verified=True)
    page.get_by_role("link", name="Report").wait_for()
    assert page.get_by_role("link", name="Curate").count() == 0
    (login.root / "access.yaml").write_text("wang@example.org: lead\n")
    page.reload()
    page.get_by_role("heading", name="You are not on the list yet").wait_for()


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"email": "stranger@example.org", "email_verified": True}, "logged in as stranger@"),
        ({"email": "li@example.org", "email_verified": False}, "no verified e-mail"),
    ],
)
def test_whom_nobody_knows_is_told_so_and_can_leave(
    login: WithLogin, open_page: Callable[..., Page], claims: dict[str, object], told: str
) -> None:
    (login.root / "access.yaml").write_text("li@example.org: lead\n")
    page = logged_in(login, open_page, **claims)
    page.get_by_role("heading", name="You are not on the list yet").wait_for()
    assert told in page.inner_text("body")
    assert page.get_by_role("link", name="Review").count() == 0
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("heading", name="Please log in").wait_for()


def test_a_mistake_in_the_list_of_people_is_told_to_the_owner_and_not_to_whoever_logs_in(
    login: WithLogin, open_page: Callable[..., Page]
) -> None:
    (login.root / "access.yaml").write_text("secret-person@example.org: admin\n")
    page = logged_in(login, open_page, email="stranger@example.org", email_verified=True)
    page.get_by_role("heading", name="Nobody can log in right now").wait_for()
    assert "secret-person" not in page.inner_text("body")
    assert "access.yaml" not in page.inner_text("body")
    assert "secret-person" in next(login.root.parent.glob("server-*.log")).read_text()


def test_before_the_login_there_is_a_page_to_log_in_and_no_upload(login: WithLogin) -> None:
    assert asked(login.address).status == 200
    assert websocket(login.address) == 101
    with opened_session(login.address) as session:
        assert uploaded(login.address, session, "a.jsonl", 10) == 401


def test_an_invitation_lets_in_beside_the_login(login: WithLogin, open_page: Callable[..., Page]) -> None:
    link = (login.root / ".access" / "owner-link").read_text().split()[0]
    page = open_page(link)
    page.get_by_role("button").click()
    page.get_by_role("link", name="Curate").wait_for()

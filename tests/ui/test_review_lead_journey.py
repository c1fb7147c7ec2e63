"""A lead in a real browser: a review made from two files, then its parts, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.ui.conftest import serve
from tests.ui.review_lead_given import HOSTILE, answer_file, campaign, store_of, vote
from tunesmith.evaluate.review_store_campaigns import campaigns, read_campaign
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One for all that happens here: each test has a campaign of its own."""
    return Workspace(tmp_path_factory.mktemp("lead") / "workspace").make()


@pytest.fixture(scope="module")
def app(workspace: Workspace) -> Iterator[str]:
    with serve(workspace.root) as address:
        yield address


def test_a_review_is_made_and_its_progress_stands(
    workspace: Workspace, app: str, open_page: Callable[..., Page]
) -> None:
    answer_file(workspace, "old")
    answer_file(workspace, "new")
    page = open_page(f"{app}/review?new=1")
    page.get_by_text("6 answers in all").wait_for()
    page.get_by_role("button", name="Create the review").click()
    page.get_by_text("0 of 6 answers are in").wait_for()
    assert "review-1" in [one.name for one in campaigns(store_of(workspace))]
    page.reload()
    page.get_by_text("0 of 6 answers are in").wait_for()


@pytest.mark.parametrize(
    ("locale", "view", "decide", "press", "done"),
    [
        ("en-US", "For leads", "Disagreements", "Left is better", "Take it back"),
        ("zh-CN", "负责人", "分歧", "左边更好", "撤回"),
    ],
)
def test_a_disagreement_is_settled_and_hostile_text_stays_text(
    workspace: Workspace,
    app: str,
    open_page: Callable[..., Page],
    locale: str,
    view: str,
    decide: str,
    press: str,
    done: str,
) -> None:
    store = campaign(workspace, "li", HOSTILE, n=2, name=locale)
    vote(store, {"li": "old", HOSTILE: "new"}, comment=HOSTILE, name=locale)
    page = open_page(f"{app}/review?campaign={locale}", locale=locale)
    page.get_by_role("radio", name=view, exact=True).click()
    page.get_by_role("radio", name=decide, exact=True).click()
    page.get_by_text(HOSTILE).first.wait_for()
    page.get_by_role("button", name=press).click()
    page.get_by_role("button", name=done).wait_for()
    assert len(read_campaign(store, locale).adjudications) == 1
    page.reload()
    page.get_by_role("radio", name=decide, exact=True).wait_for()
    assert "section=decide" in page.url, "the address leads back to the same part"

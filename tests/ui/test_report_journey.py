"""A comparison in the real browser: from the sample to the verdict, to what got worse, to a review of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.ui.report_given import HOSTILE, compared
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import read_campaign
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Milliseconds, for a machine that does much else: nothing here is timed.
PATIENCE = 180_000

#: Items that were right and became wrong in the sample; data/README.md plants them.
N_LOST = 8


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("zh-CN", "zh")])
def test_from_the_sample_to_a_review_of_what_got_worse(
    app: str, workspace: Workspace, open_page: Callable[..., Page], locale: str, language: str
) -> None:
    say = Words("zh" if language == "zh" else "en").plain
    page = open_page(f"{app}/report", locale=locale)
    page.set_default_timeout(PATIENCE)
    page.get_by_role("button", name=say("report.sample")).click()
    page.wait_for_url(re.compile("report=sample"))
    verdict = page.get_by_role("heading", name=re.compile("do not show that “after”|看不出“after”"))
    verdict.wait_for()
    page.get_by_text(say("report.showing", first=1, last=10, n=25)).first.wait_for()
    page.locator("[role=graphics-document]").first.wait_for()

    _choose(page, say("report.by_metric"), "正确率" if language == "zh" else "Correct")
    page.get_by_text(say("report.showing", first=1, last=N_LOST, n=N_LOST)).first.wait_for()
    page.wait_for_url(re.compile("metric=correct"))
    page.locator(".side mark").first.wait_for()

    page.reload()
    page.get_by_text(say("report.showing", first=1, last=N_LOST, n=N_LOST)).first.wait_for()
    page.get_by_role("button", name=say("report.pick_all", n=N_LOST)).click()
    page.get_by_role("button", name=say("report.send_review", n=N_LOST)).click()
    page.get_by_role("link", name=say("report.open_review")).wait_for()
    with open_store(workspace.review_store) as store:
        found = read_campaign(store, "review-1")
    assert len(found.items) == N_LOST

    with page.expect_download() as download:
        page.get_by_role("button", name="report.html").click()
    assert download.value.suggested_filename == "sample-report.html"
    page.get_by_role("link", name=say("report.open_review")).click()
    page.wait_for_url(re.compile("review.*campaign=review-1"))


def _choose(page: Page, label: str, option: str) -> None:
    """Open a list and take an option; a list closes where a chart that comes late moves it, and is opened again."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    found = page.get_by_role("option", name=option, exact=True)
    for _ in range(5):
        page.get_by_role("combobox", name=label).click()
        with suppress(PlaywrightTimeout):
            found.click(timeout=5_000)
            return
        page.keyboard.press("Escape")
    raise AssertionError(f"the list {label} does not open")


def test_nothing_that_a_model_wrote_is_rendered(app: str, workspace: Workspace, open_page: Callable[..., Page]) -> None:
    compared(workspace)
    page = open_page(f"{app}/report?report=spring&metric=correct")
    page.set_default_timeout(PATIENCE)
    page.locator(".side .text").first.wait_for()
    texts = page.locator(".side .text").all_inner_texts()
    assert any(HOSTILE in text for text in texts)
    assert page.locator("img[src*=evil], img[src=x], a[href*=evil], main b, main em").count() == 0

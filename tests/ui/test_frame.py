"""The frame: navigation by role, language, and a mistake in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize(("locale", "home", "curate"), [("en-US", "Home", "Curate"), ("zh-CN", "首页", "清洗")])
def test_the_pages_speak_the_browsers_language(
    app: str, open_page: Callable[..., Page], locale: str, home: str, curate: str
) -> None:
    page = open_page(app, locale=locale)
    page.get_by_role("link", name=home).wait_for()
    page.get_by_role("link", name=curate).click()
    page.get_by_role("heading", level=1, name=curate).wait_for()


def test_the_language_can_be_changed_and_stays_on_the_next_page(app: str, open_page: Callable[..., Page]) -> None:
    page = open_page(app)
    page.get_by_role("radio", name="中文").click()
    page.get_by_role("link", name="任务").click()
    page.get_by_role("heading", level=1, name="任务").wait_for()

"""The frame: navigation by role, language, and a mistake in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import serve
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all that only look."""
    with serve(Workspace(tmp_path_factory.mktemp("frame") / "workspace").make().root) as address:
        yield address


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
    page.reload()
    page.get_by_role("heading", level=1, name="任务").wait_for()
    page.get_by_role("radio", name="English").click()
    page.get_by_role("heading", level=1, name="Jobs").wait_for()
    page.wait_for_url(lambda url: "lang" not in url)
    page.reload()
    page.get_by_role("heading", level=1, name="Jobs").wait_for()


def mistaken(kind):  # its text alone is run: no annotations, imports inside
    from tunesmith.errors import InputError, InternalError
    from tunesmith.ui.shown import mistakes_shown
    from tunesmith.ui.words import Words

    with mistakes_shown(Words("zh")):
        raise {"input": InputError("no *file*"), "promise": InternalError("broken"), "bug": ValueError("two")}[kind]


def test_a_persons_mistake_is_shown_in_words_and_a_bug_keeps_its_traceback_too() -> None:
    app = AppTest.from_function(mistaken, kwargs={"kind": "input"}).run()
    assert [error.value for error in app.error] == [r"no \*file\*"]
    assert not app.exception
    for kind, error in (("promise", "InternalError"), ("bug", "ValueError")):
        app = AppTest.from_function(mistaken, kwargs={"kind": kind}).run()
        assert [error.value for error in app.error] == [Words("zh")("common.error_unexpected")]
        assert [one.proto.type.rpartition(".")[2] for one in app.exception] == [error]

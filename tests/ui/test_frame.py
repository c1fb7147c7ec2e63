"""The frame: navigation by role, language, and a mistake in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import serve
from tunesmith.ui import shown
from tunesmith.ui.here import Here
from tunesmith.ui.jobs_types import Job
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


def mistaken_part(kind):
    from tunesmith.errors import InputError
    from tunesmith.ui.shown import fragment, mistakes_shown
    from tunesmith.ui.words import Words

    def draw():
        raise {"input": InputError("no *file*"), "bug": ValueError("two")}[kind]

    with mistakes_shown(Words("zh")):  # as the frame does
        fragment(Words("zh"))(draw)()


def test_a_mistake_in_a_part_of_a_page_is_told_in_words_too_and_a_bug_once() -> None:
    app = AppTest.from_function(mistaken_part, kwargs={"kind": "input"}).run()
    assert [error.value for error in app.error] == [r"no \*file\*"]
    assert not app.exception
    app = AppTest.from_function(mistaken_part, kwargs={"kind": "bug"}).run()
    assert [error.value for error in app.error] == [Words("zh")("common.error_unexpected")]
    assert [one.proto.type.rpartition(".")[2] for one in app.exception] == ["ValueError"]


def counting_of(here, job):
    from tunesmith.ui.dataset_profile import _under_way

    _under_way(here, job)


def test_a_job_that_was_taken_off_the_list_is_told_where_its_counting_was_shown(here: Callable[..., Here]) -> None:
    job = Job("000001-c0ffee", "profile", "tea", (), "running", 0.0)
    app = AppTest.from_function(counting_of, kwargs={"here": here(), "job": job}).run()
    assert ["000001" in error.value for error in app.error] == [True]
    assert not app.exception


def test_every_part_that_is_drawn_by_itself_tells_its_mistakes() -> None:
    """Streamlit's own fragment, by any name, stands in `shown.py` alone, where its mistakes are caught."""
    own = re.compile(r"\bst\.(experimental_)?fragment\b|from streamlit.* import .*fragment")
    found = [path.name for path in Path(shown.__file__).parent.glob("*.py") if own.search(path.read_text("utf-8"))]
    assert found == ["shown.py"]

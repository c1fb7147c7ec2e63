"""A job in the real browser: it outlives a refresh, a second tab and the server, and is stopped and tried again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ui.conftest import serve
from tests.ui.jobs_given import Answers, held_command, holding_server, wait_for
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = "![x](http://evil.example/a.png) <img src=x onerror=alert(1)> *n*"


@pytest.fixture
def answers() -> Iterator[Answers]:
    with holding_server() as server:
        yield server


def lost_job(workspace: Workspace, arguments: list[str]) -> Path:
    """A job that was cut off, so that the page offers to try it again."""
    folder = workspace.folder("jobs") / "000001-c0ffee"
    folder.mkdir()
    spec = {"kind": "predict", "title": HOSTILE, "arguments": arguments, "result": None, "by": "me", "created": 1.0}
    end = {"state": "lost", "failure": "", "message": "", "exit_code": None, "ended": 2.0}
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "end.json").write_text(json.dumps(end))
    return folder


def test_a_job_outlives_the_page_and_the_server(
    workspace: Workspace, answers: Answers, open_page: Callable[..., Page]
) -> None:
    """In English before the restart of the server, in Chinese after it."""
    say, zh = Words("en").plain, Words("zh").plain
    old = lost_job(workspace, held_command(workspace, answers))
    with serve(workspace.root) as address:
        page = open_page(f"{address}/jobs")
        page.locator(f".st-key-retry_{old.name}").get_by_role("button").click()
        job = _started(page, workspace)
        page.get_by_text(say("jobs.stage_predict")).wait_for(timeout=60_000)
        page.reload()
        page.locator(f".st-key-job_{job}").get_by_text(say("jobs.state_running"), exact=True).wait_for(timeout=30_000)
        second = open_page(f"{address}/jobs?job={job}", locale="zh-CN")
        second.get_by_role("button", name=zh("jobs.stop")).wait_for()
        page.get_by_role("link", name=say("common.jobs")).first.wait_for()
        page.close()
        second.close()
    with serve(workspace.root) as address:
        page = open_page(f"{address}/jobs", locale="zh-CN")
        card = page.locator(f".st-key-job_{job}")
        card.get_by_text(zh("jobs.state_running"), exact=True).wait_for()
        card.locator(f".st-key-stop_{job}").get_by_role("button").click()
        card.locator(f".st-key-stop_yes_{job}").get_by_role("button").click()
        card.get_by_text(zh("jobs.state_cancelled"), exact=True).wait_for(timeout=60_000)
        card.locator(f".st-key-retry_{job}").get_by_role("button").click()
        again = _started(page, workspace)
        answers.free()
        done = page.locator(f".st-key-job_{again}")
        done.get_by_text(zh("jobs.state_done"), exact=True).wait_for(timeout=60_000)
        done.get_by_role("button", name=zh("jobs.details")).click()
        page.wait_for_url(re.compile(rf"job={again}"))
        page.get_by_text("predictions/held.jsonl", exact=False).first.wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name=zh("jobs.log_download")).click()
        assert "predict: 1 of 1 questions" in Path(download.value.path()).read_text(encoding="utf-8")
        assert page.locator("img[src*=evil]").count() == 0
        assert page.locator("img[src=x]").count() == 0


def _started(page: Page, workspace: Workspace) -> str:
    """The newest job, once the page and its folder say that it runs."""
    from playwright.sync_api import expect

    page.locator(".st-key-jobs_open").wait_for()
    expect(page.locator('.st-key-jobs_open [class*="st-key-job_"]')).to_have_count(1, timeout=30_000)
    job = read_jobs(workspace)[0]
    return wait_for(workspace, job, lambda found: found.state == "running").id

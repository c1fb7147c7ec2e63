"""From a raw file to a training set in the real browser: add, curate, run, download; in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.ui.dataset_given import HOSTILE, pairs
from tunesmith.ui.datasets import read_datasets
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

_LONG = 90_000  # milliseconds: two jobs in a row, each a process that loads the library, on a busy machine


@pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("zh-CN", "zh")])
def test_a_file_becomes_a_training_set(
    app: str, workspace: Workspace, open_page: Callable[..., Page], locale: str, language: str
) -> None:
    say = Words("zh" if language == "zh" else "en").plain
    data = pairs(40) + pairs(1) + b"{broken\n"
    page = open_page(f"{app}/dataset", locale=locale)
    file = {"name": HOSTILE, "mimeType": "application/jsonl", "buffer": data}
    page.locator('input[type="file"]').set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("heading", level=2, name="evil<b>").wait_for(timeout=_LONG)
    page.get_by_text(say("dataset.unreadable", n=1)).wait_for(timeout=_LONG)
    _bad_rows(page, say("dataset.bad_rows"))
    _filter(page, say)
    page.locator(".st-key-curate_start").get_by_role("button").click()
    page.get_by_text(say("jobs.state_done"), exact=True).first.wait_for(timeout=_LONG)
    job = next(job for job in read_jobs(workspace) if job.kind == "curate")
    assert page.url.endswith(f"job={job.id}")
    (dataset,) = read_datasets(workspace)
    assert dataset.rows == 42
    page.goto(f"{app}/dataset?dataset={dataset.id}")
    with page.expect_download() as waited:
        page.get_by_role("button", name="train.jsonl").click(timeout=_LONG)
    kept = [json.loads(line) for line in waited.value.path().read_text(encoding="utf-8").splitlines()]
    assert 30 <= len(kept) <= 39
    assert all("messages" in row for row in kept)


def _bad_rows(page: Page, label: str) -> None:
    with page.expect_download() as waited:
        page.get_by_role("button", name=label).click()
    line = json.loads(waited.value.path().read_text(encoding="utf-8"))
    assert (line["code"], line["row"]) == ("invalid_json", {"text": "{broken"})


def _filter(page: Page, say: Callable[..., str]) -> None:
    """A click on a bar shows its rows alone, and what is shown can be reloaded."""
    repeated = say("dataset.problem_equal")
    page.locator(f'.st-key-chart_problem_ [aria-roledescription="bar"][aria-label*="{repeated}"]').click(timeout=_LONG)
    one = page.get_by_text(say("dataset.rows_shown", first=1, last=1, n=1))
    one.wait_for(timeout=_LONG)
    assert "problem=equal" in page.url
    page.reload()
    one.wait_for(timeout=_LONG)
    page.locator(".st-key-unpick_problem").get_by_role("button").click()
    page.get_by_text(say("dataset.rows_shown", first=1, last=42, n=42)).wait_for(timeout=_LONG)

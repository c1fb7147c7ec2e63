"""A training in the real browser: planned, checked row by row, watched while it runs, and looked at when it is done."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ui.train_given import curate, make_tiny_model
from tunesmith.ui.jobs import Job, read_jobs
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

MINUTES = 300_000  # milliseconds; torch and TRL are loaded by each command, on a machine that does other things too
CHART = "Losses of training and validation by step"


@pytest.fixture
def small(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A tiny model and a curated run of a few rows; made before the server starts, whose jobs then have one thread."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    make_tiny_model(workspace.folder("models") / "tiny")
    curate(workspace, rows=12)
    return workspace


@contextmanager
def held_after_the_first_step(workspace: Workspace, model: str) -> Iterator[None]:
    """The training stands still once it has logged a step, so that it is seen while it runs however fast it is."""
    log = workspace.folder("models") / model / "log.jsonl"
    until = time.monotonic() + MINUTES / 1000
    while not (log.is_file() and b"\n" in log.read_bytes()):
        job = newest(workspace)
        assert job.kind != "train" or job.is_open, job
        assert time.monotonic() < until, job
        time.sleep(0.02)
    command = json.loads((workspace.folder("jobs") / newest(workspace).id / "command.json").read_text())
    os.killpg(command["pid"], signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(command["pid"], signal.SIGCONT)


def newest(workspace: Workspace) -> Job:
    return read_jobs(workspace)[0]


def test_a_training_from_plan_to_figures(small: Workspace, app: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app}/train?run=medical")
    page.get_by_role("button", name="Plan this training").click()
    page.get_by_role("button", name="Go on without advice").click()
    settings = page.get_by_role("textbox", name="Settings (YAML)")
    settings.wait_for()
    text = (
        settings.input_value() + "steps: 6\nevaluation: 3\ncheckpoints: 3\nbatch: 2\naccumulation: 1\nmax_length: 512\n"
    )
    settings.fill(text + "cutoff_len: 4\nfoo: 1\n")
    settings.blur()
    page.get_by_text("2 mistakes in the settings").wait_for()
    settings.fill(text)
    settings.blur()
    page.get_by_text("2 mistakes in the settings").wait_for(state="detached")

    page.get_by_role("button", name="Check the rows").click()
    page.get_by_text("A row token by token").wait_for(timeout=MINUTES)
    page.locator(".tokens span.t").first.wait_for()
    assert page.locator("img[src*='evil.example']").count() == 0

    page.get_by_role("button", name="Start training").click()
    with held_after_the_first_step(small, "medical-tiny"):
        page.get_by_label(CHART, exact=True).wait_for(timeout=MINUTES)
        page.get_by_role("button", name="Stop").wait_for()
        page.reload()  # what runs is the server's business, not this page's
        page.get_by_label(CHART, exact=True).wait_for(timeout=MINUTES)
        assert page.get_by_text("What now").count() == 0
    page.get_by_text("What now").wait_for(timeout=MINUTES)
    page.get_by_role("button", name="Merge").wait_for()
    page.get_by_label(CHART, exact=True).wait_for()
    assert json.loads((small.folder("models") / "medical-tiny" / "manifest.json").read_text())["step"] == 6
    with page.expect_download() as loaded:
        page.get_by_role("button", name="Curves as a picture").click()
    assert loaded.value.suggested_filename == "medical-tiny-loss.png"

"""In a real browser: open a run, move a threshold, keep a dropped row, run again, and find the row in the new run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tests.ui.curate_given as given
from tunesmith.curate.decisions import read_decisions
from tunesmith.curate.rundata import open_run
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WORDS = {
    "en-US": {
        "left": "Rows that left",
        "keep": "Keep",
        "run": "Run",
        "done": "tea-2 is done.",
        "open": "Open tea-2",
        "story": "Whole story",
    },
    "zh-CN": {
        "left": "离开的行",
        "keep": "保留",
        "run": "运行",
        "done": "tea-2 已完成。",
        "open": "打开 tea-2",
        "story": "完整经过",
    },
}


def previewed(folder: Path, *changes: str) -> dict[str, Any]:
    """What the command line says of the same changes."""
    sets = [word for change in changes for word in ("--set", change)]
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "preview", str(folder), *sets, "--json"]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def counted(page: Page, place: int) -> Locator:
    return page.locator(".st-key-curate_counts").get_by_test_id("stMetricValue").nth(place)


@pytest.mark.parametrize("locale", [*WORDS])
def test_from_a_threshold_to_a_new_run(
    workspace: Workspace, request: pytest.FixtureRequest, open_page: Callable[..., Page], locale: str
) -> None:
    folder, words = given.make_run(workspace), WORDS[locale]
    row, rule = given.row_with(folder, "placeholder"), "answer_too_short"
    app = request.getfixturevalue("app")
    page = open_page(f"{app}/curate?run=tea&rule={rule}", locale=locale)

    before = previewed(folder)
    counted(page, 1).filter(has_text=re.compile(rf"^{before['dropped_before']}$")).wait_for(timeout=30_000)
    cut = page.locator(f".st-key-cut_tea_{rule}_min_characters_en")
    page.get_by_role("button", name=words["story"]).last.wait_for()  # the page is drawn to its end
    page.get_by_test_id("stVegaLiteChart").nth(1).wait_for()  # and its charts, which move what is below them
    for value in (2, 3, 4, 5):
        cut.get_by_role("slider").press("ArrowRight")
        cut.locator(f"input[aria-valuetext='{value}']").wait_for(state="attached")
    wanted = previewed(folder, f"{rule}.min_characters.en=5", f"{rule}.min_characters.zh=1")
    assert wanted["newly_dropped"] > 0
    counted(page, 1).filter(has_text=re.compile(rf"^{wanted['dropped_after']}$")).wait_for()
    stay = wanted["judged"] - wanted["dropped_after"]
    counted(page, 0).filter(has_text=re.compile(rf"^{stay}$")).wait_for()

    page.get_by_role("radio", name=words["left"]).click()
    page.locator(".st-key-reason_tea").get_by_role("combobox").click()
    page.get_by_role("option", name=re.compile(r"name")).click()
    page.locator(f".st-key-dropped_tea_keep_{row.replace(':', '-')}").get_by_role("button").click()
    page.locator(f".st-key-dropped_tea_drop_{row.replace(':', '-')}").wait_for()
    recipe = page.locator(".st-key-curate_next").get_by_test_id("stCode").first  # in sight without a press
    recipe.filter(has_text="../decisions.jsonl").wait_for()
    run = open_run(folder)
    content = run.line(run.number_of(row))["content_id"]
    assert {name: one.action for name, one in read_decisions([workspace.decisions]).items()} == {content: "keep"}

    page.locator(".st-key-curate_start").get_by_role("button", name=words["run"]).click()
    page.get_by_text(words["done"]).wait_for(timeout=90_000)
    made = open_run(workspace.folder("runs") / "tea-2")
    assert made.line(made.number_of(row))["verdict"] == "kept"
    assert made.manifest["counts"]["kept"] < run.manifest["counts"]["kept"] + 1
    page.get_by_role("link", name=words["open"]).click()
    counted(page, 1).filter(has_text=re.compile(rf"^{previewed(made.folder)['dropped_before']}$")).wait_for(
        timeout=30_000
    )
    assert "run=tea-2" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(
    workspace: Workspace, request: pytest.FixtureRequest, open_page: Callable[..., Page], scheme: str
) -> None:
    given.make_run(workspace)
    app = request.getfixturevalue("app")
    page = open_page(
        f"{app}/curate?run=tea&rule=answer_too_short",
        color_scheme=scheme,
        viewport={"width": 390, "height": 844},
    )
    page.get_by_role("slider").first.wait_for(timeout=30_000)
    page.locator(".st-key-curate_start").wait_for()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_the_address_opens_a_row_and_hostile_text_loads_nothing(
    workspace: Workspace, request: pytest.FixtureRequest, open_page: Callable[..., Page]
) -> None:
    folder = given.make_run(workspace)
    row = f"rows:{len(given.ROWS)}"
    assert open_run(folder).line(open_run(folder).number_of(row))["verdict"] == "dropped"
    page = open_page(f"{request.getfixturevalue('app')}/curate?run=tea&row={row}")
    page.get_by_text("![x](http://evil.example/a.png)").first.wait_for(timeout=30_000)
    assert page.locator("img[src*='evil.example']").count() == 0

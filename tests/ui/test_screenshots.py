"""Every page over a workspace that our own commands filled, light and dark, wide and narrow: nothing sticks out of the
window, nothing failed; the pictures are for people to look at.

TUNESMITH_SCREENSHOTS=docs/images/app python -m pytest tests/ui/test_screenshots.py     # keeps them
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.conftest import ROOT, serve
from tests.ui.train_given import command, run_on_disk
from tunesmith.evaluate import review
from tunesmith.ui.datasets import add_sample
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "home": "",
    "dataset": "dataset?dataset={dataset}",
    "curate": "curate?run=medical&rule=answer_too_short",
    "mix": "mix",
    "jobs": "jobs",
    "review": "review?campaign=spring",
    "train": "train?model=tuned",
    "report": "report?report=spring",
}
OWNER = "Ann"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

#: A page as a person meets it: language, colours, window.
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"locale": "en-US", "color_scheme": "light", "viewport": WIDE},
    "dark": {"locale": "en-US", "color_scheme": "dark", "viewport": WIDE},
    "zh": {"locale": "zh-CN", "color_scheme": "light", "viewport": WIDE},
    "phone": {"locale": "zh-CN", "color_scheme": "light", "viewport": NARROW},
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """What a person has after the first afternoon."""
    workspace = Workspace(tmp_path_factory.mktemp("afternoon") / "workspace").make()
    add_sample(workspace)
    command(workspace, "curate", "run", str(ROOT / "data" / "recipe.yaml"), "--out", "runs/medical")
    answers = [str(ROOT / "data" / f"predictions_{name}.jsonl") for name in ("before", "after")]
    references = ["--references", str(ROOT / "data" / "evaluation.jsonl")]
    command(workspace, "evaluate", "compare", *answers, *references, "--out", "reports/spring")
    systems = [part for name, path in zip(("before", "after"), answers) for part in ("--system", f"{name}={path}")]
    people = ["--reviewer", OWNER, "--reviewer", "Li", "--sample", "20", "--store", workspace.review_store]
    command(workspace, "review", "create", "spring", *systems, *people)
    with review.open_store(workspace.review_store) as store:
        for _ in range(6):
            task = review.next_task(store, "spring", "Li")
            assert task is not None
            review.submit(store, task.token, "Li", review.Answer("left" if len(task.answers[0]) % 2 else "right"))
    run_on_disk(workspace, "tuned", steps=60)
    return workspace


@pytest.fixture(scope="module")
def afternoon(filled: Workspace) -> Iterator[str]:
    with serve(filled.root, "--name", OWNER) as address:
        yield address


@pytest.mark.parametrize("name", PAGES)
def test_every_page_looks_whole_in_every_light(
    afternoon: str, filled: Workspace, open_page: Callable[..., Page], tmp_path: Path, name: str
) -> None:
    target = Path(os.environ.get("TUNESMITH_SCREENSHOTS", tmp_path))
    target.mkdir(parents=True, exist_ok=True)
    path = PAGES[name].format(dataset=filled.names("datasets")[0])
    for look, options in LOOKS.items():
        page = open_page(f"{afternoon}/{path}", **options)
        settle(page)
        page.screenshot(path=target / f"{name}_{look}.png")
        assert page.get_by_test_id("stException").count() == 0, f"{name}, {look}"
        assert page.get_by_test_id("stAlertContentError").count() == 0, f"{name}, {look}"
        width = page.evaluate("document.scrollingElement.scrollWidth")
        assert width <= options["viewport"]["width"], f"{name}, {look}: {width} pixels wide"


def settle(page: Page) -> None:
    """Wait until the script has ended and the charts stand."""
    from playwright.sync_api import expect

    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

"""Home: how to begin, and what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.dataset_given import HOSTILE, add, drawn, hold_queue, pairs, texts
from tunesmith.evaluate import review
from tunesmith.ui.datasets import read_datasets
from tunesmith.ui.here import Here, Person
from tunesmith.ui.home_found import found_in, reviews_left
from tunesmith.ui.words import escaped

MAKE = Callable[..., Here]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_workspace_says_how_to_begin_and_loads_the_sample(here: MAKE, language: str) -> None:
    place = here(language=language)
    hold_queue(place.workspace)
    app = drawn(place, "home")
    assert place.say("home.welcome") in texts(app)
    app.button(key="home_sample").click().run()
    assert not app.exception
    assert len(read_datasets(place.workspace)) == 3
    assert place.say("home.next_curate") in texts(app)


def test_the_latest_of_everything_is_named_as_text(here: MAKE) -> None:
    place = here()
    add(place.workspace, HOSTILE, pairs(1))
    for kind, name in (("runs", "medical"), ("models", "tuned"), ("reports", "first")):
        (place.workspace.root / kind / name).mkdir()
    (place.workspace.folder("runs") / "medical" / "manifest.json").write_text("{}")
    (place.workspace.folder("runs") / "unfinished").mkdir()
    said = texts(drawn(place, "home"))
    assert "![x]" not in said
    assert all(text in said for text in (escaped(HOSTILE), "medical", "tuned", "first"))
    assert "unfinished" not in said


def test_more_than_a_few_are_counted_not_hidden(here: MAKE) -> None:
    place = here()
    for number in range(7):
        add(place.workspace, f"set {number}.jsonl", pairs(1))
    assert place.say("home.all", n=7) in texts(drawn(place, "home"))


def test_reviews_with_something_left_are_offered(here: MAKE, bundled_data: Path) -> None:
    place = here(name="Li")
    add(place.workspace, "a.jsonl", pairs(1))
    names = ("before", "after")
    systems = {name: review.read_predictions(bundled_data / f"predictions_{name}.jsonl") for name in names}
    with review.open_store(place.workspace.review_store, create=True) as store:
        review.create_pairwise(store, "spring", systems, sample=4, reviewers=("Li", "Ann"))
    assert [(one.campaign, one.left) for one in reviews_left(place.workspace, place.person)] == [("spring", 4)]
    assert reviews_left(place.workspace, Person("Nobody", "owner")) == []
    assert place.say("home.continue_review", campaign="spring", n=4) in texts(drawn(place, "home"))


def test_a_store_that_cannot_be_read_is_told_and_the_rest_stays(here: MAKE) -> None:
    place = here()
    add(place.workspace, "a.jsonl", pairs(1))
    Path(place.workspace.review_store).write_text("this is no database")
    app = drawn(place, "home")
    assert app.error
    assert escaped("a.jsonl") in texts(app)


def test_an_empty_workspace_is_empty(here: MAKE) -> None:
    assert found_in(here().workspace).is_empty

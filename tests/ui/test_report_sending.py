"""What a person does with the questions that got worse: a blind review of them, or a dataset to curate by."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.ui.report_given import AFTER, BEFORE, compared, drawn, texts
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import campaigns, read_campaign
from tunesmith.ui.here import Here


def test_ticked_questions_go_to_a_blind_review_of_only_these(here: Callable[..., Here]) -> None:
    workspace = here().workspace
    compared(workspace)
    app = drawn(here(), report="spring", metric="correct")
    for box in app.checkbox[1:4]:
        box.check()
    app.run()
    ticked = sorted(one for one in app.session_state["report_picked_spring"])
    assert len(ticked) == 3
    app.text_input(key="report_campaign_spring").set_value("lost ones")
    app.button(key="report_send_review_spring").click().run()
    assert not app.exception
    with open_store(workspace.review_store) as store:
        found = read_campaign(store, "lost ones")
    assert sorted(item.key for item in found.items) == ticked
    assert {side.system for item in found.items for side in item.sides} == {BEFORE, AFTER}
    assert "The review lost ones waits for answers to 3 questions." in texts(app).replace("\\", "")
    assert app.code[-1].value.startswith("tunesmith review create 'lost ones' --system ")
    names = [path.name for path in workspace.folder("predictions").iterdir()]
    assert {"lost-ones-before.jsonl", "lost-ones-after.jsonl"} <= set(names)


def test_the_name_that_is_offered_tells_reviewers_nothing(here: Callable[..., Here]) -> None:
    compared(here().workspace, "base-against-tuned")
    for free in ("review-1", "review-2"):
        app = drawn(here(), report="base-against-tuned", metric="correct")
        app.button(key="report_pick_all_base-against-tuned").click().run()
        assert app.text_input(key="report_campaign_base-against-tuned").value == free
        app.button(key="report_send_review_base-against-tuned").click().run()
        assert not app.exception
    with open_store(here().workspace.review_store) as store:
        assert [one.name for one in campaigns(store)] == ["review-1", "review-2"]


def test_a_name_that_is_taken_is_told_and_leaves_nothing(here: Callable[..., Here]) -> None:
    workspace = here().workspace
    compared(workspace)

    def send() -> AppTest:
        app = drawn(here(), report="spring", metric="correct")
        app.button(key="report_pick_all_spring").click().run()
        app.text_input(key="report_campaign_spring").set_value("lost")
        return app.button(key="report_send_review_spring").click().run()

    send()
    app = send()
    assert any("there is a campaign" in one.value.replace("\\", "") for one in app.error)
    with open_store(workspace.review_store) as store:
        assert len(campaigns(store)) == 1
    assert len(list(workspace.folder("predictions").iterdir())) == 4


def test_the_whole_list_becomes_a_dataset_for_tests(here: Callable[..., Here]) -> None:
    from tunesmith.ui.datasets import read_datasets

    compared(here().workspace)
    app = drawn(here(), report="spring", metric="correct", part="task=sums")
    app.button(key="report_pick_all_spring").click().run()
    app.button(key="report_send_curation_spring").click().run()
    assert not app.exception
    (dataset,) = read_datasets(here().workspace)
    assert dataset.group == "evaluation"
    rows = [json.loads(row) for row in dataset.path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 12
    assert rows[0]["messages"][-1] == {"role": "assistant", "content": "It is 2."}
    assert "Do not train on these questions" in texts(app)

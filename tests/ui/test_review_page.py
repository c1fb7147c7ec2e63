"""The page of the reviews in each of its states."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.review_given import CRITERIA, HOSTILE, SYSTEMS, drawn, keys, make, rendered, texts
from tunesmith.evaluate.review_queue import leave
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import add_reviewer, read_campaign, reviewers, set_state
from tunesmith.evaluate.review_types import Vote
from tunesmith.ui import review_sitting
from tunesmith.ui.here import Here


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_sitting, "TOO_SOON_SECONDS", 0.0)  # test_review_sitting.py has a clock for it


def votes(here: Here) -> tuple[Vote, ...]:
    with open_store(here.workspace.review_store) as store:
        return read_campaign(store, "spring").votes


def press(app: AppTest, start: str, end: str = "") -> None:
    found = [key for key in keys(app, start) if key.endswith(end)]
    app.button(key=found[0]).click().run()
    assert not app.exception


@pytest.mark.parametrize(("language", "words"), [("en", "nothing to review yet"), ("zh", "还没有要评审的内容")])
def test_a_reviewer_without_campaigns_is_told_what_will_happen(
    here: Callable[..., Here], language: str, words: str
) -> None:
    assert words in texts(drawn(here("reviewer", language)))


def test_whoever_leads_and_has_no_campaign_gets_the_form_for_one(here: Callable[..., Here]) -> None:
    app = drawn(here("owner"))
    assert "There is no review yet" in texts(app)
    assert app.selectbox or app.radio or app.get("button_group") or app.text_input


def test_nobody_is_given_a_task_before_they_start(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store)
    app = drawn(here("reviewer"), start=False)
    assert "You will see a question and two answers" in texts(app)
    with open_store(here().workspace.review_store) as store:
        assert reviewers(store) == ()
    app.button(key="review_start").click().run()
    with open_store(here().workspace.review_store) as store:
        assert [(one.name, one.role) for one in reviewers(store)] == [("me", "reviewer")]
    assert "0 done · 4 left" in texts(app)


@pytest.mark.parametrize(("choice", "stored"), [("equal", "equal"), ("both_bad", "both_bad")])
def test_a_vote_is_stored_and_the_next_task_drawn(here: Callable[..., Here], choice: str, stored: str) -> None:
    make(here().workspace.review_store)
    app = drawn(here("reviewer"))
    before = keys(app, "vote_")
    press(app, "vote_", choice)
    assert [vote.choice for vote in votes(here())] == [stored]
    assert not set(before) & set(keys(app, "vote_"))
    assert "1 done · 3 left" in texts(app)


def test_undo_brings_the_note_and_the_choice_back(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store)
    app = drawn(here("reviewer"))
    assert keys(app, "undo_") == []
    app.text_input[-1].set_value("a reason").run()
    press(app, "vote_", "_equal")
    assert [vote.comment for vote in votes(here())] == ["a reason"]
    press(app, "undo_")
    assert votes(here()) == ()
    assert app.text_input[-1].value == "a reason"


def test_a_note_is_there_again_in_another_window(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store)
    drawn(here("reviewer")).text_input[-1].set_value("half a thought").run()
    assert drawn(here("reviewer")).text_input[-1].value == "half a thought"


def test_a_skip_may_have_a_reason(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store, n=2)
    app = drawn(here("reviewer"))
    app.text_input[0].set_value("not my field").run()
    press(app, "skip_why_")
    press(app, "skip_")
    assert "Nothing is left for you here" in texts(app)
    assert votes(here()) == ()


def test_at_the_end_thanks_and_the_last_answer_can_be_taken_back(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store, n=1)
    app = drawn(here("reviewer"))
    press(app, "vote_", "_left")
    assert "All done for now. Thank you!" in texts(app)
    assert "You gave 1 answer." in texts(app)
    press(app, "undo_")
    assert "0 done · 1 left" in texts(app)


def test_a_rubric_shows_its_anchors_and_goes_from_one_criterion_to_the_next(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store, "rubric", criteria=CRITERIA)
    app = drawn(here("reviewer"))
    assert any("all of it is right" in label for label in rendered(app))
    assert len(keys(app, "rate_")) == 5
    press(app, "rate_", "_0_4")
    assert len(keys(app, "rate_")) == 3
    assert keys(app, "send_") == []
    press(app, "rate_", "_1_2")
    press(app, "send_")
    assert [sorted(vote.ratings.values()) for vote in votes(here())] == [[2, 4]]


def test_in_curation_the_rule_is_told_only_after_the_answer(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store, "curation")
    app = drawn(here("reviewer"))
    assert "zebra_rule" not in str(app)
    press(app, "vote_", "_keep")
    assert "zebra\\_rule, measured 3, limit 8" in texts(app)
    press(app, "vote_", "_edit")
    press(app, "save_")
    assert "Nothing is changed" in texts(app)
    app.text_area[-1].set_value(" ").run()
    press(app, "save_")
    assert "A text is empty" in texts(app)
    app.text_area[-1].set_value("better").run()
    press(app, "save_")
    assert [(vote.choice, vote.edit) for vote in votes(here())] == [("keep", None), ("edit", {"answer": "better"})]


@pytest.mark.parametrize(("language", "words"), [("en", "This review is closed"), ("zh", "本次评审已结束")])
def test_a_closed_campaign_says_so(here: Callable[..., Here], language: str, words: str) -> None:
    make(here().workspace.review_store, people=("me",))
    with open_store(here().workspace.review_store) as store:
        set_state(store, "spring", "closed")
    assert words in texts(drawn(here("reviewer", language), campaign="spring"))


@pytest.mark.parametrize(("language", "words"), [("en", "Nobody is asked any more"), ("zh", "不再向任何人提问")])
def test_a_closed_campaign_says_so_to_who_was_never_in_it(here: Callable[..., Here], language: str, words: str) -> None:
    make(here().workspace.review_store)
    with open_store(here().workspace.review_store) as store:
        set_state(store, "spring", "closed")
    app = drawn(here("reviewer", language), campaign="spring")
    assert words in texts(app)
    assert not app.error


def test_the_history_of_who_has_not_begun_is_empty(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store)
    app = drawn(here("reviewer"), start=False, campaign="spring", view="history")
    assert "You have not answered anything here yet." in texts(app)
    assert not app.error


def test_who_has_left_is_told_whom_to_ask(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store, people=("me",))
    with open_store(here().workspace.review_store) as store:
        leave(store, "me")
    assert "You have left this review" in texts(drawn(here("reviewer"), campaign="spring"))


@pytest.mark.parametrize("name", ["../etc", HOSTILE, "half\udc00".encode(errors="replace").decode()])
def test_an_unknown_campaign_is_told_beside_those_there_are(here: Callable[..., Here], name: str) -> None:
    make(here().workspace.review_store)
    app = drawn(here("reviewer"), campaign=name)
    assert "There is no review called" in texts(app)
    assert "spring" in texts(app)
    press(app, "review_open_")
    assert app.query_params["campaign"] in ("spring", ["spring"])


def test_several_campaigns_are_listed_with_how_far_one_is(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store, people=("me",))
    make(here().workspace.review_store, "rubric", 3, name="ratings", criteria=CRITERIA)
    app = drawn(here("reviewer"))
    assert "two answers side by side · 0 done, 4 left for you" in texts(app)
    assert "rated · 0 done, 3 left for you" in texts(app)
    assert keys(app, "review_new") == []


def test_the_history_shows_ones_own_answers_and_opens_one_again(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store)
    app = drawn(here("reviewer"))
    press(app, "vote_", "_equal")
    app.button_group(key="review_view").set_value("history").run()
    assert not app.exception
    assert any("equal" in str(one.label) and "ask 0" in str(one.label) for one in app.expander)
    press(app, "change_")
    assert "0 done · 4 left" in texts(app)
    assert votes(here()) == ()


def test_of_a_long_history_the_page_says_how_much_it_shows(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store, n=22)
    app = drawn(here("reviewer"))
    for _ in range(21):
        press(app, "vote_", "_equal")
    app.button_group(key="review_view").set_value("history").run()
    assert "Showing 20 of 21." in texts(app)
    press(app, "review_past_more")
    assert len(keys(app, "change_")) == 21


def test_a_reviewer_has_no_way_to_the_results(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store)
    app = drawn(here("reviewer"), view="lead", campaign="spring")
    assert "For leads" not in str(app.get("button_group"))
    assert "0 done · 4 left" in texts(app)


def test_nobody_loses_a_role_by_reviewing(here: Callable[..., Here]) -> None:
    make(here().workspace.review_store)
    with open_store(here().workspace.review_store) as store:
        add_reviewer(store, "me", "owner")
        leave(store, "me")
    drawn(here("lead"))
    with open_store(here().workspace.review_store) as store:
        assert [(one.name, one.role, one.active) for one in reviewers(store)] == [("me", "owner", True)]


@pytest.mark.parametrize("mode", ["pairwise", "rubric", "curation"])
def test_no_text_of_anybody_becomes_markdown_and_no_system_is_named(here: Callable[..., Here], mode: str) -> None:
    name = f"c {HOSTILE}"
    criteria = CRITERIA if mode == "rubric" else ()
    make(here().workspace.review_store, mode, name=name, criteria=criteria)  # type: ignore[arg-type]
    app = drawn(here("reviewer"), campaign=name)
    shown = [app]
    if mode == "rubric":
        press(app, "rate_", "_0_1")
        press(app, "rate_", "_1_1")
        press(app, "send_")
    else:
        press(app, "vote_", "_left" if mode == "pairwise" else "_keep")
    shown.append(app)
    app = drawn(here("reviewer"), campaign=name, view="history")
    assert len(app.expander) == 1
    shown.append(app)
    for one in shown:
        assert [text for text in rendered(one) if "![x]" in text or "<b>" in text or "$x$" in text] == []
        assert not [system for system in SYSTEMS if system in str(one)]
    assert any(HOSTILE in str(one.value) for one in app.text)

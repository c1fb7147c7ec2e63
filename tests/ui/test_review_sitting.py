"""One person at one campaign: every step, and what a press that comes too early or too late does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.review_given import CRITERIA, fill
from tunesmith.evaluate.review_queue import history, submit
from tunesmith.evaluate.review_store import Store, open_store
from tunesmith.evaluate.review_store_campaigns import add_criterion, events, read_campaign, set_state
from tunesmith.evaluate.review_types import Answer, Criterion, Mode
from tunesmith.ui.review_sitting import Sitting


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://", create=True) as opened:
        yield opened


def seated(store: Store, clock: Clock, mode: Mode = "pairwise", n: int = 4, **wishes: Any) -> Sitting:
    fill(store, mode, n, people=("Li", "Ann"), **wishes)
    sitting = Sitting("spring", "Li", clock)
    sitting.look(store)
    show(sitting, clock)
    return sitting


def show(sitting: Sitting, clock: Clock) -> str:
    """Drawn, and looked at for a second."""
    sitting.shown()
    clock.now += 1
    return token(sitting)


def token(sitting: Sitting) -> str:
    assert sitting.task is not None
    return sitting.task.token


def votes(store: Store) -> list[str | None]:
    return [vote.choice for vote in read_campaign(store, "spring").votes]


def test_a_vote_brings_the_next_task(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    first = token(sitting)
    sitting.choose(store, first, "equal")
    assert votes(store) == ["equal"]
    assert token(sitting) != first
    assert (sitting.task.done, sitting.task.left) == (1, 3) if sitting.task else False


def test_a_second_press_on_the_same_button_votes_on_nothing(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    first = token(sitting)
    for _ in range(5):
        sitting.choose(store, first, "equal")
    assert votes(store) == ["equal"]


def test_a_press_as_soon_as_a_task_appears_is_ignored(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    sitting.choose(store, token(sitting), "equal")
    sitting.shown()
    clock.now += 0.39
    sitting.choose(store, token(sitting), "equal")
    assert votes(store) == ["equal"]
    clock.now += 0.41
    sitting.choose(store, token(sitting), "both_bad")
    assert votes(store) == ["equal", "both_bad"]


def test_a_key_held_down_votes_once(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    for _ in range(60):
        sitting.choose(store, token(sitting), "equal")
        sitting.shown()
        clock.now += 0.03
    assert votes(store) == ["equal"]


def test_a_task_that_was_never_drawn_is_not_voted_on(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    sitting.choose(store, token(sitting), "equal")
    clock.now += 10
    sitting.choose(store, token(sitting), "equal")
    assert votes(store) == ["equal"]


def test_undo_brings_the_answer_back_as_it_was(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    sitting.note(store, token(sitting), "why")
    answers = sitting.task.answers if sitting.task else ()
    sitting.choose(store, token(sitting), "right")
    sitting.undo(store, show(sitting, clock))
    assert votes(store) == []
    assert sitting.given == Answer("right", comment="why")
    assert sitting.task is not None
    assert sitting.task.answers == answers


def test_undo_without_an_answer_says_so_and_keeps_the_task(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    before = token(sitting)
    sitting.undo(store, before)
    assert (sitting.notice, token(sitting)) == ("nothing_to_undo", before)


def test_a_skip_goes_on_and_its_reason_is_in_the_log(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    first = token(sitting)
    sitting.skip(store, first, "not my field", again=True)
    assert token(sitting) != first
    assert [line["data"]["reason"] for line in events(store, "spring") if line["kind"] == "skip"] == ["not my field"]


def test_ratings_are_a_draft_until_they_are_sent(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, "rubric", criteria=CRITERIA)
    first = token(sitting)
    sitting.rate(store, first, 0, 5)
    sitting.rate(store, first, 0, 4)  # the button of a step that is over
    again = Sitting("spring", "Li", clock)  # another window
    again.look(store)
    assert dict(again.given.ratings) == {"correct": 5}
    sitting.rate(store, first, 1, 3)
    assert votes(store) == []
    sitting.send(store, first)
    assert [dict(vote.ratings) for vote in read_campaign(store, "spring").votes] == [
        {"correct": 5, CRITERIA[1].name: 3}
    ]


def test_a_rating_can_be_gone_back_to(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, "rubric", criteria=CRITERIA)
    first = token(sitting)
    sitting.rate(store, first, 0, 5)
    sitting.back_to(first, 0)
    sitting.rate(store, first, 0, 2)
    assert dict(sitting.given.ratings) == {"correct": 2}


def test_an_answer_that_lacks_a_rating_is_not_taken_and_says_which(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, "rubric", criteria=CRITERIA)
    first = token(sitting)
    sitting.rate(store, first, 0, 5)
    sitting.send(store, first)
    assert "is not rated" in str(sitting.error)
    assert token(sitting) == first


def test_a_choice_with_criteria_waits_for_its_ratings(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, criteria=CRITERIA[:1])
    first = token(sitting)
    sitting.choose(store, first, "left")
    assert votes(store) == []
    sitting.rate(store, first, 1, 1)  # the same key, still down
    assert not sitting.given.ratings
    clock.now += 1
    sitting.rate(store, first, 1, 4)
    sitting.send(store, first)
    assert len(votes(store)) == 1


def test_a_criterion_that_was_added_is_asked_for_alone(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, n=1)
    sitting.choose(store, token(sitting), "left")
    add_criterion(store, "spring", Criterion("new", ask_again=True))
    sitting.look(store)
    first = show(sitting, clock)
    sitting.rate(store, first, 0, 2)
    sitting.send(store, first)
    assert sitting.error is None
    assert [dict(vote.ratings) for vote in read_campaign(store, "spring").votes] == [{"new": 2}]


def test_only_what_was_changed_is_the_edit(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, "curation")
    first = token(sitting)
    prompt = sitting.task.messages[0]["content"] if sitting.task else ""
    sitting.edit(first, on=True)
    sitting.change(store, first, {"prompt": prompt, "answer": "better"})
    assert [vote.edit for vote in read_campaign(store, "spring").votes] == [{"answer": "better"}]
    assert sitting.told is not None
    assert (sitting.told[0], sitting.told[1]["rule"]) == ("edit", "zebra_rule")


def test_an_edit_that_changes_nothing_is_none(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, "curation")
    assert sitting.task is not None
    sitting.change(store, token(sitting), {"answer": sitting.task.answers[0]})
    assert (sitting.notice, votes(store)) == ("unchanged", [])


def test_a_text_that_is_being_edited_survives_a_closed_window(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, "curation")
    sitting.begin_edit(store, token(sitting), {"answer": "half of"})
    again = Sitting("spring", "Li", clock)
    again.look(store)
    assert again.given.edit == {"answer": "half of"}


def test_what_was_answered_in_another_window_brings_the_next_task(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    first = token(sitting)
    submit(store, first, "Li", Answer("left"))
    sitting.choose(store, first, "right")
    assert sitting.notice == "already_answered"
    assert token(sitting) != first
    assert len(votes(store)) == 1


def test_a_lease_that_was_lost_brings_the_next_task(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock, lease_seconds=0)
    first = token(sitting)
    other = Sitting("spring", "Ann", clock)
    other.look(store)
    submit(store, token(other), "Ann", Answer("left"))
    sitting.choose(store, first, "right")
    assert sitting.notice == "lease_lost"
    assert token(sitting) != first
    assert len(votes(store)) == 1


def test_a_campaign_that_closes_takes_nothing_more(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    first = token(sitting)
    set_state(store, "spring", "closed")
    sitting.choose(store, first, "left")
    assert (sitting.over, sitting.task, votes(store)) == ("closed", None, [])


def test_an_earlier_answer_comes_again_from_the_history(store: Store, clock: Clock) -> None:
    sitting = seated(store, clock)
    sitting.choose(store, token(sitting), "left")
    sitting.choose(store, show(sitting, clock), "equal")
    oldest = history(store, "spring", "Li")[-1]
    sitting.reopen(store, oldest.token)
    assert sitting.given == Answer("left")
    sitting.choose(store, show(sitting, clock), "right")
    assert len(votes(store)) == 2

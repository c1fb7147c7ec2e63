"""How far a campaign is: every seat in exactly one state, what is stuck and why, the pace, and the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tunesmith.errors import InputError, TunesmithError
from tunesmith.evaluate.review_queue import leave, next_task, save_draft, skip, submit
from tunesmith.evaluate.review_status import bar, skips_of, status, statuses
from tunesmith.evaluate.review_status_text import as_text, list_text, span
from tunesmith.evaluate.review_store import Store, open_store
from tunesmith.evaluate.review_store_campaigns import add_criterion, add_reviewer, insert_campaign
from tunesmith.evaluate.review_store_status import last_event
from tunesmith.evaluate.review_types import Answer, Criterion, NewCampaign, NewItem, Side

MESSAGES = [{"role": "user", "content": "2 + 2?"}]


class Clock:
    """Seconds since 1970 that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def review(store_address: str, clock: Clock) -> Any:
    with open_store(store_address, create=True, clock=clock) as opened:
        yield opened


def make(store: Store, n: int = 3, *, name: str = "spring", people: str = "ana wu", **more: Any) -> None:
    sides = (Side("before", "Four."), Side("after", "Five."))
    items = [NewItem(f"q{number}", "before|after", sides, {"messages": MESSAGES}) for number in range(n)]
    items.append(NewItem("same", "before|after", sides, {"messages": MESSAGES}, state="identical"))
    insert_campaign(store, NewCampaign(name, "pairwise", repeats=0.0, **more), items)
    for person in people.split():
        add_reviewer(store, person)


def answer(store: Store, person: str, choice: str = "left") -> None:
    task = next_task(store, "spring", person)
    assert task is not None
    submit(store, task.token, person, Answer(choice))


def test_every_seat_is_in_one_state(review: Store, clock: Clock) -> None:
    make(review)
    answer(review, "ana")
    next_task(review, "spring", "wu")
    found = status(review, "spring")
    assert found["seats"] == {"all": 6, "done": 1, "leased": 1, "expired": 0, "free": 4, "stuck": 0}
    assert found["items"] == {
        "queued": 3,
        "identical": 1,
        "withdrawn": 0,
        "complete": 0,
        "started": 1,
        "untouched": 2,
    }
    (lease,) = found["leases"]
    assert (lease["reviewer"], lease["until"], lease["expired"]) == ("wu", clock.now + 1200, False)
    clock.now += 1201
    later = status(review, "spring")
    assert later["seats"] == {"all": 6, "done": 1, "leased": 0, "expired": 1, "free": 4, "stuck": 0}
    assert "lease ran out" in as_text(later)


def test_an_item_that_everybody_skipped_is_stuck_until_somebody_new_comes(review: Store) -> None:
    make(review, 1)
    for person in ("ana", "wu"):
        task = next_task(review, "spring", person)
        assert task is not None
        skip(review, task.token, person, "not my field")
    found = status(review, "spring")
    assert [(one["key"], one["seats"], one["why"], one["skipped_by"]) for one in found["stuck"]] == [
        ("q0", 2, "skipped", ["ana", "wu"])
    ]
    assert (found["seats"]["stuck"], found["skips"]) == (2, {"not my field": 2})
    assert "skipped by everyone" in as_text(found)
    assert skips_of(review, "spring") == {"ana": ["not my field"], "wu": ["not my field"]}
    add_reviewer(review, "new")
    assert status(review, "spring")["stuck"] == []


def test_a_second_seat_is_stuck_where_the_only_person_left_has_answered(review: Store) -> None:
    make(review, 1)
    answer(review, "ana")
    leave(review, "wu")
    found = status(review, "spring")
    assert [(one["seats"], one["why"]) for one in found["stuck"]] == [(1, "nobody left")]
    assert next(line for line in found["reviewers"] if line["name"] == "ana")["left"] == 0


def test_seats_that_wait_for_somebody_who_never_answers_are_told(review: Store) -> None:
    make(review, 1, people="ana mei")
    assert status(review, "spring")["only_by"] == {"seats": 0, "people": []}
    answer(review, "ana")
    found = status(review, "spring")
    assert (found["stuck"], found["only_by"]) == ([], {"seats": 1, "people": ["mei"]})
    assert "only by people who have answered nothing here yet: mei" in as_text(found)


def test_nothing_is_stuck_for_those_who_want_it_again(review: Store) -> None:
    make(review, 1, people="ana")
    task = next_task(review, "spring", "ana")
    assert task is not None
    skip(review, task.token, "ana", "later", again=True)
    found = status(review, "spring")
    assert (found["stuck"], found["reviewers"][0]["left"]) == ([], 1)


def test_nothing_is_stuck_before_there_are_reviewers(review: Store) -> None:
    make(review, 1, people="")
    found = status(review, "spring")
    assert (found["stuck"], found["reviewers"], found["seats"]["free"]) == ([], [], 2)
    assert "nobody is a reviewer yet" in as_text(found)


def test_the_pace_is_of_the_last_hour_and_what_is_left_follows(review: Store, clock: Clock) -> None:
    make(review, 10)
    for _ in range(5):
        next_task(review, "spring", "ana")
        clock.now += 30
        answer(review, "ana")
    clock.now += 1650  # half an hour since the first answer... and a minute and a half
    found = status(review, "spring")["pace"]
    elapsed = 1650 + 4 * 30
    assert found["per_hour"] == pytest.approx(5 / elapsed * 3600)
    assert found["seconds_left"] == pytest.approx(15 / 5 * elapsed)
    assert found["median_seconds"] == pytest.approx(30)
    assert found["working_seconds_left"] == pytest.approx(15 * 30)
    clock.now += 7200
    later = status(review, "spring")
    assert (later["pace"]["per_hour"], later["pace"]["seconds_left"]) == (None, None)
    assert "no pace" in as_text(later)


def test_disagreements_and_drafts_are_told(review: Store) -> None:
    make(review, 2)
    answer(review, "ana", "equal")
    answer(review, "ana", "equal")
    answer(review, "wu", "both_bad")
    task = next_task(review, "spring", "wu")
    assert task is not None
    save_draft(review, task.token, "wu", Answer("left"))
    found = status(review, "spring")
    assert (found["items"]["complete"], found["disagreements"], found["drafts"]) == (1, 1, 1)
    assert "1 disagreement for a lead to decide" in as_text(found)
    assert "with a draft" in as_text(found)


def test_an_answer_that_gets_a_new_rating_stays_done(review: Store) -> None:
    make(review, 1, people="ana")
    answer(review, "ana")
    add_criterion(review, "spring", Criterion("useful", ask_again=True))
    task = next_task(review, "spring", "ana")
    assert task is not None
    assert task.missing == ("useful",)
    assert status(review, "spring")["seats"]["done"] == 1


def test_a_name_that_is_not_there_is_told(review: Store) -> None:
    make(review)
    with pytest.raises(InputError, match="there is no campaign 'autumn'"):
        status(review, "autumn")


def test_the_last_event_grows_with_every_step_and_with_nothing_else(review: Store) -> None:
    make(review)
    make(review, name="summer", people="")
    seen = [last_event(review, "spring")]
    task = next_task(review, "spring", "ana")
    assert task is not None
    seen.append(last_event(review, "spring"))
    submit(review, task.token, "ana", Answer("left"))
    seen.append(last_event(review, "spring"))
    status(review, "spring")
    assert last_event(review, "spring") == seen[-1]
    other = last_event(review, "summer")
    assert other < seen[-1], "another campaign's votes are none of its events"
    add_reviewer(review, "eve")
    assert last_event(review, "summer") == last_event(review, "spring") > seen[-1]
    assert seen == sorted(set(seen))


def test_all_campaigns_are_listed(review: Store) -> None:
    assert "there is no campaign yet" in list_text(statuses(review))
    make(review)
    make(review, 1, name="autumn")
    answer(review, "ana")
    found = statuses(review)
    assert [(line["campaign"], line["seats"], line["done"]) for line in found] == [("spring", 6, 1), ("autumn", 2, 0)]
    assert "1 of 6" in list_text(found)


def test_the_bar_is_full_only_when_all_is_done() -> None:
    assert bar(999, 0, 1000, width=10) == "#########."
    assert bar(1000, 0, 1000, width=10) == "##########"
    assert bar(0, 1, 1000, width=10) == "+........."
    assert bar(0, 0, 0, width=4) == "...."
    assert span(30) == "1 minute"


def run(*words: str) -> Any:
    import typer

    from tunesmith.cli_review import review

    app = typer.Typer()
    app.add_typer(review, name="review")
    return CliRunner().invoke(app, ["review", *words], catch_exceptions=True)


@pytest.fixture
def address(tmp_path: Path) -> str:
    path = str(tmp_path / "review.sqlite")
    with open_store(path, create=True) as store:
        make(store, 1)
        for person, choice in (("ana", "equal"), ("wu", "both_bad")):
            answer(store, person, choice)
    return path


def test_people_are_added_promoted_listed_and_let_go(address: str) -> None:
    assert json.loads(run("reviewer", "mei", "--role", "lead", "--store", address, "--json").output)["reviewer"] == {
        "id": 3,
        "name": "mei",
        "role": "lead",
        "active": True,
    }
    assert run("reviewer", "--store", address).output.split("\n")[:3] == ["ana: reviewer", "mei: lead", "wu: reviewer"]
    assert run("reviewer", "mei", "--store", address).output == "mei: lead, active\n"
    assert "wu has left; 0 of their seats became free" in run("leave", "wu", "--store", address).output
    assert "wu: reviewer, left" in run("reviewer", "--store", address).output
    assert run("reviewer", "x", "--role", "king", "--store", address).exit_code == 2


def test_a_campaign_is_closed_and_opened(address: str) -> None:
    assert run("close", "spring", "--store", address).output == "spring is closed\n"
    assert json.loads(run("status", "--store", address, "--json").output)["state"] == "closed"
    assert run("open", "spring", "--store", address).output == "spring is open\n"


def test_a_lead_lists_and_decides_and_undoes(address: str) -> None:
    run("reviewer", "mei", "--role", "lead", "--store", address)
    found = json.loads(run("adjudicate", "--lead", "mei", "--store", address, "--json").output)
    item = str(found["disagreements"][0]["item"])
    assert (found["waiting"], found["disagreements"][0]["votes"]) == (1, {"both_bad": 1, "equal": 1})
    assert "no answer has more than half" in run("adjudicate", "--lead", "mei", "--store", address).output
    decide = ("adjudicate", "--lead", "mei", "--store", address, "--item", item)
    assert run(*decide, "--choice", "left").output == f"item {item}: left\n"
    again = run(*decide, "--choice", "right")
    assert isinstance(again.exception, TunesmithError)
    assert "mei has decided about item" in str(again.exception)
    assert "(left)" in str(again.exception)
    assert run(*decide, "--undo").output == f"item {item}: the decision was taken back\n"
    assert run("adjudicate", "--store", address).exit_code == 2
    assert run("adjudicate", "--lead", "mei", "--choice", "left", "--store", address).exit_code == 2
    assert "expected an active lead" in str(run("adjudicate", "--lead", "ana", "--store", address).exception)


def test_the_agreement_is_shown_without_names_and_written_for_a_comparison(address: str, tmp_path: Path) -> None:
    out = tmp_path / "results"
    shown = run("agreement", "spring", "--store", address, "--out", str(out)).output
    assert "1 of 1 item judged, 2 votes of 2 people" in shown
    assert "ana" not in shown
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [line["name"] for line in found["reviewers"]] == ["R1", "R2"]
    assert "ana" in run("agreement", "--store", address, "--names").output
    assert json.loads(run("agreement", "--store", address, "--json").output) == found


def test_results_of_another_campaign_are_not_written_over(address: str, tmp_path: Path) -> None:
    out = tmp_path / "results"
    out.mkdir()
    (out / "results.json").write_text('{"campaign": "autumn", "mode": "rubric", "n_votes": 3}', encoding="utf-8")
    refused = run("agreement", "--store", address, "--out", str(out))
    assert "holds the results of the campaign 'autumn'" in str(refused.exception)
    assert run("agreement", "--store", address, "--out", str(out), "--replace").exit_code == 0
    (out / "results.json").write_text("mine", encoding="utf-8")
    assert "never written over" in str(run("agreement", "--store", address, "--out", str(out), "--replace").exception)

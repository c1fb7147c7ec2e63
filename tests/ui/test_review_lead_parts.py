"""The parts of the lead's page that draw nothing: plans and their commands, pairs of people, words, what is covered."""

from __future__ import annotations

import shlex

import pytest
from typer.testing import CliRunner

from tests.ui.review_lead_given import answer_file, campaign, vote
from tunesmith.cli_review import review
from tunesmith.errors import InputError
from tunesmith.evaluate.review_queue import next_task
from tunesmith.evaluate.review_results_votes import votes_of
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import campaigns, read_campaign, set_state
from tunesmith.evaluate.review_store_status import read_state
from tunesmith.ui.review_lead_blind import queue_of, to_come, without
from tunesmith.ui.review_lead_pairs import two_people
from tunesmith.ui.review_lead_plan import (
    Asked,
    Wanted,
    answer_files,
    asked_of,
    command_of,
    keep_upload,
    missing,
    plan_from,
)
from tunesmith.ui.review_lead_words import between, length, percent
from tunesmith.ui.words import Words
from tunesmith.ui.workspace import Workspace

PAIR = Wanted("spring", "pairwise", files=("old.jsonl", "new.jsonl"), sample=4, people=("li", "ann"), leads=("mo",))


def test_the_command_makes_the_same_campaign(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_file(workspace, "old")
    answer_file(workspace, "new")
    plan = plan_from(workspace, PAIR)
    monkeypatch.chdir(workspace.root)
    done = CliRunner().invoke(review, [*command_of(PAIR)[1:], "--store", "made.sqlite"], catch_exceptions=False)
    assert done.exit_code == 0, shlex.join(command_of(PAIR))
    with open_store("made.sqlite") as store:
        made, data = campaigns(store)[0], read_campaign(store)
    assert (made.name, made.overlap, made.guidelines) == ("spring", 2, plan.campaign.guidelines)
    assert [one.key for one in data.items] == [one.key for one in plan.items]
    assert {one.name: one.role for one in data.reviewers} == {"li": "reviewer", "ann": "reviewer", "mo": "lead"}


def test_every_mistake_of_a_plan_is_told_at_once(workspace: Workspace) -> None:
    answer_file(workspace, "old")
    answer_file(workspace, "new")
    with pytest.raises(InputError) as refused:
        plan_from(workspace, PAIR._replace(rubric="criteria: [{name: kind, low: 9}]", overlap=0))
    assert "low < high" in str(refused.value)
    assert "overlap" in str(refused.value)


def test_a_name_from_elsewhere_opens_no_other_file(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="no such name"):
        plan_from(workspace, PAIR._replace(files=("../../secret.jsonl", "new.jsonl")))


@pytest.mark.parametrize(
    ("wanted", "lacking"),
    [
        (PAIR, []),
        (PAIR._replace(name=" "), ["need_name"]),
        (PAIR._replace(files=("old.jsonl",)), ["need_two"]),
        (PAIR._replace(mode="rubric", files=()), ["need_one"]),
        (PAIR._replace(mode="curation"), ["need_run"]),
        (PAIR._replace(people=("li",)), ["need_people"]),
        (PAIR._replace(people=()), []),
    ],
)
def test_what_is_missing_is_known_before_anything_is_read(wanted: Wanted, lacking: list[str]) -> None:
    assert missing(wanted) == lacking


def test_what_is_asked_is_counted_by_mode() -> None:
    three = PAIR._replace(files=("a.jsonl", "b.jsonl", "c.jsonl"), sample=None)
    assert asked_of(three, 10) == Asked(30, 60)
    assert asked_of(three._replace(mode="rubric", sample=5), 10) == Asked(15, 30)
    assert asked_of(three._replace(mode="curation", sample=5), None) == Asked(5, 10)
    assert asked_of(three._replace(mode="curation"), None) is None


def test_an_upload_is_kept_under_a_name_of_ours(workspace: Workspace) -> None:
    content = answer_file(workspace, "old").read_bytes()
    name = keep_upload(workspace, "../../Evil <b>.jsonl", content)
    assert name == "evil-b.jsonl"
    assert name in answer_files(workspace)


def test_an_upload_that_is_no_predictions_file_is_not_kept(workspace: Workspace) -> None:
    with pytest.raises(InputError):
        keep_upload(workspace, "x.jsonl", b'{"id": "q1"}\n')
    assert answer_files(workspace) == []


def test_two_people_are_compared_on_what_both_judged(workspace: Workspace) -> None:
    store = campaign(workspace, "li", "ann", "mo", n=4, overlap=3)
    vote(store, {"li": "old", "ann": "old"})
    vote(store, {"mo": "new"}, most=1)
    found = two_people(votes_of(read_campaign(store, "spring")), "pairwise")
    assert [pair[:4] for pair in found] == [("ann", "li", 4, 4), ("ann", "mo", 0, 1), ("li", "mo", 0, 1)]


def test_nothing_is_covered_for_who_only_leads_or_once_it_is_closed(workspace: Workspace) -> None:
    store = campaign(workspace, "li", "ann", "mo", n=3, overlap=3)
    vote(store, {"li": "old", "ann": "new"})
    assert to_come(read_state(store, "spring"), "mo") == set()
    assert next_task(store, "spring", "mo") is not None
    assert len(to_come(read_state(store, "spring"), "mo")) == 1
    vote(store, {"mo": "old"}, most=1)
    found = queue_of(read_state(store, "spring"), "mo")
    assert len(found.hidden) == 2
    assert len(found.waiting) == 1
    data = without(read_campaign(store, "spring"), found.hidden)
    assert {vote.item for vote in data.votes} == {found.waiting[0]} == {item.id for item in data.items}
    set_state(store, "spring", "closed")
    assert queue_of(read_state(store, "spring"), "mo").hidden == frozenset()


def test_lengths_and_shares_read_well_in_both_languages() -> None:
    assert [length(Words("en"), seconds) for seconds in (20, 5000, 9000, 400_000)] == [
        "1 minute",
        "83 minutes",
        "2.5 hours",
        "4.6 days",
    ]
    assert length(Words("zh"), 9000) == "2.5 小时"
    assert between((0.5, None), percent) == "–"
    assert between((0.5, 0.75), percent) == "50.0%–75.0%"


def test_the_catalogue_has_a_text_for_every_part() -> None:
    from tunesmith.ui.review_lead import SECTIONS
    from tunesmith.ui.review_lead_files import OF_MODE

    keys = [f"section_{name}" for name in SECTIONS] + [f"file_{one}" for names in OF_MODE.values() for one in names]
    for say in (Words("en"), Words("zh")):
        assert all(say(f"lead.{key}") for key in keys)

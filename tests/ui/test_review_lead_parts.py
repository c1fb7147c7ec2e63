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
from tunesmith.ui.review_lead_patience import MOST_KEPT, Counted, counted
from tunesmith.ui.review_lead_plan import (
    Asked,
    Wanted,
    answer_files,
    asked_of,
    command_of,
    free_name,
    ids_of,
    keep_upload,
    missing,
    plan_from,
    system_of,
)
from tunesmith.ui.review_lead_read import _shelf, figures_now, results_now
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


def test_an_upload_that_is_refused_is_named_as_the_person_knows_it(workspace: Workspace) -> None:
    with pytest.raises(InputError) as refused:
        keep_upload(workspace, "My answers.jsonl", b'{"id": "q1"}\n')
    assert "My answers.jsonl" in str(refused.value)
    assert str(workspace.root) not in str(refused.value)


def test_a_table_of_answers_can_be_uploaded(workspace: Workspace) -> None:
    name = keep_upload(workspace, "a.csv", b"id,prompt,prediction\nq1,1 + 1?,2\n")
    assert ids_of(workspace.inside("predictions", name)) == {"q1"}


@pytest.mark.parametrize(
    ("file", "system"),
    [("qwen2.5-base.jsonl", "qwen2.5-base"), ("old.csv", "old"), ("v1.2.json.gz", "v1.2"), ("bare", "bare")],
)
def test_versions_of_a_model_are_two_systems(file: str, system: str) -> None:
    assert system_of(file) == system


def test_a_name_that_is_offered_is_free_and_tells_nothing() -> None:
    assert free_name(["spring"]) == "review-1"
    assert free_name(["review-1", "spring", "review-3"]) == "review-2"


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


@pytest.mark.parametrize(("seconds", "kept_for"), [(0.1, 0), (2.0, 60)])
def test_what_takes_long_to_count_may_be_old_for_a_while_and_nothing_else(seconds: float, kept_for: float) -> None:
    now = 0.0
    shelf: dict[object, Counted[int]] = {}

    def look(event: int, *, exact: bool = False) -> int:
        def count() -> int:
            nonlocal now
            now += seconds
            return event

        return counted(shelf, "all", event=event, count=count, exact=exact, clock=lambda: now).value

    assert look(1) == 1
    assert look(1) == 1
    assert now == seconds
    now += 1
    assert look(2) == (1 if kept_for else 2)
    now += kept_for
    assert look(3) == 3
    assert look(4, exact=True) == 4


def test_of_many_campaigns_only_the_figures_counted_last_are_kept() -> None:
    shelf: dict[object, Counted[int]] = {}
    for name in range(3 * MOST_KEPT):
        counted(shelf, name, event=1, count=lambda: 0)
    assert list(shelf) == list(range(2 * MOST_KEPT, 3 * MOST_KEPT))


def test_figures_that_are_not_of_the_last_vote_say_so(workspace: Workspace) -> None:
    store = campaign(workspace, "li", "ann", n=6)
    vote(store, {"li": "old"}, most=1)
    assert not figures_now(store, "spring").is_old
    key = next(key for key in _shelf() if key[0] == store.where)
    _shelf()[key] = _shelf()[key]._replace(seconds=100.0)  # as if there were many
    vote(store, {"ann": "new"}, most=1)
    found, _, is_old = figures_now(store, "spring")
    assert (found["n_votes"], is_old) == (1, True)
    assert results_now(store, "spring")["n_votes"] == 2

"""`review create` and `review criterion` as they are typed: what is made, said, and refused all at once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tunesmith.cli_review import review
from tunesmith.errors import InputError, TunesmithError
from tunesmith.evaluate.review_create_plan import Created
from tunesmith.evaluate.review_create_request import Request, plan_of
from tunesmith.evaluate.review_create_text import as_text
from tunesmith.evaluate.review_rubric import Rubric
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import read_campaign
from tunesmith.evaluate.review_types import Campaign, Criterion


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the answers of two systems."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TUNESMITH_REVIEW_STORE", raising=False)
    for name in ("before", "after"):
        lines = [
            {
                "id": f"q{number}",
                "messages": [{"role": "user", "content": f"What is {number} + 1?"}],
                "prediction": f"{name}: {number + 1}" if number else "1",
                "reference": str(number + 1),
                "task": "sums",
            }
            for number in range(6)
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


SYSTEMS = ("--system", "before=before.jsonl", "--system", "after=after.jsonl")


def typed(*words: str) -> Result:
    return CliRunner().invoke(review, list(words), catch_exceptions=True)


def refusal(*words: str) -> list[str]:
    found = typed(*words)
    assert isinstance(found.exception, TunesmithError), found.output
    return str(found.exception).split("\n  ")


def test_a_campaign_is_made_and_the_next_step_is_said(folder: Path) -> None:
    found = typed("create", "spring", *SYSTEMS, "--sample", "6", "--stratify", "task", "--overlap", "2")
    assert found.exit_code == 0, found.output
    assert found.output.split("\n") == [
        "campaign 'spring' (pairwise) made in review.sqlite",
        "  6 of 6 questions, systems before, after: 6 pairs",
        "  1 pair with the same answer on both sides: nobody is asked, results count them apart",
        "  5 pairs to be answered by 2 people each: 10 answers",
        "next:",
        "  name the people who answer, one by one: tunesmith review reviewer PERSON",
        "  see how far it is: tunesmith review status spring",
        "",
    ]


def test_people_of_an_earlier_campaign_need_not_be_named_again(folder: Path) -> None:
    typed("create", "spring", *SYSTEMS, "--reviewer", "li", "--reviewer", "ann")
    found = typed("create", "summer", *SYSTEMS)
    assert "next:\n  see how far it is: tunesmith review status summer" in found.output


def test_every_option_reaches_the_campaign(folder: Path) -> None:
    (folder / "rubric.yaml").write_text("criteria: [{name: 专业}]\nguidelines: 先读。")
    (folder / "guide.txt").write_text("我们的说明。\n")
    words = "--mode rubric --overlap 1 --sample 2 --repeats 0.1 --lease-minutes 5 --seed 3 --lang zh --hide-reference"
    more = "--rubric rubric.yaml --guidelines guide.txt --reviewer 甲 --lead 乙 --allow prompts --store s.sqlite --json"
    found = typed("create", "春", *SYSTEMS, *words.split(), *more.split())
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert (told["campaign"]["name"], told["n_items"], told["n_seats"]) == ("春", 4, 4)
    with open_store("s.sqlite") as store:
        data = read_campaign(store)
    campaign = data.campaign
    assert (campaign.mode, campaign.language, campaign.overlap, campaign.repeats) == ("rubric", "zh", 1, 0.1)
    assert (campaign.lease_seconds, campaign.show_reference, campaign.guidelines) == (300, False, "我们的说明。")
    assert [one.name for one in data.criteria] == ["专业"]
    assert {person.name: person.role for person in data.reviewers} == {"甲": "reviewer", "乙": "lead"}
    assert campaign.secret not in found.output


def test_all_mistakes_of_the_command_are_told_at_once_and_nothing_is_made(folder: Path) -> None:
    (folder / "rubric.yaml").write_text("criteria: []")
    (folder / "empty.txt").write_text(" \n")
    words = "--system a --system before=none.jsonl --system after=after.jsonl --system after=x.jsonl"
    more = "--system copy=./after.jsonl --run out --metric correct --overlap 0 --seed -1 --rubric rubric.yaml"
    found = refusal("create", "spring", *words.split(), *more.split(), "--guidelines", "empty.txt")
    assert found[0] == "10 mistakes in what the review asks for"
    for part, line in zip(
        (
            "--run has no meaning in a campaign of mode pairwise",
            "--metric has no meaning without --first disputed",
            "rubric.yaml: 1 mistake in the rubric",
            "empty.txt: holds no guidelines",
            "--system: expected NAME=FILE such as before=before.jsonl, saw 'a'",
            "none.jsonl: there is no such file",
            "--system: two systems are called 'after'",
            "--system: 'after' and 'copy' are the same file ./after.jsonl",
            "overlap: expected 1 to 100",
            "seed: expected a whole number from 0",
        ),
        [line for line in found[1:] if not line.startswith("line ")],
        strict=True,
    ):
        assert line.startswith(part)
    assert not (folder / "review.sqlite").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--mode pairwize", "--mode: expected pairwise, rubric, curation, saw 'pairwize'"),
        ("--mode curation", "--run: a curation campaign is about the rows of a run"),
        ("--mode curation --run none", "none: expected the folder of a run, found nothing"),
        ("--mode curation --run . --allow prompts", "--allow has no meaning in a campaign of mode curation"),
        ("--first disputed", "--first disputed needs --judge"),
        ("--first borderline", "--first: expected random or disputed in mode pairwise, saw 'borderline'"),
        ("--mode rubric --first disputed", "--first: expected random in mode rubric, saw 'disputed'"),
        ("--verdicts kept", "--verdicts has no meaning in a campaign of mode pairwise"),
        ("", "expected the answers of two systems or more, saw 0; give --system NAME=FILE for each"),
        ("--mode rubric", "expected the answers of a system, saw 0"),
    ],
)
def test_what_does_not_fit_together_is_refused(folder: Path, words: str, told: str) -> None:
    assert any(line.startswith(told) for line in refusal("create", "spring", *words.split()))


def test_mistakes_of_judge_and_settings_come_together(folder: Path) -> None:
    found = refusal("create", "x", *SYSTEMS, "--first", "disputed", "--judge", "none", "--overlap", "0")
    assert found[0] == "2 mistakes in what the review asks for"
    assert found[2].startswith("overlap: ")


def test_a_criterion_is_added_with_or_without_the_campaigns_name(folder: Path) -> None:
    assert typed("create", "spring", *SYSTEMS).exit_code == 0
    found = typed("criterion", "spring", "polite", "--anchor", "1=rude", "--anchor", "5=kind", "--ask-again")
    assert found.output == (
        "campaign 'spring' asks for 'polite' from 1 to 5 from now on; items that are answered already come once more "
        "for it\n"
    )
    told = json.loads(typed("criterion", "clear", "--low", "0", "--high", "1", "--json").stdout)
    assert told["campaign"] == "spring"
    assert told["criterion"]["name"] == "clear"
    with open_store("review.sqlite") as store:
        assert [one.name for one in read_campaign(store).criteria] == ["polite", "clear"]
    assert refusal("criterion", "autumn", "polite")[0].endswith("there are: 'spring'")


def test_a_criterion_without_a_store_makes_none(folder: Path) -> None:
    assert "there is no review here" in refusal("criterion", "polite")[0]
    assert not (folder / "review.sqlite").exists()


def test_a_request_is_planned_without_a_store(folder: Path) -> None:
    request = Request("pairwise", ("before=before.jsonl", "after=after.jsonl"))
    assert len(plan_of("spring", request, sample=3).items) == 3
    with pytest.raises(InputError, match="expected some of kept, dropped, unsampled, saw none"):
        plan_of("spring", Request("curation", run=_run(folder), verdicts=()))


def _run(folder: Path) -> Path:
    from tunesmith.curate.recipe import load_recipe
    from tunesmith.curate.run import run

    (folder / "a.jsonl").write_text(
        '{"instruction": "Why is the sky blue?", "input": "", "output": "It scatters light."}\n'
    )
    (folder / "recipe.yaml").write_text("sources: [a.jsonl]\n")
    return run(load_recipe(folder / "recipe.yaml"), folder / "out").out


def test_a_password_is_not_shown(folder: Path) -> None:
    words = ("create", "x", *SYSTEMS, "--store", "postgresql://ann:geheim@127.0.0.1:1/none")
    found = typed(*words)
    assert isinstance(found.exception, InputError)
    assert "geheim" not in str(found.exception) + found.output


def test_the_next_step_names_the_store_unless_that_is_the_default_or_hides_a_password() -> None:
    settings: dict[str, Any] = {"systems": [{"name": "a"}], "sample": None, "available": 1}
    campaign = Campaign(1, "my spring", "rubric", "en", 1, 0.0, 60, "", True, settings, "secret", "open", 0.0)
    made = Created(campaign, 1, 1, 0, {}, ())
    found = [as_text(made, where=where, people=1).split("\n")[-1] for where in _PLACES]
    assert [re.sub("^.*status ", "", line) for line in found] == [
        "'my spring'",
        "'my spring' --store 'a b.sqlite'",
        "'my spring'",
    ]


_PLACES = ("review.sqlite", "a b.sqlite", "postgresql://ann:***@host/name")


def test_a_rubric_and_guidelines_may_come_as_they_are(folder: Path) -> None:
    request = Request("pairwise", ("before=before.jsonl", "after=after.jsonl"))
    plan = plan_of("spring", request, rubric=Rubric((Criterion("kind"),)), guidelines="Be fair.")
    assert [one.name for one in plan.campaign.criteria] == ["kind"]
    assert plan.campaign.guidelines == "Be fair."
    (folder / "rubric.yaml").write_text("criteria: [short]")
    plan = plan_of("spring", request._replace(rubric=folder / "rubric.yaml"), rubric=Rubric((Criterion("kind"),)))
    assert [one.name for one in plan.campaign.criteria] == ["short"], "a file takes its place"

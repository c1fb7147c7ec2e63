"""The lead's page in each of its states, and who may not see it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.review_given import item, make
from tests.ui.review_lead_given import HOSTILE, answer_file, campaign, store_of, vote
from tunesmith.evaluate.review_adjudicate import undo_adjudication
from tunesmith.evaluate.review_queue import next_task
from tunesmith.evaluate.review_store_campaigns import campaigns, find_campaign, read_campaign
from tunesmith.ui.here import Here
from tunesmith.ui.review_lead import SECTIONS
from tunesmith.ui.workspace import Workspace


def script(here, section, name):  # its text alone is run: no annotations, imports inside
    from tests.ui.review_lead_given import store_of
    from tunesmith.ui.review_lead import create_form, lead

    store = store_of(here.workspace)
    create_form(here, store) if section == "new" else lead(here, store, name)


def drawn(here: Here, section: str, name: str = "spring") -> AppTest:
    app = AppTest.from_function(script, kwargs={"here": here, "section": section, "name": name}, default_timeout=60)
    app.query_params["section"] = section
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.text, app.subheader)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


@pytest.mark.parametrize("section", [*SECTIONS, "new"])
def test_a_reviewer_sees_nothing_of_it(workspace: Workspace, here: Callable[..., Here], section: str) -> None:
    vote(campaign(workspace, "li", "ann"), {"li": "old", "ann": "new"})
    app = drawn(here(role="reviewer", name="li"), section)
    assert "for leads" in app.error[0].value
    assert not app.button
    assert not app.dataframe
    assert not app.markdown


def test_progress_tells_each_person_and_what_is_left(workspace: Workspace, here: Callable[..., Here]) -> None:
    vote(campaign(workspace, "li", HOSTILE), {"li": "old"})
    app = drawn(here(role="lead"), "progress")
    assert "6 of 12 answers are in" in str(app.get("progress")[0].proto)
    assert "about" in said(app)
    assert "left" in said(app)
    table = app.dataframe[0].value
    assert dict(zip(table["Who"], table["Done"])) == {HOSTILE: 0, "li": 6}


def test_a_campaign_is_closed_and_opened_again(workspace: Workspace, here: Callable[..., Here]) -> None:
    store = campaign(workspace, "li", "ann")
    app = drawn(here(role="lead"), "progress")
    app.button(key="lead_make_closed").click().run()
    assert find_campaign(store, "spring").state == "closed"
    app.button(key="lead_make_open").click().run()
    assert find_campaign(store, "spring").state == "open"


@pytest.mark.parametrize("section", ["results", "agreement"])
def test_without_votes_the_next_step_is_told(workspace: Workspace, here: Callable[..., Here], section: str) -> None:
    campaign(workspace, "li", "ann")
    assert "Nobody has judged anything yet" in said(drawn(here(role="lead"), section))


def test_results_name_the_winner_with_n_and_interval(workspace: Workspace, here: Callable[..., Here]) -> None:
    vote(campaign(workspace, "li", "ann", n=30), {"li": "new", "ann": "new"})
    app = drawn(here(role="lead"), "results")
    assert app.subheader[0].value == "People prefer new to old (30 items)"
    assert "new won 100" in said(app)
    assert "interval" in said(app)


def test_too_few_items_have_no_verdict(workspace: Workspace, here: Callable[..., Here]) -> None:
    vote(campaign(workspace, "li", "ann", n=2), {"li": "new", "ann": "new"})
    text = drawn(here(role="lead"), "results").subheader[0].value
    assert "too few to say" in text
    assert "more would be needed" in text


def test_agreement_hides_names_until_they_are_asked_for(workspace: Workspace, here: Callable[..., Here]) -> None:
    vote(campaign(workspace, "li", HOSTILE, n=30), {"li": "old", HOSTILE: "old"})
    app = drawn(here(role="lead"), "agreement")
    assert {*app.dataframe[0].value["One"], *app.dataframe[0].value["The other"]} == {"R1", "R2"}
    app.toggle(key="lead_names").set_value(True).run()
    assert {*app.dataframe[0].value["One"], *app.dataframe[0].value["The other"]} == {"li", HOSTILE}
    assert not [one.value for one in app.markdown if "](http" in one.value or "<b>" in one.value]


def test_a_lead_decides_and_takes_it_back(workspace: Workspace, here: Callable[..., Here]) -> None:
    store = campaign(workspace, "li", "ann", n=2)
    vote(store, {"li": "old", "ann": "new"}, comment=HOSTILE)
    app = drawn(here(role="lead", name="mo"), "decide")
    assert "1 of 2" in said(app)
    assert "Both sides have votes" in said(app)
    assert HOSTILE in [one.value for one in app.text]
    press = next(one for one in app.button if str(one.key).endswith("_left"))
    press.click().run()
    assert [one.lead for one in read_campaign(store, "spring").adjudications] == ["mo"]
    assert "Decided" in said(app)
    next(one for one in app.button if str(one.key).startswith("lead_undo_")).click().run()
    assert read_campaign(store, "spring").adjudications == ()


def test_a_decision_that_somebody_took_back_is_told_in_the_persons_language(
    workspace: Workspace, here: Callable[..., Here]
) -> None:
    store = campaign(workspace, "li", "ann", n=1)
    vote(store, {"li": "old", "ann": "new"})
    app = drawn(here(role="lead", name="mo", language="zh"), "decide")
    next(one for one in app.button if str(one.key).endswith("_left")).click().run()
    (made,) = read_campaign(store, "spring").adjudications
    undo_adjudication(store, "spring", made.item, "mo")
    next(one for one in app.button if str(one.key).startswith("lead_undo_")).click().run()
    assert app.error[0].value == "此裁定已被撤回。"
    assert not [one.key for one in app.run().button if str(one.key).startswith("lead_undo_")]


def test_a_new_text_has_to_be_one(workspace: Workspace, here: Callable[..., Here]) -> None:
    make(workspace.review_store, "curation", 1, people=("li", "ann"), overlap=2)
    vote(store_of(workspace), {"li": "keep", "ann": "drop"})
    app = drawn(here(role="lead", name="mo"), "decide")
    before = item("curation", 0).sides[0].answer
    for text, told in (("", "The text is empty"), (before, "the same as before")):
        app.text_area[0].set_value(text).run()
        next(one for one in app.button if str(one.key).endswith("_edit")).click().run()
        assert told in app.error[0].value
    app.text_area[0].set_value("better").run()
    next(one for one in app.button if str(one.key).endswith("_edit")).click().run()
    assert [one.edit for one in read_campaign(store_of(workspace), "spring").adjudications] == [{"answer": "better"}]


def test_what_a_lead_chose_on_the_left_is_what_is_stored(workspace: Workspace, here: Callable[..., Here]) -> None:
    store = campaign(workspace, "li", "ann", n=4)
    vote(store, {"li": "old", "ann": "new"})
    app = drawn(here(role="lead", name="mo"), "decide")
    left = next(one.value for one in app.text if one.value.startswith(("old", "new")))
    next(one for one in app.button if str(one.key).endswith("_left")).click().run()
    decided = read_campaign(store, "spring").adjudications[0]
    assert {"first": "old", "second": "new"}[str(decided.choice)] == left.split()[0]


def test_a_lead_who_answers_sees_no_vote_of_what_is_to_come(workspace: Workspace, here: Callable[..., Here]) -> None:
    store = campaign(workspace, "li", "ann", "mo", n=3, overlap=3)
    vote(store, {"li": "old", "ann": "new"})
    assert "1 of 3" in said(drawn(here(role="lead", name="mo"), "decide"))
    vote(store, {"mo": "old"}, most=1)
    app = drawn(here(role="lead", name="mo"), "decide")
    assert "2 items with votes of others are covered" in said(app)
    assert "1 of 1" in said(app)
    assert "1 of 3" in said(drawn(here(role="lead", name="jo"), "decide"))
    files = drawn(here(role="lead", name="mo"), "files")
    assert "2 items with votes of others are left out" in said(files)
    assert "1 row" in said(files)


def test_an_item_in_hand_is_covered_before_the_first_answer(workspace: Workspace, here: Callable[..., Here]) -> None:
    store = campaign(workspace, "li", "ann", "mo", n=3, overlap=3)
    vote(store, {"li": "old", "ann": "new"})
    assert next_task(store, "spring", "mo") is not None
    app = drawn(here(role="lead", name="mo"), "decide")
    assert "1 item with votes of others is covered" in said(app)
    assert "1 of 2" in said(app)


def test_files_come_with_their_rows_and_the_command(workspace: Workspace, here: Callable[..., Here]) -> None:
    store = campaign(workspace, "li", "ann", n=3)
    vote(store, {"li": "new", "ann": "new"})
    app = drawn(here(role="lead", name="mo"), "files")
    assert "3 rows" in said(app)
    assert "review export spring --to dpo --out spring-dpo.jsonl" in app.code[0].value
    app.radio(key="lead_file").set_value("results").run()
    assert "review agreement spring" in app.code[0].value


def test_nothing_to_write_is_told_in_words(workspace: Workspace, here: Callable[..., Here]) -> None:
    campaign(workspace, "li", "ann")
    assert "nothing to write" in drawn(here(role="lead", name="mo"), "files").error[0].value


def test_a_campaign_is_made_from_two_files(workspace: Workspace, here: Callable[..., Here]) -> None:
    answer_file(workspace, "old")
    answer_file(workspace, "new")
    app = drawn(here(role="lead", name="mo"), "new")
    assert "6 pairs of answers" in said(app)
    assert "6 answers in all" in said(app)
    app.multiselect(key="lead_new_people").set_value(["mo", "li"]).run()
    app.number_input(key="lead_new_overlap").set_value(2).run()
    assert "About 6 for each of 2 people" in said(app)
    app.button(key="lead_create").click().run()
    assert not app.exception
    assert not app.error
    assert app.query_params["view"] == "lead"  # so that a reload stays there
    made = campaigns(store_of(workspace))
    assert [(one.name, one.mode, one.overlap) for one in made] == [("review-1", "pairwise", 2)]


def test_nothing_is_stored_where_anything_is_wrong(workspace: Workspace, here: Callable[..., Here]) -> None:
    answer_file(workspace, "old")
    answer_file(workspace, "new")
    app = drawn(here(role="lead", name="mo"), "new")
    app.text_area(key="lead_new_rubric").set_value("criteria: [{name: kind, low: 5, high: 1}]").run()
    app.button(key="lead_create").click().run()
    assert "saw 5 and 1" in app.error[0].value
    assert campaigns(store_of(workspace)) == ()


def test_a_form_without_files_says_what_to_add(workspace: Workspace, here: Callable[..., Here]) -> None:
    app = drawn(here(role="lead", name="mo"), "new")
    assert "There are no answers here yet" in said(app)
    assert "Choose two files" in said(app)
    app.radio(key="lead_new_mode").set_value("curation").run()
    assert "no finished run" in said(app)


def test_every_section_speaks_chinese(workspace: Workspace, here: Callable[..., Here]) -> None:
    vote(campaign(workspace, "li", "ann", n=3), {"li": "new", "ann": "new"})
    for section in (*SECTIONS, "new"):
        text = said(drawn(here(role="lead", name="mo", language="zh"), section))
        assert any("一" <= letter <= "鿿" for letter in text), section


def test_results_as_a_file_are_the_same_figures(workspace: Workspace, here: Callable[..., Here]) -> None:
    from tunesmith.evaluate.review_results import results
    from tunesmith.ui.review_lead_files import _made

    store = campaign(workspace, "li", "ann", n=3)
    vote(store, {"li": "new", "ann": "new"})
    made = _made(store, store.where, "spring", 1, "results", "spring.json", (), frozenset())
    wanted = results(read_campaign(store, "spring"), anonymous=True)
    assert json.loads(made.content)["pairs"] == json.loads(json.dumps(wanted["pairs"]))

"""Curate in each state: nothing yet, a run without rules, thresholds that move, rows that are decided, hostile text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

import tests.ui.curate_given as given
from tunesmith.curate.decisions import read_decisions
from tunesmith.curate.preview import preview
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.rundata import open_run
from tunesmith.ui.here import Here
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.recipes import read_recipe_file
from tunesmith.ui.words import LANGUAGES, Language
from tunesmith.ui.workspace import Workspace

MakeHere = Callable[..., Here]


def script(here):  # its text alone is run: no annotations, imports inside
    from tunesmith.ui.page_curate import page

    page(here)


def drawn(here: Here, **query: str) -> AppTest:
    app = AppTest.from_function(script, kwargs={"here": here}, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def again(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def metrics(app: AppTest) -> list[str]:
    return [one.value for one in app.metric]


def said(app: AppTest) -> str:
    """Everything that is rendered as Markdown, labels and captions of widgets too."""
    shown = [*app.markdown, *app.caption, *app.title, *app.subheader, *app.info, *app.warning, *app.error, *app.success]
    labels = [one.label for one in (*app.button, *app.radio, *app.expander, *app.toggle, *app.select_slider)]
    return "\n".join([*(str(one.value) for one in shown), *labels])


def number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = Workspace(tmp_path_factory.mktemp("curate")).make()
    given.make_run(workspace)
    return workspace.root


@pytest.fixture
def tea(made: Path, workspace: Workspace) -> Path:
    """The workspace of a test with a finished run; the folder of the run."""
    import shutil

    shutil.copytree(made, workspace.root, dirs_exist_ok=True)
    return workspace.folder("runs") / "tea"


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_first_run_it_says_where_to_begin(here: MakeHere, language: Language) -> None:
    app = drawn(here(language=language))
    assert not app.metric
    assert {"en": "Go to datasets", "zh": "前往数据集"}[language] in said(app)


def test_an_unfinished_run_is_not_offered(here: MakeHere, workspace: Workspace) -> None:
    (workspace.folder("runs") / "half").mkdir()
    assert "Nothing has been curated yet" in said(drawn(here()))


def test_a_run_that_is_not_there_is_told_and_another_shown(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="../../etc")
    assert "There is no finished run" in app.warning[0].value
    assert len(app.metric) == 3


def test_a_moved_slider_shows_what_a_preview_counts(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", rule="answer_too_short")
    labels = [one.label for one in app.select_slider]
    assert labels == ["English, 16 rows", "Chinese, 8 rows"]
    before = metrics(app)
    app.select_slider[0].set_value(9)
    again(app)
    wanted = preview(open_run(tea), ["answer_too_short.min_characters.en=9", "answer_too_short.min_characters.zh=1"])
    assert wanted.newly_dropped > 0
    assert metrics(app) != before
    assert [number(one) for one in metrics(app)[:2]] == [wanted.judged - wanted.dropped_after, wanted.dropped_after]
    assert app.query_params["set"] == [
        "answer_too_short.min_characters.en=9",
        "answer_too_short.min_characters.zh=1",
    ]
    assert f"{wanted.newly_dropped:,} more dropped" in said(app)


def test_the_address_alone_brings_a_preview_back(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", rule="answer_too_short", set="answer_too_short.min_characters=9")
    assert [one.value for one in app.select_slider] == [9, 9]
    assert number(metrics(app)[1]) == preview(open_run(tea), ["answer_too_short.min_characters=9"]).dropped_after


def test_an_address_with_changes_of_no_rule_shows_the_run(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", set="no_such_rule.x=1")
    assert number(metrics(app)[1]) == preview(open_run(tea)).dropped_after


def test_a_rule_that_is_off_drops_nothing_until_it_is_taken_back(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", rule="placeholder")
    before = metrics(app)
    app.segmented_control(key="policy_tea_placeholder").set_value("off")
    again(app)
    assert number(metrics(app)[1]) == preview(open_run(tea), [], ["placeholder"]).dropped_after < number(before[1])
    app.button(key="back_tea_placeholder").click()
    again(app)
    assert metrics(app) == before
    assert app.segmented_control(key="policy_tea_placeholder").value == "drop"


def test_taking_back_sets_the_slider_too(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", rule="answer_too_short")
    app.select_slider[0].set_value(9)
    again(app)
    app.button(key="back_tea_answer_too_short").click()
    again(app)
    assert [one.value for one in app.select_slider] == [1, 1]


def test_the_recipe_has_the_changes(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", set="answer_too_short.min_characters=9")
    shown = "\n".join(one.value for one in app.code)
    assert "answer_too_short:\n    min_characters: 9" in shown
    assert "tunesmith curate preview runs/tea --set answer_too_short.min_characters=9" in shown
    assert "tunesmith curate run recipes/tea-2.yaml --out runs/tea-2" in shown


def test_run_writes_the_recipe_and_queues_the_command(
    here: MakeHere, tea: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn(here(), run="tea", set="answer_too_short.min_characters=9")
    app.button(key="curate_start").click()
    again(app)
    assert read_recipe_file(workspace, "tea-2")["rules"] == {"answer_too_short": {"min_characters": 9}}
    (job,) = read_jobs(workspace)
    assert job.arguments == ("curate", "run", "recipes/tea-2.yaml", "--out", "runs/tea-2")
    assert (job.kind, job.result, job.by) == ("curate", "runs/tea-2", "me")
    load_recipe(workspace.folder("recipes") / "tea-2.yaml")


def open_view(app: AppTest, code: str) -> AppTest:
    app.segmented_control(key="view_tea").set_value(code)
    return again(app)


def test_a_dropped_row_that_is_kept_is_a_decision(here: MakeHere, tea: Path, workspace: Workspace) -> None:
    row = given.row_with(tea, "placeholder")
    app = open_view(drawn(here(name="李"), run="tea"), "dropped")
    reasons = app.selectbox(key="reason_tea")
    reasons.select_index(next(place for place, one in enumerate(reasons.options) if "placeholder" in one))
    again(app)
    app.button(key=f"dropped_tea_keep_{row}").click()
    again(app)
    (decision,) = read_decisions([workspace.decisions]).values()
    run = open_run(tea)
    assert decision.content_id == run.line(run.number_of(row))["content_id"]
    assert (decision.action, decision.by) == ("keep", "李")
    assert app.button(key=f"dropped_tea_drop_{row}")  # the other way round now


def test_every_row_that_left_is_under_a_reason(here: MakeHere, tea: Path) -> None:
    app = open_view(drawn(here(), run="tea"), "dropped")
    reasons = app.selectbox(key="reason_tea").options
    counted = [int(one.rpartition("(")[2].rstrip(")")) for one in reasons]
    assert sum(counted) == sum(line["verdict"] != "kept" for line in open_run(tea).ledger.to_pylist())


def test_a_rule_without_a_number_shows_the_rows_that_fail_it(here: MakeHere, tea: Path) -> None:
    row = given.row_with(tea, "placeholder")
    app = drawn(here(), run="tea", rule="placeholder")
    assert app.button(key=f"failing_tea_keep_{row}")


def test_near_duplicates_stand_side_by_side_with_marks(here: MakeHere, tea: Path, workspace: Workspace) -> None:
    row = given.row_with(tea, "near_duplicate")
    app = open_view(drawn(here(), run="tea"), "pairs")
    marked = [one.proto.body for one in app.get("html")]
    assert any("<mark" in one and ">warm<" in one for one in marked)
    app.button(key=f"keep_both_tea_{row}").click()
    again(app)
    assert [one.action for one in read_decisions([workspace.decisions]).values()] == ["keep", "keep"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_is_told_by_the_address(here: MakeHere, tea: Path, language: Language) -> None:
    row = given.row_with(tea, "near_duplicate")
    app = drawn(here(language=language), run="tea", row=row)
    partner = open_run(tea).line(open_run(tea).number_of(row))["partner"].replace(":", r"\:")
    told = {"en": f"{partner} stayed in its place", "zh": f"{partner} 代替它留下"}
    assert told[language] in said(app)
    assert "Tell me about tea" in "\n".join(one.value for one in app.text)


def test_a_changed_answer_is_a_decision_with_the_new_row(here: MakeHere, tea: Path, workspace: Workspace) -> None:
    row = given.row_with(tea, "placeholder")
    app = drawn(here(), run="tea", row=row)
    app.text_area(key=f"edit_tea_{row}_answer").set_value("I am Ada.")
    app.text_input(key=f"edit_tea_{row}_reason").set_value("the name")
    app.button(key=f"edit_tea_{row}_save").click()
    again(app)
    (decision,) = read_decisions([workspace.decisions]).values()
    assert decision.record is not None
    assert decision.record.turns[-1].content == "I am Ada."
    assert decision.record.turns[0].content == "Who are you, my friend of many years?"
    assert decision.reason == "the name"


def test_a_row_that_is_not_there_is_told_with_what_there_is(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", row="rows:999")
    assert "has no row rows\\:999" in app.error[0].value
    assert len(app.metric) == 3


def test_a_run_of_duplicates_alone_says_so_and_shows_its_pairs(here: MakeHere, workspace: Workspace) -> None:
    from tunesmith.curate.dedup import dedup_recipe
    from tunesmith.curate.run import run

    given.make_run(workspace)
    source = workspace.folder("datasets") / "tea" / "tea.jsonl"
    made = run(dedup_recipe([str(source)], threshold=0.7, on="row", ngram=5), workspace.folder("runs") / "pairs")
    app = drawn(here(), run=made.out.name)
    assert "No rule judged this run" in app.info[0].value
    app.segmented_control(key="view_pairs").set_value("pairs")
    again(app)
    assert app.get("html")


def test_a_run_decided_by_other_rules_is_told_and_its_rows_are_shown(here: MakeHere, tea: Path) -> None:
    ledger = pq.read_table(tea / "ledger.parquet")
    rules = [None if rule == "placeholder" else rule for rule in ledger["rule"].to_pylist()]
    other = ledger.set_column(ledger.schema.get_field_index("rule"), "rule", pa.array(rules, pa.string()))
    pq.write_table(other, tea / "ledger.parquet")
    app = drawn(here(), run="tea")
    assert "another version of the rules" in app.error[0].value
    assert not app.metric
    assert app.button(key="curate_start")


def test_a_run_whose_rows_are_gone_still_counts(here: MakeHere, tea: Path) -> None:
    import shutil

    shutil.rmtree(tea / ".stages")
    app = drawn(here(), run="tea", rule="placeholder")
    assert len(app.metric) == 3
    assert "the rows of this run are gone" in app.error[0].value.replace("\\", "")


def test_hostile_text_is_never_markdown(here: MakeHere, tea: Path) -> None:
    row = next(line["row_id"] for line in open_run(tea).ledger.to_pylist() if line["position"] == len(given.ROWS))
    pages: list[Any] = [drawn(here(), run="tea", rule="placeholder"), drawn(here(), run="tea", row=row)]
    for app in pages:
        assert any("evil.example" in one.value for one in app.text)
        assert "evil.example" not in said(app).replace(r"evil\.example", "")
        assert not any("<img" in one.proto.body for one in app.get("html"))


def test_a_rule_of_ones_own_with_a_hostile_reason_stays_text(here: MakeHere, workspace: Workspace) -> None:
    own = {"when": "answer_characters < 7", "why": given.HOSTILE}
    given.make_run(workspace, "own", rules={"mine": own})
    app = drawn(here(), run="own", rule="mine")
    assert "evil.example" not in said(app).replace(r"evil\.example", "")
    assert r"evil\.example" in said(app)


def test_the_run_stands_in_the_address_so_that_a_later_one_does_not_take_its_place(here: MakeHere, tea: Path) -> None:
    import shutil

    app = drawn(here())
    assert app.query_params["run"] == "tea"
    shutil.copytree(tea, tea.with_name("tea-2"))
    again(app)
    assert app.selectbox(key="curate_run_tea").value == "tea"


def test_a_recipe_that_another_tab_wrote_meanwhile_is_not_replaced(
    here: MakeHere, tea: Path, workspace: Workspace
) -> None:
    app = drawn(here(), run="tea", set="answer_too_short.min_characters=9")
    other = workspace.folder("recipes") / "tea-2.yaml"
    other.write_text("sources: [elsewhere.jsonl]\n")
    app.button(key="curate_start").click()
    again(app)
    assert other.read_text() == "sources: [elsewhere.jsonl]\n"
    assert [job.result for job in read_jobs(workspace)] == ["runs/tea-3"]
    assert read_recipe_file(workspace, "tea-3")["rules"] == {"answer_too_short": {"min_characters": 9}}


def test_a_second_press_before_the_page_is_drawn_again_starts_no_second_run(
    here: MakeHere, tea: Path, workspace: Workspace
) -> None:
    app = drawn(here(), run="tea")
    (workspace.folder("recipes") / "tea-2.yaml").write_text("sources: [x.jsonl]\n")  # the first press wrote it
    app.session_state["curate_job_tea"] = ("000001-c0ffee", "tea-2")
    app.button(key="curate_start").click()
    again(app)
    assert read_jobs(workspace) == []


def test_what_is_shown_of_the_recipe_is_what_is_run(here: MakeHere, tea: Path, workspace: Workspace) -> None:
    app = drawn(here(), run="tea", set="answer_too_short.min_characters=9")
    (shown,) = [one.value for one in app.code if one.language == "yaml"]
    assert not [one for one in app.expander if any(code.language == "yaml" for code in one.code)]
    app.button(key="curate_start").click()
    again(app)
    assert (workspace.folder("recipes") / "tea-2.yaml").read_text(encoding="utf-8").rstrip() == shown


def test_changes_of_the_address_that_do_not_fit_are_told(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", set="no_such_rule.x=1")
    assert "were left out" in app.warning[0].value


def test_a_rule_that_the_run_had_off_can_be_tried(here: MakeHere, workspace: Workspace) -> None:
    folder = given.make_run(workspace, rules={"answer_too_short": False})
    app = drawn(here(), run="tea", rule="answer_too_short")
    app.segmented_control(key="policy_tea_answer_too_short").set_value("drop")
    again(app)
    app.select_slider[0].set_value(9)
    again(app)
    app.select_slider[0].set_value(1)
    again(app)
    assert app.query_params["set"] == ["answer_too_short=on", "answer_too_short.policy=drop"]
    app.select_slider[1].set_value(7)
    again(app)
    wanted = preview(open_run(folder), ["answer_too_short=on", "answer_too_short.min_characters.zh=7"])
    assert number(metrics(app)[1]) == wanted.dropped_after > preview(open_run(folder)).dropped_after


def test_a_slider_keeps_its_scale_while_it_moves(here: MakeHere, tea: Path) -> None:
    app = drawn(here(), run="tea", rule="loop", set="loop.from_words.en=3000")
    before = {one.key: one.options for one in app.select_slider}
    assert "3,000" in before["cut_tea_loop_from_words_en"]
    for one in app.select_slider:
        one.set_value(float(one.options[3]))
    again(app)
    assert {one.key: one.options for one in app.select_slider} == before


def test_a_second_change_keeps_the_first_and_a_third_takes_both_back(
    here: MakeHere, tea: Path, workspace: Workspace
) -> None:
    row = given.row_with(tea, "placeholder")
    question = "Who are you, my friend of many years?"
    for name, text in (("answer", "I am Ada."), ("prompt", "Who is it?")):
        app = drawn(here(), run="tea", row=row)  # a new session: the page was loaded again
        app.text_area(key=f"edit_tea_{row}_{name}").set_value(text)
        app.button(key=f"edit_tea_{row}_save").click()
        again(app)
    assert _edited(workspace) == ["Who is it?", "I am Ada."]
    app = drawn(here(), run="tea", row=row)
    app.text_area(key=f"edit_tea_{row}_prompt").set_value(question)
    app.text_area(key=f"edit_tea_{row}_answer").set_value("I am {{name}}, of course.")
    app.button(key=f"edit_tea_{row}_save").click()
    again(app)
    assert _edited(workspace) == [question, "I am {{name}}, of course."]


def _edited(workspace: Workspace) -> list[str | None]:
    (decision,) = read_decisions([workspace.decisions]).values()
    assert decision.record is not None
    return [turn.content for turn in decision.record.turns]


def test_a_decision_that_the_run_was_made_with_is_not_said_to_come(
    here: MakeHere, tea: Path, workspace: Workspace
) -> None:
    from tunesmith.curate.run import run
    from tunesmith.ui.recipes import recipe_of_run, write_recipe

    row = given.row_with(tea, "placeholder")
    app = drawn(here(), run="tea", row=row)
    assert "from the next run on" not in said(app)
    app.button(key=f"story_tea_keep_{row}").click()
    again(app)
    assert "You keep it from the next run on" in said(app)
    path = write_recipe(workspace, "tea-2", recipe_of_run(workspace, open_run(tea)))
    run(load_recipe(path), workspace.folder("runs") / "tea-2", workers=1)
    app = drawn(here(), run="tea-2", row=row)
    assert "Kept by a person" in said(app)
    assert "from the next run on" not in said(app)


def test_a_long_text_stays_whole_until_it_is_folded_again(here: MakeHere, workspace: Workspace) -> None:
    text = "Tell me of tea. " * 400
    folder = given.make_run(workspace, rows=[given.pair(text, "Tea is made from leaves."), *given.ROWS])
    key = f"whole_story_tea_{open_run(folder).ledger['row_id'][0]}_0"
    app = drawn(here(), run="tea", row="rows:1")
    for wanted in (True, True, False):
        app.toggle(key=key).set_value(wanted)
        again(app)
        again(app)
        assert any(len(one.value) > 6_000 for one in app.text) == wanted

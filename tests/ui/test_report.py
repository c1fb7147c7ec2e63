"""The page of the reports in each of its states."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.report_given import HOSTILE, compared, drawn, texts
from tunesmith.evaluate.report_verdict import verdict_of_pair
from tunesmith.ui.here import Here
from tunesmith.ui.words import escaped
from tunesmith.ui.workspace import Workspace

EXAMPLE = Path(__file__).parents[1] / "evaluate" / "report_example.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("report") / "workspace").make()
    compared(workspace)
    return workspace


@pytest.fixture
def seen(made: Workspace, here: Callable[..., Here]) -> Callable[..., Here]:
    """A `Here` in the workspace with the comparison; nothing in it may be changed."""
    return lambda **who: replace(here(**who), workspace=made)


def shown_items(app: AppTest) -> list[str]:
    """The ids of the list, in its order: the text after each tick."""
    return [text.value for text in app.text if text.value.startswith("q") or text.value == HOSTILE]


def answers(app: AppTest) -> list[list[dict[str, Any]]]:
    return [json.loads(one.proto.json)["sides"] for one in app.get("bidi_component")]


# --- empty -----------------------------------------------------------------------------------------------------------


def test_without_reports_the_sample_is_one_click_away(here: Callable[..., Here]) -> None:
    app = drawn(here())
    assert app.button(key="report_sample").label == "Compare the sample"
    assert "Nothing has been compared yet." in texts(app)


def test_a_lead_is_told_who_starts_a_comparison(here: Callable[..., Here]) -> None:
    app = drawn(here("lead", "zh"))
    assert not app.button
    assert "对比由工作区所有者发起" in texts(app)


def test_the_sample_becomes_a_job_with_the_command_of_the_command_line(here: Callable[..., Here]) -> None:
    from tests.ui.jobs_given import wait_for
    from tunesmith.ui.jobs import cancel, read_jobs

    app = drawn(here())
    app.button(key="report_sample").click().run()
    assert not app.exception
    (job,) = read_jobs(here().workspace)
    files = ("predictions/predictions_before.jsonl", "predictions/predictions_after.jsonl")
    assert job.arguments[:4] == ("evaluate", "compare", *files)
    assert job.result == "reports/sample"
    assert "The report is being made." in texts(app)
    assert app.code[-1].value.startswith("tunesmith evaluate compare predictions/predictions_before.jsonl")
    cancel(here().workspace, job.id)
    wait_for(here().workspace, job, lambda found: not found.is_open)


# --- the verdict -----------------------------------------------------------------------------------------------------


def test_the_page_opens_with_the_librarys_verdict(seen: Callable[..., Here], made: Workspace) -> None:
    summary = json.loads((made.folder("reports") / "spring" / "comparison.json").read_text())
    for language in ("en", "zh"):
        app = drawn(seen(language=language), report="spring")
        told = verdict_of_pair(summary["pairs"][0], summary["primary"], language)
        assert told["kind"] == "worse"
        assert app.header[0].value == escaped(told["headline"])
        assert app.text[0].value == ("" if language == "zh" else " ").join(told["sentences"])


def test_the_plot_has_every_metric_with_its_interval_and_n(seen: Callable[..., Here], made: Workspace) -> None:
    summary = json.loads((made.folder("reports") / "spring" / "comparison.json").read_text())
    chart = drawn(seen(), report="spring").get("vega_lite_chart")[0].proto
    rows = {row["metric"]: row for row in pa.ipc.open_stream(chart.data.data).read_all().to_pylist()}
    assert set(rows) == {"Correct · n 60", "Token F1 · n 60"}
    low, high = summary["metrics"]["correct"]["interval"]
    correct = rows["Correct · n 60"]
    assert [correct["low"], correct["high"]] == pytest.approx([100 * low, 100 * high])
    assert correct["kind"] == "worse"
    assert json.loads(chart.spec)["layer"][0]["data"] == {"values": [{"none": 0}]}


def test_below_the_least_number_there_is_no_verdict_and_how_many_more_is_said(here: Callable[..., Here]) -> None:
    compared(here().workspace, n=12, lost=3)
    app = drawn(here(), report="spring")
    assert app.header[0].value.startswith("Too few items to say")
    assert "are too few for any verdict" in app.text[0].value
    assert "items are needed" in app.text[0].value


def test_what_people_said_and_everything_else_of_a_whole_comparison_is_there(here: Callable[..., Here]) -> None:
    folder = here().workspace.folder("reports") / "full"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder / "comparison.json")
    app = drawn(here(), report="full")
    headers = [one.value for one in app.header]
    for word in ("people said", "knew before", "as judge", "trained on"):
        assert any(word in header for header in headers), word
    said = texts(app)
    assert "People do not clearly prefer either" in said
    assert "180 on 60 items" in said
    assert "Krippendorff" in said
    assert "The training set after has 1,020 rows" in said


# --- what got worse --------------------------------------------------------------------------------------------------


def test_what_got_worse_comes_first_ten_at_a_time(seen: Callable[..., Here]) -> None:
    app = drawn(seen(), report="spring")
    assert len(answers(app)) == 10
    assert "1–10 of 24" in texts(app)
    app.button(key="report_next_spring_top").click().run()
    assert "11–20 of 24" in texts(app)
    app.button(key="report_next_spring_top").click().run()
    assert "21–24 of 24" in texts(app)
    assert len(answers(app)) == 4
    assert app.query_params["from"] == "21"


def test_the_address_says_which_questions_are_shown(seen: Callable[..., Here]) -> None:
    app = drawn(seen(), report="spring", side="lost", metric="correct", part="task=sums")
    assert "1–10 of 12" in texts(app)
    assert all("Correct right → wrong" in one.value for one in app.caption if "wrong" in one.value)
    app = drawn(seen(), report="spring", side="gained", metric="correct")
    assert shown_items(app) == ["q059"]
    assert answers(app)[0][0]["pieces"] != []


def test_a_choice_goes_into_the_address(seen: Callable[..., Here]) -> None:
    app = drawn(seen(), report="spring", **{"from": "11"})
    app.selectbox(key="report_part_spring").set_value("task=words").run()
    assert app.query_params["part"] == "task=words"
    assert "from" not in app.query_params
    assert "1–10 of 12" in texts(app)


@pytest.mark.parametrize(
    "query", [{"side": "up"}, {"metric": "luck"}, {"part": "task=x"}, {"part": "="}, {"from": "-3"}]
)
def test_nonsense_in_the_address_shows_the_whole_list(seen: Callable[..., Here], query: dict[str, str]) -> None:
    assert "1–10 of 24" in texts(drawn(seen(), report="spring", **query))


def test_hostile_names_and_answers_are_never_markdown(seen: Callable[..., Here]) -> None:
    app = drawn(seen(), report="spring", metric="correct")
    for kind in (app.markdown, app.caption, app.header, app.title, app.info, app.warning, app.checkbox, app.button):
        for one in kind:
            text = str(getattr(one, "value", "")) + str(getattr(one, "label", ""))
            assert not re.search(r"(?<!\\)[!<]", text), text
    assert any(HOSTILE in piece[0] for sides in answers(app) for piece in sides[1]["pieces"])
    pages = [drawn(seen(), report="spring", metric="correct", **{"from": start}) for start in ("1", "11", "21")]
    assert HOSTILE in [item for page in pages for item in shown_items(page)]


def test_answers_that_changed_since_leave_the_first_ones_and_say_so(here: Callable[..., Here]) -> None:
    compared(here().workspace, n=140, lost=60)
    path = here().workspace.folder("predictions") / "tuned.jsonl"
    path.write_text(path.read_text().replace("I think", "I guess"))
    app = drawn(here(), report="spring", metric="correct")
    assert "10 more are not shown" in texts(app)
    assert "1–10 of 50" in texts(app)
    app.button(key="report_pick_all_spring").click().run()
    assert "cannot be sent on" in texts(app)


# --- who may what ----------------------------------------------------------------------------------------------------


def test_a_lead_sees_everything_and_starts_nothing(seen: Callable[..., Here]) -> None:
    app = drawn(seen(role="lead"), report="spring")
    assert "1–10 of 24" in texts(app)
    app.button(key="report_pick_all_spring").click().run()
    keys = [str(button.key) for button in app.button]
    assert not [key for key in keys if "send" in key or key in ("report_new", "report_compare")]
    assert "The owner of the workspace can send questions" in texts(app)
    assert "Compare two models" not in texts(drawn(seen(role="lead"), report="spring", new="1"))


# --- making one ------------------------------------------------------------------------------------------------------


def test_a_new_comparison_shows_its_command_and_what_is_wrong(seen: Callable[..., Here]) -> None:
    app = drawn(seen(), report="spring", new="1")
    app.selectbox(key="report_file_before").set_value("predictions/base.jsonl")
    app.selectbox(key="report_file_after").set_value("predictions/tuned.jsonl").run()
    command = (
        "tunesmith evaluate compare predictions/base.jsonl predictions/tuned.jsonl --lang en --out reports/base-tuned"
    )
    assert app.code[-1].value == command
    assert not app.button(key="report_compare").disabled
    app.text_input(key="report_name_before").set_value("a").run()
    assert app.button(key="report_compare").disabled
    assert "Name both models, or neither." in texts(app)
    app.text_input(key="report_name_after").set_value("b").run()
    assert "--names a,b" in app.code[-1].value


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "../jobs", "<b>x</b>"])
def test_an_address_without_a_report_is_told(seen: Callable[..., Here], name: str) -> None:
    app = drawn(seen(), report=name)
    assert len(app.error) == 1
    assert "choose one from the list" in app.error[0].value
    assert "请从列表中选择" in drawn(seen(language="zh"), report=name).error[0].value
    assert app.selectbox[0].options == ["spring"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pairs": []}'])
def test_a_damaged_report_is_told(here: Callable[..., Here], text: str) -> None:
    folder = here().workspace.folder("reports") / "torn"
    folder.mkdir()
    (folder / "comparison.json").write_text(text)
    app = drawn(here(), report="torn")
    assert len(app.error) == 1


def test_a_job_that_failed_says_why_and_offers_to_try_again(here: Callable[..., Here]) -> None:
    folder = here().workspace.folder("jobs") / "000001-c0ffee"
    folder.mkdir()
    arguments = ["evaluate", "compare", "a.jsonl", "b.jsonl", "--out", "reports/torn"]
    spec = {
        "kind": "compare",
        "title": HOSTILE,
        "arguments": arguments,
        "result": "reports/torn",
        "by": "me",
        "created": 1.0,
    }
    end = {"state": "failed", "failure": "input", "message": f"a.jsonl: {HOSTILE}", "exit_code": 2, "ended": 2.0}
    (folder / "spec.json").write_text(json.dumps({**spec, "by": "me", "created": 1.0}))
    (folder / "end.json").write_text(json.dumps(end))
    app = drawn(here(), report="torn")
    assert "This report was not made." in texts(app)
    assert app.code[0].value == f"a.jsonl: {HOSTILE}"
    assert app.button(key="report_again_000001-c0ffee").label == "Try again"


def test_scores_of_one_file_stand_with_their_intervals(here: Callable[..., Here]) -> None:
    from tests.ui.report_given import write_both
    from tunesmith.evaluate.score import score_file

    workspace = here().workspace
    score_file(write_both(workspace)[0], workspace.folder("reports") / "alone", metrics=["correct", "token_f1"])
    app = drawn(here(), report="alone")
    assert app.header[0].value == "Scores of 60 answers"
    table = app.dataframe[0].value
    assert list(table["Metric"]) == ["Correct", "Token F1"]
    assert table["Score"].tolist()[0] == "98.3%"
    assert list(table["Answers"]) == [60, 60]

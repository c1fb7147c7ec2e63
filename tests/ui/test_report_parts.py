"""The parts of the page that need no page: what is run, which items there are, what is sent on."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ui.report_given import AFTER, BEFORE, HOSTILE, compared, write_both
from tunesmith.errors import InputError
from tunesmith.evaluate.review_store import open_store
from tunesmith.evaluate.review_store_campaigns import campaigns
from tunesmith.ui.here import Here
from tunesmith.ui.report_cases import FirstCases, WholeCases, cases_of
from tunesmith.ui.report_charts import forest, shares
from tunesmith.ui.report_marked import is_shortened, sides_of
from tunesmith.ui.report_request import (
    Request,
    add_predictions,
    campaigns_there,
    compare_arguments,
    folders_with,
    problem_of,
    score_arguments,
)
from tunesmith.ui.report_send import answers_file, send_to_review
from tunesmith.ui.workspace import Workspace


def read_summary(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = Workspace(tmp_path_factory.mktemp("parts") / "workspace").make()
    return compared(workspace, n=160, lost=60)


@pytest.fixture
def cases(folder: Path) -> WholeCases:
    found = cases_of(folder.parents[1], folder, read_summary(folder), 0)
    assert isinstance(found, WholeCases)
    return found


def test_the_items_stand_in_the_librarys_order_and_none_is_left_out(folder: Path, cases: WholeCases) -> None:
    pair = read_summary(folder)["pairs"][0]  # type: ignore[index]
    numbers = cases.chosen("lost")
    assert len(numbers) == pair["n_regressions"] > len(pair["regressions"]) == 50
    assert [cases.case(number) for number in numbers[:50]] == pair["regressions"]
    flips = pair["flips"]["correct"]
    for way in ("lost", "gained"):
        ids = [cases.id_of(number) for number in cases.chosen(way, metric="correct")]
        assert sorted(ids) == sorted(flips[way])


def test_parts_of_the_questions_divide_the_items(cases: WholeCases) -> None:
    whole = cases.chosen("lost", metric="correct")
    sums, words = (cases.chosen("lost", metric="correct", part=("task", value)) for value in ("sums", "words"))
    assert sorted([*sums, *words]) == sorted(whole)
    assert cases.parts["task"] == {"sums": 80, "words": 80}


def test_without_their_files_only_the_first_items_are_there_and_the_rest_is_counted(folder: Path) -> None:
    summary = read_summary(folder)
    found = cases_of(folder / "elsewhere", folder, summary, 0)
    assert isinstance(found, FirstCases)
    pair = summary["pairs"][0]  # type: ignore[index]
    assert len(found.chosen("lost")) + found.n_missing["lost"] == pair["n_regressions"]
    part = found.chosen("lost", metric="correct", part=("task", "sums"))
    assert {found.case(number)["fields"]["task"] for number in part} == {"sums"}


def test_a_review_has_only_these_items_and_its_files_both_answers(folder: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "other").make()
    cases = cases_of(folder.parents[1], folder, read_summary(folder), 0)
    assert isinstance(cases, WholeCases)
    sent = send_to_review(workspace, cases, [HOSTILE, "q007"], "two", before=BEFORE, after=AFTER, overlap=3)
    assert (sent.n_items, sent.n_asked) == (2, 2)
    assert sent.command[:4] == ("review", "create", "two", "--system")
    lines = [json.loads(row) for row in (workspace.folder("predictions") / sent.files[1]).read_text().splitlines()]
    assert [row["id"] for row in lines] == [HOSTILE, "q007"]
    with open_store(workspace.review_store) as store:
        assert [(one.name, one.mode, one.overlap) for one in campaigns(store)] == [("two", "pairwise", 3)]
    assert campaigns_there(workspace) == ["two"]


def test_nothing_stays_of_a_review_that_cannot_be_made(cases: WholeCases, workspace: Workspace) -> None:
    with pytest.raises(InputError):
        send_to_review(workspace, cases, ["q007"], "a\nb", before=BEFORE, after=AFTER)
    assert list(workspace.folder("predictions").iterdir()) == []
    assert not Path(workspace.review_store).exists()


def test_the_download_holds_question_references_and_both_answers(cases: WholeCases) -> None:
    (row,) = (json.loads(one) for one in answers_file(cases, ["q007"]).decode().splitlines())
    assert (row["before"], row["after"]) == ("It is 8, I think.", f"{HOSTILE}\nIt is 7, I think.")
    assert row["references"] == ["It is 8."]


def test_the_marks_of_two_answers_are_text_and_join_to_the_answer(here: Callable[..., Here]) -> None:
    shared = f"Take it {HOSTILE} twice a day."
    case = {"before": f"250 mg. {shared} \u202e", "after": f"500 mg. {shared}"}
    (before, after), is_marked = sides_of(here(), case, BEFORE, AFTER)
    assert is_marked
    assert ("500", "differs") in after["pieces"]
    assert "".join(text for text, _ in after["pieces"]) == case["after"]
    assert "⟨U+202E⟩" in "".join(text for text, _ in before["pieces"])


def test_a_long_answer_says_what_is_left_out_and_a_missing_one_that_it_is(here: Callable[..., Here]) -> None:
    case = {"before": None, "after": "word " * 1000}
    (before, after), is_marked = sides_of(here(), case, BEFORE, AFTER)
    assert not is_marked
    assert before["pieces"] == [("(no answer)", "note")]
    assert any("characters left out" in text for text, kind in after["pieces"] if kind == "note")
    assert is_shortened(case)


def test_the_command_names_what_was_chosen_and_nothing_else() -> None:
    whole = Request(
        "predictions/a.jsonl", "predictions/b.jsonl", "datasets/x/x.jsonl", ("base", "tuned"), "reports/r",
        "spring", "reports/j", "runs/1", "runs/2",
    )  # fmt: skip
    assert compare_arguments(whole, "n", "zh") == [
        "evaluate", "compare", "predictions/a.jsonl", "predictions/b.jsonl", "--references", "datasets/x/x.jsonl",
        "--names", "base,tuned", "--retention", "reports/r", "--review", "review.sqlite", "--campaign", "spring",
        "--judge", "reports/j", "--data-before", "runs/1", "--data-after", "runs/2", "--lang", "zh",
        "--out", "reports/n",
    ]  # fmt: skip
    bare = Request("a", "b")
    assert compare_arguments(bare, "n", "en") == ["evaluate", "compare", "a", "b", "--lang", "en", "--out", "reports/n"]
    assert score_arguments("a", "r", "n", "en")[2:5] == ["a", "--references", "r"]


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        (Request("a", "b"), None),
        (Request("a", "a"), "same_file"),
        (Request("a", "b", names=("x", " x ")), "same_name"),
        (Request("a", "b", names=("x", "")), "one_name"),
        (Request("a", "b", names=("x,y", "z")), "comma"),
        (Request("a", "b", data_before="runs/1"), "one_run"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(request_: Request, problem: str | None) -> None:
    assert problem_of(request_) == problem


def test_an_upload_is_stored_under_a_name_of_ours(workspace: Workspace) -> None:
    line = b'{"id": "1", "messages": [], "prediction": "four", "reference": "4"}\n'
    stored = add_predictions(workspace, "../../evil <b>.JSONL", io.BytesIO(line))
    assert stored == "predictions/evil-b.jsonl"
    assert (workspace.root / stored).read_bytes() == line
    assert add_predictions(workspace, "evil b.jsonl", io.BytesIO(line)) == "predictions/evil-b-2.jsonl"


def test_a_table_of_answers_is_taken_too(workspace: Workspace) -> None:
    stored = add_predictions(workspace, "A.CSV", io.BytesIO(b"id,prompt,prediction\nq1,1 + 1?,2\n"))
    assert stored == "predictions/a.csv"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.exe", b"{}", "no file of answers"),
        ("a.jsonl", b"", "a.jsonl"),
        ("a.jsonl", b'{"id": "1"}\n', "a.jsonl"),
        ("a.jsonl", b"\xff\xfe\x00", "a.jsonl"),
    ],
)
def test_an_upload_that_holds_no_answers_is_told_by_its_own_name(
    workspace: Workspace, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        add_predictions(workspace, name, io.BytesIO(content))
    assert told in str(caught.value)
    assert str(workspace.root) not in str(caught.value)
    assert list(workspace.folder("predictions").iterdir()) == []


def test_what_other_commands_found_is_offered_by_its_folder(workspace: Workspace) -> None:
    for folder in ("reports/kept", "models/tuned/kept"):
        (workspace.root / folder).mkdir(parents=True)
        (workspace.root / folder / "retention.json").write_text("{}")
    assert folders_with(workspace, "retention.json") == ["reports/kept", "models/tuned/kept"]
    assert folders_with(workspace, "judge.json") == []


def test_answers_outside_of_the_workspace_are_not_read(workspace: Workspace, tmp_path: Path) -> None:
    folder = compared(workspace)
    outside = tmp_path / "base.jsonl"
    inside = workspace.folder("predictions") / "base.jsonl"
    inside.rename(outside)
    inside.symlink_to(outside)
    assert isinstance(cases_of(workspace.root, folder, read_summary(folder), 0), FirstCases)


def test_lines_without_points_are_not_drawn_and_the_line_of_no_change_is_always_in_sight() -> None:
    line = {"title": "Correct", "n": 1319, "is_points": True, "shown": 13.0, "reach": (10.4, 15.7), "kind": "better"}
    told = dict.fromkeys(("difference", "interval", "items", "verdict"), "")
    spec = forest([{**line, **told}, {**line, **told, "is_points": False}])
    assert [row["metric"] for row in spec["data"]["values"]] == ["Correct · n 1,319"]
    low, high = spec["layer"][1]["encoding"]["x"]["scale"]["domain"]
    assert low < 0 < 15.7 < high
    assert forest([], dark=True)["data"]["values"] == []
    assert shares([("better", "tuned", 0), ("worse", "base", 0)])["data"]["values"] == []


def test_both_grounds_have_colours_of_their_own() -> None:
    light, dark = (forest([], dark=dark)["encoding"]["color"]["scale"]["range"] for dark in (False, True))
    assert light[:2] != dark[:2]


def test_the_answers_given_here_are_what_the_tests_say(workspace: Workspace) -> None:
    before, after = write_both(workspace, 10, lost=4)
    marks = [[json.loads(row)["correct"] for row in path.read_text().splitlines()] for path in (before, after)]
    assert [sum(one) for one in marks] == [9, 6]

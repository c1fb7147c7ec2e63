"""Scoring a file into a folder: figures, slices, coverage, what is written, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.errors import InputError, OutputError
from tunesmith.evaluate.answers import prompt_of
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.predictions import read_predictions
from tunesmith.evaluate.score import score_file
from tunesmith.evaluate.score_slices import slices_of

QUICK = ["exact_match", "choice_accuracy", "numeric_match", "characters", "distinct_1"]


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def row(number: int, prediction: str | None, reference: str | None, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"{'问' * (number + 1)}？\nA. 甲\nB. 乙"}]
    return {"id": f"q{number}", "messages": messages, "prediction": prediction, "reference": reference, **fields}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    path = tmp_path / "preds.jsonl"
    path.write_text(
        lines(
            row(0, "B", "B", task="choice"),
            row(1, "不知道选哪个", "A", task="choice"),
            row(2, "42", "42", task="math"),
            row(3, None, "7", task="math", failure="timeout"),
            row(4, "", "好", task="talk"),
            row(5, "好", None, task="talk"),
        ),
        encoding="utf-8",
    )
    return path


def test_each_figure_has_its_n_and_interval_and_failures_count_nowhere(answers: Path, tmp_path: Path) -> None:
    found = score_file(answers, tmp_path / "out", metrics=QUICK)
    exact, choice, numeric = (found["metrics"][name] for name in QUICK[:3])
    assert (exact["value"], exact["n"]) == (0.5, 4)
    assert exact["interval"][0] < 0.5 < exact["interval"][1]
    assert (choice["value"], choice["n"], choice["unreadable"]) == (0.5, 2, 1)
    assert (numeric["value"], numeric["n"], numeric["unreadable"]) == (1, 1, 0)
    assert found["coverage"] == {
        "items": 6,
        "predicted": 5,
        "failed": 1,
        "empty": 1,
        "without_reference": 1,
        "unanswered": 0,
        "failures": {"timeout": 1},
    }


def test_the_folder_holds_every_item_with_nulls_and_what_was_read(answers: Path, tmp_path: Path) -> None:
    found = score_file(answers, tmp_path / "out", metrics=QUICK)
    assert json.loads((tmp_path / "out" / "scores.json").read_text()) == found
    table = pq.read_table(tmp_path / "out" / "items.parquet").to_pydict()
    assert table["id"] == [f"q{number}" for number in range(6)]
    assert table["failure"] == [None, None, None, "timeout", None, None]
    assert table["choice_accuracy"] == [1, 0, None, None, None, None]
    assert table["choice_accuracy_read"] == ["B", None, None, None, None, None]
    assert table["numeric_match_read"] == [None, None, "42", None, None, None]
    assert [len(counts) for counts in table["distinct_1_statistics"]] == [2] * 6
    again = read_predictions(tmp_path / "out")
    assert [one.prediction for one in again.rows] == [one.prediction for one in read_predictions(answers).rows]
    assert (tmp_path / "out" / "report.html").stat().st_size > 0


def test_the_same_scores_are_written_in_the_same_bytes(answers: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        score_file(answers, tmp_path / name, metrics=QUICK)
    for name in ("scores.json", "items.parquet", "predictions.jsonl", "report.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_slice_is_scored_as_a_file_of_its_items_alone(bundled_data: Path, tmp_path: Path) -> None:
    references, path = bundled_data / "evaluation.jsonl", bundled_data / "predictions_after.jsonl"
    metrics = ["correct", "rougeL", "bleu", "distinct_2"]
    whole = score_file(path, tmp_path / "whole", references=references, metrics=metrics)
    assert [*whole["slices"]] == ["language", "length", "task", "domain"]
    maths = [one for one in read_predictions(path, references=references).rows if one.fields["task"] == "math"]
    ids = {one.id for one in maths}
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if json.loads(line)["id"] in ids]
    (tmp_path / "math.jsonl").write_text("\n".join(kept), encoding="utf-8")
    alone = score_file(tmp_path / "math.jsonl", tmp_path / "alone", references=references, metrics=metrics)
    for name, figure in whole["slices"]["task"]["math"].items():
        assert (figure["value"], figure["n"]) == (
            pytest.approx(alone["metrics"][name]["value"]),
            alone["metrics"][name]["n"],
        )
    assert alone["coverage"]["unanswered"] == 135


def test_a_file_without_any_answer_has_no_figures(tmp_path: Path) -> None:
    path = tmp_path / "preds.jsonl"
    path.write_text(lines(row(0, None, "B"), row(1, None, "A")), encoding="utf-8")
    assert score_file(path, tmp_path / "all")["metrics"] == {}
    found = score_file(path, tmp_path / "asked", metrics=["exact_match", "bleu"])
    assert [(one["value"], one["n"], one["interval"]) for one in found["metrics"].values()] == [(None, 0, None)] * 2


def test_one_item_has_a_figure(tmp_path: Path) -> None:
    path = tmp_path / "preds.jsonl"
    path.write_text(lines(row(0, "B", "B")), encoding="utf-8")
    found = score_file(path, tmp_path / "out", metrics=QUICK)
    assert (found["metrics"]["choice_accuracy"]["value"], found["metrics"]["characters"]["interval"]) == (1, None)


def test_a_folder_of_other_scores_or_of_somebody_else_is_not_written_over(answers: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    score_file(answers, out, metrics=["exact_match"])
    score_file(answers, out, metrics=["exact_match"])  # the same again
    with pytest.raises(OutputError, match="holds other scores"):
        score_file(answers, out, metrics=["contains"])
    assert [*score_file(answers, out, metrics=["contains"], replace=True)["metrics"]] == ["contains"]
    with pytest.raises(OutputError, match="is where the answers are"):
        score_file(out, out, metrics=["contains"], replace=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(OutputError, match="holds no scores"):
        score_file(answers, tmp_path / "mine", replace=True)
    with pytest.raises(OutputError, match="is a file"):
        score_file(answers, answers)


def items(**columns: list[Any]) -> Items:
    n = len(next(iter(columns.values())))
    turns: list[tuple[Mapping[str, Any], ...]] = [
        ({"role": "user", "content": "x" * (number + 1)},) for number in range(n)
    ]
    fields: list[Mapping[str, Any]] = [{name: values[place] for name, values in columns.items()} for place in range(n)]
    return Items([*map(str, range(n))], ["a"] * n, [()] * n, ["en"] * n, turns, fields)


def test_fields_of_2_to_20_values_divide_the_items_and_marks_do_not() -> None:
    some = items(task=["a", "b"] * 15, number=[*range(30)], same=["x"] * 30, correct=[True, False] * 15)
    found = slices_of(some)
    assert [*found.fields] == ["length", "task"]
    assert found.undivided == {"number": 30}
    assert len(slices_of(some, ["number"]).fields["number"]) == 30
    with pytest.raises(InputError, match="no line has the field 'source'; choose from language, length, task"):
        slices_of(some, ["source"])


def test_a_field_that_is_empty_everywhere_is_one_slice() -> None:
    assert [*slices_of(items(note=["", ""]), ["note"]).fields["note"]] == [""]


def test_every_item_is_in_one_value_of_a_field_and_lengths_are_in_quarters() -> None:
    some = items(flag=[True] * 20 + [False] * 10 + [None] * 10)
    found = slices_of(some).fields
    assert {value: int(members.sum()) for value, members in found["flag"].items()} == {"true": 20, "false": 10}
    assert np.sum([*found["length"].values()], axis=0).tolist() == [1] * 40
    assert [*found["length"]] == ["0–10", "11–20", "21–30", "31–40"]
    lengths = [len(prompt_of(turns)) for turns in some.messages]
    assert [lengths[place] for place in np.flatnonzero(found["length"]["11–20"])] == [*range(11, 21)]


def test_the_command_prints_what_it_writes(answers: Path, tmp_path: Path) -> None:
    run = CliRunner()
    out = str(tmp_path / "out")
    done = run.invoke(app, ["evaluate", "score", str(answers), "--out", out, "--metrics", "exact_match", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "scores.json").read_text())
    shown = run.invoke(
        app, ["evaluate", "score", str(answers), "--out", out, "--metrics", "choice_accuracy,exact_match", "--replace"]
    )
    assert "exact_match        0.500" in shown.stdout
    assert "nothing could be read out of 1 of 2 answers" in shown.stdout
    assert "1 failed and count nowhere" in shown.stdout


def test_the_command_refuses_a_metric_that_there_is_not_and_reads_nothing(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["evaluate", "score", "no.jsonl", "--out", str(tmp_path / "out"), "--metrics", "bleurt"]
    )
    assert isinstance(done.exception, InputError)
    assert "bleurt" in str(done.exception)

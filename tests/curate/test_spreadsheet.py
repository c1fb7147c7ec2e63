"""No table that is written for people runs anything in a spreadsheet, and one for programs says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.curate.convert import as_text, convert_file
from tunesmith.curate.files.spreadsheet import FORMULA, for_spreadsheet, is_table, row_for_spreadsheet
from tunesmith.curate.io import open_input
from tunesmith.errors import InputError

EVIL = [f"{sign}cmd|'/c calc'!A0" for sign in FORMULA]


@pytest.mark.parametrize("text", EVIL)
def test_a_text_that_would_run_gets_an_apostrophe_and_nothing_else_does(text: str) -> None:
    assert for_spreadsheet(text) == f"'{text}"
    for fine in (f" {text}", "a=b", "", "'=1", -1, 1.5, None, True):
        assert for_spreadsheet(fine) == fine


def test_the_name_of_a_column_is_a_cell_too() -> None:
    assert row_for_spreadsheet({"=1": "x", "y": "-2", "z": -2}) == {"'=1": "x", "y": "'-2", "z": -2}


@pytest.mark.parametrize(("name", "found"), [("a.csv", True), ("a.TSV.gz", True), ("a.jsonl", False), ("csv", False)])
def test_a_table_is_told_by_its_ending(name: str, found: bool) -> None:
    assert is_table(Path(name)) is found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    rows = [{"question": f"q{number}", "answer": text} for number, text in enumerate([*EVIL, "fine", "2 - 1"])]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def answers(path: Path) -> list[str]:
    return [row.data["answer"] for row in open_input(path).rows() if isinstance(row.data, dict)]


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".csv.gz"])
def test_a_table_for_people_runs_nothing(source: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"b{ending}"
    done = convert_file(source, out, to="question_answer", spreadsheet=True)
    assert answers(out) == [*(f"'{text}" for text in EVIL), "fine", "2 - 1"]
    assert (done.formulas, done.guarded) == (len(EVIL), True)
    assert "this file is for people, not for training" in as_text(done)


def test_a_table_for_programs_is_exact_and_says_what_a_spreadsheet_would_run(source: Path, tmp_path: Path) -> None:
    done = convert_file(source, tmp_path / "b.csv", to="question_answer")
    assert answers(tmp_path / "b.csv") == [*EVIL, "fine", "2 - 1"]
    assert f"{len(EVIL)} cells that a spreadsheet would run as a formula: for people" in as_text(done)
    lines = convert_file(source, tmp_path / "b.jsonl", to="question_answer")
    assert (lines.formulas, "spreadsheet" in as_text(lines)) == (0, False)


def test_what_no_spreadsheet_opens_needs_no_guard(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"b\.jsonl: no spreadsheet runs this file"):
        convert_file(source, tmp_path / "b.jsonl", to="question_answer", spreadsheet=True)

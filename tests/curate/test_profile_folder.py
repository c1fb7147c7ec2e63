"""A profile with its rows: what is kept of each, the bad ones apart, and a folder that is whole or not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tunesmith.cli import app
from tunesmith.curate.profile import profile_sources
from tunesmith.curate.profile_data import is_profile, open_profile
from tunesmith.curate.profile_folder import write_profile
from tunesmith.errors import InputError, OutputError

ROWS = [
    {"instruction": "What is two and two?", "output": "Two and two is four."},
    {"instruction": "发烧怎么办？", "output": "多喝水，多休息，体温过高时请就医。"},
    {"instruction": "What is two and  two?", "output": "Two and two is four."},
    {"instruction": "And three?", "output": ""},
]
LINES = [*(json.dumps(row, ensure_ascii=False) for row in ROWS), "{broken", '{"messages": 7}']


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    return path


def test_every_row_has_a_line_and_its_record(file: Path, tmp_path: Path) -> None:
    write_profile([str(file)], tmp_path / "out")
    found = open_profile(tmp_path / "out")
    lines = found.table.to_pylist()
    assert [line["position"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line["language"] for line in lines[:3]] == ["en", "zh", "en"]
    assert [line["first_equal"] for line in lines] == [-1, -1, 0, -1, -1, -1]
    messages = found.store.record(1).messages
    assert messages is not None
    assert messages[1].content == ROWS[1]["output"]
    assert lines[3]["empty_turns"] == 1
    assert lines[3]["rule"] is not None


def test_the_profile_is_the_one_that_is_printed_and_the_inspection_is_with_it(file: Path, tmp_path: Path) -> None:
    write_profile([str(file)], tmp_path / "out")
    told = open_profile(tmp_path / "out").told
    printed = profile_sources([str(file)])
    assert (told["rows"], told["invalid"], told["dropped"]) == (printed.rows, printed.invalid, printed.dropped)
    assert told["inspections"][0]["format"] == "alpaca"


def test_bad_rows_stand_in_a_file_of_their_own_as_they_came(file: Path, tmp_path: Path) -> None:
    write_profile([str(file)], tmp_path / "out")
    bad = open_profile(tmp_path / "out").bad_rows
    assert bad is not None
    lines = [json.loads(line) for line in bad.read_text(encoding="utf-8").splitlines()]
    assert [(line["place"], line["row"]) for line in lines] == [
        ("a.jsonl:5", {"text": "{broken"}),
        ("a.jsonl:6", {"messages": 7}),
    ]
    assert lines[0]["code"] == "invalid_json"


def test_where_all_rows_are_good_there_is_no_such_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(LINES[0] + "\n")
    write_profile([str(tmp_path / "a.jsonl")], tmp_path / "out")
    assert open_profile(tmp_path / "out").bad_rows is None


def test_a_profile_is_written_over_and_another_folder_is_not(file: Path, tmp_path: Path) -> None:
    write_profile([str(file)], tmp_path / "out")
    write_profile([str(file)], tmp_path / "out")
    assert is_profile(tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(OutputError, match="holds no profile"):
        write_profile([str(file)], tmp_path / "mine")


def test_a_source_that_cannot_be_read_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_profile([str(tmp_path / "gone.jsonl")], tmp_path / "out")
    assert [*tmp_path.iterdir()] == []


def test_a_folder_without_a_profile_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no profile is here"):
        open_profile(tmp_path)


def test_the_command_writes_the_folder_and_takes_any_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"ask, please",reply\nWhy is that so?,Because it is.\n')
    source, out = str(tmp_path / "a.csv"), str(tmp_path / "out")
    columns = json.dumps({"prompt": "ask, please", "answer": "reply"})
    done = CliRunner().invoke(app, ["curate", "profile", source, "--columns", columns, "--out", out, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"] == 1
    messages = open_profile(tmp_path / "out").store.record(0).messages
    assert messages is not None
    assert messages[0].content == "Why is that so?"


@pytest.mark.parametrize("columns", ["{broken", '{"prompt": 1}'])
def test_columns_that_are_no_mapping_are_told(tmp_path: Path, columns: str) -> None:
    done = CliRunner().invoke(app, ["curate", "profile", str(tmp_path / "a.csv"), "--columns", columns])
    assert done.exit_code == 2
    assert "JSON" in done.output or "expected an object" in done.output

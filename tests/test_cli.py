"""The command line as a person meets it: every mistake ends in one message and exit code 2, never in a traceback."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = [{"instruction": f"Question {i}?", "input": "", "output": f"Answer {i}."} for i in range(20)]


def tunesmith(*words: object, cwd: Path, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tunesmith.cli", *map(str, words)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, preexec_fn=before, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def run_json(source: object, cwd: Path, *more: object) -> dict[str, Any]:
    done = tunesmith("curate", "run", source, "--out", cwd / "out", "--json", *more, cwd=cwd)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def lines(rows: list[Any]) -> str:
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)


def reasons(out: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in (out / "dropped.jsonl").read_text(encoding="utf-8").split("\n") if line]
    return [(row["row_id"], row["rule"]) for row in rows]


def test_run_prints_the_promised_keys(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(lines(GOOD))
    told = run_json("rows.jsonl", tmp_path)
    assert {
        "rows_in",
        "kept",
        "dropped",
        "invalid",
        "unsampled",
        "train",
        "validation",
        "seconds",
        "out",
    } <= told.keys()
    assert (told["rows_in"], told["train"], told["validation"]) == (20, 18, 2)


def test_dedup_prints_the_promised_keys(tmp_path: Path) -> None:
    long = " ".join(f"word{i}" for i in range(60))
    twice = [{"instruction": f"Story {i}?", "input": "", "output": f"{long} {i}."} for i in range(2)]
    (tmp_path / "rows.jsonl").write_text(lines([*GOOD, GOOD[0], *twice, "{cut\n"]))
    done = tunesmith("curate", "dedup", "rows.jsonl", "--out", "out", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert isinstance(told.pop("seconds"), float)
    counts = {"rows_in": 24, "kept": 21, "dropped": 2, "invalid": 1, "exact": 1, "near": 1}
    assert told == {**counts, "variants": 0, "conflicts": 0, "templates": 0, "out": "out"}
    shown = tunesmith("curate", "dedup", "rows.jsonl", "--out", "other", cwd=tmp_path).stdout
    assert "24 rows in: 21 kept, 1 exact and 1 near-duplicates dropped, 1 could not be read" in shown
    story = tunesmith("curate", "explain", "other", "rows:23", cwd=tmp_path).stdout
    assert story.startswith("rows:23 was dropped: it nearly repeats rows:22\n")


def test_inspect_prints_the_promised_keys(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text(lines(GOOD))
    done = tunesmith("curate", "inspect", "rows.json", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert {"format", "rows", "languages", "kinds", "problems"} <= told.keys()
    assert (told["format"], told["rows"], told["kinds"]) == ("alpaca", 20, {"sft": 20})


BAD_ROWS = {
    "a truncated line": ('{"instruction": "cut", "outp\n', "invalid_json"),
    "NaN": ('{"instruction": "a", "output": NaN}\n', "invalid_json"),
    "Infinity": ('{"instruction": "a", "output": -Infinity}\n', "invalid_json"),
    "wrong nesting": ('{"messages": [["user", "hi"]]}\n', "wrong_nesting"),
    "a number where text belongs": ('{"instruction": "a", "output": 42}\n', "wrong_type"),
    "a multimodal row": ('{"instruction": "a", "output": "b", "images": ["cat.png"]}\n', "multimodal"),
    "an unknown role": ('{"messages": [{"role": "asistant", "content": "hi"}]}\n', "unknown_role"),
    "a list": ("[1, 2, 3]\n", "not_an_object"),
    "a depth that no parser likes": ('{"messages": ' + "[" * 5000 + "]" * 5000 + "}\n", "invalid_json"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_booked_and_the_others_go_on(tmp_path: Path, name: str) -> None:
    row, rule = BAD_ROWS[name]
    (tmp_path / "rows.jsonl").write_text(lines([*GOOD, row]))
    told = run_json("rows.jsonl", tmp_path)
    assert (told["rows_in"], told["kept"], told["invalid"]) == (21, 20, 1)
    assert reasons(tmp_path / "out") == [("rows:21", rule)]


def test_invalid_utf8_is_booked_with_its_bytes(tmp_path: Path) -> None:
    good = "".join(
        json.dumps({"instruction": f"问题{i}", "output": "答案"}, ensure_ascii=False) + "\n" for i in range(20)
    )
    (tmp_path / "rows.jsonl").write_bytes(good.encode() + b'{"instruction": "\xff\xfe", "output": "b"}\n')
    run_json("rows.jsonl", tmp_path)
    left = [json.loads(line) for line in (tmp_path / "out" / "dropped.jsonl").read_text().split("\n") if line]
    assert left[-1]["rule"] == "invalid_utf8"
    assert "bytes_base64" in left[-1]


def test_mixed_formats_in_one_file_are_all_read_and_said(tmp_path: Path) -> None:
    other = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}
    (tmp_path / "rows.jsonl").write_text(lines([*GOOD, other]))
    done = tunesmith("curate", "run", "rows.jsonl", "--out", "out", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["kept"] == 21
    assert "1 row is openai rather than alpaca, at rows.jsonl:21" in done.stderr


def test_a_row_of_ten_megabytes_is_a_row_like_any_other(tmp_path: Path) -> None:
    long = {"instruction": "Read this", "input": "", "output": "word " * 2_000_000}
    (tmp_path / "rows.jsonl").write_text(lines([*GOOD, long]))
    told = run_json("rows.jsonl", tmp_path)
    assert (told["rows_in"], told["invalid"]) == (21, 0)
    assert reasons(tmp_path / "out") == [("rows:21", "answer_too_long")]


MISTAKES: dict[str, tuple[Callable[[Path], object], list[str], str]] = {
    "an empty file": (lambda d: (d / "rows.jsonl").write_text(""), ["rows.jsonl"], "rows.jsonl"),
    "no such file": (lambda d: None, ["rowz.jsonl"], "rowz.jsonl"),
    "an empty folder": (lambda d: (d / "shards").mkdir(), ["shards"], "no data files"),
    "a corrupt gz": (
        lambda d: (d / "rows.jsonl.gz").write_bytes(gzip.compress(lines(GOOD * 50).encode())[:-40]),
        ["rows.jsonl.gz"],
        "rows.jsonl.gz",
    ),
    "a recipe with mistakes": (
        lambda d: (d / "r.yaml").write_text("sourcs: [a]\nseed: x\n"),
        ["r.yaml"],
        "did you mean `sources`",
    ),
    "columns of no known format": (
        lambda d: (d / "rows.jsonl").write_text('{"colour": "red", "size": 3}\n'),
        ["rows.jsonl"],
        "no known format has the fields",
    ),
    "a json object": (
        lambda d: (d / "rows.json").write_text('{\n "data": [],\n "version": 1\n}'),
        ["rows.json"],
        "data",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_ends_in_one_message_and_no_output(tmp_path: Path, name: str) -> None:
    make, words, expected = MISTAKES[name]
    make(tmp_path)
    done = tunesmith("curate", "run", *words, "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert done.stderr.startswith("error: ")
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--threshold", "0"], "duplicates.near.threshold: expected a number of at least 0.1, saw 0"),
        (["--threshold", "1.5"], "duplicates.near.threshold: expected a number of at most 1, saw 1.5"),
        (["--threshold", "high"], "--threshold"),
        (["--on", "rows"], "did you mean `row`?"),
        (["--ngram", "0"], "duplicates.near.ngram: expected a number of at least 1, saw 0"),
        (["--lang", "fr"], "--lang"),
    ],
)
def test_dedup_refuses_a_wrong_setting_before_it_reads(tmp_path: Path, words: list[str], expected: str) -> None:
    done = tunesmith("curate", "dedup", "gone.jsonl", "--out", "out", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert not (tmp_path / "out").exists()


def test_dedup_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = tunesmith("curate", "dedup", "gone.jsonl", "--out", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr.startswith("error: gone.jsonl: there is no such file")) == (2, True)


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(lines(GOOD))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    done = tunesmith("curate", "run", "rows.jsonl", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "--replace" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_a_file_without_permission_is_said(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(lines(GOOD))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything; run the tests as an ordinary user to try this one")
    done = tunesmith("curate", "run", "rows.jsonl", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "permission" in done.stderr.lower()


def _long_answer(number: int) -> str:
    return " ".join(f"The answer {number} has a part {part} that no other one has." for part in range(9))


def test_a_full_disk_leaves_nothing_half_written_and_the_next_run_finishes(tmp_path: Path) -> None:
    rows = [{"instruction": f"Question {i}?", "input": "", "output": _long_answer(i)} for i in range(2000)]
    (tmp_path / "rows.jsonl").write_text(lines(rows))

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = tunesmith("curate", "run", "rows.jsonl", "--out", "out", cwd=tmp_path, before=little_room)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert not list(tmp_path.rglob("*.part"))
    assert not (tmp_path / "out" / "train.jsonl").exists()
    assert run_json("rows.jsonl", tmp_path)["kept"] == 2000


def test_the_way_from_run_to_decision_and_back(tmp_path: Path) -> None:
    rows = [*GOOD, {"instruction": "Who are you?", "input": "", "output": "I am {{name}}."}]
    (tmp_path / "rows.jsonl").write_text(lines(rows))
    (tmp_path / "r.yaml").write_text("sources: [rows.jsonl]\ndecisions: [decisions.jsonl]\n")
    (tmp_path / "decisions.jsonl").write_text("")
    told = tunesmith("curate", "run", "r.yaml", "--out", "a", "--json", cwd=tmp_path)
    assert json.loads(told.stdout)["dropped"] == 1
    story = tunesmith("curate", "explain", "a", "rows:21", cwd=tmp_path)
    assert "placeholder" in story.stdout
    decided = tunesmith("curate", "decide", "a", "rows:21", "keep", "--reason", "a template on purpose", cwd=tmp_path)
    assert decided.returncode == 0, decided.stderr
    again = tunesmith("curate", "run", "r.yaml", "--out", "b", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["dropped"] == 0
    difference = tunesmith("curate", "diff", "a", "b", "--json", cwd=tmp_path)
    assert difference.returncode == 0, difference.stderr
    json.loads(difference.stdout)


def test_convert_there_and_back_is_the_identity(tmp_path: Path) -> None:
    rows = [{"instruction": "Translate", "input": "猫", "output": "cat", "id": 7, "note": None}, *GOOD]
    (tmp_path / "a.jsonl").write_text(lines(rows))
    for words in (["a.jsonl", "--to", "sharegpt", "-o", "b.json"], ["b.json", "--to", "alpaca", "-o", "c.jsonl"]):
        done = tunesmith("curate", "convert", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    back = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().split("\n") if line]
    assert back == rows


def test_the_demo_runs_offline_on_the_bundled_sample(tmp_path: Path) -> None:
    done = tunesmith("demo", "--out", "demo", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rows_in"] == told["kept"] + told["dropped"] + told["invalid"] + told["unsampled"]
    assert (tmp_path / "demo" / "report.html").stat().st_size > 10_000


def test_every_command_says_what_it_does_and_gives_an_example(tmp_path: Path) -> None:
    for words in (["inspect"], ["convert"], ["run"], ["dedup"], ["explain"], ["diff"], ["decide"]):
        told = tunesmith("curate", *words, "--help", cwd=tmp_path).stdout
        assert "Example: tunesmith curate" in told
    assert "Example: tunesmith demo" in tunesmith("demo", "--help", cwd=tmp_path).stdout


def test_a_recipe_may_be_json(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(lines(GOOD))
    (tmp_path / "recipe.json").write_text('{"sources": ["rows.jsonl"], "seed": 3}')
    assert run_json("recipe.json", tmp_path)["kept"] == 20


def test_a_full_disk_behind_standard_output_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full to write to")
    (tmp_path / "rows.jsonl").write_text(lines(GOOD))
    command = [sys.executable, "-m", "tunesmith.cli", "curate", "inspect", "rows.jsonl"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_name_may_hold_a_hash(tmp_path: Path) -> None:
    (tmp_path / "a#b.jsonl").write_text(lines(GOOD))
    assert run_json("a#b.jsonl", tmp_path)["kept"] == 20

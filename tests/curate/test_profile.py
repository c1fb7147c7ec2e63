"""Profile: signals by source and language, extreme rows, and what the default rules would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate import profile as profiling
from tunesmith.curate.profile import Cell, Extreme, profile_sources
from tunesmith.curate.recipe import load_recipe
from tunesmith.curate.run import run
from tunesmith.curate.rundata import open_run
from tunesmith.errors import InputError


def _pair(question: str, answer: str) -> dict[str, str]:
    return {"instruction": question, "input": "", "output": answer}


def _write(path: Path, rows: list[Any]) -> str:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


#: Forty different letters: an answer of any length that no rule takes for a loop or a stub.
LETTERS = "abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîï"
ENGLISH = [_pair(f"Question {i}?", LETTERS[:i]) for i in range(1, 41)]
CHINESE = [_pair(f"问题{i}？", "答" * i) for i in range(1, 4)]


def _cell(cells: tuple[Cell, ...], source: str, language: str) -> Cell:
    return next(cell for cell in cells if (cell.source, cell.language) == (source, language))


def test_signals_are_summed_up_by_source_and_language(tmp_path: Path) -> None:
    paths = [_write(tmp_path / "a.jsonl", [*CHINESE, *ENGLISH]), _write(tmp_path / "b.jsonl", CHINESE)]
    found = profile_sources(paths)
    assert [(cell.source, cell.language, cell.rows) for cell in found.cells] == [
        ("a", "en", 40),
        ("a", "zh", 3),
        ("b", "zh", 3),
    ]
    answers = _cell(found.cells, "a", "en").numbers["answer_characters"]
    assert (answers.n, answers.median, answers.p5, answers.p95, answers.max) == (40, 21, 3, 38, 40)
    assert _cell(found.cells, "a", "zh").numbers["answer_characters"].median == 2


def test_rows_beyond_the_percentiles_are_named_most_extreme_first(tmp_path: Path) -> None:
    found = profile_sources([_write(tmp_path / "a.jsonl", [*CHINESE, *ENGLISH])])
    answers = _cell(found.cells, "a", "en").numbers["answer_characters"]
    assert answers.lowest == (Extreme("a:4", 1), Extreme("a:5", 2))
    assert answers.highest == (Extreme("a:43", 40), Extreme("a:42", 39))
    turns = _cell(found.cells, "a", "en").numbers["turns"]
    assert (turns.lowest, turns.highest) == ((), ())


def test_rows_that_are_equally_extreme_are_named_in_their_order(tmp_path: Path) -> None:
    rows = [_pair(f"Question {i}?", "x" * 99 if i in (3, 8) else "x") for i in range(60)]
    found = profile_sources([_write(tmp_path / "a.jsonl", rows)])
    assert found.cells[0].numbers["answer_characters"].highest == (Extreme("a:4", 99), Extreme("a:9", 99))


def test_a_signal_that_is_true_or_false_has_a_share(tmp_path: Path) -> None:
    rows = [*ENGLISH[:3], _pair("The same thing", "the same thing")]
    found = profile_sources([_write(tmp_path / "a.jsonl", rows)])
    assert found.cells[0].shares["prompt_equals_answer"] == 0.25
    assert "prompt_equals_answer" in found.units


FAULTS: list[Any] = [
    *ENGLISH,
    _pair("Who are you, friend?", "I am {{name}}."),
    _pair("", ""),
    {"messages": [{"role": "user", "content": "no answer"}]},
    "{broken",
    {"text": "x"},
]


def test_the_default_rules_count_as_in_a_run(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.jsonl", FAULTS)
    found = profile_sources([path])
    (tmp_path / "recipe.yaml").write_text("sources: [a.jsonl]\nduplicates: {near: off}\n")
    result = run(load_recipe(tmp_path / "recipe.yaml"), tmp_path / "out")
    left = [line for line in open_run(result.out).ledger.to_pylist() if line["stage"] == "rules"]
    assert found.dropped == len(left) == 3
    failed = [[one["rule"] for one in line["failed"]] for line in left]
    assert {(one.rule, one.fails, one.drops, one.only) for one in found.rules} == {
        (
            name,
            sum(name in names for names in failed),
            sum(names[0] == name for names in failed),
            sum(names == [name] for names in failed),
        )
        for name in {name for names in failed for name in names}
    }


def test_rows_that_cannot_be_read_are_counted_and_in_no_cell(tmp_path: Path) -> None:
    found = profile_sources([_write(tmp_path / "a.jsonl", FAULTS)])
    assert found.rows == len(FAULTS)
    assert found.invalid == {"invalid_json": 1}
    assert sum(cell.rows for cell in found.cells) == len(FAULTS) - 1


def test_a_mapping_and_a_format_are_followed(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.jsonl", [{"ask": "Why is that so?", "reply": "Because."}])
    found = profile_sources([path], columns={"prompt": "ask", "answer": "reply"})
    assert found.cells[0].numbers["answer_characters"].max == 8


def test_nothing_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    profile_sources([_write(tmp_path / "a.jsonl", ENGLISH)])
    assert list((tmp_path / "temporary").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "temporary"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.jsonl"):
        profile_sources([str(tmp_path / "gone.jsonl")])


def test_a_source_of_which_no_row_can_be_read_has_no_cells(tmp_path: Path) -> None:
    found = profile_sources([_write(tmp_path / "a.jsonl", ["{broken", "{too"])], format="alpaca")
    assert (found.rows, found.cells, found.rules) == (2, (), ())
    assert "2 could not be read" in profiling.as_text(found)


def test_the_text_tells_rules_tables_and_outliers(tmp_path: Path) -> None:
    text = profiling.as_text(profile_sources([_write(tmp_path / "a.jsonl", FAULTS)]))
    assert "The default rules would drop 3 rows" in text
    assert "placeholder" in text
    assert "1 could not be read: invalid_json 1" in text
    assert "a:40 (40)" in text


def test_json_is_plain_data(tmp_path: Path) -> None:
    told = profiling.as_json(profile_sources([_write(tmp_path / "a.jsonl", FAULTS)]))
    back = json.loads(json.dumps(told, allow_nan=False))
    assert back["cells"][0]["numbers"]["turns"]["max"] == 2

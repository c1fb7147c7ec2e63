"""What an inspection says of good files, broken ones, mixed ones, and of a registry."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.inspect import Inspection, as_json, as_text, inspect_source, lines
from tunesmith.curate.inspect_counts import Lengths
from tunesmith.errors import InputError

ALPACA = {"instruction": "Add 1 and 1", "input": "", "output": "That makes 2."}
CHAT = {
    "messages": [{"role": "user", "content": "你好，今天好吗？"}, {"role": "assistant", "content": "我很好，谢谢。"}]
}


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def problems(found: Inspection) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in found.problems}


def test_a_clean_file_has_no_problems(tmp_path: Path) -> None:
    found = inspect_source(write(tmp_path / "a.jsonl", ALPACA, ALPACA, {**ALPACA, "id": 1}))
    assert (found.format, found.rows, found.problems) == ("alpaca", 3, [])
    assert (found.languages, found.kinds, found.formats) == ({"en": 3}, {"sft": 3}, {"alpaca": 3})
    assert (found.container, found.encoding, found.compression) == ("json_lines", "UTF-8", None)
    assert found.fields == {"instruction": 1.0, "input": 1.0, "output": 1.0, "id": 0.3333}
    assert found.lengths == {"prompt": {"median": 11, "p95": 11}, "answer": {"median": 13, "p95": 13}}
    assert "alpaca" in found.evidence


def test_json_begins_with_format_rows_languages_kinds_problems(tmp_path: Path) -> None:
    found = as_json(inspect_source(write(tmp_path / "a.jsonl", CHAT)))
    assert [*found][:5] == ["format", "rows", "languages", "kinds", "problems"]
    assert json.loads(json.dumps(found))["languages"] == {"zh": 1}


def test_each_bad_row_is_counted_with_its_place_and_none_raises(tmp_path: Path) -> None:
    bad_type, unknown = {"instruction": "a", "output": 4}, {"foo": 1}
    path = write(
        tmp_path / "a.jsonl",
        ALPACA,
        '{"instruction": "cut',
        unknown,
        ALPACA,
        bad_type,
        "[1]",
        unknown,
        unknown,
        unknown,
    )
    found = inspect_source(path)
    assert (found.rows, found.kinds) == (9, {"sft": 2})
    assert {code: (one["rows"], one["first"]) for code, one in problems(found).items()} == {
        "unknown_format": (4, "a.jsonl:3"),
        "invalid_json": (1, "a.jsonl:2"),
        "wrong_type": (1, "a.jsonl:5"),
        "not_an_object": (1, "a.jsonl:6"),
    }
    assert problems(found)["unknown_format"]["examples"] == ["a.jsonl:3", "a.jsonl:7", "a.jsonl:8"]
    assert found.problems[0]["code"] == "unknown_format"


def test_rows_of_another_format_are_read_and_said(tmp_path: Path) -> None:
    found = inspect_source(write(tmp_path / "a.jsonl", ALPACA, CHAT, ALPACA, {"text": "some text"}))
    assert (found.format, found.formats) == ("alpaca", {"alpaca": 2, "openai": 1, "text": 1})
    mixed = problems(found)["mixed_formats"]
    assert (mixed["rows"], mixed["examples"]) == (2, ["a.jsonl:2", "a.jsonl:4"])
    assert "1 openai, 1 text" in mixed["message"]


def test_the_format_is_that_of_most_rows_even_where_the_first_200_are_of_another(tmp_path: Path) -> None:
    found = inspect_source(write(tmp_path / "a.jsonl", *[ALPACA] * 200, *[CHAT] * 201))
    assert found.format == "openai"


def test_a_row_with_pictures_is_a_problem_of_its_own(tmp_path: Path) -> None:
    found = inspect_source(write(tmp_path / "a.jsonl", {**CHAT, "images": ["cat.png"]}))
    assert (found.format, found.kinds) == ("openai", {})
    assert problems(found)["multimodal"]["first"] == "a.jsonl:1"


def test_rows_of_no_known_format_are_described_rather_than_refused(tmp_path: Path) -> None:
    found = inspect_source(write(tmp_path / "a.jsonl", {"foo": "x", "bar": "y"}))
    assert (found.format, found.fields) == ("unknown", {"foo": 1.0, "bar": 1.0})
    assert "`foo`, `bar`" in problems(found)["unknown_format"]["message"]


def test_siliconflow_rules_are_checked_when_asked_for(tmp_path: Path) -> None:
    early = {"messages": [{"role": "assistant", "content": "Hi"}]}
    path = write(tmp_path / "a.jsonl", CHAT, early)
    assert inspect_source(path).problems == []
    found = inspect_source(path, format="siliconflow")
    assert found.format == "siliconflow"
    rule = problems(found)["siliconflow_rule"]
    assert (rule["rows"], rule["first"]) == (1, "a.jsonl:2")
    assert "turn 1 is assistant where user belongs" in rule["message"]


def test_siliconflow_takes_no_json_array(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([CHAT]), "utf-8")
    assert problems(inspect_source(path, format="siliconflow"))["siliconflow_file"]["rows"] == 1


def test_columns_can_be_mapped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"ask": "How are you?", "say": "Fine, thanks"})
    found = inspect_source(path, columns={"prompt": "ask", "answer": "say"})
    assert (found.format, found.kinds, found.problems) == ("columns", {"sft": 1}, [])


def test_what_rules_would_drop_is_noted(tmp_path: Path) -> None:
    rows = ({"instruction": "Who are you?", "output": "I am {{name}}."}, {"instruction": "Hello", "output": None})
    notes = "\n".join(inspect_source(write(tmp_path / "a.jsonl", *rows)).notes)
    assert "1 row:" in notes
    assert "rule placeholder" in notes
    assert "rule missing_answer" in notes


def test_container_compression_and_surprises_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress((json.dumps(ALPACA) + "\n").encode() * 3))
    found = inspect_source(path)
    assert (found.container, found.compression) == ("json_lines", "gz")
    assert any("holds JSON Lines" in note for note in found.notes)


def test_several_files_are_one_source(tmp_path: Path) -> None:
    write(tmp_path / "1.jsonl", ALPACA)
    write(tmp_path / "2.jsonl", ALPACA, "{")
    found = inspect_source(tmp_path)
    assert (found.rows, len(found.files)) == (3, 2)
    assert problems(found)["invalid_json"]["first"] == "2.jsonl:2"


def test_nulls_of_parquet_are_absent_fields(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([{"text": "one"}, {"text": "two", "label": None}]), tmp_path / "a.parquet")
    found = inspect_source(tmp_path / "a.parquet")
    assert (found.format, found.fields, found.encoding) == ("text", {"text": 1.0}, "binary")


def test_an_unknown_format_name_meets_its_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'sharegpt'"):
        inspect_source(write(tmp_path / "a.jsonl", ALPACA), format="sharegtp")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        inspect_source(tmp_path / "a.jsonl")


def test_a_registry_is_inspected_as_one(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", ALPACA)
    registry = {
        "here": {"file_name": "rows.jsonl"},
        "gone": {"file_name": "gone.jsonl"},
        "hub": {"hf_hub_url": "somebody/something"},
        "trap": {"file_name": "rows.jsonl", "columns": {"response": "output"}},
        "wrong": {"file_name": 7},
    }
    path = write(tmp_path / "dataset_info.json", json.dumps(registry, indent=2))
    found = inspect_source(path)
    assert (found.format, found.rows, found.entries) == ("dataset_info", 5, ("here", "trap"))
    told = problems(found)
    assert told["missing_file"]["first"] == "dataset_info.json#gone"
    assert told["invalid_entry"]["first"] == "dataset_info.json#wrong"
    traps = [one for one in found.problems if one["code"] == "registry_trap"]
    assert any("empty prompt" in one["message"] and one["first"] == "dataset_info.json#trap" for one in traps)
    assert f"{path}#here" in as_text(found)


def test_an_entry_of_a_registry_shows_its_rows_and_its_traps(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", ALPACA)
    registry = {"trap": {"file_name": "rows.jsonl", "columns": {"prompt": "instruction", "response": "output"}}}
    path = write(tmp_path / "dataset_info.json", registry)
    found = inspect_source(f"{path}#trap")
    assert (found.format, found.rows, found.formats) == ("alpaca", 1, {"alpaca": 1})
    assert "query" in problems(found)["registry_trap"]["message"]


def test_one_row_that_is_an_object_of_objects_is_no_registry(tmp_path: Path) -> None:
    assert inspect_source(write(tmp_path / "a.jsonl", {"meta": {"a": 1}})).rows == 1


def test_the_text_is_aligned_and_says_the_problems(tmp_path: Path) -> None:
    told = lines(inspect_source(write(tmp_path / "a.jsonl", ALPACA, "{")))
    assert told[0].endswith("a.jsonl")
    assert all(line.startswith("  ") for line in told[1:])
    assert "  rows        2" in told
    at = next(number for number, line in enumerate(told) if line.startswith("  problems"))
    assert "1 row  invalid_json" in told[at]
    assert "at a.jsonl:2" in told[at + 1]


@given(st.lists(st.integers(0, 10**9), min_size=1), st.sampled_from([0.0, 0.5, 0.95, 1.0]))
def test_quantiles_are_those_of_the_report(values: list[int], share: float) -> None:
    lengths = Lengths()
    for length in values:
        lengths.add(length)
    assert lengths.quantile(share) == np.percentile(values, share * 100, method="nearest")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for rows in (6_000, 18_000):
        path = tmp_path / f"{rows}.jsonl"
        write(path, *({"text": f"{number} " + "word " * 100} for number in range(rows)))
        tracemalloc.start()
        inspect_source(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.6 * peaks[0]


REAL = {
    "alpaca_en_demo.json": ("alpaca", 999, "sft"),
    "alpaca_zh_demo.json": ("alpaca", 1000, "sft"),
    "identity.json": ("alpaca", 91, "sft"),
    "dpo_en_demo.json": ("sharegpt_preference", 300, "preference"),
    "dpo_zh_demo.json": ("sharegpt_preference", 300, "preference"),
    "kto_en_demo.json": ("kto", 300, "kto"),
    "glaive_toolcall_en_demo.json": ("sharegpt", 300, "sft"),
    "glaive_toolcall_zh_demo.json": ("sharegpt", 300, "sft"),
    "c4_demo.jsonl": ("text", 300, "text"),
    "wiki_demo.txt": ("text", 30, "text"),
    "huatuo_med_zh.json": ("alpaca", 8658, "sft"),
    "gsm8k_train.jsonl": ("question_answer", 7473, "sft"),
    "gsm8k_test.jsonl": ("question_answer", 1319, "sft"),
    "gsm8k_solutions.jsonl": ("question_answer", 1319, "sft"),
    "t0_50k.jsonl.xz": ("prompt_completion", 55185, "sft"),
    "cmmlu/test/anatomy.csv": ("multiple_choice", 148, "sft"),
}


@pytest.mark.parametrize("name", REAL)
def test_every_real_file_is_inspected_with_its_right_format(shared_data: Path, name: str) -> None:
    found = inspect_source(shared_data / name)
    format, rows, kind = REAL[name]
    assert (found.format, found.rows, found.kinds) == (format, rows, {kind: rows})
    assert found.problems == []


def test_the_real_registry_opens_what_is_there(shared_data: Path) -> None:
    path = shared_data / "dataset_info.json"
    found = inspect_source(path)
    assert found.format == "dataset_info"
    assert {"identity", "kto_en_demo", "wiki_demo", "c4_demo"} <= set(found.entries)
    for entry in found.entries:
        assert inspect_source(f"{path}#{entry}").rows in (91, 999, 1000, 300, 30)

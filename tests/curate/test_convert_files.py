"""Conversion through the containers that hold less than JSON, and of every real file to every format and back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tunesmith.curate import jsontext
from tunesmith.curate.convert import convert_file
from tunesmith.curate.files.columnar import packed_row, unpacked_row
from tunesmith.curate.formats.base import equal
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.io import open_input
from tunesmith.curate.reading import read_rows
from tunesmith.curate.sources import open_source
from tunesmith.errors import CannotHold, InputError

ALPACA = {"instruction": "Add", "input": "1 and 1", "output": "2"}


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def rows_of(path: Path) -> list[Any]:
    return [got.row for got in read_rows(open_source(str(path), name="test").plan)]


def rows_of_text(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_table_of_text_holds_rows_of_texts_with_the_same_fields(tmp_path: Path) -> None:
    rows = [{"question": 'a,"b"\n', "answer": "x\r\ny", "note": ""}, {"question": " ", "answer": "1", "note": "#"}]
    source = write(tmp_path / "a.jsonl", *rows)
    convert_file(source, tmp_path / "b.csv", to="question_answer")
    convert_file(tmp_path / "b.csv", tmp_path / "c.tsv", to="question_answer")
    assert rows_of(tmp_path / "c.tsv") == rows


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"question": "a", "answer": None}], "`answer` is null"),
        ([{"question": "a", "answer": "b", "score": 1}], "`score` is a number"),
        (
            [{"question": "a", "answer": "b"}, {"question": "a", "answer": "b", "id": "1"}],
            "`id` are not in all of them",
        ),
        ([{"query": "a", "response": "b", "A": {"x": 1}}], "`A` is an object"),
    ],
)
def test_a_table_refuses_what_would_come_back_changed(tmp_path: Path, rows: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        convert_file(write(tmp_path / "a.jsonl", *rows), tmp_path / "b.csv", to="question_answer")
    assert files(tmp_path) == {"a.jsonl"}


@pytest.mark.parametrize(("first", "second"), [(1, 1.5), (1, "1"), ([1], {"a": 1}), (True, 1)])
def test_parquet_refuses_a_column_of_two_types(tmp_path: Path, first: Any, second: Any) -> None:
    source = write(tmp_path / "a.jsonl", *({"text": "a", "x": value} for value in (first, second)))
    with pytest.raises(CannotHold, match=r"b\.parquet"):
        convert_file(source, tmp_path / "b.parquet", to="text")
    assert files(tmp_path) == {"a.jsonl"}


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_a_full_disk_is_said_of_the_right_file_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    write(tmp_path / "a.jsonl", *({**ALPACA, "output": f"{number:05d} " * 20} for number in range(2000)))
    code = f"""
import resource, signal, sys
from tunesmith.curate.convert import convert_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
convert_file("a.jsonl", "b{ending}", to="openai")
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert f"OutputError: b{ending}: cannot be written" in done.stderr
    assert files(tmp_path) == {"a.jsonl"}


def test_a_plain_parquet_file_has_no_notes_of_ours(tmp_path: Path) -> None:
    convert_file(write(tmp_path / "a.jsonl", ALPACA), tmp_path / "b.parquet", to="prompt_completion", drop_extra=True)
    row = next(open_input(tmp_path / "b.parquet").rows())
    assert row.data == {"prompt": "Add\n1 and 1", "completion": "2"}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
KEYS = st.sampled_from(["a", "b", "tools", "_tunesmith"])
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(st.sampled_from(["text", "tools", "x"]), TREES, max_size=3))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_packing_for_columns_and_back_is_the_identity(row: dict[str, Any]) -> None:
    row = plain_hints(row)
    packed = packed_row(row)
    assert equal(unpacked_row({**packed, "absent": None}), row)


def plain_hints(value: Any) -> Any:
    """Hints are objects that are not empty; anything else under their name is refused when a row is read."""
    if isinstance(value, dict):
        kept = {key: plain_hints(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if key != "_tunesmith" or (isinstance(item, dict) and item)}
    return [plain_hints(item) for item in value] if isinstance(value, list) else value


SMALL = (
    "alpaca_en_demo.json",
    "alpaca_zh_demo.json",
    "identity.json",
    "dpo_en_demo.json",
    "dpo_zh_demo.json",
    "kto_en_demo.json",
    "glaive_toolcall_en_demo.json",
    "glaive_toolcall_zh_demo.json",
    "c4_demo.jsonl",
    "wiki_demo.txt",
    "gsm8k_test.jsonl",
    "gsm8k_solutions.jsonl",
    "cmmlu/test/anatomy.csv",
)
#: For each file, the formats that hold all its rows; anything else must be refused.
HOLDS = {
    "alpaca": {"alpaca", "sharegpt", "openai", "prompt_completion", "question_answer"},
    "identity": {"siliconflow"},
    "preference": {"alpaca", "sharegpt", "openai", "alpaca_preference", "sharegpt_preference", "trl_preference"},
    "kto": {"alpaca", "sharegpt", "openai", "kto", "trl_kto", "alpaca_kto", "sharegpt_kto"},
    "tools": {"sharegpt", "openai"},
    "text": {"text"},
    "question": {"alpaca", "sharegpt", "openai", "prompt_completion", "question_answer"},
    "choice": {"alpaca", "sharegpt", "openai", "prompt_completion", "question_answer", "multiple_choice"},
}
HELD_BY = {
    "alpaca_en_demo.json": HOLDS["alpaca"],
    "alpaca_zh_demo.json": HOLDS["alpaca"],
    "identity.json": HOLDS["alpaca"] | {"siliconflow"},
    "dpo_en_demo.json": HOLDS["preference"],
    "dpo_zh_demo.json": HOLDS["preference"],
    "kto_en_demo.json": HOLDS["kto"],
    "glaive_toolcall_en_demo.json": HOLDS["tools"],
    "glaive_toolcall_zh_demo.json": HOLDS["tools"],
    "c4_demo.jsonl": HOLDS["text"],
    "wiki_demo.txt": HOLDS["text"],
    "gsm8k_test.jsonl": HOLDS["question"] | {"siliconflow"},
    "gsm8k_solutions.jsonl": HOLDS["question"],
    "cmmlu/test/anatomy.csv": HOLDS["choice"],
}


@pytest.mark.parametrize("name", SMALL)
def test_every_real_file_goes_to_every_format_that_holds_it_and_back(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    wanted = [jsontext.dumps_sorted(row) for row in rows_of(shared_data / name)]
    held = set()
    for to in FORMATS:
        out = tmp_path / f"{to}.jsonl"
        try:
            done = convert_file(shared_data / name, out, to=to)
        except InputError:
            assert not out.exists()
            continue
        held.add(to)
        came = next(iter(done.formats_in))
        endings = [".jsonl"]
        for ending in (".json", ".jsonl.gz", ".parquet", ".csv"):
            if ending != ".csv" or is_table(out):
                convert_file(shared_data / name, tmp_path / f"{to}{ending}", to=to)
                endings.append(ending)
        for ending in endings:
            back = tmp_path / "back.jsonl"
            convert_file(tmp_path / f"{to}{ending}", back, to=came, overwrite=True)
            assert [jsontext.dumps_sorted(row) for row in rows_of(back)] == wanted, (to, ending)
    assert held == HELD_BY[name]


def is_table(path: Path) -> bool:
    rows = rows_of_text(path)
    return all(row.keys() == rows[0].keys() and all(isinstance(cell, str) for cell in row.values()) for row in rows)


@pytest.mark.parametrize("name", ["huatuo_med_zh.json", "gsm8k_train.jsonl", "t0_50k.jsonl.xz"])
def test_the_large_real_files_go_to_messages_and_back(shared_data: Path, tmp_path: Path, name: str) -> None:
    done = convert_file(shared_data / name, tmp_path / "there.jsonl", to="openai")
    convert_file(tmp_path / "there.jsonl", tmp_path / "back.jsonl", to=next(iter(done.formats_in)))
    pairs = zip(rows_of(shared_data / name), rows_of(tmp_path / "back.jsonl"), strict=True)
    assert all(before == after for before, after in pairs)

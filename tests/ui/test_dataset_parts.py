"""What the page Dataset computes: how files are read, which rows a filter lets through, what stands in a cell."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.ui.dataset_given import add, pairs
from tunesmith.curate.records import Message, Record
from tunesmith.errors import InputError
from tunesmith.ui.dataset_filter import BINS, Filter, filter_of, languages, lengths, problems, rows_of
from tunesmith.ui.dataset_head import beginning_of
from tunesmith.ui.dataset_profiles import opened_profile, reading_options
from tunesmith.ui.dataset_reading import guess, is_complete, kind_of, likely_group, look
from tunesmith.ui.dataset_texts import CELL, cut, question_answer, raw_text
from tunesmith.ui.datasets import Dataset
from tunesmith.ui.workspace import Workspace

CHINESE_CSV = "问题,回答,科室\n发烧怎么办,多喝水并休息,内科\n咳嗽怎么办,观察三天再就医,呼吸科\n"


def _file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_csv_with_chinese_headers_in_gb18030_is_read_by_its_columns(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", CHINESE_CSV.encode("gb18030"))
    looked = look(path, format="auto", columns=None)
    assert looked.fields == ("问题", "回答", "科室")
    columns = guess(looked.fields, kind_of(None, looked.fields))
    assert columns == {"prompt": "问题", "answer": "回答"}
    got = look(path, format="auto", columns=columns).got
    assert [question_answer(one.read.record) for one in got if one.read] == [
        ("发烧怎么办", "多喝水并休息"),
        ("咳嗽怎么办", "观察三天再就医"),
    ]


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.jsonl.gz"])
def test_arrays_and_packed_files_are_read(tmp_path: Path, name: str) -> None:
    rows = [json.loads(line) for line in pairs(3).splitlines()]
    data = pairs(3) if "jsonl" in name else json.dumps(rows).encode()
    path = _file(tmp_path, name, gzip.compress(data) if name.endswith("gz") else data)
    looked = look(path, format="auto", columns=None)
    assert looked.format == "alpaca"
    assert len(looked.got) == 3
    assert looked.container == ("json_lines" if "jsonl" in name else "json_array")


def test_a_mapping_that_names_no_column_is_told(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.jsonl", pairs(1))
    with pytest.raises(InputError, match="has no column `question`"):
        look(path, format="auto", columns={"prompt": "question", "answer": "output"})


def test_a_huge_line_and_a_broken_one_are_rows_like_others(tmp_path: Path) -> None:
    huge = json.dumps({"instruction": "x" * 3_000_000, "output": "y"}).encode()
    path = _file(tmp_path, "a.jsonl", huge + b"\n{broken\n" + pairs(1))
    first, second, third = look(path, format="auto", columns=None).got
    assert first.read is not None
    assert len(question_answer(first.read.record)[0]) <= CELL + 2
    assert second.error is not None
    assert third.read is not None


def test_questions_with_references_are_for_tests(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.jsonl", b'{"question": "1+1?", "reference": "2"}\n')
    assert likely_group(look(path, format="auto", columns=None)) == "evaluation"
    assert likely_group(look(_file(tmp_path, "b.jsonl", pairs(1)), format="auto", columns=None)) is None


def test_a_mapping_is_complete_when_each_column_is_named_once() -> None:
    assert is_complete({"prompt": "a", "answer": "b"}, "answer")
    assert not is_complete({"prompt": "a"}, "answer")
    assert not is_complete({"prompt": "a", "answer": "a"}, "answer")
    assert kind_of({"prompt": "a", "chosen": "b", "rejected": "c"}, ()) == "preference"
    assert kind_of(None, ("text",)) == "text"


def test_a_column_with_a_comma_goes_to_the_command_as_json() -> None:
    dataset = Dataset("a", "a", Path("a"), "auto", {"prompt": "a,b", "answer": "c"}, None, 0, "domain")
    assert reading_options(dataset) == ["--columns", '{"prompt":"a,b","answer":"c"}']


ROWS = [
    {"instruction": "What is it?", "output": "It is a long answer of some fifty letters, or nearly so."},
    {"instruction": "这是什么？", "output": "这是一个比较完整的中文回答，说明了它是什么。"},
    {"instruction": "What is it?", "output": "It is a long answer of some fifty letters, or nearly so."},
    {"instruction": "And {{name}}?", "output": "That one is me, as far as anybody can tell today."},
    {"instruction": "Empty?", "output": ""},
]


@pytest.fixture
def table(workspace: Workspace) -> object:
    lines = [json.dumps(row, ensure_ascii=False) for row in ROWS]
    data = "\n".join([*lines, "{broken"]).encode()
    return opened_profile(workspace, add(workspace, "a.jsonl", data, counted=True)).table


def test_the_bars_count_what_the_filter_shows(table: object) -> None:
    assert languages(table) == {"en": 4, "zh": 1}
    found = problems(table)
    assert {name: found[name] for name in ("unreadable", "equal", "placeholders", "empty_turns")} == {
        "unreadable": 1,
        "equal": 1,
        "placeholders": 1,
        "empty_turns": 1,
    }
    for name, count in found.items():
        assert len(rows_of(table, Filter(problem=name))) == count
    for column, name in (("prompt_characters", "question"), ("answer_characters", "answer")):
        for code, count in lengths(table, column).items():
            assert len(rows_of(table, Filter(**{name: code}))) == count
    assert rows_of(table, Filter(language="en", problem="equal")).tolist() == [2]
    assert len(rows_of(table, Filter())) == 6


def test_an_address_that_makes_no_sense_filters_nothing() -> None:
    assert filter_of({"problem": "<b>", "answer": "x", "page": "2"}) == Filter()
    assert filter_of({"answer": "50-99", "problem": "equal"}) == Filter(answer="50-99", problem="equal")
    assert list(BINS)[:3] == ["0", "1-4", "5-9"]
    assert list(BINS)[-1] == "50000+"


def test_a_cell_says_that_it_was_cut() -> None:
    assert cut("a\n b") == "a b"
    assert cut("x" * 1000).endswith(" …")
    assert raw_text(b"\xff{", 10) == "\\xff{"
    assert raw_text(b"123456", 3) == "123 …"
    good, bad = (Message("assistant", "good"),), (Message("assistant", "bad"),)
    record = Record("preference", (Message("user", "Q"),), good, bad)
    assert question_answer(record) == ("Q", "good")
    assert question_answer(Record("text", text="T")) == ("", "T")


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.json"])
def test_of_a_large_file_only_the_beginning_is_opened(tmp_path: Path, name: str) -> None:
    rows = pairs(50)
    data = json.dumps([json.loads(line) for line in rows.splitlines()]).encode() if name == "a.json" else rows
    path = _file(tmp_path, name, gzip.compress(data) if name.endswith("gz") else data)
    with beginning_of(path, small_bytes=10, head_bytes=500) as small:
        assert small != path
        assert small.name == name
        head = small.read_bytes()
        assert data.startswith(head)
        assert head.endswith(b"\n") == (name != "a.json")
    assert not small.exists()
    with beginning_of(path, small_bytes=10, head_bytes=1_000_000) as small:
        assert small == path

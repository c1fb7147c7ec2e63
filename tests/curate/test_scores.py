"""Score files as a recipe reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.scores import NAMES, read_scores, score_columns
from tunesmith.errors import InputError

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return path


def test_scores_come_by_content_as_float32_with_nulls(tmp_path: Path) -> None:
    path = write(
        tmp_path / "scores.jsonl",
        {"settings": {"measures": ["judge"]}},
        {"row_id": "a:1", "content_id": A, "judge": 4, "ifd": 0.5, "missing": {}},
        "\n",
        {"content_id": B, "judge": None},
    )
    columns = score_columns(pa.chunked_array([[B, A], [None, C, A]], pa.string()), read_scores([path]))
    assert {name: column.to_pylist() for name, column in columns.items()} == {
        "ifd": [None, 0.5, None, None, 0.5],
        "perplexity": [None] * 5,
        "judge": [None, 4.0, None, None, 4.0],
    }
    assert {column.type for column in columns.values()} == {pa.float32()}


def test_the_last_number_counts_and_a_null_takes_nothing_back(tmp_path: Path) -> None:
    first = write(tmp_path / "1.jsonl", {"content_id": A, "judge": 2, "ifd": 0.5}, {"content_id": A, "judge": 3})
    second = write(tmp_path / "2.jsonl", {"content_id": A, "judge": None}, {"content_id": A, "perplexity": 7})
    assert read_scores([first, second]).to_pylist() == [{"content_id": A, "ifd": 0.5, "perplexity": 7.0, "judge": 3.0}]


def test_all_errors_come_at_once_each_with_its_place_and_remedy(tmp_path: Path) -> None:
    bad = write(
        tmp_path / "bad.jsonl",
        "{cut\n",
        "[1]\n",
        {"content_id": "17", "judge": 3},
        {"content_id": A, "rating": 3},
        {"content_id": A, "judge": "4"},
        {"content_id": A, "judge": True},
        {"content_id": A, "judge": 6},
        {"content_id": A, "perplexity": 0.5},
        {"content_id": A, "ifd": -0.1},
        '{"content_id": "' + A + '", "ifd": NaN}\n',
        {"content_id": A, "ifd": 1e39},
    )
    other = write(tmp_path / "other.jsonl", {"content_id": B, "judge": 0})
    with pytest.raises(InputError) as caught:
        read_scores([bad, other])
    problems = str(caught.value).split("\n  ")[1:]
    assert [problem.split(": ")[0] for problem in problems] == [f"bad.jsonl:{n}" for n in range(1, 12)] + [
        "other.jsonl:1"
    ]
    assert problems[4] == "bad.jsonl:5: `judge` is '4'; write a number, or null where there is none"
    assert problems[6] == "bad.jsonl:7: `judge` is 6; expected 1 to 5"


def test_twenty_errors_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"and 5 more$"):
        read_scores([write(tmp_path / "bad.jsonl", *["x\n"] * 25)])


def test_no_scores_give_columns_of_nulls() -> None:
    columns = score_columns(pa.array([A, None], pa.string()), read_scores([]))
    assert [column.to_pylist() for column in columns.values()] == [[None, None]] * len(NAMES)


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.sampled_from(NAMES), st.floats(1, 5, width=32))))
def test_reading_equals_a_dictionary_of_the_last_values(entries: list[tuple[str, str, float]]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "s.jsonl", *({"content_id": key, name: value} for key, name, value in entries))
        columns = score_columns(pa.array([A, B, C]), read_scores([path]))
    last = {(key, name): value for key, name, value in entries}
    for name in NAMES:
        assert columns[name].to_pylist() == [last.get((key, name)) for key in (A, B, C)]

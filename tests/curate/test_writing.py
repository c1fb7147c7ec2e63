"""Rows are written so that reading gives them back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.convert import convert_file
from tunesmith.curate.io import (
    open_input,
    write_bytes,
    write_lines,
    write_rows,
)
from tunesmith.errors import CannotHold, InputError, OutputError

ENDINGS = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".txt"]


def write(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def values(path: Path | str, base: Path | None = None) -> list[Any]:
    rows = open_input(path, base=base).rows()
    return [json.loads(row.data) if isinstance(row.data, bytes) else row.data for row in rows]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=8)


class TestWriting:
    @pytest.mark.parametrize("compression", ["", ".gz", ".xz", ".zst"])
    @pytest.mark.parametrize("ending", ENDINGS)
    def test_rows_come_back_from_every_form(self, tmp_path: Path, ending: str, compression: str) -> None:
        rows: list[dict[str, Any]] = [{"text": "你好, \"a\"\t'b'"}, {"text": " 007 "}, {"text": "x"}]
        path = tmp_path / f"a{ending}{compression}"
        assert write_rows(path, iter(rows)) == 3
        assert values(path) == rows
        first = path.read_bytes()
        write_rows(path, rows)
        assert path.read_bytes() == first
        assert [entry.name for entry in tmp_path.iterdir()] == [path.name]

    @pytest.mark.parametrize("ending", [".jsonl", ".json", ".parquet", ".arrow"])
    def test_nested_values_come_back(self, tmp_path: Path, ending: str) -> None:
        rows = [{"messages": [{"role": "user", "content": "a"}], "label": True}, {"messages": [], "label": False}]
        write_rows(tmp_path / f"a{ending}", rows)
        assert values(tmp_path / f"a{ending}") == rows

    @given(st.lists(st.fixed_dictionaries({"text": TEXT, "label": TEXT}), min_size=1))
    def test_any_text_comes_back_from_tables(self, tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
        folder = tmp_path_factory.mktemp("tables")
        for ending in (".csv", ".tsv"):
            write_rows(folder / f"a{ending}", rows)
            assert values(folder / f"a{ending}") == rows

    def test_one_column_with_an_empty_value_comes_back(self, tmp_path: Path) -> None:
        rows = [{"text": "a"}, {"text": ""}, {"text": "b"}]
        write_rows(tmp_path / "a.csv", rows)
        assert values(tmp_path / "a.csv") == rows

    @pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt"])
    def test_a_table_refuses_a_nested_value_with_row_and_field(self, tmp_path: Path, ending: str) -> None:
        with pytest.raises(CannotHold, match=r"row 2, field 'text': .*write JSON Lines"):
            write_rows(tmp_path / f"a{ending}", [{"text": "a"}, {"text": ["b"]}])
        assert list(tmp_path.iterdir()) == []

    def test_a_table_refuses_a_field_that_the_first_row_lacks(self, tmp_path: Path) -> None:
        with pytest.raises(CannotHold, match="row 2, field 'b': the first row has no such field"):
            write_rows(tmp_path / "a.csv", [{"a": "1"}, {"a": "1", "b": "2"}])

    @pytest.mark.parametrize(
        "row", [{"text": "a\nb"}, {"text": " "}, {"text": "a\r"}, {"text": 1}, {"text": "a", "b": 1}]
    )
    def test_plain_text_refuses_what_would_not_come_back(self, tmp_path: Path, row: dict[str, Any]) -> None:
        with pytest.raises(CannotHold, match="row 1, field"):
            write_rows(tmp_path / "a.txt", [row])

    def test_columns_join_their_types_over_batches(self, tmp_path: Path) -> None:
        rows: list[dict[str, Any]] = [{"a": None, "b": []}] * 10_000 + [{"a": 1, "b": [{"x": "y"}], "c": "late"}]
        write_rows(tmp_path / "a.parquet", rows)
        found = values(tmp_path / "a.parquet")
        assert found[0] == {"b": []}  # a null in a column says that the field is absent
        assert found[-1] == rows[-1]

    @pytest.mark.parametrize("ending", [".parquet", ".arrow"])
    @pytest.mark.parametrize("before", [1, 10_000])
    def test_a_column_of_two_types_is_refused(self, tmp_path: Path, ending: str, before: int) -> None:
        with pytest.raises(CannotHold, match=r"column 'label', rows 1 to \d+: no one type holds"):
            write_rows(tmp_path / f"a{ending}", [{"label": 1}] * before + [{"label": "one"}])
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_half_a_surrogate_pair_is_refused(self, tmp_path: Path, ending: str) -> None:
        with pytest.raises(CannotHold):
            write_rows(tmp_path / f"a{ending}", [{"text": "\ud800"}])

    @pytest.mark.parametrize("ending", [".csv", ".parquet", ".arrow"])
    def test_a_row_without_fields_is_refused_where_it_would_vanish(self, tmp_path: Path, ending: str) -> None:
        with pytest.raises(CannotHold, match="row 1: a table has no place"):
            write_rows(tmp_path / f"a{ending}", [{}])

    @pytest.mark.parametrize("ending", [".parquet", ".arrow"])
    def test_a_number_that_the_joined_type_would_round_is_refused(self, tmp_path: Path, ending: str) -> None:
        with pytest.raises(CannotHold, match="not in range"):
            write_rows(tmp_path / f"a{ending}", [{"a": 2**60 + 1}] * 10_000 + [{"a": 0.5}])

    def test_an_unknown_ending_names_the_known(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match=r"\.jsonl .*\.parquet"):
            write_rows(tmp_path / "a.docx", [])

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_no_rows_are_none_in_every_form(self, tmp_path: Path, ending: str) -> None:
        assert write_rows(tmp_path / f"a{ending}", []) == 0

    @pytest.mark.parametrize("ending", [".csv", ".tsv"])
    def test_a_table_of_rejected_rows_alone_is_empty(self, tmp_path: Path, ending: str) -> None:
        source = write(tmp_path / "a.jsonl", '{"question": "a", "answer": "b", "score": 1}\n')
        done = convert_file(source, tmp_path / f"b{ending}", to="question_answer", skip=True)
        assert (done.rows, done.written, done.rejected) == (1, 0, 1)
        assert (tmp_path / f"b{ending}").read_bytes() == b""
        assert len((tmp_path / "b.rejected.jsonl").read_bytes().splitlines()) == 1

    def test_an_array_has_an_element_a_line(self, tmp_path: Path) -> None:
        write_rows(tmp_path / "a.json", [{"a": 1}, {"a": 2}])
        assert (tmp_path / "a.json").read_text() == '[\n{"a":1},\n{"a":2}\n]\n'
        write_rows(tmp_path / "a.json", [])
        assert (tmp_path / "a.json").read_text() == "[]\n"

    def test_lines_are_written_as_they_are(self, tmp_path: Path) -> None:
        assert write_lines(tmp_path / "a.jsonl.gz", (b'{"n":%d}' % n for n in range(300_000))) == 300_000
        assert values(tmp_path / "a.jsonl.gz")[-1] == {"n": 299_999}
        assert write_lines(tmp_path / "empty.jsonl", []) == 0
        assert (tmp_path / "empty.jsonl").read_bytes() == b""

    def test_bytes_are_written_whole(self, tmp_path: Path) -> None:
        write_bytes(tmp_path / "a", b"\x00\xff")
        assert (tmp_path / "a").read_bytes() == b"\x00\xff"

    def test_a_generator_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        def rows() -> Any:
            yield {"text": "a"}
            raise InputError("cut off")

        for ending in ENDINGS:
            with pytest.raises(InputError):
                write_rows(tmp_path / f"a{ending}.gz", rows())
        assert list(tmp_path.iterdir()) == []

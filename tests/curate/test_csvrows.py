"""Rows of CSV and TSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.files.csvrows import csv_rows
from tunesmith.curate.files.rawrows import RawRow
from tunesmith.curate.io import open_input
from tunesmith.errors import InputError


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def rows_of(path: Path) -> list[RawRow]:
    return list(open_input(path).rows())


def values(path: Path) -> list[Any]:
    return [json.loads(row.data) if isinstance(row.data, bytes) else row.data for row in rows_of(path)]


def codes(path: Path) -> list[str | None]:
    return [row.error.code if row.error else None for row in rows_of(path)]


class TestCsv:
    def test_values_stay_text(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", 'question,answer\n007,"a ""b"", c"\n"two\r\nlines",\n')
        assert values(path) == [{"question": "007", "answer": 'a "b", c'}, {"question": "two\r\nlines", "answer": ""}]

    def test_a_row_of_another_width_is_an_error_with_its_text(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "question,answer\n1,2\n1,2,3\n\n1\n1,2\n")
        assert codes(path) == [None, "wrong_fields", "wrong_fields", None]
        second = rows_of(path)[1]
        assert (second.position, second.data) == (2, b"1,2,3")
        assert str(second.error) == "a.csv: row 2: expected 2 fields as in the header, saw 3"

    def test_a_quote_that_never_closes_is_one_row_with_all_its_bytes(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", 'question,answer\n1,2\n3,"4\n5,6\n')
        assert codes(path) == [None, "invalid_csv"]
        assert rows_of(path)[1].data == b'3,"4\n5,6'

    def test_a_bad_quote_spoils_its_own_row_only(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", 'question,answer\n"1"x,2\n3,4\n')
        assert codes(path) == ["invalid_csv", None]
        assert rows_of(path)[0].data == b'"1"x,2'

    def test_a_field_of_10_megabytes_is_fine(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "question,answer\n1," + "x" * 10_000_000 + "\n")
        assert len(values(path)[0]["answer"]) == 10_000_000

    @pytest.mark.parametrize("text", ["1,2\n3,4\n", "什么是高血压？,血压高\n", "What is it?,Nothing\n"])
    def test_no_header_is_an_error(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(InputError, match="expected a header on the first line, saw"):
            list(open_input(write(tmp_path / "a.csv", text)).rows())

    def test_a_name_twice_in_the_header_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="names the column 'text' 2 times"):
            list(open_input(write(tmp_path / "a.csv", "text,text\na,b\n")).rows())

    def test_a_broken_byte_spoils_its_own_row_only(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", b"question,answer\n1,\xff\n3,4\n")
        assert codes(path) == ["invalid_utf8", None]
        assert rows_of(path)[0].data == b"1,\xff"

    def test_gb18030_tables_are_read(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", "question,answer\n血压高怎么办,注意休息按时服药\n".encode("gb18030"))
        assert values(path) == [{"question": "血压高怎么办", "answer": "注意休息按时服药"}]

    @given(st.lists(st.binary(max_size=6), max_size=8), st.integers(1, 9))
    def test_every_row_is_counted_whatever_the_file_holds(self, lines: list[bytes], size: int) -> None:
        data = b"text,label\n" + b"\n".join(lines)
        rows = list(csv_rows(chunks(data, size), "a", ",", base=10, skip=0))
        assert [row.position for row in rows] == list(range(11, 11 + len(rows)))
        assert all((row.error is None) == isinstance(row.data, dict) for row in rows)

    def test_real_tables_are_read(self, shared_data: Path) -> None:
        rows = values(shared_data / "cmmlu" / "dev" / "anatomy.csv")
        assert list(rows[0]) == ["", "Question", "A", "B", "C", "D", "Answer"]
        assert [row[""] for row in rows] == ["0", "1", "2", "3", "4"]

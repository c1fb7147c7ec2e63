"""Rows of CSV and TSV."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections.abc import Iterator
from itertools import chain, repeat
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


def slow_rows(lines: list[str]) -> list[list[str] | None]:
    """The fields of each row, None for a broken one: after it everything is read anew from its second line on."""
    found: list[list[str] | None] = []
    while lines:
        reader = csv.reader(lines, strict=True)
        try:
            fields: list[str] | None = next(reader)
        except csv.Error:
            fields = None
        lines = lines[reader.line_num if fields is not None else 1 :]
        if fields != []:
            found.append(fields)
    return found


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

    def test_a_quote_that_never_closes_spoils_its_own_line_only(self, tmp_path: Path) -> None:
        lines = [f"{number},x" for number in range(1, 1001)]
        lines[3] = '4,"x'
        path = write(tmp_path / "a.csv", "\n".join(["question,answer", *lines]) + "\n")
        rows = rows_of(path)
        assert [row.position for row in rows if row.error] == [4]
        assert (str(rows[3].error), rows[3].data) == (
            "a.csv: row 4: not a CSV row: a quote opens in it that is never closed",
            b'4,"x',
        )
        assert [row.data for row in rows[4:]] == [{"question": str(number), "answer": "x"} for number in range(5, 1001)]
        for skip in (3, 4, 5, 999):
            assert [row.data for row in open_input(path).rows(skip)] == [row.data for row in rows[skip:]]

    def test_a_quote_that_runs_into_another_row_s_spoils_the_line_that_it_stands_in(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.csv", 'question,answer\n1,"2\n3,4\n\n5,"6\n7"\n8,9\n')
        assert codes(path) == ["invalid_csv", None, None, None]
        assert [row.data for row in rows_of(path)][1:] == [
            {"question": "3", "answer": "4"},
            {"question": "5", "answer": "6\n7"},
            {"question": "8", "answer": "9"},
        ]

    def test_a_bad_quote_in_every_row_takes_no_longer(self) -> None:
        data = b"question,answer\n" + b'a","b\n' * 100_000  # each line opens a quote, and none of the others ends it
        rows = list(csv_rows(chunks(data, 1 << 20), "a", ",", base=0, skip=0))
        assert (len(rows), {row.error and row.error.code for row in rows}) == (100_000, {"invalid_csv"})

    @pytest.mark.parametrize("last", [b"", b'1,"x"\n'])
    def test_a_quote_that_never_closes_does_not_hold_the_whole_file(self, last: bytes) -> None:
        line = b"y," + b"x" * 99_998 + b"\n"
        tracemalloc.start()
        rows = csv_rows(chain([b'question,answer\n1,"2\n'], repeat(line, 600), [last]), "a", ",", base=0, skip=0)
        found = [row.error and row.error.code for row in rows]
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == ["invalid_csv", *[None] * (600 + bool(last))]
        assert peak_bytes < 200_000_000  # the csv module takes four bytes a letter: 300 MB and more for all of it

    def test_a_field_of_20_megabytes_may_hold_line_breaks(self) -> None:
        text = ("x" * 999 + "\n") * 20_000
        data = f'question,answer\n1,"{text}"\n3,"4\n5,6\n'.encode()
        rows = list(csv_rows(chunks(data, 1 << 20), "a", ",", base=0, skip=0))
        assert rows[0].data == {"question": "1", "answer": text}
        assert [row.data for row in rows[1:]] == [b'3,"4', {"question": "5", "answer": "6"}]

    @given(st.lists(st.sampled_from(['a,"b', 'a","b', 'a"', '"a",b', "a,b", '"', '""', "", 'a,"b"x', ","])))
    def test_after_a_broken_row_reading_goes_on_at_its_second_line(self, lines: list[str]) -> None:
        data = "".join(f"{line}\n" for line in ["text,label", *lines])
        found = list(csv_rows(chunks(data.encode(), 7), "a", ",", base=0, skip=0))
        expected = slow_rows([f"{line}\n" for line in lines])
        assert [row.error is not None and row.error.code == "invalid_csv" for row in found] == [
            fields is None for fields in expected
        ]
        assert [list(row.data.values()) for row in found if isinstance(row.data, dict)] == [
            fields for fields in expected if fields and len(fields) == 2
        ]

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

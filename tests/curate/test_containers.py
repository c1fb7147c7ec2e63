"""Rows of each container, and which container a file is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.csvrows import csv_rows
from tunesmith.curate.io import describe, open_input
from tunesmith.curate.jsonarray import split_array
from tunesmith.curate.lines import json_lines
from tunesmith.curate.rawrows import RawRow
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


class TestWhichContainer:
    @pytest.mark.parametrize(
        ("name", "text", "container"),
        [
            ("a.json", '{"a":1}\n{"a":2}\n', "json_lines"),
            ("a.jsonl", '[\n {"a":1},\n {"a":2}\n]\n', "json_array"),
            ("a.txt", '  [{"a":1}]', "json_array"),
            ("a.json", "[]", "json_array"),
            ("a.json", "[1, 2]", "json_array"),
            ("a.json", '[{"a":1}]\n\n', "json_array"),
            ("a.json", '[{"a":1}]\n[{"a":2}]\n', "json_lines"),
            ("a.json", '{"a": "cut\n{"a":1}\n{"a":2}\n', "json_lines"),
            ("a.json", 'garbage\n{"a":1}\n{"a":2}\n', "json_lines"),
            ("a.json", '{"a": NaN}\n{"a": NaN}\n', "json_lines"),
            ("a.json", '{"instruction": "a", "output": "b"}', "json_lines"),
            ("a.json", '{"messages": [{"role": "user"}]}', "json_lines"),
            ("a.jsonl", '{"a": "cut', "json_lines"),
            ("a.jsonl", "garbage", "json_lines"),
            ("a.csv", "question,answer\na,b\n", "csv"),
            ("a.csv", "ask,reply\na,b\n", "csv"),
            ("a.csv", "text\na\n", "csv"),
            ("a.csv", "question\tanswer\na\tb\n", "tsv"),
            ("a.csv", "question;answer\na;b\n", "csv"),
            ("a.txt", "Question,A,B,Answer\na,1,2,b\nc,1,2,d\n", "csv"),
            ("a.tsv", "ask\treply\na\tb\n", "tsv"),
            ("a", "prompt\tcompletion\na\tb\n", "tsv"),
            ("a.txt", "Input, output and more\nA line.\nAnother, longer, line.\n", "text"),
            ("a.txt", "[Verse 1]\nhello\n", "text"),
            ("a.txt", "[1] See also\nhello\n", "text"),
            ("a.md", "# hello\n", "text"),
        ],
    )
    def test_content_decides(self, tmp_path: Path, name: str, text: str, container: str) -> None:
        assert describe(write(tmp_path / name, text)).container == container

    def test_a_name_that_misleads_is_noted(self, tmp_path: Path) -> None:
        info = describe(write(tmp_path / "a.json", '{"a":1}\n{"a":2}\n'))
        assert info.notes == ("ends in .json but holds JSON Lines",)
        assert describe(write(tmp_path / "b.jsonl", '{"a":1}\n')).notes == ()

    @pytest.mark.parametrize(
        "text",
        [
            '{\n  "version": 1,\n  "data": [\n    {"a": 1},\n    {"a": 2}\n  ]\n}\n',
            '{"version": 1, "data": [\n{"a": 1},\n{"a": 2}\n]}',
            '{"version": 1, "data": [{"a": 1}, {"a": 2}]}',
        ],
    )
    def test_one_object_is_refused_with_its_members(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(InputError, match="one JSON object with the members version, data; expected an array or lin"):
            open_input(write(tmp_path / "a.json", text))

    def test_an_array_without_brackets_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"lines end in commas .* put \[ before"):
            open_input(write(tmp_path / "a.json", '{"a":1},\n{"a":2},\n{"a":3}\n'))

    @pytest.mark.parametrize(
        ("data", "seen"),
        [
            (b"PK\x03\x04....", "zip archive"),
            (b"%PDF-1.7", "PDF"),
            (b"BZh91AY", "bzip2"),
            (b"\x00\x01\x02\x00" * 9, "zero bytes"),
            (b" \n\n ", "only white space"),
        ],
    )
    def test_what_holds_no_rows_is_named(self, tmp_path: Path, data: bytes, seen: str) -> None:
        with pytest.raises(InputError, match=seen):
            open_input(write(tmp_path / "a.json", data))

    def test_prose_in_a_json_file_is_an_error_not_text(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="ends in .json but begins with 'hello'"):
            open_input(write(tmp_path / "a.json", "hello"))

    def test_every_real_file_has_its_container(self, shared_data: Path) -> None:
        found = {path.name: describe(path).container for path in shared_data.glob("*_*.*") if "info" not in path.name}
        assert found.pop("huatuo_med_zh.json") == "json_lines"
        assert found.pop("wiki_demo.txt") == "text"
        ending = {".json": "json_array", ".jsonl": "json_lines", ".xz": "json_lines"}
        assert found == {name: ending[Path(name).suffix] for name in found}


class TestLines:
    def test_line_numbers_stay_true_over_blank_lines(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", '{"a":1}\r\n\r\n  \n{"a":2}')
        assert [(row.position, row.data) for row in rows_of(path)] == [(1, b'{"a":1}'), (4, b'{"a":2}')]

    def test_a_line_separator_inside_a_string_ends_no_line(self, tmp_path: Path) -> None:
        assert values(write(tmp_path / "a.jsonl", '{"a":"x\u2028y\u0085"}\n')) == [{"a": "x\u2028y\u0085"}]

    def test_a_broken_byte_spoils_its_own_line_only(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", b'{"a":"\xe4\xbd\xa0"}\n{"a":"\xe4\xbd"}\n{"a":3}\n')
        first, second, third = rows_of(path)
        assert (first.error, third.error) == (None, None)
        assert second.data == b'{"a":"\xe4\xbd"}'
        assert str(second.error) == "a.jsonl:2: the row is not UTF-8: byte 6 begins with e4 bd 22 7d"

    def test_json_is_not_checked_here(self, tmp_path: Path) -> None:
        assert codes(write(tmp_path / "a.jsonl", '{"a":1}\n{"a": NaN}\n{"a": "cut\n')) == [None] * 3

    def test_a_row_of_10_megabytes_is_one_row(self, tmp_path: Path) -> None:
        big = '{"text": "' + "你好" * 1_700_000 + '"}'
        path = write(tmp_path / "a.jsonl", f'{big}\n{{"text": "b"}}\n')
        assert [row.data for row in rows_of(path)] == [big.encode(), b'{"text": "b"}']

    def test_text_has_a_row_a_line(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.txt", b"one\r\n\ntwo \xff\nthree\n")
        assert [row.data for row in rows_of(path)] == [{"text": "one"}, b"two \xff", {"text": "three"}]
        assert codes(path) == [None, "invalid_utf8", None]

    @given(st.lists(st.binary(max_size=9)), st.integers(1, 9), st.integers(0, 9))
    def test_any_chunks_give_the_lines_of_the_whole(self, lines: list[bytes], size: int, skip: int) -> None:
        data = b"\n".join(lines)
        numbered = [(n, line.removesuffix(b"\r")) for n, line in enumerate(data.split(b"\n"), 1) if line.strip()]
        found = json_lines(chunks(data, size), "a", base=0, skip=skip)
        assert [(row.position, row.data) for row in found] == [
            (n, line) for n, line in numbered if line and not line.isspace()
        ][skip:]


#: JSON with what makes element boundaries hard.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('{}[],"\\ a你', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('{["\\', max_size=3), inner, max_size=3),
    max_leaves=12,
)


class TestJsonArray:
    @given(st.lists(JSON), st.integers(1, 30), st.sampled_from([None, 1]), st.booleans())
    def test_any_chunks_give_the_elements(self, elements: list[Any], size: int, indent: int | None, plain: bool) -> None:
        data = json.dumps(elements, indent=indent, ensure_ascii=plain).encode()
        found = list(split_array(chunks(data, size)))
        assert [json.loads(element) for batch in found for element in batch.elements] == elements
        assert (found[-1].closed, found[-1].rest) == (True, b"")

    @given(st.text('{}[]",\\ a:1', max_size=60), st.integers(1, 9))
    def test_no_byte_is_lost_whatever_the_file_holds(self, text: str, size: int) -> None:
        data = b"[" + text.encode()
        found = list(split_array(chunks(data, size)))
        kept = b"".join(element for batch in found for element in batch.elements) + found[-1].rest
        taken, given = (re.sub(rb"[\s,]", b"", part) for part in (kept, data[1:]))
        assert taken == given or (found[-1].closed and len(taken) == len(given) - 1)

    @given(st.text('{}[]",\\ a:1', max_size=60), st.integers(1, 9))
    def test_chunks_do_not_change_the_elements(self, text: str, size: int) -> None:
        data = b"[" + text.encode()
        whole, parts = (list(split_array(chunks(data, n))) for n in (len(data), size))
        assert [e for batch in whole for e in batch.elements] == [e for batch in parts for e in batch.elements]
        assert whole[-1][1:] == parts[-1][1:]

    def test_deep_nesting_is_one_element(self, tmp_path: Path) -> None:
        deep = '{"a":' * 50 + '"]}"' + "}" * 50
        assert [row.data for row in rows_of(write(tmp_path / "a.json", f"[{deep}, {deep}]"))] == [deep.encode()] * 2

    def test_an_error_inside_stays_inside(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", r'[{"a": NaN}, {"b": "\x"}, {"c": 1]}, {"d": 1}]')
        assert [row.data for row in rows_of(path)] == [b'{"a": NaN}', rb'{"b": "\x"}', b'{"c": 1]', b"}", b'{"d": 1}']

    @pytest.mark.parametrize(
        ("text", "data", "message"),
        [
            ('[{"a":1},{"a":', b'{"a":', "the file ends inside element 2"),
            ('[{"a":1},{"a":"x', b'{"a":"x', "the file ends inside element 2"),
            ('[{"a":1},\n', b"", "ends after element 1, before the array's closing bracket"),
            ('[{"a":1}] and more', b"and more", "8 bytes follow the array's closing bracket"),
        ],
    )
    def test_a_bad_end_is_one_row(self, tmp_path: Path, text: str, data: bytes, message: str) -> None:
        first, last = rows_of(write(tmp_path / "a.json", text))
        assert (first.position, first.data, first.error) == (1, b'{"a":1}', None)
        assert (last.position, last.data) == (2, data)
        assert last.error is not None
        assert last.error.code == "invalid_json"
        assert message in str(last.error)

    def test_a_missing_comma_loses_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", '[{"a":1} {"a":2}, {"a":3},]')
        assert values(path) == [{"a": 1}, {"a": 2}, {"a": 3}]

    def test_a_broken_byte_spoils_its_own_element_only(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", b'[{"a":"\xe4\xbd\xa0"},{"a":"\xff"},{"a":3}]')
        assert codes(path) == [None, "invalid_utf8", None]

    def test_other_encodings_are_cut_alike(self, tmp_path: Path) -> None:
        text = json.dumps([{"a": "你好，世界。今天天气很好"}] * 3, ensure_ascii=False)
        for codec in ("utf-8-sig", "utf-16", "gb18030"):
            assert values(write(tmp_path / f"{codec}.json", text.encode(codec))) == json.loads(text)

    def test_real_arrays_equal_the_parsed_ones(self, shared_data: Path) -> None:
        for name in ("alpaca_zh_demo.json", "glaive_toolcall_en_demo.json", "identity.json"):
            assert values(shared_data / name) == json.loads((shared_data / name).read_bytes())


BIG_ARRAY = """
import resource, sys
from tunesmith.curate.io import open_input
rows = size = 0
for row in open_input(sys.argv[1]).rows():
    rows += 1
    size += len(row.data)
    assert row.error is None
print(rows, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_an_array_of_300_megabytes_on_one_line_needs_little_memory(tmp_path: Path) -> None:
    path, element = tmp_path / "big.json", b'{"instruction": "' + "你好 hello ".encode() * 100 + b'", "tags": ["a", "]"]}'
    block = b", ".join([element] * 1000)
    blocks = 300_000_000 // len(block) + 1
    with path.open("wb") as file:
        file.write(b"[")
        for number in range(blocks):
            file.write((b", " if number else b"") + block)
        file.write(b"]")
    done = subprocess.run(
        [sys.executable, "-c", BIG_ARRAY, str(path)], capture_output=True, text=True, check=False, timeout=120
    )
    path.unlink()
    assert done.returncode == 0, done.stderr
    rows, size, peak_mib = map(int, done.stdout.split())
    assert (rows, size) == (blocks * 1000, blocks * 1000 * len(element))
    assert peak_mib < 250


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


class TestArrow:
    TABLE = pa.table({"prompt": ["a", None, "c"], "messages": [[{"role": "user"}], [], None]})

    def test_parquet_arrow_files_and_streams_give_python_values(self, tmp_path: Path) -> None:
        pq.write_table(self.TABLE, tmp_path / "a.bin")
        with pa.ipc.new_file(tmp_path / "b.bin", self.TABLE.schema) as writer:
            writer.write_table(self.TABLE)
        with pa.ipc.new_stream(tmp_path / "c.bin", self.TABLE.schema) as writer:
            writer.write_table(self.TABLE)
        for name, container in (("a", "parquet"), ("b", "arrow"), ("c", "arrow")):
            path = tmp_path / f"{name}.bin"
            assert describe(path).container == container
            assert values(path) == self.TABLE.to_pylist()

    def test_skipping_rows_passes_over_row_groups(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"n": range(100)}), tmp_path / "a.parquet", row_group_size=7)
        source = open_input(tmp_path / "a.parquet")
        for skip in (0, 1, 7, 50, 99, 100, 101):
            assert [row.position for row in source.rows(skip)] == list(range(skip + 1, 101))

    def test_a_cut_file_is_an_error(self, tmp_path: Path) -> None:
        pq.write_table(self.TABLE, tmp_path / "a.parquet")
        with pa.ipc.new_stream(tmp_path / "b.arrow", self.TABLE.schema) as writer:
            writer.write_table(self.TABLE)
        for name in ("a.parquet", "b.arrow"):
            data = (tmp_path / name).read_bytes()
            path = write(tmp_path / f"cut-{name}", data[: len(data) * 3 // 4])
            with pytest.raises(InputError, match="corrupt or cut off"):
                rows_of(path)

"""Rows of each container, and which container a file is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.files.containers import file_digest, files_digest
from tunesmith.curate.files.lines import json_lines
from tunesmith.curate.files.rawrows import RawRow
from tunesmith.curate.io import describe, open_input
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
        with pytest.raises(
            InputError, match="one JSON object with the members version, data; expected an array or lin"
        ):
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
        with pytest.raises(InputError, match=r"ends in \.json but begins with 'hello'"):
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


class TestArrow:
    TABLE = pa.table({"prompt": ["a", None, "c"], "messages": [[{"role": "user"}], [], None]})

    def test_parquet_arrow_files_and_streams_give_their_rows_without_nulls(self, tmp_path: Path) -> None:
        pq.write_table(self.TABLE, tmp_path / "a.bin")
        with pa.ipc.new_file(str(tmp_path / "b.bin"), self.TABLE.schema) as writer:
            writer.write_table(self.TABLE)
        with pa.ipc.new_stream(str(tmp_path / "c.bin"), self.TABLE.schema) as writer:
            writer.write_table(self.TABLE)
        for name, container in (("a", "parquet"), ("b", "arrow"), ("c", "arrow")):
            path = tmp_path / f"{name}.bin"
            assert describe(path).container == container
            assert values(path) == [{"prompt": "a", "messages": [{"role": "user"}]}, {"messages": []}, {"prompt": "c"}]

    def test_skipping_rows_passes_over_row_groups(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"n": range(100)}), tmp_path / "a.parquet", row_group_size=7)
        source = open_input(tmp_path / "a.parquet")
        for skip in (0, 1, 7, 50, 99, 100, 101):
            assert [row.position for row in source.rows(skip)] == list(range(skip + 1, 101))

    def test_a_cut_file_is_an_error(self, tmp_path: Path) -> None:
        pq.write_table(self.TABLE, tmp_path / "a.parquet")
        with pa.ipc.new_stream(str(tmp_path / "b.arrow"), self.TABLE.schema) as writer:
            writer.write_table(self.TABLE)
        for name in ("a.parquet", "b.arrow"):
            data = (tmp_path / name).read_bytes()
            path = write(tmp_path / f"cut-{name}", data[: len(data) * 3 // 4])
            with pytest.raises(InputError, match="corrupt or cut off"):
                rows_of(path)

    @pytest.mark.parametrize("nested", [False, True])
    def test_text_that_is_not_utf8_spoils_its_own_row_only(self, tmp_path: Path, nested: bool) -> None:
        text = pa.Array.from_buffers(pa.string(), 3, pa.array([b"ab", b"caf\xe9!", b"c"]).buffers())
        column = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), text) if nested else text
        paths = write_both(tmp_path, pa.table({"n": [1, 2, 3], "text": column}))
        for one in paths:
            assert codes(one) == [None, "invalid_utf8", None]
            bad = rows_of(one)[1]
            assert bad.data == {"n": 2}
            assert str(bad.error) == f"{one.name}: row 2: the column 'text' is not UTF-8: byte 3 begins with e9 21"
            assert [row.position for row in open_input(one).rows(skip=1)] == [2, 3]

    @pytest.mark.parametrize("kind", [pa.date32(), pa.duration("s"), pa.timestamp("us")])
    def test_a_date_beyond_all_calendars_spoils_its_own_row_only(self, tmp_path: Path, kind: Any) -> None:
        bits = pa.int32() if kind == pa.date32() else pa.int64()
        column = pa.array([1, 2 ** (bits.bit_width - 1) - 1, None], bits).cast(kind)
        for path in write_both(tmp_path, pa.table({"n": [1, 2, 3], "when": column})):
            assert codes(path) == [None, "wrong_type", None]
            assert rows_of(path)[1].data == {"n": 2}
            assert "a.parquet: row 2: the value of the column 'when'" in str(rows_of(tmp_path / "a.parquet")[1].error)

    def test_two_columns_of_one_name_are_refused(self, tmp_path: Path) -> None:
        table = pa.Table.from_arrays([pa.array([n]) for n in range(3)], names=["text", "n", "text"])
        for path in write_both(tmp_path, table):
            with pytest.raises(InputError, match=f"{path.name}: the schema names the column 'text' 2 times; rename"):
                rows_of(path)


def write_both(folder: Path, table: Any) -> list[Path]:
    paths = [folder / "a.parquet", folder / "b.arrow", folder / "c.arrow"]
    pq.write_table(table, paths[0])
    for path, make in zip(paths[1:], (pa.ipc.new_file, pa.ipc.new_stream)):
        with make(str(path), table.schema) as writer:
            writer.write_table(table)
    return paths


def test_the_digest_of_several_files_is_that_of_their_bytes_in_order(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a", "12"), write(tmp_path / "b", "3")]
    assert files_digest(paths) == file_digest(write(tmp_path / "c", "123"))
    assert files_digest(reversed(paths)) != files_digest(paths)


def test_the_digest_of_a_saved_dataset_is_that_of_its_files(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_dict({"text": ["a", "b"]}).save_to_disk(str(tmp_path / "saved"))
    (info,) = open_input(tmp_path / "saved").files
    files = sorted((tmp_path / "saved").glob("*.arrow"))
    assert (info.digest, info.size_bytes) == (files_digest(files), sum(path.stat().st_size for path in files))

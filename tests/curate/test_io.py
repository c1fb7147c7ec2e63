"""What a source may be, how its rows are numbered, and how rows are written."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.io import (
    describe,
    file_digest,
    open_input,
    read_json_object,
    read_text,
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


class TestSources:
    def test_a_folder_is_its_shards_by_name(self, tmp_path: Path) -> None:
        folder = tmp_path / "shards"
        write(folder / "b.jsonl", '{"n":3}\n')
        write(folder / "a.json", '[{"n":1},{"n":2}]')
        write(folder / "more" / "c.csv", "text,label\nx,y\n")
        for other in ("README.md", "notes.md", "LICENSE", ".hidden", "dataset_info.json", "a.lock", "_SUCCESS", ".c/d"):
            write(folder / other, "no data")
        source = open_input("shards", base=tmp_path)
        assert [info.path for info in source.files] == ["shards/a.json", "shards/b.jsonl", "shards/more/c.csv"]
        assert values(folder) == [{"n": 1}, {"n": 2}, {"n": 3}, {"text": "x", "label": "y"}]

    def test_positions_run_on_across_files(self, tmp_path: Path) -> None:
        write(tmp_path / "a.jsonl", '{"n":1}\n\n{"n":2}\n\n')
        write(tmp_path / "b.json", '[{"n":3},{"n":4}]')
        write(tmp_path / "c.jsonl", '\n{"n":5}\n')
        source = open_input(tmp_path)
        assert [row.position for row in source.rows()] == [1, 3, 5, 6, 8]
        places = ["a.jsonl:1", "a.jsonl:3", "b.json: element 1", "b.json: element 2", "c.jsonl:2"]
        assert [source.locate(position) for position in (1, 3, 5, 6, 8)] == places
        assert [open_input(tmp_path).locate(position) for position in (8, 6, 5, 3, 1)] == places[::-1]

    def test_skipping_gives_the_same_rows_as_reading_on(self, tmp_path: Path) -> None:
        write(tmp_path / "a.jsonl", '{"n":1}\n\n{"n":2}\n')
        write(tmp_path / "b.json", '[{"n":3},{"n":4},{"n"')
        write(tmp_path / "c.csv", "text,label\nx,y\n\nz\n")
        write(tmp_path / "d.txt", "one\n\ntwo\n")
        write_rows(tmp_path / "e.parquet", [{"n": 1}, {"n": 2}])
        source = open_input(tmp_path)
        rows = [row[:2] for row in source.rows()]
        assert len(rows) == 11
        for skip in range(13):
            assert [row[:2] for row in source.rows(skip)] == rows[skip:]

    def test_an_empty_shard_among_others_is_noted(self, tmp_path: Path) -> None:
        write(tmp_path / "a.jsonl", "")
        write(tmp_path / "b.jsonl", '{"n":1}\n')
        source = open_input(tmp_path)
        assert source.files[0].notes == ("the file is empty",)
        assert [row.position for row in source.rows()] == [1]

    def test_a_glob_is_its_matches_by_name(self, tmp_path: Path) -> None:
        write(tmp_path / "b.jsonl", '{"n":2}\n')
        write(tmp_path / "a.jsonl", '{"n":1}\n')
        write(tmp_path / "c.txt", "no\n")
        assert [info.path for info in open_input("*.jsonl", base=tmp_path).files] == ["a.jsonl", "b.jsonl"]
        assert values(str(tmp_path / "*.jsonl")) == [{"n": 1}, {"n": 2}]

    def test_a_name_with_brackets_is_a_name_first(self, tmp_path: Path) -> None:
        assert values(write(tmp_path / "a[1].jsonl", '{"n":1}\n')) == [{"n": 1}]

    def test_the_digest_is_of_the_bytes_on_disk(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl.gz", gzip.compress(b'{"n":1}\n', mtime=0))
        info = describe(path)
        assert (info.size_bytes, info.compression, info.encoding) == (path.stat().st_size, "gz", "UTF-8")
        assert info.digest == file_digest(path)
        assert describe(write(tmp_path / "b", path.read_bytes())).digest == info.digest

    def test_the_rows_of_a_compressed_real_file_are_all_there(self, shared_data: Path) -> None:
        source = open_input(shared_data / "t0_50k.jsonl.xz")
        assert sum(1 for row in source.rows() if row.error is None) == 55_185
        assert [row.position for row in source.rows(skip=55_183)] == [55_184, 55_185]


class TestDatasets:
    def test_a_saved_dataset_is_its_splits_by_name(self, tmp_path: Path) -> None:
        import datasets

        train = datasets.Dataset.from_list([{"text": "a", "n": 1}, {"text": "b", "n": None}])
        datasets.DatasetDict({"train": train, "test": train.select([1])}).save_to_disk(str(tmp_path / "both"))
        source = open_input("both", base=tmp_path)
        assert [info.path for info in source.files] == ["both/test", "both/train"]
        assert {info.container for info in source.files} == {"dataset"}
        rows = [(row.position, row.data) for row in source.rows()]
        b = {"text": "b", "n": None}
        assert rows == [(1, b), (2, {"text": "a", "n": 1}), (3, b)]
        assert [row.position for row in source.rows(skip=2)] == [3]
        assert source.locate(3) == "train: row 2"

    def test_one_saved_split_is_read_and_has_a_digest(self, tmp_path: Path) -> None:
        import datasets

        datasets.Dataset.from_list([{"text": str(n)} for n in range(2500)]).save_to_disk(str(tmp_path / "one"))
        (info,) = open_input(tmp_path / "one").files
        assert info.size_bytes > 0
        assert info.digest == open_input(tmp_path / "one").files[0].digest
        assert values(tmp_path / "one") == [{"text": str(n)} for n in range(2500)]

    def test_a_damaged_saved_dataset_is_an_error(self, tmp_path: Path) -> None:
        write(tmp_path / "bad" / "state.json", "{}")
        with pytest.raises(InputError, match="saved dataset cannot be opened"):
            open_input(tmp_path / "bad")

    def test_the_hub_out_of_reach_is_an_error_with_a_remedy(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", OFFLINE], capture_output=True, text=True, check=False, env={**os.environ, **NO_HUB}
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("hub:someone/some-set@main:train: the dataset cannot be loaded from the hub")
        assert "check the name and the connection" in done.stdout

    def test_a_hub_name_of_another_shape_is_an_error(self) -> None:
        with pytest.raises(InputError, match="expected hub:owner/name"):
            open_input("hub:a/b/c")


NO_HUB = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
OFFLINE = """
from tunesmith.curate.io import open_input
from tunesmith.errors import InputError
try:
    open_input("hub:someone/some-set@main:train")
except InputError as error:
    print(error)
"""


class TestBadSources:
    def test_a_missing_file_names_the_nearest(self, tmp_path: Path) -> None:
        write(tmp_path / "train.jsonl", "{}")
        with pytest.raises(InputError, match="trian.jsonl: there is no such file; did you mean train.jsonl"):
            open_input("trian.jsonl", base=tmp_path)

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="the folder .*nowhere is missing"):
            open_input(tmp_path / "nowhere" / "a.jsonl")

    def test_an_empty_file_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="saw an empty file"):
            open_input(write(tmp_path / "a.jsonl", ""))

    def test_only_empty_shards_are_an_error(self, tmp_path: Path) -> None:
        write(tmp_path / "a.jsonl", "")
        write(tmp_path / "b.jsonl", "")
        with pytest.raises(InputError, match="only empty files"):
            open_input(tmp_path)

    def test_a_folder_without_data_is_an_error(self, tmp_path: Path) -> None:
        write(tmp_path / "README.md", "hello")
        with pytest.raises(InputError, match="no data files"):
            open_input(tmp_path)

    def test_a_glob_without_match_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no file matches"):
            open_input("*.jsonl", base=tmp_path)

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="device or pipe"):
            open_input(tmp_path / "pipe")

    def test_a_name_with_a_zero_byte_is_an_error(self) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            open_input("a\x00b")

    def test_a_linked_folder_inside_is_said_not_skipped(self, tmp_path: Path) -> None:
        write(tmp_path / "real" / "a.jsonl", "{}\n")
        write(tmp_path / "shards" / "b.jsonl", "{}\n")
        (tmp_path / "shards" / "more").symlink_to(tmp_path / "real")
        with pytest.raises(InputError, match="a link to a folder"):
            open_input(tmp_path / "shards")

    def test_no_permission_is_an_error(self, tmp_path: Path) -> None:
        for above in (tmp_path, *tmp_path.parents[:2]):
            above.chmod(0o755)
        write(tmp_path / "a.jsonl", "{}\n").chmod(0)
        write(tmp_path / "closed" / "b.jsonl", "{}\n").parent.chmod(0)
        for name in ("a.jsonl", "closed", "closed/b.jsonl"):
            command = [sys.executable, "-c", UNPRIVILEGED, str(tmp_path / name)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert "ermission" in done.stdout


UNPRIVILEGED = """
import os, sys
from tunesmith.curate.io import open_input
from tunesmith.errors import InputError
os.setuid(65534) if os.geteuid() == 0 else None
try:
    open_input(sys.argv[1])
except InputError as error:
    print(error)
"""


class TestSmallFiles:
    def test_text_is_read_with_and_without_mark(self, tmp_path: Path) -> None:
        assert read_text(write(tmp_path / "a", "名: 1\r\n")) == "名: 1\r\n"
        assert read_text(write(tmp_path / "a", b"\xef\xbb\xbfa")) == "a"

    def test_text_that_is_not_utf8_names_the_line(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"a:2: expected UTF-8, saw the byte ff"):
            read_text(write(tmp_path / "a", b"one\n\xff\n"))

    def test_an_object_is_an_object(self, tmp_path: Path) -> None:
        assert read_json_object(write(tmp_path / "a", '{"a": 1}')) == {"a": 1}
        with pytest.raises(InputError, match="expected a JSON object, saw list"):
            read_json_object(write(tmp_path / "a", "[]"))
        with pytest.raises(InputError, match="not JSON"):
            read_json_object(write(tmp_path / "a", "{"))


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
        rows = [{"messages": [{"role": "user", "content": "a"}], "label": True}, {"messages": [], "label": None}]
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

    @pytest.mark.parametrize("row", [{"text": "a\nb"}, {"text": " "}, {"text": "a\r"}, {"text": 1}, {"text": "a", "b": 1}])
    def test_plain_text_refuses_what_would_not_come_back(self, tmp_path: Path, row: dict[str, Any]) -> None:
        with pytest.raises(CannotHold, match="row 1, field"):
            write_rows(tmp_path / "a.txt", [row])

    def test_columns_join_their_types_over_batches(self, tmp_path: Path) -> None:
        rows: list[dict[str, Any]] = [{"a": None, "b": []}] * 10_000 + [{"a": 1, "b": [{"x": "y"}], "c": "late"}]
        write_rows(tmp_path / "a.parquet", rows)
        found = values(tmp_path / "a.parquet")
        assert found[0] == {"a": None, "b": [], "c": None}
        assert found[-1] == rows[-1]

    @pytest.mark.parametrize("ending", [".parquet", ".arrow"])
    @pytest.mark.parametrize("before", [1, 10_000])
    def test_a_column_of_two_types_is_refused(self, tmp_path: Path, ending: str, before: int) -> None:
        with pytest.raises(CannotHold, match=r"'label'.* more than one type"):
            write_rows(tmp_path / f"a{ending}", [{"label": 1}] * before + [{"label": "one"}])
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_half_a_surrogate_pair_is_refused(self, tmp_path: Path, ending: str) -> None:
        with pytest.raises(CannotHold):
            write_rows(tmp_path / f"a{ending}", [{"text": "\ud800"}])

    def test_an_unknown_ending_names_the_known(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match=r"\.jsonl .*\.parquet"):
            write_rows(tmp_path / "a.docx", [])

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

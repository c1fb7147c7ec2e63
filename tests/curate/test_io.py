"""What a source may be, and how its rows are numbered."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunesmith.curate.io import (
    describe,
    file_digest,
    open_input,
    read_json_object,
    read_text,
    write_rows,
)
from tunesmith.errors import InputError

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
        b = {"text": "b"}  # a null in a column says that the field is absent
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
        with pytest.raises(InputError, match=r"trian\.jsonl: there is no such file; did you mean train\.jsonl"):
            open_input("trian.jsonl", base=tmp_path)

    def test_a_missing_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"the folder .*nowhere is missing"):
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


@pytest.mark.parametrize(("how", "message"), [("more", "was changed while"), ("gone", "is gone while")])
def test_an_input_that_changes_while_it_is_read_is_told(tmp_path: Path, how: str, message: str) -> None:
    path = write(tmp_path / "rows.jsonl", '{"text": "a"}\n')
    source = open_input("rows.jsonl", base=tmp_path)
    source.check_unchanged()
    if how == "gone":
        path.unlink()
    else:
        with path.open("a") as file:
            file.write('{"text": "b"}\n')
    with pytest.raises(InputError, match=f"rows.jsonl: {message} it was read; run the same command again"):
        source.check_unchanged()

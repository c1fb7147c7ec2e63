"""The output folder: one run at a time, nothing foreign overwritten, finished stages found again."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.curate.folder import open_folder, read_mark, written
from tunesmith.curate.stages import (
    CACHE,
    cached_table,
    code_files,
    fingerprint,
    forget_others,
    is_whole,
    read_table,
    write_table,
)
from tunesmith.errors import OutputError


def _table() -> pa.Table:
    return pa.table({"number": [1, 2, 3]})


def _never() -> pa.Table:
    raise AssertionError("a finished stage was computed again")


def test_a_fingerprint_depends_on_values_and_not_on_the_order_of_keys() -> None:
    assert fingerprint("rules", {"a": 1, "b": 2}) == fingerprint("rules", {"b": 2, "a": 1})
    assert fingerprint("rules", {"a": 1}) != fingerprint("rules", {"a": 2})
    assert fingerprint("a", ["b"]) != fingerprint(["a", "b"])


def test_a_new_folder_is_made_and_marked(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "run"
    with open_folder(out, "m1", replace=False) as cache:
        assert cache == out / CACHE
    assert read_mark(out) == "m1"


def test_a_folder_of_the_same_run_is_continued_with_its_outputs(tmp_path: Path) -> None:
    for _ in range(2):
        with open_folder(tmp_path, "m1", replace=False):
            (tmp_path / "train.jsonl").write_text("{}\n")
    assert (tmp_path / "train.jsonl").exists()


def test_a_foreign_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with (
        pytest.raises(OutputError, match="is not empty and no run of Tunesmith; choose another --out"),
        open_folder(tmp_path, "m1", replace=False),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_run_of_another_recipe_is_refused(tmp_path: Path) -> None:
    with open_folder(tmp_path, "m1", replace=False, parts={"recipe": "a", "decisions": "b"}):
        (tmp_path / "train.jsonl").write_text("{}")
    with (
        pytest.raises(OutputError, match="a finished run with other decisions; choose another --out"),
        open_folder(tmp_path, "m2", replace=False, parts={"recipe": "a", "decisions": "c"}),
    ):
        pass
    assert read_mark(tmp_path) == "m1"


def test_a_run_that_wrote_nothing_yet_gives_way_to_another(tmp_path: Path) -> None:
    with open_folder(tmp_path, "m1", replace=False) as cache:
        (cache / "ingest-a").mkdir()
    with open_folder(tmp_path, "m2", replace=False) as cache:
        assert (cache / "ingest-a").is_dir()
    assert read_mark(tmp_path) == "m2"


def test_replace_removes_the_outputs_of_the_other_run_and_nothing_else(tmp_path: Path) -> None:
    with open_folder(tmp_path, "m1", replace=False):
        for name in ("train.jsonl", "train.sft.jsonl", "manifest.json", "thesis.txt"):
            (tmp_path / name).write_text("x")
    with open_folder(tmp_path, "m2", replace=True):
        assert sorted(path.name for path in tmp_path.iterdir()) == [CACHE, "thesis.txt"]
    assert read_mark(tmp_path) == "m2"


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (
        open_folder(tmp_path, "m1", replace=False),
        pytest.raises(OutputError, match="another run is writing here"),
        open_folder(tmp_path, "m1", replace=False),
    ):
        pass


def test_the_folder_is_free_again_after_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), open_folder(tmp_path, "m1", replace=False):
        raise KeyboardInterrupt
    with open_folder(tmp_path, "m1", replace=False):
        pass


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="is a file"), open_folder(tmp_path / "out", "m1", replace=True):
        pass


def test_a_folder_under_a_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(OutputError, match="cannot be written"),
        open_folder(tmp_path / "file" / "out", "m", replace=False),
    ):
        pass


def test_a_finished_stage_is_found_again(tmp_path: Path) -> None:
    cached_table(tmp_path, "split", "k1", _table)
    assert cached_table(tmp_path, "split", "k1", _never) == _table()


def test_a_stage_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        cached_table(tmp_path, "split", "k1", _never)
    assert list(tmp_path.iterdir()) == []


def test_a_table_comes_back_with_its_metadata(tmp_path: Path) -> None:
    told = _table().replace_schema_metadata({"n_groups": "3"})
    write_table(tmp_path / "t.arrow", told)
    again = read_table(tmp_path / "t.arrow")
    assert again == told
    assert again.schema.metadata == {b"n_groups": b"3"}


def test_stages_that_a_run_did_not_use_are_forgotten(tmp_path: Path) -> None:
    with open_folder(tmp_path, "m1", replace=False) as cache:
        (cache / "ingest-old").mkdir()
        (cache / "ingest-old" / "rows.arrow").write_text("x")
        for name in ("split-old.arrow", "split-new.arrow"):
            (cache / name).write_text("x")
        forget_others(cache, {"split-new.arrow"})
        assert sorted(path.name for path in cache.iterdir()) == ["lock", "run.json", "split-new.arrow"]


def test_the_files_of_single_kinds_are_outputs_too(tmp_path: Path) -> None:
    for name in ("train.jsonl", "train.kto.jsonl", "validation.sft.jsonl", "training.txt", "train.backup.jsonl"):
        (tmp_path / name).write_text("x")
    assert sorted(path.name for path in written(tmp_path)) == [
        "train.jsonl",
        "train.kto.jsonl",
        "validation.sft.jsonl",
    ]


def test_a_strangers_file_with_an_outputs_name_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("mine")
    for replace in (False, True):
        with (
            pytest.raises(OutputError, match=r"holds train.jsonl, which no run of Tunesmith wrote"),
            open_folder(tmp_path, "m1", replace=replace),
        ):
            pass
    assert (tmp_path / "train.jsonl").read_text() == "mine"


def test_an_input_may_not_lie_where_an_output_goes(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="is an input of this run"),
        open_folder(tmp_path / "new", "m1", replace=False, inputs=[tmp_path / "new" / "train.jsonl"]),
    ):
        pass


def test_an_output_may_not_lie_inside_a_source_folder(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="inside the source folder"),
        open_folder(tmp_path / "runs", "m1", replace=False, inputs=[tmp_path]),
    ):
        pass


def test_what_a_killed_run_left_half_written_is_removed(tmp_path: Path) -> None:
    with open_folder(tmp_path, "m1", replace=False) as cache:
        (cache / "ingest-a").mkdir()
    leftovers = [tmp_path / ".train.jsonl.77.part", tmp_path / CACHE / "ingest-a" / ".rows-00000.arrow.77.part"]
    for path in leftovers:
        path.write_text("half")
    with open_folder(tmp_path, "m1", replace=False):
        assert not any(path.exists() for path in leftovers)


@pytest.mark.parametrize("left", [[], ["lock"], ["lock", ".run.json.part"]])
def test_a_run_that_was_killed_before_it_set_its_mark_goes_on(tmp_path: Path, left: list[str]) -> None:
    (tmp_path / CACHE).mkdir()
    for name in left:
        (tmp_path / CACHE / name).write_text("")
    with open_folder(tmp_path, "m1", replace=False):
        assert read_mark(tmp_path) == "m1"
    assert sorted(path.name for path in (tmp_path / CACHE).iterdir()) == ["lock", "run.json"]


def test_a_disk_that_fails_within_the_folder_is_told(tmp_path: Path) -> None:
    def fill(path: Path) -> None:
        with open_folder(tmp_path / "out", "m1", replace=False):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with pytest.raises(OutputError, match=r"out/.stages/ingest-a: cannot be written: the disk is full"):
        fill(tmp_path / "out" / CACHE / "ingest-a")
    with pytest.raises(OSError, match="No space left on device"):
        fill(tmp_path / "elsewhere")  # a file that is not the run's is not taken for one


@pytest.mark.parametrize("bytes_left", [0, 5, 100])
def test_a_stage_file_that_was_cut_off_is_made_again(tmp_path: Path, bytes_left: int) -> None:
    path = tmp_path / "s-k.arrow"
    write_table(path, _table())
    os.truncate(path, bytes_left)
    assert not is_whole(path)
    assert cached_table(tmp_path, "s", "k", _table) == _table()
    assert is_whole(path)
    assert cached_table(tmp_path, "s", "k", _never) == _table()


def test_a_run_whose_cache_was_removed_is_still_known_by_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"mark": "m1"}')
    (tmp_path / "train.jsonl").write_text("{}")
    with open_folder(tmp_path, "m1", replace=False):
        assert (tmp_path / "train.jsonl").exists()


def test_the_code_version_is_of_sources_and_never_of_what_is_made_of_them() -> None:
    names = [path.name for path in code_files()]
    assert {"run.py", "pairs.py", "report.html.j2", "errors.py"} <= set(names)
    assert not [path for path in code_files() if "__pycache__" in path.parts]

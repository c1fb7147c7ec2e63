"""What a person is told while a source is read, and before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tunesmith.curate import ingest as stage
from tunesmith.curate import reading_told
from tunesmith.curate.files.rawrows import FileInfo
from tunesmith.curate.ingest import Plan, read_source
from tunesmith.curate.io import open_input
from tunesmith.curate.progress import Progress
from tunesmith.curate.reading_told import announce_room, room_needed_bytes


class Told(Progress):
    def __init__(self) -> None:
        self.said: list[str] = []
        self.stages: dict[str, tuple[int | None, str, list[int]]] = {}

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        self.stages[name] = (total, unit, [])
        yield self.stages[name][2].append

    def say(self, message: str) -> None:
        self.said.append(message)


def rows_in(path: Path) -> Path:
    row = {"instruction": "Why? " * 50, "output": "So. " * 50}
    path.write_text("".join(json.dumps(row) + "\n" for _ in range(100)), "utf-8")
    return path


def test_reading_counts_the_megabytes_of_a_plain_file_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = rows_in(tmp_path / "a.jsonl")
    monkeypatch.setattr(reading_told, "_MB", 1000)
    monkeypatch.setattr(stage, "SHARD_ROWS", 30)
    told = Told()
    assert read_source(Plan("a", open_input(path), None), tmp_path / "out", told) == 100
    total, unit, steps = told.stages["read a"]
    assert (total, unit, sum(steps)) == (path.stat().st_size // 1000, "MB", total)
    assert len([step for step in steps if step]) >= 4
    (tmp_path / "out" / "columns-00003.arrow").unlink()
    again = Told()
    assert read_source(Plan("a", open_input(path), None), tmp_path / "out", again) == 100
    assert sum(again.stages["read a"][2]) == total


def test_reading_counts_the_rows_of_a_small_or_packed_file(tmp_path: Path) -> None:
    told = Told()
    read_source(Plan("a", open_input(rows_in(tmp_path / "a.jsonl")), None), tmp_path / "out", told)
    assert told.stages["read a"] == (None, "rows", [100])


@pytest.mark.parametrize(("size", "compression", "told"), [(10**6, None, 0), (10**9, None, 1), (10**9, "gz", 1)])
def test_a_large_run_says_what_disk_it_takes(tmp_path: Path, size: int, compression: str | None, told: int) -> None:
    progress = Told()
    file = FileInfo("a", "json_lines", "utf-8", compression, size, "")
    announce_room([file], tmp_path, progress)
    assert len(progress.said) == told
    assert all(f"{room_needed_bytes([file]) / 1e9:,.1f} GB" in said for said in progress.said)


def test_a_run_that_will_not_fit_is_told_so_whatever_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunesmith.curate.reading_told.shutil.disk_usage", lambda folder: SimpleNamespace(free=0))
    progress = Told()
    announce_room([FileInfo("a", "json_lines", "utf-8", None, 1000, "")], tmp_path, progress)
    assert "it may fill the disk" in progress.said[0]

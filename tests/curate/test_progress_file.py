"""Progress in a file: whole at every moment, and never in the way of the work."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tunesmith.curate.progress import Progress
from tunesmith.curate.progress_file import VARIABLE, FileProgress, read_progress
from tunesmith.terminal import LineProgress, progress_for


class Told(Progress):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.done = 0

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        self.said.append(f"{name}: {total} {unit}")

        def advance(count: int) -> None:
            self.done += count

        yield advance

    def say(self, message: str) -> None:
        self.said.append(message)


def test_the_file_tells_the_stage_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    with FileProgress(path).stage("measure", total=100, unit="rows") as advance:
        first = read_progress(path)
        advance(100)
    last = read_progress(path)
    assert first is not None
    assert last is not None
    assert (first.stage, first.done, first.total, first.unit, first.seconds_left) == ("measure", 0, 100, "rows", None)
    assert (last.done, last.total) == (100, 100)
    assert last.rate > 0


def test_a_stage_that_ended_well_is_whole_even_where_its_total_was_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    with FileProgress(path).stage("measure", total=4096, unit="rows") as advance:
        advance(1000)
    last = read_progress(path)
    assert last is not None
    assert (last.done, last.total) == (1000, 1000)


def test_of_stages_within_stages_the_outermost_is_told(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    progress = FileProgress(path)
    with progress.stage("trials", total=3, unit="trials") as advance:
        advance(1)
        with progress.stage("training", total=40, unit="steps") as step:
            step(40)
        during = read_progress(path)
    assert during is not None
    assert (during.stage, during.done, during.total) == ("trials", 1, 3)


def test_what_is_printed_beside_is_the_same_as_without_the_file(tmp_path: Path) -> None:
    told = Told()
    progress = FileProgress(tmp_path / "progress.json", told)
    with progress.stage("read a", total=None, unit="rows") as advance:
        advance(7)
        progress.say("hello")
    assert told.said == ["read a: None rows", "hello"]
    assert told.done == 7


def test_threads_may_advance_at_once(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    with FileProgress(path).stage("ask", total=4000, unit="requests") as advance:
        threads = [threading.Thread(target=lambda: [advance(1) for _ in range(1000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        advance(0)
    last = read_progress(path)
    assert last is not None
    assert last.done == 4000


def test_a_thread_that_comes_after_the_end_of_a_stage_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    with FileProgress(path).stage("ask", total=2, unit="requests") as advance:
        advance(1)
    time.sleep(0.3)  # longer than the least time between two writes
    advance(1)
    last = read_progress(path)
    assert last is not None
    assert last.done == 1


def test_a_place_that_cannot_be_written_stops_no_work(tmp_path: Path) -> None:
    with FileProgress(tmp_path / "none" / "progress.json").stage("read", total=None, unit="rows") as advance:
        advance(1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"stage": "x"}', '{"stage":"x","done":"?","total":1,"unit":"","rate":0,"seconds_left":0}'],
)
def test_a_damaged_file_tells_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(text)
    assert read_progress(path) is None
    assert read_progress(tmp_path / "none.json") is None


def test_the_time_left_runs_on_between_two_writes(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    said = {"stage": "training", "done": 1, "total": 3, "unit": "steps", "rate": 0.01}
    path.write_text(json.dumps({**said, "seconds_left": 200.0, "updated": time.time() - 50}))
    found = read_progress(path)
    assert found is not None
    assert found.seconds_left is not None
    assert 100 < found.seconds_left <= 150


def test_a_command_writes_the_file_that_the_variable_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert isinstance(progress_for(io.StringIO()), LineProgress)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    lines = io.StringIO()
    with progress_for(lines).stage("scoring", total=2, unit="answers") as advance:
        advance(2)
    found = read_progress(tmp_path / "progress.json")
    assert found is not None
    assert (found.stage, found.done) == ("scoring", 2)
    assert "scoring: 2 of 2 answers" in lines.getvalue()

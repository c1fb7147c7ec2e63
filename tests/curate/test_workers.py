"""Worker processes: the same bytes with and without them, errors that come through, none without its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tunesmith.curate import ingest as stage
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.formats.columns import mapped
from tunesmith.curate.io import open_input
from tunesmith.curate.measuring import Unmeasured, measure_shards
from tunesmith.curate.progress import Progress
from tunesmith.curate.shards import beside
from tunesmith.curate.workers import in_order, may_fork, worker_count, worker_processes
from tunesmith.errors import InputError, OutputError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forks, which only Linux does safely")


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    raise InputError("expected an even number", where=f"row {number}", remedy="add one")


def stumble(number: int) -> int:
    return number // 0


def end(number: int) -> int:
    os._exit(9)


def test_results_come_in_the_order_of_the_tasks() -> None:
    with worker_processes(2) as workers:
        assert list(in_order(workers, double, range(50))) == [2 * number for number in range(50)]


def test_only_two_more_tasks_are_taken_than_there_are_workers() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    with worker_processes(2) as workers:
        results = in_order(workers, double, tasks())
        next(results)
        assert len(taken) == 4
        results.close()  # type: ignore[attr-defined]


def test_an_error_for_a_person_keeps_its_type_and_its_words() -> None:
    with (
        worker_processes(2) as workers,
        pytest.raises(InputError, match="row 7: expected an even number") as found,
    ):
        list(in_order(workers, refuse, [7]))
    assert (found.value.where, found.value.remedy) == ("row 7", "add one")


def test_a_bug_keeps_its_traceback() -> None:
    with worker_processes(2) as workers, pytest.raises(ZeroDivisionError) as found:
        list(in_order(workers, stumble, [1]))
    assert "in stumble" in str(found.value.__cause__)


def test_a_killed_worker_is_said_with_what_to_do() -> None:
    with worker_processes(2) as workers, pytest.raises(OutputError, match="run the same command again"):
        list(in_order(workers, end, [1, 2, 3]))


def test_no_process_is_left_behind() -> None:
    with worker_processes(2) as workers:
        assert workers is not None
        there = {workers.pool.submit(os.getpid).result() for _ in range(8)}
    assert os.getpid() not in there
    assert not any(Path(f"/proc/{pid}").exists() for pid in there)


def test_a_process_with_threads_is_not_forked() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(may_fork()))
    thread.start()
    thread.join()
    assert found == [False]


def test_one_worker_is_this_process() -> None:
    assert worker_count(1) == 0
    assert worker_count(3) in (0, 3)


PLAN_FORMATS = [*FORMATS.values(), mapped({"prompt": "ask", "answer": "reply"}), mapped({"conversations": "c"})]


@pytest.mark.parametrize("form", PLAN_FORMATS, ids=lambda form: form.name)
def test_every_format_travels_to_a_worker(form: stage.Format) -> None:
    import pickle

    again = pickle.loads(pickle.dumps(form))  # noqa: S301 (our own bytes)
    assert (again.name, again.keys) == (form.name, form.keys)


ROWS = b"".join(
    [b'{"instruction": "Say %d", "input": "", "output": "%d, said."}\n' % (number, number) for number in range(40)]
    + [b'{"cut\n', b"\n", b'{"instruction": "caf\xe9", "output": "x"}\n', b'{"text": "a"}\n']
)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def plan_in(folder: Path) -> stage.Plan:
    (folder / "rows.jsonl").write_bytes(ROWS)
    return stage.Plan("rows", open_input(folder / "rows.jsonl"), None)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_shards_have_the_same_bytes_with_any_number_of_workers(
    tmp_path: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.curate.ingest.SHARD_ROWS", 8)
    here = stage.ingest(plan_in(tmp_path), tmp_path / "here", Progress())
    with worker_processes(count) as workers:
        there = stage.ingest(
            plan_in(tmp_path), tmp_path / "there", Progress(), partial(in_order, workers, stage.convert_shard)
        )
    assert here.rows == there.rows == 43
    assert files_of(tmp_path / "here") == files_of(tmp_path / "there")
    assert len(here.shards) == 6


class Stopping(Progress):
    """Stops after a number of steps, as Ctrl-C does."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        def advance(done: int) -> None:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt

        yield advance


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_a_stopped_ingest_with_workers_goes_on_to_the_same_bytes(
    tmp_path: Path, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.curate.ingest.SHARD_ROWS", 8)
    stage.ingest(plan_in(tmp_path), tmp_path / "whole", Progress())
    with worker_processes(2) as workers, pytest.raises(KeyboardInterrupt):
        stage.ingest(
            plan_in(tmp_path), tmp_path / "cut", Stopping(steps), partial(in_order, workers, stage.convert_shard)
        )
    stage.ingest(plan_in(tmp_path), tmp_path / "cut", Progress())
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "whole")


def test_a_shard_that_a_worker_finished_ahead_of_the_others_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.curate.ingest.SHARD_ROWS", 8)
    folder = tmp_path / "rows"
    whole = stage.ingest(plan_in(tmp_path), folder, Progress())
    (folder / "done.json").unlink()
    whole.shards[2].unlink()
    before = {path.name: path.stat().st_mtime_ns for path in whole.shards if path.exists()}
    again = stage.ingest(plan_in(tmp_path), folder, Progress())
    assert again == whole
    assert {name: (folder / name).stat().st_mtime_ns for name in before} == before


KILLED = """
import os, sys
from tunesmith.curate.workers import worker_processes
with worker_processes(2) as workers:
    print(*{workers.pool.submit(os.getpid).result() for _ in range(20)}, flush=True)
    sys.stdin.read()
"""


def test_workers_end_with_a_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert workers
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while any(map(runs, workers)) and time.monotonic() < deadline:
        os.sched_yield()
    assert not any(map(runs, workers))
    parent.stdout.close()


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie, which nobody in a container may ever collect."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


KILLED_AT_THE_END = """
import os, signal, sys
from concurrent.futures import process
from tunesmith.curate.workers import worker_processes

victim, join = int(sys.argv[1]), process._ExecutorManagerThread.join_executor_internals

def killed_first(manager):
    os.kill(sorted(manager.processes)[victim], signal.SIGKILL)
    join(manager)

process._ExecutorManagerThread.join_executor_internals = killed_first
for _ in range(100):
    with worker_processes(2) as workers:
        workers.pool.submit(int).result()
    print("left", flush=True)
"""


@pytest.mark.parametrize("victim", [0, 1])
def test_a_worker_killed_while_it_is_told_to_end_holds_nobody_up(victim: int) -> None:
    """Which of the two waits with the lock in its hand is chance: one of them does."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_THE_END, str(victim)], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout.split(), done.stderr) == (["left"] * 100, "")


CHILDREN_IGNORED = """
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
code = "from tunesmith.curate.workers import worker_processes\\nwith worker_processes(2): print('in')\\nprint('out')"
os.execv(sys.executable, [sys.executable, "-c", code])
"""


def test_workers_end_where_nobody_may_wait_for_children() -> None:
    """A parent that ignores SIGCHLD hands that down to what it starts."""
    command = [sys.executable, "-c", CHILDREN_IGNORED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["in", "out"]


class Told(Progress):
    """Keeps the total and the steps of each stage."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int | None, list[int]]] = {}

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        self.found[name] = (total, [])
        yield self.found[name][1].append


@pytest.mark.parametrize("workers", [0, 2])
def test_measuring_counts_rows_also_of_a_last_shard_that_is_not_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr("tunesmith.curate.ingest.SHARD_ROWS", 8)
    whole = stage.ingest(plan_in(tmp_path), tmp_path / "rows", Progress())
    for path in whole.shards:
        beside(path, "signals").unlink()
    monkeypatch.setattr("tunesmith.curate.measuring.worker_count", lambda wished: workers)
    told = Told()
    measure_shards([Unmeasured(path, basic=False) for path in whole.shards], told, 2)
    total, steps = told.found["measure"]
    assert (total, sorted(steps)) == (43, [3, 8, 8, 8, 8, 8])
    assert all(beside(path, "signals").exists() for path in whole.shards)

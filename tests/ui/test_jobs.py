"""Jobs: a command of its own each, one after another, whatever is killed and whoever looks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from tests.ui.jobs_given import KEY_VARIABLE, QUICK, Answers, end_of, held_command, holding_server, wait_for
from tunesmith.errors import InputError, OutputError
from tunesmith.ui.jobs import Job, cancel, go_on, log_of, read_job, read_jobs, remove, retry, submit
from tunesmith.ui.jobs_folder import make_folder, write_end
from tunesmith.ui.jobs_processes import is_alive, mark_of
from tunesmith.ui.jobs_queue import PLACES
from tunesmith.ui.workspace import Workspace

SECRET = "sk-very-secret-0815"  # noqa: S105


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    with holding_server() as server:
        yield server


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a session of its own, as a command has."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def folder_of(workspace: Workspace, job: Job) -> Path:
    return workspace.inside("jobs", job.id)


def by_hand(workspace: Workspace, number: int, **files: object) -> Path:
    """A job's folder as it may be found: `by_hand(workspace, 1, process={…})`."""
    folder = workspace.folder("jobs") / f"{number:06d}-c0ffee"
    folder.mkdir()
    spec = {"kind": "x", "title": "t", "arguments": ["demo"], "result": None, "by": "", "created": 1.0}
    for name, found in {"spec": spec, **files}.items():
        text = found if isinstance(found, str) else json.dumps(found)
        (folder / f"{name}.json").write_text(text)
    return folder


def test_jobs_run_in_the_workspace_one_after_another_and_tell_how_they_ended(workspace: Workspace) -> None:
    (workspace.root / "yaml.py").write_text("raise SystemExit(9)")  # what lies in a workspace is never run
    (workspace.root / "rows.jsonl").write_text('{"instruction": "2 + 2?", "output": "four"}\n')
    good = submit(workspace, "convert", "good", ["curate", "convert", "rows.jsonl", "--to", "openai", "-o", "o.jsonl"])
    bad = submit(
        workspace, "curate", "bad", ["curate", "run", "none.yaml", "--out", "runs/x"], result="runs/x", by="李"
    )
    wrong = submit(workspace, "curate", "wrong", QUICK)
    first, second, third = (end_of(workspace, job) for job in (good, bad, wrong))
    assert (first.state, first.exit_code) == ("done", 0), log_of(workspace, first.id)
    assert (workspace.root / "o.jsonl").is_file()
    assert (second.state, second.failure, second.exit_code) == ("failed", "input", 2)
    assert second.message == "none.yaml: expected a recipe, found no such file; check the path"
    assert (second.result, second.by) == ("runs/x", "李")
    assert (third.failure, third.message) == ("input", "No such option: --nonsense")
    assert first.created <= second.created <= third.created
    assert first.ended and second.started and second.ended and third.started  # noqa: PT018
    assert first.ended <= second.started
    assert second.ended <= third.started
    assert [job.title for job in read_jobs(workspace)] == ["wrong", "bad", "good"]
    assert "No such option" in log_of(workspace, wrong.id)


def test_nothing_is_started_twice_whoever_looks_at_the_queue(workspace: Workspace) -> None:
    look = "import sys, pathlib, time\nfrom tunesmith.ui.jobs import read_jobs\n"
    look += "from tunesmith.ui.workspace import Workspace\n"
    look += "while any(job.is_open for job in read_jobs(Workspace(pathlib.Path(sys.argv[1])))): time.sleep(0.002)"
    with ThreadPoolExecutor(4) as tabs:
        made = list(tabs.map(lambda n: submit(workspace, "x", str(n), QUICK), range(3)))
    servers = [subprocess.Popen([sys.executable, "-c", look, str(workspace.root)]) for _ in range(2)]
    assert [server.wait(120) for server in servers] == [0, 0]
    ended = read_jobs(workspace)
    assert [job.state for job in ended] == ["failed"] * 3
    assert sorted(job.id for job in ended) == sorted(job.id for job in made)
    assert len({job.id.partition("-")[0] for job in made}) == 3
    in_turn = ended[::-1]
    assert all((a.ended or 0) <= (b.started or 0) for a, b in pairwise(in_turn))
    for job in made:
        assert log_of(workspace, job.id).count("Usage: ") == 1
        assert (folder_of(workspace, job) / "tries").read_bytes() == b"x"


def test_a_running_job_gets_the_key_tells_its_progress_and_is_cancelled_with_its_command(
    workspace: Workspace, answers: Answers
) -> None:
    job = submit(workspace, "predict", "held", held_command(workspace, answers))
    after = submit(workspace, "curate", "after", QUICK)
    never = submit(workspace, "curate", "never", QUICK)
    running = wait_for(workspace, job, lambda found: found.progress is not None and bool(answers.keys))
    assert answers.keys == [f"Bearer {SECRET}"]
    for path in folder_of(workspace, job).iterdir():
        assert SECRET not in path.read_text(), path.name
    assert running.progress is not None
    assert (running.progress.stage, running.progress.total, running.progress.unit) == ("predict", 1, "questions")
    assert cancel(workspace, never.id).state == "cancelled"
    command = json.loads((folder_of(workspace, job) / "command.json").read_text())
    assert cancel(workspace, job.id).stopping or not read_job(workspace, job.id).is_open
    assert end_of(workspace, job).state == "cancelled"
    assert not is_alive(command["pid"], command["mark"])
    assert end_of(workspace, after).failure == "input"
    assert cancel(workspace, job.id).state == "cancelled"
    assert read_job(workspace, never.id).started is None


def test_a_supervisor_that_is_killed_leaves_a_lost_job_nothing_running_and_a_queue_that_goes_on(
    workspace: Workspace, answers: Answers
) -> None:
    job = submit(workspace, "predict", "held", held_command(workspace, answers))
    after = submit(workspace, "curate", "after", QUICK)
    folder = folder_of(workspace, job)
    wait_for(workspace, job, lambda found: (folder / "command.json").exists())
    process, command = (json.loads((folder / f"{name}.json").read_text()) for name in ("process", "command"))
    os.kill(process["pid"], signal.SIGKILL)
    assert end_of(workspace, job).state == "lost"
    assert end_of(workspace, after).failure == "input"
    assert not is_alive(command["pid"], command["mark"])
    again = retry(workspace, job.id)
    assert (again.title, again.arguments, again.id != job.id) == ("held", job.arguments, True)
    assert retry(workspace, job.id).id == again.id  # a second press: two would write one output
    cancel(workspace, again.id)
    assert end_of(workspace, again).state == "cancelled"
    third = retry(workspace, job.id)
    assert third.id not in (job.id, again.id)
    cancel(workspace, third.id)
    end_of(workspace, third)


def test_a_machine_that_goes_down_starts_nothing_more(workspace: Workspace, answers: Answers) -> None:
    job = submit(workspace, "predict", "held", held_command(workspace, answers))
    folder = folder_of(workspace, job)
    wait_for(workspace, job, lambda found: (folder / "command.json").exists())
    waits = by_hand(workspace, 2)
    supervisor = json.loads((folder / "process.json").read_text())
    os.kill(supervisor["pid"], signal.SIGTERM)
    until = time.monotonic() + 60
    while is_alive(supervisor["pid"], supervisor["mark"]) and time.monotonic() < until:
        time.sleep(0.02)
    assert not (waits / "process.json").exists()
    assert json.loads((folder / "end.json").read_text())["state"] == "lost"


def test_as_many_run_at_once_as_there_are_places(
    workspace: Workspace, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLACES, "2")
    first = by_hand(workspace, 1, process={"pid": os.getpid(), "mark": mark_of(os.getpid()), "started": time.time()})
    second = submit(workspace, "x", "held", held_command(workspace, answers))
    third = submit(workspace, "x", "quick", QUICK)
    wait_for(workspace, second, lambda found: found.state == "running")
    assert [job.state for job in read_jobs(workspace)] == ["queued", "running", "running"]
    write_end(first, "done", exit_code=0)
    assert end_of(workspace, third).failure == "input"
    cancel(workspace, second.id)
    assert end_of(workspace, second).state == "cancelled"


def test_a_wrong_number_of_places_is_told_before_anything_is_queued(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in ("0", "many", "-1"):
        monkeypatch.setenv(PLACES, wrong)
        with pytest.raises(InputError, match="set it to 1 or more"):
            submit(workspace, "x", "t", ["demo"])
    assert not list(workspace.folder("jobs").iterdir())


def test_a_server_that_is_killed_while_it_submits_leaves_a_job_that_runs_once(workspace: Workspace) -> None:
    code = "import os, pathlib, signal, sys\nfrom tunesmith.ui.jobs import submit\n"
    code += "from tunesmith.ui.workspace import Workspace\n"
    code += "submit(Workspace(pathlib.Path(sys.argv[1])), 'x', 'killed', ['--nonsense'])\n"
    code += "os.kill(os.getpid(), signal.SIGKILL)"  # its supervisor has not even begun
    killed = subprocess.run([sys.executable, "-c", code, str(workspace.root)], check=False)
    assert killed.returncode == -signal.SIGKILL
    spec = {"kind": "x", "title": "never started", "arguments": QUICK, "result": None, "by": ""}
    make_folder(workspace.folder("jobs"), spec)  # as by a server that was killed a moment earlier
    for job in read_jobs(workspace):
        assert end_of(workspace, job).failure == "input"
        assert log_of(workspace, job.id).count("Usage: ") == 1
        assert (folder_of(workspace, job) / "tries").read_bytes() == b"x"


def test_what_runs_on_after_its_supervisor_vanished_is_ended(
    workspace: Workspace, sleeper: subprocess.Popen[bytes]
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    mark = mark_of(gone.pid)
    gone.wait()
    command = {"pid": sleeper.pid, "mark": mark_of(sleeper.pid)}
    by_hand(workspace, 1, process={"pid": gone.pid, "mark": mark, "started": 2.0}, command=command)
    assert [job.state for job in read_jobs(workspace)] == ["lost"]
    assert sleeper.wait(10) == -signal.SIGKILL


def test_another_process_with_the_number_of_a_lost_command_is_left_alone(
    workspace: Workspace, sleeper: subprocess.Popen[bytes]
) -> None:
    process = {"pid": sleeper.pid, "mark": "of another boot", "started": 2.0}
    folder = by_hand(workspace, 1, process=process, command={"pid": sleeper.pid, "mark": "of another boot"})
    go_on(workspace)
    assert json.loads((folder / "end.json").read_text())["state"] == "lost"
    assert sleeper.poll() is None


@pytest.mark.parametrize(
    "files",
    [
        {"spec": ""},
        {"spec": "[]"},
        {"spec": "{}"},
        {"spec": {"kind": "x", "title": "t", "arguments": "demo", "result": None, "by": "", "created": 1}},
        {"end": "{"},
        {"end": {"state": "perhaps", "ended": 1, "exit_code": 0, "message": ""}},
        {"process": '{"pid": "'},
        {"process": {"pid": 1}},
    ],
)
def test_a_damaged_job_is_shown_as_such_and_can_be_removed(workspace: Workspace, files: dict[str, object]) -> None:
    folder = by_hand(workspace, 1, **files)
    [job] = read_jobs(workspace)
    assert (job.id, job.state) == (folder.name, "unreadable")
    assert job.message
    remove(workspace, job.id)
    assert read_jobs(workspace) == []


def test_a_damaged_job_without_a_spec_does_not_stop_the_queue(workspace: Workspace) -> None:
    (workspace.folder("jobs") / "000001-c0ffee").mkdir()
    job = submit(workspace, "curate", "after", QUICK)
    assert end_of(workspace, job).failure == "input"
    assert [job.state for job in read_jobs(workspace)] == ["failed", "unreadable"]


def test_jobs_are_told_where_nothing_can_be_written_and_whoever_wants_something_done_hears_why(
    workspace: Workspace,
) -> None:
    folder = by_hand(workspace, 1)
    (folder / "tries").mkdir()  # as good as a full disk, also for root
    assert [job.state for job in read_jobs(workspace)] == ["queued"]
    for act in (lambda: go_on(workspace), lambda: submit(workspace, "x", "t", QUICK)):
        with pytest.raises(OutputError, match=r"the jobs cannot be written: .*check the disk"):
            act()


def test_a_job_that_cannot_begin_is_not_tried_for_ever(workspace: Workspace) -> None:
    folder = by_hand(workspace, 1)
    (folder / "tries").write_bytes(b"xxx")
    go_on(workspace)
    [job] = read_jobs(workspace)
    assert (job.state, job.failure) == ("failed", "start")
    assert "3 times" in job.message


def test_only_what_has_ended_is_retried_or_removed(workspace: Workspace, sleeper: subprocess.Popen[bytes]) -> None:
    running = {"pid": sleeper.pid, "mark": mark_of(sleeper.pid), "started": time.time()}
    folder = by_hand(workspace, 1, process=running)
    assert read_job(workspace, folder.name).state == "running"
    for act in (retry, remove):
        with pytest.raises(InputError, match="has not ended"):
            act(workspace, folder.name)


@pytest.mark.parametrize("name", ["../../etc", "000009-abcdef", "", "."])
def test_a_name_that_is_no_job_is_told(workspace: Workspace, name: str) -> None:
    for act in (read_job, cancel, retry, remove):
        with pytest.raises(InputError, match="there is no job"):
            act(workspace, name)
    with pytest.raises(InputError):
        log_of(workspace, "../secret")


def test_what_a_killed_submit_left_is_no_job_and_is_cleared_away(workspace: Workspace) -> None:
    part = workspace.folder("jobs") / ".new-0123456789ab"
    part.mkdir()
    assert read_jobs(workspace) == []
    job = submit(workspace, "curate", "next", QUICK)
    assert not part.exists()
    assert [found.id for found in read_jobs(workspace)] == [job.id]
    end_of(workspace, job)


def test_ended_jobs_are_read_from_the_disk_once(workspace: Workspace) -> None:
    end = {"state": "done", "exit_code": 0, "message": "", "failure": "", "ended": 3.0}
    folders = [by_hand(workspace, n, end=end) for n in range(1, 4)]
    assert [job.state for job in read_jobs(workspace)] == ["done"] * 3
    for folder in folders:
        (folder / "spec.json").unlink()
    assert [job.title for job in read_jobs(workspace)] == ["t"] * 3


def test_the_list_of_an_empty_or_absent_workspace_is_empty(workspace: Workspace, tmp_path: Path) -> None:
    assert read_jobs(workspace) == []
    assert read_jobs(Workspace(tmp_path / "nowhere")) == []

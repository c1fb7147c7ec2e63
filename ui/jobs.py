"""Long work, as a command line of its own that survives a refresh, a second tab and a restart of the server.

Every job is a folder of the workspace (`jobs_folder.py`), looked after by a small process of its own
(`job_process.py`) that starts the next in the queue when it ends (`jobs_queue.py`). A workspace belongs to one machine
at a time; any number of servers on it may share it.

>>> job = submit(workspace, "curate", "medical", ["curate", "run", "recipes/medical.yaml", "--out", "runs/medical"])
... # doctest: +SKIP
>>> read_job(workspace, job.id).state  # doctest: +SKIP
'running'
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tunesmith.errors import InputError, OutputError
from tunesmith.ui import jobs_queue
from tunesmith.ui.jobs_folder import (
    CANCEL,
    LOG,
    PROCESS,
    folders,
    make_folder,
    read_folder,
    read_json,
    write_end,
    write_json,
)
from tunesmith.ui.jobs_log import tail_of
from tunesmith.ui.jobs_processes import is_alive
from tunesmith.ui.jobs_types import Job as Job
from tunesmith.ui.jobs_types import Progress as Progress
from tunesmith.ui.jobs_types import State as State
from tunesmith.ui.workspace import Workspace


def submit(
    workspace: Workspace, kind: str, title: str, arguments: Sequence[str], *, result: str | None = None, by: str = ""
) -> Job:
    """Queue a command; it starts as soon as its turn comes.

    :raises InputError: TUNESMITH_JOBS holds no number.
    :raises OutputError: the workspace cannot be written.
    """
    jobs_queue.places()
    jobs = workspace.folder("jobs").resolve()
    spec = {"kind": kind, "title": title, "arguments": list(arguments), "result": result, "by": by}
    with _writing(jobs), jobs_queue.queue_lock(jobs) as lock:
        jobs_queue.discard_parts(jobs)
        folder = make_folder(jobs, spec)
        jobs_queue.advance(jobs, lock)
    return read_folder(folder)


@contextmanager
def _writing(jobs: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"the jobs cannot be written: {error.strerror or error}"
        remedy = "check the disk and the permissions of the workspace"
        raise OutputError(what, where=str(jobs), remedy=remedy) from error


def read_jobs(workspace: Workspace) -> list[Job]:
    """All jobs, latest first. They are told also where the disk is full, and nothing can be started or settled."""
    found = _all(workspace)
    if jobs_queue.is_stuck(found):
        with suppress(OutputError):  # `submit` tells it to whoever wants something done
            go_on(workspace)
        found = _all(workspace)
    return found[::-1]


def _all(workspace: Workspace) -> list[Job]:
    found = [(folder, read_folder(folder)) for folder in folders(workspace.folder("jobs").resolve())]
    return [job for folder, job in found if job.state != "unreadable" or folder.is_dir()]  # or it was just removed


def read_job(workspace: Workspace, job: str) -> Job:
    """One job.

    :raises InputError: no such job.
    """
    found = next((one for one in read_jobs(workspace) if one.id == job), None)
    if found is None:
        raise InputError(f"there is no job {job!r}", remedy="choose one from the list; it may have been removed")
    return found


def go_on(workspace: Workspace) -> None:
    """Start what waits and settle what was lost. Reading the jobs does the same.

    :raises OutputError: the workspace cannot be written.
    """
    jobs = workspace.folder("jobs").resolve()
    with _writing(jobs):
        jobs_queue.go_on(jobs)


def cancel(workspace: Workspace, job: str) -> Job:
    """Take a job out of the queue, or ask it to end: its command and all that it started have 10 seconds for it.

    One that ended already stays as it is.

    :raises InputError: no such job.
    :raises OutputError: the workspace cannot be written, or the job is another user's.
    """
    jobs = workspace.folder("jobs").resolve()
    folder = jobs / read_job(workspace, job).id
    with _writing(jobs), jobs_queue.queue_lock(jobs) as lock:
        found = read_folder(folder)
        if found.state == "queued":
            write_end(folder, "cancelled")
            jobs_queue.advance(jobs, lock)
        elif found.state == "running" and not found.stopping:
            write_json(folder / CANCEL, {})
            _ask_to_end(folder)
    return read_folder(folder)


def _ask_to_end(folder: Path) -> None:
    process = read_json(folder / PROCESS) or {}
    try:
        if is_alive(int(process["pid"]), str(process["mark"])):
            os.kill(int(process["pid"]), signal.SIGTERM)
    except ProcessLookupError:  # it ended just now
        return
    except PermissionError as error:
        what = "the job was started by another user of this machine"
        raise OutputError(what, where=folder.name, remedy="stop it as that user") from error


def retry(workspace: Workspace, job: str) -> Job:
    """The same command once more, as a new job; a curation run goes on where it stopped.

    Where that very command waits or runs already, as after a second press, it is that job: two would write one output.

    :raises InputError: no such job, or it has not ended.
    """
    old = _ended(workspace, job)
    for other in read_jobs(workspace):
        if other.is_open and other.arguments == old.arguments:
            return other
    return submit(workspace, old.kind, old.title, old.arguments, result=old.result, by=old.by)


def remove(workspace: Workspace, job: str) -> None:
    """Take an ended job off the list, with its log; what it made stays.

    :raises InputError: no such job, or it has not ended.
    """
    folder = workspace.folder("jobs").resolve() / _ended(workspace, job).id
    gone = folder.with_name(f".gone-{secrets.token_hex(6)}")
    with _writing(folder.parent):
        try:
            folder.rename(gone)
        except FileNotFoundError:  # another tab was quicker
            return
    shutil.rmtree(gone, ignore_errors=True)


def _ended(workspace: Workspace, job: str) -> Job:
    found = read_job(workspace, job)
    if found.is_open:
        raise InputError(f"the job {job!r} has not ended", remedy="wait for it, or cancel it first")
    return found


def log_of(workspace: Workspace, job: str, *, lines: int = 200) -> str:
    """The end of a job's log; empty where it has printed nothing yet.

    :raises InputError: no such job.
    """
    return "\n".join(tail_of(log_path(workspace, job), lines))


def log_path(workspace: Workspace, job: str) -> Path:
    """Where a job's whole log is, once it has begun.

    :raises InputError: a name that is none of ours.
    """
    return workspace.inside("jobs", job) / LOG

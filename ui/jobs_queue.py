"""The queue: who starts when. There is no process that only watches: each end of a job starts the next one.

One lock guards it, a file that the system unlocks when its holder dies. Who starts a job hands the lock to the new
supervisor by inheritance, and that one gives it back once the job bears its name. So at any moment either the job still
waits and the lock is free, or somebody alive holds the lock, or the job tells who runs it: never is it started twice.

>>> with queue_lock(jobs) as lock:  # doctest: +SKIP
...     advance(jobs, lock)
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunesmith.errors import InputError, OutputError
from tunesmith.ui.jobs_folder import CANCEL, COMMAND, LOG, folders, read_folder, read_json, write_end
from tunesmith.ui.jobs_processes import is_alive, kill_below, signal_group
from tunesmith.ui.jobs_types import Job

#: The variable that says how many jobs run at once; one, because a training wants the whole GPU.
PLACES = "TUNESMITH_JOBS"

_LOCK = ".lock"
_TRIES = "tries"
_TRIES_AT_MOST = 3
_PATIENCE_SECONDS = 10.0

#: Supervisors that this process started: looked at now and then, so that the ended ones do not stay as zombies.
_started: list[subprocess.Popen[bytes]] = []


def places() -> int:
    """How many jobs run at once.

    :raises InputError: the variable holds no number from 1 on.
    """
    text = os.environ.get(PLACES, "").strip() or "1"
    if not text.isdecimal() or int(text) < 1:
        raise InputError(
            f"expected how many jobs run at once, saw {text!r}", where=PLACES, remedy="set it to 1 or more"
        )
    return int(text)


@contextmanager
def queue_lock(jobs: Path) -> Iterator[int]:
    """Alone with the queue, among all threads and processes.

    :raises OutputError: others hold it for 10 seconds: one of them hangs.
    """
    with _lock_within(jobs, _PATIENCE_SECONDS) as lock:
        if lock is None:
            what = f"another process has held the queue of jobs for {_PATIENCE_SECONDS:.0f} seconds"
            raise OutputError(what, where=str(jobs / _LOCK), remedy="try again; if it lasts, restart the app")
        yield lock


def go_on(jobs: Path) -> None:
    """Start what waits and settle what was lost; nothing where another does so at this moment."""
    with _lock_within(jobs, 0.0) as lock:
        if lock is not None:
            advance(jobs, lock)


@contextmanager
def _lock_within(jobs: Path, seconds: float) -> Iterator[int | None]:
    try:
        lock = os.open(jobs / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        what = f"the queue of jobs cannot be opened: {error.strerror}"
        raise OutputError(what, where=str(jobs), remedy="check the folder and its permissions") from error
    try:
        yield lock if _taken(lock, seconds) else None
    finally:
        os.close(lock)  # not unlocked: a supervisor that inherited it still holds it


def _taken(lock: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
        else:
            return True


def advance(jobs: Path, lock: int) -> None:
    """Settle what was lost, and start the first that waits if there is a place; that one starts the next.

    :param lock: held by the caller, who closes it afterwards.
    """
    _started[:] = [process for process in _started if process.poll() is None]
    found = [read_folder(folder) for folder in folders(jobs)]
    for job in found:
        if job.state == "lost" and job.ended is None:
            _settle(jobs / job.id)
    if sum(job.state == "running" for job in found) < places():
        _start_first([job for job in found if job.state == "queued"], jobs, lock)


def is_stuck(found: list[Job]) -> bool:
    """Whether somebody must look after the queue: a job was lost, or waits for a place that is free."""
    running = sum(job.state == "running" for job in found)
    waits = any(job.state == "queued" for job in found)
    return (waits and running < places()) or any(job.state == "lost" and job.ended is None for job in found)


def _settle(folder: Path) -> None:
    """A job whose supervisor vanished: what may still run of it is ended, for the next needs its place and its GPU."""
    pid, mark = _command_of(folder)
    if is_alive(pid, mark):
        kill_below(pid)
        signal_group(pid, signal.SIGKILL)
    write_end(folder, "cancelled" if (folder / CANCEL).exists() else "lost")


def _command_of(folder: Path) -> tuple[int, str]:
    try:
        command = read_json(folder / COMMAND) or {}
        return int(command.get("pid", 0)), str(command.get("mark", ""))
    except (ValueError, TypeError):  # damaged: what may run cannot be found
        return 0, ""


def _start_first(waiting: list[Job], jobs: Path, lock: int) -> None:
    for job in waiting:
        fault = _start(jobs / job.id, lock)
        if fault is None:
            return
        write_end(jobs / job.id, "failed", message=fault, failure="start")


def _start(folder: Path, lock: int) -> str | None:
    """Start the job's supervisor, which goes on by itself; else why it cannot be."""
    with (folder / _TRIES).open("ab") as tries:
        if tries.tell() >= _TRIES_AT_MOST:
            return f"its process ended {_TRIES_AT_MOST} times before it began; the log says why"
        tries.write(b"x")
    command = [sys.executable, "-m", "tunesmith.ui.job_process", str(folder), str(lock)]
    with (folder / LOG).open("ab") as log:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder.parent.parent,
                env={**os.environ, "PYTHONSAFEPATH": "1"},  # or files in the workspace could be taken for modules
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock,),
            )
        except OSError as error:
            return f"its process could not be started: {error.strerror}"
    _started.append(process)
    return None


def discard_parts(jobs: Path) -> None:
    """Remove what a killed `submit` or `remove` left behind. The caller holds the lock."""
    for pattern in (".new-*", ".gone-*"):
        for path in jobs.glob(pattern):
            shutil.rmtree(path, ignore_errors=True)

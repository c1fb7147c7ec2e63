"""The process that looks after one job: runs its command, writes how it ended, starts the next in the queue.

    python -m tunesmith.ui.job_process workspace/jobs/000001-c0ffee 7      (7: the queue's lock, inherited)

SIGTERM asks it to end the job: the command gets SIGTERM, and after a grace it and all that it started get SIGKILL.
It imports nothing heavy: it lives as long as the command and shall cost nothing beside it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tunesmith.curate.progress_file import VARIABLE
from tunesmith.ui.jobs_folder import (
    CANCEL,
    COMMAND,
    LOG,
    PROGRESS,
    SPEC,
    claim,
    process_told,
    read_json,
    write_end,
    write_json,
)
from tunesmith.ui.jobs_log import how_it_failed, last_line, tail_of
from tunesmith.ui.jobs_processes import adopt_orphans, kill_below, signal_group
from tunesmith.ui.jobs_queue import advance, queue_lock

GRACE_SECONDS = 10.0
_LEFTOVERS_SECONDS = 1.0
_LINES = 400  # of the log's end that are searched for why it failed


def main(folder: Path, lock: int) -> None:
    """Look after one job.

    :param lock: the queue's, held for us by who started this process.
    """
    stop = Stop()
    signal.signal(signal.SIGTERM, stop)
    try:
        if not claim(folder):
            return
        advance(folder.parent, lock)
    finally:
        os.close(lock)
    supervise(folder, stop)
    if stop.asked and not (folder / CANCEL).exists():
        return  # the machine goes down: nothing more is started now
    with queue_lock(folder.parent) as again:
        advance(folder.parent, again)


class Stop:
    """What SIGTERM does; nothing more than once."""

    def __init__(self, grace: float = GRACE_SECONDS) -> None:
        self.asked = False
        self._grace = grace
        self._command: subprocess.Popen[bytes] | None = None

    def __call__(self, number: int, frame: Any) -> None:
        first, self.asked = not self.asked, True
        if first:
            self._pass_on()

    def watch(self, command: subprocess.Popen[bytes]) -> None:
        """From now on this command is what ends. A signal that came before it is passed on now."""
        self._command = command
        if self.asked:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._command is not None and self._command.returncode is None:
            signal.signal(signal.SIGALRM, self._kill)
            signal.setitimer(signal.ITIMER_REAL, self._grace)
            signal_group(self._command.pid, signal.SIGTERM)

    def _kill(self, number: int, frame: Any) -> None:
        kill_below(os.getpid())
        if self._command is not None and self._command.returncode is None:
            signal_group(self._command.pid, signal.SIGKILL)  # where there is no /proc to find the rest


def supervise(folder: Path, stop: Stop) -> None:
    """Run the command and write how it ended."""
    adopt_orphans()
    code: int | None = None
    if not stop.asked:
        try:
            code = _run(folder, stop)
        except OSError as error:
            write_end(folder, "failed", message=f"the command cannot be started: {error}", failure="start")
            return
    if code == 0:
        write_end(folder, "done", exit_code=0, message=last_line(tail_of(folder / LOG, _LINES)))
    elif stop.asked:
        write_end(folder, "cancelled" if (folder / CANCEL).exists() else "lost", exit_code=code)
    else:
        failure, message = how_it_failed(code or 0, tail_of(folder / LOG, _LINES))
        write_end(folder, "failed", exit_code=code, message=message, failure=failure)


def _run(folder: Path, stop: Stop) -> int:
    spec = read_json(folder / SPEC) or {}
    with (folder / LOG).open("ab") as log:
        command = subprocess.Popen(
            [sys.executable, "-m", "tunesmith.cli", *spec["arguments"]],
            cwd=folder.parent.parent,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    stop.watch(command)
    with suppress(OSError):  # a full disk: it runs all the same, and is only not found if this process is killed
        write_json(folder / COMMAND, process_told(command.pid))
    code = command.wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    kill_below(os.getpid(), wait=_LEFTOVERS_SECONDS)  # a launcher that failed may leave workers on the GPU
    return code


def _environment(folder: Path) -> dict[str, str]:
    """This process's own, keys and tokens included; with where to tell progress, and every line printed at once."""
    ours = {VARIABLE: str(folder / PROGRESS), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    return {**os.environ, **ours}


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

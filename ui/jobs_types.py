"""What a job is, for the pages. How it is kept: `jobs_folder.py`; who runs it: `job_process.py`.

>>> Job("000001-c0ffee", "curate", "medical", ("curate", "run", "recipes/medical.yaml"), "queued", 0.0).is_open
True
"""

from __future__ import annotations

from typing import Literal, NamedTuple

#: `lost`: its processes vanished without an end, as after a power cut. `unreadable`: its folder is damaged.
State = Literal["queued", "running", "done", "failed", "cancelled", "lost", "unreadable"]

#: Why a job failed. `input`: a mistake in what it was given (exit code 2); `gate`: a check that was asked for did not
#: pass (1); `bug`: a fault of ours, with a traceback; `killed`: ended from outside, mostly for want of memory;
#: `start`: it never began.
Failure = Literal["", "input", "gate", "bug", "killed", "start"]


class Progress(NamedTuple):
    """How far a job is: the stage, what is done of what (None where nobody knows), per second, seconds left."""

    stage: str
    done: int
    total: int | None
    unit: str
    rate: float
    seconds_left: float | None


class Job(NamedTuple):
    """A job as its folder tells.

    :param kind: `curate`, `train`, `predict`, `compare` …: what page it belongs to.
    :param arguments: the command line, without `tunesmith`, run in the workspace's folder.
    :param result: the path of what it makes, within the workspace.
    :param by: who asked for it.
    :param message: the last line for a person: why it failed, or what it said. Text of a program: show it as text.
    :param stopping: somebody cancelled it, and it is still ending.
    """

    id: str
    kind: str
    title: str
    arguments: tuple[str, ...]
    state: State
    created: float
    started: float | None = None
    ended: float | None = None
    progress: Progress | None = None
    exit_code: int | None = None
    message: str = ""
    result: str | None = None
    by: str = ""
    failure: Failure = ""
    stopping: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("queued", "running")

"""A job is a folder; each file in it is written whole, once, by one process, and none is ever changed.

    spec.json      what was asked for: kind, title, arguments, result, by, created      `submit`
    process.json   who looks after it: number and mark of the process, when it began    the supervisor, first of all
    command.json   the command's own number and mark                                    the supervisor
    progress.json  how far it is; the only one that is written again and again          the command
    cancel.json    somebody wants it ended                                              `cancel`
    end.json       how it ended: state, exit_code, message, failure, ended              the supervisor, or who misses it
    log            everything that it printed

So whatever is killed at whatever moment, the files tell a state. The environment, with its keys and tokens, is in none.

>>> read_folder(Path("workspace/jobs/000001-c0ffee")).state  # doctest: +SKIP
'queued'
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tunesmith.curate.progress_file import read_progress
from tunesmith.ui.jobs_processes import is_alive, mark_of
from tunesmith.ui.jobs_types import Failure, Job, Progress, State

SPEC, PROCESS, COMMAND, PROGRESS = "spec.json", "process.json", "command.json", "progress.json"
CANCEL, END, LOG = "cancel.json", "end.json", "log"

_ID = re.compile(r"\d{6,}-[0-9a-f]{6}")
_ENDS = ("done", "failed", "cancelled", "lost")


def folders(jobs: Path) -> list[Path]:
    """The jobs' folders in the order of the queue."""
    try:
        names = [entry.name for entry in os.scandir(jobs) if _ID.fullmatch(entry.name)]
    except FileNotFoundError:
        return []
    return [jobs / name for name in sorted(names, key=_number)]


def make_folder(jobs: Path, spec: Mapping[str, Any]) -> Path:
    """A new job at the end of the queue, there at once or not at all. The caller holds the queue's lock."""
    taken = folders(jobs)
    number = _number(taken[-1].name)[0] + 1 if taken else 1
    part = jobs / f".new-{secrets.token_hex(6)}"
    part.mkdir()
    write_json(part / SPEC, {**spec, "created": time.time()})
    return part.rename(jobs / f"{number:06d}-{secrets.token_hex(3)}")


def _number(name: str) -> tuple[int, str]:
    number, _, rest = name.partition("-")
    return int(number), rest


def claim(folder: Path) -> bool:
    """This process looks after the job from now on; False where another does. The caller holds the queue's lock."""
    if (folder / PROCESS).exists() or (folder / END).exists():
        return False
    write_json(folder / PROCESS, {**process_told(os.getpid()), "started": time.time()})
    return True


def process_told(pid: int) -> dict[str, Any]:
    """A process as the files tell it."""
    return {"pid": pid, "mark": mark_of(pid)}


def write_end(
    folder: Path, state: State, *, exit_code: int | None = None, message: str = "", failure: Failure = ""
) -> None:
    """The job is over."""
    told = {"state": state, "exit_code": exit_code, "message": message, "failure": failure, "ended": time.time()}
    write_json(folder / END, told)


def write_json(path: Path, found: Mapping[str, Any]) -> None:
    """Whole or not at all, and on the disk when this returns."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(found, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """An object of ours; None where there is no such file.

    :raises ValueError: what is there is no object.
    """
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} holds no object")
    return found


def read_folder(folder: Path) -> Job:
    """The job as its files tell; `unreadable` where they are damaged, never an error."""
    try:
        return _over(folder) or _open(folder)
    except (OSError, ValueError, TypeError, KeyError) as error:
        return Job(folder.name, "", folder.name, (), "unreadable", _age(folder), message=_fault(error))


@lru_cache(maxsize=8192)
def _ended(folder: str) -> Job:
    """A job that is over. An end never changes, so it is read once: a list of hundreds of jobs costs next to nothing.

    :raises FileNotFoundError: it is not over; that is not remembered.
    """
    path = Path(folder)
    end, process = json.loads((path / END).read_bytes()), read_json(path / PROCESS) or {}
    if end["state"] not in _ENDS:
        raise ValueError(f"{END} tells of no end: {end['state']!r}")
    return _asked_for(path)._replace(
        state=end["state"],
        started=_seconds(process.get("started")),
        ended=_seconds(end["ended"]),
        exit_code=end["exit_code"],
        message=str(end["message"]),
        failure=end.get("failure", ""),
    )


def _open(folder: Path) -> Job:
    """A job without an end: it waits, runs, or its supervisor vanished."""
    job, process = _asked_for(folder), read_json(folder / PROCESS)
    if process is None:
        return job
    started = _seconds(process["started"])
    if not is_alive(int(process["pid"]), str(process["mark"])):
        return _over(folder) or job._replace(state="lost", started=started)
    said = read_progress(folder / PROGRESS)
    progress = Progress(*said[:6]) if said else None
    stopping = (folder / CANCEL).exists()
    return job._replace(state="running", started=started, progress=progress, stopping=stopping)


def _over(folder: Path) -> Job | None:
    try:
        return _ended(str(folder))
    except FileNotFoundError:
        return None


def _asked_for(folder: Path) -> Job:
    spec = read_json(folder / SPEC)
    if spec is None:
        raise ValueError(f"{SPEC} is missing")
    result = spec["result"]
    return Job(
        id=folder.name,
        kind=str(spec["kind"]),
        title=str(spec["title"]),
        arguments=tuple(str(argument) for argument in _list(spec["arguments"])),
        state="queued",
        created=float(spec["created"]),
        result=None if result is None else str(result),
        by=str(spec["by"]),
    )


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{SPEC} holds no list of arguments")
    return value


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


def _age(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _fault(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else str(error)

"""Runs tasks in worker processes, sees the ones that die or hang, and names the input that did it.

>>> with Supervisor(checked=False) as one:
...     one.run(Task("formats", 7, 0, 1000)).accepted
411
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from fuzz_worker import PLACE

#: Processor time of one batch after which its process is ended from outside.
_HANG_SECONDS = 20.0
_LOOK_SECONDS = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")


class Task(NamedTuple):
    """Inputs `first` to `last` (exclusive) of a target; `alone`: one at a time."""

    target: str
    seed: int
    first: int
    last: int
    alone: bool = False


class Done(NamedTuple):
    """What came of a task. `slowest`: processor seconds of a batch, and its first input."""

    inputs: int
    accepted: int
    seconds: float
    slowest: tuple[float, int]
    findings: list[dict[str, Any]]


class Supervisor:
    """One worker process, started anew where it died."""

    def __init__(self, *, checked: bool, cache: Path | None = None) -> None:
        self._environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
        if checked:  # compiled code knows of no bounds, and numba's cache does not tell it from code that does
            self._environment |= {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(cache)}
        self._file = tempfile.NamedTemporaryFile(prefix="tunesmith-fuzz-")  # noqa: SIM115 (closed on exit)
        self._file.write(bytes(PLACE.size))
        self._file.flush()
        self._process = self._start()

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()
        self._file.close()

    def run(self, task: Task) -> Done:
        """All inputs of a task; those after one that kills its process go on in another."""
        found = self._answer(task)
        if isinstance(found, Done):
            return found
        if task.last - task.first == 1:
            return Done(1, 0, 0.0, (0.0, task.first), [_killed(task, found)])
        at = max(task.first, min(self._index(), task.last - 1))
        before = self.run(task._replace(last=at)) if at > task.first else Done(0, 0, 0.0, (0.0, 0), [])
        # the batch that killed it, and with that the rest of the task's first part, one by one
        end = min(at + 64, task.last)
        alone = [self.run(task._replace(first=index, last=index + 1, alone=True)) for index in range(at, end)]
        if not any(one.findings for one in alone):
            alone[0].findings.append(_killed(task._replace(first=at), f"{found}, with the batch that it begins"))
        after = [self.run(task._replace(first=end))] if end < task.last else []
        return _sum([before, *alone, *after])

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(Path(__file__).with_name("fuzz_worker.py")), self._file.name]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=self._environment)

    def _answer(self, task: Task) -> Done | str:
        """What the worker says, or how it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task._asdict()) + "\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            begun, used = self._begun(), self._used()
            while not selector.select(_LOOK_SECONDS):
                if self._begun() != begun:
                    begun, used = self._begun(), self._used()
                elif self._used() - used > _HANG_SECONDS and self._index() >= 0:  # before, it warms up: kernels compile
                    self._process.kill()
        line = self._process.stdout.readline()
        if line:
            found = json.loads(line)
            return Done(**{**found, "slowest": tuple(found["slowest"])})
        code = self._process.wait()
        if code >= 0:  # no input does that: the benchmark itself has failed
            raise RuntimeError(f"the worker ended with {code}; what it says stands above")
        self._process = self._start()
        return "hang" if code == -signal.SIGKILL else f"the process ended ({signal.Signals(-code).name})"

    def _begun(self) -> int:
        return int(PLACE.unpack(self._written())[0])

    def _index(self) -> int:
        return int(PLACE.unpack(self._written())[1])

    def _written(self) -> bytes:
        return Path(self._file.name).read_bytes()[: PLACE.size]

    def _used(self) -> float:
        """Processor seconds of the worker; the clock's where the system does not tell."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return time.monotonic()
        return (int(fields[11]) + int(fields[12])) / _TICKS


def _killed(task: Task, how: str) -> dict[str, Any]:
    return {"target": task.target, "number": task.first, "signature": how, "trace": "", "smallest": ""}


def _sum(parts: list[Done]) -> Done:
    inputs, accepted, seconds, slowest, findings = zip(*parts)
    return Done(
        sum(inputs), sum(accepted), sum(seconds), max(slowest), [one for several in findings for one in several]
    )

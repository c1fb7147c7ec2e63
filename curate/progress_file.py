"""Progress in a small file, for whoever watches from another process: the app's jobs, a script, a person with `cat`.

A command writes it where the variable TUNESMITH_PROGRESS names a path, beside the lines that it prints:

    TUNESMITH_PROGRESS=/tmp/run.json tunesmith curate run recipe.yaml --out runs/medical

>>> with FileProgress(Path("progress.json")).stage("measure", total=40_000, unit="rows") as advance:
...     advance(10_000)  # doctest: +SKIP
>>> read_progress(Path("progress.json"))  # doctest: +SKIP
FileReading(stage='measure', done=10000, total=40000, unit='rows', rate=8123.4, seconds_left=3.7, updated=…)
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.progress import Progress

#: The variable that names the file.
VARIABLE = "TUNESMITH_PROGRESS"

_SECONDS_BETWEEN_WRITES = 0.25


class FileReading(NamedTuple):
    """What the file says. `rate` is per second since the stage began; `updated` in seconds since 1970."""

    stage: str
    done: int
    total: int | None
    unit: str
    rate: float
    seconds_left: float | None
    updated: float


@dataclass
class _Stage:
    name: str
    total: int | None
    unit: str
    done: int = 0
    began: float = field(default_factory=time.monotonic)


class FileProgress(Progress):
    """Writes the stage to a file, at most four times a second, and tells it to `beside` too.

    Of stages within stages the outermost is written: that of a sweep's trials, not that of the trial's training.
    Safe to be called from several threads. A file that cannot be written stops no work.
    """

    def __init__(self, path: Path, beside: Progress | None = None) -> None:
        self._path, self._beside = path, beside or Progress()
        self._lock = threading.Lock()
        self._open: list[_Stage] = []
        self._written = 0.0

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        stage = _Stage(name, total, unit)
        with self._beside.stage(name, total=total, unit=unit) as tell:
            self._entered(stage)

            def advance(count: int) -> None:
                tell(count)
                self._advanced(stage, count)

            try:
                yield advance
                stage.total = stage.done  # some totals are a guess; a stage that ended well is whole, as in the bar
            finally:
                self._left(stage)

    def say(self, message: str) -> None:
        self._beside.say(message)

    def _entered(self, stage: _Stage) -> None:
        with self._lock:
            self._open.append(stage)
            self._write()

    def _advanced(self, stage: _Stage, count: int) -> None:
        with self._lock:
            stage.done += count
            if time.monotonic() - self._written >= _SECONDS_BETWEEN_WRITES:
                self._write()

    def _left(self, stage: _Stage) -> None:
        with self._lock:
            self._write()
            self._open.remove(stage)

    def _write(self) -> None:
        if not self._open:  # a thread that advances a stage after its end
            return
        self._written = time.monotonic()
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        with suppress(OSError):  # a full disk stops the work itself, in its own words
            part.write_text(json.dumps(_told(self._open[0])), encoding="utf-8")
            part.replace(self._path)


def _told(stage: _Stage) -> dict[str, Any]:
    seconds = time.monotonic() - stage.began
    rate = stage.done / seconds if seconds > 0 else 0.0
    left = max(0, stage.total - stage.done) / rate if stage.total is not None and rate else None
    return FileReading(stage.name, stage.done, stage.total, stage.unit, rate, left, time.time())._asdict()


def read_progress(path: Path) -> FileReading | None:
    """What the file says, `seconds_left` counted from now; None where there is none yet, or none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        said = FileReading(
            stage=str(found["stage"]),
            done=int(found["done"]),
            total=None if found["total"] is None else int(found["total"]),
            unit=str(found["unit"]),
            rate=float(found["rate"]),
            seconds_left=None if found["seconds_left"] is None else float(found["seconds_left"]),
            updated=float(found["updated"]),
        )
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return None
    if said.seconds_left is None:
        return said
    return said._replace(seconds_left=max(0.0, said.seconds_left - max(0.0, time.time() - said.updated)))

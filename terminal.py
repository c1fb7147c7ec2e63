"""What the command line shows while it works: a progress bar on a terminal, plain lines elsewhere, always to stderr.

>>> from tunesmith.terminal import progress_for
>>> progress = progress_for(sys.stderr)
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tunesmith.curate.progress import Progress
from tunesmith.curate.progress_file import VARIABLE, FileProgress

_SECONDS_BETWEEN_LINES = 5.0


def progress_for(stream: TextIO) -> Progress:
    """A bar where a person is watching, lines where a log is written; and a file where TUNESMITH_PROGRESS names one."""
    shown = BarProgress() if stream.isatty() else LineProgress(stream)
    path = os.environ.get(VARIABLE)
    return FileProgress(Path(path), shown) if path else shown


class LineProgress(Progress):
    """A line at the end of each stage, and one every few seconds of a long one."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        start = last = time.monotonic()
        done, said = 0, -1

        def advance(count: int) -> None:
            nonlocal done, said, last
            done += count
            now = time.monotonic()
            if now - last >= _SECONDS_BETWEEN_LINES:
                last, said = now, done
                self._line(name, done, total, unit, now - start)

        yield advance
        if done != said:
            self._line(name, done, total, unit, time.monotonic() - start)

    def _line(self, name: str, done: int, total: int | None, unit: str, seconds: float) -> None:
        rate = done / seconds if seconds > 0 else 0.0
        of = f" of {total:,}" if total else ""
        left = f", {(total - done) / rate:,.0f} s left" if total and rate and done < total else ""
        self.say(f"{name}: {done:,}{of} {unit}, {_pace(rate)} {unit}/s{left}")

    def say(self, message: str) -> None:
        self._stream.write(f"{message}\n")
        self._stream.flush()


def _pace(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


class BarProgress(Progress):
    """rich's bar with count, rate and time left."""

    @contextmanager
    def stage(self, name: str, *, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
        from rich import progress as bars
        from rich.console import Console

        columns = (
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.TextColumn("{task.completed:,.0f} " + unit + " ({task.fields[rate]:,.0f}/s)"),
            bars.TimeElapsedColumn(),
            bars.TimeRemainingColumn(),
        )
        with bars.Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(name, total=total, rate=0.0)
            yield lambda count: bar.update(task, advance=count, rate=bar.tasks[0].speed or 0.0)
            done = bar.tasks[0]
            bar.update(task, total=done.completed, rate=done.completed / max(done.elapsed or 0.0, 1e-6))

    def say(self, message: str) -> None:
        sys.stderr.write(f"{message}\n")

"""The report drawn in a process of its own, whose chart engine starts while the run does other work.

The engine (vl_convert) takes about 0.5 s to start and holds the interpreter lock meanwhile, so a thread would not do.
Where there can be no process, or the engine runs in this one already, the report is drawn here.

>>> with report_process() as drawer:
...     page = start_report(drawer, summary, "en")  # doctest: +SKIP
...     html = page()  # doctest: +SKIP
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

from tunesmith.curate.workers import begin_worker, may_fork


@contextmanager
def report_process() -> Iterator[Connection | None]:
    """A line to a process that draws one report; None where it would not pay. Ask for it before any thread starts."""
    if not may_fork() or "vl_convert" in sys.modules:  # a fork of a running engine has none of its threads
        yield None
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_draw, args=(theirs, ours), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.kill()  # it has sent its page, or nobody wants it any more
        process.join()
        ours.close()


def _draw(line: Connection, others: Connection) -> None:
    from tunesmith.curate import charts, report

    others.close()
    begin_worker()
    charts.draw(charts.histogram_spec([0, 1], [1], [1]), label="")
    line.send(report.render_report(*line.recv()))


def start_report(drawer: Connection | None, summary: dict[str, Any], language: str) -> Callable[[], str]:
    """Begin to draw; the function that comes back waits for the page."""
    chosen = "zh" if language == "zh" else "en"
    if drawer is None:
        return lambda: _drawn_here(summary, chosen)

    with suppress(OSError):  # where it is dead already, `recv` will tell
        drawer.send((summary, chosen))

    def wait() -> str:
        try:
            return str(drawer.recv())
        except (EOFError, OSError):  # killed, or it met a bug: that is to be seen here
            return _drawn_here(summary, chosen)

    return wait


def _drawn_here(summary: dict[str, Any], language: Any) -> str:
    from tunesmith.curate.report import render_report

    return render_report(summary, language)

"""A job in words: its state, how far it is, how long it took, and why it failed. Nothing here draws.

>>> duration(Words("en"), 3725)
'1 h 2 min'
"""

from __future__ import annotations

import time
from pathlib import PurePosixPath

from tunesmith.ui.jobs_types import Job, Progress
from tunesmith.ui.words import Words, catalogue, escaped

#: What page shows a result, by the folder of the workspace that it is in, and how that page's address names it.
_RESULTS = {
    "runs": ("curate", "run"),
    "models": ("train", "model"),
    "training": ("train", "model"),
    "reports": ("report", "report"),
    "datasets": ("dataset", "dataset"),
}

#: Of the stages whose name begins so, the rest is the name of a file, a source or a model.
_STAGES_OF = ("read", "inspect", "convert", "ask", "check")


def state(say: Words, job: Job) -> str:
    """The state in a word or two."""
    return say("jobs.stopping" if job.stopping and job.state == "running" else f"jobs.state_{job.state}")


def kind(say: Words, job: Job) -> str:
    """What sort of work it is."""
    name = f"kind_{job.kind}"
    return say(f"jobs.{name}") if name in catalogue("jobs") else escaped(job.kind)


def stage(say: Words, name: str) -> str:
    """A stage of the library's in the person's language; one that is not known, as it is called."""
    first, _, rest = name.partition(" ")
    key = f"stage_{name.replace(' ', '_')}"
    if key in catalogue("jobs"):
        return say(f"jobs.{key}")
    return say(f"jobs.stage_{first}", what=rest) if rest and first in _STAGES_OF else escaped(name)


def share(progress: Progress) -> float | None:
    """How much of the stage is done, from 0 to 1; None where nobody knows."""
    if not progress.total:
        return None
    return min(1.0, max(0.0, progress.done / progress.total))


def how_far(say: Words, progress: Progress) -> str:
    """`1,204 of 8,658 rows · 310 a second · 24 s left`."""
    unit = _unit(say, progress.unit)
    if progress.total is None:
        parts = [say("jobs.done", n=progress.done, unit=unit)] if progress.done else []
    else:
        parts = [say("jobs.done_of", n=progress.done, total=progress.total, unit=unit)]
    if progress.rate:
        parts.append(rate(say, progress.rate))
    if progress.seconds_left is not None and progress.done < (progress.total or 0):
        parts.append(say("jobs.left", time=roughly(say, progress.seconds_left)))
    return " · ".join(parts)


def _unit(say: Words, unit: str) -> str:
    key = f"unit_{unit}"
    return say.plain(f"jobs.{key}") if key in catalogue("jobs") else unit


def rate(say: Words, per_second: float) -> str:
    """`310 a second`, `4.2 a minute`: whichever tells more."""
    if per_second >= 1:
        return say("jobs.a_second", n=_figure(per_second))
    return say("jobs.a_minute", n=_figure(per_second * 60))


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def duration(say: Words, seconds: float) -> str:
    """In the largest unit that fits and the next one."""
    whole = max(0, round(seconds))
    if whole < 60:
        return say.plain("jobs.seconds", n=whole)
    if whole < 3600:
        return say.plain("jobs.minutes", n=whole // 60, rest=whole % 60)
    if whole < 86_400:
        return say.plain("jobs.hours", n=whole // 3600, rest=whole % 3600 // 60)
    return say.plain("jobs.days", n=whole // 86_400, rest=whole % 86_400 // 3600)


def roughly(say: Words, seconds: float) -> str:
    """An estimate, without the precision that it does not have."""
    if seconds < 60:
        return duration(say, seconds)
    if seconds < 3600:
        return say.plain("jobs.minutes_only", n=round(seconds / 60))
    return duration(say, round(seconds / 60) * 60)


def ago(say: Words, moment: float, now: float | None = None) -> str:
    """How long ago something was."""
    seconds = (time.time() if now is None else now) - moment
    if seconds < 60:
        return say.plain("jobs.just_now")
    units = (("days", 86_400), ("hours", 3600), ("minutes", 60))
    name, size = next((name, size) for name, size in units if seconds >= size)
    return say.plain(f"jobs.{name}_ago", n=int(seconds // size))


def when(say: Words, job: Job, now: float | None = None) -> str:
    """`5 minutes ago · took 31 s`, or how long it has been running or waiting."""
    at = time.time() if now is None else now
    if job.state == "queued":
        return say.plain("jobs.waits", time=duration(say, at - job.created))
    if job.state == "running":
        return say.plain("jobs.runs", time=duration(say, at - (job.started or at)))
    ended = ago(say, job.ended or job.created, at)
    if job.started is None or job.ended is None:
        return ended
    return f"{ended} · {say.plain('jobs.took', time=duration(say, job.ended - job.started))}"


def why(say: Words, job: Job) -> str:
    """What became of a job that is not done, and what to do; empty where nothing need be said."""
    if job.state == "failed":
        memory = job.failure == "killed" and job.message == "SIGKILL"
        return say("jobs.why_memory" if memory else f"jobs.why_{job.failure or 'bug'}")
    if job.state in ("lost", "unreadable"):
        return say(f"jobs.why_{job.state}")
    return ""


def result_place(result: str | None) -> tuple[str, dict[str, str]] | None:
    """The page that shows a result, and its address; None where no page does."""
    parts = PurePosixPath(result or "").parts
    if len(parts) < 2 or parts[0] not in _RESULTS:
        return None
    place, name = _RESULTS[parts[0]]
    return place, {name: parts[1]}

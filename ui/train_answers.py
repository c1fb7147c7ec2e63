"""What the steps before a training found, kept beside the plan with what was asked, so that a reload still has it, and
an answer to other settings is told from one to these.

>>> object_in('reading: 12 rows\\n{\\n  "steps": 6\\n}\\n')
{'steps': 6}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from tunesmith.errors import InputError
from tunesmith.ui.jobs import Job, log_path
from tunesmith.ui.train_commands import without_language
from tunesmith.ui.train_plans import Plan, plan_folder, read_object, write_object
from tunesmith.ui.workspace import Workspace

Step = Literal["advice", "memory", "preflight"]
STEPS: tuple[Step, ...] = ("advice", "memory", "preflight")


class Answer(NamedTuple):
    """What a step found.

    :param asked: the arguments of the command that found it.
    :param job: that ran it.
    """

    asked: tuple[str, ...]
    job: str
    found: dict[str, Any]

    def is_of(self, arguments: Sequence[str]) -> bool:
        """Whether this command would find the same, as far as its settings tell."""
        return without_language(self.asked) == without_language(arguments)


def result_of(plan: Plan, step: Step) -> str:
    """What the job of a step names as its result, and is found by."""
    return f"{plan.folder}/{step if step == 'preflight' else f'{step}.json'}"


def read_answer(workspace: Workspace, plan: Plan, step: Step) -> Answer | None:
    """What a step found the last time; None where it has not been asked."""
    kept = read_object(plan_folder(workspace, plan.name) / f"{step}.json")
    if kept is None or not isinstance(kept.get("found"), dict) or not isinstance(kept.get("asked"), list):
        return None
    return Answer(tuple(map(str, kept["asked"])), str(kept.get("job", "")), kept["found"])


def take_answer(workspace: Workspace, plan: Plan, step: Step, job: Job) -> Answer | None:
    """Keep what a job that is done has found; None where it says nothing.

    :raises OutputError: where the workspace cannot be written.
    """
    folder = plan_folder(workspace, plan.name)
    if step == "preflight":
        found = read_object(folder / "preflight" / "preflight.json")
        found = found if found and "train" in found else None
    else:
        found = object_in(_log(workspace, job))
    if found is None:
        return None
    write_object(folder / f"{step}.json", {"asked": list(job.arguments), "job": job.id, "found": found})
    return Answer(job.arguments, job.id, found)


def _log(workspace: Workspace, job: Job) -> str:
    try:
        return log_path(workspace, job.id).read_text(encoding="utf-8", errors="replace")
    except (OSError, InputError):
        return ""


def object_in(log: str) -> dict[str, Any] | None:
    """The last JSON object that a command printed, on lines of its own behind what it said of its progress."""
    start = log.rfind("\n{\n") + 1 if "\n{\n" in log else 0
    try:
        found, _ = json.JSONDecoder().raw_decode(log, start)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None

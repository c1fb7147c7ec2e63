"""A training as it was planned: data, model, stage and method, kept on disk beside its settings and what was found out.

    training/<name>/plan.json      what a person chose
                    settings.yaml  the settings that `tunesmith train sft` reads; edited on the page
                    advice.yaml    the settings that `train advise --out` wrote
                    advice.json    what it answered; memory.json of `train estimate`, with what was asked
                    preflight/     the folder of `train preflight --out`
    models/<name>/                 the run itself

>>> plan = new_plan(workspace, Chosen("runs/medical", "models/tiny"))  # doctest: +SKIP
>>> plan.name  # doctest: +SKIP
'medical-tiny'
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from tunesmith.curate.io import write_bytes
from tunesmith.errors import InputError, OutputError
from tunesmith.ui.workspace import Workspace

FOLDER = "training"
#: The file of a plan, and the one with its settings.
PLAN, SETTINGS = "plan.json", "settings.yaml"
#: What a person may choose for the method besides the library's own: what the advice says.
ADVISED = "advised"


class Chosen(NamedTuple):
    """What a person chose.

    :param data: a run's folder or a file, as the command takes it from the workspace's folder.
    :param model: a folder, or a name on the hub.
    :param gpu: memory of a graphics card such as `24GB`; empty where none is known.
    """

    data: str
    model: str
    stage: str = "sft"
    method: str = ADVISED
    gpu: str = ""
    group: str = "domain"


class Plan(NamedTuple):
    """A plan by its name, which is also that of the model that it will make."""

    name: str
    chosen: Chosen

    @property
    def folder(self) -> str:
        """From the workspace's folder, as a command's argument."""
        return f"{FOLDER}/{self.name}"

    @property
    def out(self) -> str:
        """Where the run goes, from the workspace's folder."""
        return f"models/{self.name}"


def plan_folder(workspace: Workspace, name: str) -> Path:
    """Where a plan is, or would be, by a name that may come from a URL.

    :raises InputError: a name that is none of ours, or that leaves the folder.
    """
    folder = (workspace.root / FOLDER).resolve()
    path = (folder / workspace.inside("models", name).name).resolve()
    if path.parent != folder:
        raise InputError(f"no such training: {name!r}", remedy="choose one from the list")
    return path


def settings_path(workspace: Workspace, plan: Plan) -> Path:
    """The file with the settings; there once they were made."""
    return plan_folder(workspace, plan.name) / SETTINGS


def new_plan(workspace: Workspace, chosen: Chosen, *, title: str = "") -> Plan:
    """Keep a new plan, under a free name.

    :param title: that the name is made of; that of the data by default. The model's follows it.

    :raises OutputError: where the workspace cannot be written.
    """
    return keep_plan(workspace, f"{title or _last(chosen.data)}-{_last(chosen.model)}", chosen)


def keep_plan(workspace: Workspace, stem: str, chosen: Chosen) -> Plan:
    """The same, under a free name that begins so.

    :raises OutputError: where the workspace cannot be written.
    """
    name, number = workspace.new_name("models", stem), 1
    while plan_folder(workspace, name).exists():
        number += 1
        name = workspace.new_name("models", f"{stem[:36]}-{number}")
    try:
        plan_folder(workspace, name).mkdir(parents=True)
        write_object(plan_folder(workspace, name) / PLAN, chosen._asdict())
    except OSError as error:
        what = f"the training cannot be kept: {error.strerror}"
        raise OutputError(what, where=str(workspace.root), remedy="check the disk and its permissions") from error
    return Plan(name, chosen)


def _last(path: str) -> str:
    parts = PurePosixPath(path).parts
    return parts[1] if parts[:1] in (("datasets",), ("runs",)) and len(parts) > 1 else parts[-1] if parts else ""


def read_plan(workspace: Workspace, name: str) -> Plan | None:
    """The plan of a name; None where there is none, as for a run of the command line.

    :raises InputError: a name that is none of ours.
    """
    found = read_object(plan_folder(workspace, name) / PLAN)
    if found is None or not {"data", "model"} <= found.keys():
        return None
    known = {key: str(value) for key, value in found.items() if key in Chosen._fields}
    return Plan(name, Chosen(**known))


def read_plans(workspace: Workspace) -> list[Plan]:
    """All plans, latest first."""
    folder = workspace.root / FOLDER
    files = sorted(folder.glob(f"*/{PLAN}"), key=lambda path: -path.stat().st_mtime) if folder.is_dir() else []
    plans = []
    for path in files:
        try:
            plans.append(read_plan(workspace, path.parent.name))
        except InputError:  # a folder that somebody made by hand under a name of its own
            continue
    return [plan for plan in plans if plan is not None]


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None where there is none that can be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_object(path: Path, found: dict[str, Any]) -> None:
    """Whole or not at all."""
    write_bytes(path, json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n")

"""A run as its folder tells: whether it has begun, how it ended, what came out.

>>> read_run(workspace, "medical-tiny").is_finished  # doctest: +SKIP
True
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.errors import InputError
from tunesmith.ui.jobs import Job
from tunesmith.ui.train_plans import read_object
from tunesmith.ui.workspace import Workspace


class Run(NamedTuple):
    """A run's folder.

    :param manifest: what it says of itself; empty before it began.
    """

    name: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def is_finished(self) -> bool:
        """Whether there is a model."""
        return "model_folder" in self.manifest and (self.folder / "model").is_dir()

    @property
    def has_begun(self) -> bool:
        """Whether steps were logged."""
        log = self.folder / "log.jsonl"
        return log.is_file() and log.stat().st_size > 0

    @property
    def is_adapter(self) -> bool:
        """Whether what came out stands on another model."""
        return (self.folder / "model" / "adapter_config.json").is_file()

    @property
    def is_merged(self) -> bool:
        """Whether there is one whole model."""
        return (self.folder / "merged" / "config.json").is_file()


def read_run(workspace: Workspace, name: str) -> Run:
    """The run of a name, which may come from a URL and need not exist.

    :raises InputError: a name that is none of ours.
    """
    folder = workspace.inside("models", name)
    return Run(name, folder, read_object(folder / "manifest.json") or {})


def read_runs(workspace: Workspace) -> list[Run]:
    """All runs that have begun, latest first; a model's folder that was put there is none."""
    found = [read_run(workspace, name) for name in workspace.names("models")]
    return [run for run in found if run.is_finished or run.has_begun]


def curated_run_of(workspace: Workspace, data: str) -> str | None:
    """The name of the curation run that data came from, whose rows have a story."""
    first, _, name = data.partition("/")
    if first != "runs" or not name:
        return None
    return name if (workspace.folder("runs") / name / "manifest.json").is_file() else None


def weights_of(workspace: Workspace, model: str) -> str:
    """What tells the size of a model: for one that was trained here its own folder, or the model under its adapter."""
    run = _trained(workspace, model)
    if run is None:
        return model
    return str(run.manifest.get("base") or model) if run.is_adapter else f"{model}/model"


def tokenizer_of(workspace: Workspace, model: str) -> str:
    """Where a model's tokenizer and template are: for one that was trained here beside what was trained."""
    return model if _trained(workspace, model) is None else f"{model}/model"


def _trained(workspace: Workspace, model: str) -> Run | None:
    first, _, name = model.partition("/")
    if first != "models" or not name or "/" in name:
        return None
    try:
        run = read_run(workspace, name)
    except InputError:
        return None
    return run if run.is_finished else None


def latest(jobs: list[Job], kind: str, result: str) -> Job | None:
    """The last job of a kind that makes a thing."""
    return next((job for job in jobs if job.kind == kind and job.result == result), None)

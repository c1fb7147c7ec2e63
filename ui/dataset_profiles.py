"""What was counted in a dataset: where its profile is, the job that makes it, and the profile, opened once.

A profile belongs to the bytes of the file and to how they are read: change either, and it is another one.

>>> ask_for_profile(workspace, dataset)  # doctest: +SKIP
>>> opened_profile(workspace, dataset).told["rows"]  # doctest: +SKIP
1024
"""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.ui import jobs
from tunesmith.ui.datasets import Dataset, relative_path
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.curate.profile_data import ProfileData

KIND = "profile"


def profile_folder(workspace: Workspace, dataset: Dataset) -> Path:
    """Where the profile of this file, read this way, is or would be."""
    import xxhash

    try:
        status = dataset.path.stat()
        bytes_of = f"{status.st_size} {status.st_mtime_ns}"
    except OSError:
        bytes_of = "gone"
    told = f"{bytes_of} {dataset.format} {sorted((dataset.columns or {}).items())}"
    return workspace.inside("datasets", dataset.id) / f"profile-{xxhash.xxh3_64_hexdigest(told.encode())}"


def profile_command(workspace: Workspace, dataset: Dataset) -> list[str]:
    """The command that makes the profile, to be run in the workspace's folder."""
    out = relative_path(workspace, profile_folder(workspace, dataset))
    return ["curate", "profile", relative_path(workspace, dataset.path), *reading_options(dataset), "--out", out]


def reading_options(dataset: Dataset) -> list[str]:
    """How a command is told to read the file."""
    from tunesmith.curate import jsontext

    if dataset.columns:
        plain = ",".join(f"{key}={column}" for key, column in dataset.columns.items())
        is_plain = all("," not in column and column == column.strip() for column in dataset.columns.values())
        return ["--columns", plain if is_plain else jsontext.dumps(dict(dataset.columns))]
    return ["--format", dataset.format] if dataset.format != "auto" else []


def ask_for_profile(workspace: Workspace, dataset: Dataset) -> jobs.Job | None:
    """Start counting, unless it was done or is under way."""
    if profiled(workspace, dataset):
        return None
    running = profile_job(workspace, dataset)
    if running is not None and running.is_open:
        return running
    _discard_old(workspace, dataset)
    arguments = profile_command(workspace, dataset)
    return jobs.submit(workspace, KIND, dataset.title, arguments, result=_result(dataset))


def stop_counting(workspace: Workspace, dataset: Dataset) -> None:
    """End what counts this dataset, or would: it is about to be deleted."""
    result = _result(dataset)
    for job in jobs.read_jobs(workspace):
        if job.kind == KIND and job.result == result and job.is_open:
            jobs.cancel(workspace, job.id)


def profile_job(workspace: Workspace, dataset: Dataset) -> jobs.Job | None:
    """The latest job that counted this dataset as it is read now."""
    wanted = tuple(profile_command(workspace, dataset))
    return next((job for job in jobs.read_jobs(workspace) if job.kind == KIND and job.arguments == wanted), None)


def profiled(workspace: Workspace, dataset: Dataset) -> bool:
    """Whether a finished profile is there."""
    folder = profile_folder(workspace, dataset)
    return (folder / "profile.json").is_file()


def opened_profile(workspace: Workspace, dataset: Dataset) -> ProfileData:
    """The profile, opened.

    :raises InputError: there is none yet.
    """
    folder = profile_folder(workspace, dataset)
    return _opened(folder, _changed(folder / "profile.json"))


def counted_rows(workspace: Workspace, dataset: Dataset) -> int | None:
    """How many rows it has, None before they were counted."""
    path = profile_folder(workspace, dataset) / "profile.json"
    return _rows_in(path, changed) if (changed := _changed(path)) else None


def _result(dataset: Dataset) -> str:
    return f"datasets/{dataset.id}"


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _opened(folder: Path, changed: int) -> ProfileData:
    from tunesmith.curate.profile_data import open_profile

    return open_profile(folder)


@lru_cache(maxsize=512)
def _rows_in(path: Path, changed: int) -> int | None:
    from tunesmith.curate.io import read_json_object
    from tunesmith.errors import InputError

    try:
        return int(read_json_object(path)["rows"])
    except (InputError, KeyError, TypeError, ValueError):
        return None


def _discard_old(workspace: Workspace, dataset: Dataset) -> None:
    """Profiles of other readings take as much room as the data; the one that is wanted is made now."""
    busy = {job.arguments[-1] for job in jobs.read_jobs(workspace) if job.kind == KIND and job.is_open}
    folder = workspace.inside("datasets", dataset.id)
    for old in folder.glob("profile-*"):
        if relative_path(workspace, old) not in busy:
            shutil.rmtree(old, ignore_errors=True)

"""The comparisons and scores of a workspace: what there is, read once for as long as the file stays the same.

>>> [report.name for report in read_reports(workspace)]  # doctest: +SKIP
['spring', 'base-alone']
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

from tunesmith.errors import InputError
from tunesmith.ui.jobs import read_jobs
from tunesmith.ui.jobs_types import Job
from tunesmith.ui.workspace import Workspace

#: `coming`: a job makes it, or tried to.
Kind = Literal["comparison", "scores", "coming"]

_FILES: tuple[tuple[Kind, str], ...] = (("comparison", "comparison.json"), ("scores", "scores.json"))


class Report(NamedTuple):
    """A report by its name in the workspace.

    :param job: the latest that made it, None where it was made elsewhere.
    """

    name: str
    folder: Path
    kind: Kind
    job: Job | None


def read_reports(workspace: Workspace) -> list[Report]:
    """All of them: what is being made first, then the latest first. Other folders are none."""
    jobs = _jobs(workspace)
    there = [_report(workspace, name, jobs) for name in workspace.names("reports")]
    finished = [report for report in there if report.kind != "coming"]
    coming = [name for name, job in jobs.items() if job.is_open and name not in {one.name for one in finished}]
    return [*(_report(workspace, name, jobs) for name in coming), *finished]


def read_report(workspace: Workspace, name: str) -> Report:
    """One report.

    :raises InputError: a name that is none, or a folder that holds no report and that no job makes.
    """
    found = _report(workspace, name, _jobs(workspace))
    if found.kind == "coming" and found.job is None:
        raise InputError(f"there is no report {name!r}", remedy="choose one from the list, or make a new comparison")
    return found


def summary_of(report: Report) -> Mapping[str, Any]:
    """What `comparison.json` or `scores.json` holds; not to be changed.

    :raises InputError: it is none of ours.
    """
    path = report.folder / dict(_FILES)[report.kind]
    return read_summary(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=20, show_spinner=False)
def read_summary(path: str, changed: int) -> Mapping[str, Any]:
    """A summary by its file.

    :param changed: when the file was; another time is another summary.
    :raises InputError: no JSON object, or one that no comparison or score wrote.
    """
    from tunesmith.curate.io import read_json_object

    found = read_json_object(Path(path))
    wanted = ("pairs", "systems", "warnings") if path.endswith("comparison.json") else ("metrics", "coverage")
    missing = [key for key in wanted if key not in found]
    if missing:
        what = f"expected what Tunesmith writes, saw an object without {', '.join(missing)}"
        raise InputError(what, where=path, remedy="make the comparison again")
    return found


def _report(workspace: Workspace, name: str, jobs: Mapping[str, Job]) -> Report:
    folder = workspace.inside("reports", name)
    kinds: list[Kind] = [kind for kind, file in _FILES if (folder / file).is_file()]
    return Report(name, folder, kinds[0] if kinds else "coming", jobs.get(name))


def _jobs(workspace: Workspace) -> dict[str, Job]:
    """The latest job of each report."""
    found: dict[str, Job] = {}
    for job in read_jobs(workspace):
        folder, _, name = (job.result or "").partition("/")
        if folder == "reports" and name:
            found.setdefault(name, job)
    return found

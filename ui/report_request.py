"""What a new comparison is made of, as the command line takes it: files of the workspace, by names relative to it.

>>> request = Request("predictions/base.jsonl", "predictions/tuned.jsonl", references="datasets/exam/exam.jsonl")
>>> compare_arguments(request, "spring", "en")
['evaluate', 'compare', 'predictions/base.jsonl', 'predictions/tuned.jsonl', '--references', 'datasets/exam/exam.jsonl',
'--lang', 'en', '--out', 'reports/spring']
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from tunesmith.errors import InputError
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.ui.jobs_types import Job

_ENDINGS = re.compile(r"\.(jsonl|json|csv|parquet)(\.(gz|xz|zst))?$", re.IGNORECASE)
_SQLITE = b"SQLite format 3\0"


class Request(NamedTuple):
    """A comparison that is asked for; paths as text, relative to the workspace.

    :param names: what to call the two systems; "" takes the file's name.
    :param campaign: of the workspace's review.
    """

    before: str
    after: str
    references: str | None = None
    names: tuple[str, str] = ("", "")
    retention: str | None = None
    campaign: str | None = None
    judge: str | None = None
    data_before: str | None = None
    data_after: str | None = None


def compare_arguments(request: Request, name: str, language: str) -> list[str]:
    """The command that makes a comparison, run in the workspace's folder."""
    given = {
        "--references": request.references,
        "--names": _names(request),
        "--retention": request.retention,
        "--review": "review.sqlite" if request.campaign else None,
        "--campaign": request.campaign,
        "--judge": request.judge,
        "--data-before": request.data_before,
        "--data-after": request.data_after,
        "--lang": language,
        "--out": f"reports/{name}",
    }
    options = [part for option, value in given.items() if value for part in (option, value)]
    return ["evaluate", "compare", request.before, request.after, *options]


def score_arguments(path: str, references: str | None, name: str, language: str) -> list[str]:
    """The command that scores one file alone."""
    given = ["--references", references] if references else []
    return ["evaluate", "score", path, *given, "--lang", language, "--out", f"reports/{name}"]


def problem_of(request: Request) -> str | None:
    """What is wrong with it before anything runs: the name of a text in the catalogue, None where nothing is."""
    if request.before == request.after:
        return "same_file"
    names = [name.strip() for name in request.names]
    if any("," in name for name in names):
        return "comma"
    if names[0] and names[0] == names[1]:
        return "same_name"
    if bool(names[0]) != bool(names[1]):
        return "one_name"
    if request.data_before and not request.data_after:
        return "one_run"
    return None


def submit_comparison(workspace: Workspace, request: Request, title: str, *, language: str, by: str) -> Job:
    """Run a comparison as a job; its result is a new report."""
    from tunesmith.ui.jobs import submit

    name = _new_report(workspace, title)
    arguments = compare_arguments(request, name, language)
    return submit(workspace, "compare", title, arguments, result=f"reports/{name}", by=by)


def submit_scores(
    workspace: Workspace, path: str, references: str | None, title: str, *, language: str, by: str
) -> Job:
    """Score one file as a job; its result is a new report."""
    from tunesmith.ui.jobs import submit

    name = _new_report(workspace, title)
    arguments = score_arguments(path, references, name, language)
    return submit(workspace, "score", title, arguments, result=f"reports/{name}", by=by)


def sample_request(workspace: Workspace) -> Request:
    """The bundled answers of two imagined models; what is there already stays."""
    from tunesmith.ui.datasets import add_sample, relative_path

    questions = next(dataset for dataset in add_sample(workspace) if dataset.group == "evaluation")
    references = relative_path(workspace, questions.path)
    files = "predictions/predictions_before.jsonl", "predictions/predictions_after.jsonl"
    return Request(*files, references=references, names=("before", "after"))


def add_predictions(workspace: Workspace, name: str, stream: BinaryIO, *, check: bool = True) -> str:
    """Store a file that somebody sent, under a name of ours; gives back its path relative to the workspace.

    :param check: whether it must hold answers; a file of references holds none.
    :raises InputError: what it holds cannot be read; then nothing is kept.
    """
    workspace.make()
    ending = _ENDINGS.search(name)
    if ending is None:
        raise InputError(f"{name!r} is no file of answers", remedy="upload JSON Lines, such as answers.jsonl")
    stored = workspace.new_name("predictions", name[: ending.start()], ending.group(0).lower())
    path = workspace.inside("predictions", stored)
    try:
        with path.open("xb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
        if check:
            _check(path, name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return f"predictions/{stored}"


def answers_there(workspace: Workspace) -> list[str]:
    """Predictions files, latest first, relative to the workspace."""
    names = workspace.names("predictions")
    return [f"predictions/{name}" for name in names if workspace.inside("predictions", name).is_file()]


def references_there(workspace: Workspace) -> list[str]:
    """Files that may hold the right answers: the datasets for tests first, then what lies beside the predictions."""
    from tunesmith.ui.datasets import read_datasets, relative_path

    tests = [one for one in read_datasets(workspace) if one.group == "evaluation" and one.path.is_file()]
    return [*(relative_path(workspace, one.path) for one in tests), *answers_there(workspace)]


def folders_with(workspace: Workspace, file: str) -> list[str]:
    """Folders that a command of ours filled: `retention.json`, `judge.json`; at most one folder deep."""
    found = []
    for parent in (workspace.folder("reports"), workspace.folder("models")):
        found += [path.parent for path in sorted(parent.glob(f"*/{file}")) + sorted(parent.glob(f"*/*/{file}"))]
    return [path.relative_to(workspace.root).as_posix() for path in found]


def runs_there(workspace: Workspace) -> list[str]:
    """Finished curation runs, latest first, relative to the workspace."""
    names = workspace.names("runs")
    return [f"runs/{name}" for name in names if (workspace.inside("runs", name) / "ledger.parquet").is_file()]


def campaigns_there(workspace: Workspace) -> list[str]:
    """Campaigns in which answers are judged, latest first; none where the review is kept in a database elsewhere."""
    if Path(workspace.review_store) != workspace.root / "review.sqlite" or not _is_store(workspace):
        return []
    from tunesmith.evaluate.review_store import open_store
    from tunesmith.evaluate.review_store_campaigns import campaigns

    with open_store(workspace.review_store) as store:
        return [one.name for one in reversed(campaigns(store)) if one.mode != "curation"]


def _is_store(workspace: Workspace) -> bool:
    path = workspace.root / "review.sqlite"
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _names(request: Request) -> str | None:
    names = [name.strip() for name in request.names]
    return ",".join(names) if all(names) else None


def _new_report(workspace: Workspace, title: str) -> str:
    """A free name, also of reports that a waiting job will make."""
    from tunesmith.ui.jobs import read_jobs

    workspace.make()
    waiting = {(job.result or "").removeprefix("reports/") for job in read_jobs(workspace)}
    return _free(workspace, title, waiting)


def _free(workspace: Workspace, title: str, taken: Sequence[str] | set[str]) -> str:
    name = workspace.new_name("reports", title)
    number = 2
    while name in taken:
        name = workspace.new_name("reports", f"{title} {number}")
        number += 1
    return name


def _check(path: Path, name: str) -> None:
    """Whether every line is an answer, told with the name that the person knows."""
    from tunesmith.evaluate.predictions import read_predictions

    try:
        read_predictions(path)
    except InputError as error:
        where = (error.where or "").replace(str(path), name) or None
        raise InputError(error.what.replace(str(path), name), where=where, remedy=error.remedy) from None

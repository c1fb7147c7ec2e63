"""A new campaign as a form gives it: what is still missing, what is asked of whom, and the plan that the library makes.

>>> asked_of(Wanted("spring", "pairwise", files=("a.jsonl", "b.jsonl"), sample=50, overlap=2), available=150)
Asked(items=50, answers=100)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tunesmith.evaluate.review_types import Mode
from tunesmith.ui.workspace import Workspace

if TYPE_CHECKING:
    from tunesmith.evaluate.review_create_plan import Plan

#: Files with answers, as they may be uploaded or stand in the workspace.
ENDINGS = ("jsonl", "json", "csv", "parquet", "gz", "xz", "zst")

_ENDING = re.compile(r"(\.(jsonl|json|csv|parquet))?(\.(gz|xz|zst))?$", re.IGNORECASE)


class Wanted(NamedTuple):
    """What the form holds.

    :param files: names in the workspace's `predictions`, in the order in which systems are compared.
    :param run: a name in `runs`.
    :param sample: questions or rows; None is all.
    :param guidelines, rubric: as typed; empty is ours. The rubric is YAML.
    """

    name: str
    mode: Mode
    files: tuple[str, ...] = ()
    run: str | None = None
    sample: int | None = 50
    overlap: int = 2
    people: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    guidelines: str = ""
    rubric: str = ""
    language: str = "en"
    show_reference: bool = True


class Asked(NamedTuple):
    """How much is asked: items, and answers of all people together."""

    items: int
    answers: int


def free_name(taken: Iterable[str]) -> str:
    """A name for a campaign that tells a reviewer nothing, and that none has yet."""
    there = set(taken)
    return next(name for n in range(1, len(there) + 2) if (name := f"review-{n}") not in there)


def missing(wanted: Wanted) -> list[str]:
    """What has to be filled in first, as keys of the catalogue."""
    found = [] if wanted.name.strip() else ["need_name"]
    if wanted.mode == "pairwise" and len(wanted.files) < 2:
        found.append("need_two")
    if wanted.mode == "rubric" and not wanted.files:
        found.append("need_one")
    if wanted.mode == "curation" and not wanted.run:
        found.append("need_run")
    if 0 < len(wanted.people) < wanted.overlap:
        found.append("need_people")
    return found


def asked_of(wanted: Wanted, available: int | None) -> Asked | None:
    """How much is asked at most; None where that is not known before the campaign is made.

    :param available: questions that all systems answer, or rows.
    """
    sizes = [n for n in (wanted.sample, available) if n is not None]
    if not sizes:
        return None
    n = len(wanted.files)
    each = {"pairwise": n * (n - 1) // 2, "rubric": n, "curation": 1}[wanted.mode]
    return Asked(min(sizes) * each, min(sizes) * each * wanted.overlap)


def system_of(file: str) -> str:
    """What a file's answers are called: its name without ending, but with the dots of a version.

    >>> system_of("qwen2.5-7b.jsonl.gz")
    'qwen2.5-7b'
    """
    return _ENDING.sub("", file)


def plan_from(workspace: Workspace, wanted: Wanted) -> Plan:
    """The campaign; nothing is stored.

    :raises InputError: every mistake at once.
    """
    from tunesmith.evaluate.review_create_plan import Mistakes
    from tunesmith.evaluate.review_create_request import Request, plan_of
    from tunesmith.evaluate.review_rubric import parse_rubric

    answers = wanted.mode != "curation"
    systems = [f"{system_of(file)}={workspace.inside('predictions', file)}" for file in wanted.files if answers]
    run = workspace.inside("runs", wanted.run) if wanted.run and not answers else None
    with Mistakes("the new review") as mistakes:
        rubric = None
        with mistakes.noting():
            rubric = parse_rubric(wanted.rubric, "criteria") if wanted.rubric.strip() else None
        with mistakes.noting():
            plan = plan_of(
                wanted.name.strip(),
                Request(wanted.mode, tuple(systems), run),
                sample=wanted.sample,
                overlap=wanted.overlap,
                rubric=rubric,
                guidelines=wanted.guidelines.strip() or None,
                language=wanted.language,
                show_reference=wanted.show_reference,
                reviewers=wanted.people,
                leads=[lead for lead in wanted.leads if lead not in wanted.people],
            )
    return plan


def command_of(wanted: Wanted) -> list[str]:
    """The command that makes the same; texts that were typed are files there."""
    found = ["review", "create", wanted.name.strip(), "--mode", wanted.mode]
    if wanted.mode == "curation":
        found += ["--run", f"runs/{wanted.run}"]
    else:
        for file in wanted.files:
            found += ["--system", f"{system_of(file)}=predictions/{file}"]
    found += [] if wanted.sample is None else ["--sample", str(wanted.sample)]
    found += ["--overlap", str(wanted.overlap), "--lang", wanted.language]
    found += [] if wanted.show_reference else ["--hide-reference"]
    found += ["--guidelines", "guidelines.txt"] if wanted.guidelines.strip() else []
    found += ["--rubric", "criteria.yaml"] if wanted.rubric.strip() else []
    for person in wanted.people:
        found += ["--reviewer", person]
    for lead in wanted.leads:
        found += [] if lead in wanted.people else ["--lead", lead]
    return found


def answer_files(workspace: Workspace) -> list[str]:
    """Predictions files, latest first."""
    names = workspace.names("predictions")
    return [name for name in names if name.rpartition(".")[2].lower() in ENDINGS and _is_file(workspace, name)]


def keep_upload(workspace: Workspace, title: str, content: bytes) -> str:
    """Store an uploaded predictions file under a name of ours, once it is known to be one; its name.

    :raises InputError: it cannot be read as predictions; nothing is kept then.
    """
    from tunesmith.ui.report_request import add_predictions

    return add_predictions(workspace, title, BytesIO(content)).removeprefix("predictions/")


def _is_file(workspace: Workspace, name: str) -> bool:
    return (workspace.folder("predictions") / name).is_file()


def ids_of(path: Path) -> frozenset[str]:
    """The questions that a file answers.

    :raises InputError: it cannot be read.
    """
    from tunesmith.evaluate.predictions import read_predictions

    return frozenset(row.id for row in read_predictions(path).rows)

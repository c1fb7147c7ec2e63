"""`review create` as it is asked for: files and names as a person gave them, read and checked, all mistakes at once.

>>> request = Request("pairwise", systems=("before=a.jsonl", "after=b.jsonl"))  # doctest: +SKIP
>>> plan_of("spring", request, sample=50)  # doctest: +SKIP
Plan(…)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Unpack

from tunesmith.curate.embeddings import Embedder
from tunesmith.curate.io import read_text
from tunesmith.errors import InputError
from tunesmith.evaluate.predictions import Predictions, read_predictions
from tunesmith.evaluate.review_create_answers import plan_pairwise, plan_rubric
from tunesmith.evaluate.review_create_plan import Mistakes, Plan, Wishes, check_settings, settings_of
from tunesmith.evaluate.review_rubric import Rubric, read_rubric
from tunesmith.evaluate.review_types import MODES, Mode

#: What can come first, by mode; the first of each is the default.
ORDERS: Mapping[Mode, tuple[str, ...]] = {
    "pairwise": ("random", "disputed"),
    "rubric": ("random",),
    "curation": ("borderline", "random"),
}


class Request(NamedTuple):
    """What is asked for besides `Wishes`.

    :param systems: `NAME=FILE`, of predictions.
    :param run: the folder of a finished run, in curation.
    :param allow: what may differ between two answers to a question.
    :param first: one of `ORDERS`; `judge` (a folder of `evaluate judge`), `metric` and `embedder` are for `disputed`.
    :param verdicts: of the rows, in curation.
    """

    mode: str
    systems: tuple[str, ...] = ()
    run: Path | None = None
    rubric: Path | None = None
    guidelines: Path | None = None
    references: Path | None = None
    columns: Mapping[str, str] | None = None
    allow: tuple[str, ...] = ()
    first: str | None = None
    judge: Path | None = None
    metric: str | None = None
    embedder: Embedder | None = None
    verdicts: tuple[str, ...] | None = None


#: Options that belong to one kind of campaign, as they are typed.
_OF_ANSWERS = ("systems", "references", "columns", "allow")
_OF_CURATION = ("run", "verdicts")
_OF_DISPUTE = ("judge", "metric", "embedder")
_TYPED = {"systems": "--system", "embedder": "--similarity"}


def plan_of(name: str, request: Request, **wishes: Unpack[Wishes]) -> Plan:
    """The campaign that is asked for; nothing is stored.

    :param wishes: a rubric or guidelines may also come as they are; a file of the request takes their place.
    :raises InputError: every mistake at once.
    """
    with Mistakes("what the review asks for") as mistakes:
        mode = _mode(request, mistakes)
        if request.rubric is not None:
            wishes["rubric"] = _rubric(request.rubric, mistakes)
        if request.guidelines is not None:
            wishes["guidelines"] = _guidelines(request.guidelines, mistakes)
        systems = _systems(request, mistakes)
        blind = len(mistakes.found)
        if mode is None or blind:  # what else is wrong is said too, as far as it can be seen without the files
            check_settings(settings_of(wishes), name, mistakes)
    assert mode is not None  # noqa: S101 (a mode that is none has been refused)
    return _planned(name, mode, request, systems, wishes)


def _planned(name: str, mode: Mode, request: Request, systems: Mapping[str, Predictions], wishes: Wishes) -> Plan:
    first = request.first or ORDERS[mode][0]
    if mode == "curation":
        return _of_run(name, request, first, wishes)
    how: dict[str, Any] = {"allow": request.allow, "first": first, **wishes}
    plan = plan_pairwise if mode == "pairwise" else plan_rubric
    if first != "disputed" or request.judge is None:
        return plan(name, systems, **how)
    from tunesmith.evaluate.review_priority import order_by_dispute

    with Mistakes("what the review asks for") as mistakes:
        with mistakes.noting():
            how["order"] = order_by_dispute(systems, request.judge, request.metric, embedder=request.embedder)
        with mistakes.noting():
            found = plan(name, systems, **how)
    return found


def _of_run(name: str, request: Request, first: str, wishes: Wishes) -> Plan:
    from tunesmith.curate.rundata import open_run
    from tunesmith.evaluate.review_curation import VERDICTS, plan_curation

    with Mistakes("what the review asks for") as mistakes:
        with mistakes.noting():
            run = open_run(request.run or Path())
        if mistakes.found:
            check_settings(settings_of(wishes), name, mistakes)
    verdicts = VERDICTS[:2] if request.verdicts is None else request.verdicts
    return plan_curation(name, run, verdicts=verdicts, first=first, **wishes)


def _mode(request: Request, mistakes: Mistakes) -> Mode | None:
    if request.mode not in MODES:
        mistakes.add(f"--mode: expected {', '.join(MODES)}, saw {request.mode!r}")
        return None
    mode: Mode = request.mode
    foreign = _OF_ANSWERS if mode == "curation" else _OF_CURATION
    for option in _given(request, foreign):
        mistakes.add(f"{option} has no meaning in a campaign of mode {mode}; leave it out")
    if mode == "curation" and request.run is None:
        mistakes.add("--run: a curation campaign is about the rows of a run; name the folder of `curate run --out`")
    if request.first is not None and request.first not in ORDERS[mode]:
        mistakes.add(f"--first: expected {' or '.join(ORDERS[mode])} in mode {mode}, saw {request.first!r}")
    elif request.first == "disputed" and request.judge is None:
        mistakes.add("--first disputed needs --judge, a folder made by `tunesmith evaluate judge`")
    elif request.first != "disputed":
        for option in _given(request, _OF_DISPUTE):
            mistakes.add(f"{option} has no meaning without --first disputed; leave it out")
    return mode


def _given(request: Request, names: tuple[str, ...]) -> list[str]:
    return [_TYPED.get(name, f"--{name}") for name in names if getattr(request, name) not in (None, ())]


def _systems(request: Request, mistakes: Mistakes) -> dict[str, Predictions]:
    found: dict[str, Predictions] = {}
    paths: dict[Path, str] = {}
    for typed in request.systems if request.mode != "curation" else ():
        name, equals, file = (part.strip() for part in typed.partition("="))
        if not (name and equals and file):
            mistakes.add(f"--system: expected NAME=FILE such as before=before.jsonl, saw {typed!r}")
            continue
        if name in found:
            mistakes.add(f"--system: two systems are called {name!r}; give each its own name")
            continue
        if (there := paths.setdefault(Path(file).resolve(), name)) != name:
            mistakes.add(f"--system: {there!r} and {name!r} are the same file {file}; name two files")
            continue
        with mistakes.noting():
            found[name] = read_predictions(Path(file), references=request.references, columns=request.columns)
    return found


def _rubric(path: Path, mistakes: Mistakes) -> Rubric | None:
    with mistakes.noting():
        return read_rubric(path)
    return None


def _guidelines(path: Path, mistakes: Mistakes) -> str | None:
    with mistakes.noting():
        text = read_text(path).strip()
        if not text:
            raise InputError("holds no guidelines", where=str(path), remedy="write some, or leave it out")
        return text
    return None

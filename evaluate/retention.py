"""`tunesmith evaluate retention`: what a tuned model still knows, by the same questions before and after.

>>> before, after = LocalSystem("Qwen/Qwen3-0.6B"), LocalSystem("Qwen/Qwen3-0.6B", "runs/lora")  # doctest: +SKIP
>>> plan = Plan(before, after, read_subjects("tasks/cmmlu"))  # doctest: +SKIP
>>> measure_retention(plan, Path("retention"))["overall"]["verdict"]  # doctest: +SKIP
'retained'

Writes `retention.json` (the result), `items.parquet` (every answer) and `report.md`. Each subject that a system has
answered is kept in `.retention/`, so that a run that was stopped, even by a kill, goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.endpoint_cache import Cache, key_of, open_cache
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.evaluate.retention_output import claim, prepare, write_result
from tunesmith.evaluate.retention_prompts import VERSION
from tunesmith.evaluate.retention_summary import (
    bits_entry,
    count_other_prompts,
    coverage,
    guessing,
    subject_entries,
)
from tunesmith.evaluate.retention_text_files import Texts
from tunesmith.evaluate.retention_types import (
    AFTER,
    BEFORE,
    Answer,
    Answers,
    Loss,
    NamedTask,
    Settings,
    Subject,
    System,
    Task,
)
from tunesmith.evaluate.retention_warnings import warnings_of

#: Losses that do not matter: in accuracy over all and in one subject, and in bits per byte.
MARGIN, SUBJECT_MARGIN, BITS_MARGIN = 0.02, 0.05, 0.02

_CHARACTERS_AT_ONCE = 100_000  # of texts whose losses are computed, and kept, together


class Plan(NamedTuple):
    """What to measure. Without `before` the accuracies of one system, and no verdict.

    :param margin, subject_margin: in accuracy, 0-1.
    :param bits_margin: in bits per byte.
    """

    before: System | None
    after: System
    tasks: Sequence[Task]
    settings: Settings = Settings()
    texts: Texts | None = None
    margin: float = MARGIN
    subject_margin: float = SUBJECT_MARGIN
    bits_margin: float = BITS_MARGIN

    @property
    def systems(self) -> dict[str, System]:
        """By side, in the order of time."""
        return {AFTER: self.after} if self.before is None else {BEFORE: self.before, AFTER: self.after}


def measure_retention(
    plan: Plan, out: Path, *, replace: bool = False, language: str = "en", progress: Progress | None = None
) -> dict[str, Any]:
    """Ask, judge and write; what is known from an earlier run in `out` is not asked again.

    :return: the result as in `retention.json`.
    :raises InputError: where nothing is to be measured, a model cannot be loaded, or a server cannot be trusted.
    :raises OutputError: where `out` holds something else, or another result without `replace`.
    """
    _check(plan)
    settings = _settings(plan)
    prepare(out, settings, replace=replace)
    answers: dict[str, list[Answers]] = {}
    losses: dict[str, list[Loss]] = {}
    checks: dict[str, Any] = {}
    with open_cache(claim(out)) as cache:
        for side, system in plan.systems.items():
            known = _Known(system, plan.settings, cache)
            answers[side] = list(_all_answers(known, plan, side, progress or Progress()))
            _check_once(one.subject for one in answers[side])  # a named group may hold a subject that is named, too
            losses[side] = list(_all_losses(known, plan, side, progress or Progress()))
            checks[side] = known.checked
            system.close()
    result = _result(plan, settings, answers, losses, checks)
    write_result(out, result, answers, language)
    return result


def _all_answers(known: _Known, plan: Plan, side: str, progress: Progress) -> Iterator[Answers]:
    if not plan.tasks:
        return
    with progress.stage(f"ask {side}", total=len(plan.tasks), unit="subjects") as advance:
        for task in plan.tasks:
            yield from known.answers(task)
            advance(1)


def _all_losses(known: _Known, plan: Plan, side: str, progress: Progress) -> Iterator[Loss]:
    if plan.texts is None:
        return
    with progress.stage(f"read {side}", total=len(plan.texts.texts), unit="texts") as advance:
        for some in known.losses(plan.texts.texts):
            yield from some
            advance(len(some))


class _Known:
    """A system together with what it has answered before."""

    def __init__(self, system: System, settings: Settings, cache: Cache) -> None:
        self._system, self._settings, self._cache = system, settings, cache
        self.checked: Any = None
        self._identity = _without_names(system.identity())
        self._key = ("retention", VERSION, _engine_version(), self._identity)

    def answers(self, task: Task) -> list[Answers]:
        """Answers with failures are not kept: they are asked again the next time."""
        key = key_of(*self._key, task, _deciding(task, self._settings))
        keeps = not (isinstance(task, NamedTask) and task.is_file)
        kept = self._cache.get(key) if keeps else None
        if kept is not None:
            self.checked = kept["checked"]
            return [_answers(one) for one in kept["answers"]]
        self._check()
        found = self._system.answers(task, self._settings)
        if keeps and not any(one.failed for one in found):
            self._cache.add(key, {"checked": self.checked, "answers": found})
        return found

    def _check(self) -> None:
        if self.checked is None:
            self.checked = self._system.check(self._settings)

    def losses(self, texts: list[str]) -> Iterator[list[Loss]]:
        """A few texts at a time, each time kept."""
        some: list[str] = []
        for number, text in enumerate(texts, 1):
            some.append(text)
            if number == len(texts) or sum(map(len, some)) >= _CHARACTERS_AT_ONCE:
                yield self._some_losses(some)
                some = []

    def _some_losses(self, texts: list[str]) -> list[Loss]:
        key = key_of("bits", self._identity, texts)
        kept = self._cache.get(key)
        if kept is None:
            kept = [(loss.bits if loss.bits == loss.bits else None, *loss[1:]) for loss in self._system.losses(texts)]
            self._cache.add(key, kept)
        return [Loss(float("nan") if bits is None else bits, *rest) for bits, *rest in kept]


def _deciding(task: Task, settings: Settings) -> Sequence[Any]:
    """The settings that the answers depend on. A subject holds its own examples and questions."""
    if isinstance(task, NamedTask):
        return settings
    return settings.mode, settings.max_tokens if settings.mode == "generate" else None


def _answers(kept: Sequence[Any]) -> Answers:
    subject, items, *counts = kept
    return Answers(subject, tuple(Answer(*item) for item in items), *counts)


def _without_names(identity: Mapping[str, Any]) -> dict[str, Any]:
    """A model is its files: under another name or in another place it has the same answers."""
    named = ("model", "adapter") if "weights" in identity else ()
    return {key: value for key, value in identity.items() if key not in named}


def _check(plan: Plan) -> None:
    if not plan.tasks and plan.texts is None:
        raise InputError("there is nothing to measure", remedy="name --tasks, or a --text")
    _check_once(task.name for task in plan.tasks)
    if plan.before is not None and _without_names(plan.before.identity()) == _without_names(plan.after.identity()):
        what = f"before and after are the same model ({plan.before.name}, {plan.after.name})"
        raise InputError(what, remedy="name the model as it was with --before, or the adapter with --adapter")


def _check_once(names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"the subject {twice[0]!r} comes twice", remedy="name it once, or rename one of the files")


def _settings(plan: Plan) -> dict[str, Any]:
    """Everything that decides the result."""
    return {
        "version": 1,
        "engine": f"lm_eval {_engine_version()}",
        "prompts": VERSION,
        **plan.settings._asdict(),
        "systems": {side: dict(system.identity()) for side, system in plan.systems.items()},
        "tasks": {task.name: key_of(task) for task in plan.tasks},
        "shots_used": sorted({len(task.shots) for task in plan.tasks if isinstance(task, Subject)}),
        "text": plan.texts.digest if plan.texts else None,
        "margin": plan.margin,
        "subject_margin": plan.subject_margin,
        "bits_margin": plan.bits_margin if plan.texts else None,
    }


def _engine_version() -> str:
    try:
        return version("lm_eval")
    except PackageNotFoundError:
        remedy = "pip install 'tunesmith[retention]'"
        raise InputError("measuring retention needs lm-evaluation-harness", remedy=remedy) from None


def _chance(tasks: Sequence[Task]) -> float | None:
    """The share of right answers that guessing gives; None where a task does not say how many options it has."""
    subjects = [task for task in tasks if isinstance(task, Subject)]
    options = [len(question.options) for subject in subjects for question in subject.questions]
    return sum(1 / n for n in options) / len(options) if options and len(subjects) == len(tasks) else None


def _result(
    plan: Plan,
    settings: dict[str, Any],
    answers: Mapping[str, list[Answers]],
    losses: Mapping[str, list[Loss]],
    checks: Mapping[str, Any],
) -> dict[str, Any]:
    overall, subjects = subject_entries(answers, plan.margin, plan.subject_margin)
    chance = _chance(plan.tasks)
    guesses = {side: guessing(found, chance) for side, found in answers.items() if plan.tasks}
    covered = coverage(answers, count_other_prompts(answers))
    bits = bits_entry(losses, plan.bits_margin, plan.texts.skipped) if plan.texts else None
    return {
        "systems": {side: system.name for side, system in plan.systems.items()},
        "overall": overall,
        "subjects": subjects,
        "bits_per_byte": bits,
        "preflight": dict(_preflight(checks, guesses)),
        "coverage": covered,
        "warnings": warnings_of(plan.settings, covered, guesses, bits),
        "settings": settings,
    }


def _preflight(checks: Mapping[str, Any], guesses: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What was tried before, and whether the answers are better than guessing."""
    for side, check in checks.items():
        found = guesses.get(side)
        told = {"check": check}
        if found is not None:
            told |= {"chance": found.chance, "at_chance": found.at_chance}
            told |= {"favourite": found.favourite, "favourite_share": round(found.favourite_share, 4)}
        yield side, told

"""What a task asks, one step after the other: first the choice, then each criterion; and the keys for it.

>>> steps = steps_of(task)  # doctest: +SKIP
>>> current(steps, Answer("left"), None)  # doctest: +SKIP
1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tunesmith.evaluate.review_types import CHOICES, Answer, Criterion, Task

#: The keys of the choices. C, R and punctuation belong to Streamlit, Enter and space to whichever button has the focus.
KEYS: Mapping[str, str] = {
    "left": "1",
    "right": "2",
    "equal": "3",
    "both_bad": "4",
    "keep": "K",
    "drop": "D",
    "edit": "E",
    "skip": "S",
    "undo": "Z",
    "send": "N",
}


class Step(NamedTuple):
    """One thing that is asked: the choice, or the rating of a criterion."""

    criterion: Criterion | None = None


def steps_of(task: Task) -> tuple[Step, ...]:
    """All that a task asks; of an answer that stands, only the criteria that it lacks."""
    if task.missing:
        return tuple(Step(one) for one in task.criteria if one.name in task.missing)
    choice = (Step(),) if CHOICES[task.mode] else ()
    return (*choice, *(Step(one) for one in task.criteria))


def current(steps: Sequence[Step], given: Answer, chosen: int | None) -> int | None:
    """The step to take now: the one that was gone back to, else the first without an answer; None where all have one.

    A choice that is the whole answer is handed in with the press: what an answer that was taken back had, can be
    chosen again.
    """
    if chosen is not None:
        return chosen
    if len(steps) == 1 and steps[0].criterion is None:
        return 0
    return next((place for place, step in enumerate(steps) if not answered(step, given)), None)


def answered(step: Step, given: Answer) -> bool:
    """Whether a step has its answer."""
    if step.criterion is None:
        return given.choice is not None
    return step.criterion.name in given.ratings


def scores(criterion: Criterion) -> list[int]:
    """The steps of its scale, lowest first."""
    return list(range(criterion.low, criterion.high + 1))


def key_of(score: int) -> str | None:
    """The key that rates; scores of two digits have none."""
    return str(score) if 0 <= score <= 9 else None


def last_prompt(task: Task) -> str | None:
    """What an edit of the prompt would change: the last question, None where there is none."""
    asked = [turn.get("content") for turn in task.messages if turn.get("role") == "user"]
    return asked[-1] if asked and isinstance(asked[-1], str) else None

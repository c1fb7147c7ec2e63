"""From answers to verdicts: the difference of each subject and over all, with what was gained and lost.

>>> summary = entry("anatomy", before, after, margin=0.05)  # doctest: +SKIP
>>> summary.told()["verdict"]  # doctest: +SKIP
'retained'

Over all, every question counts once, however large its subject. The subjects are one family, their p-values adjusted by
Holm together; the overall comparison is one question, asked once, and is not adjusted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.errors import InputError
from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.noninferiority import adjust_retained, noninferior
from tunesmith.evaluate.results import Estimate, Retained
from tunesmith.evaluate.retention_types import AFTER, BEFORE, Answer, Answers, Loss
from tunesmith.evaluate.significance import compare_corpus, estimate_corpus, estimate_share

OVERALL = "overall"

Entry = dict[str, Any]
Sides = Mapping[str, Sequence[Answers]]


def subject_entries(sides: Sides, margin: float, subject_margin: float) -> tuple[Entry, list[Entry]]:
    """The entry over all and one for each subject, in the order of the subjects.

    :param sides: the answers of `after`, and of `before` where it was measured, subject by subject.
    :raises InputError: where the two have other questions.
    """
    subjects = [[by_subject[number] for by_subject in sides.values()] for number in range(len(sides[AFTER]))]
    for pair in subjects:
        _check_same(pair)
    everything = [
        Answers(OVERALL, tuple(item for subject in answers for item in subject.items)) for answers in sides.values()
    ]
    if not subjects:
        return _alone({"name": OVERALL, "n": 0}, Estimate(math.nan, 0, None, ""), margin), []
    overall = _entry(everything, margin)
    entries = [_entry(pair, subject_margin) for pair in subjects]
    if BEFORE not in sides:
        return overall[0], [entry for entry, _ in entries]
    adjusted = adjust_retained([found for _, found in entries if found is not None])
    return overall[0], [_judged(entry, found) for (entry, _), found in zip(entries, adjusted)]


def bits_entry(sides: Mapping[str, Sequence[Loss]], margin: float, skipped: int) -> Entry:
    """Bits per byte of the same texts before and after; lower is better.

    The figure is a ratio of sums over texts, and is resampled as such: by whole texts.
    """
    shown: Entry = {"name": "bits_per_byte", "unit": "bits per byte", "n": len(sides[AFTER]), "skipped": skipped}
    there = np.all([[math.isfinite(loss.bits) for loss in losses] for losses in sides.values()], axis=0)
    statistics = {side: _statistics(losses)[there] for side, losses in sides.items()}
    estimates = {side: estimate_corpus(rows, _per_byte) for side, rows in statistics.items()}
    kept = [loss for loss, is_there in zip(sides[AFTER], there) if is_there]
    shown |= {"n": int(there.sum()), "not_finite": int((~there).sum())}
    shown |= {"bytes": sum(loss.bytes for loss in kept), "tokens": sum(loss.tokens for loss in kept)}
    if BEFORE not in sides:
        return _alone(shown, estimates[AFTER], margin)
    found = compare_corpus(statistics[BEFORE], statistics[AFTER], _per_byte)
    worse = found.p if found.p is None or found.difference > 0 else 1.0
    (judged,) = adjust_retained([Retained(found, margin, "not shown", worse, worse, None)], better="lower")
    return _judged(_differing(shown, judged, estimates), judged)


def coverage(sides: Sides, prompts_differ: int) -> dict[str, Any]:
    """How many questions there are, and what became of them in each system."""
    after = sides[AFTER]
    return {
        "subjects": len(after),
        "questions": sum(len(subject.items) for subject in after),
        "left_out": sum(subject.left_out for subject in after),
        "prompts_differ": prompts_differ,
        "systems": {side: _covered(answers) for side, answers in sides.items()},
    }


def count_other_prompts(sides: Sides) -> int:
    """Questions that the two systems were given in other words, as other chat templates do."""
    if BEFORE not in sides:
        return 0
    pairs = zip(sides[BEFORE], sides[AFTER])
    return sum(b.prompt != a.prompt for before, after in pairs for b, a in zip(before.items, after.items))


class Guessing(NamedTuple):
    """Whether a system does better than chance, and which letter it likes.

    :param chance: the share that guessing gets right, None where the number of options is not known.
    :param favourite_expected: the share of questions to which its favourite letter is the right answer.
    """

    accuracy: Estimate
    chance: float | None
    favourite: str | None
    favourite_share: float
    favourite_expected: float

    @property
    def at_chance(self) -> bool:
        """No better than guessing can be ruled out: what is not known cannot be seen to be forgotten."""
        low = self.accuracy.interval[0] if self.accuracy.interval else 0.0
        return self.chance is not None and self.accuracy.n > 0 and low <= self.chance


def guessing(answers: Sequence[Answers], chance: float | None) -> Guessing:
    """How one system answered over all."""
    items = [item for subject in answers for item in subject.items]
    letters = Counter(item.answer for item in items if item.answer is not None)
    favourite, count = letters.most_common(1)[0] if letters else (None, 0)
    expected = sum(item.expected == favourite for item in items) / max(1, len(items))
    return Guessing(estimate_share(_marks(items)), chance, favourite, count / max(1, letters.total()), expected)


def _check_same(pair: Sequence[Answers]) -> None:
    ids = [[item.id for item in answers.items] for answers in pair]
    if any(others != ids[0] for others in ids):
        what = f"the two systems were asked other questions in {pair[0].subject!r}"
        raise InputError(what, remedy="measure both again with --replace")


def _entry(pair: Sequence[Answers], margin: float) -> tuple[Entry, Retained | None]:
    """One line of the result: of a single system its accuracy, of two the difference and the verdict."""
    shown: Entry = {"name": pair[-1].subject}
    estimates: dict[str, Estimate] = dict(
        zip((BEFORE, AFTER)[-len(pair) :], (estimate_share(_marks(side.items)) for side in pair))
    )
    if len(pair) == 1:
        shown["n"] = estimates[AFTER].n
        return _alone(shown, estimates[AFTER], margin), None
    before, after = pair
    found = noninferior(_marks(before.items), _marks(after.items), margin=margin)
    shown = _differing(shown | {"n": found.difference.n}, found, estimates)
    flips = [(b.correct, a.correct, a.id) for b, a in zip(before.items, after.items)]
    shown |= {"gained": [name for b, a, name in flips if b is False and a is True]}
    shown |= {"lost": [name for b, a, name in flips if b is True and a is False]}
    return _judged(shown, found), found


def _alone(shown: Entry, estimate: Estimate, margin: float) -> Entry:
    figures = {"before": None, "after": _number(estimate.value), "difference": None, "interval": estimate.interval}
    intervals = {"before_interval": None, "after_interval": estimate.interval, "p": None, "p_adjusted": None}
    rest: Entry = {"margin": margin, "verdict": None, "needed": None, "gained": [], "lost": []}
    return {**shown, **figures, **intervals, **rest}


def _differing(shown: Entry, found: Retained, estimates: Mapping[str, Estimate]) -> Entry:
    one = found.difference
    figures = {name: _number(getattr(one, name)) for name in ("before", "after", "difference")}
    intervals = {f"{side}_interval": estimate.interval for side, estimate in estimates.items()}
    return {
        **shown,
        **figures,
        "interval": one.interval,
        **intervals,
        "p": one.p,
        "margin": found.margin,
        "test": one.test,
    }


def _judged(shown: Entry, found: Retained) -> Entry:
    return {**shown, "p_adjusted": found.p_adjusted, "verdict": found.verdict, "needed": found.needed}


def _marks(items: Sequence[Answer]) -> Floats:
    """1.0, 0.0, and NaN for what failed."""
    return np.array([math.nan if item.correct is None else float(item.correct) for item in items])


def _covered(answers: Sequence[Answers]) -> dict[str, Any]:
    failures = Counter(item.failure for subject in answers for item in subject.items if item.failure)
    return {
        "answered": sum(len(subject.items) - subject.failed for subject in answers),
        "failed": failures.total(),
        "failures": dict(sorted(failures.items())),
        "unreadable": sum(subject.unreadable for subject in answers),
        "cut": sum(subject.cut for subject in answers),
        "tied": sum(subject.tied for subject in answers),
    }


def _statistics(losses: Sequence[Loss]) -> Floats:
    """Bits and bytes of each text, shape `(n_texts, 2)`."""
    return np.array([(loss.bits, loss.bytes) for loss in losses], np.float64).reshape(-1, 2)


def _per_byte(sums: npt.NDArray[Any]) -> Floats:
    """Sums of bits and bytes, shape `(…, 2)`, to bits per byte."""
    found: Floats = sums[..., 0] / np.where(sums[..., 1] > 0, sums[..., 1], np.nan)
    return found


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None

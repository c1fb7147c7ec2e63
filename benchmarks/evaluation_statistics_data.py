"""Made-up and real comparisons of two systems that are equally good, or that differ by a known amount.

>>> sides = KINDS["ratings 1-5"](np.random.default_rng(0), 30)
>>> len(sides.before), sides.groups is None
(30, True)

*Equally good* means exchangeable: each item (each cluster) is as likely to have its two answers the other way round.
Items differ in how hard they are, so the two sides are correlated, as they are in life.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.bleu import score_bleu
from tunesmith.evaluate.metric_types import Items

Rng = np.random.Generator
Array = npt.NDArray[Any]

#: Where the real answers lie: see the readme of the shared data.
SHARED = Path(os.environ.get("TUNESMITH_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SYSTEMS = ("6b_finetuning", "6b_verification")


class Sides(NamedTuple):
    """One comparison: values, shape `(n,)`, or BLEU's statistics, shape `(n, 10)`."""

    before: Array
    after: Array
    groups: Array | None = None


def marks(rng: Rng, n: int) -> Sides:
    """Right and wrong; the two sides agree on about 8 of 10 items."""
    chance = rng.beta(0.6, 0.4, n)
    return Sides(*(rng.random((2, n)) < chance).astype(np.float64))


def rare_marks(rng: Rng, n: int) -> Sides:
    """Right and wrong; one item of twenty changes."""
    before = (rng.random(n) < 0.7).astype(np.float64)
    changed = rng.random(n) < 0.05
    after = np.where(changed, 1 - before, before)
    swapped = rng.random(n) < 0.5
    return Sides(np.where(swapped, after, before), np.where(swapped, before, after))


def ratings(rng: Rng, n: int) -> Sides:
    """1 to 5, half of the pairs tied."""
    item = rng.normal(3.6, 1.0, n)
    return Sides(*np.clip(np.rint(item + rng.normal(0, 0.55, (2, n))), 1, 5))


def skewed(rng: Rng, n: int) -> Sides:
    """Positive scores with a long tail, such as lengths."""
    item = rng.lognormal(3, 1, n)
    return Sides(*(item * rng.lognormal(0, 0.8, (2, n))))


def mostly_equal(rng: Rng, n: int) -> Sides:
    """Scores of 0 to 1 where nine answers of ten are the same on both sides."""
    before = rng.beta(2, 2, n)
    other = rng.beta(2, 2, n)
    changed, swapped = rng.random(n) < 0.1, rng.random(n) < 0.5
    after = np.where(changed, other, before)
    return Sides(np.where(swapped, after, before), np.where(swapped, before, after))


def clustered_marks(rng: Rng, n: int) -> Sides:
    """Right and wrong in clusters of 1 to 9 questions on one source, which a system knows or does not."""
    groups = _clusters(rng, n)
    item = rng.normal(0.5, 1, n)
    before, after = item + rng.normal(0, 1.0, (2, groups[-1] + 1))[:, groups] + rng.normal(0, 0.5, (2, n))
    return Sides((before > 0).astype(np.float64), (after > 0).astype(np.float64), groups)


def clustered_ratings(rng: Rng, n: int) -> Sides:
    """1 to 5 in such clusters."""
    groups = _clusters(rng, n)
    item = rng.normal(3.5, 0.8, n)
    before, after = item + rng.normal(0, 0.8, (2, groups[-1] + 1))[:, groups] + rng.normal(0, 0.5, (2, n))
    return Sides(np.clip(np.rint(before), 1, 5), np.clip(np.rint(after), 1, 5), groups)


def _clusters(rng: Rng, n: int) -> Array:
    sizes = rng.integers(1, 10, n)
    return np.repeat(np.arange(n), sizes)[:n]


def bleu(rng: Rng, n: int) -> Sides:
    """BLEU's statistics of two systems' real answers, drawn with replacement, each pair in random order."""
    pool = bleu_pool()[:, rng.integers(0, bleu_pool().shape[1], n)]
    swapped = (rng.random(n) < 0.5)[:, None]
    return Sides(np.where(swapped, pool[1], pool[0]), np.where(swapped, pool[0], pool[1]))


@functools.cache
def bleu_pool() -> Array:
    """The statistics of 1,319 answers of two systems to GSM8K, shape `(2, 1319, 10)`."""
    lines = [json.loads(line) for line in (SHARED / "gsm8k_solutions.jsonl").read_text("utf-8").splitlines()]
    references = [(line["ground_truth"],) for line in lines]
    n = len(lines)
    nothing: list[Any] = [()] * n
    names = [str(i) for i in range(n)]
    found = []
    for system in SYSTEMS:
        answers: list[str | None] = [line[system]["solution"] for line in lines]
        found.append(score_bleu(Items(names, answers, references, ["en"] * n, nothing, [{}] * n)).statistics)
    return np.array(found)


KINDS: dict[str, Callable[[Rng, int], Sides]] = {
    "right/wrong": marks,
    "right/wrong, few changes": rare_marks,
    "ratings 1-5": ratings,
    "long-tailed scores": skewed,
    "scores, most equal": mostly_equal,
    "right/wrong in clusters": clustered_marks,
    "ratings in clusters": clustered_ratings,
    "corpus BLEU": bleu,
}

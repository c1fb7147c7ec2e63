"""What a metric is given and what it gives back: plain data between `metrics.py`, `score.py` and `compare.py`.

A metric is a function from `Items` to `Scored` and one line in the table that ends `metrics.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]
Kind = Literal["binary", "mean", "corpus"]
Better = Literal["higher", "lower", "neither"]


class Items(NamedTuple):
    """The answers to be scored, all lists of the same length `n_items`.

    :param predictions: what the model wrote; None where it failed, which no metric counts as an empty answer.
    :param references: the right answers, any of which will do; an empty tuple where there is none.
    :param languages: `zh`, `en`, `ja`, `ko` or `other`, of the reference (of the prompt's request where there is none).
    :param messages: the prompt, OpenAI messages.
    :param fields: further scalars of the line, such as `task` or `correct`.
    """

    ids: list[str]
    predictions: list[str | None]
    references: list[tuple[str, ...]]
    languages: list[str]
    messages: list[tuple[Mapping[str, Any], ...]]
    fields: list[Mapping[str, Any]]


class Scored(NamedTuple):
    """One metric of all items.

    :param values: shape `(n_items,)`, NaN where the item has no value: a failed prediction, no reference, or a question
        of another form. Binary metrics have 0.0 and 1.0.
    :param signature: every setting that the number depends on, printable.
    :param statistics: of corpus metrics, shape `(n_items, k)`: counts whose sums over items give the corpus figure;
        zeros where the value is NaN.
    """

    values: Floats
    signature: str
    statistics: Counts | None = None


class Metric(NamedTuple):
    """A line of the table.

    :param kind: `binary` (share of items that are right), `mean` (mean over items) or `corpus` (from sums over items).
    :param better: `neither` for what only describes, such as length: a shift, never better or worse.
    :param unit: `0-1`, `0-100`, `characters` …
    :param corpus: of corpus metrics: sums of statistics, shape `(…, k)`, to the figure, shape `(…)`.
    """

    name: str
    kind: Kind
    better: Better
    unit: str
    score: Callable[[Items], Scored]
    corpus: Callable[[npt.NDArray[Any]], Floats] | None = None

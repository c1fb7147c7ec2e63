"""Parts of the items that are scored by themselves: by language, by the length of the prompt, by any scalar field.

A slice depends on the question only, never on what a model answered.

>>> items = Items(["1", "2"], ["a", "b"], [(), ()], ["zh", "en"], [(), ()], [{"task": "qa"}, {"task": "math"}])
>>> sorted(slices_of(items).fields)
['language', 'task']
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.errors import InputError
from tunesmith.evaluate.answers import FINISH_REASON, prompt_of
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.metrics import METRICS

Mask = npt.NDArray[np.bool_]

#: Values of a field that makes slices by itself, and of one that is asked for.
MOST_VALUES, MOST_WANTED_VALUES = 20, 200
LANGUAGE, LENGTH = "language", "length"
_QUARTERS = 4
#: Fields that tell of the answer.
_OF_ANSWERS = frozenset({FINISH_REASON, "failure", *METRICS})


class Slices(NamedTuple):
    """The items of each value of each field, shape `(n_items,)`, and fields with too many values, with their number."""

    fields: dict[str, dict[str, Mask]]
    undivided: dict[str, int]


def slices_of(items: Items, wanted: Sequence[str] | None = None) -> Slices:
    """Divide the items.

    :param wanted: only these fields; by default `language`, `length` (quarters of the prompts' characters) and every
        scalar field of two to 20 values.
    :raises InputError: a wanted field that no line has, or that has more than 200 values.
    """
    labels = _labels(items)
    if wanted is None:
        counts = {name: len(set(values) - {None}) for name, values in labels.items()}
        chosen = [name for name, n in counts.items() if 2 <= n <= MOST_VALUES]
        undivided = {name: n for name, n in counts.items() if n > MOST_VALUES}
    else:
        _check(wanted, labels)
        chosen, undivided = list(dict.fromkeys(wanted)), {}
    return Slices({name: _members(labels[name]) for name in chosen}, undivided)


def _labels(items: Items) -> dict[str, list[str | None]]:
    """The value of every field for each item, as text; None where the line does not have it."""
    lengths = [len(prompt_of(messages)) for messages in items.messages]
    built_in: dict[str, list[str | None]] = {LANGUAGE: list(items.languages)}
    built_in |= {LENGTH: _by_length(lengths)} if any(lengths) else {}
    names = dict.fromkeys(name for fields in items.fields for name in fields if name not in _OF_ANSWERS)
    return built_in | {name: [_label(fields.get(name)) for fields in items.fields] for name in names}


def _check(wanted: Sequence[str], labels: Mapping[str, list[str | None]]) -> None:
    for name in wanted:
        if name not in labels or all(label is None for label in labels[name]):
            raise InputError(f"no line has the field {name!r}", remedy=f"choose from {', '.join(labels)}")
        n_values = len(set(labels[name]) - {None})
        if n_values > MOST_WANTED_VALUES:
            what = f"the field {name!r} has {n_values:,} values, expected at most {MOST_WANTED_VALUES}"
            raise InputError(what, remedy="choose a field that groups the items")


def _members(labels: list[str | None]) -> dict[str, Mask]:
    """The items of each value: numbers and ranges in their order, else the most frequent first."""
    column = np.array(labels, object)
    counts = Counter(label for label in labels if label is not None)
    starts = {value: _start(value) for value in counts}
    in_order = not any(map(math.isnan, starts.values()))
    ranked = sorted(counts, key=lambda value: (starts[value] if in_order else -counts[value], value))
    return {value: np.asarray(column == value, np.bool_) for value in ranked}


def _start(value: str) -> float:
    """The number that a value is or begins with, such as that of `12-40`; NaN where it is none."""
    try:
        return float(value.partition("–")[0])
    except ValueError:
        return math.nan


def _label(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def _by_length(lengths: list[int]) -> list[str | None]:
    """Quarters, `0–31`, `32–54` …, bounds included; equal lengths are never divided."""
    cuts = np.quantile(lengths, np.arange(1, _QUARTERS) / _QUARTERS, method="lower").astype(int)
    edges = sorted({int(cut) for cut in cuts} - {max(lengths)})
    bounds = [*edges, max(lengths)]
    places = np.searchsorted(edges, lengths, side="left").tolist()
    return [f"{bounds[place - 1] + 1 if place else 0}–{bounds[place]}" for place in places]

"""Parts of the questions that are compared by themselves: by language, by length of the prompt, by any field.

A slice never depends on what a model answered: fields that differ between the two files are none.

>>> found = slices_of(both, before.items)  # doctest: +SKIP
>>> sorted(found.fields), found.fields["language"]["zh"].sum()  # doctest: +SKIP
(['domain', 'language', 'length', 'task'], 112)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.errors import InputError
from tunesmith.evaluate import score_slices
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.metrics import METRICS
from tunesmith.evaluate.pairing import Pair
from tunesmith.evaluate.score_slices import Slices


def slices_of(both: Pair, items: Items, wanted: Sequence[str] | None = None) -> Slices:
    """Every way to divide the pairs, each value a mask of shape `(n_pairs,)`.

    :param items: of the system before; languages and prompts are read from there.
    :param wanted: only these fields; none where it is empty.
    :raises InputError: a wanted field that the lines do not have, or that differs between the systems.
    """
    if wanted is not None and not wanted:
        return Slices({}, {})
    differing = _differing(both)
    for name in wanted or ():
        if name in differing:
            raise _disagreed(both, name)
    fields: list[Mapping[str, Any]] = [
        {k: v for k, v in items.fields[row].items() if k not in differing} for row in both.rows_before
    ]
    return score_slices.slices_of(_chosen(items, both.rows_before)._replace(fields=fields), wanted)


def _chosen(items: Items, rows: npt.NDArray[np.intp]) -> Items:
    """Some of the items, in the order of `rows`."""
    return Items(
        ids=[items.ids[row] for row in rows],
        predictions=[items.predictions[row] for row in rows],
        references=[items.references[row] for row in rows],
        languages=[items.languages[row] for row in rows],
        messages=[items.messages[row] for row in rows],
        fields=[items.fields[row] for row in rows],
    )


def groups_of(both: Pair, name: str | None) -> npt.NDArray[np.int64] | None:
    """The cluster of each pair as a number, shape `(n_pairs,)`; None where items are not grouped.

    :raises InputError: a field that no line has, that differs between the systems, or that some lines lack: an item
        without its group counts nowhere.
    """
    if name is None:
        return None
    values = [both.before.rows[row].fields.get(name) for row in both.rows_before]
    if all(value is None for value in values):
        fields = (both.before.rows[row].fields for row in both.rows_before)
        known = dict.fromkeys(key for one in fields for key in one if key not in METRICS)
        remedy = f"choose from {', '.join(known)}" if known else "add it to the lines, or with --references"
        raise InputError(f"no line has the field {name!r}", remedy=remedy)
    if name in _differing(both):
        raise _disagreed(both, name)
    without = [id for id, value in zip(both.ids, values) if value is None]
    if without:
        what = f"{len(without):,} of {len(values):,} items have no {name}, such as {without[0]}"
        raise InputError(what, where=str(both.before.path), remedy="give every line its group, or leave out --group")
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)


def _differing(both: Pair) -> set[str]:
    """Fields of which some pair has two values: they tell of the answers, not of the questions."""
    found: set[str] = set()
    for i, j in zip(both.rows_before, both.rows_after):
        one, other = both.before.rows[i].fields, both.after.rows[j].fields
        if one != other:
            found |= {name for name in {**one, **other} if one.get(name) != other.get(name)}
    return found


def _disagreed(both: Pair, name: str) -> InputError:
    what = f"the field {name!r} is not the same in {both.before.path} and {both.after.path}"
    return InputError(what, remedy="choose one that tells of the questions, or give it to both with --references")

"""Which answers are compared with which references, and back from pairs to items.

>>> items = Items(["a", "b"], ["x", None], [("y", " ", "z"), ("y",)], ["en", "en"], [(), ()], [{}, {}])
>>> compared_items(items)
Compared(n_items=2, places=array([0]), groups=[('x', 'y', 'z')])
>>> n_references(items)  # of the items with a failed answer too: the same for every system
'var'
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tunesmith.evaluate.metric_types import Floats, Items
from tunesmith.evaluate.overlap_kernels import Places


class Compared(NamedTuple):
    """The items that have an answer and a reference.

    :param places: their places among all items, shape `(n_compared,)`.
    :param groups: of each, the answer and then its references; blank references are left out.
    """

    n_items: int
    places: Places
    groups: list[tuple[str, ...]]


def compared_items(items: Items, *, keep_blank: bool = False) -> Compared:
    """All that can be compared: the prediction did not fail, and at least one reference is not blank.

    :param keep_blank: blank references stay, for libraries that give them a score.
    """
    given = references_of(items, keep_blank=keep_blank)
    known = ((place, prediction) for place, prediction in enumerate(items.predictions) if prediction is not None)
    found = [(place, (prediction, *given[place])) for place, prediction in known if given[place]]
    return Compared(len(items.ids), np.array([place for place, _ in found], np.int64), [group for _, group in found])


def references_of(items: Items, *, keep_blank: bool = False) -> list[tuple[str, ...]]:
    """The references of each item without blank ones."""
    return [tuple(one for one in several if keep_blank or one.strip()) for several in items.references]


def n_references(items: Items, *, keep_blank: bool = False) -> str:
    """How many references an item has, `var` where that differs, as sacrebleu's signatures say it.

    Items without any do not count, failed answers do: a signature is the same for every system on the same items.
    """
    counts = {len(given) for given in references_of(items, keep_blank=keep_blank) if given}
    return str(*counts) if len(counts) == 1 else "var" if counts else "0"


def first_pairs(compared: Compared) -> Places:
    """Where the pairs of each item begin among all pairs of an answer and a reference, shape `(n_compared + 1,)`."""
    return np.cumsum([0, *(len(group) - 1 for group in compared.groups)], dtype=np.int64)


def pairs_of(compared: Compared) -> list[tuple[str, str]]:
    """Each answer with each of its references, in order."""
    return [(group[0], reference) for group in compared.groups for reference in group[1:]]


def best_of(compared: Compared, values: Floats) -> Floats:
    """The highest value of each item's pairs, shape `(n_items,)`; NaN where none has a value."""
    found = np.full(compared.n_items, np.nan)
    if compared.groups:
        found[compared.places] = np.fmax.reduceat(values, first_pairs(compared)[:-1])
    return found

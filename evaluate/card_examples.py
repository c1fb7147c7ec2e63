"""The answers that a line of the card shows: of all that have the fault, those first that had it not before.

>>> pairs = Pairs(np.array([0, 1]), np.array([0, 1]))
>>> faults(pairs, np.array([True, True]), np.array([True, False]))
[1, 0]
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.card_answers import Pairs, Systems, last_question
from tunesmith.evaluate.card_lines import MOST_EXAMPLES

Mask = npt.NDArray[np.bool_]

MOST_CHARACTERS = 20_000  # of an answer in the card; `characters` has its length


def faults(pairs: Pairs, after: Mask, before: Mask | None) -> list[int]:
    """Places of up to three answers that have a fault, by whether it is new, then in the order of the file."""
    places = np.flatnonzero(after)
    if before is None:
        return [*places[:MOST_EXAMPLES].tolist()]
    had = np.zeros(len(after), bool)
    had[pairs.after] = before[pairs.before]
    return [*places[np.argsort(had[places], kind="stable")][:MOST_EXAMPLES].tolist()]


def shown(systems: Systems, place: int, said: dict[str, Any]) -> dict[str, Any]:
    """One answer with its prompt, what it is shown for, and the answer of the model before."""
    row = systems.after.rows[place]
    return {
        "id": row.id,
        "prompt": last_question(row),
        "answer": _cut(row.prediction),
        "characters": len(row.prediction or ""),
        "before": _before(systems, place),
        "note": said["note"],
        "values": said.get("values", {}),
    }


def _before(systems: Systems, place: int) -> str | None:
    found = np.flatnonzero(systems.pairs.after == place)
    if systems.before is None or not len(found):
        return None
    return _cut(systems.before.rows[int(systems.pairs.before[found[0]])].prediction)


def _cut(text: str | None) -> str | None:
    """The whole text stands in the predictions file."""
    return text if text is None else text[:MOST_CHARACTERS]

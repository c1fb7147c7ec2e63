"""Which rows of a profile are shown: what the bars of its charts count, and the choice that stands in the address.

`dataset?dataset=medical&language=en&problem=equal` shows the English rows that repeat an earlier one.

>>> chosen = Filter(language="en")
>>> numbers = rows_of(profile.table, chosen)  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

#: Lower ends of the bins of lengths, in characters.
_STEPS = (0, 1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)

#: What can be wrong with a row, in the order in which it is told.
PROBLEMS = (
    "unreadable", "missing_answer", "empty_turns", "disordered_turn", "broken_tool_calls", "placeholders",
    "language_mismatch", "equal", "dropped",
)  # fmt: skip


class Filter(NamedTuple):
    """What the address asks for; empty texts ask for nothing."""

    language: str = ""
    question: str = ""
    answer: str = ""
    problem: str = ""


def filter_of(query: Mapping[str, Any]) -> Filter:
    """The choice in an address; what it does not know asks for nothing."""
    asked = {name: str(query.get(name, "")) for name in Filter._fields}
    for name in ("question", "answer"):
        asked[name] = asked[name] if asked[name] in BINS else ""
    asked["problem"] = asked["problem"] if asked["problem"] in PROBLEMS else ""
    return Filter(**asked)


def _bin(low: int, above: int | None) -> str:
    if above is None:
        return f"{low}+"
    return str(low) if above == low + 1 else f"{low}-{above - 1}"


#: Name of a bin -> its lower end and the one above it, None for no end.
BINS: dict[str, tuple[int, int | None]] = {
    _bin(low, above): (low, above) for low, above in zip(_STEPS, (*_STEPS[1:], None))
}


def rows_of(table: pa.Table, chosen: Filter) -> npt.NDArray[np.int64]:
    """The numbers of the rows that the filter lets through, in their order."""
    mask = np.ones(len(table), bool)
    if chosen.language:
        mask &= is_readable(table) & pc.equal(table["language"], chosen.language).fill_null(False).to_numpy()
    for name, column in (("question", "prompt_characters"), ("answer", "answer_characters")):
        wanted = getattr(chosen, name)
        if wanted:
            mask &= _in_bin(table, column, BINS[wanted])
    if chosen.problem:
        mask &= problem_mask(table, chosen.problem)
    found: npt.NDArray[np.int64] = np.flatnonzero(mask).astype(np.int64)
    return found


def is_readable(table: pa.Table) -> Mask:
    """The rows that could be read as a record."""
    mask: Mask = table["invalid"].is_null().to_numpy()
    return mask


def problem_mask(table: pa.Table, problem: str) -> Mask:
    """The rows that have this problem."""
    if problem == "unreadable":
        return ~is_readable(table)
    if problem == "equal":
        mask: Mask = table["first_equal"].to_numpy() >= 0
    elif problem == "dropped":
        mask = table["rule"].is_valid().to_numpy()
    else:
        mask = table[problem].cast(pa.int64()).fill_null(0).to_numpy() > 0
    return mask & is_readable(table)


def languages(table: pa.Table) -> dict[str, int]:
    """Readable rows by language, most first."""
    counted = pc.value_counts(table["language"].filter(pa.array(is_readable(table)))).to_pylist()
    found = {str(one["values"]): int(one["counts"]) for one in counted if one["values"]}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def problems(table: pa.Table) -> dict[str, int]:
    """Rows by problem, only those that there are."""
    found = {name: int(problem_mask(table, name).sum()) for name in PROBLEMS}
    return {name: count for name, count in found.items() if count}


def lengths(table: pa.Table, column: str) -> dict[str, int]:
    """Readable rows by length, from the first bin that has any to the last."""
    values = table[column].fill_null(0).to_numpy()[is_readable(table)]
    places = np.searchsorted(np.array(_STEPS), values, side="right") - 1
    counts = np.bincount(places, minlength=len(_STEPS))
    used = np.flatnonzero(counts)
    if not len(used):
        return {}
    return dict(list(zip(BINS, counts.tolist()))[used[0] : used[-1] + 1])


def _in_bin(table: pa.Table, column: str, ends: tuple[int, int | None]) -> Mask:
    values = table[column].fill_null(0).to_numpy()
    mask: Mask = is_readable(table) & (values >= ends[0])
    return mask if ends[1] is None else mask & (values < ends[1])

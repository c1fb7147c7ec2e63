"""What a finished run balanced a row as: its language, task, source or group of content.

>>> balanced_as(run, run.number_of("general:24"))  # doctest: +SKIP
Balanced(by='cluster', name='3', title=['egg', 'boil'])
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.curate.rundata import RunData
from tunesmith.curate.stage_balance import clusters_of


class Balanced(NamedTuple):
    """`name` as the recipe's `caps` have it: of a group its number, which `title` puts in words."""

    by: str
    name: str
    title: list[str]


def balanced_as(run: RunData, number: int) -> Balanced:
    """The name under which a row was counted, in a run whose recipe has `balance`."""
    by = run.recipe["balance"]["by"]
    if by == "source":
        return Balanced(by, run.line(number)["source"], [])
    if by != "cluster":
        return Balanced(by, run.signals[by][number].as_py(), [])
    table = run.stage("clusters")
    group = table["cluster"][number].as_py()
    title = next(one["title"] for one in clusters_of(table) if one["number"] == group)
    return Balanced(by, f"{group}", title)

"""How often each two people said the same about the items that both judged: who sees things alike, and who does not.

>>> two_people(votes_of(data), "pairwise")[0]  # doctest: +SKIP
TwoPeople(one='R1', other='R2', same=31, of=40, share=0.775, interval=(0.62, 0.88))
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from tunesmith.evaluate.review_reviewers_others import alike
from tunesmith.evaluate.review_types import Mode, Vote

if TYPE_CHECKING:
    from tunesmith.evaluate.review_results_votes import Votes


class TwoPeople(NamedTuple):
    """Two people: `same` of the `of` items that both judged; in a rubric every rating within one step."""

    one: str
    other: str
    same: int
    of: int
    share: float
    interval: tuple[float, float] | None


def two_people(votes: Votes, mode: Mode) -> list[TwoPeople]:
    """Every two people who judged an item both, by their names."""
    marks: dict[tuple[str, str], list[bool]] = {}
    for found in votes.by_item.values():
        for pair, same in _said(found, mode):
            marks.setdefault(pair, []).append(same)
    return [_told(pair, marks[pair]) for pair in sorted(marks)]


def _said(votes: Sequence[Vote], mode: Mode) -> list[tuple[tuple[str, str], bool]]:
    ordered = sorted(votes, key=lambda vote: vote.reviewer)
    both = [(one, other, alike(one, other, mode)) for one, other in combinations(ordered, 2)]
    return [((one.reviewer, other.reviewer), same) for one, other, same in both if same is not None]


def _told(pair: tuple[str, str], marks: Sequence[bool]) -> TwoPeople:
    from tunesmith.evaluate.significance import estimate_share

    found = estimate_share([float(mark) for mark in marks])
    return TwoPeople(*pair, sum(marks), len(marks), sum(marks) / len(marks), found.interval)

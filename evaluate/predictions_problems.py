"""All that is wrong with the rows of a file, at once: the first ten by place, and how many there are.

>>> problems = Problems("preds.jsonl", "line", "cannot be taken for a prediction")
>>> problems.add(Place(3, "preds.jsonl:3"), "has no id", remedy="give each line an id of its own")
>>> problems.check()
Traceback (most recent call last):
    ...
tunesmith.errors.InputError: preds.jsonl: 1 line cannot be taken for a prediction:
  preds.jsonl:3: has no id; give each line an id of its own
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.curate.shown import count
from tunesmith.errors import InputError, TunesmithError

_SHOWN = 10


class Place(NamedTuple):
    """Where a row stands: its number in the file, and in words, such as `preds.jsonl:17`."""

    position: int
    shown: str


class _Problem(NamedTuple):
    place: Place
    what: str
    remedy: str | None


class Problems:
    """What was found wrong so far, `len` of them."""

    def __init__(self, where: str, noun: str, verb: str) -> None:
        self._where, self._noun, self._verb = where, noun, verb
        self._found: list[_Problem] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, place: Place, what: str, *, remedy: str | None = None) -> None:
        """One problem."""
        self._found.append(_Problem(place, what, remedy))

    def add_error(self, place: Place, error: TunesmithError) -> None:
        """One problem that the reading of a row met."""
        self.add(place, error.what, remedy=error.remedy)

    def check(self) -> None:
        """:raises InputError: where there was any. A remedy that is the same for all that is shown stands once."""
        if not self._found:
            return
        shown = sorted(self._found, key=lambda problem: problem.place.position)[:_SHOWN]
        remedies = {problem.remedy for problem in shown}
        common = remedies.pop() if len(remedies) == 1 else None
        lines = [_line(problem, with_remedy=common is None) for problem in shown]
        if len(self._found) > _SHOWN:
            lines.append(f"… and {len(self._found) - _SHOWN:,} more")
        rows = len({problem.place for problem in self._found})
        what = f"{count(rows, self._noun)} {self._verb}:\n  " + "\n  ".join(lines)
        raise InputError(what, where=self._where, remedy=common)


def _line(problem: _Problem, *, with_remedy: bool) -> str:
    remedy = f"; {problem.remedy}" if with_remedy and problem.remedy else ""
    return f"{problem.place.shown}: {problem.what}{remedy}"

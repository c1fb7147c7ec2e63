"""What a check of a finished run found: each kind of contradiction once, with how often and where first.

>>> found = Findings()
>>> for line in range(1, 8):
...     found.add("train.jsonl", "is no JSON", f"line {line}")
>>> found.all()[0].told()
'is no JSON: line 1, line 2, line 3 and 4 more'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

PLACES = 3  # that a finding shows; its count has them all


@dataclass
class Finding:
    """One kind of contradiction in one file. `file` is its path in the run's folder; `count` says how often."""

    file: str
    what: str
    count: int = 0
    places: list[str] = field(default_factory=list)

    def told(self) -> str:
        """In words, without the file's name."""
        if not self.places:
            return self.what
        more = self.count - len(self.places)
        return f"{self.what}: {', '.join(self.places)}" + (f" and {more:,} more" if more else "")


class Findings:
    """Findings by file and kind, in the order in which they were made, so that memory does not grow with the damage."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Finding] = {}

    def add(self, file: str, what: str, place: str | None = None) -> None:
        """One contradiction, at one place or of the file as a whole."""
        self.add_all(file, what, [place] if place else [], 1)

    def add_all(self, file: str, what: str, places: Iterable[str], count: int) -> None:
        """Many of one kind.

        :param places: as many as are easy to tell; the first few are looked at.
        """
        finding = self._found.setdefault((file, what), Finding(file, what))
        finding.count += count
        finding.places += islice(places, PLACES - len(finding.places))

    def all(self) -> list[Finding]:
        """Everything found; what is of one file stands together."""
        order = {name: place for place, name in enumerate(dict.fromkeys(file for file, _ in self._found))}
        return sorted(self._found.values(), key=lambda finding: order[finding.file])

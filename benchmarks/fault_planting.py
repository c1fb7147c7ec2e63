"""Plants every kind of fault into real rows, each row at most one, and says afterwards where each stands.

>>> quota(0.01, 6000)
60
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from fault_evaluation import Question, contaminated
from fault_kinds import FAULTS, Edit, Fault
from fault_languages import answers_by_language, wrong_language
from fault_rows import Row, write_rows
from fault_unsafe import unsafe_rows
from fault_wordings import Wordings


class Planted(NamedTuple):
    """A row to be curated; where `fault` is empty it is as its set has it. `original` is the place in the base of the
    row that was edited or copied, -1 for a row that was made; `was` is that row."""

    row: Row
    original: int
    was: Row
    fault: str = ""
    variant: str = ""


def plant(
    base: Sequence[Row],
    questions: Mapping[str, Sequence[Question]],
    wordings: Wordings,
    *,
    rate: float,
    seed: int,
) -> dict[str, Planted]:
    """Every row by its row id: `rate` of each language's rows for each fault, the other rows untouched."""
    donors = answers_by_language(base)
    rows: list[Planted] = []
    for language in ("en", "zh"):
        rows += _Language(base, language, wordings, seed).planted(
            {"wrong answer language": wrong_language(donors)}, questions[language], rate
        )
    return _numbered(rows, seed)


def quota(rate: float, n_rows: int) -> int:
    """Rows of one fault in one language."""
    return max(1, round(rate * n_rows))


class _Language:
    """The rows of one language, and which of them are taken."""

    def __init__(self, base: Sequence[Row], language: str, wordings: Wordings, seed: int) -> None:
        self._base, self._language, self._wordings, self._seed = base, language, wordings, seed
        self._places = [at for at, row in enumerate(base) if row.language == language]
        self._sizes = Counter(base[at].source for at in self._places)
        self._taken: set[int] = set()

    def planted(self, edits: Mapping[str, Edit], questions: Sequence[Question], rate: float) -> list[Planted]:
        """All rows of the language."""
        n_wanted = quota(rate, len(self._places))
        found: list[Planted] = []
        kept = set(self._places)
        for fault in FAULTS:
            random = Random(f"{self._seed}:{fault.name}:{self._language}")
            edit = edits.get(fault.name, fault.edit)
            if edit:
                made = self._edited(fault, edit, n_wanted, random)
            else:
                made = self._made(fault, questions, n_wanted, random)
            found += made
            kept -= set() if fault.copies else {one.original for one in made}
        return [*found, *(Planted(self._base[at], at, self._base[at]) for at in sorted(kept))]

    def _edited(self, fault: Fault, edit: Edit, n_wanted: int, random: Random) -> list[Planted]:
        found: list[Planted] = []
        for at in self._drawn(random):
            edited = edit(self._base[at], random, self._wordings)
            if edited is None:
                continue
            self._taken.add(at)
            found.append(Planted(edited.row, at, self._base[at], fault.name, edited.variant))
            if len(found) == n_wanted:
                return found
        missing = f"wanted {n_wanted} rows that can carry it, found {len(found)}"
        raise SystemExit(f"{fault.name}, {self._language}: {missing}; take more --rows or a lower --rate")

    def _drawn(self, random: Random) -> Iterator[int]:
        """Free rows in an order in which a small set's rows come sooner: by the square root of its size."""
        weighed = [(math.log(1 - random.random()) / self._weight(at), at) for at in self._places]
        return (at for _, at in sorted(weighed, reverse=True) if at not in self._taken)

    def _weight(self, at: int) -> float:
        return self._sizes[self._base[at].source] ** -0.5

    def _made(self, fault: Fault, questions: Sequence[Question], n_wanted: int, random: Random) -> list[Planted]:
        if fault.name == "unsafe content":
            pairs = unsafe_rows(self._language, self._wordings)
            made = random.sample(pairs, min(n_wanted, len(pairs)))
        else:
            made = [contaminated(one, self._language, random) for one in random.sample(questions, n_wanted)]
        return [Planted(edited.row, -1, edited.row, fault.name, edited.variant) for edited in made]


def _numbered(rows: list[Planted], seed: int) -> dict[str, Planted]:
    """Rows in a random order, by `source:position`."""
    Random(f"{seed}:order").shuffle(rows)
    positions: Counter[str] = Counter()
    found = {}
    for one in rows:
        positions[one.row.source] += 1
        found[f"{one.row.source}:{positions[one.row.source]}"] = one
    return found


def write_sources(planted: Mapping[str, Planted], folder: Path) -> list[Path]:
    """One file a source; the paths, in the order of their names."""
    sources: dict[str, list[Row]] = {}
    for one in planted.values():
        sources.setdefault(one.row.source, []).append(one.row)
    paths = [folder / f"{source}.jsonl" for source in sorted(sources)]
    for path in paths:
        write_rows(sources[path.stem], path)
    return paths

"""What a run's ledger says about planted and untouched rows: recall and precision with their intervals.

>>> wilson(95, 100)
(0.8882..., 0.9784...)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from fault_judged import JUDGED, NOT_JUDGED, judged
from fault_kinds import CONSEQUENCES, FAULTS, Fault, belongs
from fault_planting import Planted
from fault_shingles import highest_jaccard, words

_TRUE = {(one.row, one.mark) for one in JUDGED if one.faulty}
_DUPLICATES = ("exact_duplicate", "near_duplicate")
PROVED = 0.7  # the default threshold of near-duplicates
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}")


class Entry(NamedTuple):
    """One row of the ledger, as far as it matters here."""

    row_id: str
    content_id: str
    source: str
    verdict: str
    stage: str
    partner: str
    similarity: float
    marks: frozenset[str]  # rules that it failed, flags, edits


class Score(NamedTuple):
    """One fault in one language. `owed` are marks that count neither way: what a planted fault brings with it, true
    duplicates of the public sets by our own count, rows that a reader judged faulty."""

    fault: str
    language: str
    n_planted: int
    n_caught: int
    n_marked: int
    n_right: int
    n_owed: int
    missed: list[str]
    false: list[str]

    @property
    def recall(self) -> float:
        """Caught by planted."""
        return self.n_caught / max(self.n_planted, 1)

    @property
    def precision(self) -> float:
        """Planted by all rows that carry a name of the fault, those that count neither way left aside; nan if none."""
        n_judged = self.n_right + len(self.false)
        return self.n_right / n_judged if n_judged else math.nan


def wilson(n_hits: int, n_all: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), 0 to 1."""
    if not n_all:
        return 0.0, 1.0
    share, weight = n_hits / n_all, z * z / n_all
    middle = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / n_all + weight / (4 * n_all)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def read_ledger(run: Path) -> dict[str, Entry]:
    """The ledger of a run, by row id."""
    return {row["row_id"]: _entry(row) for row in pq.read_table(run / "ledger.parquet").to_pylist()}


def _entry(row: dict[str, Any]) -> Entry:
    names = {row["rule"], *(one["rule"] for one in row["failed"] or ()), *(row["flags"] or ()), *(row["edits"] or ())}
    return Entry(
        row["row_id"],
        row["content_id"] or "",
        row["source"],
        row["verdict"],
        row["stage"] or "",
        row["partner"] or "",
        row["similarity"] or 0.0,
        frozenset(name for name in names if name),
    )


def scores(planted: Mapping[str, Planted], ledger: Mapping[str, Entry]) -> list[Score]:
    """One line a fault and language."""
    return [_score(fault, language, planted, ledger) for fault in FAULTS for language in ("en", "zh")]


def _score(fault: Fault, language: str, planted: Mapping[str, Planted], ledger: Mapping[str, Entry]) -> Score:
    rows = {row_id: one for row_id, one in planted.items() if one.row.language == language}
    pairs = _pairs(fault, rows)
    caught = {row_id for row_id, pair in pairs.items() if any(_catches(ledger[one], fault, pair) for one in pair)}
    marked = [row_id for row_id in rows if _found(ledger[row_id], fault.marks)]
    ours = {one for pair in pairs.values() for one in pair[:2]}
    right = [row_id for row_id in marked if row_id in ours]
    false = [row_id for row_id in marked if row_id not in ours and not _owed(fault, row_id, planted, ledger)]
    n_owed = len(marked) - len(right) - len(false)
    missed = [row_id for row_id in pairs if row_id not in caught]
    return Score(fault.name, language, len(pairs), len(caught), len(marked), len(right), n_owed, missed, false)


def _pairs(fault: Fault, rows: Mapping[str, Planted]) -> dict[str, list[str]]:
    """The rows of a fault; after a copy the row that it copies, since either of the two may be the one that goes, and
    that row's true duplicates, since one of them may stand for it."""
    found = {row_id: [row_id] for row_id, one in rows.items() if one.fault == fault.name}
    if not fault.copies:
        return found
    originals = {one.original: row_id for row_id, one in rows.items() if not one.fault}
    twins: dict[tuple[str, ...], list[str]] = {}
    for row_id, one in rows.items():
        twins.setdefault(tuple(words(one.row.text)), []).append(row_id)
    return {
        row_id: [row_id, originals[rows[row_id].original], *twins[tuple(words(rows[row_id].was.text))]]
        for row_id in found
    }


def _catches(entry: Entry, fault: Fault, pair: Sequence[str]) -> bool:
    """Of a copy that stays, a flag counts only where it names the other row of the pair."""
    named = not fault.copies or entry.verdict == "dropped" or entry.partner in pair
    return _found(entry, fault.marks) or (named and _found(entry, fault.also))


def _found(entry: Entry, names: tuple[str, ...]) -> bool:
    return any(belongs(mark, names) for mark in entry.marks)


def _owed(fault: Fault, row_id: str, planted: Mapping[str, Planted], ledger: Mapping[str, Entry]) -> bool:
    entry, one = ledger[row_id], planted[row_id]
    marks = [mark for mark in entry.marks if belongs(mark, fault.marks)]
    brought = {mark for name, mark, _ in CONSEQUENCES if name == one.fault}
    return all(
        mark in brought or _is_judged(mark, one) or _is_duplicate(mark, entry, planted) or _is_address(mark, one)
        for mark in marks
    )


def _is_judged(mark: str, one: Planted) -> bool:
    """A reader judged the public row faulty, and planting did not replace its answer."""
    return (one.was.public, mark) in _TRUE and one.was.answer[:12] in one.row.answer


def _is_duplicate(mark: str, entry: Entry, planted: Mapping[str, Planted]) -> bool:
    """A duplicate by our own count, of the row as it came or, for what a cleaner repairs, as it was."""
    if mark not in _DUPLICATES or entry.partner not in planted:
        return False
    one, partner = planted[entry.row_id], planted[entry.partner]
    pairs = [(ours.text, theirs.text) for ours in (one.row, one.was) for theirs in (partner.row, partner.was)]
    if mark == _DUPLICATES[0]:
        return any(words(ours) == words(theirs) for ours, theirs in pairs)
    return any(highest_jaccard(ours, theirs) >= PROVED for ours, theirs in pairs)


def _is_address(mark: str, one: Planted) -> bool:
    """An e-mail address that the public row has."""
    return mark in ("privacy:email", "redact:email") and bool(_ADDRESS.search(one.was.text))


def unread(found: Sequence[Score], planted: Mapping[str, Planted], ledger: Mapping[str, Entry]) -> tuple[int, int]:
    """False alarms on rows as their sets have them, and how many of them nobody has judged for that fault."""
    names = {fault.name: fault.marks for fault in FAULTS}
    false = [(score.fault, row_id) for score in found for row_id in score.false if not planted[row_id].fault]
    marks = [frozenset(mark for mark in ledger[row_id].marks if belongs(mark, names[name])) for name, row_id in false]
    read = [judged(planted[row_id].was.public, some) for (_, row_id), some in zip(false, marks)]
    return len(false), read.count(NOT_JUDGED)


def other_marks(planted: Mapping[str, Planted], ledger: Mapping[str, Entry]) -> dict[str, int]:
    """Names on untouched rows that belong to none of the sixteen faults, with the number of rows."""
    known = tuple(name for fault in FAULTS for name in fault.marks)
    found: dict[str, int] = {}
    for row_id, one in planted.items():
        for mark in () if one.fault else ledger[row_id].marks:
            if not belongs(mark, known):
                found[mark] = found.get(mark, 0) + 1
    return dict(sorted(found.items()))


def by_variant(score: Score, planted: Mapping[str, Planted]) -> dict[str, tuple[int, int]]:
    """Planted and missed rows of each variant that has misses."""
    names = [one.variant for one in planted.values() if (one.fault, one.row.language) == (score.fault, score.language)]
    missed: Sequence[str] = [planted[row_id].variant for row_id in score.missed]
    return {name: (names.count(name), missed.count(name)) for name in sorted(set(missed))}

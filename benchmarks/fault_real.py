"""What the default recipe does with the public sets as they are: shares by set and rule, and every dropped row.

>>> FILES[0]
'alpaca_en_demo.json'
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fault_judged import judged
from fault_judging import PROVED, Entry
from fault_rows import SETS, Row, read_set
from fault_shingles import highest_jaccard
from page import Line

FILES = tuple(one.file for one in SETS if not one.name.startswith("dpo"))
_NAMES = {Path(one.file).stem: one.name for one in SETS}


class Dropped(NamedTuple):
    """One row that is gone, with what a reader said about it."""

    entry: Entry
    row: Row
    partner: Row | None
    judgement: str

    @property
    def proved(self) -> bool:
        """The partner is alike by our own count, at the default threshold."""
        return self.partner is not None and highest_jaccard(self.row.text, self.partner.text) >= PROVED

    def as_dict(self) -> dict[str, Any]:
        """For a file of details."""
        return {
            "row_id": self.entry.row_id,
            "content_id": self.entry.content_id,
            "verdict": self.entry.verdict,
            "stage": self.entry.stage,
            "marks": sorted(self.entry.marks),
            "similarity": self.entry.similarity,
            "judgement": self.judgement,
            "turns": [turn._asdict() for turn in self.row.turns],
            "partner": self.partner and [turn._asdict() for turn in self.partner.turns],
        }


def dropped_rows(data: Path, ledger: Mapping[str, Entry]) -> list[Dropped]:
    """Every row that was dropped or is invalid, in the order of the sets."""
    rows = {Path(one.file).stem: read_set(data, one.name) for one in SETS if one.file in FILES}

    def row_of(row_id: str) -> Row:
        source, _, position = row_id.rpartition(":")
        return rows[source][int(position) - 1]

    return [
        Dropped(
            entry,
            row_of(entry.row_id),
            row_of(entry.partner) if entry.partner else None,
            judged(entry.row_id, entry.marks),
        )
        for entry in ledger.values()
        if entry.verdict in ("dropped", "invalid")
    ]


def shares(ledger: Mapping[str, Entry], dropped: list[Dropped]) -> list[Line]:
    """One line a set: rows, share dropped by rules, by duplicates, invalid, and the flags on rows that stay."""
    lines: list[Line] = []
    for stem in (Path(file).stem for file in FILES):
        n_rows = sum(entry.source == stem for entry in ledger.values())
        gone = [one.entry for one in dropped if one.entry.source == stem]
        by_rules = [entry for entry in gone if entry.stage != "duplicates"]
        duplicates = len(gone) - len(by_rules)
        rules = Counter(mark for entry in by_rules for mark in sorted(entry.marks))
        lines.append(
            {
                "set": _NAMES[stem],
                "rows": n_rows,
                "by rules": f"{len(by_rules)} ({len(by_rules) / max(n_rows, 1):.2%})",
                "which": ", ".join(f"{name} {n}" for name, n in rules.most_common()) or "–",
                "duplicates": f"{duplicates} ({duplicates / max(n_rows, 1):.2%})",
            }
        )
    return lines


def flags(ledger: Mapping[str, Entry]) -> list[Line]:
    """Marks on rows that stay: one line a set and name."""
    found = Counter(
        (_NAMES[entry.source], mark) for entry in ledger.values() if entry.verdict == "kept" for mark in entry.marks
    )
    return [{"set": name, "mark": mark, "rows": n} for (name, mark), n in sorted(found.items())]

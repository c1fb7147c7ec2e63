"""What changed between two training sets, and why: row by row, matched by content, with the other run's own evidence.

A set is the kept rows of a run. Rows with the same content are matched in order, kept ones first.

>>> found = diff_runs(open_run(Path("v1")), open_run(Path("v2")))  # doctest: +SKIP
>>> found.counts["only_in_a"], found.only_in_a[0].reason  # doctest: +SKIP
(12, 'dropped by answer_too_short')
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.curate.diff_inputs import Changed, FileChange, changed_files, changed_recipe, same_files
from tunesmith.curate.diff_text import as_text
from tunesmith.curate.ledger import DROPPED, INVALID, KEPT
from tunesmith.curate.rundata import RunData
from tunesmith.curate.summary import texts_of

__all__ = ["Diff", "Example", "Group", "as_json", "as_text", "diff_runs"]

EXAMPLES = 3
_EDITS = {"fill": "filled", "history": "shortened", "decision": "edited by a person"}
_UNNEEDED = {
    "cap": "over the cap",
    "too_close": "too close to a row that was taken",
    "not_selected": "not taken by the selection",
    "balance": "beyond a cap of the balance",
}
_EDIT_KINDS = {"clean": "cleaned", "redact": "redacted"}
_EXAMPLE_CHARACTERS = 300
Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Example:
    """One row of a group: its ids in both runs, what the other run measured, and how it begins."""

    row_id: str
    other_row_id: str | None
    rule: str | None
    value: float | None
    threshold: float | None
    partner: str | None
    similarity: float | None
    answer_similarity: float | None
    detail: str | None
    prompt: str
    answer: str


@dataclass(frozen=True)
class Group:
    """Rows that changed for one reason."""

    reason: str
    rows: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Diff:
    """Two runs side by side. Groups have the most rows first."""

    a: str
    b: str
    counts: Mapping[str, int]
    only_in_a: tuple[Group, ...]  # why B does not have them
    only_in_b: tuple[Group, ...]  # why A does not have them
    moved: tuple[Group, ...]
    copies: tuple[Group, ...]
    edited: tuple[Group, ...]
    recipe: tuple[Changed, ...]
    versions: tuple[Changed, ...]
    files: tuple[FileChange, ...]


@dataclass(frozen=True)
class _Side:
    """One run's ledger as columns."""

    run: RunData
    content: list[str | None]
    kept: npt.NDArray[np.bool_]
    split: npt.NDArray[np.object_]
    copies: npt.NDArray[np.int32]


def diff_runs(a: RunData, b: RunData) -> Diff:
    """Compare two finished runs."""
    one, other = _side(a), _side(b)
    to_b = _matched(one, other)
    to_a = _inverse(to_b, len(other.content))
    both = np.flatnonzero(one.kept & _there(other.kept, to_b))
    only_a = np.flatnonzero(one.kept & ~_there(other.kept, to_b))
    only_b = np.flatnonzero(other.kept & ~_there(one.kept, to_a))
    moved = both[one.split[both] != other.split[to_b[both]]]
    copies = both[one.copies[both] != other.copies[to_b[both]]]
    edited = _edited(one, other, both, to_b)
    return Diff(
        a=str(a.folder),
        b=str(b.folder),
        counts={
            "kept_in_a": int(one.kept.sum()),
            "kept_in_b": int(other.kept.sum()),
            "in_both": len(both),
            "only_in_a": len(only_a),
            "only_in_b": len(only_b),
            "moved": len(moved),
            "copies_changed": len(copies),
            "edited_differently": len(edited),
        },
        only_in_a=_missing(one, other, only_a, to_b),
        only_in_b=_missing(other, one, only_b, to_a),
        moved=_grouped(one, other, moved, to_b, lambda i, j: f"{one.split[i]} → {other.split[j]}"),
        copies=_grouped(one, other, copies, to_b, lambda i, j: f"{one.copies[i]} → {other.copies[j]} copies"),
        edited=_grouped(one, other, edited, to_b, lambda i, j: f"{_edits(one, i)} → {_edits(other, j)}"),
        recipe=changed_recipe(a.recipe, b.recipe),
        versions=changed_recipe(a.manifest["versions"], b.manifest["versions"]),
        files=changed_files(a.manifest, b.manifest),
    )


def as_json(found: Diff) -> dict[str, Any]:
    """The difference as plain data."""
    return asdict(found)


def _side(run: RunData) -> _Side:
    verdict, split = (run.ledger[name].to_numpy(zero_copy_only=False) for name in ("verdict", "split"))
    return _Side(run, run.ledger["content_id"].to_pylist(), verdict == KEPT, split, run.ledger["copies"].to_numpy())


def _matched(one: _Side, other: _Side) -> Numbers:
    """For each row of one run the row of the other with the same content, -1 where there is none."""
    theirs = _keyed(other)
    found = np.full(len(one.content), -1)
    for key, number in _keyed(one).items():
        found[number] = theirs.get(key, -1)
    return found


def _inverse(match: Numbers, n_others: int) -> Numbers:
    """For each row of the other run the row of this one."""
    back = np.full(n_others, -1)
    back[match[match >= 0]] = np.flatnonzero(match >= 0)
    return back


def _there(kept: npt.NDArray[np.bool_], match: Numbers) -> npt.NDArray[np.bool_]:
    """Whether the matched row of the other run is kept; False where there is none."""
    found = np.zeros(len(match), bool)
    found[match >= 0] = kept[match[match >= 0]]
    return found


def _keyed(side: _Side) -> dict[tuple[str, int], int]:
    """Rows by content and by how many of the same content come before, kept ones first."""
    seen: Counter[str] = Counter()
    keyed = {}
    for number in np.lexsort((np.arange(len(side.content)), ~side.kept)).tolist():
        content = side.content[number]
        if content is not None:
            keyed[content, seen[content]] = number
            seen[content] += 1
    return keyed


def _edited(one: _Side, other: _Side, both: Numbers, to_b: Numbers) -> Numbers:
    """Rows of both sets with the same content as they came, but another one now."""
    touched = np.array([bool(edits) for edits in one.run.ledger["edits"].to_pylist()], bool)
    touched_there = np.array([bool(edits) for edits in other.run.ledger["edits"].to_pylist()], bool)
    candidates = both[touched[both] | touched_there[to_b[both]]]
    different = [i for i in candidates.tolist() if one.run.record(i) != other.run.record(int(to_b[i]))]
    return np.array(different, np.intp)


def _edits(side: _Side, number: int) -> str:
    names: list[str] = side.run.line(number)["edits"]
    return " and ".join(map(_edit, names)) or "as it came"


def _edit(name: str) -> str:
    kind, _, what = name.partition(":")
    return f"{_EDIT_KINDS[kind]} ({what})" if what else _EDITS.get(name, name)


def _missing(has: _Side, lacks: _Side, rows: Numbers, match: Numbers) -> tuple[Group, ...]:
    """Why the rows that one run kept are not in the other's set."""
    same_place = _same_place(has, lacks, [i for i in rows.tolist() if match[i] < 0])
    known = same_files(has.run.manifest, lacks.run.manifest)
    names = has.run.ledger["source"].to_pylist()
    here = _inverse(match, len(lacks.content))

    def reason(i: int, j: int) -> str:
        if j >= 0:
            line = lacks.run.line(j)
            nearly = line["verdict"] == DROPPED and line["rule"] == "near_duplicate"
            return _why_left(line) + (_why_duplicate(has, lacks, j, here) if nearly else "")
        if i not in same_place:
            return "not in the input" + (": its file has changed or is not read" if names[i] not in known else "")
        line = lacks.run.line(same_place[i])
        return f"invalid: {line['rule']}" if line["verdict"] == INVALID else "the same row was read as other content"

    partner = np.array([match[i] if match[i] >= 0 else same_place.get(i, -1) for i in range(len(match))], np.intp)
    return _grouped(has, lacks, rows, partner, lambda i, j: reason(i, int(match[i])))


def _same_place(has: _Side, lacks: _Side, rows: list[int]) -> dict[int, int]:
    """Rows that stand at the same position of the same, unchanged files of the other run."""
    known = same_files(has.run.manifest, lacks.run.manifest)
    there = lacks.run.ledger
    wanted = set(known.values())
    by_place = (
        {
            (source, position): number
            for number, (source, position) in enumerate(zip(there["source"].to_pylist(), there["position"].to_pylist()))
            if source in wanted
        }
        if rows
        else {}
    )
    found = {}
    for number in rows:
        line = has.run.line(number)
        place = known.get(line["source"]), line["position"]
        if place in by_place:
            found[number] = by_place[place]
    return found


def _why_left(line: Mapping[str, Any]) -> str:
    if line["verdict"] == DROPPED:
        return "dropped by a person's decision" if line["stage"] == "decisions" else f"dropped by {line['rule']}"
    return _UNNEEDED.get(line["rule"], "not needed by the mix")


def _why_duplicate(has: _Side, lacks: _Side, number: int, here: Numbers) -> str:
    """Why the other run did not find the same near-duplicate."""
    partner = here[lacks.run.evidence["partner"][number].as_py()]
    if partner < 0 or not has.kept[partner]:
        return ": it repeats a row that only the other set has"
    changed = has.run.recipe["duplicates"] != lacks.run.recipe["duplicates"]
    return ": duplicates are judged otherwise" if changed else ""


def _grouped(one: _Side, other: _Side, rows: Numbers, match: Numbers, reason: Any) -> tuple[Group, ...]:
    """The rows by reason, the most frequent first, each with its first examples."""
    members: dict[str, list[int]] = defaultdict(list)
    for number in rows.tolist():
        members[reason(number, int(match[number]))].append(number)
    ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        Group(name, len(found), tuple(_example(one, other, i, int(match[i])) for i in found[:EXAMPLES]))
        for name, found in ordered
    )


def _example(one: _Side, other: _Side, number: int, match: int) -> Example:
    prompt, answer = texts_of(one.run.record(number))
    told: dict[str, Any] = other.run.line(match) if match >= 0 else {}
    # A row that stayed has a partner too, where it is flagged.
    left_for_it = told.get("verdict") == DROPPED or told.get("stage") == "select"
    return Example(
        row_id=one.run.line(number)["row_id"],
        other_row_id=told.get("row_id"),
        **{name: told.get(name) for name in ("rule", "value", "threshold", "detail")},
        **{name: told.get(name) if left_for_it else None for name in ("partner", "similarity", "answer_similarity")},
        prompt=prompt[:_EXAMPLE_CHARACTERS],
        answer=answer[:_EXAMPLE_CHARACTERS],
    )

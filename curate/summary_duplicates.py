"""What the duplicates stage of a run found, as plain data: groups, pairs to read side by side, and what was noticed.

A *group* is a row that stayed with all the rows that repeat it. Arrays do the counting; only rows that are shown are
read. The keys of `summarise_duplicates`:

    exact, near             what the stage was asked for: a bool; threshold, on, ngram and policy, or None
    rows                    rows that repeat another: exact, near, dropped (where `near` is only flagged, fewer)
    groups, sizes           groups in all; by size: least, most (None: open), groups, rows, dropped
    largest                 row_id, language, text, rows, similarity (lowest, highest), sources
    pairs                   why (threshold, middle, closest) and a pair: row_id, partner, similarity,
                            answer_similarity, language, parts (part, one, other)
    findings                variant and conflict: finding, rows, examples (pairs); see `summary_templates.py` for others

>>> sizes_of(np.array([2, 2, 3, 240]), np.array([1, 1, 2, 239]))[1:3]  # doctest: +NORMALIZE_WHITESPACE
[{'least': 3, 'most': 3, 'groups': 1, 'rows': 3, 'dropped': 2},
 {'least': 101, 'most': None, 'groups': 1, 'rows': 240, 'dropped': 239}]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.ledger import DROPPED
from tunesmith.curate.recipe import Duplicates
from tunesmith.curate.records import Record
from tunesmith.curate.sampling import seeded_order
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.side_by_side import MOST_CHARACTERS, side_by_side
from tunesmith.curate.stage_semantic import SEMANTIC
from tunesmith.curate.summary import Evidence, texts_of
from tunesmith.curate.summary_templates import summarise_templates

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: Sizes of groups: the lowest of each class, of which the last is open.
SIZES = (2, 3, 4, 6, 11, 101)
LARGEST, EXAMPLES = 5, 3


class _Found(NamedTuple):
    """The evidence as arrays of shape `(n_rows,)`, and the rows that repeat another, shape `(n_repeats,)`."""

    run: Evidence
    column: Mapping[str, npt.NDArray[Any]]
    left: Flags
    repeats: Places
    root: Places  # of each repeat: the row of its group that repeats none


def summarise_duplicates(run: Evidence, evidence: pa.Table, wish: Duplicates) -> dict[str, Any] | None:
    """The data of the report's section, None where the stage was off.

    :param evidence: columns of `EVIDENCE`, one row for each row of the run; see `stage_duplicates.py`.
    """
    if not wish.exact and wish.near is None:
        return None
    found = _found(run, evidence)
    exact = int(found.column["exact"][found.repeats].sum())
    rows = {"exact": exact, "near": len(found.repeats) - exact, "dropped": int(found.left[found.repeats].sum())}
    return {
        "exact": wish.exact,
        "near": wish.near.model_dump() if wish.near else None,
        "rows": rows,
        **_groups(found),
        "pairs": list(_teaching_pairs(found, both=wish.near.on == "row")) if wish.near else [],
        "findings": [*_noticed(found), *summarise_templates(run, found.column, ~found.left)],
    }


def _found(run: Evidence, evidence: pa.Table) -> _Found:
    column = {name: evidence[name].to_numpy(zero_copy_only=False) for name in evidence.column_names}
    verdict, rule = (shared_texts(run.ledger[name]) for name in ("verdict", "rule"))
    left, partner = verdict == DROPPED, column["partner"]
    repeats = np.flatnonzero((partner >= 0) & (rule != SEMANTIC))  # which has another partner, and its own section
    root = partner[repeats]
    while (partner[root] >= 0).any():  # an exact duplicate of a row that is only flagged as near another
        root = np.where(partner[root] >= 0, partner[root], root)
    return _Found(run, column, left, repeats, root)


def _groups(found: _Found) -> dict[str, Any]:
    roots, which, repeats = np.unique(found.root, return_inverse=True, return_counts=True)
    dropped = np.bincount(which, weights=found.left[found.repeats], minlength=len(roots)).astype(np.int64)
    largest = np.lexsort((roots, -repeats))[:LARGEST]
    return {
        "groups": len(roots),
        "sizes": sizes_of(repeats + 1, dropped),
        "largest": [_group(found, int(roots[place]), found.repeats[which == place]) for place in largest],
    }


def sizes_of(rows: Places, dropped: Places) -> list[dict[str, Any]]:
    """Groups by class of size, without the classes that have none. Arrays have shape `(n_groups,)`."""
    classes = np.searchsorted(SIZES, rows, "right") - 1
    found = []
    for number, (least, following) in enumerate(zip(SIZES, [*SIZES[1:], None])):
        mine = classes == number
        counts = {"groups": int(mine.sum()), "rows": int(rows[mine].sum()), "dropped": int(dropped[mine].sum())}
        found.append({"least": least, "most": following - 1 if following else None, **counts})
    return [line for line in found if line["groups"]]


def _group(found: _Found, root: int, members: Places) -> dict[str, Any]:
    similarity = found.column["similarity"][members]
    sources = found.run.ledger["source"].take(pa.array([root, *members.tolist()])).unique().to_pylist()
    prompt, answer = texts_of(found.run.store.record(root))
    return {
        **_named(found.run, root),
        "text": (prompt or answer)[:MOST_CHARACTERS],
        "rows": len(members) + 1,
        "similarity": [float(similarity.min()), float(similarity.max())],
        "sources": sources,
    }


def _named(run: Evidence, row: int) -> dict[str, Any]:
    return {"row_id": run.ledger["row_id"][row].as_py(), "language": run.columns["language"][row].as_py()}


def _teaching_pairs(found: _Found, *, both: bool) -> Iterator[dict[str, Any]]:
    """The near-duplicates nearest the threshold, in the middle, and closest to each other without being equal."""
    near = found.repeats[~found.column["exact"][found.repeats]]
    if not len(near):
        return
    names = ("similarity", "answer_similarity") if both else ("similarity",)
    score = np.min([found.column[name][near] for name in names], axis=0)  # the smaller decides
    if (score < 1).any():
        near, score = near[score < 1], score[score < 1]
    distances = {"threshold": score, "closest": -score, "middle": abs(score - np.median(score))}
    chosen: dict[str, int] = {}
    for why, distance in distances.items():
        free = ~np.isin(found.column["partner"][near], found.column["partner"][list(chosen.values())])
        if free.any():
            nearest = near[free][distance[free] == distance[free].min()]
            chosen[why] = _seeded(found.run, nearest)[0]
    for why in ("threshold", "middle", "closest"):
        if why in chosen:
            yield {"why": why, **_pair(found, chosen[why], "")}


def _seeded(run: Evidence, rows: Places) -> list[int]:
    """The rows in an order that only depends on their ids and the seed."""
    names = run.ledger["row_id"].take(pa.array(rows)).to_pylist()
    order: list[int] = rows[np.lexsort((rows, seeded_order(names, run.seed)))].tolist()
    return order


def _noticed(found: _Found) -> Iterator[dict[str, Any]]:
    """Variants and conflicts, with pairs to read; no two of the pairs have the same partner."""
    for finding in ("variant", "conflict"):
        other = found.column[finding]
        flagged = np.flatnonzero((other >= 0) & ~found.left)
        later = flagged[other[flagged] < flagged]  # of a conflict, each row names the other
        shown = islice(_unlike(_seeded(found.run, later if len(later) else flagged), other), EXAMPLES)
        pairs = [_pair(found, row, finding) for row in shown]
        if len(flagged):
            yield {"finding": finding, "rows": len(flagged), "examples": pairs}


def _unlike(rows: Sequence[int], other: Places) -> Iterator[int]:
    seen = set()
    for row in rows:
        if int(other[row]) not in seen:
            seen.add(int(other[row]))
            yield row


def _pair(found: _Found, row: int, finding: str) -> dict[str, Any]:
    """A row and the row that it repeats, or that it is flagged for."""
    column = found.column
    other = int(column[finding or "partner"][row])
    names = [f"{finding}_{name}" if finding else name for name in ("similarity", "answer_similarity")]
    return pair_of(found.run, row, other, *(column[name][row] if name in column else np.nan for name in names))


def pair_of(run: Evidence, row: int, other: int, similarity: float, answer_similarity: float) -> dict[str, Any]:
    """Two rows as data to read side by side, of which the first is like the second.

    :param similarity: NaN where it is not known, as `answer_similarity`.
    """
    ours, theirs = (_parts(run.store.record(number)) for number in (row, other))
    return {
        **_named(run, row),
        "partner": run.ledger["row_id"][other].as_py(),
        "similarity": _known(similarity),
        "answer_similarity": _known(answer_similarity),
        "parts": [side_by_side(part, ours[part], theirs[part]) for part in ours if ours[part] or theirs[part]],
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _parts(record: Record) -> dict[str, str]:
    """Everything of a record that is compared, and that a person reads."""
    prompt, answer = texts_of(record)
    thoughts = [turn.reasoning for turn in [*record.turns, *(record.chosen or ())] if turn.reasoning]
    rejected = texts_of(record)[1] if record.rejected else ""
    texts = {"prompt": prompt, "reasoning": "\n\n".join(thoughts), "answer": answer, "rejected": rejected, "text": ""}
    if record.kind == "text":
        texts = {**texts, "answer": "", "text": answer}
    return texts

"""What cleaning, filling and shortening did to the rows of a run, as plain data, with texts before and after.

`rows`, those that anything changed, and `changes`, one for each name in the ledger's `edits` but redaction and a
person's edit, in the order of work:

    what, rows      `fill`, `clean:html` …, `history`; how many rows it changed
    examples        row_id, language, others (what else changed the row in the same step); parts (part, one, other) of
                    the turns that changed, or for `history` the numbers of turns, before and after
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.cleaners import CLEANERS
from tunesmith.curate.records import Record
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.side_by_side import side_by_side
from tunesmith.curate.summary import EXAMPLES, Evidence, sample_rows
from tunesmith.curate.treatment import CLEAN, Step
from tunesmith.curate.treatment_privacy import redact_record
from tunesmith.curate.turns import turns_of

#: The steps of a row's treatment that changed it, by its number; none where the run cannot tell them any more.
Steps = Callable[[int], Iterable[Step]]

HISTORY = "history"
#: Names in the ledger's `edits`, in the order of work.
CHANGES = ("fill", *(CLEAN + name for name in CLEANERS), HISTORY)

_LOOKED_AT, _PARTS = 12, 2  # rows for examples; turns of one of them


def summarise_cleaning(run: Evidence, steps_of: Steps) -> dict[str, Any] | None:
    """The data of the report's section, None where nothing was changed."""
    rows_with = _rows_with(run.ledger["edits"])
    changes = [name for name in CHANGES if name in rows_with]
    if not changes:
        return None
    n_changes = np.bincount(np.concatenate([rows_with[name] for name in changes]), minlength=len(run.ledger))
    told = [
        {"what": name, "rows": len(rows), "examples": _examples(run, name, rows, n_changes, steps_of)}
        for name, rows in ((name, rows_with[name]) for name in changes)
    ]
    return {"rows": int(np.count_nonzero(n_changes)), "changes": told}


def _rows_with(edits: pa.ChunkedArray) -> dict[str, npt.NDArray[np.int64]]:
    """For each name the rows that have it, in order."""
    lists = edits.combine_chunks()
    flat = lists.flatten()
    rows, names = pc.list_parent_indices(lists).to_numpy(), shared_texts(pa.chunked_array([flat]))
    return {name: rows[names == name] for name in sorted(flat.unique().to_pylist())}


def _examples(
    run: Evidence, name: str, rows: npt.NDArray[np.int64], n_changes: npt.NDArray[np.int64], steps_of: Steps
) -> list[dict[str, Any]]:
    """Rows that nothing else changed come first: their differences are all of this change."""
    alone = rows[n_changes[rows] == 1]
    chosen = sample_rows(run, alone, _LOOKED_AT)
    if len(chosen) < _LOOKED_AT:
        chosen += sample_rows(run, rows[n_changes[rows] > 1], _LOOKED_AT - len(chosen))
    shown = (example for number in chosen for example in _of_row(run, name, number, steps_of))
    return sorted(islice(shown, EXAMPLES), key=lambda example: len(example["others"]))


def _of_row(run: Evidence, name: str, number: int, steps_of: Steps) -> Iterator[dict[str, Any]]:
    kinds = frozenset(run.columns["private"][number].as_py() or ())
    for step in steps_of(number):
        if name not in step.edits:
            continue
        before, after = (redact_record(side, kinds) if kinds else side for side in (step.before, step.after))
        told = {
            "row_id": run.ledger["row_id"][number].as_py(),
            "language": run.columns["language"][number].as_py(),
            "others": [other for other in step.edits if other != name],
        }
        if name == HISTORY:
            yield {**told, "parts": [], "before": len(before.turns), "after": len(after.turns)}
        elif parts := list(islice(_parts(before, after), _PARTS)):
            yield {**told, "parts": parts}


def _parts(before: Record, after: Record) -> Iterator[dict[str, str]]:
    """The turns that changed."""
    for old, new in zip_longest(turns_of(before), turns_of(after)):
        if old and new and old.text != new.text:
            yield side_by_side(new.role, old.text, new.text)

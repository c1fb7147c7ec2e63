"""The private data of a run, as plain data: how much there was of each kind, what became of it, and where it stood.

    policy          redact, flag or drop
    rows, found     rows that have any, and values found; `kept`: of the rows, those that stayed
    kinds           kind, rows, found, kept, and one example: row_id, language, role, pieces

No value stands in it: the pieces of an example are text and the marks in place of values, text first, in turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.ledger import KEPT
from tunesmith.curate.masked import MaskedRows
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.privacy_marks import MARK
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.summary import Evidence, sample_rows
from tunesmith.curate.turns import turns_of

_LOOKED_AT = 6
_MOST_CHARACTERS = 8_000  # of one text; the report cuts further


def summarise_private(run: Evidence, policy: str) -> dict[str, Any] | None:
    """The data of the report's section, None where nothing private was found.

    :param policy: of the recipe.
    """
    lists = run.columns["private"].combine_chunks()
    values = shared_texts(pa.chunked_array([lists.flatten()]))
    found = _Found(run, pc.list_parent_indices(lists).to_numpy(), values)
    if not len(found.rows):
        return None
    kinds = [_kind(found, kind) for kind in KINDS if (found.kinds == kind).any()]
    return {"policy": policy, "found": len(found.rows), **found.counts(np.unique(found.rows)), "kinds": kinds}


class _Found(NamedTuple):
    """Every value by the row that it stands in and its kind, shape `(n_values,)`."""

    run: Evidence
    rows: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.object_]

    def counts(self, rows: npt.NDArray[np.int64]) -> dict[str, int]:
        """How many rows these are, and how many of them stayed."""
        verdicts = self.run.ledger["verdict"].take(pa.array(rows)).to_numpy(zero_copy_only=False)
        return {"rows": len(rows), "kept": int((verdicts == KEPT).sum())}


def _kind(found: _Found, kind: str) -> dict[str, Any]:
    mine = found.kinds == kind
    rows = np.unique(found.rows[mine])
    example = next(_examples(found, kind, rows), None)
    return {"kind": kind, "found": int(mine.sum()), **found.counts(rows), "example": example}


def _examples(found: _Found, kind: str, rows: npt.NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    """Rows without another kind come first, whose marks are all of this one."""
    mixed = np.isin(rows, found.rows[found.kinds != kind])
    masked = MaskedRows(found.run.store, found.run.columns["private"])
    for number in [*sample_rows(found.run, rows[~mixed], _LOOKED_AT), *sample_rows(found.run, rows[mixed], _LOOKED_AT)]:
        for turn in turns_of(masked.record(number)):
            if MARK.search(turn.text):
                yield {
                    "row_id": found.run.ledger["row_id"][number].as_py(),
                    "language": found.run.columns["language"][number].as_py(),
                    "role": turn.role,
                    "pieces": pieces_of(turn.text),
                }


def pieces_of(text: str) -> list[str]:
    """Text and marks in turn, of a long text what stands around the first mark.

    >>> pieces_of("write to [EMAIL_1] or call [PHONE_1].")
    ['write to ', '[EMAIL_1]', ' or call ', '[PHONE_1]', '.']
    """
    marks = list(MARK.finditer(text))
    start = max(0, marks[0].start() - _MOST_CHARACTERS // 2) if marks else 0
    pieces: list[str] = []
    for mark in marks:
        pieces += [text[start : mark.start()], mark.group()]
        start = mark.end()
    return [*pieces, text[start : start + _MOST_CHARACTERS]]

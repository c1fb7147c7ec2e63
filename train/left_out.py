"""Rows that a run left out after an incident, booked in its ledger: what is not trained must not stand as trained.

>>> lost_rows([["a", "b"], ["b"], ["c"]], {"a"})
(frozenset({'a'}), frozenset({'b'}))
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tunesmith.train.handover import FACTS, open_examples, read_fates, write_fates
from tunesmith.train.types import Fate, RunPaths

#: Of a row that no step trained from then on, and the flag of one that only some of its sequences were trained of.
REASON, PARTLY = "broke_the_run", "partly_left_out"


def book_left_out(paths: RunPaths, names: Collection[str]) -> None:
    """Write into `rows.parquet` which rows are not trained any more; without a ledger, nothing.

    A pack goes as a whole, so rows that shared one with a broken row are lost with it.
    """
    if not names or not paths.rows.is_file():
        return
    gone, partly = lost_rows(_sequences(paths), names)
    write_fates(paths.rows, [_booked(fate, gone, partly) for fate in read_fates(paths.rows)])


def lost_rows(
    sequences: Sequence[Sequence[str] | str], leave_out: Collection[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Rows of which nothing is left, and rows of which a part is, if no sequence with a left-out row is trained."""
    rows = [(one,) if isinstance(one, str) else tuple(one) for one in sequences]
    out = frozenset(leave_out)
    left = {name for some in rows if out.isdisjoint(some) for name in some}
    lost = {name for some in rows if not out.isdisjoint(some) for name in some} | out
    return frozenset(lost - left), frozenset(lost & left)


def _sequences(paths: RunPaths) -> list[Any]:
    """The rows of each sequence; none where the set was not handed over as tokens, and each row is one by itself."""
    folder = paths.data / "train"
    return list(open_examples(folder)["row_ids"]) if (folder / FACTS).is_file() else []


def _booked(fate: Fate, gone: frozenset[str], partly: frozenset[str]) -> Fate:
    if fate.outcome == "dropped" or fate.row_id not in gone | partly:
        return fate
    if fate.row_id in partly:
        return fate if PARTLY in fate.flags else fate._replace(flags=(*fate.flags, PARTLY))
    detail = "a step with it was not finite or spiked; see incidents.jsonl"
    return fate._replace(outcome="dropped", reason=REASON, detail=detail, n_trained=0, n_examples=0)

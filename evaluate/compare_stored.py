"""The scores of every system of a comparison: those that `tunesmith evaluate score` left in its folders, or new ones.

Where all systems are folders their scores are taken as they are, so that the comparison shows the numbers that the
folders show, and needs no embedding model again. Scores of one metric with different settings are not comparable: these
are computed anew.

>>> scores = score_systems(systems, None)  # doctest: +SKIP
>>> scores.systems[0]["rougeL"].values.shape, scores.anew  # doctest: +SKIP
((150,), ())
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tunesmith.curate.io import read_json_object
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.evaluate.metric_types import Counts, Scored
from tunesmith.evaluate.metrics import METRICS, SIMILARITY, check_names, score_items
from tunesmith.evaluate.score_folder import ITEMS, SCORES

if TYPE_CHECKING:
    import pyarrow as pa

    from tunesmith.curate.embeddings import Embedder
    from tunesmith.evaluate.compare_inputs import System

_STATISTICS = "_statistics"  # what a corpus metric's column of sums is called, after the metric


class Scores(NamedTuple):
    """Each system's metrics, and which ones its folder had with other settings than another's."""

    systems: list[dict[str, Scored]]
    anew: tuple[str, ...] = ()


def score_systems(
    systems: Sequence[System],
    names: Sequence[str] | None,
    *,
    compatible: str | None = None,
    embedder: Embedder | None = None,
    keep: bool = True,
    progress: Progress | None = None,
) -> Scores:
    """Every metric of every system's own items, all with the same settings.

    :param names: of metrics; by default what all folders have, or else all that apply.
    :param keep: whether scores in folders count; not where the references are others now.
    :raises InputError: a metric that is not known or needs a model that is not named; a folder that is not whole.
    """
    check_names(names, compatible)
    if not keep or compatible or embedder or not all(system.path.is_dir() for system in systems):
        each = (score_items(system.items, names, compatible=compatible, embedder=embedder) for system in systems)
        return Scores(_told(each, systems, progress or Progress()))
    stored = [stored_scores(system.path, system.items.ids) for system in systems]
    shared = [name for name in METRICS if all(name in one for one in stored)]
    differing = tuple(name for name in shared if len({one[name].signature for one in stored}) > 1)
    agreed = [name for name in shared if name not in differing and (names is None or name in names)]
    missing = [name for name in (differing if names is None else names) if name not in agreed]
    if names is None:
        missing = [name for name in missing if name != SIMILARITY]  # which model is to be asked, nobody said
    merged = (_merged(system, one, agreed, missing) for system, one in zip(systems, stored))
    return Scores(_told(merged, systems, progress or Progress()), differing)


def _told(each: Iterator[dict[str, Scored]], systems: Sequence[System], progress: Progress) -> list[dict[str, Scored]]:
    """The scores, system by system, with progress."""
    found = []
    with progress.stage("scoring", total=sum(len(system.items.ids) for system in systems), unit="answers") as advance:
        for scores, system in zip(each, systems):
            found.append(scores)
            advance(len(system.items.ids))
    return found


def _merged(
    system: System, stored: Mapping[str, Scored], agreed: Sequence[str], missing: Sequence[str]
) -> dict[str, Scored]:
    fresh = score_items(system.items, missing) if missing else {}
    found = {name: stored[name] for name in agreed} | fresh
    return {name: found[name] for name in METRICS if name in found}


def stored_scores(folder: Path, ids: Sequence[str]) -> dict[str, Scored]:
    """What one folder holds, in the order of `ids`.

    :raises InputError: a file is missing, or is of other items than the predictions beside it.
    """
    summary = read_json_object(folder / SCORES)
    table = _table(folder)
    if "id" not in table.column_names or table["id"].to_pylist() != list(ids):
        what = f"{ITEMS} is not of the items in predictions.jsonl"
        raise InputError(what, where=str(folder), remedy="score the predictions again")
    signatures = _signatures(summary, str(folder / SCORES))
    there = [name for name in METRICS if name in signatures and name in table.column_names]
    return {name: _scored(table, name, signatures[name]) for name in there}


def _table(folder: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(folder / ITEMS)
    except (OSError, pa.ArrowInvalid) as error:
        what = f"{ITEMS} cannot be read: {str(error).splitlines()[0]}"
        raise InputError(what, where=str(folder), remedy="score the predictions again") from error


def _signatures(summary: Mapping[str, Any], where: str) -> dict[str, str]:
    try:
        return {name: str(told["signature"]) for name, told in summary["metrics"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        what = "expected `metrics` with a `signature` each"
        raise InputError(what, where=where, remedy="score the predictions again") from error


def _scored(table: pa.Table, name: str, signature: str) -> Scored:
    values = table[name].to_numpy().astype(np.float64)
    column = name + _STATISTICS
    if column not in table.column_names:
        return Scored(values, signature)
    return Scored(values, signature, _counts(table[column].to_pylist()))


def _counts(rows: Sequence[Sequence[int] | None]) -> Counts:
    """Shape `(n_items, k)`, zeros where an item has none."""
    width = max((len(row) for row in rows if row is not None), default=0)
    found = np.zeros((len(rows), width), np.int64)
    for place, row in enumerate(rows):
        if row is not None:
            found[place] = row
    return found

"""Stage 2: what a person decided about single rows, by content id, so that it survives every later run.

A decisions file is JSON Lines, one decision a line; the last line about a row counts:

    {"content_id": "c4bf…", "action": "keep", "reason": "short, but right"}
    {"content_id": "91ab…", "action": "edit", "row": {"messages": [...]}}

`keep` exempts the row from the rules and comes first in the mix, `drop` takes it out, `edit` puts the given row (in any
format that can be detected) in its place, and the edited row is measured and judged like any other.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate import jsontext
from tunesmith.curate.convert_row import read_raw
from tunesmith.curate.io import read_text, write_bytes
from tunesmith.curate.records import NO_RECORD, Record, records_of, to_batch
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.curate.treatment_privacy import find_in_record
from tunesmith.errors import InputError, OutputError, RowError

ACTIONS = ("keep", "drop", "edit")
_ID = re.compile(r"[0-9a-f]{32}")


class Decision(NamedTuple):
    """One decision; `record` only for an edit."""

    content_id: str
    action: str
    record: Record | None = None
    reason: str | None = None
    by: str | None = None


class Decided(NamedTuple):
    """Decisions applied to the rows of a run: masks of shape `(n_rows,)`; `edited` and `about` by row number."""

    columns: pa.Table
    keep: np.ndarray[Any, np.dtype[np.bool_]]
    drop: np.ndarray[Any, np.dtype[np.bool_]]
    edited: dict[int, Record]
    unmatched: int
    about: dict[int, Decision]


def read_decisions(paths: Iterable[Path]) -> dict[str, Decision]:
    """The last decision about each content id, over all files in order.

    :raises InputError: with every line that is no decision.
    """
    found: dict[str, Decision] = {}
    problems: list[str] = []
    for path in paths:
        for number, line in enumerate(read_text(path).split("\n"), 1):
            if not line.strip():
                continue
            try:
                decision = _decision(line)
                found[decision.content_id] = decision
            except RowError as error:
                problems.append(f"{path.name}:{number}: {error}")
    if problems:
        raise InputError("\n  ".join(["not every line is a decision", *problems]))
    return found


def _decision(line: str) -> Decision:
    try:
        data = jsontext.loads(line.encode())
    except ValueError as error:
        raise RowError("decision", f"not valid JSON: {error}") from None
    if not isinstance(data, dict) or not _ID.fullmatch(str(data.get("content_id"))):
        raise RowError("decision", "expected a `content_id` of 32 hex digits", remedy="copy it from the ledger")
    if data.get("action") not in ACTIONS:
        raise RowError(
            "decision", f"action {data.get('action')!r} is unknown", remedy=f"known are {', '.join(ACTIONS)}"
        )
    record = None
    if data["action"] == "edit":
        if not isinstance(data.get("row"), dict):
            raise RowError("decision", "an edit needs the whole new row under `row`")
        record = read_raw(data["row"], None).record
    reason, by = (data.get(key) if isinstance(data.get(key), str) else None for key in ("reason", "by"))
    return Decision(data["content_id"], data["action"], record, reason, by)


def append_decision(path: Path, decision: dict[str, Any]) -> None:
    """Add one decision to a file; the file is replaced whole, so a full disk leaves the old one.

    :raises InputError: where the decision is none.
    """
    line = jsontext.dumps(decision)
    try:
        _decision(line)
    except RowError as error:
        raise InputError(str(error)) from None
    with _alone(path):
        before = read_text(path) if path.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"
        write_bytes(path, f"{before}{line}\n".encode())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait for whoever else is adding a decision to this file, then keep the next one waiting."""
    try:
        lock = os.open(path.parent, os.O_RDONLY)  # the folder itself: no lock file stays behind
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror})", where=str(path), remedy="name another --file"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def apply_decisions(columns: pa.Table, decisions: dict[str, Decision], *, private: Collection[str] = ()) -> Decided:
    """Mark the rows that a person kept or dropped, and measure the edited ones again.

    :param private: the kinds of private data that are looked for in edited rows; nothing is redacted in them.
    """
    n_rows = len(columns)
    if not decisions:
        return Decided(columns, np.zeros(n_rows, bool), np.zeros(n_rows, bool), {}, 0, {})
    ids = list(decisions)
    which = pc.index_in(columns["content_id"], value_set=pa.array(ids, pa.string())).fill_null(-1).to_numpy()
    actions = np.array([decisions[name].action for name in ids] + [""])
    chosen = actions[which]  # -1 picks the empty one
    about = {int(row): decisions[ids[which[row]]] for row in np.flatnonzero(which >= 0)}
    edited = {row: decision.record for row, decision in about.items() if decision.record is not None}
    unmatched = len(ids) - len({decision.content_id for decision in about.values()})
    columns = _measured_again(columns, edited, private)
    return Decided(columns, chosen == "keep", chosen == "drop", edited, unmatched, about)


def applied_table(about: Mapping[int, Decision]) -> pa.Table:
    """The decisions that a run applied, by row number, with the edited records; `applied_of` reads it."""
    told = {
        "number": pa.array(about, pa.int64()),
        **{
            name: pa.array([getattr(decision, name) for decision in about.values()], pa.string())
            for name in ("content_id", "action", "reason", "by")
        },
    }
    records = to_batch([decision.record or NO_RECORD for decision in about.values()])
    return pa.table({**told, **dict(zip(records.schema.names, records.columns))})


def applied_of(table: pa.Table) -> dict[int, Decision]:
    """What `applied_table` wrote."""
    told = table.select(["number", "content_id", "action", "reason", "by"]).to_pylist()
    return {
        line["number"]: Decision(
            line["content_id"],
            line["action"],
            record if line["action"] == "edit" else None,
            line["reason"],
            line["by"],
        )
        for line, record in zip(told, records_of(table))
    }


def _measured_again(columns: pa.Table, edited: dict[int, Record], private: Collection[str]) -> pa.Table:
    if not edited:
        return columns
    rows = sorted(edited)
    records: Sequence[Record] = [edited[row] for row in rows]
    from tunesmith.curate.measured import measure_batch  # heavy: numba

    arrays = dict(zip((name for name, _, _ in SIGNALS), measure_batch(to_batch(records))))
    arrays["private"] = pa.array([find_in_record(record, private) for record in records], pa.list_(pa.string()))
    arrays["kind"] = pa.array([record.kind for record in records], pa.string())
    places = np.arange(len(columns))
    places[rows] = len(columns) + np.arange(len(rows))
    for name, values in arrays.items():
        replaced = pa.chunked_array([*columns[name].chunks, values]).take(pa.array(places))
        columns = columns.set_column(columns.schema.get_field_index(name), name, replaced)
    return columns

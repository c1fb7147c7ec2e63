"""The lines of one shard for every file of an export: worker processes make them, and whoever asked writes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.ingest import without_collector
from tunesmith.curate.ledger import KEPT
from tunesmith.curate.lines import lines_of
from tunesmith.curate.records import RECORD_SCHEMA, Record
from tunesmith.curate.stages import read_table
from tunesmith.errors import CannotHold, OutputError

DROPPED_FILE = "dropped.jsonl"

#: What a line of `dropped.jsonl` says of its row, where it is known.
TOLD = ("row_id", "content_id", "verdict", "stage", "rule", "value", "threshold", "partner", "similarity", "detail")
_UNREADABLE = frozenset({"invalid_json", "invalid_utf8", "invalid_csv", "wrong_fields"})


class Shard(NamedTuple):
    """A shard to be exported, and the lines of the ledger that are its rows': from `start` on, in the file `ledger`."""

    path: Path
    start: int
    ledger: Path
    edits: Mapping[int, Record]  # by their place in the shard
    formats: Mapping[str, str]  # the name of the format of each kind
    several: bool  # whether each kind has files of its own beside those of the side
    keep_extra: bool
    copy: int  # rows that stand so often or more; the first time, those that left are written too


class Written(NamedTuple):
    """The bytes for each file, how many lines they are, and which optional columns each kind brought."""

    data: dict[str, bytes]
    lines: dict[str, int]
    columns: dict[str, set[str]]


def lines_of_shard(task: Shard) -> Written:
    """The lines of the rows of both sides, and of those that left, each file's in the order of the rows.

    :raises OutputError: where the wished format cannot hold a kept row.
    """
    rows = read_table(task.path)
    return lines_of_rows(task, rows, read_table(task.ledger).slice(task.start, len(rows)))


def lines_of_rows(task: Shard, rows: pa.Table, ledger: pa.Table) -> Written:
    """The same of rows and their lines of the ledger."""
    pieces: dict[str, list[bytes]] = defaultdict(list)
    columns: dict[str, set[str]] = {kind: set() for kind in task.formats}
    with without_collector():
        _add_kept(task, rows, ledger, pieces, columns)
        if task.copy == 1:
            pieces[DROPPED_FILE] = _dropped(rows, ledger)
    return Written(
        {name: b"".join(lines) for name, lines in pieces.items()},
        {name: len(lines) for name, lines in pieces.items()},
        columns,
    )


def _add_kept(
    task: Shard, rows: pa.Table, ledger: pa.Table, pieces: dict[str, list[bytes]], columns: dict[str, set[str]]
) -> None:
    places = np.flatnonzero(ledger["copies"].to_numpy() >= task.copy)
    if not len(places):
        return
    chosen = rows.select(RECORD_SCHEMA.names)
    chosen = chosen if len(places) == len(rows) else chosen.take(pa.array(places))
    edits = {number: task.edits[place] for number, place in enumerate(places.tolist()) if place in task.edits}
    formats: dict[str, Format] = {kind: FORMATS[name] for kind, name in task.formats.items()}
    kinds, sides = chosen["kind"].to_pylist(), ledger["split"].take(pa.array(places)).to_pylist()
    for number, line in enumerate(lines_of(chosen, formats, keep_extra=task.keep_extra, edits=edits)):
        kind = edits[number].kind if number in edits else kinds[number]
        if isinstance(line, CannotHold):
            raise _cannot_hold(formats[kind], line, ledger["row_id"][int(places[number])].as_py())
        columns[kind].update(line.columns)
        pieces[f"{sides[number]}.jsonl"].append(line.data)
        if task.several:
            pieces[f"{sides[number]}.{kind}.jsonl"].append(line.data)


def _cannot_hold(form: Format, error: CannotHold, where: str) -> OutputError:
    remedy = "choose another export.format, or leave such rows out with a decision"
    return OutputError(f"{form.name} cannot hold this row: {error}", where=where, remedy=remedy)


def _dropped(rows: pa.Table, ledger: pa.Table) -> list[bytes]:
    """Every row that is on no side, as it came, beside its verdict."""
    places = pa.array(np.flatnonzero(ledger["verdict"].to_numpy(zero_copy_only=False) != KEPT))
    verdicts = zip(*(ledger[name].take(places).to_pylist() for name in TOLD))
    found = []
    for verdict, raw in zip(verdicts, rows["raw"].take(places).to_pylist()):
        known = {key: value for key, value in zip(TOLD, verdict) if value is not None}
        found.append(_dropped_line(known, raw))
    return found


def _dropped_line(verdict: dict[str, Any], raw: bytes) -> bytes:
    """The verdict with the row's own JSON text spliced in, so that not even a number's spelling changes."""
    head = jsontext.dump_bytes(verdict)[:-1]
    if verdict.get("rule") in _UNREADABLE:
        return head + b"," + jsontext.dump_bytes(jsontext.bytes_as_json(raw))[1:] + b"\n"
    return head + b',"row":' + jsontext.one_line(raw) + b"}\n"

"""Stage 8, first half: write the training and validation rows, and every row that left, as it came.

`train.jsonl` and `validation.jsonl` hold every kept row. Where a run mixes kinds, which no trainer takes in one file,
each kind also gets files of its own (`train.sft.jsonl`, `train.preference.jsonl` …), and `dataset_info.json` names
those. `dropped.jsonl` holds all other input rows with their verdicts: the three files together are the input.

The lines are made shard by shard (`export_lines.py`), by worker processes where there are any, and written in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.engines.engine import Lines
from tunesmith.curate.export_lines import DROPPED_FILE, Shard
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.progress import Progress
from tunesmith.curate.records import Record
from tunesmith.curate.stages import read_table

SIDES = ("train", "validation")

#: What a format's name means for rows of another kind. `auto` is what the trainers of TRL take.
FAMILIES: dict[str, dict[str, str]] = {
    "auto": {"sft": "openai", "preference": "trl_preference", "kto": "trl_kto"},
    "openai": {"preference": "trl_preference", "kto": "kto"},
    "sharegpt": {"preference": "sharegpt_preference", "kto": "sharegpt_kto"},
    "alpaca": {"preference": "alpaca_preference", "kto": "alpaca_kto"},
}


class Exported(NamedTuple):
    """What was written: lines of each file of a side, and the format of each kind."""

    lines: dict[str, int]
    left: int  # lines of `dropped.jsonl`
    formats: dict[str, str]
    kinds: dict[str, set[str]]
    columns: dict[str, set[str]]  # by kind, which of the columns that not every row has were written


def format_for(kind: str, wished: str) -> Format:
    """The format that a kind is written in; text is always `text`."""
    if kind == "text":
        return FORMATS["text"]
    name = FAMILIES.get(wished, {}).get(kind, wished)
    return FORMATS[name]


class Rows(NamedTuple):
    """What is exported: the shards in order, the ledger's file, the kind of each row, and edits by row number."""

    shards: Sequence[Path]
    ledger: Path
    kinds: pa.ChunkedArray
    edited: Mapping[int, Record]


def export_rows(
    out: Path, rows: Rows, *, format: str, keep_extra: bool, progress: Progress, make_lines: Lines
) -> Exported:
    """Write the rows of both sides, and those that left.

    Every kept row once, then those that repeat once more, and so on: copies never stand side by side.

    :raises OutputError: where the wished format cannot hold a kept row; nothing is written then.
    """
    ledger = read_table(rows.ledger)
    on_side = pa.table({"side": ledger["split"], "kind": rows.kinds}).filter(pc.is_valid(ledger["split"]))
    pairs = {(one["side"], one["kind"]) for one in on_side.group_by(["side", "kind"]).aggregate([]).to_pylist()}
    present = sorted({kind for _, kind in pairs})
    names = [f"{side}.jsonl" for side in SIDES]
    if len(present) > 1:
        names += [f"{side}.{kind}.jsonl" for side in SIDES for kind in present if (side, kind) in pairs]
    formats = {kind: format_for(kind, format).name for kind in present}
    lines: Counter[str] = Counter()
    columns: dict[str, set[str]] = {kind: set() for kind in present}
    with ExitStack() as stack:
        files = {name: stack.enter_context(_open(out / name)) for name in [*names, DROPPED_FILE]}
        total = int(pc.sum(ledger["copies"]).as_py() or 0) + pc.sum(pc.is_null(ledger["split"])).as_py()
        advance = stack.enter_context(progress.stage("write", total=total, unit="rows"))
        for copy in range(1, max(1, pc.max(ledger["copies"]).as_py() or 0) + 1):
            tasks = _tasks(rows, formats, keep_extra, copy)
            for written in make_lines(tasks):
                for name, data in written.data.items():
                    files[name].write(data)
                lines.update(written.lines)
                for kind, optional in written.columns.items():
                    columns[kind] |= optional
                advance(sum(written.lines.get(name, 0) for name in ("train.jsonl", "validation.jsonl", DROPPED_FILE)))
    counts = {name: lines[name] for name in names}
    used = {name: _kinds_of(name, pairs) for name in names}
    return Exported(counts, lines[DROPPED_FILE], formats, used, columns)


def _tasks(rows: Rows, formats: Mapping[str, str], keep_extra: bool, copy: int) -> Iterator[Shard]:
    start = 0
    edited = np.array(sorted(rows.edited), np.int64)
    for path in rows.shards:
        n_rows = len(read_table(path))
        mine = edited[np.searchsorted(edited, start) : np.searchsorted(edited, start + n_rows)].tolist()
        edits = {number - start: rows.edited[number] for number in mine}
        yield Shard(path, start, rows.ledger, edits, formats, len(formats) > 1, keep_extra, copy)
        start += n_rows


def _kinds_of(name: str, pairs: set[tuple[str, str]]) -> set[str]:
    side, *kind = name.removesuffix(".jsonl").split(".")
    return set(kind) or {kind for of, kind in pairs if of == side}


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    with atomic_path(path) as temporary, temporary.open("wb", buffering=1 << 20) as handle:
        yield handle

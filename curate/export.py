"""Stage 8, first half: write the training and validation rows, and every row that left, as it came.

`train.jsonl` and `validation.jsonl` hold every kept row. Where a run mixes kinds, which no trainer takes in one file,
each kind also gets files of its own (`train.sft.jsonl`, `train.preference.jsonl` …), and `dataset_info.json` names
those. `dropped.jsonl` holds all other input rows with their verdicts: the three files together are the input.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import FORMATS
from tunesmith.curate.ingest import without_collector
from tunesmith.curate.ledger import KEPT
from tunesmith.curate.lines import lines_of
from tunesmith.curate.progress import Progress
from tunesmith.curate.store import RowStore
from tunesmith.errors import CannotHold, OutputError

SIDES = ("train", "validation")

#: What a format's name means for rows of another kind. `auto` is what the trainers of TRL take.
FAMILIES: dict[str, dict[str, str]] = {
    "auto": {"sft": "openai", "preference": "trl_preference", "kto": "trl_kto"},
    "openai": {"preference": "trl_preference", "kto": "kto"},
    "sharegpt": {"preference": "sharegpt_preference", "kto": "sharegpt_kto"},
    "alpaca": {"preference": "alpaca_preference", "kto": "alpaca_kto"},
}


_UNREADABLE = frozenset({"invalid_json", "invalid_utf8", "invalid_csv", "wrong_fields"})
_ROWS_A_STEP = 1000  # of progress


class Exported(NamedTuple):
    """What was written: lines of each file, and the format of each kind."""

    lines: dict[str, int]
    formats: dict[str, str]
    kinds: dict[str, set[str]]
    columns: dict[str, set[str]]  # by kind, which of the columns that not every row has were written


def format_for(kind: str, wished: str) -> Format:
    """The format that a kind is written in; text is always `text`."""
    if kind == "text":
        return FORMATS["text"]
    name = FAMILIES.get(wished, {}).get(kind, wished)
    return FORMATS[name]


def export_rows(
    out: Path,
    store: RowStore,
    ledger: pa.Table,
    kinds: np.ndarray[Any, Any],
    *,
    format: str,
    keep_extra: bool,
    progress: Progress,
) -> Exported:
    """Write the rows of both sides.

    :param kinds: the kind of each row, shape `(n_rows,)`.
    :raises OutputError: where the wished format cannot hold a kept row; nothing is written then.
    """
    kept = ledger["verdict"].to_numpy(zero_copy_only=False) == KEPT
    present = sorted(set(kinds[kept].tolist()))
    writer = _Writer({kind: format_for(kind, format) for kind in present}, kinds, keep_extra)
    sides = ledger["split"].to_numpy(zero_copy_only=False)
    copies = ledger["copies"].to_numpy()
    row_ids = ledger["row_id"]
    lines: Counter[str] = Counter()
    with ExitStack() as stack:
        names = [f"{side}.jsonl" for side in SIDES]
        several = len(present) > 1
        if several:
            names += [f"{side}.{kind}.jsonl" for side in SIDES for kind in present if _any(sides, kinds, side, kind)]
        files = {name: stack.enter_context(_open(out / name)) for name in names}
        advance = stack.enter_context(progress.stage("write", total=int(copies.sum()), unit="rows"))
        stack.enter_context(without_collector())
        for side in SIDES:
            for number, line in writer.lines(store, sides == side, copies, row_ids):
                for name in (f"{side}.jsonl", f"{side}.{kinds[number]}.jsonl") if several else (f"{side}.jsonl",):
                    files[name].write(line)
                    lines[name] += 1
                if lines[f"{side}.jsonl"] % _ROWS_A_STEP == 0:
                    advance(_ROWS_A_STEP)
            advance(lines[f"{side}.jsonl"] % _ROWS_A_STEP)
    counts = {name: lines[name] for name in names}
    used = {name: _kinds_of(name, sides, kinds) for name in names}
    return Exported(counts, {kind: form.name for kind, form in writer.formats.items()}, used, writer.columns)


def _any(sides: np.ndarray[Any, Any], kinds: np.ndarray[Any, Any], side: str, kind: str) -> bool:
    return bool(((sides == side) & (kinds == kind)).any())


def _kinds_of(name: str, sides: np.ndarray[Any, Any], kinds: np.ndarray[Any, Any]) -> set[str]:
    side, *kind = name.removesuffix(".jsonl").split(".")
    return set(kind) or set(kinds[sides == side].tolist())


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    with atomic_path(path) as temporary, temporary.open("wb", buffering=1 << 20) as handle:
        yield handle


class _Writer:
    """Turns records into lines and remembers which optional columns each kind brought."""

    def __init__(self, formats: dict[str, Format], kinds: np.ndarray[Any, Any], keep_extra: bool) -> None:
        self.formats = formats
        self.kinds = kinds.tolist()
        self.keep_extra = keep_extra
        self.columns: dict[str, set[str]] = {kind: set() for kind in formats}

    def lines(
        self, store: RowStore, wanted: np.ndarray[Any, Any], copies: np.ndarray[Any, Any], row_ids: pa.ChunkedArray
    ) -> Iterator[tuple[int, bytes]]:
        """Every wanted row once, then those that repeat once more, and so on: copies never stand side by side."""
        for copy in range(1, int(copies[wanted].max(initial=0)) + 1):
            for table, numbers in store.tables(np.flatnonzero(wanted & (copies >= copy))):
                edits = store.edits_of(numbers)
                found = lines_of(table, self.formats, keep_extra=self.keep_extra, edits=edits)
                for number, line in zip(numbers.tolist(), found):
                    kind = self.kinds[number]
                    if isinstance(line, CannotHold):
                        raise _cannot_hold(self.formats[kind], line, row_ids[number].as_py())
                    self.columns[kind].update(line.columns)
                    yield number, line.data


def _cannot_hold(form: Format, error: CannotHold, where: str) -> OutputError:
    remedy = "choose another export.format, or leave such rows out with a decision"
    return OutputError(f"{form.name} cannot hold this row: {error}", where=where, remedy=remedy)


def export_dropped(path: Path, store: RowStore, ledger: pa.Table) -> int:
    """Write every row that is on no side, as it came, beside its verdict; returns their number."""
    rows = np.flatnonzero(ledger["verdict"].to_numpy(zero_copy_only=False) != KEPT)
    told = ("row_id", "content_id", "verdict", "stage", "rule", "value", "threshold", "partner", "similarity", "detail")
    verdicts = zip(*(ledger[name].take(pa.array(rows)).to_pylist() for name in told))
    with atomic_path(path) as temporary, temporary.open("wb", buffering=1 << 20) as handle:
        for verdict, (_, raw) in zip(verdicts, store.raws(rows)):
            known = {key: value for key, value in zip(told, verdict) if value is not None}
            handle.write(_dropped_line(known, raw))
    return len(rows)


def _dropped_line(verdict: dict[str, Any], raw: bytes) -> bytes:
    """The verdict with the row's own JSON text spliced in, so that not even a number's spelling changes."""
    head = jsontext.dump_bytes(verdict)[:-1]
    if verdict.get("rule") in _UNREADABLE:
        return head + b"," + jsontext.dump_bytes(jsontext.bytes_as_json(raw))[1:] + b"\n"
    return head + b',"row":' + jsontext.one_line(raw) + b"}\n"

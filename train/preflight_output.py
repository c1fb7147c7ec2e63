"""The folder of a preflight: whose it is, and what is written into it.

rows.parquet     one line a row: what becomes of it and why
preflight.json   every figure
report.html      the same for people
shown.json       the rows that the page shows token by token
predicted.parquet  with `--for`: one line a training row, what that system would do with it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.io import atomic_path, write_bytes
from tunesmith.errors import OutputError
from tunesmith.train.preflight_types import Shown
from tunesmith.train.types import Encoding, Fate, Sets, Stage

FIGURES, LEDGER, PAGE, PREDICTED = "preflight.json", "rows.parquet", "report.html", "predicted.parquet"
SHOWN = "shown.json"
OUTPUTS = (FIGURES, LEDGER, PAGE, SHOWN, PREDICTED)

_BATCH = 8192  # rows that are written together


def mark_of(sets: Sets, template_hash: str, encoding: Encoding, stage: Stage) -> str:
    """Names rows, template and settings: a folder with the same mark is written anew."""
    import xxhash

    parts = [sets.fingerprint, template_hash, stage, jsontext.dumps_sorted(asdict(encoding))]
    return xxhash.xxh3_128_hexdigest("\0".join(parts).encode())


def take_folder(out: Path, mark: str, *, replace: bool) -> None:
    """Make the folder and claim it, or refuse it before anything is computed.

    :raises OutputError: a file; a folder of another preflight without `replace`, or of somebody else.
    """
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if out.is_dir() and any(out.iterdir()):
        _refuse_foreign(out, mark, replace=replace)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in (PAGE, LEDGER, SHOWN, PREDICTED):
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise OutputError(what, where=str(out), remedy="choose a folder that you may write to") from error
    write_bytes(out / FIGURES, jsontext.dumps_indented({"mark": mark}).encode() + b"\n")


def stream_fates(path: Path, fates: Iterable[Fate]) -> None:
    """The ledger, as `handover.write_fates` writes it, without ever holding all of it.

    :raises OutputError: where the disk is full or nothing may be written there.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tunesmith.train.handover import FATE_SCHEMA

    with atomic_path(path) as part, pq.ParquetWriter(part, FATE_SCHEMA) as writer:
        for some in batched(fates, _BATCH):
            arrays = [pa.array(column, field.type) for column, field in zip(zip(*some), FATE_SCHEMA)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=FATE_SCHEMA))


def batched(fates: Iterable[Fate], size: int) -> Iterator[list[Fate]]:
    """Lists of at most `size`."""
    rest = iter(fates)
    while some := list(islice(rest, size)):
        yield some


def write_figures(out: Path, mark: str, figures: Mapping[str, Any]) -> None:
    """`preflight.json`; the ledger was written while rows passed."""
    write_bytes(out / FIGURES, jsontext.dumps_indented({"mark": mark, **figures}).encode() + b"\n")


def write_shown(out: Path, rows: Sequence[Shown]) -> None:
    """`shown.json`: a list of rows as `Shown` has them, its pieces as objects."""
    told = [row._asdict() | {"examples": [[piece._asdict() for piece in one] for one in row.examples]} for row in rows]
    write_bytes(out / SHOWN, jsontext.dumps(told).encode("utf-8", "replace") + b"\n")


def write_page(out: Path, page: str) -> None:
    """`report.html`."""
    write_bytes(out / PAGE, page.encode("utf-8", "replace"))


def _refuse_foreign(out: Path, mark: str, *, replace: bool) -> None:
    seen = _mark(out)
    if seen is None:
        there = [name for name in OUTPUTS if (out / name).exists()]
        what = f"holds {there[0]}, which no preflight wrote" if there else "is not empty and holds no preflight"
        raise OutputError(what, where=str(out), remedy="choose another --out; no file is written over")
    if seen != mark and not replace:
        what = "holds another preflight: of other rows, another template, or with other settings"
        raise OutputError(what, where=str(out), remedy="choose another --out, or add --replace to write over it")


def _mark(out: Path) -> str | None:
    """Of the preflight in a folder, None where there is none."""
    try:
        return str(jsontext.loads((out / FIGURES).read_bytes())["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

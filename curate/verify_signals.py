"""`signals.parquet` against the ledger: the same rows in the same order, and what the manifest counts of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.progress import Progress
from tunesmith.curate.records import KINDS
from tunesmith.curate.verify_columns import UNREADABLE, codes_of, damaged_part, even_batches, first_line, open_parquet
from tunesmith.curate.verify_found import PLACES, Findings
from tunesmith.curate.verify_ledger import LEDGER, Accounts
from tunesmith.curate.verify_manifest import MANIFEST, Manifest

SIGNALS = "signals.parquet"
_SAME = ("row_id", "content_id")


def check_signals(
    folder: Path, manifest: Manifest | None, accounts: Accounts, found: Findings, progress: Progress
) -> npt.NDArray[np.int8]:
    """Read both side by side; returns each row's kind, a place in `KINDS`, -1 where it is not known."""
    kinds = np.full(len(accounts), -1, np.int8)
    formats: Counter[tuple[str, str]] = Counter()
    path = folder / SIGNALS
    if not path.is_file():
        return kinds
    try:
        with open_parquet(path) as file, open_parquet(folder / LEDGER) as ledger:
            if file.metadata.num_rows != len(accounts):
                what = f"has {file.metadata.num_rows:,} rows where the ledger has {len(accounts):,}"
                found.add(SIGNALS, what)
                return kinds
            start = 0
            with progress.stage("check signals", total=len(accounts), unit="rows") as advance:
                for mine, told in zip(
                    even_batches(file, [*_SAME, "kind", "format"]), even_batches(ledger, [*_SAME, "source"])
                ):
                    _check_names(mine, told, found)
                    kinds[start : start + len(mine)] = codes_of(mine["kind"], KINDS)
                    formats.update(_formats(mine, told))
                    start += len(mine)
                    advance(len(mine))
    except UNREADABLE as error:
        found.add(SIGNALS, f"cannot be read ({first_line(error)})", damaged_part(path))
        return kinds
    if manifest:
        _check_formats(manifest, formats, found)
    return kinds


def _check_names(mine: pa.Table, told: pa.Table, found: Findings) -> None:
    for name in _SAME:
        same = pc.or_(
            pc.equal(mine[name], told[name]).fill_null(False), pc.and_(mine[name].is_null(), told[name].is_null())
        )
        other = np.flatnonzero(~same.to_numpy(zero_copy_only=False))
        places = (str(told["row_id"][int(row)]) for row in other[:PLACES])
        if len(other):
            found.add_all(SIGNALS, f"rows whose {name} is not the ledger's", places, len(other))


def _formats(mine: pa.Table, told: pa.Table) -> Counter[tuple[str, str]]:
    """How many readable rows of each source came in which format."""
    table = pa.table({"source": told["source"], "format": mine["format"]})
    grouped = table.filter(table["format"].is_valid()).group_by(["source", "format"]).aggregate([([], "count_all")])
    return Counter({(line["source"], line["format"]): line["count_all"] for line in grouped.to_pylist()})


def _check_formats(manifest: Manifest, formats: Counter[tuple[str, str]], found: Findings) -> None:
    for source in manifest.inputs:
        seen = {form: count for (name, form), count in formats.items() if name == source.name}
        if seen != source.formats:
            found.add(MANIFEST, "counts other formats of a source than there are", source.name)

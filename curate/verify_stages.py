"""The stage cache of a run against its ledger: the shards hold the same rows in the same order, each stage one line a
row. Only files that are whole are looked into; one without a digest is checked to be sound Arrow first.

Arrow files are mapped, and a damaged one could lead anywhere in memory: nothing of it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.decisions import applied_of
from tunesmith.curate.progress import Progress
from tunesmith.curate.records import RECORD_SCHEMA, content_id, records_of
from tunesmith.curate.shards import beside
from tunesmith.curate.stages import CACHE, read_table
from tunesmith.curate.verify_columns import UNREADABLE, content_ids, packed
from tunesmith.curate.verify_files import Checked
from tunesmith.curate.verify_found import PLACES, Findings
from tunesmith.curate.verify_ledger import LEDGER, POSITION_BITS, Accounts
from tunesmith.curate.verify_lines import Expected
from tunesmith.curate.verify_manifest import Manifest, Source

#: What is looked at in each file of a shard.
_NEEDED = {"rows": [*RECORD_SCHEMA.names, "raw"], "columns": ["position", "content_id"], "signals": []}


class Shard(NamedTuple):
    """Three files of the same rows, and the number of the first in the run."""

    rows: Path
    start: int
    n_rows: int


def check_stages(
    folder: Path, manifest: Manifest, accounts: Accounts, checked: Checked, found: Findings, progress: Progress
) -> list[Shard] | None:
    """Hold shards and stage tables against the ledger; returns the shards, None where any of them is damaged."""
    cache = folder / CACHE
    for name in [*manifest.stages.values()]:
        n_rows = _length(cache / name, checked, found)
        if n_rows not in (None, len(accounts)):
            found.add(f"{CACHE}/{name}", f"has {n_rows:,} rows where the ledger has {len(accounts):,}")
    if manifest.applied:
        _check_applied(cache / manifest.applied, accounts, checked, found)
    shards: list[Shard] = []
    with progress.stage("check stage files", total=len(accounts), unit="rows") as advance:
        for number, source in enumerate(manifest.inputs):
            start, end = accounts.bounds(number)
            mine = list(_shards_of(cache, source, start, accounts, checked, found, advance))
            shards += mine
            if len(mine) == len(source.shards):
                _check_count(cache, source, sum(shard.n_rows for shard in mine), end - start, checked, found)
    whole = sum(len(source.shards) for source in manifest.inputs) == len(shards)
    return shards if whole and sum(shard.n_rows for shard in shards) == len(accounts) else None


def _shards_of(
    cache: Path,
    source: Source,
    start: int,
    accounts: Accounts,
    checked: Checked,
    found: Findings,
    advance: Callable[[int], None],
) -> Iterator[Shard]:
    """The sound shards of a source. After one that cannot be read nobody knows which rows the next ones have."""
    known = True
    for name in source.shards:
        shard = _shard(cache / name, start, accounts if known else None, checked, found)
        if shard is None:
            known = False
            continue
        start += shard.n_rows
        advance(shard.n_rows)
        if known:
            yield shard


def _check_applied(path: Path, accounts: Accounts, checked: Checked, found: Findings) -> None:
    """What people decided is about the rows that it was written down for."""
    if _length(path, checked, found) is None:
        return
    table = read_table(path)
    ids, _ = content_ids(table["content_id"])
    rows = table["number"].to_numpy()
    inside = (rows >= 0) & (rows < len(accounts))
    other = ~inside | (accounts.ids[np.where(inside, rows, 0)] != ids).any(axis=1)
    if other.any():
        found.add_all(_name(path), "decisions about other rows than the ledger's", [], int(other.sum()))


def _name(path: Path) -> str:
    return f"{CACHE}/{path.name}" if path.parent.name == CACHE else f"{CACHE}/{path.parent.name}/{path.name}"


def _may_be_read(path: Path, checked: Checked) -> bool:
    """Whether a file is what the run wrote or, where an older manifest cannot tell, sound at least."""
    if _name(path) in checked.damaged:
        return False
    try:
        if _name(path) not in checked.whole:
            read_table(path).validate(full=True)
    except UNREADABLE:
        return False
    return True


def _length(path: Path, checked: Checked, found: Findings) -> int | None:
    """Rows of an Arrow file that may be read, None for any other."""
    if _name(path) in checked.damaged:
        return None
    if not _may_be_read(path, checked):
        found.add(_name(path), "is not an Arrow file that can be read")
        return None
    return len(read_table(path))


def _shard(rows: Path, start: int, accounts: Accounts | None, checked: Checked, found: Findings) -> Shard | None:
    """One shard, if its three files are sound and its rows are those of the ledger (where it is known which)."""
    lengths = {what: _length(beside(rows, what), checked, found) for what in ("rows", "columns", "signals")}
    if None in lengths.values():
        return None
    name = f"{CACHE}/{rows.parent.name}/{rows.name}"
    n_rows = lengths["rows"] or 0
    if set(lengths.values()) != {n_rows}:
        told = ", ".join(f"{what} {length:,}" for what, length in lengths.items())
        found.add(name, f"has other rows than the files beside it ({told})")
        return None
    lacking = [
        f"{what} {name}"
        for what, names in _NEEDED.items()
        for name in names
        if name not in read_table(beside(rows, what)).schema.names
    ]
    if lacking:
        found.add(name, "lacks a column, or a file beside it does", ", ".join(lacking))
        return None
    if accounts is not None and not _is_in_ledger(rows, start, n_rows, accounts, found):
        return None
    return Shard(rows, start, n_rows)


def _is_in_ledger(rows: Path, start: int, n_rows: int, accounts: Accounts, found: Findings) -> bool:
    columns = read_table(beside(rows, "columns"))
    position = columns["position"].to_numpy()
    ids, _ = content_ids(columns["content_id"])
    mine = slice(start, start + n_rows)
    name = f"{CACHE}/{rows.parent.name}/{beside(rows, 'columns').name}"
    if len(accounts.key[mine]) != n_rows:
        found.add(name, "has more rows than the ledger")
        return False
    other = (accounts.key[mine] & ((1 << POSITION_BITS) - 1) != position) | (accounts.ids[mine] != ids).any(axis=1)
    if other.any():
        names = (accounts.name(start + int(row)) for row in np.flatnonzero(other)[:PLACES])
        found.add_all(name, "has other rows than the ledger", names, int(other.sum()))
    return not other.any()


def _check_count(cache: Path, source: Source, n_rows: int, told: int, checked: Checked, found: Findings) -> None:
    """What the reader counted, as it was written down beside the shards, and what they and the ledger have."""
    if n_rows != told:
        found.add(LEDGER, f"has {told:,} rows of {source.name} where its shards have {n_rows:,}")
    for folder in dict.fromkeys(name.rpartition("/")[0] for name in source.shards):
        name = f"{CACHE}/{folder}/done.json"
        if name in checked.damaged:
            continue
        try:
            counted = jsontext.loads((cache / folder / "done.json").read_bytes())["rows"]
        except (OSError, ValueError, KeyError, TypeError):
            found.add(name, "is not what a run writes")
            continue
        if counted != n_rows:
            found.add(name, f"counts {counted:,} rows of {source.name} where its shards have {n_rows:,}")


def raw_rows(shards: list[Shard], rows: npt.NDArray[np.intp]) -> Iterator[bytes]:
    """These rows as they came, in order."""
    for shard in shards:
        first, last = np.searchsorted(rows, [shard.start, shard.start + shard.n_rows])
        if first < last:
            mine = pa.array(rows[first:last] - shard.start)
            yield from read_table(shard.rows)["raw"].take(mine).to_pylist()


def expected_lines(
    folder: Path,
    manifest: Manifest | None,
    accounts: Accounts,
    shards: list[Shard] | None,
    kinds: npt.NDArray[np.int8],
    checked: Checked,
) -> Expected:
    """What the exported lines should hold: the ledger's content ids, for a treated row those of its record in the
    shards, for an edited one those of the edit."""
    ids, known = accounts.ids.copy(), ~accounts.edited
    edits = _edits(folder, manifest, accounts, checked)
    if edits is None or shards is None:
        return Expected(ids, known, kinds)
    for shard in shards:
        mine = slice(shard.start, shard.start + shard.n_rows)
        treated = np.flatnonzero(accounts.edited[mine] & (accounts.side[mine] >= 0))
        if len(treated):
            table = read_table(shard.rows).select(RECORD_SCHEMA.names).take(pa.array(treated))
            ids[shard.start + treated] = packed([content_id(record) for record in records_of(table)])
            known[shard.start + treated] = True
    for row, identity in edits.items():
        ids[row], known[row] = packed([identity])[0], True
    return Expected(ids, known, kinds)


def _edits(folder: Path, manifest: Manifest | None, accounts: Accounts, checked: Checked) -> dict[int, str] | None:
    """The content ids of the rows that a person edited, None where they are not to be had."""
    if manifest is None:
        return None
    if manifest.applied is None:
        return {}
    path = folder / CACHE / manifest.applied
    if not _may_be_read(path, checked):
        return None
    applied = applied_of(read_table(path)).items()
    return {row: content_id(one.record) for row, one in applied if one.record is not None and row < len(accounts)}

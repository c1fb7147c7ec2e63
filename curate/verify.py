"""`tunesmith curate verify`: whether a finished run is whole, from its files alone.

Every output and stage file is hashed again, and the conservation law is held against what the files say: each input row
has one line in the ledger, a kept row stands where its line says and says what its content id says, every other one
stands once in `dropped.jsonl` with its verdict, and a duplicate's partner survived. Digests find a flipped byte; the
law also finds a row that somebody changed together with its digest.

>>> checked = verify(Path("out"))  # doctest: +SKIP
>>> checked.whole, [finding.told() for finding in checked.findings]  # doctest: +SKIP
(False, ["lines whose content is not the row's: line 17 (medical_zh:20)"])
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.curate.progress import Progress
from tunesmith.curate.rundata import open_run
from tunesmith.curate.stages import CACHE
from tunesmith.curate.verify_columns import damaged_part
from tunesmith.curate.verify_dropped import DROPPED_FILE, check_dropped
from tunesmith.curate.verify_files import Checked, check_files
from tunesmith.curate.verify_found import Finding, Findings
from tunesmith.curate.verify_inputs import InputState, check_inputs
from tunesmith.curate.verify_ledger import POSITION_BITS, SIDES, Accounts, read_ledger
from tunesmith.curate.verify_lines import check_exported
from tunesmith.curate.verify_manifest import MANIFEST, Manifest, read_manifest
from tunesmith.curate.verify_rehash import line_workers
from tunesmith.curate.verify_signals import SIGNALS, check_signals
from tunesmith.curate.verify_stages import check_stages, expected_lines, raw_rows
from tunesmith.curate.verify_text import as_text
from tunesmith.curate.workers import Workers
from tunesmith.errors import InputError

__all__ = ["Verified", "as_json", "as_text", "verify"]


@dataclass(frozen=True)
class Verified:
    """What a check found. `whole` where nothing contradicts; `notes` are what could not be checked, and why."""

    run: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    inputs: tuple[InputState, ...]
    rows: int
    files: int
    size_bytes: int
    remedy: str | None

    @property
    def whole(self) -> bool:
        """Whether the run is as it was written and accounts for every row."""
        return not self.findings


def verify(folder: Path, progress: Progress | None = None) -> Verified:
    """Check a finished run.

    :raises InputError: where the folder is none of a finished run, or a run is writing in it.
    """
    progress = progress or Progress()
    found, notes = Findings(), list[str]()
    with _alone(folder), line_workers(_size_of_lines(folder)) as workers:
        manifest = read_manifest(folder, found)
        checked = check_files(folder, manifest, found, progress) if manifest else Checked()
        accounts = _read_ledger(folder, manifest, found, progress)
        if accounts is not None:
            _check_rows(folder, manifest, accounts, checked, found, progress, workers, notes)
        if manifest is None:
            notes.append("digests, stage files and inputs were not checked: the manifest cannot be read")
        elif manifest.digest is None:
            notes.append("an older run: its manifest has no digest of itself, nor of the stage files")
        if accounts is None:
            notes.append("the rows of the other files were not checked: the ledger cannot be relied on")
        inputs = check_inputs(folder, manifest, accounts, found, progress) if manifest else ()
    return Verified(
        str(folder),
        tuple(found.all()),
        tuple(notes),
        inputs,
        len(accounts) if accounts else 0,
        len(checked.whole),
        checked.size_bytes,
        _remedy(folder, found, checked),
    )


def _remedy(folder: Path, found: Findings, checked: Checked) -> str | None:
    """What mends it. A run writes an output again that has lost its digest, but believes its cache and its manifest."""
    files = {finding.file for finding in found.all()}
    if not files:
        return None
    if files <= checked.damaged and not any(name.startswith(CACHE) for name in files):
        return f"run its recipe again into {folder}, with --replace if it refuses: it writes damaged outputs anew"
    return "run its recipe again into another folder: what this one says of its rows cannot be relied on"


def as_json(checked: Verified) -> dict[str, Any]:
    """What was found as plain data."""
    told = asdict(checked) | {"inputs": [one._asdict() for one in checked.inputs]}
    return {"run": told.pop("run"), "whole": checked.whole, **told}


def _size_of_lines(folder: Path) -> int:
    names = [*(f"{side}.jsonl" for side in SIDES), DROPPED_FILE]
    return sum((folder / name).stat().st_size for name in names if (folder / name).is_file())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a run from writing meanwhile; several checks may go on at once.

    :raises InputError: where one is writing.
    """
    try:
        lock = os.open(folder / CACHE / "lock", os.O_RDONLY)
    except OSError:  # no cache, or no run: what is there is said later
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InputError("a run is writing here", where=str(folder), remedy="wait until it is finished") from None
    finally:
        os.close(lock)


def _read_ledger(folder: Path, manifest: Manifest | None, found: Findings, progress: Progress) -> Accounts | None:
    """The rows of the run, None where they cannot be told from each other."""
    if not (folder / "ledger.parquet").is_file():
        if manifest is None:
            open_run(folder)  # neither manifest nor ledger can be read: says so
        return None
    near = manifest.recipe.duplicates.near if manifest else None
    accounts = read_ledger(folder, manifest.names if manifest else None, near.on if near else None, found, progress)
    if accounts is None:
        return None
    if manifest:
        _check_counts(manifest, accounts, found)
    return accounts if accounts.ordered else None


def _check_counts(manifest: Manifest, accounts: Accounts, found: Findings) -> None:
    """The manifest counts what the ledger has."""
    for name, count in manifest.counts.items():
        if name in accounts.counts and count != accounts.counts[name]:
            found.add(MANIFEST, f"counts {count:,} {name} where the ledger has {accounts.counts[name]:,}")
    for name in accounts.counts.keys() - manifest.counts.keys():
        found.add(MANIFEST, "counts no rows of a kind", name)
    lines = {f"{side}.jsonl": int(accounts.copies[accounts.side == place].sum()) for place, side in enumerate(SIDES)}
    for name, count in lines.items():
        if manifest.lines.get(name) != count:
            found.add(MANIFEST, f"counts {manifest.lines.get(name)} lines of {name} where the ledger has {count}")
    per_source = np.bincount(accounts.key[accounts.key >= 0] >> POSITION_BITS, minlength=len(manifest.inputs))
    for source, rows in zip(manifest.inputs, per_source.tolist()):
        if source.rows not in (None, rows):
            found.add(MANIFEST, f"counts {source.rows:,} rows of {source.name} where the ledger has {rows:,}")


def _check_rows(
    folder: Path,
    manifest: Manifest | None,
    accounts: Accounts,
    checked: Checked,
    found: Findings,
    progress: Progress,
    workers: Workers | None,
    notes: list[str],
) -> None:
    """Hold every file that has rows against the ledger."""
    kinds = check_signals(folder, manifest, accounts, found, progress)
    rotten = damaged_part(folder / SIGNALS) if SIGNALS in checked.damaged - checked.unreadable else None
    if rotten:
        found.add(SIGNALS, "has a part that cannot be read", rotten)
    shards = check_stages(folder, manifest, accounts, checked, found, progress) if manifest else None
    raws = raw_rows(shards, accounts.left()) if shards is not None else None
    if DROPPED_FILE not in checked.unreadable:
        check_dropped(folder, manifest, accounts, raws, found, progress, workers)
    expected = expected_lines(folder, manifest, accounts, shards, kinds, checked)
    formats = manifest.formats if manifest else {}
    for side in SIDES:
        if f"{side}.jsonl" in checked.unreadable:
            continue
        check_exported(folder, side, accounts, expected, formats, found, progress, workers)
    unknown = int((~expected.known & (accounts.side >= 0)).sum())
    if unknown:
        what = f"{unknown:,} rows that the run changed were not compared with their lines"
        notes.append(f"{what}: the shards are damaged or gone")

"""The files that a run read: whether they are still where they were, with the bytes that they had.

A folder is whole without them, so one that is gone or has changed is said and is no damage. Where one is as it was, its
rows are read again, and each has to have its line in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate import jsontext
from tunesmith.curate.files.fetch_told import telling
from tunesmith.curate.files.urls import UnreachableError, is_url
from tunesmith.curate.io import Input, file_digest
from tunesmith.curate.progress import Progress
from tunesmith.curate.registry import entry_named, read_registry
from tunesmith.curate.sources import open_source
from tunesmith.curate.verify_found import PLACES, Findings
from tunesmith.curate.verify_ledger import LEDGER, POSITION_BITS, Accounts
from tunesmith.curate.verify_manifest import Manifest, Named, Source
from tunesmith.errors import InputError

UNCHANGED, CHANGED, GONE, REMOTE = "unchanged", "changed", "gone", "not looked at"
_STEP = 1 << 16  # rows


class InputState(NamedTuple):
    """One source, or one file of decisions or scores: its state, and where it is not unchanged, what was seen."""

    name: str
    path: str
    state: str
    seen: str | None = None


def check_inputs(
    folder: Path, manifest: Manifest, accounts: Accounts | None, found: Findings, progress: Progress
) -> tuple[InputState, ...]:
    """Look for every input from where the recipe lay.

    :param accounts: the ledger's rows; None where they cannot be held against the input.
    """
    base = _base(folder)
    asked = {source.name: source.model_dump() for source in manifest.recipe.sources}
    states: list[InputState] = []
    same: dict[str, Input] = {}
    with progress.stage("check inputs", total=len(manifest.inputs), unit="sources") as advance:
        for source in manifest.inputs:
            state, rows = _source_state(source, asked.get(source.name, {}), base)
            states.append(state)
            if rows is not None:
                same[source.name] = rows
            advance(1)
    if accounts is not None:
        for name, rows in same.items():
            _check_rows(name, rows, accounts, found, progress)
    named = [*(("decisions", one) for one in manifest.decisions), *(("scores", one) for one in manifest.scores)]
    return (*states, *(_named_state(what, one, base) for what, one in named))


def _base(folder: Path) -> Path:
    """The folder that paths start from: the recipe's, or the one that a person stands in who gave bare files."""
    try:
        recipe = jsontext.loads((folder / "run.log.json").read_bytes())["recipe"]
    except (OSError, ValueError, KeyError, TypeError):
        recipe = None
    return Path(recipe).parent if isinstance(recipe, str) else Path()


def _source_state(source: Source, asked: Mapping[str, Any], base: Path) -> tuple[InputState, Input | None]:
    """A source as it is now, and its rows where they are those that the run read."""
    try:
        if _is_remote(source.path, base):
            return InputState(source.name, source.path, REMOTE, "it is on a hub"), None
        with telling(Progress):  # one stage is told at a time, and this is one
            opened = open_source(
                source.path,
                name=source.name,
                format=asked.get("format", "auto"),
                columns=asked.get("columns"),
                base=base,
            ).plan.input
    except UnreachableError as error:
        return InputState(source.name, source.path, REMOTE, str(error)), None
    except InputError as error:
        there = (base / source.path.partition("#")[0]).exists()  # and not even a row of it can be read
        return InputState(source.name, source.path, CHANGED if there else GONE, str(error)), None
    now, then = ([file.digest for file in files] for files in (opened.files, source.files))
    if now == then:
        return InputState(source.name, source.path, UNCHANGED), opened
    other = [file.name for file, digest in zip(opened.files, then) if file.digest != digest]
    seen = f"{len(now):,} files where there were {len(then):,}" if len(now) != len(then) else f"{other[0]} has others"
    return InputState(source.name, source.path, CHANGED, f"other bytes: {seen}"), None


def _is_remote(path: str, base: Path) -> bool:
    if path.startswith("hub:"):
        return True
    if is_url(path):
        return False  # what was fetched is there; what is not is fetched
    file, _, entry = path.partition("#")
    if not entry or (base / path).exists():
        return False
    return entry_named(read_registry(base / file), entry, base / file).place != "file"


def _named_state(what: str, named: Named, base: Path) -> InputState:
    path = base / named.path
    if not path.is_file():
        return InputState(what, named.path, GONE, "there is no such file")
    if file_digest(path, named.path) == named.digest:
        return InputState(what, named.path, UNCHANGED)
    return InputState(what, named.path, CHANGED, "other bytes")


def _check_rows(name: str, rows: Input, accounts: Accounts, found: Findings, progress: Progress) -> None:
    """Every row of the input has its line, and no line is of a row that the input does not have."""
    number = accounts.sources.index(name)
    first, end = accounts.bounds(number)
    mine = accounts.key[first:end] - (number << POSITION_BITS)
    seen = 0
    with progress.stage(f"read {name} again", total=len(mine), unit="rows") as advance:
        for positions in _positions(rows):
            part = mine[np.searchsorted(mine, positions[0]) : np.searchsorted(mine, positions[-1], "right")]
            _tell(name, "rows of the input that are not in the ledger", np.setdiff1d(positions, part), found)
            _tell(name, "rows that are not in the input", np.setdiff1d(part, positions), found)
            seen = int(positions[-1])
            advance(len(positions))
    _tell(name, "rows that are not in the input", mine[mine > seen], found)


def _positions(rows: Input) -> Iterator[npt.NDArray[np.int64]]:
    found = (row.position for row in rows.rows())
    while step := list(islice(found, _STEP)):
        yield np.array(step, np.int64)


def _tell(name: str, what: str, positions: npt.NDArray[np.int64], found: Findings) -> None:
    if len(positions):
        found.add_all(LEDGER, what, (f"{name}:{one}" for one in positions[:PLACES].tolist()), len(positions))

"""A finished `curate run` as the rows of a training run: exactly those that it exported.

>>> run = read_run(Path("runs/medical"))  # doctest: +SKIP
>>> len(run.train), len(run.validation)  # doctest: +SKIP
(45210, 2000)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.io import file_digest, read_json_object
from tunesmith.curate.ledger import KEPT
from tunesmith.curate.rundata import RunData, open_run
from tunesmith.curate.stages import CACHE
from tunesmith.errors import InputError
from tunesmith.train.sets_rows import StoredRows

#: Files of a run that say what is trained; each must be as the run left it.
_CHECKED = ("train.jsonl", "validation.jsonl", "ledger.parquet")


class RunRows(NamedTuple):
    """Both sides of a run, and the digests of the files that say so."""

    train: StoredRows
    validation: StoredRows
    digests: tuple[str, ...]


def is_run(path: Path) -> bool:
    """Whether this is the folder of a run, finished or not."""
    return (path / "manifest.json").is_file() or (path / CACHE).is_dir()


def read_run(folder: Path) -> RunRows:
    """The exported rows of a run.

    :raises InputError: where the run is not finished, or a file was changed after it.
    """
    digests = _checked_digests(folder)
    run = open_run(folder)
    everything = _all_rows(run)
    kept = run.ledger["verdict"].to_numpy(zero_copy_only=False) == KEPT
    sides = run.ledger["split"].to_numpy(zero_copy_only=False)
    train, validation = (everything.where(kept & (sides == side)) for side in ("train", "validation"))
    _check_lines(folder, run.manifest, train)
    if len(train):
        run.records([int(train.numbers[0])])  # a run whose rows are gone says so now, not in the middle of training
    return RunRows(train, validation, digests)


def _checked_digests(folder: Path) -> tuple[str, ...]:
    """The digests of what decides the training, as the manifest and the disk agree on them."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return ()  # `open_run` says what the folder is instead
    told = {file["name"]: file["digest"] for file in read_json_object(manifest).get("outputs", ())}
    for name in _CHECKED:
        path = folder / name
        seen = "is gone" if not path.is_file() else "was changed" if file_digest(path) != told.get(name) else None
        if seen is not None:
            what = f"{name} {seen} since the run was finished: its manifest no longer says what is trained"
            remedy = "run the recipe again with --replace; to train on an edited file, name the file and not its folder"
            raise InputError(what, where=str(folder), remedy=remedy)
    return tuple(told[name] for name in _CHECKED)


def _all_rows(run: RunData) -> StoredRows:
    ledger = run.ledger
    names = tuple(one["name"] for one in run.manifest["inputs"])
    groups = tuple(one["group"] for one in run.manifest["inputs"])
    numbers = np.arange(len(ledger), dtype=np.int64)
    codes = _codes(ledger["source"].to_numpy(zero_copy_only=False), names)
    return StoredRows(
        run.records, numbers, codes, ledger["position"].to_numpy(), ledger["copies"].to_numpy(), names, groups
    )


def _codes(sources: npt.NDArray[Any], names: tuple[str, ...]) -> npt.NDArray[np.int32]:
    codes = np.empty(len(sources), np.int32)
    for code, name in enumerate(names):
        codes[sources == name] = code
    return codes


def _check_lines(folder: Path, manifest: Any, train: StoredRows) -> None:
    wanted, found = manifest["lines"].get("train.jsonl"), int(train.copies[train.numbers].sum())
    if wanted != found:
        what = f"train.jsonl has {wanted:,} lines where the ledger has {found:,}"
        raise InputError(what, where=str(folder), remedy="run the recipe again with --replace")

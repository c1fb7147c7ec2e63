"""Hugging Face datasets: a folder made by `save_to_disk`, or a name on the hub. The one file that imports `datasets`.

>>> splits = saved_splits(Path("my_dataset"), "my_dataset")
>>> [split.info.path for split in splits]
['my_dataset/test', 'my_dataset/train']
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.files.arrowrows import batch_rows
from tunesmith.curate.files.containers import files_digest
from tunesmith.curate.files.rawrows import End, FileInfo, Rows
from tunesmith.errors import InputError

_HUB_NAME = re.compile(r"hub:(?P<name>[\w.-]+(?:/[\w.-]+)?)(?:@(?P<revision>[^:]+))?(?::(?P<split>.+))?")
_BATCH_ROWS = 1000


class Split(NamedTuple):
    """One split, with its description."""

    info: FileInfo
    dataset: Any


def is_saved_dataset(folder: Path) -> bool:
    """Whether `Dataset.save_to_disk` or `DatasetDict.save_to_disk` made the folder."""
    try:
        return any((folder / name).is_file() for name in ("state.json", "dataset_dict.json"))
    except OSError:  # no permission: said by whoever lists the folder
        return False


def saved_splits(folder: Path, shown: str) -> tuple[Split, ...]:
    """Every split of a saved dataset, by name.

    :raises InputError: the folder is not what `save_to_disk` writes.
    """
    import datasets

    try:
        return _splits(datasets.load_from_disk(str(folder)), shown, "/")
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"the saved dataset cannot be opened ({_first_line(error)})"
        raise InputError(what, where=shown, remedy="save it again with `save_to_disk`") from error


def hub_splits(given: str) -> tuple[Split, ...]:
    """Every split (or the one named) of `hub:owner/name[@revision][:split]`.

    :raises InputError: not such a name, no connection, no such dataset, revision or split.
    """
    match = _HUB_NAME.fullmatch(given)
    if match is None:
        raise InputError("expected hub:owner/name, with @revision and :split if you like", where=given)
    import datasets
    from datasets.exceptions import DatasetsError

    try:
        loaded = datasets.load_dataset(match["name"], revision=match["revision"], split=match["split"], streaming=False)
        return _splits(loaded, given, ":")
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, DatasetsError) as error:
        what = f"the dataset cannot be loaded from the hub ({_first_line(error)})"
        remedy = "check the name and the connection, or download it once and name its folder"
        raise InputError(what, where=given, remedy=remedy) from error


def _splits(loaded: Any, shown: str, joint: str) -> tuple[Split, ...]:
    if not isinstance(loaded, dict):
        return (_split(loaded, shown),)
    return tuple(_split(loaded[name], f"{shown}{joint}{name}") for name in sorted(loaded))


def _split(dataset: Any, shown: str) -> Split:
    paths = [Path(name) for name in sorted({file["filename"] for file in dataset.cache_files})]
    digest, size = files_digest(paths), sum(path.stat().st_size for path in paths)
    notes = (f"Hugging Face dataset, {dataset.num_rows:,} rows",)
    return Split(FileInfo(shown, "dataset", "binary", None, size, digest, notes), dataset)


def split_rows(dataset: Any, *, base: int, skip: int) -> Rows:
    """The rows of a split, as Python values by column."""
    total: int = dataset.num_rows
    if skip < total:
        kept = dataset.with_format("arrow")
        batches = (kept[start : start + _BATCH_ROWS] for start in range(skip, total, _BATCH_ROWS))
        yield from batch_rows(batches, str(dataset.split or "dataset"), base=base, first=skip, skip=skip)
    return End(base + total, total)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)

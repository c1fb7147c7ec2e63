"""The rows that are trained and those that validate, from a run of `tunesmith curate run` or from files.

>>> sets = read_sets(["runs/medical"])  # doctest: +SKIP
>>> len(sets.train), {group: len(rows) for group, rows in sets.validation.items()}  # doctest: +SKIP
(45210, {'domain': 812, 'general': 1188})
>>> sets = read_sets(["medical.jsonl", "general=alpaca_zh.json"], share=0.05, seed=7)  # doctest: +SKIP

A run folder gives exactly the rows that it exported, in the order of its ledger, with its row ids, groups and copies;
which format it wrote does not matter. Files are read as `curate` reads them, in the order given; a prefix names their
group, `domain` where there is none. Rows stay on disk until they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import xxhash

from tunesmith.curate.recipe import source_names
from tunesmith.curate.recipe_models import Source
from tunesmith.errors import InputError
from tunesmith.train.sets_files import Named, read_files
from tunesmith.train.sets_rows import StoredRows
from tunesmith.train.sets_run import is_run, read_run
from tunesmith.train.types import Sets

#: Where a person names none, as in a recipe.
DEFAULT_GROUP = "domain"

_GROUPED = re.compile(r"([A-Za-z][\w.-]*)=(.+)", re.DOTALL)


class _Sides(NamedTuple):
    """Both sides as they were read. `marks` stand for the content of what was read."""

    train: StoredRows
    validation: StoredRows | None
    unread: tuple[tuple[str, str], ...]
    marks: tuple[str, ...]


def read_sets(data: Sequence[str], *, validation: Sequence[str] = (), share: float = 0.0, seed: int = 0) -> Sets:
    """The rows of a training run.

    :param data: one run folder, or any number of files, folders, globs, `dataset_info.json#name` and `hub:owner/name`,
        each with an optional `group=` before it.
    :param validation: likewise, without run folders; stands in place of the validation rows of a run.
    :param share: of the rows of files and of runs that have no validation rows: how many validate, 0 to below 1, at
        least 1 and at most 2,000 rows as in a recipe. Rows of like prompts stay on one side. Without meaning where a
        validation set is there.
    :param seed: of that choice.
    :raises InputError: for what cannot be read, a changed run folder, and sets without a row; rows that cannot be read
        are no error while others can, and stand in `unread`.
    """
    _check(data, share)
    sides = _read(data)
    if validation:
        sides = _with_validation(sides, validation)
    elif share and sides.validation is None:
        sides = _shared(sides, share, seed)
    if not sides.train:
        raise InputError("no row is left to train on", where=", ".join(data), remedy="give more rows")
    by_group = sides.validation.by_group() if sides.validation is not None else {}
    return Sets(sides.train, by_group, _fingerprint(sides), sides.unread)


def _check(data: Sequence[str], share: float) -> None:
    if not data:
        raise InputError("expected data to train on, saw none", remedy="name a run folder or a file")
    if not 0 <= share < 1:
        raise InputError(f"a share of {share:g} rows cannot validate", remedy="give 0 to below 1, such as 0.05")


def _read(data: Sequence[str]) -> _Sides:
    runs = [path for path in data if is_run(Path(path))]
    if not runs:
        rows = read_files(_named(data))
        return _Sides(rows.rows, None, rows.unread, (rows.digest,))
    if len(data) > 1:
        what = "a run folder stands alone: it already is a mix of its sources"
        raise InputError(what, where=runs[0], remedy="put the other files into its recipe and run it again")
    run = read_run(Path(runs[0]))
    return _Sides(run.train, run.validation or None, (), run.digests)


def _with_validation(sides: _Sides, paths: Sequence[str]) -> _Sides:
    runs = [path for path in paths if is_run(Path(path))]
    if runs:
        what = "a run folder is no validation set"
        raise InputError(what, where=runs[0], remedy=f"name one of its files, such as {runs[0]}/validation.jsonl")
    read = read_files(_named(paths))
    return _Sides(sides.train, read.rows, (*sides.unread, *read.unread), (*sides.marks, read.digest))


def _shared(sides: _Sides, share: float, seed: int) -> _Sides:
    from tunesmith.train.sets_share import validation_share  # numba, for those only who split

    chosen = validation_share(sides.train, share=share, seed=seed)
    return sides._replace(train=sides.train.where(~chosen), validation=sides.train.where(chosen))


def _named(paths: Sequence[str]) -> list[Named]:
    """Each path with its group, and a name that no other has."""
    parted = [_parted(path) for path in paths]
    names = source_names(Source(path=path) for _, path in parted)
    return [Named(path, name, group) for (group, path), name in zip(parted, names)]


def _parted(asked: str) -> tuple[str, str]:
    """Group and path; a file that is really called `a=b` is no group."""
    found = _GROUPED.fullmatch(asked)
    if found is None or asked.startswith("hub:") or Path(asked).exists():
        return DEFAULT_GROUP, asked
    return found[1], found[2]


def _fingerprint(sides: _Sides) -> str:
    """Of content, names, order, sides and copies: what decides a token of the training run."""
    digest = xxhash.xxh3_128("\n".join(sides.marks).encode())
    for rows in (sides.train, sides.validation):
        for part in rows.identity() if rows is not None else (b"none",):
            digest.update(part)
    return digest.hexdigest()

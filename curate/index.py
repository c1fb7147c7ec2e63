"""`tunesmith curate index build|query`: an index of a training set, against which each new delivery is checked without
reading the training set again.

>>> build_index(["train.jsonl"], out=Path("train.index.arrow")).rows
55185
>>> found = query_index("train.index.arrow", ["delivery.jsonl"], out=Path("matches.jsonl"), new=Path("new.jsonl"))
>>> found.matched, found.new
(412, 588)

A match is proved: its similarity is the exact Jaccard similarity of the shingle sets, as in a run's own near-duplicate
stage. Rows of the delivery are not compared with each other; `curate dedup` does that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tunesmith.curate.index_file import new_file
from tunesmith.curate.index_form import IndexForm, form_of
from tunesmith.curate.index_rows import SketchedRows
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError

STORES = ("arrow", "memory", "redis")


@dataclass(frozen=True)
class Built:
    """A new index. `reasons` counts the rows that could not be read, `first` is a place of each; they are not in it."""

    rows_in: int
    rows: int
    invalid: int
    reasons: dict[str, int]
    first: dict[str, str]
    index: str
    store: str
    on: str
    threshold: float
    ngram: int
    size_bytes: int | None
    seconds: float


@dataclass(frozen=True)
class Queried:
    """A delivery, checked: rows_in = matched + new + invalid."""

    rows_in: int
    matched: int
    new: int
    invalid: int
    reasons: dict[str, int]
    first: dict[str, str]
    index: str
    index_rows: int
    on: str
    threshold: float
    out: Path
    new_out: Path | None
    seconds: float


def build_index(
    paths: Sequence[str],
    *,
    out: Path | None = None,
    store: str = "arrow",
    redis_url: str | None = None,
    name: str | None = None,
    threshold: float = 0.7,
    on: str = "row",
    ngram: int = 5,
    replace: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Index the readable rows of files, folders, hub sets, and the kept rows of finished runs.

    :param out: the file to write, for the store `arrow`; `redis_url` and `name` are for the store `redis`.
    :raises RecipeError: for a threshold, `on` or `ngram` that a recipe would refuse.
    :raises InputError: an input that cannot be read, or no server.
    :raises OutputError: where the index is there already, without `replace`, or cannot be written.
    """
    from tunesmith.curate.dedup import dedup_recipe

    start = time.perf_counter()
    dedup_recipe(paths, threshold=threshold, on=on, ngram=ngram)  # judges the settings
    form = form_of(on=on, threshold=threshold, ngram=ngram)
    target = _target(store, out, redis_url, name)
    rows = SketchedRows(paths, form)
    shown = _write(target, form, rows, replace=replace, progress=progress or Progress())
    return Built(
        **rows.counts(),
        rows=rows.readable,
        index=shown,
        store=store,
        on=on,
        threshold=threshold,
        ngram=ngram,
        size_bytes=target.stat().st_size if isinstance(target, Path) else None,
        seconds=round(time.perf_counter() - start, 3),
    )


def _write(
    target: Path | tuple[str, str], form: IndexForm, rows: SketchedRows, *, replace: bool, progress: Progress
) -> str:
    """Write the index; returns where it is, for a person."""
    batches = (sketched.rows for sketched in rows.batches(progress) if len(sketched.rows))
    if isinstance(target, Path):
        check_place(target, rows.files, replace=replace)
        with new_file(target, form) as add:
            for batch in batches:
                add(batch)
        return str(target)
    from tunesmith.curate import index_redis

    server = index_redis.Server(*target)
    index_redis.build(server, form, batches, replace=replace)
    return server.shown


def _target(store: str, out: Path | None, redis_url: str | None, name: str | None) -> Path | tuple[str, str]:
    """The file to write, or URL and name.

    :raises InputError: for settings that do not fit the store.
    """
    check_store(store)
    if store == "memory":
        remedy = "build a file with --out, and query that with --store memory"
        raise InputError("an index in memory ends with the command that builds it", remedy=remedy)
    if store == "redis":
        if out is not None or name is None:
            raise InputError("an index on a Redis server has a name and no file", remedy="give --name, and no --out")
        return url_of(redis_url), name
    if out is None or name is not None or redis_url is not None:
        remedy = "give --out, or add --store redis to write to a server"
        raise InputError("an index file needs --out, and no --name or --redis-url", remedy=remedy)
    return out


def check_store(store: str) -> None:
    """:raises InputError: for a name that is none of a store."""
    if store not in STORES:
        raise InputError(f"expected the store {', '.join(STORES)}, saw {store!r}", remedy="correct --store")


def url_of(redis_url: str | None) -> str:
    """:raises InputError: where there is no address of a server."""
    if redis_url is None:
        remedy = "give --redis-url redis://127.0.0.1:6379/0, or set TUNESMITH_REDIS_URL"
        raise InputError("the store `redis` needs the address of a server", remedy=remedy)
    return redis_url


def check_place(path: Path, read: Iterable[Path], *, replace: bool) -> None:
    """:raises OutputError: where a file is there already, without `replace`, or is one of those that are read."""
    if not path.exists():
        return
    if any(place.exists() and place.samefile(path) for place in read):
        raise OutputError("is what is to be read", where=str(path), remedy="choose another name to write to")
    if not replace:
        raise OutputError("exists already", where=str(path), remedy="choose another name, or add --replace")


def as_json(found: Built | Queried) -> dict[str, Any]:
    """For `--json`."""
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def as_text(found: Built | Queried) -> str:
    """What happened, in a few lines."""
    asked = f"on {found.on}, threshold {found.threshold}"
    if isinstance(found, Built):
        size = f", {found.size_bytes / 1e6:,.1f} MB" if found.size_bytes is not None else ""
        lines = [
            f"{found.rows:,} of {found.rows_in:,} rows indexed ({asked}, {found.ngram}-grams; {found.seconds:,.1f} s)",
            f"index: {found.index}{size}",
        ]
    else:
        lines = [
            f"{found.rows_in:,} rows in: {found.matched:,} matched, {found.new:,} new, {found.invalid:,} invalid "
            f"({asked}; {found.index_rows:,} rows in the index; {found.seconds:,.1f} s)",
            f"matches: {found.out}",
        ]
        if found.new_out is not None:
            lines.append(f"new rows: {found.new_out}")
    return "\n".join([*lines, *_invalid_told(found.reasons, found.first)])


def _invalid_told(reasons: Mapping[str, int], first: Mapping[str, str]) -> Iterator[str]:
    if reasons:
        yield "rows that could not be read, and take no part:"
    for code, rows in reasons.items():
        yield f"  {rows:,} {code}" + (f", the first at {first[code]}" if code in first else "")

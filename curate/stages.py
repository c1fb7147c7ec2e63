"""The output folder of a run: its lock, its stage cache, and what may be continued or replaced.

Every stage's result lies under `.stages/` in a file or folder named by a fingerprint of its input, its configuration
and the code, written under a temporary name and renamed. A killed run therefore finds exactly what was finished, and
the same recipe on the same input finds everything.

>>> fingerprint("rules", {"b": 1, "a": [2]}) == fingerprint("rules", {"a": [2], "b": 1})
True
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.errors import OutputError

CACHE = ".stages"
_MARK = "run.json"

#: What a finished run leaves in its folder, beside the cache. Only these are ever replaced.
OUTPUTS = (
    "train.jsonl",
    "validation.jsonl",
    "dropped.jsonl",
    "ledger.parquet",
    "signals.parquet",
    "dataset_info.json",
    "report.html",
    "manifest.json",
    "run.log.json",
)


def fingerprint(*parts: Any) -> str:
    """32 hex digits that differ as soon as any part does; the code of this package is always a part."""
    text = jsontext.dumps_sorted([code_version(), *parts])
    return xxhash.xxh3_128_hexdigest(text.encode())


def file_digest(path: Path) -> str:
    """xxh3_128 of a file's bytes, 32 hex digits."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@lru_cache(maxsize=1)
def code_version() -> str:
    """A digest of every source file of `curate/`: an edited stage never reuses what its older self wrote."""
    digest = xxhash.xxh3_64()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def open_folder(out: Path, mark: str, *, replace: bool) -> Iterator[Path]:
    """Take an output folder for one run and yield its cache folder.

    :param mark: the fingerprint of recipe and inputs. A folder with the same mark is continued.
    :raises OutputError: for a folder of something else, unless `replace`; for one that another run is using.
    """
    _refuse_foreign(out, mark, replace=replace)
    cache = out / CACHE
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = os.open(cache / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        remedy = "choose a folder that you may write to"
        raise OutputError(f"cannot be written ({error.strerror})", where=str(out), remedy=remedy) from error
    try:
        _take(lock, out)
        _set_mark(out, mark)
        yield cache
    finally:
        os.close(lock)


def _take(lock: int, out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError(
            "another run is writing here", where=str(out), remedy="wait for it or choose another --out"
        ) from None


def _refuse_foreign(out: Path, mark: str, *, replace: bool) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if not out.is_dir() or not any(out.iterdir()) or replace:
        return
    seen = read_mark(out)
    if seen == mark:
        return
    if seen is None:
        what = "is not empty and no run of Tunesmith"
    else:
        what = "holds a run of another recipe, other input or another version"
    remedy = "choose another --out, or add --replace to write over the run (other files in it stay)"
    raise OutputError(what, where=str(out), remedy=remedy)


def read_mark(out: Path) -> str | None:
    """The mark of the run in a folder, None where there is none."""
    try:
        found = jsontext.loads((out / CACHE / _MARK).read_bytes())
    except (OSError, ValueError):
        return None
    return str(found.get("mark")) if isinstance(found, dict) else None


def _set_mark(out: Path, mark: str) -> None:
    """Remove the outputs of another run, then claim the folder."""
    if read_mark(out) == mark:
        return
    for path in stale_outputs(out):
        path.unlink()
    with atomic_path(out / CACHE / _MARK) as temporary:
        temporary.write_text(jsontext.dumps({"mark": mark}), encoding="utf-8")


def stale_outputs(out: Path) -> list[Path]:
    """The files that a run wrote, those of single kinds (`train.sft.jsonl`) among them."""
    by_kind = [path for side in ("train", "validation") for path in sorted(out.glob(f"{side}.*.jsonl"))]
    return [out / name for name in OUTPUTS if (out / name).exists()] + by_kind


def cached_table(cache: Path, stage: str, key: str, compute: Callable[[], pa.Table]) -> pa.Table:
    """The table of a stage: memory-mapped where it was finished before, else computed and kept."""
    path = cache / f"{stage}-{key}.arrow"
    if not path.exists():
        write_table(path, compute())
    return read_table(path)


def write_table(path: Path, table: pa.Table | pa.RecordBatch) -> None:
    """Write one Arrow file, whole or not at all."""
    with (
        atomic_path(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write(table)


def read_table(path: Path) -> pa.Table:
    """An Arrow file, memory-mapped: a row costs nothing until it is looked at."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def forget_others(cache: Path, keep: set[str]) -> None:
    """Remove cached stages that the finished run did not use, so that a tuned recipe does not fill the disk."""
    for path in cache.iterdir():
        if path.name in keep or path.name in ("lock", _MARK):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

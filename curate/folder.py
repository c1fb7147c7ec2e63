"""The output folder of a run: whose it is, who is writing in it, and what may be continued or replaced.

A folder carries the mark of the run that made it (`.stages/run.json`): a fingerprint of recipe, input and code. The
same run goes on in it; another one needs `--replace`, which touches only files that a run writes, and never a folder in
which somebody else's file has such a name.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import output_error
from tunesmith.curate.io import atomic_path
from tunesmith.curate.records import KINDS
from tunesmith.curate.stages import CACHE, MARK
from tunesmith.errors import OutputError

#: What a finished run leaves in its folder, beside the cache. Only these are ever replaced.
OUTPUTS = (
    "train.jsonl",
    "validation.jsonl",
    *(f"{side}.{kind}.jsonl" for side in ("train", "validation") for kind in KINDS),
    "dropped.jsonl",
    "ledger.parquet",
    "signals.parquet",
    "dataset_info.json",
    "report.html",
    "manifest.json",
    "run.log.json",
)


@contextmanager
def open_folder(
    out: Path, mark: str, *, replace: bool, inputs: Iterable[Path] = (), parts: Mapping[str, str] | None = None
) -> Iterator[Path]:
    """Take an output folder for one run and yield its cache folder.

    :param mark: the fingerprint of recipe and inputs. A folder with the same mark is continued.
    :param parts: what the mark was made of, such as `{"recipe": …, "decisions": …}`; a refusal names those that differ.
    :param inputs: files and folders that the run reads; none of them may be written over or lie around the output.
    :raises OutputError: for a folder of something else, for one that another run is using, for one without permission,
    and where the disk fails what the block does in the folder.
    """
    try:
        refuse_foreign(out, mark, replace=replace, parts=parts or {})
        _refuse_inputs(out, inputs)
        cache = out / CACHE
        cache.mkdir(parents=True, exist_ok=True)
        lock = os.open(cache / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        _take(lock, out)
        _claim(out, mark, parts or {})
        yield cache
    except OSError as error:
        known = output_error(error, str(error.filename or out))
        if known is None or not _lies_in(out, error.filename):
            raise
        raise known from error
    finally:
        os.close(lock)


def _lies_in(out: Path, name: object) -> bool:
    """Whether an error is about a file of the run: one without a name is about one that was open to be written."""
    return name is None or Path(os.fsdecode(str(name))).absolute().is_relative_to(out.absolute())


def _unwritable(out: Path, error: OSError) -> OutputError:
    remedy = "choose a folder that you may write to"
    return OutputError(f"cannot be written ({error.strerror})", where=str(out), remedy=remedy)


def refuse_foreign(out: Path, mark: str, *, replace: bool, parts: Mapping[str, str]) -> None:
    """:raises OutputError: where the folder is not this run's and may not become it."""
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if not out.is_dir() or not any(out.iterdir()):
        return
    seen = read_mark(out)
    if seen == mark:
        return
    if seen is not None and not written(out):
        return  # a run that stopped before it wrote anything: only its cache is here
    if seen is None and (taken := written(out)):
        what = f"holds {taken[0].name}, which no run of Tunesmith wrote"
        raise OutputError(what, where=str(out), remedy="choose another --out; that file is never written over")
    if replace or (seen is None and _is_just_begun(out)):
        return
    what = "is not empty and no run of Tunesmith"
    if seen is not None:
        before = _read(out).get("parts")
        changed = [name for name in parts if isinstance(before, dict) and before.get(name) != parts[name]]
        what = f"holds a finished run with other {' and '.join(changed) or 'settings'}"
    remedy = "choose another --out, or add --replace to write over the run (other files in it stay)"
    raise OutputError(what, where=str(out), remedy=remedy)


def _is_just_begun(out: Path) -> bool:
    """Whether a run was killed here before it had set its mark: there is nothing but an empty cache."""
    begun = {"lock", f".{MARK}.part"}
    cache = out / CACHE
    return [path.name for path in out.iterdir()] == [CACHE] and begun.issuperset(path.name for path in cache.iterdir())


def _refuse_inputs(out: Path, inputs: Iterable[Path]) -> None:
    place = out.resolve()
    outputs = {place / name for name in OUTPUTS}
    for path in inputs:
        real = path.resolve()
        if real in outputs:
            raise OutputError(f"{path.name} is an input of this run", where=str(out), remedy="choose another --out")
        if real.is_dir() and place.is_relative_to(real):
            what = f"lies inside the source folder {path}, which would read its files as rows the next time"
            raise OutputError(what, where=str(out), remedy="choose a folder beside it")


def _take(lock: int, out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError(
            "another run is writing here", where=str(out), remedy="wait for it or choose another --out"
        ) from None


def read_mark(out: Path) -> str | None:
    """The mark of the run in a folder, None where there is none."""
    mark = _read(out).get("mark")
    return None if mark is None else str(mark)


def _read(out: Path) -> dict[str, Any]:
    return _read_file(out / CACHE / MARK) or _read_file(out / "manifest.json")  # where somebody removed the cache


def _read_file(path: Path) -> dict[str, Any]:
    try:
        found = jsontext.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "mark" in found else {}


def _claim(out: Path, mark: str, parts: Mapping[str, str]) -> None:
    """Remove what a killed run left half-written and the outputs of another run, then set the mark."""
    try:
        for leftover in [*out.glob(".*.part"), *(out / CACHE).rglob(".*.part")]:
            leftover.unlink()
        if read_mark(out) != mark:
            for path in written(out):
                path.unlink()
        elif _read_file(out / CACHE / MARK):
            return
        with atomic_path(out / CACHE / MARK) as temporary:
            temporary.write_text(jsontext.dumps_sorted({"mark": mark, "parts": dict(parts)}), encoding="utf-8")
    except OSError as error:
        raise _unwritable(out, error) from error


def written(out: Path) -> list[Path]:
    """The files in a folder that have the name of an output."""
    return [out / name for name in OUTPUTS if (out / name).exists()]

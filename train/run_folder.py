"""A training run's folder: whose it is, who writes in it, and what a run that goes on must have in common with it.

>>> with claimed(RunPaths(Path("runs/medical")), mark, replace=False, resume=True) as before:  # doctest: +SKIP
...     print(before)
None

`manifest.json` stands there from the beginning: it holds what the run is made of (`mark`), so that a run with other
data, settings or another template never goes on from its checkpoints.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.io import write_bytes
from tunesmith.errors import OutputError
from tunesmith.train.types import RunPaths

#: Everything that a run writes: what `replace` removes, and nothing else.
OUTPUTS = (
    "manifest.json",
    "run.log.json",
    "rows.parquet",
    "rows-validation.parquet",
    "log.jsonl",
    "incidents.jsonl",
    "loss.png",
    "loss.svg",
    "report.html",
    "data",
    "checkpoints",
    "model",
    "merged",
    "base",
    "beginning",
    "tensorboard",
)
_LOCK = ".lock"
#: One for each process of a distributed run.
_STEPS = "steps*.jsonl"

Mark = Mapping[str, Any]


@contextmanager
def claimed(paths: RunPaths, mark: Mark, *, replace: bool, resume: bool) -> Iterator[dict[str, Any] | None]:
    """Take the folder for one run; yields the manifest of the same run that was here before, or None.

    :param mark: `settings` (a mapping), and hashes of `data`, `template` and `model files`.
    :param resume: without it the same run starts anew.
    :raises OutputError: for a folder of something else, of a run with other data or settings, or one that another
        process writes in.
    """
    if not _is_main():
        # The main process may be clearing the folder just now: what stood there counts only where it stays.
        yield None if replace or not resume else read_manifest(paths)
        return
    check_folder(paths, mark, replace=replace)
    lock = _locked(paths.out)
    try:
        before = check_folder(paths, mark, replace=replace)  # again: another run may just have ended here
        if before is not None and (replace or not resume or (changes(before, mark) and _not_begun(paths))):
            _clear(paths)
            before = None
        if before is None:
            write_manifest(paths, {"mark": dict(mark), "outcome": "started"})
        yield before
    finally:
        os.close(lock)


def _is_main() -> bool:
    """Whether this process of a distributed run is the one that writes."""
    return os.environ.get("RANK", "0") == "0"


def check_folder(paths: RunPaths, mark: Mark, *, replace: bool) -> dict[str, Any] | None:
    """The manifest of the run in a folder; None for an empty folder.

    :raises OutputError: as `claimed`.
    """
    out = paths.out
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if not out.is_dir() or not [path for path in out.iterdir() if path.name != _LOCK]:
        return None
    manifest = read_manifest(paths)
    if manifest is None or "mark" not in manifest or "settings" not in manifest["mark"]:
        remedy = "choose another --out; nothing in it is touched"
        raise OutputError("is not empty, and no training run", where=str(out), remedy=remedy)
    changed = changes(manifest, mark)
    if changed and not replace and not _not_begun(paths):
        what = f"holds a training run with other {', '.join(changed)}"
        remedy = "choose another --out, or add --replace to start anew in it"
        raise OutputError(what, where=str(out), remedy=remedy)
    return manifest


def changes(manifest: Mapping[str, Any], mark: Mark) -> list[str]:
    """`differences` from the run whose manifest it is."""
    return differences(manifest["mark"], mark)


def _not_begun(paths: RunPaths) -> bool:
    """Whether nothing was trained yet, as after a mistake that only loading the model shows."""
    return not any(path.exists() for path in (paths.log, paths.checkpoints, paths.model))


def differences(before: Mark, now: Mark) -> list[str]:
    """What two runs do not have in common: `data`, `template`, `model files`, or settings by their keys with both
    values. A model that was not on this machine before has no files to compare."""
    found = [name for name in ("data", "template") if before.get(name) != now.get(name)]
    files = [mark.get("model files") for mark in (before, now)]
    found += ["model files"] if all(files) and files[0] != files[1] else []
    old, new = before.get("settings", {}), now.get("settings", {})
    changed = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    return found + [f"`{key}` ({_short(old.get(key))} there, {_short(new.get(key))} here)" for key in changed]


def _short(value: Any) -> str:
    text = "none" if value is None else str(value) if isinstance(value, str | int | float) else jsontext.dumps(value)
    return text if len(text) <= 60 else text[:57] + "…"


def read_manifest(paths: RunPaths) -> dict[str, Any] | None:
    """What a run wrote about itself; None where there is none."""
    try:
        found = jsontext.loads(paths.manifest.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_manifest(paths: RunPaths, manifest: Mapping[str, Any]) -> None:
    """:raises OutputError: where it cannot be written."""
    write_bytes(paths.manifest, (jsontext.dumps_indented(dict(manifest)) + "\n").encode())


def _locked(out: Path) -> int:
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = os.open(out / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        remedy = "choose a folder that you may write to"
        raise OutputError(f"cannot be written ({error.strerror})", where=str(out), remedy=remedy) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        what = "another run is writing here"
        raise OutputError(what, where=str(out), remedy="wait for it or choose another --out") from None
    return lock


def _clear(paths: RunPaths) -> None:
    """Remove what a run wrote; the manifest last, so that a kill in between leaves the folder ours."""
    names = [*OUTPUTS[1:], *(path.name for path in paths.out.glob(_STEPS))]
    for path in (paths.out / name for name in [*names, OUTPUTS[0]]):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

"""The workspace: one folder with everything that the pages show, as files that the command line reads too.

    datasets/<id>/        a file as it was uploaded, under a name of ours, and dataset.json: its title, how it is read
    datasets/incoming/    files that a person put there by hand, too large for the browser
    recipes/<name>.yaml   recipes
    runs/<name>/          `curate run`
    training/<name>/      settings of a training run, advice, memory and preflight
    models/<name>/        `train sft` and the other stages
    reports/<name>/       `evaluate compare`
    predictions/          predictions files
    jobs/<id>/            what runs or ran: command, log, progress, end
    decisions.jsonl       what people decided on rows, for every recipe
    review.sqlite         campaigns and votes

>>> workspace = Workspace(Path("workspace"))
>>> workspace.inside("runs", "medical")  # doctest: +SKIP
PosixPath('workspace/runs/medical')
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tunesmith.errors import InputError

Kind = Literal["datasets", "recipes", "runs", "models", "reports", "predictions", "jobs"]
KINDS: tuple[Kind, ...] = ("datasets", "recipes", "runs", "models", "reports", "predictions", "jobs")

#: Ours are ASCII in lower case; what the command line made may be called as its person likes.
_NAME = re.compile(r"[^\W_][\w.-]{0,79}")
_OTHER = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True)
class Workspace:
    """A folder; nothing is made before it is needed, except by `make`."""

    root: Path

    def make(self) -> Workspace:
        """Make the folder and its parts.

        :raises InputError: where it cannot be made.
        """
        try:
            for kind in KINDS:
                (self.root / kind).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"the workspace cannot be made: {error.strerror}"
            raise InputError(what, where=str(self.root), remedy="choose another folder with --workspace") from error
        return self

    def folder(self, kind: Kind) -> Path:
        """Where things of a kind are."""
        return self.root / kind

    def inside(self, kind: Kind, name: str) -> Path:
        """The path of a thing by its name, which may come from a URL.

        :raises InputError: a name that is none of ours, or that leaves the folder.
        """
        folder = self.folder(kind).resolve()
        path = (folder / name).resolve() if _NAME.fullmatch(name) else None  # resolving chokes on a zero byte
        if path is None or path.parent != folder:
            raise InputError(f"no such name in {kind}: {name!r}", remedy="choose one from the list")
        return path

    def names(self, kind: Kind) -> list[str]:
        """The things of a kind that `inside` finds, latest first."""
        folder = self.folder(kind).resolve()
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return []
        named = [entry for entry in entries if _NAME.fullmatch(entry.name) and entry.name != "incoming"]
        changed = {entry.name: _changed(entry, folder) for entry in named}
        return sorted((name for name, at in changed.items() if at), key=lambda name: (-changed[name], name))

    def new_name(self, kind: Kind, title: str, suffix: str = "") -> str:
        """A free name from a title: lower case, ASCII, numbered where it is taken; random where nothing is left."""
        stem = _OTHER.sub("-", title.lower()).strip("-")[:40] or secrets.token_hex(4)
        taken = {path.name.lower() for path in self.folder(kind).iterdir()} if self.folder(kind).is_dir() else set()
        numbered = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
        return next(f"{name}{suffix}" for name in numbered if f"{name}{suffix}" not in taken)

    @property
    def decisions(self) -> Path:
        """What people decided on rows."""
        return self.root / "decisions.jsonl"

    @property
    def review_store(self) -> str:
        """Where the review is kept: what TUNESMITH_REVIEW_STORE names, or a file here."""
        return os.environ.get("TUNESMITH_REVIEW_STORE") or str(self.root / "review.sqlite")


def _changed(entry: os.DirEntry[str], folder: Path) -> float:
    """When a thing was changed last; 0 of one that vanished just now, and of a link that leads out of the folder."""
    try:
        if entry.is_symlink() and Path(entry.path).resolve().parent != folder:
            return 0.0
        return entry.stat().st_mtime
    except OSError:
        return 0.0

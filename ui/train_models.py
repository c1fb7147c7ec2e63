"""The models that a training can start from, without the web: those of the workspace, of places that are allowed, of
the hub's cache. A name on the hub is text, and only that: no path leaves the workspace through it.

    models/<name>/         trained here, or put there by hand: a folder with config.json
    TUNESMITH_MODELS       other folders with models, such as /data/models:/mnt/shared
    the hub's cache        what was loaded before, by its name

>>> hub_name("Qwen/Qwen3-0.6B")
'Qwen/Qwen3-0.6B'
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from tunesmith.errors import InputError
from tunesmith.ui.workspace import Workspace

#: The variable that names further folders with models.
PLACES = "TUNESMITH_MODELS"
#: What a training needs beside the base install.
PACKAGES = ("torch", "transformers", "peft", "trl")

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_CACHED = re.compile(r"models--([^/]+?)--([^/]+)")


class Known(NamedTuple):
    """A model that is here.

    :param argument: as a command takes it from the workspace's folder.
    """

    argument: str
    kind: Literal["trained", "folder", "place", "cache"]


def missing_packages() -> list[str]:
    """What is not installed of what a training needs. Nothing is imported."""
    return [name for name in PACKAGES if find_spec(name) is None]


def is_offline() -> bool:
    """Whether this machine was told not to ask the hub."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def known_models(workspace: Workspace) -> list[Known]:
    """All models that are here: what a training usually starts from first, what was trained here last."""
    ours = list(_of_workspace(workspace))
    trained = [one for one in ours if one.kind == "trained"]
    return [*(one for one in ours if one.kind != "trained"), *_of_places(), *_of_cache(), *trained]


def hub_name(text: str) -> str:
    """A name on the hub.

    :raises InputError: anything else, a path too.
    """
    name = text.strip()
    if not _HUB_NAME.fullmatch(name) or ".." in name:
        remedy = "write it as on the hub, such as Qwen/Qwen3-0.6B; a folder belongs into the workspace's models/"
        raise InputError(f"expected owner/name, saw {name[:80]!r}", remedy=remedy)
    return name


def allowed_places() -> list[Path]:
    """The folders beside the workspace whose models may be used."""
    return [Path(part).resolve() for part in os.environ.get(PLACES, "").split(os.pathsep) if part.strip()]


def _of_workspace(workspace: Workspace) -> Iterator[Known]:
    for folder in _folders(workspace.folder("models")):
        if (folder / "model").is_dir() and (folder / "manifest.json").is_file():
            yield Known(f"models/{folder.name}", "trained")
        elif (folder / "config.json").is_file():
            yield Known(f"models/{folder.name}", "folder")


def _of_places() -> Iterator[Known]:
    for place in allowed_places():
        for folder in [place, *_folders(place)]:
            if (folder / "config.json").is_file():
                yield Known(str(folder), "place")


def _of_cache() -> Iterator[Known]:
    for folder in _folders(hub_cache()):
        found = _CACHED.fullmatch(folder.name)
        if found and next(folder.glob("snapshots/*/config.json"), None):
            yield Known(f"{found[1]}/{found[2]}", "cache")


def hub_cache() -> Path:
    """Where the hub's library keeps what it loaded; its own rule, without importing it."""
    home = os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface"
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []

"""How many parameters a model has, without loading it: from the heads of its weight files, where they are here.

>>> n_parameters("no/such-model") is None
True
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

INDEX = "model.safetensors.index.json"
WEIGHTS = "model.safetensors"

_MAX_HEAD_BYTES = 100_000_000  # the format's own limit


def n_parameters(model: str) -> int | None:
    """Parameters of a model in a folder, of a run that trained it, or of a name that the hub's cache holds.

    None where its weights are not on this machine: rules that depend on size then fall back, and say so.
    """
    folder = Path(model)
    files = _in_folder(folder / "model" if (folder / "model").is_dir() else folder)
    if not files and (cached := cached_folder(model)):
        files = _in_folder(cached)
    counts = [_count(path) for path in files]
    return sum(count for count in counts if count) or None


def _in_folder(folder: Path) -> list[Path]:
    return sorted(folder.glob("model*.safetensors")) if folder.is_dir() else []


def cached_folder(name: str, *, revision: str | None = None) -> Path | None:
    """Where the hub's cache has the weights of a name; None where it has none."""
    if name.count("/") > 1 or name.startswith((".", "/")):
        return None
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = [try_to_load_from_cache(name, mark, revision=revision) for mark in (WEIGHTS, INDEX)]
    except HFValidationError:
        return None
    return next((Path(mark).parent for mark in found if isinstance(mark, str)), None)


def _count(path: Path) -> int | None:
    try:
        with path.open("rb") as file:
            n_bytes = int.from_bytes(file.read(8), "little")
            if n_bytes > _MAX_HEAD_BYTES:
                return None
            head = json.loads(file.read(n_bytes))
    except (OSError, ValueError):
        return None
    return sum(_sizes(head)) if isinstance(head, dict) else None


def _sizes(head: dict[str, object]) -> Iterator[int]:
    for name, tensor in head.items():
        if name != "__metadata__" and isinstance(tensor, dict):
            yield math.prod(int(side) for side in tensor.get("shape", ()))

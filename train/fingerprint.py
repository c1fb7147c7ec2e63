"""Tells whether a model's files are still the ones that a run began with, without reading all of them.

>>> fingerprint(["no/such-model"])
''

Of each weight file its size, its head and 64 blocks spread over it are hashed; of the small files everything. Training
moves every weight, so blocks tell it as surely as the whole would, at a few milliseconds a file. Two files that differ
in a few weights between the blocks look alike: that is a forgery, no accident.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import xxhash

from tunesmith.train.config_size import cached_folder

_SMALL = ("config.json", "adapter_config.json", "model.safetensors.index.json", "pytorch_model.bin.index.json")
_WEIGHTS = ("*.safetensors", "*.bin")
_BLOCKS, _BLOCK_BYTES = 64, 65_536


def fingerprint(places: Sequence[str], *, revision: str | None = None) -> str:
    """Of the models in these folders, or of hub names in the cache; empty where none of their files is here."""
    digest, n_files = xxhash.xxh3_128(), 0
    for place in places:
        folder = Path(place) if Path(place).is_dir() else cached_folder(place, revision=revision)
        for path in _files(folder) if folder is not None else ():
            n_files += 1
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            for block in _blocks(path):
                digest.update(block)
    return digest.hexdigest() if n_files else ""


def _files(folder: Path) -> list[Path]:
    """What decides the weights; what a trainer leaves beside them does not."""
    found = {path for pattern in _WEIGHTS for path in folder.glob(pattern) if path.name != "training_args.bin"}
    return sorted({*found, *(folder / name for name in _SMALL if (folder / name).is_file())})


def _blocks(path: Path) -> Iterator[bytes]:
    n_bytes = path.stat().st_size
    with path.open("rb") as file:
        if n_bytes <= _BLOCKS * _BLOCK_BYTES:
            yield file.read()
            return
        for number in range(_BLOCKS):
            file.seek((n_bytes - _BLOCK_BYTES) * number // (_BLOCKS - 1))
            yield file.read(_BLOCK_BYTES)

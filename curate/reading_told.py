"""What is told while a source is read: how much of it is done, how long the rest takes, and the disk that it needs.

>>> room_needed_bytes([FileInfo("a.jsonl", "json_lines", "utf-8", None, 10**9, "")])
4200000000
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tunesmith.curate.files.rawrows import FileInfo
from tunesmith.curate.progress import Progress

#: Containers whose rows are stretches of the file: what was read of them tells how far it is.
_PLAIN = frozenset(("json_lines", "json_array", "csv", "tsv", "text"))
_MB = 1_000_000
#: Of a million instruction rows (benchmarks/scale.py): shards 2.4, what compares them 0.7, outputs 1.1 bytes a byte.
_ROOM_A_BYTE = 4.2
_UNPACKED_A_BYTE = 4  # text, of xz up to 30
_WORTH_TELLING_BYTES = 1_000_000_000


@contextmanager
def reading(name: str, files: Sequence[FileInfo], progress: Progress) -> Iterator[Callable[[int, int], None]]:
    """The stage of one source; calls of the yielded function add rows and their bytes.

    In megabytes of the files, so that the time left is known; in rows where files are packed or binary.
    """
    plain = all(file.container in _PLAIN and file.compression is None for file in files)
    total = sum(file.size_bytes for file in files) // _MB
    if not plain or not total:
        with progress.stage(f"read {name}", total=None, unit="rows") as advance:
            yield lambda rows, size: advance(rows)
        return
    done = told = 0
    with progress.stage(f"read {name}", total=total, unit="MB") as advance:

        def add(rows: int, size: int) -> None:
            nonlocal done, told
            done += size + rows  # a line feed or a comma each
            now = min(done // _MB, total)
            advance(now - told)
            told = now

        yield add
        advance(total - told)  # what stood between the rows


def room_needed_bytes(files: Iterable[FileInfo]) -> int:
    """About how much of the disk a run on these files takes, its intermediate results among it and the files not."""
    text = sum(file.size_bytes * (_UNPACKED_A_BYTE if file.compression else 1) for file in files)
    return round(text * _ROOM_A_BYTE)


def announce_room(files: Iterable[FileInfo], folder: Path, progress: Progress) -> None:
    """Say what a large run will take of the disk before it takes it, and whether there is as much."""
    needed, free = room_needed_bytes(files), shutil.disk_usage(folder).free
    if needed < _WORTH_TELLING_BYTES and needed < free:
        return
    said = (
        f"this run takes about {needed / 1e9:,.1f} GB of the disk of {folder}, of which {free / 1e9:,.1f} GB are free"
    )
    if needed > free:
        said += "; it may fill the disk, and goes on from there once there is room"
    progress.say(said)

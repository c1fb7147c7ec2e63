"""Reading and writing files; the readers are in `files/`.

Content decides what a file is, never its ending; a write is whole or not at all.

source = open_input("data/train.json")          # file, folder of shards, glob, saved dataset, hub:owner/name
source.files[0].notes                           # ('ends in .json but holds JSON Lines',)
for row in source.rows():                       # RawRow(position, data, error), not parsed yet
    ...
write_rows("out/train.jsonl.gz", [{"text": "hello"}])
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.files import hub
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.files.containers import check_regular, describe_file, file_digest, file_rows
from tunesmith.curate.files.data_names import is_data
from tunesmith.curate.files.rawrows import End, FileInfo, RawRow, Rows
from tunesmith.curate.files.urls import is_url
from tunesmith.curate.files.writing import write_bytes, write_lines, write_rows
from tunesmith.errors import InputError

__all__ = [
    "FileInfo",
    "Input",
    "RawRow",
    "atomic_path",
    "describe",
    "file_digest",
    "open_input",
    "read_json_object",
    "read_text",
    "write_bytes",
    "write_lines",
    "write_rows",
]


class _Stamp(NamedTuple):
    """A file before it was described: what differs when somebody writes to it or puts another in its place."""

    place: Path
    shown: str
    of: tuple[int, int, int] | None

    def is_now(self) -> bool:
        return _stamp_of(self.place) == self.of


def _stamp_of(place: Path) -> tuple[int, int, int] | None:
    """Size in bytes, time of the last change in ns, inode; None where there is nothing."""
    try:
        found = place.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


@dataclass(frozen=True)
class Input:
    """One source: its files in the order of their names, and their rows as one sequence.

    Positions run on across files: the rows of a file come after the last line or element of the one before.
    """

    files: tuple[FileInfo, ...]
    _readers: tuple[Callable[..., Rows], ...] = field(repr=False, compare=False)
    _stamps: tuple[_Stamp, ...] = field(default=(), repr=False, compare=False)
    _bases: dict[int, int] = field(default_factory=dict, repr=False, compare=False)  # file -> position before its first
    _reached: list[int] = field(default_factory=lambda: [0], repr=False, compare=False)  # the last position read

    def rows(self, skip: int = 0) -> Iterator[RawRow]:
        """Every row after the first `skip`, in order. The skipped ones are counted, not parsed.

        :raises InputError: a file turns out corrupt; what came before must not be taken for the whole.
        """
        base = 0
        for index, reader in enumerate(self._readers):
            self._bases[index] = base
            end = yield from self._noted(reader(base=base, skip=skip))
            base, skip = end.position, max(0, skip - end.rows)
        self._bases[len(self.files)] = base

    def check_unchanged(self) -> None:
        """:raises InputError: where a file is no longer the one whose digest names these rows."""
        for stamp in self._stamps:
            if not stamp.is_now():
                seen = _stamp_of(stamp.place)
                what = "is gone" if seen is None else "was changed"
                remedy = "run the same command again when nobody writes to it"
                raise InputError(f"{what} while it was read", where=stamp.shown, remedy=remedy)

    @property
    def starts(self) -> tuple[int, ...]:
        """The position before the first row of each file, as far as the rows were read."""
        bases = {0: 0, **self._bases}
        return tuple(bases[index] for index in range(len(self.files)) if index in bases)

    def _noted(self, rows: Rows) -> Rows:
        """The same rows; remembers how far they were read, so that a place in them is known at once."""
        while True:
            try:
                row = next(rows)
            except StopIteration as stop:
                end: End = stop.value
                return end
            self._reached[0] = row.position
            yield row

    def locate(self, position: int) -> str:
        """Where a row stands, such as `train.jsonl:17` or `train.json: element 17`. Reads on if it was not read yet."""
        if len(self.files) > 1 and not self._is_known(position):
            for row in self.rows():
                if row.position >= position:
                    break
        index = max((index for index, base in self._bases.items() if base < position), default=0)
        info = self.files[min(index, len(self.files) - 1)]
        return _PLACES[info.container].format(name=info.name, number=position - self._bases.get(index, 0))

    def _is_known(self, position: int) -> bool:
        return position <= self._reached[0] or any(base >= position for base in self._bases.values())


_PLACES = {
    "json_lines": "{name}:{number}",
    "text": "{name}:{number}",
    "json_array": "{name}: element {number}",
    "csv": "{name}: row {number}",
    "tsv": "{name}: row {number}",
    "parquet": "{name}: row {number}",
    "arrow": "{name}: row {number}",
    "dataset": "{name}: row {number}",
}


def open_input(path: str | Path, *, base: Path | None = None) -> Input:
    """Everything that the path names, described: a file, a folder of shards, a glob, a folder made by `save_to_disk`,
    `hub:owner/name[@revision][:split]`, or the address of an object, folder or glob in a store, such as
    `s3://bucket/name`, which is fetched first. Relative paths start at `base`.

    :raises InputError: with the place and a remedy, for whatever cannot be read.
    """
    shown = str(path)
    if shown.startswith("hub:"):
        return _dataset_input(hub.hub_splits(shown))
    if is_url(shown):
        from tunesmith.curate.files import remote  # with fsspec, which few inputs want

        return _files_input(remote.fetched(shown))
    place = (base or Path()) / shown
    if _is_folder(place):
        if hub.is_saved_dataset(place):
            return _dataset_input(hub.saved_splits(place, shown))
        return _files_input(_shards(place, shown))
    if any(letter in shown for letter in "*?[") and not _exists(place):
        return _files_input(_matches(place, shown))
    return _files_input([(place, shown)])


def _is_folder(place: Path) -> bool:
    with suppress(OSError, ValueError):  # one that may not be looked at is reported where it is opened
        return place.is_dir()
    return False


def _exists(place: Path) -> bool:
    with suppress(OSError, ValueError):
        return place.exists()
    return True


def describe(path: str | Path, *, base: Path | None = None) -> FileInfo:
    """What one file holds, without reading its rows."""
    return describe_file((base or Path()) / path, str(path))


def read_text(path: str | Path) -> str:
    """A small text file, whole: UTF-8 with or without byte order mark.

    :raises InputError: missing, no permission, or not UTF-8, with the line.
    """
    shown = str(path)
    check_regular(Path(path), shown)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=shown) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"expected UTF-8, saw the byte {data[error.start]:02x}"
        raise InputError(what, where=f"{shown}:{line}", remedy="save it as UTF-8") from error


def read_json_object(path: str | Path) -> dict[str, Any]:
    """A small file that holds one JSON object, such as a manifest.

    :raises InputError: as `read_text`, or no JSON, or no object.
    """
    try:
        value = jsontext.loads(read_text(path).encode())
    except ValueError as error:
        raise InputError(f"not JSON: {error}", where=str(path)) from error
    if not isinstance(value, dict):
        raise InputError(f"expected a JSON object, saw {type(value).__name__}", where=str(path))
    return value


def _files_input(places: list[tuple[Path, str]]) -> Input:
    """Described, each. Among several files some may be empty, which their notes say; all of them may not."""
    several = len(places) > 1
    stamps = tuple(_Stamp(place, shown, _stamp_of(place)) for place, shown in places)  # before the digests
    files = tuple(describe_file(place, shown, empty_is_fine=several) for place, shown in places)
    if not any(info.size_bytes for info in files):
        raise InputError("expected rows, saw only empty files", where=files[0].path, remedy="check how they were made")
    readers = tuple(partial(file_rows, place, info) for (place, _), info in zip(places, files))
    return Input(files, readers, stamps)


def _dataset_input(splits: tuple[hub.Split, ...]) -> Input:
    readers = tuple(partial(hub.split_rows, split.dataset) for split in splits)
    return Input(tuple(split.info for split in splits), readers)


def _shards(folder: Path, shown: str) -> list[tuple[Path, str]]:
    """The data files in a folder and below it, by name."""
    try:
        found = sorted(_walk(folder))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=shown) from error
    shards = [(folder / name, f"{shown.rstrip('/')}/{name}") for name in found if is_data(name)]
    if not shards:
        raise InputError("the folder has no data files", where=shown, remedy="name a file or another folder")
    return shards


def _walk(folder: Path) -> Iterator[str]:
    """Every file below, as a path from `folder` with slashes. A folder that cannot be read is an error, not nothing."""
    for parent, folders, names in os.walk(folder, onerror=_raise):
        linked = [str(Path(parent) / name) for name in folders if (Path(parent) / name).is_symlink()]
        if linked:
            what = "a link to a folder inside a folder is not followed"
            raise InputError(what, where=min(linked), remedy="name it as a source of its own")
        for name in names:
            yield (Path(parent) / name).relative_to(folder).as_posix()


def _raise(error: OSError) -> None:
    raise error


def _matches(pattern: Path, shown: str) -> list[tuple[Path, str]]:
    found = sorted(glob.glob(str(pattern), recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    files = [path for path in map(Path, found) if not path.is_dir() and is_data(path.name)]
    if not files:
        raise InputError("no file matches", where=shown, remedy="check the pattern and the folder that it starts in")
    prefix = str(pattern)[: len(str(pattern)) - len(str(Path(shown)))]
    return [(path, str(path).removeprefix(prefix)) for path in files]

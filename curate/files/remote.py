"""Inputs in object stores: each object is fetched once, whole, into the cache, and read from there.

A file in the cache is named by the object's address and the version that the store gives it, so it is found again as
long as the object stays what it is, and is never mistaken for a newer one.

>>> fetched("s3://bucket/shards/*.jsonl.gz")  # doctest: +SKIP
[(PosixPath('/home/me/.cache/tunesmith/inputs/5e0f…'), 's3://bucket/shards/a.jsonl.gz'), …]
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import xxhash

from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.files.cache_place import VARIABLE, cache_folder
from tunesmith.curate.files.data_names import is_data
from tunesmith.curate.files.fetch_told import fetch_progress
from tunesmith.curate.files.stores import Store, open_store, told, version_of
from tunesmith.curate.files.urls import scheme_of
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError, OutputError

MB = 1_000_000
_WORTH_TELLING_BYTES = 1_000_000_000
_LEFT_OVER = re.compile(r"\.[0-9a-f]{32}\.part")
_SAVED = ("state.json", "dataset_dict.json")  # what `save_to_disk` puts at the top of its folder


class Object(NamedTuple):
    """One object: its path in the store, its address, its size in bytes and its version, where the store tells them."""

    path: str
    shown: str
    size: int | None
    version: str | None


def fetched(url: str) -> list[tuple[Path, str]]:
    """Everything that an address names (an object, a folder, a glob): where it lies on this disk now, and its address.

    :raises InputError: nothing is there, the store gives no answer, or an object changed while it was fetched.
    :raises OutputError: the disk has no room for it.
    """
    with open_store(url) as store:
        found = _objects(store)
        if _is_local(store):
            return [(Path(one.path), one.shown) for one in found]
        folder = cache_folder("inputs")
        _sweep(folder)
        places = [_place(folder, one) for one in found]
        waiting = [(one, place) for one, place in zip(found, places) if not _is_there(place, one)]
        if waiting:
            _fetch_all(store, waiting, folder)
        return [(place, one.shown) for one, place in zip(found, places)]


def local_path(url: str) -> Path | None:
    """The file that a `file://` address names; None for other stores."""
    if scheme_of(url) not in ("file", "local"):
        return None
    with open_store(url) as store:
        return Path(store.path)


def _is_local(store: Store) -> bool:
    protocol = store.fs.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)


def _place(folder: Path, one: Object) -> Path:
    return folder / xxhash.xxh3_128_hexdigest(f"{one.shown}\n{one.version}".encode())


def _is_there(place: Path, one: Object) -> bool:
    """Whether this version was fetched before. Without a version nobody knows, and it is fetched again."""
    try:
        return one.version is not None and place.stat().st_size == one.size
    except OSError:
        return False


def _objects(store: Store) -> list[Object]:
    """What an address names, by name.

    :raises InputError: where that is nothing, or no data.
    """
    path, is_web = store.path, scheme_of(store.url) in ("http", "https")
    if is_web:
        return [_web_object(store)]
    if any(letter in path for letter in "*?["):
        return _chosen(store, _listed(store, "glob"), _after_folder(path))
    info = {"type": "directory"} if store.url.endswith("/") else store.info(path)
    if info["type"] != "directory":
        return [_object(store.url, path, info)]
    found = _listed(store, "find")
    root = path.rstrip("/") + "/"
    if any(root + name in found for name in _SAVED):
        what = "a folder made by `save_to_disk` is not read from a store"
        raise InputError(what, where=store.url, remedy="copy it to this machine, or store its rows as Parquet")
    return _chosen(store, found, root)


def _web_object(store: Store) -> Object:
    info = store.info(store.path)
    if "html" in str(info.get("mimetype", "")):
        remedy = "name the address that the file itself is downloaded from"
        raise InputError("is a page of a website, not a data file", where=store.url, remedy=remedy)
    return _object(store.url, store.path, info)


def _after_folder(pattern: str) -> str:
    """The folder that a glob starts in, with its slash."""
    return re.split(r"[*?[]", pattern, maxsplit=1)[0].rpartition("/")[0] + "/"


def _listed(store: Store, how: str) -> dict[str, Mapping[str, Any]]:
    with told(store.url):
        found: dict[str, Mapping[str, Any]] = getattr(store.fs, how)(store.path, detail=True)
    return {path: info for path, info in found.items() if info["type"] == "file" and not path.endswith("/")}


def _chosen(store: Store, found: Mapping[str, Mapping[str, Any]], root: str) -> list[Object]:
    """The shards of a listing."""
    chosen = [path for path in sorted(found) if is_data(path.removeprefix(root))]
    if not chosen:
        what = "no object matches" if root.rstrip("/") != store.path.rstrip("/") else "the folder has no data files"
        raise InputError(what, where=store.url, remedy="check the name and the bucket")
    return [_object(_address(store, path, root), path, found[path]) for path in chosen]


def _address(store: Store, path: str, root: str) -> str:
    """Below a folder its address as it was given, which may tell more than a path: the account, the host."""
    if root.rstrip("/") == store.path.rstrip("/"):
        return f"{store.url.rstrip('/')}/{path.removeprefix(root)}"
    return store.shown(path)


def _object(shown: str, path: str, info: Mapping[str, Any]) -> Object:
    return Object(path, shown, info.get("size"), version_of(info))


def _fetch_all(store: Store, waiting: Sequence[tuple[Object, Path]], folder: Path) -> None:
    progress = fetch_progress()
    sizes = [one.size for one, _ in waiting]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    _check_room(total or 0, folder, progress)
    with progress.stage("fetch", total=None if total is None else -(-total // MB), unit="MB") as advance:
        add = in_megabytes(advance)
        for one, place in waiting:
            _fetch(store, one, place, add)
        if total:
            add(-total % MB)


def in_megabytes(advance: Callable[[int], None]) -> Callable[[int], None]:
    """Adds bytes, tells whole megabytes."""
    done = 0

    def add(size: int) -> None:
        nonlocal done
        whole = (done + size) // MB - done // MB
        done += size
        if whole:
            advance(whole)

    return add


def _check_room(needed: int, folder: Path, progress: Progress) -> None:
    """Say what a large fetch takes before it begins, and refuse one that cannot end."""
    free = shutil.disk_usage(folder).free
    said = f"{needed / 1e9:,.1f} GB are to be fetched into {folder}, where {free / 1e9:,.1f} GB are free"
    if needed > free:
        remedy = f"free some room, or name a folder on another disk in {VARIABLE}"
        raise OutputError(f"no room: {said}", where=str(folder), remedy=remedy)
    if needed >= _WORTH_TELLING_BYTES:
        progress.say(said)


def _fetch(store: Store, one: Object, place: Path, add: Callable[[int], None]) -> None:
    """One object, whole and of one version, or nothing.

    :raises InputError: it is gone, was changed meanwhile, or came in part.
    """
    with atomic_path(place) as part, told(one.shown):
        store.fs.get_file(one.path, str(part), callback=told_bytes(add))
        size = part.stat().st_size
        now = store.found(one.path)
        if now is None or version_of(now) != one.version:
            what = "is gone" if now is None else "was changed"
            remedy = "run the same command again when nobody writes to it"
            raise InputError(f"{what} while it was fetched", where=one.shown, remedy=remedy)
        if one.size is not None and size != one.size:
            what = f"expected {one.size:,} bytes, fetched {size:,}"
            raise InputError(what, where=one.shown, remedy="run the same command again")


def told_bytes(add: Callable[[int], None]) -> Any:
    """fsspec's way to be told of bytes that went through."""
    from fsspec.callbacks import Callback

    class Told(Callback):  # type: ignore[misc]
        def relative_update(self, inc: int = 1) -> None:
            add(inc)

    return Told()


def _sweep(folder: Path) -> None:
    """Remove what killed fetches left half-written. One that is under way is locked and stays."""
    for path in folder.glob(".*.part"):
        if not _LEFT_OVER.fullmatch(path.name):
            continue
        with suppress(OSError):
            handle = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(handle)

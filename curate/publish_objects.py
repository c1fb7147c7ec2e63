"""Single objects of a run in a store: written and proved to be there, compared, read, removed.

>>> with open_store("memory://runs/v1") as store:  # doctest: +SKIP
...     upload(store, Path("train.jsonl"), print)
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.files.remote import told_bytes
from tunesmith.curate.files.stores import Store, told
from tunesmith.errors import OutputError

_CHUNK_BYTES = 1 << 20
_WITHOUT_FOLDERS = frozenset(("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "memory"))
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')  # an ETag of an upload in parts has a dash and a number

#: What the store tells of each object of a folder, by its name there.
Listing = Mapping[str, Mapping[str, Any]]


def object_path(store: Store, name: str) -> str:
    """Where a file of the run lies in the store."""
    return f"{store.path.rstrip('/')}/{name}"


def listing(store: Store) -> Listing:
    """What the store tells of each object that lies in the folder itself, by name: one request."""
    root = object_path(store, "")
    with told(store.url):
        store.fs.invalidate_cache()
        found: Mapping[str, Mapping[str, Any]] = store.fs.find(store.path, maxdepth=1, detail=True)
    return {path.removeprefix(root): info for path, info in found.items() if path.startswith(root)}


def check_bucket(store: Store) -> None:
    """:raises InputError: where there is no such bucket, or the store does not let us see it."""
    if not _has_folders(store) and "memory" not in _protocols(store):
        store.info(store.path.lstrip("/").partition("/")[0])


def read(store: Store, name: str) -> bytes:
    """A small object, whole."""
    path = object_path(store, name)
    with told(store.shown(path)):
        data: bytes = store.fs.cat_file(path)
        return data


def write(store: Store, name: str, data: bytes) -> None:
    """A small object."""
    path = object_path(store, name)
    with told(store.shown(path)):
        store.fs.pipe_file(path, data)


def delete(store: Store, name: str) -> None:
    """Remove an object that is there."""
    path = object_path(store, name)
    with told(store.shown(path)):
        store.fs.rm_file(path)


def upload(store: Store, path: Path, add: Callable[[int], None]) -> None:
    """One file, and the proof that the store has its bytes.

    :raises OutputError: where it has others.
    """
    target = object_path(store, path.name)
    with told(store.shown(target)):
        _make_folder(store, target)
        store.fs.put_file(str(path), target, callback=told_bytes(add))
    info = store.info(target)
    size = path.stat().st_size
    if info.get("size") != size:
        what = f"expected {size:,} bytes in the store, saw {info.get('size')}"
        raise OutputError(what, where=store.shown(target), remedy="run the same command again")
    if _has_other_md5(info, path) and _md5_in_store(store, target) != _md5(path):
        remedy = "run the same command again"
        raise OutputError("other bytes came to the store", where=store.shown(target), remedy=remedy)


def _make_folder(store: Store, target: str) -> None:
    if _has_folders(store):
        store.fs.makedirs(target.rpartition("/")[0], exist_ok=True)


def _has_folders(store: Store) -> bool:
    """As a disk or HDFS has. In the others there are buckets, and nobody wants one that he did not make."""
    return _WITHOUT_FOLDERS.isdisjoint(_protocols(store))


def _protocols(store: Store) -> tuple[str, ...]:
    protocol = store.fs.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def is_same(info: Mapping[str, Any] | None, path: Path) -> bool:
    """Whether the store has exactly this file. Where it tells no MD5, as of an upload in parts, nobody knows."""
    if info is None or info.get("size") != path.stat().st_size:
        return False
    seen = md5_of(info)
    return seen is not None and seen == _md5(path)


def _has_other_md5(info: Mapping[str, Any], path: Path) -> bool:
    """With a key of the store's own (SSE-KMS) an ETag looks like an MD5 and is none: then the bytes are read back."""
    seen = md5_of(info)
    return seen is not None and seen != _md5(path)


def md5_of(info: Mapping[str, Any]) -> str | None:
    """The MD5, hex, that a store tells of an object: S3 in its ETag, Google as base64, Azure as bytes.

    >>> md5_of({"ETag": '"9a0364b9e99bb480dd25e1f0284c8555"'})
    '9a0364b9e99bb480dd25e1f0284c8555'
    """
    for name in ("ETag", "md5Hash", "content_md5"):
        value = info.get(name)
        if isinstance(value, bytes | bytearray):
            return bytes(value).hex()
        if isinstance(value, str):
            found = _MD5.fullmatch(value)
            return found[1] if found else _from_base64(value)
    return None


def _from_base64(text: str) -> str | None:
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data.hex() if len(data) == 16 else None


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _md5_in_store(store: Store, target: str) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with told(store.shown(target)), store.fs.open(target, "rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()

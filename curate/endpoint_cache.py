"""What was answered or computed once, kept on disk by key: JSON Lines that only ever grow.

>>> with open_cache(Path("scores.cache.jsonl")) as cache:  # doctest: +SKIP
...     cache.add(key_of("model", [1, 2]), 0.5)
...     cache.get(key_of("model", [1, 2]))
0.5

A killed process leaves at most one cut line at the end, which the next one removes. Memory holds keys and places only.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import output_error
from tunesmith.errors import InputError, OutputError

_KEY_START = b'{"key":"'
_KEY_BYTES = 16
_LEAST_BYTES = len(_KEY_START) + 2 * _KEY_BYTES


def key_of(*parts: Any) -> str:
    """The key of JSON values: 32 hex digits, the same however their objects are ordered."""
    return xxhash.xxh3_128_hexdigest(jsontext.dumps_sorted(parts).encode("utf-8", "surrogatepass"))


class Cache:
    """Values by key. Threads may share it; after `close` nothing is added any more. Without a file it holds nothing."""

    def __init__(self, file: FileIO | None, places: dict[bytes, tuple[int, int]], path: Path | None) -> None:
        self._file, self._places, self._path = file, places, path
        self._lock = threading.Lock()

    def get(self, key: str) -> Any:
        """The value last added under a key; None where there is none."""
        with self._lock:
            place = self._places.get(bytes.fromhex(key))
            if place is None or self._file is None:
                return None
            self._file.seek(place[0])
            line = self._file.read(place[1])
        return jsontext.loads(line)["value"]

    def add(self, key: str, value: Any) -> None:
        """Keep a value; the line is with the operating system when this returns, so a kill does not lose it.

        :raises OutputError: where the disk is full.
        """
        line = jsontext.dump_bytes({"key": key, "value": value}) + b"\n"
        with self._lock:
            if self._file is None:
                return
            start = self._file.seek(0, os.SEEK_END)
            try:
                _write_all(self._file, line)
            except OSError as error:
                self._take_back(start)
                raise _unwritable(error, self._path) from error
            self._places[bytes.fromhex(key)] = (start, len(line))

    def _take_back(self, start: int) -> None:
        """Remove the piece of a line that a full disk had room for, and add no other line behind it."""
        if self._file is not None:
            with suppress(OSError):  # where even that fails, the next process removes it
                self._file.truncate(start)
            self._file.close()
            self._file = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _write_all(file: FileIO, line: bytes) -> None:
    left = memoryview(line)
    while left:
        left = left[file.write(left) or 0 :]


@contextmanager
def open_cache(path: Path | None) -> Iterator[Cache]:
    """Open or make a cache file, for one process at a time; None for one that keeps nothing.

    :raises InputError: where the file holds something else.
    :raises OutputError: where it cannot be written, or another process has it open.
    """
    if path is None:
        yield Cache(None, {}, None)
        return
    cache = Cache(*_opened(path), path)
    try:
        yield cache
    finally:
        cache.close()


def _opened(path: Path) -> tuple[FileIO, dict[bytes, tuple[int, int]]]:
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0)
    except OSError as error:
        raise _unwritable(error, path) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with os.fdopen(os.dup(file.fileno()), "rb") as lines:
            places, end = _places(lines, path)
        file.truncate(end)
        return file, places
    except BlockingIOError:
        file.close()
        remedy = "wait for it, or name another cache"
        raise OutputError("another process is using this cache", where=str(path), remedy=remedy) from None
    except OSError as error:
        file.close()
        raise _unwritable(error, path) from error
    except InputError:
        file.close()
        raise


def _places(file: BinaryIO, path: Path) -> tuple[dict[bytes, tuple[int, int]], int]:
    """Key -> start and length of its last line; and where the lines end: behind that there may be a cut one."""
    places: dict[bytes, tuple[int, int]] = {}
    start = 0
    for number, line in enumerate(file, 1):
        if not line.endswith(b"\n"):
            if not (line.startswith(_KEY_START) or _KEY_START.startswith(line)):
                raise _foreign(path, number)
            break
        places[_key(line, path, number)] = (start, len(line))
        start += len(line)
    return places, start


def _key(line: bytes, path: Path, number: int) -> bytes:
    if len(line) > _LEAST_BYTES and line.startswith(_KEY_START):
        try:
            return bytes.fromhex(line[len(_KEY_START) : _LEAST_BYTES].decode("ascii"))
        except ValueError:
            pass
    raise _foreign(path, number)


def _foreign(path: Path, number: int) -> InputError:
    return InputError("is no line of a cache", where=f"{path}:{number}", remedy="name another file for the cache")


def _unwritable(error: OSError, path: Path | None) -> OutputError:
    known = output_error(error, str(path))
    return known or OutputError(f"cannot be written ({error.strerror})", where=str(path), remedy="write elsewhere")

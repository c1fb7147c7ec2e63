"""Compressed files, in and out. The first bytes decide, not the ending; joined members and frames are read on.

>>> detect_compression(b"\\x1f\\x8b\\x08...")
'gz'
"""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from tunesmith.errors import InputError

CHUNK_BYTES = 1 << 20
_AHEAD = 4  # chunks that the background thread may hold ready

_MAGIC = {"gz": b"\x1f\x8b", "xz": b"\xfd7zXZ\x00", "zst": b"\x28\xb5\x2f\xfd"}


def detect_compression(head: bytes) -> str | None:
    """`gz`, `xz`, `zst`, or None for a file that begins with none of their marks."""
    return next((name for name, magic in _MAGIC.items() if head.startswith(magic)), None)


def unpacked_chunks(path: Path, compression: str | None, *, where: str) -> Iterator[bytes]:
    """The file's bytes after decompression, about 1 MiB at a time. A compressed file is unpacked in its own thread.

    :raises InputError: where the compressed stream is corrupt or ends early; what was read before must not be used.
    """
    if compression is None:
        yield from _plain_chunks(path, where)
    else:
        yield from _read_ahead(_decompressed_chunks(path, compression, where))


def _plain_chunks(path: Path, where: str) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=where) from error


def _decompressed_chunks(path: Path, compression: str, where: str) -> Iterator[bytes]:
    done = 0
    try:
        with _READERS[compression](path) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                done += len(chunk)
                yield chunk
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        how_far = f" after {done:,} unpacked bytes" if done else ""
        what = f"the {compression} data is corrupt or cut off{how_far} ({error})"
        raise InputError(what, where=where, remedy="fetch or pack the file again") from error


def _read_ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks, made in one thread while the caller works on the ones before."""
    with ThreadPoolExecutor(1, thread_name_prefix="unpack") as pool:
        waiting = deque(pool.submit(next, chunks, b"") for _ in range(_AHEAD))
        try:
            while chunk := waiting.popleft().result():
                waiting.append(pool.submit(next, chunks, b""))
                yield chunk
        finally:
            for future in waiting:
                future.cancel()


def _read_gzip(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb"))


def _read_xz(path: Path) -> IO[bytes]:
    return cast(IO[bytes], lzma.open(path, "rb"))


def _read_zstd(path: Path) -> Any:
    return pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "zstd")


_READERS: dict[str, Callable[[Path], Any]] = {"gz": _read_gzip, "xz": _read_xz, "zst": _read_zstd}


@contextmanager
def packed(path: Path, compression: str | None) -> Iterator[IO[bytes]]:
    """A file to write to, compressed as asked. The same bytes in give the same bytes out: no time, no name inside."""
    with path.open("wb", buffering=CHUNK_BYTES) as raw:
        if compression is None:
            yield raw
            return
        with _WRITERS[compression](raw) as stream:
            yield stream


def _write_gzip(raw: IO[bytes]) -> Any:
    return gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0)


def _write_xz(raw: IO[bytes]) -> Any:
    return lzma.LZMAFile(raw, "wb")


def _write_zstd(raw: Any) -> Any:
    return pa.CompressedOutputStream(pa.PythonFile(raw, "w"), "zstd")


_WRITERS: dict[str, Callable[[IO[bytes]], Any]] = {"gz": _write_gzip, "xz": _write_xz, "zst": _write_zstd}

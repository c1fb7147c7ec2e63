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
from typing import IO, Any

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
        for chunk in _full(_UNPACKERS[compression](path)):
            done += len(chunk)
            yield chunk
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        how_far = f" after {done:,} unpacked bytes" if done else ""
        what = f"the {compression} data is corrupt or cut off{how_far} ({error})"
        raise InputError(what, where=where, remedy="fetch or pack the file again") from error


def _full(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces as chunks of full size but for the last: who looks at the first one sees more than a short stream."""
    waiting, size = list[bytes](), 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


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


def _gzip_chunks(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as stream:
        yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


def _zstd_chunks(path: Path) -> Iterator[bytes]:
    with pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "zstd") as stream:
        yield from iter(lambda: stream.read(CHUNK_BYTES), b"")


def _xz_chunks(path: Path) -> Iterator[bytes]:
    """Each of the joined streams. `lzma.open` would end in silence where a later one is corrupt, its rows lost."""
    with path.open("rb") as file:
        waiting = file.read(CHUNK_BYTES)
        while waiting:
            stream = lzma.LZMADecompressor(lzma.FORMAT_XZ)
            while not stream.eof:
                if stream.needs_input and not waiting and not (waiting := file.read(CHUNK_BYTES)):
                    raise EOFError("its last stream has no end")
                if chunk := stream.decompress(waiting, CHUNK_BYTES):
                    yield chunk
                waiting = b""
            waiting = _after_padding(stream.unused_data, file)


def _after_padding(waiting: bytes, file: IO[bytes]) -> bytes:
    """What follows a stream of xz: zeros between streams, and at the end, mean nothing."""
    waiting = waiting.lstrip(b"\0")
    while not waiting and (read := file.read(CHUNK_BYTES)):
        waiting = read.lstrip(b"\0")
    return waiting


_UNPACKERS: dict[str, Callable[[Path], Iterator[bytes]]] = {"gz": _gzip_chunks, "xz": _xz_chunks, "zst": _zstd_chunks}


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

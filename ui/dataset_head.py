"""The beginning of a large file as a small file of its own: opening one reads it whole, for its encoding and digest.

>>> with beginning_of(Path("large.jsonl.gz")) as small:  # doctest: +SKIP
...     open_input(small)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

#: Files up to this size are opened as they are.
SMALL_BYTES = 16_000_000
HEAD_BYTES = 8_000_000

_BINARY = (b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")  # Parquet and Arrow cannot be cut


@contextmanager
def beginning_of(path: Path, *, small_bytes: int = SMALL_BYTES, head_bytes: int = HEAD_BYTES) -> Iterator[Path]:
    """The file itself where it is small or cannot be cut, else its first lines, unpacked."""
    from tunesmith.curate.files.compression import detect_compression

    if not path.is_file() or (path.stat().st_size <= small_bytes and not _is_packed(path)):
        yield path
        return
    with path.open("rb") as file:
        compression = detect_compression(file.read(16))
    head, whole = _head(path, compression, head_bytes)
    if whole or head.startswith(_BINARY):
        yield path
        return
    with TemporaryDirectory(prefix="tunesmith-look-") as folder:
        small = Path(folder) / path.name
        small.write_bytes(head[: head.rfind(b"\n") + 1] or head)
        yield small


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() in (".gz", ".xz", ".zst")


def _head(path: Path, compression: str | None, most: int) -> tuple[bytes, bool]:
    """The first bytes, unpacked, and whether that is all of it."""
    from tunesmith.curate.files.compression import unpacked_chunks

    head = b""
    for chunk in unpacked_chunks(path, compression, where=path.name):
        head += chunk
        if len(head) > most:
            return head, False
    return head, True

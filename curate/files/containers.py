"""One file: what it is (`describe_file`) and its rows (`file_rows`), one reader for each container.

>>> info = describe_file(Path("train.jsonl"), "train.jsonl")
>>> next(file_rows(Path("train.jsonl"), info, base=0, skip=0)).position
1
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import xxhash

from tunesmith.curate.files import arrowrows
from tunesmith.curate.files.compression import CHUNK_BYTES, detect_compression, unpacked_chunks
from tunesmith.curate.files.csvrows import csv_rows
from tunesmith.curate.files.encodings import Encoding, detect_encoding, encoding_named, is_utf8, utf8_chunks
from tunesmith.curate.files.jsonarray import split_array
from tunesmith.curate.files.lines import json_lines, text_lines
from tunesmith.curate.files.rawrows import End, FileInfo, RawRow, Rows, invalid_utf8
from tunesmith.curate.files.sniff import Sniffed, sniff_binary, sniff_text
from tunesmith.errors import InputError, RowError


def describe_file(path: Path, shown: str, *, empty_is_fine: bool = False) -> FileInfo:
    """What the file holds, by its content. `shown` is the path for messages; an empty shard among others is fine.

    :raises InputError: missing, empty, no permission, not a regular file, corrupt, or of no known form.
    """
    size = check_regular(path, shown)
    digest, head = file_digest(path, shown), _first_bytes(path, shown)
    if size == 0 and empty_is_fine:
        return FileInfo(shown, "text", "UTF-8", None, 0, digest, ("the file is empty",))
    if size == 0:
        raise InputError("expected rows, saw an empty file", where=shown, remedy="check how the file was made")
    compression = detect_compression(head)
    chunks = unpacked_chunks(path, compression, where=shown)
    first = next(chunks, b"")
    if not first:
        raise InputError(f"the {compression} file unpacks to nothing", where=shown, remedy="pack it again")
    found = sniff_binary(first, shown)
    if found:
        return _info(shown, found, "binary", compression, size, digest, ())
    encoding = detect_encoding(chain([first], chunks))
    head, whole = _text_head(path, compression, encoding, shown)
    found = sniff_text(head, shown, whole=whole)
    return _info(shown, found, encoding.name, compression, size, digest, (found.note, encoding.note))


def _info(
    shown: str,
    found: Sniffed,
    encoding: str,
    compression: str | None,
    size: int,
    digest: str,
    notes: tuple[str | None, ...],
) -> FileInfo:
    said = tuple(note for note in notes if note)
    return FileInfo(shown, found.container, encoding, compression, size, digest, said, found.delimiter)


def check_regular(path: Path, shown: str) -> int:
    """The size in bytes of a file that can be read.

    :raises InputError: missing (with the nearest name that exists), a folder, a device, or no permission.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=shown, remedy=_nearest(path)) from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read: {reason}", where=shown, remedy="check the path") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError("expected a file, saw a folder", where=shown, remedy="name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise InputError("expected a regular file, saw a device or pipe", where=shown, remedy="save it to a file first")
    if not os.access(path, os.R_OK):
        raise InputError("no permission to read it", where=shown, remedy="check the permissions (`ls -l`)")
    return status.st_size


def _nearest(path: Path) -> str:
    """The remedy for a missing path: the nearest name beside it, or the first folder above that is missing."""
    folder = path.parent
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return f"the folder {folder} is missing too or cannot be read; check the path"
    near = get_close_matches(path.name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"check the path (looked in {folder})"


def file_digest(path: Path, shown: str | None = None) -> str:
    """xxh3_128, hex, of the bytes on disk. `shown` is the path for messages."""
    return files_digest([path], shown)


def files_digest(paths: Iterable[Path], shown: str | None = None) -> str:
    """The digest of several files, as if they were one."""
    digest = xxhash.xxh3_128()
    for path in paths:
        for chunk in unpacked_chunks(path, None, where=shown or str(path)):
            digest.update(chunk)
    return digest.hexdigest()


def _first_bytes(path: Path, shown: str) -> bytes:
    return next(unpacked_chunks(path, None, where=shown), b"")[:16]


def _text_head(path: Path, compression: str | None, encoding: Encoding, shown: str) -> tuple[bytes, bool]:
    """The first megabyte of text, and whether that is all of it."""
    chunks = utf8_chunks(unpacked_chunks(path, compression, where=shown), encoding)
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) > CHUNK_BYTES // 2:
            return head, not next(chunks, b"")
    return head, True


def file_rows(path: Path, info: FileInfo, *, base: int, skip: int) -> Rows:
    """The file's rows after the first `skip`, numbered from `base` + 1. Returns where it ended, as `End`."""
    return _READERS[info.container](Source(path, info), base, skip)


class Source(NamedTuple):
    """A file and what is known of it."""

    path: Path
    info: FileInfo

    def text(self) -> Iterator[bytes]:
        """Its text as UTF-8, in chunks."""
        raw = unpacked_chunks(self.path, self.info.compression, where=self.info.path)
        return utf8_chunks(raw, encoding_named(self.info.encoding))


def _json_lines(source: Source, base: int, skip: int) -> Rows:
    return json_lines(source.text(), source.info.name, base=base, skip=skip)


def _text(source: Source, base: int, skip: int) -> Rows:
    return text_lines(source.text(), source.info.name, base=base, skip=skip)


def _csv(source: Source, base: int, skip: int) -> Rows:
    return csv_rows(source.text(), source.info.name, source.info.delimiter or ",", base=base, skip=skip)


def _json_array(source: Source, base: int, skip: int) -> Rows:
    name, seen = source.info.name, 0
    for batch in split_array(source.text()):
        wanted = batch.elements[max(0, skip - seen) :]
        clean = is_utf8(b"".join(wanted))
        first = seen + len(batch.elements) - len(wanted) + 1
        for number, data in enumerate(wanted, first):
            where = f"{name}: element {number}"
            yield RawRow(base + number, data, None if clean or is_utf8(data) else invalid_utf8(data, where))
        seen += len(batch.elements)
        error = _array_fault(batch.closed, batch.rest, seen, name)
        if error:
            seen += 1
            if seen > skip:
                yield RawRow(base + seen, batch.rest, error)
    return End(base + seen, seen)


def _array_fault(closed: bool | None, rest: bytes, seen: int, name: str) -> RowError | None:
    """What is wrong with the end of the array. `closed` is None before the end."""
    if closed is None or (closed and not rest):
        return None
    if closed:
        what = f"{len(rest):,} bytes follow the array's closing bracket"
    elif rest:
        what = f"the file ends inside element {seen + 1}"
    else:
        what = f"the file ends after element {seen}, before the array's closing bracket"
    return RowError("invalid_json", what, where=name, remedy="check whether the file is complete")


def _parquet(source: Source, base: int, skip: int) -> Rows:
    return arrowrows.parquet_rows(source.path, source.info.compression, source.info.name, base=base, skip=skip)


def _arrow(source: Source, base: int, skip: int) -> Rows:
    return arrowrows.arrow_rows(source.path, source.info.compression, source.info.name, base=base, skip=skip)


_READERS: dict[str, Callable[[Source, int, int], Rows]] = {
    "json_lines": _json_lines,
    "json_array": _json_array,
    "csv": _csv,
    "tsv": _csv,
    "parquet": _parquet,
    "arrow": _arrow,
    "text": _text,
}

"""What reading a file gives, before any format is known: rows as they lie there, and one description for each file.

>>> RawRow(17, b'{"text": "hello"}', None).position
17
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, NamedTuple

from tunesmith.errors import RowError


class RawRow(NamedTuple):
    """One row of an input file.

    `position` counts from 1: the line of JSON Lines and plain text, the element of everything else. `data` is the UTF-8
    JSON text of the row (JSON Lines, JSON array; not parsed yet) or its values by column. Where the row cannot even be
    decoded or cut out, `error` says why and `data` holds its bytes.
    """

    position: int
    data: bytes | dict[str, Any] | None
    error: RowError | None


@dataclass(frozen=True)
class FileInfo:
    """One file: what it holds, and in `notes` what was seen and decided that its name does not say.

    `container` is one of json_lines, json_array, csv, tsv, parquet, arrow, text, dataset; `digest` is xxh3_128, hex, of
    the bytes on disk; `delimiter` is for csv and tsv.
    """

    path: str
    container: str
    encoding: str
    compression: str | None
    size_bytes: int
    digest: str
    notes: tuple[str, ...] = ()
    delimiter: str | None = None

    @property
    def name(self) -> str:
        """The last part of the path, for messages."""
        return self.path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


class End(NamedTuple):
    """Where a reader ended: the last position of the file (blank lines count) and how many rows it has."""

    position: int
    rows: int


#: A reader yields the rows after `skip` and returns where it ended.
Rows = Generator[RawRow, None, End]


def invalid_utf8(data: bytes, where: str) -> RowError:
    """The error of a row whose bytes are not UTF-8: the first bad byte's offset and what stands there, in hex.

    >>> print(invalid_utf8(b"caf\\xe9!", "a.jsonl:2"))
    a.jsonl:2: the row is not UTF-8: byte 3 begins with e9 21
    """
    try:
        data.decode()
    except UnicodeDecodeError as error:
        seen = data[error.start : error.start + 4].hex(" ")
        return RowError("invalid_utf8", f"the row is not UTF-8: byte {error.start} begins with {seen}", where=where)
    raise ValueError("the bytes are UTF-8")

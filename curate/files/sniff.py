"""Which container a file is, from its first bytes. The ending of its name only decides where the content cannot.

>>> sniff_text(b'{"text": "a"}\\n{"text": "b"}\\n', "rows.json", whole=True).container
'json_lines'
"""

from __future__ import annotations

import re
from io import StringIO
from itertools import islice
from typing import NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.files.csvrows import KNOWN_COLUMNS, tolerant_reader
from tunesmith.errors import InputError

_JSON_LINES_ENDINGS = (".jsonl", ".ndjson")
_FOREIGN = {
    b"PK\x03\x04": "a zip archive (or an Office document); unpack it or save it as CSV",
    b"BZh": "bzip2 data; unpack it or pack it as .gz, .xz or .zst",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it",
    b"Rar!": "a RAR archive; unpack it",
    b"%PDF": "a PDF; extract its text first",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"SQLite format 3": "an SQLite database; export a table as CSV",
    b"\x89HDF": "an HDF5 file; convert it to Parquet",
    b"\x80\x04\x95": "a Python pickle, which is not safe to open; convert it to JSON Lines where it was made",
    b"PARE": "an encrypted Parquet file; decrypt it first",
    b"FEA1": "a Feather file of version 1; save it as Arrow or Parquet",
}


class Sniffed(NamedTuple):
    """The container, for CSV and TSV its delimiter, and what a person should know about how it was found."""

    container: str
    delimiter: str | None = None
    note: str | None = None


def sniff_binary(head: bytes, name: str) -> Sniffed | None:
    """Parquet or Arrow by their marks, None for what may be text.

    :raises InputError: a file of a kind that holds no rows for us, with what it is.
    """
    if head.startswith(b"PAR1"):
        return Sniffed("parquet")
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return Sniffed("arrow")
    foreign = next((what for mark, what in _FOREIGN.items() if head.startswith(mark)), None)
    if foreign is None and head[257:262] == b"ustar":
        foreign = "a tar archive; unpack it"
    if foreign is None:
        return None
    what, _, remedy = foreign.partition("; ")
    raise InputError(f"expected rows of text, saw {what}", where=name, remedy=remedy or None)


def sniff_text(head: bytes, name: str, *, whole: bool) -> Sniffed:
    """The container of a text that begins with `head` (UTF-8, at best a megabyte); `whole` if nothing follows.

    :raises InputError: blank, zero bytes, or one JSON object instead of rows.
    """
    start = head.lstrip()
    if not start:
        raise InputError("expected rows, saw only white space", where=name, remedy="check how the file was made")
    if head[:4096].count(0) > 0.1 * len(head[:4096]):
        raise InputError("expected text, saw zero bytes", where=name, remedy="check that it is not a binary file")
    if start.startswith(b"["):
        found = _sniff_bracket(start, name, whole=whole)
    elif start.startswith(b"{") or _mostly_objects(_lines(start, whole=whole)):
        found = _sniff_objects(start, name, whole=whole)
    else:
        found = _sniff_plain(head, name, whole=whole)
    return found._replace(note=_surprise(found.container, name))


def _lines(text: bytes, *, whole: bool) -> list[bytes]:
    """Its lines that are not blank, without the one that the head cuts off (unless it is the only one)."""
    lines = [line for line in (line.strip() for line in text.split(b"\n")) if line]
    return lines if whole or len(lines) < 2 else lines[:-1]


def _mostly_objects(lines: list[bytes]) -> bool:
    """At least half of the lines are closed objects, whatever is wrong inside them."""
    closed = sum(1 for line in lines if line.startswith(b"{") and line.endswith(b"}"))
    return bool(lines) and 2 * closed >= len(lines)


def _sniff_bracket(start: bytes, name: str, *, whole: bool) -> Sniffed:
    lines = _lines(start, whole=whole)
    if len(lines) > 1 and isinstance(_parsed(lines[0]), list):
        return Sniffed("json_lines")
    if re.match(rb'\[\s*[\[{"\]]', start) or name_without_compression(name).endswith(".json"):
        return Sniffed("json_array")
    return _sniff_plain(start, name, whole=whole)  # "[Verse 1]", "[1] See also"


def _sniff_objects(start: bytes, name: str, *, whole: bool) -> Sniffed:
    lines = _lines(start, whole=whole)
    first = _parsed(lines[0])
    if len(lines) > 1 and lines[0] != b"{" and (isinstance(first, dict) or _mostly_objects(lines)):
        return Sniffed("json_lines")
    if len(lines) == 1 and not _is_wrapper(lines[0]):
        return Sniffed("json_lines")
    if name_without_compression(name).endswith(_JSON_LINES_ENDINGS) and lines[0] != b"{":
        return Sniffed("json_lines")
    if lines[0].endswith(b"},") and isinstance(_parsed(lines[0][:-1]), dict):
        remedy = "put [ before the first line and ] after the last, or drop the commas"
        raise InputError("its lines end in commas as in an array without brackets", where=name, remedy=remedy)
    members = _members(start)
    shown = ", ".join(members[:8]) + (f" and {len(members) - 8} more" if len(members) > 8 else "")
    what = f"holds one JSON object with the members {shown or '(none seen)'}; expected an array or lines"
    raise InputError(what, where=name, remedy="write one row a line, or the rows alone as an array")


def _is_wrapper(line: bytes) -> bool:
    """One object around rows, such as `{"version": 1, "data": [{…}]}`, rather than a row that stands alone."""
    members = _members(line)
    rows_inside = re.search(rb'"\s*:\s*\[\s*\{', line[: 1 << 16])
    return bool(rows_inside) and not KNOWN_COLUMNS.intersection(member.lower() for member in members)


_TOKENS = re.compile(rb'"((?:[^"\\]++|\\.)*+)"(\s*:)?|[\[{}\]]', re.DOTALL)


def _members(text: bytes) -> list[str]:
    """The names at the top level of an object, as far as the text goes."""
    depth, names = 0, []
    for match in _TOKENS.finditer(text):
        token = match.group()
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
            if depth == 0:
                break
        elif depth == 1 and match[2]:
            names.append(match[1].decode("utf-8", "replace"))
    return names


def _parsed(line: bytes) -> object:
    try:
        return jsontext.loads(line)
    except ValueError:
        return None


def _sniff_plain(head: bytes, name: str, *, whole: bool) -> Sniffed:
    ending = name_without_compression(name)
    if ending.endswith(_JSON_LINES_ENDINGS):
        return Sniffed("json_lines")
    if ending.endswith(".json"):
        seen = head.lstrip()[:40].decode("utf-8", "replace")
        what = f"ends in .json but begins with {seen!r}; expected a JSON array or JSON Lines"
        raise InputError(what, where=name, remedy="rename it if it is plain text")
    text = head.decode("utf-8", "replace")
    if ending.endswith((".csv", ".tsv", ".tab")):
        delimiter = _widest(text, whole=whole, fallback="," if ending.endswith(".csv") else "\t")
        return Sniffed("tsv" if delimiter == "\t" else "csv", delimiter)
    for delimiter in _DELIMITERS:
        if _is_table(text, delimiter, whole=whole):
            return Sniffed("tsv" if delimiter == "\t" else "csv", delimiter)
    return Sniffed("text")


_DELIMITERS = (",", "\t", ";")
_TABLE_ROWS = 50  # as many rows must have the header's width


def _is_table(text: str, delimiter: str, *, whole: bool) -> bool:
    """A first line with names that we know, and rows as wide as it."""
    rows = _table(text, delimiter, whole=whole)
    if len(rows) < 2 or len(rows[0]) < 2 or not all(cell.strip() or not index for index, cell in enumerate(rows[0])):
        return False
    known = KNOWN_COLUMNS.intersection(cell.strip().lower() for cell in rows[0])
    as_wide = sum(1 for row in rows[1:] if len(row) == len(rows[0]))
    return bool(known) and as_wide >= 0.9 * (len(rows) - 1)


def _widest(text: str, *, whole: bool, fallback: str) -> str:
    """The delimiter that gives the header most cells; the ending's own where there is one cell."""
    header = {delimiter: len(next(iter(_table(text, delimiter, whole=whole)), [])) for delimiter in _DELIMITERS}
    best = max((fallback, *_DELIMITERS), key=lambda delimiter: header[delimiter])
    return fallback if header[fallback] > 1 else best


def _table(text: str, delimiter: str, *, whole: bool) -> list[list[str]]:
    """The first complete rows."""
    filled = (row for row in tolerant_reader(StringIO(text, newline="\n"), delimiter) if row)
    rows = list(islice(filled, _TABLE_ROWS))
    return rows if whole or len(rows) == _TABLE_ROWS else rows[:-1]


def name_without_compression(name: str) -> str:
    """The name in lower case, without .gz, .xz or .zst.

    >>> name_without_compression("Rows.JSONL.gz")
    'rows.jsonl'
    """
    return re.sub(r"\.(gz|xz|zst)$", "", name.lower())


_ENDINGS = {
    ".jsonl": ("json_lines",),
    ".ndjson": ("json_lines",),
    ".json": ("json_array",),
    ".csv": ("csv",),
    ".tsv": ("tsv",),
    ".parquet": ("parquet",),
    ".arrow": ("arrow",),
    ".txt": ("text",),
}
_TITLES = {
    "json_lines": "JSON Lines",
    "json_array": "a JSON array",
    "csv": "CSV",
    "tsv": "TSV",
    "parquet": "Parquet",
    "arrow": "Arrow",
    "text": "plain text",
}


def _surprise(container: str, name: str) -> str | None:
    """Says so where the content is not what the ending promises."""
    ending = "." + name_without_compression(name).rpartition(".")[2]
    if container in _ENDINGS.get(ending, (container,)):
        return None
    return f"ends in {ending} but holds {_TITLES[container]}"

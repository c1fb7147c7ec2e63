"""Rows of CSV and TSV, as text by column: "007" stays "007", a field may hold line breaks, a row of 10 MB is fine.

>>> [row.data for row in csv_rows(iter([b"question,answer\\n1+1?,2\\n"]), "a.csv", ",", base=0, skip=0)]
[{'question': '1+1?', 'answer': '2'}]
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tunesmith.curate.files.lines import line_blocks
from tunesmith.curate.files.rawrows import End, RawRow, Rows, invalid_utf8
from tunesmith.errors import InputError, RowError

#: Names by which instruction data calls its columns, in lower case.
# fmt: off
KNOWN_COLUMNS = frozenset((
    "instruction", "input", "output", "prompt", "completion", "question", "answer", "text", "messages", "system",
    "conversations", "response", "query", "label", "chosen", "rejected", "history", "tools", "content", "reference",
))
# fmt: on

_NOT_A_NAME = re.compile(r"[。？！\n]|[?!]$|.{64}|^\s*[+-]?[0-9][0-9.,%]*\s*$", re.DOTALL)
_FIELD_LIMIT = 2**31 - 1  # the most that the module takes on every platform


def csv_rows(chunks: Iterator[bytes], name: str, delimiter: str, *, base: int, skip: int) -> Rows:
    """Each row after the header. A row that does not fit the header is an error with the row's own text."""
    csv.field_size_limit(_FIELD_LIMIT)
    source = _Lines(chunks)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    header = check_header(_first(reader, name), name)
    seen = 0
    while True:
        source.taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return End(base + seen, seen)
        except csv.Error as error:
            seen += 1
            where = f"{name}: row {seen}"
            row = RawRow(base + seen, source.text(), RowError("invalid_csv", f"not a CSV row: {error}", where=where))
        else:
            if not fields:
                continue
            seen += 1
            if seen <= skip:
                continue
            row = _row(fields, header, source, f"{name}: row {seen}", base + seen)
        if seen > skip:
            yield row


def check_header(header: list[str], name: str) -> list[str]:
    """The header, if it looks like one.

    :raises InputError: no header, or two columns of one name.
    """
    known = KNOWN_COLUMNS.intersection(cell.strip().lower() for cell in header)
    if not known and (not header or any(_NOT_A_NAME.search(cell) for cell in header)):
        seen = ", ".join(repr(cell[:30]) for cell in header[:4]) or "nothing"
        remedy = "put the names of the columns on the first line"
        raise InputError(f"expected a header on the first line, saw {seen}", where=name, remedy=remedy)
    twice = [cell for cell, count in Counter(header).items() if count > 1]
    if twice:
        what = f"the header names the column {twice[0]!r} {header.count(twice[0])} times"
        raise InputError(what, where=name, remedy="rename one of them")
    return header


def tolerant_reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows as far as they can be read, for a first look."""
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except (StopIteration, csv.Error):
            return


def _first(reader: Iterator[list[str]], name: str) -> list[str]:
    try:
        return next((row for row in reader if row), [])
    except csv.Error as error:
        raise InputError(f"the header is not a CSV row: {error}", where=name, remedy="check its quotes") from error


def _row(fields: list[str], header: list[str], source: _Lines, where: str, position: int) -> RawRow:
    if not source.clean:
        text = source.text()
        try:
            text.decode()
        except UnicodeDecodeError:
            return RawRow(position, text, invalid_utf8(text, where))
    if len(fields) != len(header):
        what = f"expected {len(header)} fields as in the header, saw {len(fields)}"
        return RawRow(position, source.text(), RowError("wrong_fields", what, where=where))
    return RawRow(position, dict(zip(header, fields)), None)


class _Lines:
    """Lines for the csv module, which keep their ends. `taken` holds those of the row at hand; `clean` turns false for
    good at the first byte that is not UTF-8, and from there each row is checked."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.taken: list[str] = []
        self.clean = True
        self._blocks = line_blocks(chunks, keep_ends=True)
        self._lines: Iterator[bytes] = iter(())

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for raw in self._lines:
            line = raw.decode("utf-8", "surrogateescape")
            self.taken.append(line)
            return line
        block = next(self._blocks)
        self.clean = self.clean and block.clean
        self._lines = iter(block.lines)
        return next(self)

    def text(self) -> bytes:
        """The bytes of the row at hand."""
        return "".join(self.taken).encode("utf-8", "surrogateescape").rstrip(b"\r\n")

"""Rows of CSV and TSV, as text by column: "007" stays "007", a field may hold line breaks, a row of 10 MB is fine.

>>> [row.data for row in csv_rows(iter([b"question,answer\\n1+1?,2\\n"]), "a.csv", ",", base=0, skip=0)]
[{'question': '1+1?', 'answer': '2'}]
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

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
_LONG_CHARACTERS = 10_000_000  # of an open row, from where on its end is looked for first


def csv_rows(chunks: Iterator[bytes], name: str, delimiter: str, *, base: int, skip: int) -> Rows:
    """Each row after the header. A row that does not fit the header is an error with the row's own text, a broken
    quote one with the line that it stands in: the rows after it are read from the next line on."""
    csv.field_size_limit(_FIELD_LIMIT)
    source = _Lines(chunks, delimiter)
    rows = _fields(source, delimiter)
    header = check_header(_first(rows, name), name)
    seen = 0
    for fields in rows:
        seen += 1
        if seen > skip:
            yield _row(fields, header, source, f"{name}: row {seen}", base + seen)
    return End(base + seen, seen)


def _fields(source: _Lines, delimiter: str) -> Iterator[list[str] | csv.Error]:
    """The fields of each row that is not blank, or why its line is none; `source.taken` holds its lines.

    A broken row of several lines is taken apart, so that one bad quote spoils one line. All but its last line are read
    alone: a quote that opens in any of them would run into the same fault.
    """
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            for line in source.broken():
                source.taken[:] = [line]
                if alone := _alone(line, delimiter):
                    yield alone
        else:
            if fields:
                yield fields


def _alone(line: str, delimiter: str) -> list[str] | csv.Error:
    """The fields of a line by itself, `_OpenQuote` where it does not end with its last field."""
    try:
        return next(csv.reader(_only(line), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return error


def _only(line: str) -> Iterator[str]:
    yield line
    raise _OpenQuote("a quote opens in it that is never closed")


class _OpenQuote(csv.Error):
    """The line ends inside quotes."""


def check_header(header: list[str], name: str) -> list[str]:
    """The header, if it looks like one.

    :raises InputError: no header, one that is not UTF-8, or two columns of one name.
    """
    wrong = next((letter for cell in header for letter in cell if "\udc80" <= letter <= "\udcff"), None)
    if wrong is not None:
        what = f"the header is not UTF-8: it holds the byte {ord(wrong) - 0xDC00:02x}"
        raise InputError(what, where=name, remedy="save the file as UTF-8")
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


def _first(rows: Iterator[list[str] | csv.Error], name: str) -> list[str]:
    found = next(rows, [])
    if isinstance(found, csv.Error):
        raise InputError(f"the header is not a CSV row: {found}", where=name, remedy="check its quotes") from found
    return found


def _row(fields: list[str] | csv.Error, header: list[str], source: _Lines, where: str, position: int) -> RawRow:
    if isinstance(fields, csv.Error):
        return RawRow(position, source.text(), RowError("invalid_csv", f"not a CSV row: {fields}", where=where))
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
    good at the first byte that is not UTF-8, and from there each row is checked.

    A field may be as long as it likes if it ends. Whether it does is found out before the csv module, which needs four
    bytes for each of its letters, takes in more than `_LONG_CHARACTERS`; the lines read for that wait on disk.
    """

    def __init__(self, chunks: Iterator[bytes], delimiter: str) -> None:
        self.taken: list[str] = []
        self.clean = True
        self._delimiter = delimiter
        self._blocks = line_blocks(chunks, keep_ends=True)
        self._lines: Iterator[bytes] = iter(())
        self._again: str | None = None  # the line that comes next, given back
        self._ahead: Iterator[bytes] = iter(())  # lines of a broken row after those taken
        self._fault_ahead = (
            False  # whether the line with the fault is beyond those taken: given back, or the file's end
        )

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._again is not None:
            line, self._again = self._again, None
            self.taken.append(line)
            return line
        for raw in self._lines:
            line = _decoded(raw)
            self.taken.append(line)
            return line
        if sum(map(len, self.taken)) > _LONG_CHARACTERS:
            self._look_ahead()
        else:
            self._lines = iter(self._next_block())
        return next(self)

    def _next_block(self) -> list[bytes]:
        block = next(self._blocks, None)
        if block is None:
            self._fault_ahead = True
            raise StopIteration
        self.clean = self.clean and block.clean
        return block.lines

    def _look_ahead(self) -> None:
        """Find the line that ends the open quote, and hand out those up to it.

        :raises csv.Error: it ends in a fault or not at all.
        """
        spool = tempfile.TemporaryFile()  # noqa: SIM115 (`_lines_of` closes it)
        end, found, rest = self._end_of_quote(spool)
        if isinstance(found, csv.Error):
            self._ahead, self._again, self._lines, self._fault_ahead = _lines_of(spool), end, rest, True
            raise found
        self._lines = chain(_lines_of(spool), [_encoded(end or "")], rest)

    def _end_of_quote(self, spool: IO[bytes]) -> tuple[str | None, list[str] | csv.Error, Iterator[bytes]]:
        """The line where the quote ends, None at the file's end; what is found there; the lines after it."""
        for block in self._blocks:
            self.clean = self.clean and block.clean
            lines = iter(block.lines)
            for raw in lines:
                found = _alone('"' + _decoded(raw), self._delimiter) if b'"' in raw else None
                if found is not None and not isinstance(found, _OpenQuote):
                    return _decoded(raw), found, lines
                spool.write(raw)
        return None, _OpenQuote("the file ends inside quotes"), iter(())

    def broken(self) -> Iterator[str]:
        """The lines of the broken row at hand. If the fault shows only in a later line than the first, that line is not
        among them: it comes again."""
        lines, ahead = self.taken[:], self._ahead
        if len(lines) > 1 and not self._fault_ahead:
            self._again = lines.pop()
        self._ahead, self._fault_ahead = iter(()), False
        return chain(lines, map(_decoded, ahead))

    def text(self) -> bytes:
        """The bytes of the row at hand."""
        return _encoded("".join(self.taken)).rstrip(b"\r\n")


def _lines_of(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        spool.seek(0)
        yield from spool


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _encoded(line: str) -> bytes:
    return line.encode("utf-8", "surrogateescape")

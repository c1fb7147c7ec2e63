"""Rows out: the ending chooses the container, `.gz .xz .zst` after it the compression. Streamed, atomic, and the same
rows always give the same bytes.

>>> write_rows("rows.csv", [{"question": "1+1?", "answer": "2"}])
1
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.arrowwriting import write_arrow, write_parquet
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.files.compression import packed
from tunesmith.errors import CannotHold, OutputError

Row = dict[str, Any]
_BUFFER_BYTES = 1 << 20


def write_rows(path: str | Path, rows: Iterable[Row]) -> int:
    """Write the rows and return their number.

    :raises OutputError: an ending that names no container, or a place that cannot be written.
    :raises CannotHold: a value that the container has no place for, with its row and field.
    """
    container, compression = _by_ending(Path(path))
    with atomic_path(path) as part, packed(part, compression) as file:
        return _WRITERS[container](file, rows)


def write_lines(path: str | Path, lines: Iterable[bytes]) -> int:
    """Write ready-made lines (UTF-8, without line break), each with `\\n`, and return their number.

    The path may end in `.gz`, `.xz` or `.zst`.
    """
    with atomic_path(path) as part, packed(part, _compression(Path(path))) as file:
        return _write_lines(file, lines)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a whole file."""
    with atomic_path(path) as part:
        part.write_bytes(data)


def _compression(path: Path) -> str | None:
    ending = path.suffix.lower().removeprefix(".")
    return ending if ending in ("gz", "xz", "zst") else None


def _by_ending(path: Path) -> tuple[str, str | None]:
    compression = _compression(path)
    ending = (path.with_suffix("") if compression else path).suffix.lower()
    if ending not in _WRITERS:
        known = " ".join(_WRITERS)
        what = f"expected a name that ends in one of {known} (and .gz, .xz or .zst after it)"
        raise OutputError(what, where=str(path), remedy="add the ending of the form that you want")
    return ending, compression


def _write_lines(file: IO[bytes], lines: Iterable[bytes]) -> int:
    count = size = 0
    waiting: list[bytes] = []
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size > _BUFFER_BYTES:
            file.write(b"\n".join(waiting) + b"\n")
            count += len(waiting)
            waiting, size = [], 0
    if waiting:
        file.write(b"\n".join(waiting) + b"\n")
    return count + len(waiting)


def _write_json_lines(file: IO[bytes], rows: Iterable[Row]) -> int:
    return _write_lines(file, _json_texts(rows))


def _json_texts(rows: Iterable[Row]) -> Iterator[bytes]:
    for number, row in enumerate(rows, 1):
        try:
            yield jsontext.dump_bytes(row)
        except (TypeError, ValueError) as error:
            raise CannotHold(f"JSON has no place for a value ({error})", where=f"row {number}") from error


def _write_json_array(file: IO[bytes], rows: Iterable[Row]) -> int:
    """One element a line."""
    texts = _json_texts(rows)
    first = next(texts, None)
    if first is None:
        file.write(b"[]\n")
        return 0
    file.write(b"[\n" + first)
    count = 1
    for text in texts:
        file.write(b",\n" + text)
        count += 1
    file.write(b"\n]\n")
    return count


def _write_csv(file: IO[bytes], rows: Iterable[Row]) -> int:
    return _write_table(file, rows, ",")


def _write_tsv(file: IO[bytes], rows: Iterable[Row]) -> int:
    return _write_table(file, rows, "\t")


def _write_table(file: IO[bytes], rows: Iterable[Row], delimiter: str) -> int:
    """Without rows there is no header either: its names are those of the first row."""
    lines = _write_lines(file, _encoded(_table_lines(rows, delimiter)))
    return max(0, lines - 1)


def _table_lines(rows: Iterable[Row], delimiter: str) -> Iterator[str]:
    """The header is the first row's fields; a later row may lack some of them but has no others."""
    header: list[str] | None = None
    special = re.compile(f'["\r\n{delimiter}]')
    for number, row in enumerate(rows, 1):
        if header is None:
            header = list(row)
            if not header:
                raise CannotHold("a table has no place for a row without fields", where=f"row {number}")
            yield _table_line([_quoted(name, special) for name in header], delimiter)
        new = next((name for name in row if name not in header), None)
        if new is not None:
            where = f"row {number}, field {new!r}"
            raise CannotHold("the first row has no such field", where=where, remedy="give every row the same fields")
        cells = [_quoted(_cell(row.get(name), number, name), special) for name in header]
        yield _table_line(cells, delimiter)


def _table_line(cells: list[str], delimiter: str) -> str:
    return delimiter.join(cells) or '""'  # a single empty field is not a blank line


def _quoted(text: str, special: re.Pattern[str]) -> str:
    return '"' + text.replace('"', '""') + '"' if special.search(text) else text


def _cell(value: Any, number: int, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return jsontext.dumps(value)
    what = f"a table has no place for a nested value ({type(value).__name__})"
    raise CannotHold(what, where=f"row {number}, field {name!r}", remedy="write JSON Lines or Parquet")


def _write_text(file: IO[bytes], rows: Iterable[Row]) -> int:
    return _write_lines(file, _encoded(_text_line(row, number) for number, row in enumerate(rows, 1)))


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        try:
            yield line.encode()
        except UnicodeEncodeError as error:  # half of a surrogate pair
            raise CannotHold(f"UTF-8 has no place for a letter ({error.reason})", where=f"line {number + 1}") from error


def _text_line(row: Row, number: int) -> str:
    """A row that reading gives back: one line, not blank, and no field but `text`."""
    other = next((name for name in row if name != "text"), None)
    if other is not None:
        what, name = "plain text has only the field text", other
    elif not isinstance(row.get("text"), str):
        what, name = f"plain text has no place for {type(row.get('text')).__name__}", "text"
    elif "\n" in row["text"] or row["text"].endswith("\r"):
        what, name = "plain text holds one line a row, and this one has a line break", "text"
    elif not row["text"].strip():
        what, name = "plain text has no place for a blank row", "text"
    else:
        return str(row["text"])
    raise CannotHold(what, where=f"row {number}, field {name!r}", remedy="write JSON Lines")


_WRITERS: dict[str, Callable[[IO[bytes], Iterable[Row]], int]] = {
    ".jsonl": _write_json_lines,
    ".ndjson": _write_json_lines,
    ".json": _write_json_array,
    ".csv": _write_csv,
    ".tsv": _write_tsv,
    ".parquet": write_parquet,
    ".arrow": write_arrow,
    ".txt": _write_text,
}

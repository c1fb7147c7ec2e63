"""What a file holds, by slow and obvious means: the versions that the readers are held against.

>>> [*nonblank_lines(b'{"a":1}\\r\\n\\n{"b":2}')]
[(1, b'{"a":1}'), (3, b'{"b":2}')]
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import lzma
import struct
from collections.abc import Iterator

import pyarrow as pa
from fuzz_types import Broken, hold

from tunesmith.curate.files.rawrows import FileInfo, RawRow

_SPACE = b" \t\r\n\x0b\x0c"
_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def unpacked(content: bytes, compression: str | None) -> bytes:
    """The bytes of a packed file, by the one call that unpacks all of it."""
    if compression == "gz":
        return gzip.decompress(content)
    if compression == "xz":
        return b"".join(_xz_streams(content))
    if compression == "zst":
        return bytes(pa.CompressedInputStream(pa.BufferReader(content), "zstd").read())
    return content


def _xz_streams(content: bytes) -> Iterator[bytes]:
    """Each of the joined streams; `lzma.decompress` would leave out those from the first corrupt one on."""
    while content := content.lstrip(b"\0"):
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ)
        try:
            yield stream.decompress(content)
        except lzma.LZMAError:
            hold(False, "a file was read whose later stream is corrupt")
        hold(stream.eof, "a file was read whose last stream is cut off")
        content = stream.unused_data


def check_rows(info: FileInfo, plain: bytes, found: list[RawRow]) -> None:
    """:raises Broken: where a row is missing, is one too many, or has other bytes than the file."""
    if info.container in ("parquet", "arrow"):
        return  # the file itself counts its rows, and nobody else can
    text = as_utf8(plain, info.encoding)
    if info.container in ("json_lines", "text"):
        _check_lines(text, found, as_text=info.container == "text")
    elif info.container == "json_array":
        _check_array(text, found)
    else:
        _check_table(text, found, info.delimiter or ",")
    for row in found:
        hold(row.error or _is_utf8(row.data), "a row that is not UTF-8 has no error")


def as_utf8(plain: bytes, encoding: str) -> bytes:
    """A text in UTF-8, unit by unit. What is no character of the encoding is left as bytes that UTF-8 forbids."""
    mark = next((mark for mark in _MARKS if plain.startswith(mark) and _is_mark_of(mark, encoding)), b"")
    plain = plain[len(mark) :]
    if encoding == "UTF-8":
        return plain
    if encoding == "GB18030":
        decoder = codecs.getincrementaldecoder("gb18030")("surrogateescape")
        letters, cut = decoder.decode(plain), decoder.getstate()[0]
        return letters.encode("utf-8", "surrogateescape") + (b"\xff" + cut if cut else b"")
    order, width = ("<" if encoding.endswith("LE") else ">"), (4 if "32" in encoding else 2)
    whole = len(plain) // width * width
    units = struct.unpack(f"{order}{whole // width}{'I' if width == 4 else 'H'}", plain[:whole])
    if width == 2 and units and 0xD800 <= units[-1] < 0xDC00:  # the file ends within a pair
        units, whole = units[:-1], whole - width
    rest = b"\xff" + plain[whole:] if plain[whole:] else b""
    return b"".join(_as_utf8(code, order) for code in _joined(units, width)) + rest


def _is_mark_of(mark: bytes, encoding: str) -> bool:
    try:
        return mark.decode(encoding) == "\ufeff"
    except UnicodeDecodeError:
        return False


def _joined(units: tuple[int, ...], width: int) -> Iterator[int]:
    """Code points; two halves of a pair of UTF-16 are one."""
    if width == 4:
        yield from units
        return
    place = 0
    while place < len(units):
        code, after = units[place], units[place + 1] if place + 1 < len(units) else 0
        if 0xD800 <= code < 0xDC00 <= after < 0xE000:
            code, place = 0x10000 + (code - 0xD800) * 0x400 + after - 0xDC00, place + 1
        place += 1
        yield code


def _as_utf8(code: int, order: str) -> bytes:
    """What is no code point stays as its bytes, each as a letter that UTF-8 forbids."""
    letters = chr(code) if code < 0x110000 else "".join(chr(0xDC00 + byte) for byte in struct.pack(f"{order}I", code))
    return letters.encode("utf-8", "surrogatepass")


def _is_utf8(data: object) -> bool:
    if not isinstance(data, bytes):
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def nonblank_lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Every line that is not blank, with its number."""
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip(_SPACE):
            yield number, line.removesuffix(b"\r")


def _check_lines(text: bytes, found: list[RawRow], *, as_text: bool) -> None:
    expected = [*nonblank_lines(text)]
    given = [(row.position, _line_of(row) if as_text else row.data) for row in found]
    if given != expected:
        raise Broken(f"the file has {len(expected)} lines that are not blank, and {len(given)} rows were read")


def _line_of(row: RawRow) -> object:
    return row.data["text"].encode() if isinstance(row.data, dict) else row.data


def _check_array(text: bytes, found: list[RawRow]) -> None:
    """No byte of an array is lost but white space, commas and its own brackets; a sound one has its elements."""
    inside = _squeezed(text.lstrip(_SPACE)[1:])
    last = found[-1] if found and found[-1].error and found[-1].error.code == "invalid_json" else None
    elements = _squeezed(b"".join(_bytes(row) for row in found if row is not last))
    rest = _squeezed(_bytes(last)) if last else b""
    hold(inside in (elements + b"]" + rest, elements + rest), "bytes of the array belong to no row")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return
    hold(not last, "a sound array has an error at its end")
    hold(len(whole) == len(found), f"the array has {len(whole)} elements, and {len(found)} rows were read")


def _squeezed(data: bytes) -> bytes:
    return data.translate(None, _SPACE + b",")


def _bytes(row: RawRow) -> bytes:
    if isinstance(row.data, bytes):
        return row.data
    raise Broken("an element of an array was parsed by its reader")


def _check_table(text: bytes, found: list[RawRow], delimiter: str) -> None:
    """No character of a table is lost but quotes, delimiters and line ends; a sound one has the rows of `csv`."""
    drop = b'"\r\n' + delimiter.encode()
    good = next((row.data for row in found if isinstance(row.data, dict)), None)
    header = "".join(good).encode("utf-8", "surrogateescape").translate(None, drop) if good else None
    given = b"".join(map(_cells, found)).translate(None, drop)
    whole = text.translate(None, drop)
    hold(whole.endswith(given), "characters of the table are missing, or in another order")
    hold(header is None or whole == header + given, "characters of the table belong to no row")
    try:
        rows = [*csv.reader(io.StringIO(text.decode(), newline="\n"), delimiter=delimiter, strict=True)]
    except (csv.Error, UnicodeDecodeError):
        return
    expected = sum(1 for row in rows if row) - 1
    hold(expected == len(found), f"the table has {expected} rows, and {len(found)} were read")


def _cells(row: RawRow) -> bytes:
    if isinstance(row.data, dict):
        return "".join(row.data.values()).encode("utf-8", "surrogateescape")
    return row.data or b""

"""Which text encoding a file has, and its text as UTF-8 whatever it was.

UTF-8 is assumed until the bytes say otherwise: a byte order mark, the zero bytes of UTF-16, or runs of non-ASCII bytes
most of which are no UTF-8 and read as common Chinese in GB18030. Bytes that are wrong in the encoding stay in the
UTF-8 stream as bytes that are wrong there too, so one check further on finds them, row by row.

>>> detect_encoding(iter(["中文".encode("gb18030")])).name
'GB18030'
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple


class Encoding(NamedTuple):
    """`name` as shown, `codec` for Python, `mark` the byte order mark to drop, `note` what a person should know."""

    name: str
    codec: str
    mark: bytes
    note: str | None


_UTF8 = Encoding("UTF-8", "utf-8", b"", None)
_MARKED = (
    Encoding("UTF-8", "utf-8", codecs.BOM_UTF8, "UTF-8 with byte order mark"),
    Encoding("UTF-32LE", "utf-32-le", codecs.BOM_UTF32_LE, "UTF-32, little-endian, with byte order mark"),
    Encoding("UTF-32BE", "utf-32-be", codecs.BOM_UTF32_BE, "UTF-32, big-endian, with byte order mark"),
    Encoding("UTF-16LE", "utf-16-le", codecs.BOM_UTF16_LE, "UTF-16, little-endian, with byte order mark"),
    Encoding("UTF-16BE", "utf-16-be", codecs.BOM_UTF16_BE, "UTF-16, big-endian, with byte order mark"),
)
_GB18030 = Encoding("GB18030", "gb18030", b"", "GB18030, detected from bytes that are not UTF-8")

_RUNS = re.compile(rb"[\x80-\xff]+")
_ENOUGH_RUNS = 2000  # that all agree; where they do not, the whole file is counted
_SAMPLE_BYTES = 1 << 16
_COMMON_SHARE = (
    0.6  # of the non-ASCII characters; running Chinese text has .97, other encodings read as GB18030 under .4
)


def detect_encoding(chunks: Iterator[bytes]) -> Encoding:
    """The encoding of a text file. Reads until the first 2,000 non-ASCII runs agree, or to the end."""
    first = next(chunks, b"")
    marked = next((encoding for encoding in _MARKED if first.startswith(encoding.mark)), None)
    return marked or _utf16_without_mark(first) or _from_runs(first, chunks)


def _utf16_without_mark(head: bytes) -> Encoding | None:
    """UTF-16 shows in zero bytes, the high halves of ASCII; the byte order that gives common letters is right.

    The side of the zeros alone does not tell it: 一 is 4E00.
    """
    sample = head[: min(len(head), 4096) & ~1]
    zeros = max(sample[::2].count(0), sample[1::2].count(0))
    if not zeros or (is_utf8(sample) and zeros < 0.4 * len(sample) / 2):
        return None  # without zeros, or UTF-8 with a few of them: a fault, not an encoding
    little, big = (_common_share(sample, codec) for codec in ("utf-16-le", "utf-16-be"))
    if max(little, big) < 0.95:
        return None
    name, codec = ("UTF-16LE", "utf-16-le") if little > big else ("UTF-16BE", "utf-16-be")
    return Encoding(name, codec, b"", f"{name}, detected from its zero bytes")


#: ASCII, Latin, Cyrillic, punctuation, kana, Han, Hangul, full-width forms.
_COMMON_LETTERS = re.compile(
    r"[\t\r\n -~\xa0-\u024f\u0400-\u04ff\u2010-\u203b\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)


def _common_share(sample: bytes, codec: str) -> float:
    text = codecs.getincrementaldecoder(codec)("replace").decode(sample)
    return len(_COMMON_LETTERS.findall(text)) / max(1, len(text))


def _from_runs(first: bytes, chunks: Iterator[bytes]) -> Encoding:
    good = bad = 0
    sample = b""
    for chunk in _whole_letters(first, chunks):
        if chunk.isascii():
            continue
        runs = _RUNS.findall(chunk)
        broken = 0 if is_utf8(chunk) else sum(1 for run in runs if not is_utf8(run))
        if broken and not sample:
            sample = _around_first_broken(chunk)
        good, bad = good + len(runs) - broken, bad + broken
        if good + bad >= _ENOUGH_RUNS and (not bad or not good):
            break
    if bad > good and _reads_as_chinese(sample):
        return _GB18030
    if bad > good:
        return _UTF8._replace(note="most non-ASCII bytes are neither UTF-8 nor GB18030: those rows will be invalid")
    return _UTF8._replace(note=f"{bad:,} runs of bytes that are not UTF-8" if bad else None)


def _whole_letters(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks again, none of which ends inside a UTF-8 letter (at the end of the file one may)."""
    kept = first
    for chunk in chunks:
        cut = _LAST_LETTER.search(kept, max(0, len(kept) - 4))
        end = cut.start() if cut else len(kept)
        yield kept[:end]
        kept = kept[end:] + chunk
    yield kept


_LAST_LETTER = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")


def is_utf8(data: bytes) -> bool:
    """Whether all of it is UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _around_first_broken(chunk: bytes) -> bytes:
    first = next(match.start() for match in _RUNS.finditer(chunk) if not is_utf8(match.group()))
    return chunk[first : first + _SAMPLE_BYTES]


def _reads_as_chinese(sample: bytes) -> bool:
    """Most non-ASCII characters are the 3,755 common ones of GB 2312 or its punctuation.

    UTF-8 with a byte lost, Latin-1 or Shift-JIS read as GB18030 give rare characters instead.
    """
    text = codecs.getincrementaldecoder("gb18030")("replace").decode(sample)
    foreign = "".join(letter for letter in text if not letter.isascii())
    leads = foreign.encode("gb2312", "ignore")[::2]
    return bool(foreign) and sum(1 for lead in leads if lead <= 0xD7) >= _COMMON_SHARE * len(foreign)


def utf8_chunks(chunks: Iterator[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text as UTF-8 without byte order mark. What cannot be decoded stays as bytes that are not UTF-8."""
    first = next(chunks, b"").removeprefix(encoding.mark)
    pieces: Iterator[bytes] = chain([first], chunks)
    if encoding.codec != "utf-8":
        pieces = _transcoded(pieces, encoding.codec)
    yield from filter(None, pieces)  # an empty piece, such as half a letter makes, would be taken for the end


def _transcoded(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    codecs.register_error(_KEPT, _keep_bytes)
    decoder = codecs.getincrementaldecoder(codec)(_DECODE_ERRORS.get(codec, _KEPT))
    errors = _DECODE_ERRORS.get(codec, "surrogatepass")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", errors)
    if cut := decoder.getstate()[0]:
        yield b"\xff" + cut  # the file ends inside a character; ff is never UTF-8


#: A wrong byte of GB18030 comes through as itself; a lone half of a UTF-16 pair as the three bytes that UTF-8 forbids.
_DECODE_ERRORS = {"gb18030": "surrogateescape"}
_KEPT = "tunesmith.kept"


def _keep_bytes(error: UnicodeError) -> tuple[str | bytes, int]:
    """Half of a pair passes; each byte of what is no code point at all becomes one, so that none is lost."""
    try:
        return codecs.lookup_error("surrogatepass")(error)
    except UnicodeDecodeError as fault:
        wrong = fault.object[fault.start : fault.end]
        return "".join(chr(0xDC00 + byte) for byte in wrong), fault.end


def encoding_named(name: str) -> Encoding:
    """The encoding with that name as `FileInfo.encoding` shows it; its byte order mark is dropped if it is there."""
    return next(encoding for encoding in (*_MARKED, _GB18030) if encoding.name == name)

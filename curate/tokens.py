"""Tokens as 64-bit hashes, straight from the UTF-8 bytes of an Arrow column: no Python object a row.

>>> texts = TextRows.of(pa.array(["a b", None, "汉A"]))
>>> found = hash_tokens(texts, 0, 3)
>>> (found.ends - found.starts).tolist()
[2, 0, 2]

`tokens_of` in `codepoints.py` says what a token is. Its hash runs over the code points c of the folded token:
word ← (word ⊕ c) · MULTIPLIER from START, and ends with one round of mixing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.codepoints import ALONE, HARD, MARK, SEVERAL, WORD, code_points, fold
from tunesmith.curate.compiled import Scalar, compiled, inlined

Bytes = npt.NDArray[np.uint8]
Entries = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

# Persistent indexes hold what these give: a change orphans them, and the tests pin it. The multipliers are those of
# Steele and Vigna, Computationally easy, spectrally good multipliers (2021); the start is any number.
START = np.uint64(0x9C6D1E5AF2B84D37)
MULTIPLIER = np.uint64(0xD1342543DE82EF95)
FINISH = np.uint64(0xAF251AF3B0F025B5)

#: ㌖ is three bytes, and folds to キロメートル: six tokens. No code point has more for each of its bytes.
MOST_TOKENS_PER_BYTE = 2

_KIND = np.uint32(7)
_PAYLOAD = np.uint32(0x1FFFFF)
_PAYLOAD_AT = np.uint32(3)
_ORDER_AT = np.uint32(24)
_NO_ORDER = np.uint32(0)
_HALF = np.uint64(32)
_NOT_UTF8 = (0xFFFD, 1)


class TextRows(NamedTuple):
    """One chunk of a string column: row i is `data[starts[i]:ends[i]]`; a null is an empty row."""

    data: Bytes
    starts: Places
    ends: Places

    @classmethod
    def of(cls, array: Any) -> TextRows:
        """The buffers of an Arrow string array, not copied.

        :raises TypeError: where it is no array of strings.
        """
        wide = pa.types.is_large_string(array.type)
        if not wide and not pa.types.is_string(array.type):
            raise TypeError(f"expected an Arrow array of string or large_string, saw {array.type}")
        _, offset_buffer, data_buffer = array.buffers()
        if not len(array):  # its offsets may be missing altogether
            return cls(np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64))
        every = np.frombuffer(offset_buffer, np.int64 if wide else np.int32)
        offsets: Places = every[array.offset : array.offset + len(array) + 1].astype(np.int64)
        starts, ends = offsets[:-1], offsets[1:].copy()
        if array.null_count:  # what stands under a null is undefined, its length too
            nulls = array.is_null().to_numpy(zero_copy_only=False)
            ends[nulls] = starts[nulls]
        data = np.frombuffer(data_buffer, np.uint8) if data_buffer else np.empty(0, np.uint8)
        data.flags.writeable = False  # as a mapped file is: numba would compile each kind for itself
        return cls(data, starts, ends)


class TokenHashes(NamedTuple):
    """Row i has the tokens `hashes[starts[i]:ends[i]]`, in their order; the rows need not stand in order."""

    hashes: Hashes
    starts: Places
    ends: Places


def hash_tokens(texts: TextRows, first: int, last: int, *, keep_blank: bool = False) -> TokenHashes:
    """The tokens of rows `first` to `last` (exclusive), whose bytes may be any: what is not UTF-8 separates.

    :param keep_blank: a row without tokens gets one, the hash of its bytes.
    """
    tables = code_points()
    starts, ends = texts.starts[first:last], texts.ends[first:last]
    found = _room(int((ends - starts).sum()), last - first)
    hard = np.zeros(last - first, np.bool_)
    _hash_rows(texts.data, starts, ends, tables.ascii, tables.entries, tables.several, keep_blank, *found, hard)
    if not hard.any():
        return found
    raw = [bytes(texts.data[start:end]) for start, end in zip(starts[hard], ends[hard])]
    return _with_folded(found, np.flatnonzero(hard), raw, keep_blank)


def _room(n_bytes: int, n_rows: int) -> TokenHashes:
    # The bound costs address space only: pages that no token reaches are never touched.
    hashes = np.empty(MOST_TOKENS_PER_BYTE * n_bytes + n_rows, np.uint64)
    return TokenHashes(hashes, np.empty(n_rows, np.int64), np.empty(n_rows, np.int64))


def _with_folded(found: TokenHashes, rows: Places, raw: list[bytes], keep_blank: bool) -> TokenHashes:
    """Append the rows whose marks had to be composed or put in order first, which `unicodedata` does."""
    folded = [fold(text.decode("utf-8", "replace")).encode() for text in raw]
    ends = np.cumsum([len(text) for text in folded], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    data = np.frombuffer(b"".join(folded), np.uint8)
    tables = code_points()
    more = _room(len(data), len(rows))
    none = np.zeros(len(rows), np.bool_)
    _hash_rows(data, starts, ends, tables.ascii, tables.plain, tables.several, keep_blank, *more, none)
    n_before = int(found.ends.max())
    found.starts[rows] = more.starts + n_before
    found.ends[rows] = more.ends + n_before
    return found._replace(hashes=np.concatenate([found.hashes[:n_before], more.hashes[: more.ends[-1]]]))


@inlined
def _mixed(word: Scalar) -> Scalar:
    word = (word ^ (word >> _HALF)) * FINISH
    return word ^ (word >> _HALF)


@inlined
def _decoded(data: Bytes, place: Scalar, end: Scalar) -> tuple[Scalar, Scalar]:
    """Code point and length of the sequence at `place`, which starts with a byte above 0x7F; reads up to `end` only.

    Where it is not valid, one byte separates and the next is looked at again, so the tokens are those of
    `bytes.decode("utf-8", "replace")`.
    """
    lead = np.int64(data[place])
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC2 or lead > 0xF4 or place + length > end:
        return _NOT_UTF8
    code = lead & (0x7F >> length)
    for i in range(place + 1, place + length):
        if data[i] & 0xC0 != 0x80:
            return _NOT_UTF8
        code = code << 6 | np.int64(data[i] & 0x3F)
    if length == 3 and (code < 0x800 or code >> 11 == 0x1B):  # overlong, or a surrogate
        return _NOT_UTF8
    if length == 4 and not 0x10000 <= code < 0x110000:
        return _NOT_UTF8
    return code, length


@inlined
def _closed(word: Scalar, hashes: Hashes, found: Scalar) -> Scalar:
    """Write the open word, if there is one; the number of tokens then."""
    if word == START:
        return found
    hashes[found] = _mixed(word)
    return found + 1


@inlined
def _taken(entry: Scalar, word: Scalar, hashes: Hashes, found: Scalar) -> tuple[Scalar, Scalar]:
    """Take one folded code point; the open word and the number of tokens then."""
    kind = entry & _KIND
    code = np.uint64((entry >> _PAYLOAD_AT) & _PAYLOAD)
    if kind == WORD or (kind == MARK and word != START):
        return (word ^ code) * MULTIPLIER, found
    found = _closed(word, hashes, found)
    if kind == ALONE:
        found = _closed((START ^ code) * MULTIPLIER, hashes, found)
    return START, found


@inlined
def _hash_row(
    data: Bytes,
    place: Scalar,
    end: Scalar,
    ascii: Bytes,
    entries: Entries,
    several: Entries,
    hashes: Hashes,
    found: Scalar,
) -> Scalar:
    """Append the tokens of `data[place:end]`; their number then, or -1 where the text has to be folded first."""
    word = START  # the hash of the open word; START where none is open
    order: Scalar = _NO_ORDER  # combining class of the code point before
    while place < end:
        byte = data[place]
        if byte < 0x80:
            letter = ascii[byte]
            place += 1
            order = _NO_ORDER
            if letter:
                word = (word ^ np.uint64(letter)) * MULTIPLIER
            else:
                found = _closed(word, hashes, found)
                word = START
            continue
        code, length = _decoded(data, place, end)
        place += length
        entry = entries[code]
        kind = entry & _KIND
        if kind == SEVERAL:
            at = np.int64(entry >> _PAYLOAD_AT)
            for part in range(at + 1, at + 1 + np.int64(several[at])):
                word, found = _taken(several[part], word, hashes, found)
            order = _NO_ORDER
            continue
        if kind == HARD or order > entry >> _ORDER_AT > 0:
            return -1
        order = entry >> _ORDER_AT
        word, found = _taken(entry, word, hashes, found)
    return _closed(word, hashes, found)


@inlined
def _blank(data: Bytes, start: Scalar, end: Scalar) -> Scalar:
    """The hash of bytes without a token, from a start that no token has."""
    word = ~START
    for i in range(start, end):
        word = (word ^ np.uint64(data[i])) * MULTIPLIER
    return _mixed(word)


@compiled
def _hash_rows(
    data: Bytes,
    row_starts: Places,
    row_ends: Places,
    ascii: Bytes,
    entries: Entries,
    several: Entries,
    keep_blank: Scalar,
    hashes: Hashes,
    starts: Places,
    ends: Places,
    hard: npt.NDArray[np.bool_],
) -> None:
    """Fill `hashes`, `starts` and `ends`; mark in `hard` the rows that have to be folded first, which get no token."""
    found = 0
    for row in range(len(row_starts)):
        starts[row] = found
        start, end = row_starts[row], row_ends[row]
        after = _hash_row(data, start, end, ascii, entries, several, hashes, found)
        hard[row] = after < 0
        if after == found and keep_blank:
            hashes[found] = _blank(data, start, end)
            after += 1
        found = max(after, found)
        ends[row] = found

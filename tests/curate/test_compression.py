"""Packed files: joined streams are read on, and none of them is left out in silence."""

from __future__ import annotations

import lzma
from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.curate.files.compression import unpacked_chunks
from tunesmith.curate.io import open_input
from tunesmith.errors import InputError

FIRST, SECOND = b'{"text": "first"}\n', b'{"text": "second"}\n'


def _unpacked(folder: Path, data: bytes) -> bytes:
    path = folder / "rows.xz"
    path.write_bytes(data)
    return b"".join(unpacked_chunks(path, "xz", where="rows.xz"))


def test_joined_streams_of_xz_are_one_file_with_padding_or_without(tmp_path: Path) -> None:
    one, other = lzma.compress(FIRST), lzma.compress(SECOND)
    assert _unpacked(tmp_path, one + other) == FIRST + SECOND
    assert _unpacked(tmp_path, one + bytes(8) + other + bytes(4)) == FIRST + SECOND


def test_a_later_stream_of_xz_that_is_corrupt_is_an_error_and_not_the_end(tmp_path: Path) -> None:
    broken = bytearray(lzma.compress(SECOND))
    broken[30] ^= 0xFF
    with pytest.raises(InputError, match="corrupt or cut off"):
        _unpacked(tmp_path, lzma.compress(FIRST) + broken)
    with pytest.raises(InputError, match="corrupt or cut off"):
        _unpacked(tmp_path, lzma.compress(FIRST) + lzma.compress(SECOND)[:-5])
    with pytest.raises(InputError, match="corrupt or cut off"):
        _unpacked(tmp_path, lzma.compress(FIRST) + b"what follows")


def test_an_arrow_file_whose_offsets_lead_out_of_it_is_refused(tmp_path: Path) -> None:
    table = pa.table({"turns": [[{"text": "ab"}], [{"text": "cd"}]]})
    path = tmp_path / "rows.arrow"
    with pa.ipc.new_stream(str(path), table.schema) as sink:
        sink.write_table(table)
    whole = path.read_bytes()
    offsets = b"".join(number.to_bytes(4, "little") for number in (0, 2, 4))
    assert whole.count(offsets) == 1
    assert [row.data for row in open_input(path).rows()] == table.to_pylist()
    path.write_bytes(whole.replace(offsets, b"".join(n.to_bytes(4, "little") for n in (0, 0x7F000000, 4))))
    with pytest.raises(InputError, match="corrupt or cut off"):
        list(open_input(path).rows())

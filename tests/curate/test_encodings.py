"""Compression and text encodings, by content."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.files.compression import packed, unpacked_chunks
from tunesmith.curate.files.encodings import detect_encoding, encoding_named, utf8_chunks
from tunesmith.curate.io import describe, open_input
from tunesmith.errors import InputError

CHINESE = '{"instruction": "高血压患者应该注意什么？", "output": "低盐饮食，规律服药，定期测量血压。"}\n'


def chunks(data: bytes, size: int = 7) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def text_of(data: bytes, size: int = 7) -> bytes:
    encoding = encoding_named(detect_encoding(iter([data])).name)
    return b"".join(utf8_chunks(chunks(data, max(size, 4)), encoding))


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16LE"),
        ("utf-16-le", "UTF-16LE"),
        ("utf-16-be", "UTF-16BE"),
        ("utf-32", "UTF-32LE"),
        ("gb18030", "GB18030"),
    ],
)
def test_an_encoding_is_detected_and_its_text_is_whole(codec: str, name: str) -> None:
    data = (CHINESE * 20).encode(codec)
    assert detect_encoding(iter([data])).name == name
    assert text_of(data).decode() == CHINESE * 20


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_of_plain_chinese_needs_no_mark(codec: str) -> None:
    text = "一个人一生中最重要的一件事是什么？\n健康是第一位的。\n" * 30
    assert detect_encoding(iter([text.encode(codec)])).codec == codec


def test_utf16_of_ascii_needs_no_mark() -> None:
    assert detect_encoding(iter(['{"text": "a"}\n'.encode("utf-16-le")])).name == "UTF-16LE"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff")), st.integers(4, 50))
def test_text_comes_through_any_chunks(text: str, size: int) -> None:
    for name, codec in (("UTF-16LE", "utf-16-le"), ("UTF-16BE", "utf-16-be"), ("GB18030", "gb18030")):
        data = text.encode(codec)
        assert b"".join(utf8_chunks(chunks(data, size), encoding_named(name))).decode() == text


def test_utf8_with_a_few_broken_rows_is_utf8() -> None:
    data = CHINESE.encode() * 5 + b'{"text": "\xd6\xd0\xce\xc4"}\n'
    found = detect_encoding(iter([data]))
    assert (found.name, found.note) == ("UTF-8", "1 runs of bytes that are not UTF-8")


@pytest.mark.parametrize(
    "broken",
    [b"caf\xe9", b"\xff\xfe\xfd", "中文".encode()[:2], "血压".encode()[1:], "Größe".encode("latin-1"), b"\xc3\x28"],
)
def test_one_broken_run_is_no_proof_of_chinese(broken: bytes) -> None:
    assert detect_encoding(iter([b'{"text": "' + broken + b'"}\n'])).name == "UTF-8"


@pytest.mark.parametrize("codec", ["shift-jis", "latin-1", "cp1251", "big5"])
def test_other_encodings_are_not_taken_for_gb18030(codec: str) -> None:
    text = {
        "shift-jis": "これは日本語の文章です。ひらがなとカタカナを含みます。",
        "latin-1": "Größe façade naïve élève où",
        "cp1251": "Это простой русский текст для проверки",
        "big5": "這是一段繁體中文的測試資料，用來檢查編碼的偵測。",
    }[codec]
    found = detect_encoding(iter([text.encode(codec)]))
    assert found.name == "UTF-8"
    assert "neither UTF-8 nor GB18030" in str(found.note)


def test_ascii_with_a_few_zero_bytes_is_not_utf16() -> None:
    assert detect_encoding(iter([b'{"text": "a\x00b"}\n' * 3])).name == "UTF-8"


def test_gb18030_after_megabytes_of_ascii_is_read(tmp_path: Path) -> None:
    ascii_row = '{"text": "' + "a" * 80 + '"}\n'
    path = tmp_path / "late.jsonl"
    path.write_bytes((ascii_row * 30_000 + CHINESE * 3).encode("gb18030"))
    source = open_input(path)
    assert source.files[0].encoding == "GB18030"
    assert source.files[0].notes == ("GB18030, detected from bytes that are not UTF-8",)
    last = list(source.rows(skip=30_002))
    assert [(row.position, row.data) for row in last] == [(30_003, CHINESE.strip().encode())]


def test_a_letter_across_two_chunks_is_not_broken() -> None:
    data = "中".encode() * 100
    for size in (1, 2, 3, 4, 5):
        assert detect_encoding(chunks(data, size)).note is None


def test_a_wrong_byte_in_gb18030_is_one_invalid_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(CHINESE.encode("gb18030") * 3 + b'{"text": "\xff"}\n' + CHINESE.encode("gb18030"))
    rows = list(open_input(path).rows())
    assert [row.error.code if row.error else None for row in rows] == [None, None, None, "invalid_utf8", None]


@pytest.mark.parametrize(("codec", "half"), [("utf-16-le", b"\x00\xd8"), ("utf-16-be", b"\xd8\x00")])
def test_half_a_pair_in_utf16_is_one_invalid_row(tmp_path: Path, codec: str, half: bytes) -> None:
    path = tmp_path / "a.jsonl"
    broken = '{"text": "'.encode(codec) + half + '"}\n'.encode(codec)
    path.write_bytes(CHINESE.encode(codec) * 2 + broken + CHINESE.encode(codec))
    rows = list(open_input(path).rows())
    assert [row.error.code if row.error else None for row in rows] == [None, None, "invalid_utf8", None]


def test_utf16_that_ends_inside_a_letter_keeps_an_invalid_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(CHINESE.encode("utf-16") + '{"a'.encode("utf-16-le")[:-1])
    rows = list(open_input(path).rows())
    assert [row.error.code if row.error else None for row in rows] == [None, "invalid_utf8"]


def pack(data: bytes, compression: str) -> bytes:
    if compression == "zst":
        return bytes(pa.Codec("zstd").compress(data, asbytes=True))
    return gzip.compress(data) if compression == "gz" else lzma.compress(data)


@pytest.mark.parametrize("compression", ["gz", "xz", "zst"])
class TestCompressed:
    def test_joined_members_are_read_on(self, tmp_path: Path, compression: str) -> None:
        path = tmp_path / "a.bin"
        path.write_bytes(pack(b'{"a":1}\n', compression) + pack(b'{"a":2}\n', compression))
        assert [row.data for row in open_input(path).rows()] == [b'{"a":1}', b'{"a":2}']
        assert describe(path).compression == compression

    def test_a_cut_file_is_an_error(self, tmp_path: Path, compression: str) -> None:
        data = b"".join(b'{"text": "%d %d"}\n' % (n, n * n * 7919) for n in range(40_000))
        path = tmp_path / f"a.jsonl.{compression}"
        packed_data = pack(data, compression)
        path.write_bytes(packed_data[: len(packed_data) * 3 // 4])
        with pytest.raises(InputError, match=r"corrupt or cut off( after [1-9][\d,]* unpacked bytes)? \(.*again"):
            sum(1 for _ in open_input(path).rows())

    def test_damage_in_the_middle_is_an_error(self, tmp_path: Path, compression: str) -> None:
        packed_data = bytearray(pack(b'{"a":1}\n{"b":2}\n' * 50, compression))
        packed_data[len(packed_data) // 2 :: 3] = b"\x55" * len(packed_data[len(packed_data) // 2 :: 3])
        path = tmp_path / "a.jsonl"
        path.write_bytes(packed_data)
        with pytest.raises(InputError, match="corrupt or cut off"):
            list(open_input(path).rows())

    def test_nothing_inside_is_an_error(self, tmp_path: Path, compression: str) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(pack(b"", compression))
        with pytest.raises(InputError, match="unpacks to nothing"):
            open_input(path)

    def test_the_same_bytes_pack_to_the_same_bytes(self, tmp_path: Path, compression: str) -> None:
        for name in ("a", "b"):
            with packed(tmp_path / name, compression) as file:
                file.write(b"rows\n" * 1000)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
        assert b"".join(unpacked_chunks(tmp_path / "a", compression, where="a")) == b"rows\n" * 1000

    def test_a_reader_may_stop_early(self, tmp_path: Path, compression: str) -> None:
        path = tmp_path / "a"
        path.write_bytes(pack(b"x" * 20_000_000, compression))
        stream = unpacked_chunks(path, compression, where="a")
        assert next(stream).startswith(b"xxx")
        stream.close()  # type: ignore[attr-defined]

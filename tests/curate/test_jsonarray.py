"""The elements of a JSON array, cut out of a stream."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.curate.files.jsonarray import split_array
from tunesmith.curate.files.rawrows import RawRow
from tunesmith.curate.io import open_input


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def rows_of(path: Path) -> list[RawRow]:
    return list(open_input(path).rows())


def values(path: Path) -> list[Any]:
    return [json.loads(row.data) if isinstance(row.data, bytes) else row.data for row in rows_of(path)]


def codes(path: Path) -> list[str | None]:
    return [row.error.code if row.error else None for row in rows_of(path)]


#: JSON with what makes element boundaries hard.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('{}[],"\\ a你', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('{["\\', max_size=3), inner, max_size=3),
    max_leaves=12,
)


class TestJsonArray:
    @given(st.lists(JSON), st.integers(1, 30), st.sampled_from([None, 1]), st.booleans())
    def test_any_chunks_give_the_elements(
        self, elements: list[Any], size: int, indent: int | None, plain: bool
    ) -> None:
        data = json.dumps(elements, indent=indent, ensure_ascii=plain).encode()
        found = list(split_array(chunks(data, size)))
        assert [json.loads(element) for batch in found for element in batch.elements] == elements
        assert (found[-1].closed, found[-1].rest) == (True, b"")

    @given(st.text('{}[]",\\ a:1', max_size=60), st.integers(1, 9))
    def test_no_byte_is_lost_whatever_the_file_holds(self, text: str, size: int) -> None:
        data = b"[" + text.encode()
        found = list(split_array(chunks(data, size)))
        kept = b"".join(element for batch in found for element in batch.elements) + found[-1].rest
        taken, given = (re.sub(rb"[\s,]", b"", part) for part in (kept, data[1:]))
        assert taken == given or (found[-1].closed and len(taken) == len(given) - 1)

    @given(st.text('{}[]",\\ a:1', max_size=60), st.integers(1, 9))
    def test_chunks_do_not_change_the_elements(self, text: str, size: int) -> None:
        data = b"[" + text.encode()
        whole, parts = (list(split_array(chunks(data, n))) for n in (len(data), size))
        assert [e for batch in whole for e in batch.elements] == [e for batch in parts for e in batch.elements]
        assert whole[-1][1:] == parts[-1][1:]

    def test_deep_nesting_is_one_element(self, tmp_path: Path) -> None:
        deep = '{"a":' * 50 + '"]}"' + "}" * 50
        assert [row.data for row in rows_of(write(tmp_path / "a.json", f"[{deep}, {deep}]"))] == [deep.encode()] * 2

    def test_an_error_inside_stays_inside(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", r'[{"a": NaN}, {"b": "\x"}, {"c": 1]}, {"d": 1}]')
        assert [row.data for row in rows_of(path)] == [b'{"a": NaN}', rb'{"b": "\x"}', b'{"c": 1]', b"}", b'{"d": 1}']

    @pytest.mark.parametrize(
        ("text", "data", "message"),
        [
            ('[{"a":1},{"a":', b'{"a":', "the file ends inside element 2"),
            ('[{"a":1},{"a":"x', b'{"a":"x', "the file ends inside element 2"),
            ('[{"a":1},\n', b"", "ends after element 1, before the array's closing bracket"),
            ('[{"a":1}] and more', b"and more", "8 bytes follow the array's closing bracket"),
        ],
    )
    def test_a_bad_end_is_one_row(self, tmp_path: Path, text: str, data: bytes, message: str) -> None:
        first, last = rows_of(write(tmp_path / "a.json", text))
        assert (first.position, first.data, first.error) == (1, b'{"a":1}', None)
        assert (last.position, last.data) == (2, data)
        assert last.error is not None
        assert last.error.code == "invalid_json"
        assert message in str(last.error)

    def test_a_missing_comma_loses_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", '[{"a":1} {"a":2}, {"a":3},]')
        assert values(path) == [{"a": 1}, {"a": 2}, {"a": 3}]

    def test_a_broken_byte_spoils_its_own_element_only(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", b'[{"a":"\xe4\xbd\xa0"},{"a":"\xff"},{"a":3}]')
        assert codes(path) == [None, "invalid_utf8", None]

    def test_other_encodings_are_cut_alike(self, tmp_path: Path) -> None:
        text = json.dumps([{"a": "你好，世界。今天天气很好"}] * 3, ensure_ascii=False)
        for codec in ("utf-8-sig", "utf-16", "gb18030"):
            assert values(write(tmp_path / f"{codec}.json", text.encode(codec))) == json.loads(text)

    def test_real_arrays_equal_the_parsed_ones(self, shared_data: Path) -> None:
        for name in ("alpaca_zh_demo.json", "glaive_toolcall_en_demo.json", "identity.json"):
            assert values(shared_data / name) == json.loads((shared_data / name).read_bytes())


BIG_ARRAY = r"""
import re, sys
from pathlib import Path
from tunesmith.curate.io import open_input
rows = size = 0
for row in open_input(sys.argv[1]).rows():
    rows += 1
    size += len(row.data)
    assert row.error is None
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the process that started this one
print(rows, size, int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024)
"""


def test_an_array_of_300_megabytes_on_one_line_needs_little_memory(tmp_path: Path) -> None:
    path, element = (
        tmp_path / "big.json",
        b'{"instruction": "' + "你好 hello ".encode() * 100 + b'", "tags": ["a", "]"]}',
    )
    block = b", ".join([element] * 1000)
    blocks = 300_000_000 // len(block) + 1
    with path.open("wb") as file:
        file.write(b"[")
        for number in range(blocks):
            file.write((b", " if number else b"") + block)
        file.write(b"]")
    done = subprocess.run(
        [sys.executable, "-c", BIG_ARRAY, str(path)], capture_output=True, text=True, check=False, timeout=120
    )
    path.unlink()
    assert done.returncode == 0, done.stderr
    rows, size, peak_mib = map(int, done.stdout.split())
    assert (rows, size) == (blocks * 1000, blocks * 1000 * len(element))
    assert peak_mib < 250

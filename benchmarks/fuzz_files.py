"""Fuzzing the readers: files of every container, encoding and compression, each row accounted for.

An input is the file's name, a line break, the file's bytes. What the reader gives is held against slow and obvious
versions (`fuzz_oracles.py`), read again in pieces of a few bytes, and read on from its middle.
"""

from __future__ import annotations

import csv
import gzip
import io
import lzma
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fuzz_bytes import mutated
from fuzz_oracles import check_rows, unpacked
from fuzz_seeds import rows as seed_rows
from fuzz_seeds import texts as seed_texts
from fuzz_types import Target, hold
from fuzz_values import as_text, changed

from tunesmith.curate.files import compression
from tunesmith.curate.files.columnar import packed_row
from tunesmith.curate.formats.base import FORM
from tunesmith.curate.ingest import Plan, convert, read_source
from tunesmith.curate.io import Input, RawRow, open_input
from tunesmith.curate.privacy_found import KINDS
from tunesmith.curate.progress import Progress
from tunesmith.curate.shards import beside, finished_pairs
from tunesmith.curate.stages import read_table
from tunesmith.curate.treatment import Treatment
from tunesmith.errors import InternalError, TunesmithError

_NAMES = ("a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.dat", "a.ndjson", "a")
_ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "latin-1")
#: Bytes of a piece for short files and for others; a byte order mark is never cut.
_PIECE_BYTES, _LONG_PIECE_BYTES, _SHORT = 5, 61, 300
_TREATMENT = Treatment({"name": "Tunesmith"}, ("mojibake", "control", "html", "whitespace"), None, KINDS)


def _lines(random: Random) -> bytes:
    return b"\n".join(as_text(_row(random), random) for _ in range(random.randrange(1, 6)))


def _array(random: Random) -> bytes:
    between = random.choice((b",", b",\n", b",\n  ", b" ,\r\n"))
    return b"[" + between.join(as_text(_row(random), random) for _ in range(random.randrange(5))) + b"]"


def _table(random: Random) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=random.choice(",,\t;"), lineterminator=random.choice(("\n", "\r\n")))
    writer.writerow(
        random.choice((["prompt", "answer"], ["question", "answer", "id"], ["text"], ["instruction", "output"]))
    )
    for _ in range(random.randrange(6)):
        writer.writerow([_text(random) for _ in range(random.choice((1, 2, 2, 2, 3)))])
    return file.getvalue().encode("utf-8", "surrogatepass")


def _plain(random: Random) -> bytes:
    return b"\n".join(random.choice(seed_texts()) for _ in range(random.randrange(1, 4)))


def _text(random: Random) -> str:
    return random.choice(seed_texts()).decode("utf-8", "replace")


def _row(random: Random) -> Any:
    row = random.choice(seed_rows())
    return changed(row, random) if random.random() < 0.3 else row


def _encoded(data: bytes, random: Random) -> bytes:
    name = random.choice(_ENCODINGS)
    return data if name == "utf-8" else data.decode("utf-8", "replace").encode(name, "replace")


def _content(random: Random) -> bytes:
    data = random.choice((_lines, _lines, _array, _table, _plain))(random)
    if random.random() < 0.2:
        data = _encoded(data, random)
    return mutated(data, random, seed_texts()) if random.random() < 0.9 else data


def make_file(random: Random) -> bytes:
    """A text file."""
    return random.choice(_NAMES).encode() + b"\n" + _content(random)


def make_packed(random: Random) -> bytes:
    """A packed file: its bytes wrong after packing, or before, or both."""
    packer = random.choice((_gzip, lzma.compress, _zstd))
    data = packer(_content(random))
    if random.random() < 0.2:
        data += packer(_content(random))
    if random.random() < 0.6:
        data = mutated(data, random, seed_texts())
    return random.choice(_NAMES).encode() + random.choice((b"", b".gz", b".xz", b".zst")) + b"\n" + data


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def _zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def make_columnar(random: Random) -> bytes:
    """A Parquet or Arrow file, mostly with some bytes wrong."""
    made = (_row(random) for _ in range(random.randrange(1, 4)))
    several = [row for row in made if isinstance(row, dict) and isinstance(row.get(FORM, {}), dict)]
    try:
        data = random.choice((_parquet, _arrow))(pa.Table.from_pylist([*map(packed_row, several)]), random)
    except (
        pa.ArrowException,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
    ):  # two types in one column, or too deep
        data = _arrow(pa.table({"text": pa.array([_text(random) for _ in several])}), random)
    if random.random() < 0.8:
        data = mutated(data, random, seed_texts())
    return b"a.parquet\n" + data


def _parquet(table: pa.Table, random: Random) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, compression=random.choice(("none", "snappy", "zstd")))
    return file.getvalue()


def _arrow(table: pa.Table, random: Random) -> bytes:
    file = io.BytesIO()
    with random.choice((pa.ipc.new_file, pa.ipc.new_stream))(file, table.schema) as sink:
        sink.write_table(table)
    return file.getvalue()


def check_files(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Read each file in every way."""
    return [_check_file(data, folder) for data in inputs]


def _check_file(data: bytes, folder: Path) -> bool:
    path, content = _written(data, folder)
    try:
        source = open_input(path)
        found = list(source.rows())
    except InternalError:
        raise
    except TunesmithError:
        return False
    info = source.files[0]
    plain = unpacked(content, info.compression)
    check_rows(info, plain, found)
    said = list(map(_said, found))
    middle = len(said) // 2
    hold([_said(row) for row in source.rows(middle)] == said[middle:], "reading on from the middle gives other rows")
    with pieces_of(_PIECE_BYTES if len(content) < _SHORT else _LONG_PIECE_BYTES):
        hold(list(map(_said, source.rows())) == said, "reading in small pieces gives other rows")
    _check_records(found)
    _check_places(source, found)
    return True


def _written(data: bytes, folder: Path) -> tuple[Path, bytes]:
    name, _, content = data.partition(b"\n")
    path = folder / name.decode()
    path.write_bytes(content)
    return path, content


def _said(row: RawRow) -> tuple[Any, ...]:
    """What of a row can be compared: errors are equal when their words are; a NaN within a value is one too."""
    return row.position, repr(row.data), row.error and (row.error.code, str(row.error))


@contextmanager
def pieces_of(n_bytes: int) -> Iterator[None]:
    """Read files in pieces of this size."""
    before = compression.CHUNK_BYTES
    compression.CHUNK_BYTES = n_bytes
    try:
        yield
    finally:
        compression.CHUNK_BYTES = before


def _check_records(found: list[RawRow]) -> None:
    """Each row becomes a record or has a reason."""
    outcomes = [convert(row, None) for row in found]
    hold([one.position for one in outcomes] == [row.position for row in found], "a row changed its position")
    hold(all(one.invalid or one.content_id for one in outcomes), "a row is neither a record nor invalid")
    hold(all(one.invalid for one, row in zip(outcomes, found) if row.error), "a row with an error became a record")


def _check_places(source: Input, found: list[RawRow]) -> None:
    positions = [row.position for row in found]
    hold(positions == sorted(set(positions)), "positions repeat or do not ascend")
    if positions:
        hold(str(positions[-1]) in source.locate(positions[-1]), "the last row is not found at its place")


def check_ingest(inputs: Sequence[bytes], folder: Path) -> list[bool]:
    """Convert each file into shards: as many rows come out as go in, each with its bytes and its verdict."""
    return [_check_ingest(data, folder) for data in inputs]


def _check_ingest(data: bytes, folder: Path) -> bool:
    path, _ = _written(data, folder)
    out = folder / "shards"
    for old in out.glob("*"):
        old.unlink()
    try:
        source = open_input(path)
        found = list(source.rows())
        n_rows = read_source(Plan("a", source, None, _TREATMENT), out, Progress())
    except InternalError:
        raise
    except TunesmithError:
        return False
    hold(n_rows == len(found), f"the reader gave {len(found)} rows, and {n_rows} were counted")
    columns = [read_table(beside(shard, "columns")).to_pydict() for shard in finished_pairs(out)]
    raws = [raw for shard in finished_pairs(out) for raw in read_table(shard).column("raw").to_pylist()]
    positions = [position for shard in columns for position in shard["position"]]
    hold(positions == [row.position for row in found], "the shards hold other rows than the file")
    whole = all(raw == row.data for raw, row in zip(raws, found) if isinstance(row.data, bytes))
    hold(whole, "a shard holds other bytes than the file")
    verdicts = [bool(i) != bool(c) for shard in columns for i, c in zip(shard["invalid"], shard["content_id"])]
    hold(all(verdicts), "a row has neither a content id nor a reason, or both")
    return True


TARGETS = (
    Target("files", make_file, check_files, share=80),
    Target("packed files", make_packed, check_files, share=5),
    Target("columnar files", make_columnar, check_files, share=20),
    Target("ingest", make_file, check_ingest, share=2),
)

"""Embeddings on disk: pieces by the digest of the text, from which the matrix of a run is made and mapped into memory.

    embeddings-<model>/piece-00000.arrow     keys, steps, whether truncated, unknown share

>>> text_key("发烧怎么办？").hex()
'a78bce9907aa9d9b91792f087cfe5c26'
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from tunesmith.curate.embedding_grid import CHUNK, Flags, Grid, as_grid
from tunesmith.curate.files.atomic import atomic_path
from tunesmith.curate.stages import is_whole, read_table, write_table

Shares = npt.NDArray[np.float32]


class Measured(NamedTuple):
    """A piece: what one distinct text after the other came to."""

    keys: Sequence[bytes]
    steps: npt.NDArray[np.int16]
    truncated: Flags
    unknown: Shares


def text_key(text: str) -> bytes:
    """The 16 bytes that name a text."""
    return xxhash.xxh3_128_digest(text.encode("utf-8", "surrogatepass"))


def cache_name(model_digest: str) -> str:
    """The folder of a model's embeddings in the stage cache; a run that used it has to keep it."""
    return f"embeddings-{model_digest}"


class EmbeddingCache:
    """The embeddings of one model. Knows its keys; the vectors stay on disk."""

    def __init__(self, cache: Path, model_digest: str, dimension: int) -> None:
        self._folder = cache / cache_name(model_digest)
        self._folder.mkdir(exist_ok=True)
        self._dimension = dimension
        found = sorted(self._folder.glob("piece-*.arrow"))
        self._next = int(found[-1].stem.removeprefix("piece-")) + 1 if found else 0  # one that is lost leaves a gap
        self._pieces = [path for path in found if is_whole(path)]
        self._places: dict[bytes, tuple[int, int]] = {}
        for number, path in enumerate(self._pieces):
            self._remember(number, read_table(path)["key"].to_pylist())

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def add(self, piece: Measured) -> None:
        """Write a piece, whole or not at all."""
        path = self._folder / f"piece-{self._next:05d}.arrow"
        width = 2 * self._dimension
        flat = pa.py_buffer(np.ascontiguousarray(piece.steps, "<i2"))
        columns = {
            "key": pa.array(piece.keys, pa.binary(16)),
            "steps": pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(piece.keys), [None, flat]),
            "truncated": pa.array(piece.truncated),
            "unknown": pa.array(piece.unknown, pa.float32()),
        }
        write_table(path, pa.table(columns))
        self._remember(len(self._pieces), piece.keys)
        self._pieces.append(path)
        self._next += 1

    def matrix(self, keys: Sequence[bytes]) -> tuple[Grid, Flags, Shares]:
        """The embedding of each row, mapped; whether it was truncated; its unknown share.

        The file of the matrix loses its name as soon as it is mapped: it takes no room when nobody holds it.

        :param keys: of each row; one that was never added stands for no text.
        :raises OutputError: where the disk has no room for it.
        """
        truncated, unknown = np.zeros(len(keys), bool), np.zeros(len(keys), np.float32)
        places = np.array([self._places.get(key, (-1, -1)) for key in keys], np.int64).reshape(-1, 2)
        pieces = [_columns(read_table(path), self._dimension) for path in self._pieces]
        path, shape = self._folder / "rows.steps", (len(keys), self._dimension)
        with atomic_path(path) as part, part.open("wb") as sink:
            for first in range(0, len(keys), CHUNK):
                rows = slice(first, first + CHUNK)
                steps, truncated[rows], unknown[rows] = _gather(pieces, places[rows], self._dimension)
                sink.write(steps.tobytes())
        mapped = np.memmap(path, "<i2", "r", shape=shape) if len(keys) else np.empty(shape, "<i2")
        path.unlink()
        return as_grid(mapped), truncated, unknown

    def _remember(self, number: int, keys: Sequence[bytes]) -> None:
        for place, key in enumerate(keys):
            self._places.setdefault(key, (number, place))


_Columns = tuple[npt.NDArray[np.int16], Flags, Shares]


def _columns(piece: pa.Table, dimension: int) -> _Columns:
    """Steps, truncated and unknown of a piece; the steps stay on disk until they are looked at."""
    (steps,) = piece["steps"].chunks  # it was written as one batch
    flat = np.frombuffer(steps.buffers()[1], "<i2").reshape(-1, dimension)
    return flat[steps.offset : steps.offset + len(piece)], piece["truncated"].to_numpy(), piece["unknown"].to_numpy()


def _gather(pieces: Sequence[_Columns], places: npt.NDArray[np.int64], dimension: int) -> _Columns:
    """The columns of some rows, each from its piece and the place in it; zeros for a row that is in none."""
    gathered = (
        np.zeros((len(places), dimension), "<i2"),
        np.zeros(len(places), bool),
        np.zeros(len(places), np.float32),
    )
    numbers = places[:, 0]
    for number in np.unique(numbers[numbers >= 0]).tolist():
        rows = np.flatnonzero(numbers == number)
        for target, column in zip(gathered, pieces[number]):
            target[rows] = column[places[rows, 1]]
    return gathered

"""Embeddings of many texts: whatever model makes them, each distinct text is embedded once and kept in the cache.

The cache is by the digest of the text, not by the content id of its row: what is embedded is the text after cleaning
and edits, and which side of a row it is makes no difference. It is written in pieces of some thousand texts, each whole
or not at all, so a killed run goes on after its last piece.

>>> from pathlib import Path
>>> from tunesmith.curate.embedding_model import open_embedder
>>> embedder = open_embedder("models/multilingual-minilm")  # doctest: +SKIP
>>> texts = [pa.array(["发烧怎么办？", "What helps against a fever?", ""])]  # doctest: +SKIP
>>> embed_rows(texts, embedder, Path("out/.stages"), n_rows=3).grid.steps.shape  # doctest: +SKIP
(3, 384)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.embedding_cache import EmbeddingCache, Measured, text_key
from tunesmith.curate.embedding_grid import Flags, Grid, to_grid
from tunesmith.curate.progress import Progress

#: Texts that are sorted by length, embedded and written together. A killed run loses at most one piece.
PIECE_TEXTS = 2048
_TEXTS_A_STEP = 128  # between two signs of progress


class Reading(NamedTuple):
    """What a model sees of texts; arrays of shape `(n_texts,)`.

    `truncated`: whether the text is longer than what the model reads. `unknown`: the share of tokens that its
    vocabulary does not have, 0 to 1.
    """

    truncated: Flags
    unknown: npt.NDArray[np.float32]


class Embedder(Protocol):
    """A model that turns texts into vectors. `digest` differs as soon as any vector may."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def dimension(self) -> int: ...

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """Vectors of length 1, float32, shape `(n_texts, dimension)`. A text's vector does not depend on the others."""
        ...

    def read(self, texts: list[str]) -> Reading:
        """How much of each text the model sees."""
        ...


class Embedded(NamedTuple):
    """Embeddings of the rows of a run, and what the model saw of them; one entry a row.

    A row without a text has an embedding of zeros and is alike to nothing.
    """

    grid: Grid
    truncated: Flags
    unknown: npt.NDArray[np.float32]


def embed_rows(
    texts: Iterable[pa.Array],
    embedder: Embedder,
    cache: Path,
    *,
    n_rows: int,
    progress: Progress | None = None,
    title: str = "embedding",
) -> Embedded:
    """Embed one text of each row; what the cache holds is not embedded again.

    :param texts: arrays of `string` that follow each other, `n_rows` values in all; null or blank for none. They are
        gone through once, so memory never holds all of them.
    :param cache: a folder for the pieces and the matrix, which is mapped and not read; one for each model inside.
    :raises OutputError: where the cache cannot be written.
    """
    store = EmbeddingCache(cache, embedder.digest, embedder.dimension)
    found: list[bytes] = []
    waiting: dict[bytes, str] = {}
    with (progress or Progress()).stage(title, total=n_rows, unit="rows") as advance:
        for chunk in texts:
            keyed = [_keyed(text) for text in chunk.to_pylist()]
            new = {key: text for key, text in keyed if text and key not in store and key not in waiting}
            found += [key for key, _ in keyed]
            waiting |= new
            advance(len(keyed) - len(new))
            while len(waiting) >= PIECE_TEXTS:
                _write_piece(store, embedder, waiting, advance)
        if waiting:
            _write_piece(store, embedder, waiting, advance)
    if len(found) != n_rows:
        raise ValueError(f"expected {n_rows} texts, saw {len(found)}")
    return Embedded(*store.matrix(found))


def _keyed(text: str | None) -> tuple[bytes, str]:
    """The key of a text, and the text; of a row without one, a key that no text has."""
    return (text_key(text), text) if text and not text.isspace() else (b"", "")


def _write_piece(
    store: EmbeddingCache, embedder: Embedder, waiting: dict[bytes, str], advance: Callable[[int], None]
) -> None:
    """Embed the first that wait, the shortest first, since a batch costs as much as its longest text; forget them."""
    taken = list(islice(waiting, PIECE_TEXTS))
    keys = sorted(taken, key=lambda key: (len(waiting[key]), key))
    steps = np.empty((len(keys), embedder.dimension), np.int16)
    truncated, unknown = np.empty(len(keys), bool), np.empty(len(keys), np.float32)
    for first in range(0, len(keys), _TEXTS_A_STEP):
        mine = slice(first, first + _TEXTS_A_STEP)
        texts = [waiting[key] for key in keys[mine]]
        steps[mine] = to_grid(embedder.encode(texts)).steps
        truncated[mine], unknown[mine] = embedder.read(texts)
        advance(len(texts))
    store.add(Measured(keys, steps, truncated, unknown))
    for key in taken:
        del waiting[key]

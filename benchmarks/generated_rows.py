"""As many rows as wanted, made by editing real ones, with a fixed share of near-duplicates.

Row i is a function of the seed and i alone, so a shorter data set is the start of a longer one. Most rows are
*originals*: a real row with every seventh word or so replaced by one that occurs nowhere else, which leaves about half
of its 5-grams and brings it far below any threshold with the other rows made of the same real row. The others are
*copies*: an earlier original with one word in forty replaced, at most.

>>> rows = GeneratedRows([Pieces.of(" ".join(f"w{i}" for i in range(60)))], copies=0.5, seed=3)
>>> n_copies = sum(rows.original_of(i) != i for i in range(100)); 35 < n_copies < 65
True
>>> rows.text(7) == rows.text(7), rows.text(7) == rows.text(8)
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

import pyarrow as pa

#: Rows of fewer words are not used: one edit would bring them below .7.
FEWEST_PIECES = 40
#: Longer ones are cut, so that a hundred giants do not decide the cost.
MOST_PIECES = 600
REPLACED = 0.15
_LETTERS = "bcdfghjklmnpqrstvwxz"
_HAN_FIRST, _HAN_LAST = 0x4E00, 0x9FA5
_BATCH = 20_000


class Pieces(NamedTuple):
    """A real row: words, or characters where it is Chinese, and what joins them."""

    pieces: list[str]
    joiner: str

    @staticmethod
    def of(text: str) -> Pieces:
        """Characters where Chinese ones are most of it."""
        n_han = sum("\u4e00" <= character <= "\u9fff" for character in text)
        pieces, joiner = ([*text], "") if 2 * n_han > len(text) else (text.split(), " ")
        return Pieces(pieces[:MOST_PIECES], joiner)


class GeneratedRows:
    """Rows over a pool of real ones. `copies` is the share of near-duplicates, of any number of rows."""

    def __init__(self, pool: list[Pieces], *, copies: float, seed: int) -> None:
        self._pool, self._copies, self._seed = pool, copies, seed

    def original_of(self, number: int) -> int:
        """The row that row `number` is a copy of; itself for an original."""
        random = self._random(number)
        if number == 0 or random.random() >= self._copies:
            return number
        while True:  # row 0 is an original, so it ends
            other = random.randrange(number)
            if other == 0 or self._random(other).random() >= self._copies:
                return other

    def text(self, number: int) -> str:
        """One row."""
        original = self.original_of(number)
        pieces, joiner = self._original(original)
        if original != number:
            random = self._random(-number)
            _replace(pieces, joiner, random.randint(1, max(1, len(pieces) // 40)), random)
        return joiner.join(pieces)

    def column(self, n_rows: int) -> pa.ChunkedArray:
        """The first rows as an Arrow column."""
        chunks = [
            pa.array([self.text(i) for i in range(first, min(first + _BATCH, n_rows))], pa.large_string())
            for first in range(0, n_rows, _BATCH)
        ]
        return pa.chunked_array(chunks)

    def _original(self, number: int) -> Pieces:
        random = self._random(number)
        random.random()
        pieces, joiner = random.choice(self._pool)
        pieces = [*pieces]
        _replace(pieces, joiner, round(REPLACED * len(pieces)), random)
        return Pieces(pieces, joiner)

    def _random(self, number: int) -> Random:
        return Random((self._seed << 40) ^ (number & 0xFFFFFFFFFF))


def pool_of(texts: Iterable[str]) -> list[Pieces]:
    """The real rows that are long enough."""
    found = map(Pieces.of, texts)
    return [row for row in found if len(row.pieces) >= FEWEST_PIECES]


def _replace(pieces: list[str], joiner: str, n_replaced: int, random: Random) -> None:
    for place in random.sample(range(len(pieces)), n_replaced):
        pieces[place] = _rare(random) if joiner else chr(random.randint(_HAN_FIRST, _HAN_LAST))


def _rare(random: Random) -> str:
    """One of 64 million words of six consonants."""
    return "".join(random.choices(_LETTERS, k=6))

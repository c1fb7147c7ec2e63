"""The way back from a character of a text to its token, found only where somebody asks.

>>> part = ByBytes(core, sizes, "héllo", ids)  # doctest: +SKIP
>>> part.token_from(2), part.is_inside_token(2)  # doctest: +SKIP
(3, False)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]


class Part(Protocol):
    """The tokens of a part of a text."""

    @property
    def ids(self) -> Sequence[int] | Ids:
        """The tokens."""
        ...

    def token_from(self, place: int) -> int:
        """The first token that begins at this character or behind it; the number of tokens where there is none."""
        ...

    def is_inside_token(self, place: int) -> bool:
        """Whether a token has characters on both sides of this place."""
        ...


class Whole:
    """A part that nobody looks into: a special string that is encoded as the text that it is."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids

    def token_from(self, place: int) -> int:
        return len(self.ids) if place else 0

    def is_inside_token(self, place: int) -> bool:
        return False


class ByOffsets:
    """By the offsets of the library.

    :param encoding: the library's, in which the part begins at the character `shift` and the token `skipped`.
    """

    def __init__(self, text: str, encoding: Any, *, shift: int = 0, skipped: int = 0) -> None:
        self.ids: Sequence[int] = encoding.ids[skipped:]
        self._encoding, self._shift, self._skipped = encoding, shift, skipped
        self._end = len(text) + shift

    def token_from(self, place: int) -> int:
        encoding, first = self._encoding, place + self._shift
        for at in range(first, self._end):  # some characters belong to no token
            token = encoding.char_to_token(at)
            if token is None:
                continue
            while token < len(encoding) and encoding.token_to_chars(token)[0] < first:
                token += 1
            return int(token) - self._skipped
        return len(self.ids)

    def is_inside_token(self, place: int) -> bool:
        at = place + self._shift
        if not self._shift < at < self._end:
            return False
        token = self._encoding.char_to_token(at)
        return token is not None and self._encoding.token_to_chars(token)[0] < at


class ByBytes:
    """By the bytes of each token: those of a byte-level tokenizer are the text's, one after the other.

    :param sizes: `(n_vocabulary,)`, see `token_sizes`.
    """

    def __init__(self, core: Any, sizes: npt.NDArray[np.int64], text: str, ids: Ids) -> None:
        self.ids = ids
        self._core, self._sizes, self._text = core, sizes, text

    def token_from(self, place: int) -> int:
        if self._ends is None:
            return self._by_offsets.token_from(place)
        return int(self._ends.searchsorted(self._byte(place))) + 1 if place else 0

    def is_inside_token(self, place: int) -> bool:
        if self._ends is None:
            return self._by_offsets.is_inside_token(place)
        byte = self._byte(place)
        return 0 < place < len(self._text) and bool(self._ends[self._ends.searchsorted(byte)] != byte)

    def _byte(self, place: int) -> int:
        return place if self._text.isascii() else len(self._text[:place].encode())

    @cached_property
    def _ends(self) -> npt.NDArray[np.int64] | None:
        """The byte behind each token, where the next one begins; None where the tokenizer changed the text first."""
        ends = self._sizes[self.ids].cumsum()
        n_bytes = int(ends[-1]) if len(ends) else 0
        is_same = self._text.isascii() or self._core.normalizer is None or unicodedata.is_normalized("NFC", self._text)
        return ends if is_same and n_bytes == self._byte(len(self._text)) else None

    @cached_property
    def _by_offsets(self) -> ByOffsets:
        return ByOffsets(self._text, self._core.encode(self._text, add_special_tokens=False))


def token_sizes(core: Any) -> npt.NDArray[np.int64]:
    """The bytes of each token of a byte-level tokenizer, `(n_vocabulary,)`: its letters stand for a byte each."""
    vocabulary = core.get_vocab(with_added_tokens=True)
    added = {token.content for token in core.get_added_tokens_decoder().values()}
    sizes = np.zeros(max(vocabulary.values()) + 1, np.int64)
    for token, number in vocabulary.items():
        sizes[number] = len(token.encode()) if token in added else len(token)
    return sizes

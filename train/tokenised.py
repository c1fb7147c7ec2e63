"""Texts as tokens, in batches, with the way back from a character to its token.

>>> pieces = cut("Hi\\U000f0002!", {"\\U000f0002": "<s>"})
>>> pieces
[Piece(0, 'Hi', False), Piece(2, '<s>', True), Piece(3, '!', False)]
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.train.template import Template
from tunesmith.train.token_places import ByBytes, ByOffsets, Part, Whole
from tunesmith.train.words import Words

Ids = npt.NDArray[np.int32]


_start = attrgetter("start")


class Piece(NamedTuple):
    """A part of a text.

    :param start: its first character in the text.
    :param is_plain: a special string that is encoded as the text that it is.
    """

    start: int
    text: str
    is_plain: bool


def cut(text: str, shields: Mapping[str, str]) -> list[Piece]:
    """A text, cut at its shields (see `special.py`), which stand for special strings; one piece where it has none."""
    if not shields:
        return [Piece(0, text, False)]
    pieces, start = [], 0
    for found in re.finditer(f"[{''.join(map(re.escape, shields))}]", text):
        place = found.start()
        pieces += [Piece(start, text[start:place], False), Piece(place, shields[found[0]], True)]
        start = place + 1
    pieces.append(Piece(start, text[start:], False))
    return [piece for piece in pieces if piece.text or len(pieces) == 1]


def cut_at(pieces: Sequence[Piece], place: int, end: int) -> list[Piece]:
    """The pieces up to a character (exclusive), with a border at another, across which no token reaches."""
    made = []
    for piece in pieces:
        last = piece.start + (1 if piece.is_plain else len(piece.text))
        for first, until in ((piece.start, min(last, place)), (max(piece.start, place), min(last, end))):
            if first < until:
                text = piece.text if piece.is_plain else piece.text[first - piece.start : until - piece.start]
                made.append(Piece(first, text, piece.is_plain))
    return made


class Tokens:
    """The tokens of one text.

    :ivar ids: `(n_tokens,)` int32.
    """

    def __init__(self, pieces: Sequence[Piece], parts: Sequence[Part]) -> None:
        self._pieces, self._parts = pieces, parts
        joined = [np.asarray(part.ids, np.int32) for part in parts]
        self._firsts = [0, *accumulate(map(len, joined))]
        self.ids: Ids = joined[0] if len(joined) == 1 else np.concatenate(joined)

    def at(self, place: int) -> int:
        """The first token that begins at this character or behind it; `n_tokens` where there is none."""
        number, inside = self._piece_at(place)
        if inside == 0:
            return self._firsts[number]
        if inside >= len(self._pieces[number].text):
            return self._firsts[number + 1]
        return self._firsts[number] + self._parts[number].token_from(inside)

    def is_inside_token(self, place: int) -> bool:
        """Whether a token has characters on both sides of this place."""
        number, inside = self._piece_at(place)
        return 0 < inside < len(self._pieces[number].text) and self._parts[number].is_inside_token(inside)

    def _piece_at(self, place: int) -> tuple[int, int]:
        """The number of the piece that a character is in, and its place there."""
        if len(self._pieces) == 1:
            return 0, place
        number = max(0, bisect_right(self._pieces, place, key=_start) - 1)
        return number, place - self._pieces[number].start


def tokenised(template: Template, texts: Sequence[list[Piece]]) -> list[Tokens]:
    """All texts at once. The tokenizer's library works on all cores, and lets other threads run meanwhile."""
    core = template.core
    if core.encode_special_tokens:  # whoever asked the tokenizer for something else meanwhile
        core.encode_special_tokens = False
    words = template.words
    parts = _by_offsets(template, texts) if words is None else _by_bytes(template, words, texts)
    return [
        Tokens(pieces, [Whole(plain_ids(template, one.text)) if one.is_plain else next(parts) for one in pieces])
        for pieces in texts
    ]


def _by_bytes(template: Template, words: Words, texts: Sequence[list[Piece]]) -> Iterator[Part]:
    """The parts of all pieces that are not plain, by words that are remembered."""
    wanted = [piece.text for pieces in texts for piece in pieces if not piece.is_plain]
    found = words.encode(wanted)
    return (ByBytes(template.core, template.token_sizes, text, ids) for text, ids in zip(wanted, found))


def _by_offsets(template: Template, texts: Sequence[list[Piece]]) -> Iterator[Part]:
    """The same by the library alone."""
    wanted = [(piece, not number) for pieces in texts for number, piece in enumerate(pieces) if not piece.is_plain]
    led = [piece.text if is_first else _led(template, piece) for piece, is_first in wanted]
    found = template.core.encode_batch(led, add_special_tokens=False)
    return (_unled(template, piece, one, is_first=is_first) for (piece, is_first), one in zip(wanted, found))


@lru_cache(maxsize=256)
def _newline(template: Template) -> tuple[int, ...]:
    """The tokens of a line break, where a tokenizer puts a space in front of every text; else none. A piece in the
    middle of a text is encoded behind a line break then."""
    core = template.core
    break_ids = core.encode("\n", add_special_tokens=False).ids
    behind = core.encode("\nab", add_special_tokens=False).ids
    alone = core.encode("ab", add_special_tokens=False).ids
    if behind[: len(break_ids)] != break_ids or behind[len(break_ids) :] == alone:
        return ()
    return tuple(break_ids)


def _led(template: Template, piece: Piece) -> str:
    return "\n" + piece.text if _newline(template) else piece.text


def _unled(template: Template, piece: Piece, encoded: Any, *, is_first: bool) -> ByOffsets:
    lead = _newline(template)
    if is_first or not lead:
        return ByOffsets(piece.text, encoded)
    if tuple(encoded.ids[: len(lead)]) == lead:
        return ByOffsets(piece.text, encoded, shift=1, skipped=len(lead))
    return ByOffsets(piece.text, template.core.encode(piece.text, add_special_tokens=False))


@lru_cache(maxsize=4096)
def plain_ids(template: Template, text: str) -> tuple[int, ...]:
    """A special string as the plain text that it is: the tokenizer's own steps without its added tokens."""
    core = template.core
    found = _without_added(core, "\n" + text)
    lead = tuple(core.encode("\n", add_special_tokens=False).ids)
    return found[len(lead) :] if found[: len(lead)] == lead else _without_added(core, text)


def _without_added(core: Any, text: str) -> tuple[int, ...]:
    if core.normalizer is not None:
        text = core.normalizer.normalize_str(text)
    splits = [text]
    if core.pre_tokenizer is not None:
        splits = [split for split, _ in core.pre_tokenizer.pre_tokenize_str(text)]
    return tuple(token.id for split in splits for token in core.model.tokenize(split))

"""Texts as tokens, in batches, with the way back from a character to its token.

>>> pieces = cut("Hi\\U000f0002!", {"\\U000f0002": "<s>"})
>>> pieces
[Piece(0, 'Hi', False), Piece(2, '<s>', True), Piece(3, '!', False)]
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.train.template import Template

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

    def __init__(self, pieces: Sequence[Piece], encodings: Sequence[_Encoded]) -> None:
        self._pieces, self._encodings = pieces, encodings
        self._firsts = [0]
        for one in encodings:
            self._firsts.append(self._firsts[-1] + len(one.ids))
        joined = [np.array(one.ids, np.int32) for one in encodings]
        self.ids: Ids = joined[0] if len(joined) == 1 else np.concatenate(joined)

    def at(self, place: int) -> int:
        """The first token that begins at this character or behind it; `n_tokens` where there is none."""
        number, inside = self._piece_at(place)
        piece, one = self._pieces[number], self._encodings[number]
        if inside == 0:
            return self._firsts[number]
        if one.offsets is None or inside >= len(piece.text):
            return self._firsts[number + 1]
        return self._firsts[number] + _token_at(one, inside, len(piece.text))

    def is_inside_token(self, place: int) -> bool:
        """Whether a token has characters on both sides of this place."""
        number, inside = self._piece_at(place)
        one = self._encodings[number]
        if one.offsets is None or not 0 < inside < len(self._pieces[number].text):
            return False
        token = one.offsets.char_to_token(inside + one.shift)
        return token is not None and one.offsets.token_to_chars(token)[0] < inside + one.shift

    def _piece_at(self, place: int) -> tuple[int, int]:
        """The number of the piece that a character is in, and its place there."""
        if len(self._pieces) == 1:
            return 0, place
        number = max(0, bisect_right(self._pieces, place, key=_start) - 1)
        return number, place - self._pieces[number].start


class _Encoded(NamedTuple):
    """The tokens of a piece; `offsets` is the library's encoding, in which the piece begins at the character `shift`
    and the token `skipped`."""

    ids: Sequence[int]
    offsets: Any = None
    shift: int = 0
    skipped: int = 0


def _token_at(one: _Encoded, inside: int, length: int) -> int:
    offsets = one.offsets
    for place in range(inside + one.shift, length + one.shift):  # some characters belong to no token
        token = offsets.char_to_token(place)
        if token is None:
            continue
        while token < len(offsets) and offsets.token_to_chars(token)[0] < inside + one.shift:
            token += 1
        return int(token) - one.skipped
    return len(one.ids)


def tokenised(template: Template, texts: Sequence[list[Piece]], *, add_special_tokens: bool = False) -> list[Tokens]:
    """All texts at once. The tokenizer's library works on all cores, and lets other threads run meanwhile."""
    core = template.core
    wanted = [
        _led(template, piece) if number else piece.text
        for pieces in texts
        for number, piece in enumerate(pieces)
        if not piece.is_plain
    ]
    if core.encode_special_tokens:  # whoever asked the tokenizer for something else meanwhile
        core.encode_special_tokens = False
    encoded = iter(core.encode_batch(wanted, add_special_tokens=add_special_tokens))
    made = []
    for pieces in texts:
        parts = []
        for number, piece in enumerate(pieces):
            if piece.is_plain:
                parts.append(_Encoded(plain_ids(template, piece.text)))
            else:
                parts.append(_unled(template, piece, next(encoded), is_first=not number))
        made.append(Tokens(pieces, parts))
    return made


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


def _unled(template: Template, piece: Piece, encoded: Any, *, is_first: bool) -> _Encoded:
    lead = _newline(template)
    if is_first or not lead:
        return _Encoded(encoded.ids, encoded)
    if tuple(encoded.ids[: len(lead)]) == lead:
        return _Encoded(encoded.ids[len(lead) :], encoded, 1, len(lead))
    alone = template.core.encode(piece.text, add_special_tokens=False)
    return _Encoded(alone.ids, alone)


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

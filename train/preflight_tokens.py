"""A row token by token: what each token says, whether it is trained, and which tokens share a character.

Byte-level tokenizers split a rare Chinese character into two or three tokens, none of which can be shown alone. Here
such tokens are joined until their bytes make whole characters.

>>> [(piece.text, len(piece.ids)) for piece in pieces_of(example, reader)]  # doctest: +SKIP
[('医', 1), ('龘', 3)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from tunesmith.train.preflight_types import Piece
from tunesmith.train.types import MASKED, PARTS, Example

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_MOST_JOINED = 8  # tokens; four bytes are the longest character, and an emoji may have a token before it
_SPACE = "\u2581"  # sentencepiece's


class TokenBytes:
    """The bytes of each token of a tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._added = {int(key): str(value) for key, value in tokenizer.added_tokens_decoder.items()}
        core = getattr(tokenizer, "backend_tokenizer", None)
        self._is_byte_level = core is None or "ByteLevel" in f"{core.decoder!r} {core.pre_tokenizer!r}"
        self._known: dict[int, bytes] = {}

    def __call__(self, token: int) -> bytes:
        if token not in self._known:
            self._known[token] = self._read(token)
        return self._known[token]

    def is_special(self, token: int) -> bool:
        """Whether the token is one that the tokenizer adds to its vocabulary, such as a mark of a turn."""
        return token in self._added

    def _read(self, token: int) -> bytes:
        if token in self._added:
            return self._added[token].encode()
        text = str(self._tokenizer.convert_ids_to_tokens(token))
        if found := _BYTE.fullmatch(text):
            return bytes([int(found[1], 16)])
        if self._is_byte_level:
            values = [byte_alphabet().get(letter) for letter in text]
            if None not in values:
                return bytes(value for value in values if value is not None)
        return text.replace(_SPACE, " ").encode()


@cache
def byte_alphabet() -> dict[str, int]:
    """The letter that stands for each byte in byte-level vocabularies: printable ones for themselves, others from
    U+0100 on, in order (GPT-2)."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in set(plain)]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + place): byte for place, byte in enumerate(others)}


def pieces_of(example: Example, reader: TokenBytes, *, most: int | None = None) -> tuple[Piece, ...]:
    """The first `most` tokens of an example, those that share a character together."""
    end = len(example.input_ids) if most is None else min(most, len(example.input_ids))
    ids = [int(token) for token in example.input_ids[:end]]
    return tuple(_pieces(ids, example, reader))


def _pieces(ids: Sequence[int], example: Example, reader: TokenBytes) -> Iterator[Piece]:
    start = 0
    while start < len(ids):
        end = _end_of_characters(ids, start, reader)
        text = b"".join(reader(token) for token in ids[start:end]).decode("utf-8", "replace")
        yield Piece(
            text,
            start,
            tuple(ids[start:end]),
            PARTS[int(example.parts[start])],
            bool(example.labels[start] != MASKED),
            reader.is_special(ids[start]),
        )
        start = end


def _end_of_characters(ids: Sequence[int], start: int, reader: TokenBytes) -> int:
    """The first place behind `start` where no character is left half-written; `start + 1` where there is none."""
    found = b""
    for place in range(start, min(len(ids), start + _MOST_JOINED)):
        found += reader(ids[place])
        if is_whole(found):
            return place + 1
    return start + 1


def is_whole(text: bytes) -> bool:
    """Whether bytes are UTF-8 to the end."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True

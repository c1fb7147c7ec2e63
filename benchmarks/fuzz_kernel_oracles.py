"""What the kernels of sketches and pairs give, by slow and obvious means.

>>> slow_shingles("a b", 5) == slow_shingles("A, b", 5)
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from fuzz_types import hold

from tunesmith.curate import shingles, sketch, tokens
from tunesmith.curate.codepoints import tokens_of
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.sketch import NO_SHINGLE, Signatures
from tunesmith.curate.tokens import TokenHashes

_WORD = 2**64 - 1


def _mixed(word: int, shifts: Sequence[int], multipliers: Iterable[np.uint64]) -> int:
    for shift, multiplier in zip(shifts, multipliers):
        word = (word ^ word >> shift) * int(multiplier) & _WORD
    return word ^ word >> shifts[-1]


def token_hash(token: str) -> int:
    """The hash of one token."""
    word = int(tokens.START)
    for character in token:
        word = (word ^ ord(character)) * int(tokens.MULTIPLIER) & _WORD
    return _mixed(word, (32, 32), (tokens.FINISH,))


def slow_shingles(text: str, ngram: int) -> list[int]:
    """The distinct shingles of a text, ascending."""
    return _shingles([token_hash(token) for token in tokens_of(text)], ngram)


def _shingles(hashes: Sequence[int], ngram: int) -> list[int]:
    found = set()
    for i in range(max(len(hashes) - ngram + 1, min(len(hashes), 1))):
        word = 0
        for token in hashes[i : i + ngram]:
            word = (word * int(shingles._BASE) + token) & _WORD
        word ^= 0 if len(hashes) >= ngram else int(shingles._SHORT) * len(hashes) & _WORD
        found.add(_mixed(word, (30, 27, 31), (shingles._MIX_1, shingles._MIX_2)))
    return sorted(found)


def check_sets(
    inputs: Sequence[bytes],
    found: TokenHashes,
    sets: ShingleSets,
    sample: Iterable[int],
    *,
    ngram: int,
    keep_blank: bool,
) -> None:
    """:raises Broken: where the tokens or the shingles of a sampled row are not those of its definition."""
    for number in sample:
        expected = [token_hash(token) for token in tokens_of(inputs[number].decode("utf-8", "replace"))]
        given = found.hashes[found.starts[number] : found.ends[number]].tolist()
        if not expected and keep_blank:
            hold(len(given) == 1 or not inputs[number], "a blank row that is kept has other than one token")
            continue
        hold(given == expected, "tokens: not those of the definition")
        hold(sets.row(number).tolist() == _shingles(expected, ngram), "shingles: not those of the definition")


def check_signatures(sets: ShingleSets, signatures: Signatures, sample: Iterable[int]) -> None:
    """The algorithm as the paper writes it: 2K rounds, value and round compared together."""
    n_slots = signatures.shape[1]
    multipliers = [int(a) for a in sketch.round_multipliers(n_slots)]
    for number in sample:
        slots: list[tuple[int, int, int] | None] = [None] * n_slots
        for i, multiplier in enumerate(multipliers):
            for shingle in sets.row(number).tolist():
                value = shingle * multiplier & _WORD
                slot = (value >> 32) * n_slots >> 32 if i < n_slots else i - n_slots
                entry = (i, value, shingle & 0xFFFFFFFF)
                slots[slot] = min(slots[slot] or entry, entry)
        expected = [slot[2] if slot else int(NO_SHINGLE) for slot in slots]
        hold(signatures[number].tolist() == expected, "signatures: not those of the definition")

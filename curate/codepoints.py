"""What a token is, in every script: how a text is folded, and what each code point is to its tokens.

The fold is Unicode NFKC and lower case (σ for both small sigmas). Raised and enclosed numbers stay as they are, as in
`normalform.py`: 10² is not 102. A token is a run of letters and digits with their combining marks, or one Han, kana
or Hangul character.

>>> fold("ＡＩ für ΟΔΟΣ, 10²")
'ai für οδοσ, 10²'
>>> tokens_of("用GPT-4写 3.14!")
['用', 'gpt', '4', '写', '3', '14']

`tokens_of` is the definition. The kernel of `tokens.py` gives the same tokens with the tables made here: it folds code
point by code point, and leaves to `fold` the rows where one could compose or change places with what stands before it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.normalform import RAISED

#: Kinds of code points. The first four are classes of folded text, the others tell the kernel how to get there.
SEPARATOR, WORD, ALONE, MARK, SEVERAL, HARD = range(6)

_PIECE = 4096  # characters that are normalized at once
_BEGINS = re.compile("[\x00-\x7f\u4e00-\u9fff]")
_KINDS = {"L": WORD, "N": WORD, "M": MARK}  # by the first letter of the general category

# Blocks of Han, kana and Hangul with their extensions; the letters and numbers among them stand alone. NFKC turns
# half-width forms into these. The tests compare the blocks with the names of all code points.
_ALONE_BLOCKS = (
    (0x1100, 0x1200), (0x3005, 0x3008), (0x303B, 0x303C), (0x3040, 0x3100), (0x3130, 0x3190), (0x31F0, 0x3200),
    (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xA960, 0xA980), (0xAC00, 0xD800), (0xF900, 0xFB00), (0x1AFF0, 0x1B170),
    (0x20000, 0x40000),
)  # fmt: skip
# Where something folds: all but the ideographs and the syllables of Hangul. The tests hold that nothing folds outside.
_FOLDING_BLOCKS = ((0, 0x3400), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xF900, 0x20000), (0x2F800, 0x2FA20))
_N_CODE_POINTS = 0x110000
_ASSIGNED_END = 0x34000  # beyond it: unassigned, but for the marks of plane 14 and private use
_PLANE_14 = (0xE0000, 0xE0200)
_HANGUL_TAILS = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))  # they compose by arithmetic, not by table


class CodePoints(NamedTuple):
    """Tables for the kernel.

    `entries`, uint32, shape `(0x110000,)`: kind in bits 0-2, the folded code point in bits 3-23, the canonical
    combining class in bits 24-31. Of kind `SEVERAL`, bits 3-23 are a place in `several`, uint32: a count, then as many
    entries. `plain` is `entries` for text that is folded already. `ascii`, uint8, shape `(256,)`: the folded letter or
    digit, 0 for a separator and for every byte of a longer sequence.
    """

    entries: npt.NDArray[np.uint32]
    plain: npt.NDArray[np.uint32]
    several: npt.NDArray[np.uint32]
    ascii: npt.NDArray[np.uint8]


def fold(text: str) -> str:
    """The form in which tokens are compared."""
    parts = RAISED.split(text)  # odd parts are raised numbers
    text = "".join(part if i % 2 else _normalized(part) for i, part in enumerate(parts))
    return text.lower().replace("ς", "σ")


def _normalized(text: str) -> str:
    """NFKC in pieces that begin with an ASCII or Chinese character, which never joins what stands before it; or after
    so many marks that they mean nothing: the time to put marks in order grows with the square of their number."""
    if len(text) <= 2 * _PIECE:
        return unicodedata.normalize("NFKC", text)
    pieces, start = [], 0
    while start < len(text):
        end = start + _PIECE
        while end < len(text) and end < start + 2 * _PIECE and not _BEGINS.match(text[end]):
            end += 1
        pieces.append(unicodedata.normalize("NFKC", text[start:end]))
        start = end
    return "".join(pieces)


@lru_cache(maxsize=1 << 16)
def kind_of(character: str) -> int:
    """Class of one folded character: `SEPARATOR`, `WORD`, `ALONE` or `MARK`."""
    kind = _KINDS.get(unicodedata.category(character)[0], SEPARATOR)
    alone = kind == WORD and any(first <= ord(character) < end for first, end in _ALONE_BLOCKS)
    return ALONE if alone else kind


def tokens_of(text: str) -> list[str]:
    """The tokens of a text. A combining mark belongs to the word before it; where there is none, it separates."""
    tokens: list[str] = []
    word = ""
    for character in fold(text):
        kind = kind_of(character)
        if kind == WORD or (kind == MARK and word):
            word += character
            continue
        tokens += [word] if word else []
        tokens += [character] if kind == ALONE else []
        word = ""
    return tokens + ([word] if word else [])


@lru_cache(maxsize=1)
def code_points() -> CodePoints:
    """Make the tables from this interpreter's `unicodedata`, once a process (80 ms).

    Code points that its version of Unicode does not know separate.
    """
    plain = _plain_entries()
    entries, several = _folding_entries(plain)
    ascii_letters = np.zeros(256, np.uint8)
    letters = (entries[:128] & 7) == WORD
    ascii_letters[:128][letters] = entries[:128][letters] >> 3
    return CodePoints(entries, plain, several, ascii_letters)


def _plain_entries() -> npt.NDArray[np.uint32]:
    kinds = np.zeros(_N_CODE_POINTS, np.uint32)
    for first, end in ((0, _ASSIGNED_END), _PLANE_14):
        categories = map(unicodedata.category, map(chr, range(first, end)))
        kinds[first:end] = [_KINDS.get(category[0], SEPARATOR) for category in categories]
    for first, end in _ALONE_BLOCKS:
        kinds[first:end][kinds[first:end] == WORD] = ALONE
    codes = np.arange(_N_CODE_POINTS, dtype=np.uint32)
    return (codes << np.uint32(3)) | kinds


def _folding_entries(plain: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    characters = [chr(code) for first, end in _FOLDING_BLOCKS for code in range(first, end)]
    composing = _composing(characters)
    entries = plain.copy()
    for character, order in zip(characters, map(unicodedata.combining, characters)):
        if order:
            entries[ord(character)] |= order << 24
    several: list[int] = []
    for character in _folded_alone(characters):
        folded = [int(plain[ord(part)]) for part in fold(character)]
        if any(part in composing or unicodedata.combining(part) for part in unicodedata.normalize("NFKC", character)):
            entries[ord(character)] = HARD
        elif len(folded) == 1:
            entries[ord(character)] = folded[0]
        else:
            entries[ord(character)] = len(several) << 3 | SEVERAL
            several += [len(folded), *folded]
    entries[[ord(character) for character in composing]] = HARD
    return entries, np.array(several, np.uint32)


def _composing(characters: Iterable[str]) -> set[str]:
    """Those that can join the character before them: what ends a canonical decomposition, and the tails of Hangul."""
    found = {chr(code) for code in _HANGUL_TAILS}
    for decomposition in filter(None, map(unicodedata.decomposition, characters)):
        parts = decomposition.split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            found.add(chr(int(parts[1], 16)))
    return found


def _folded_alone(characters: list[str]) -> list[str]:
    """The characters that the fold changes."""
    lowered = zip(characters, map(str.lower, characters))
    maybe = [c for c, low in lowered if low != c or c == "ς" or not unicodedata.is_normalized("NFKC", c)]
    return [character for character in maybe if fold(character) != character]

"""Tables for the kernel of `normal_forms.py`: the normal form of each code point, and the script that it counts for.

>>> tables = normal_tables()
>>> place = tables.entries[ord("Ａ")] >> FORM_AT
>>> tables.forms[place : place + 5].tolist()  # one byte, one word, not alone, open, "a"
[1, 1, 0, 1, 97]

A code point is `HARD` where its form depends on what stands around it (combining marks, the parts of Hangul syllables,
Σ), where its form has white space inside or is more than `GROWTH` times as long, and outside `_BLOCKS` and the planes
of Han, which have no table at all. A text with one goes to `normal_form`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.normalform import RAISED
from tunesmith.curate.signals import CJK_PATTERN

#: Kinds of code points by their normal form: itself, a space, another text, or not to be told alone.
SAME, SPACE, OTHER, HARD = range(4)
KIND = 7

#: What a code point counts for in the text as it came, as bits; CJK marks the words of the normal form too.
LATIN, LETTER, HAN, KANA, HANGUL, CJK = (1 << bit for bit in range(3, 9))
FORM_AT = 9
FORM_BYTES, FORM_WORDS, FORM_ALONE, FORM_OPEN, FORM_TEXT = range(5)

#: Classes of bytes: white space, what is none, and what takes a closer look: longer sequences, code, placeholders.
BLANK, SOLID, LOOK = range(3)

#: Bytes of a normal form for each byte of the text, at most.
GROWTH = 2

TABLE_END = 0x20000

# Where text is written and something folds or is no letter. Between stand Han, Hangul syllables and private use;
# beyond the BMP only mathematical letters and emoji are common.
_BLOCKS = ((0, 0x3400), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xF900, 0x10000), (0x1D400, 0x1D800), (0x1F000, 0x1FC00))
_BEYOND_BMP = (0x10000, TABLE_END)
_STANDING = ((0x3400, 0xA000), (0xAC00, 0xD7A4), (0xE000, 0xF900))  # each is its own form
_HANGUL_TAILS = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))  # they compose by arithmetic, not by decomposition
_FENCE = "\U0010ffff"  # never assigned: nothing composes with it, nothing changes its form

# The scripts as `signals.py` has them.
_SCRIPTS = (
    (LATIN, ((0x41, 0x5B), (0x61, 0x7B), (0xC0, 0x250))),
    (HAN, ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))),
    (KANA, ((0x3040, 0x3100), (0x31F0, 0x3200))),
    (HANGUL, ((0x1100, 0x1200), (0xAC00, 0xD7B0))),
    (CJK, ((0x3040, 0x3100), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7B0), (0xF900, 0xFB00))),
)
_LETTERS = re.compile(r"[^\W\d_]+")
_SPACES = re.compile(r"\s+")


class NormalTables(NamedTuple):
    """`entries`, uint32, shape `(0x20000,)`: kind in bits 0-2, scripts in bits 3-8, from bit 9 on a place in `forms`.

    `forms`, uint8: of each form that is another text, the number of its bytes, its words, whether its first character
    is a word by itself, whether its last is part of a longer one, and from `FORM_TEXT` on its bytes.

    `classes` of bytes and the `letters` of their forms, uint8, are of shape `(256,)`.
    """

    entries: npt.NDArray[np.uint32]
    forms: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.uint8]
    letters: npt.NDArray[np.uint8]


@lru_cache(maxsize=1)
def normal_tables() -> NormalTables:
    """Make the tables from this interpreter's `unicodedata`, once a process (15 ms)."""
    entries = np.full(TABLE_END, HARD, np.uint32)
    for first, end in _STANDING:
        entries[first:end] = SAME
    characters = "".join(map(chr, _codes()))
    forms = _enter_forms(entries, characters)
    _set_bits(entries, characters)
    classes, letters = _ascii_tables(entries)
    return NormalTables(entries, np.frombuffer(forms, np.uint8), classes, letters)


def _codes() -> list[int]:
    return [code for first, end in _BLOCKS for code in range(first, end)]


def _enter_forms(entries: npt.NDArray[np.uint32], characters: str) -> bytes:
    """Enter the kinds of these characters, and the places of their forms in what is returned."""
    composed = unicodedata.normalize("NFKC", _FENCE.join(characters)).split(_FENCE)
    for match in RAISED.finditer(characters):
        composed[slice(*match.span())] = match[0]
    folded = _FENCE.join(composed).lower().split(_FENCE)
    joining = _joining(characters)
    entries[_codes()] = SAME
    forms = bytearray()
    changed = [parts for parts in zip(characters, composed, folded) if parts[0] != parts[2]]
    for character, before, form in changed:
        fine = joining.isdisjoint(before) and _fits(character, form)
        entries[ord(character)] = len(forms) << FORM_AT | OTHER if fine else HARD
        forms += _packed(form) if fine else b""
    entries[[code for code in map(ord, joining) if code < TABLE_END]] = HARD
    entries[[ord(space) for run in _SPACES.findall(characters) for space in run]] = SPACE
    return bytes(forms)


def _fits(character: str, form: str) -> bool:
    return len(form.encode()) <= GROWTH * len(character.encode()) and not _SPACES.search(form)


def _packed(form: str) -> bytes:
    text = form.encode()
    if max(form) < "\u3040":  # below it nothing is a word by itself
        return bytes((len(text), 1, 0, 1)) + text
    alone = [CJK_PATTERN.match(part) is not None for part in form]
    words = sum(alone) + sum(not one and (i == 0 or alone[i - 1]) for i, one in enumerate(alone))
    return bytes((len(text), words, alone[0], not alone[-1])) + text


def _joining(characters: str) -> set[str]:
    """Those whose form depends on what stands around them: marks that change places or compose, and Σ."""
    found = {chr(code) for code in _HANGUL_TAILS} | {"Σ"}
    found |= {character for character in characters if unicodedata.combining(character)}
    for decomposition in filter(None, map(unicodedata.decomposition, characters)):
        parts = decomposition.split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            found.add(chr(int(parts[1], 16)))
    return found


def _set_bits(entries: npt.NDArray[np.uint32], characters: str) -> None:
    for bit, ranges in _SCRIPTS:
        for first, end in ranges:
            entries[first:end] |= bit
    codes = np.array([*_codes(), *range(*_BEYOND_BMP)])
    for match in _LETTERS.finditer(characters + "".join(map(chr, range(*_BEYOND_BMP)))):
        entries[codes[slice(*match.span())]] |= LETTER


def _ascii_tables(entries: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    classes = np.full(256, LOOK, np.uint8)
    letters = np.arange(256, dtype=np.uint8)
    blank = (entries[:128] & KIND) == SPACE
    classes[:128] = np.where(blank, BLANK, SOLID)
    classes[[ord(byte) for byte in "`~{"]] = LOOK
    letters[:128][blank] = ord(" ")
    letters[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
    return classes, letters

"""Texts as arrays of code points, and what each code point is to the tokens of ROUGE.

In Latin script a token is exactly rouge-score's: a run of a-z and 0-9 of the text in lower case, so café gives caf.
Each Han, kana and Hangul character is a token. Thai, Lao, Burmese and Khmer, which put no spaces between words, give a
token a letter with its marks. In every other script a token is a run of letters and digits.

>>> texts = codes_of(["Café 42毫克, новый"], fold)
>>> numbered = number_tokens(texts.codes, texts.bounds, np.array([0, 1]), rouge_classes())
>>> len(numbered.tokens)  # caf, 42, 毫, 克, новый
5
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tunesmith.curate.codepoints import code_points
from tunesmith.evaluate.overlap_kernels import ALONE, LATIN, MARK, SEPARATOR, UNSPACED, WORD, Classes, Codes, Places

_N_CODE_POINTS = 0x110000
_CLASS = {0: SEPARATOR, 1: WORD, 2: ALONE, 3: MARK}  # the classes of `codepoints.py` as ours

# Letters and numbers of Latin script and of no script, beyond ASCII: rouge-score takes them for separators.
_LATIN_BLOCKS = (
    (0x80, 0x370), (0x1AB0, 0x1B00), (0x1D00, 0x1F00), (0x2000, 0x2C00), (0x2C60, 0x2C80), (0xA700, 0xA800),
    (0xAB30, 0xAB70), (0xFB00, 0xFB07), (0x10780, 0x107C0), (0x1D400, 0x1D800), (0x1DF00, 0x1E000), (0x1F000, 0x20000),
)  # fmt: skip
_UNSPACED_BLOCKS = ((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x19E0, 0x1A00), (0xA9E0, 0xAA00))
_ENCLOSED = (0x3200, 0x3400)  # ㈠ and ㎏: one token each

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_PIECE = 256
_BEGINS = re.compile(r"[^\W\u1100-\u11ff]")  # a letter that joins nothing before it
_WIDE = re.compile(r"[\uff10-\uff19\uff41-\uff5a\uff65-\uffdc]+")  # letters and digits only, in lower case


class Texts(NamedTuple):
    """Text i is `codes[bounds[i]:bounds[i + 1]]`, code points."""

    codes: Codes
    bounds: Places


def codes_of(texts: Iterable[str], form: Callable[[str], str]) -> Texts:
    """All texts in one array, after `form`, which is called once for each different text."""
    forms: dict[str, str] = {}
    formed = [forms[text] if text in forms else forms.setdefault(text, form(text)) for text in texts]
    bounds = np.zeros(len(formed) + 1, np.int64)
    np.cumsum([len(text) for text in formed], out=bounds[1:])
    return Texts(np.frombuffer("".join(formed).encode("utf-32-le", "surrogatepass"), np.uint32), bounds)


def fold(text: str) -> str:
    """The form in which ROUGE compares: lower case, full-width letters as ASCII, composed where nothing is Latin.

    A run of ASCII is never joined with a mark that follows it, so that Latin text has the tokens of rouge-score.
    """
    text = text.lower()
    return text if text.isascii() else _NOT_ASCII.sub(_folded, text)


def _folded(run: re.Match[str]) -> str:
    text = _WIDE.sub(lambda wide: unicodedata.normalize("NFKC", wide[0]), run[0])
    return _composed(text).replace("ς", "σ")


def _composed(text: str) -> str:
    """NFC in pieces, each up to a letter: the time to put marks in order grows with the square of their number, and a
    megabyte of nothing but marks would take hours."""
    pieces, start = [], 0
    while start < len(text):
        end = start + _PIECE
        while end < len(text) and end < start + 2 * _PIECE and not _BEGINS.match(text[end]):
            end += 1
        pieces.append(unicodedata.normalize("NFC", text[start:end]))
        start = end
    return "".join(pieces)


@lru_cache(maxsize=1)
def rouge_classes() -> Classes:
    """The class of each code point of folded text, shape `(0x110000,)`."""
    kinds = code_points().plain & 7
    classes = np.zeros(_N_CODE_POINTS, np.uint8)
    for kind, ours in _CLASS.items():
        classes[kinds == kind] = ours
    for first, end in _LATIN_BLOCKS:
        part = classes[first:end]
        part[part == WORD] = SEPARATOR
    for first, end in _UNSPACED_BLOCKS:
        part = classes[first:end]
        part[part == WORD] = UNSPACED
    part = classes[slice(*_ENCLOSED)]
    part[part == WORD] = ALONE
    return _with_ascii(classes)


@lru_cache(maxsize=1)
def rouge_score_classes() -> Classes:
    """Those of rouge-score 0.1.2: all but a-z and 0-9 separates."""
    return _with_ascii(np.zeros(_N_CODE_POINTS, np.uint8))


@lru_cache(maxsize=1)
def spaced_classes() -> Classes:
    """Tokens between single spaces, whatever they hold."""
    classes = np.full(_N_CODE_POINTS, WORD, np.uint8)
    classes[ord(" ")] = SEPARATOR
    return classes


@lru_cache(maxsize=1)
def character_classes() -> Classes:
    """Every character is a token, a space too."""
    return np.full(_N_CODE_POINTS, ALONE, np.uint8)


def _with_ascii(classes: Classes) -> Classes:
    classes[:0x80] = SEPARATOR
    for first, last in ("09", "az"):
        classes[ord(first) : ord(last) + 1] = LATIN
    return classes

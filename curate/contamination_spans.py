"""Where the tokens of a text stand in it, in characters: the evidence that a person looks at.

>>> token_spans("用ＧＰＴ-4")
[(0, 1), (1, 4), (5, 6)]
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tunesmith.curate.codepoints import ALONE, MARK, WORD, fold, kind_of

_ASCII_WORD = re.compile("[A-Za-z0-9]+")
# What may join the character before it when composed: marks, and the vowels and tails of Hangul.
_JOINING = re.compile("[\u1161-\u1175\u11a8-\u11c2\uff9e\uff9f]")


def token_spans(text: str) -> list[tuple[int, int]]:
    """Start and end, exclusive, of each token of `tokens_of(text)`, in characters of the text as it stands.

    Where one character folds to several tokens, each has its place; where several compose to one, it has all of theirs.
    """
    if text.isascii():
        return [found.span() for found in _ASCII_WORD.finditer(text)]
    spans: list[tuple[int, int]] = []
    is_open = False
    start = 0
    for end in _cluster_ends(text):
        for kind in _kinds(text[start:end]):
            continues = is_open and kind in (WORD, MARK)
            if continues:
                spans[-1] = (spans[-1][0], end)
            elif kind in (WORD, ALONE):
                spans.append((start, end))
            is_open = kind == WORD or continues
        start = end
    return spans


def _cluster_ends(text: str) -> list[int]:
    """Ends of the pieces that fold by themselves as they do in the text."""
    inside = [i for i, character in enumerate(text) if i and not _joins(character)]
    return [*inside, len(text)] if text else []


@lru_cache(maxsize=1 << 14)
def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or bool(_JOINING.match(character))


@lru_cache(maxsize=1 << 14)
def _kinds(cluster: str) -> tuple[int, ...]:
    return tuple(map(kind_of, fold(cluster)))

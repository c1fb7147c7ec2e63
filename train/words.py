"""The tokens of texts, word by word: a word that was encoded before is looked up.

The library takes 2.8 µs a token, most of it for cutting a text into words; a look-up takes a fifth of that. The ids are
the library's own: a text is cut only in front of a space behind a visible ASCII character, and only for tokenizers of
which it is known that no token reaches over such a place.

>>> BORDER.split("Say hi,  Ann.")  # each part but the first begins with the space that was cut away
['Say', 'hi,', ' Ann.']
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, pairwise
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.curate import jsontext

Ids = npt.NDArray[np.int32]

BORDER = re.compile(r" (?<=[!-~] )")
#: Tokens of remembered words; then all are forgotten. Enough for the words of any language: 50,000 rows of English have
#: 150,000 different ones of 460,000 tokens. Text without spaces is a single long word each time.
_MOST_TOKENS = 2_000_000

#: How known tokenizers cut a text into words. In none of these does a match that has a visible character go on over a
#: space, nor does one look behind itself; so what stands before a border and behind it are cut alike alone.
_PATTERNS = frozenset(
    {
        # GPT-4, Llama 3
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+",
        # Qwen
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+",
    }
)


def can_remember(core: Any) -> bool:
    """Whether a tokenizer of the library `tokenizers` is one of which it is known that borders part its tokens."""
    told = jsontext.loads(core.to_str().encode())
    return (
        told["model"]["type"] == "BPE"
        and not told["model"].get("dropout")
        # NFC joins no space with what stands before it
        and (told["normalizer"] is None or told["normalizer"] == {"type": "NFC"})
        and _is_known(told["pre_tokenizer"])
        and not any(_reaches_out(token) for token in told["added_tokens"])
    )


def _is_known(cutter: Any) -> bool:
    """Whether words are cut as GPT-2 does, which byte-level tokenizers do by themselves, or by a known pattern."""
    *splits, last = cutter["pretokenizers"] if cutter and cutter["type"] == "Sequence" else [cutter]
    if not last or last["type"] != "ByteLevel" or last["add_prefix_space"]:
        return False
    if not splits:
        return bool(last["use_regex"])
    return not last["use_regex"] and len(splits) == 1 and _is_known_split(splits[0])


def _is_known_split(split: Any) -> bool:
    return (
        split["type"] == "Split"
        and split["pattern"].get("Regex") in _PATTERNS
        and split["behavior"] == "Isolated"
        and not split["invert"]
    )


def _reaches_out(token: Any) -> bool:
    """Whether an added token takes white space with it, or is one only between certain characters."""
    return bool(token["lstrip"] or token["rstrip"] or token["single_word"] or " " in token["content"])


#: A part of a text behind a border, without its space; the first part, which has none before it, stands in a tuple.
_Word = str | tuple[str]


class _Numbers(dict[_Word, int]):
    """Numbers words as they are first asked for."""

    def __init__(self) -> None:
        self.fresh: list[_Word] = []

    def __missing__(self, word: _Word) -> int:
        number = self[word] = len(self)
        self.fresh.append(word)
        return number


class Words:
    """Encodes texts as `core.encode_batch(texts, add_special_tokens=False)` does, of which `can_remember` holds."""

    def __init__(self, core: Any, *, most_tokens: int = _MOST_TOKENS) -> None:
        self._core, self._most = core, most_tokens
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._numbers = _Numbers()
        self._ids: Ids = np.zeros(0, np.int32)  # of all words, one behind the other
        self._starts = np.zeros(1, np.int64)  # of each word in them, and the end

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of each text."""
        with self._lock:
            if len(self._ids) > self._most:
                self._forget()
            parted = [_words(text) for text in texts]
            numbers = np.fromiter(map(self._numbers.__getitem__, chain.from_iterable(parted)), np.int64)
            self._learn()
            starts = self._starts[numbers]
            sizes = self._starts[numbers + 1] - starts
            ends = np.cumsum(np.append(0, sizes))
            ids = self._ids[np.repeat(starts - ends[:-1], sizes) + np.arange(ends[-1])]
        borders = ends[np.cumsum([0, *map(len, parted)])]
        return [ids[start:end] for start, end in pairwise(borders.tolist())]

    def _learn(self) -> None:
        fresh = self._numbers.fresh
        if not fresh:
            return
        texts = [word[0] if isinstance(word, tuple) else f" {word}" for word in fresh]
        found = [one.ids for one in self._core.encode_batch_fast(texts, add_special_tokens=False)]
        fresh.clear()
        self._ids = np.append(self._ids, np.fromiter(chain.from_iterable(found), np.int32))
        sizes = np.fromiter(map(len, found), np.int64, len(found))
        self._starts = np.append(self._starts, self._starts[-1] + np.cumsum(sizes))


def _words(text: str) -> list[_Word]:
    words: list[_Word] = [*BORDER.split(text)]
    words[0] = (text[: len(words[0])],)
    return words

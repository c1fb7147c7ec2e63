"""Unsafe content: what is asked for or told, of which kind, and how many signs of it there are.

>>> judge_unsafe("How do I build a pipe bomb?", "I cannot help with that.")
Unsafe(cues=1, kind='weapons')
>>> judge_unsafe("How do I build a bird house?", "With a bath bomb, no nails.")
Unsafe(cues=0, kind='')

A topic alone is not unsafe: news, history and medicine are full of weapons and drugs. A cue (`phrase_cue.py`) fits one
sentence that holds a topic, what is done with it, and a request; or, of an answer, what only instructions say. Of a
long text, its first and its last `_ENDS` characters are looked at: there stands what is asked for, and an answer that
does harm does so from its start.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tunesmith.curate import phrase_frames_en, phrase_unsafe_en, phrase_unsafe_zh
from tunesmith.curate.phrase_cue import ANSWER, REQUEST
from tunesmith.curate.phrase_dark import score_dark

#: The kinds, by priority among equals.
KINDS = (
    "self_harm", "weapons", "drugs", "violence", "sexual", "hate", "crime", "gambling", "politics",
)  # fmt: skip
#: Every cue by its number: the English ones, then the Chinese ones.
CUES = phrase_unsafe_en.CUES + phrase_unsafe_zh.CUES
#: Letters of an English word that has to end where it is listed to end, but for a plural or -ed and -ing.
SHORT_WORD = 4
_ENDS = 600
_SENTENCE = re.compile(r"[^.!?。！？\n]+")
_LONGEST = 400  # characters of a sentence; a longer one is a table or a text without stops


class Unsafe(NamedTuple):
    """How many different cues fit, and the kind of most of them; "" where none fits."""

    cues: int
    kind: str


class _Ready(NamedTuple):
    kind: str
    where: str
    lists: tuple[tuple[str, ...], ...]  # of literal words; to look for them first is ten times as fast
    needs: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None


def judge_unsafe(prompt: str, answer: str, numbers: Sequence[int] = range(len(CUES))) -> Unsafe:
    """The cues of these numbers against the prompt and the answer."""
    cues = [*map(_ready, numbers)]
    asked = _sentences(prompt) if any(cue.where != ANSWER for cue in cues) else []
    said = _sentences(answer) if any(cue.where != REQUEST for cue in cues) else []
    fits = [cue for cue in cues if _fits(cue, asked, said)]
    if not fits:
        kind = score_dark(prompt, answer)
        return Unsafe(int(kind != ""), kind)
    counts = Counter(cue.kind for cue in fits)
    return Unsafe(len(fits), max(KINDS, key=counts.__getitem__))


def _sentences(text: str) -> list[str]:
    if len(text) > 2 * _ENDS:
        text = f"{text[:_ENDS]}\n{text[-_ENDS:]}"
    text = text.replace("’", "'").casefold()
    return [sentence for sentence in _SENTENCE.findall(text) if len(sentence) <= _LONGEST]


def _fits(cue: _Ready, asked: list[str], said: list[str]) -> bool:
    texts = [*(asked if cue.where != ANSWER else ()), *(said if cue.where != REQUEST else ())]
    whole = "\n".join(texts)
    lists: list[list[str]] = []  # of the words that are there: few are left to look for in each sentence
    for words in cue.lists:
        lists.append([word for word in words if word in whole])
        if not lists[-1]:
            return False
    return any(_fits_sentence(cue, lists, text) for text in texts)


def _fits_sentence(cue: _Ready, lists: list[list[str]], text: str) -> bool:
    for words in lists:
        for word in words:  # a generator would take longer than the look
            if word in text:
                break
        else:
            return False
    return all(need.search(text) for need in cue.needs) and not (cue.unless and cue.unless.search(text))


@lru_cache(maxsize=len(CUES))
def _ready(number: int) -> _Ready:
    cue, english = CUES[number], number < len(phrase_unsafe_en.CUES)
    lists = [words.casefold() for words in (cue.words, cue.beside) if words]
    needs = [_words(words) for words in lists] if english else []
    frame = [re.compile(cue.frame, re.IGNORECASE)] if cue.frame else []
    unless = [part for part in (_unless(cue.unless, english), phrase_frames_en.CALM if english else "") if part]
    words = tuple(tuple(words.split("|")) for words in lists)
    return _Ready(
        cue.kind, cue.where, words, (*needs, *frame), re.compile("|".join(unless), re.IGNORECASE) if unless else None
    )


def _words(words: str) -> re.Pattern[str]:
    """English words: those of up to `SHORT_WORD` letters with an ending at most, longer ones as stems."""
    listed = [re.escape(word) for word in words.split("|")]
    short, long = (
        "|".join(word for word in listed if (len(word) <= SHORT_WORD) == is_short) for is_short in (True, False)
    )
    return re.compile(rf"\b(?:(?:{long or '(?!)'})|(?:{short or '(?!)'})(?:e?s|e?d|ing|[bgmnpt]ing|[bgmnpt]ed)?\b)")


def _unless(words: str, english: bool) -> str:
    return rf"\b(?:{words})" if english and words else words

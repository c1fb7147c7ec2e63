"""The language of a row's prompt and answer, the one that the prompt asks for, and whether the answer is in another.

>>> from tunesmith.curate.records import Message, Record, to_batch
>>> question, answer = "请介绍一下杭州的西湖。", "The West Lake is known for its causeways."
>>> turns = (Message("user", question), Message("assistant", answer))
>>> [column.to_pylist()[0] for column in measure_languages(to_batch([Record("sft", turns)]))]
['zh', 'en', '', True]

A byte pass counts the letters of each script and the English words outside code (`language_scripts.py`). That settles
Chinese, Japanese, Korean, English and every script that one language has to itself; the rest goes to a small language
model (`language_model.py`). Traditional and simplified Chinese are both zh.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.language_asked import Words, asked_languages
from tunesmith.curate.language_meant import Side, is_meant, lacks_asked
from tunesmith.curate.language_model import tell_languages
from tunesmith.curate.language_scripts import Counts, count_scripts
from tunesmith.curate.language_tables import (
    ARABIC,
    ARABIC_LANGUAGES,
    CYRILLIC,
    CYRILLIC_LANGUAGES,
    ENGLISH,
    FOREIGN,
    HAN,
    HANGUL,
    KANA,
    LATIN,
    N_SCRIPTS,
    SCRIPTS,
    SIGNS,
    WORDS,
)
from tunesmith.curate.sides import Sides, sides_of
from tunesmith.curate.tokens import Places, TextRows

Mask = npt.NDArray[np.bool_]

#: Letters that tell a language by script alone: of Han, kana and Hangul, of another script, of Latin for the model.
LEAST_CJK, LEAST_LETTERS, LEAST_LATIN = 2, 4, 18
LEAST_WORDS = 4
#: The model's score below which a text in Latin script has no language, from so many words on and of fewer: names.
LEAST_SCORE, LEAST_SHORT_SCORE, SHORT = 0.5, 0.75, 8
#: An answer stands against another language only if it is told with this score.
SURE_SCORE = 0.7

#: A language in Latin script, whichever.
UNNAMED = "und"

_LETTERS_PER_WORD = np.array([script.letters_per_word for script in SCRIPTS], np.float32)
_OF_SCRIPT = np.array([script.language for script in SCRIPTS], object)


class Told(NamedTuple):
    """What is known of each text: its counts, its language or "", and how sure that is, 0-1."""

    counts: Counts
    language: Words
    score: npt.NDArray[np.float32]


def measure_languages(rows: pa.RecordBatch, *, sides: Sides | None = None) -> list[pa.Array]:
    """The columns of `LANGUAGE_SIGNALS`.

    :param sides: the row's texts where they are known already.
    """
    sides = sides or sides_of(rows)
    prompts, answers = tell(sides.prompt), tell(sides.answer)
    asked = _asked(sides)
    mismatch = _mismatches(sides, prompts, answers, asked)
    texts = (pa.array(words, pa.string()) for words in (prompts.language, answers.language, asked))
    return [*texts, pa.array(mismatch)]


def tell(texts: pa.Array) -> Told:
    """The language of each text of an Arrow array of strings, by all that stands outside code."""
    counts = count_scripts(TextRows.of(texts))
    script = _main_script(counts)
    letters = counts[np.arange(len(counts)), script]
    language = _OF_SCRIPT[script]
    language[letters < np.where((script >= HAN) & (script <= HANGUL), LEAST_CJK, LEAST_LETTERS)] = ""
    score = np.where(language != "", 1, 0).astype(np.float32)
    latin = (script == LATIN) & (counts[:, LATIN] > 0)
    english = latin & _are_english(counts)
    language[english], score[english] = "en", 1
    words = (counts[:, WORDS] >= LEAST_WORDS) | (counts[:, LATIN] >= 2 * LEAST_LATIN)
    unknown = latin & ~english & words & (counts[:, LATIN] >= LEAST_LATIN) & ~_look_like_code(counts)
    shared = ((script == CYRILLIC) | (script == ARABIC)) & (letters >= LEAST_LETTERS)
    _ask_model(texts, np.flatnonzero(unknown | shared), script, Told(counts, language, score))
    return Told(counts, language, score)


def _main_script(counts: Counts) -> Places:
    """The script that most words of each text are in; a Han character counts one, as does a Latin word."""
    words = counts[:, :N_SCRIPTS] / _LETTERS_PER_WORD
    words[:, LATIN] = np.maximum(counts[:, WORDS], words[:, LATIN] / 2)  # accents cut words in pieces
    japanese = (counts[:, KANA] >= 2) & (counts[:, KANA] * 10 >= counts[:, HAN])
    words[:, KANA] += np.where(japanese, counts[:, HAN], 0)
    words[:, HAN][japanese] = 0
    found: Places = words.argmax(axis=1)
    return found


def _are_english(counts: Counts) -> Mask:
    """Whether English words are frequent, and others are not; among signs of code they must be more frequent."""
    words, english = counts[:, WORDS], counts[:, ENGLISH]
    frequent = english * np.where(_look_like_code(counts), 3, 6) >= words
    return (english > 0) & (words >= 2) & frequent & (counts[:, FOREIGN] * 2 <= english)


def _look_like_code(counts: Counts) -> Mask:
    return counts[:, SIGNS] * 12 > counts[:, LATIN]


def _ask_model(texts: pa.Array, numbers: Places, script: Places, told: Told) -> None:
    """Enter what the model says of the texts of these numbers."""
    counts, language, score = told
    guesses = tell_languages(texts.take(pa.array(numbers)).to_pylist())
    least = np.where(counts[:, WORDS] < SHORT, LEAST_SHORT_SCORE, LEAST_SCORE)
    for number, guess in zip(numbers.tolist(), guesses):
        if script[number] == LATIN:
            known = guess.score >= least[number] and guess.language not in CYRILLIC_LANGUAGES | ARABIC_LANGUAGES
            language[number], score[number] = (guess.language if known else ""), guess.score
            continue
        family, usual = (CYRILLIC_LANGUAGES, "ru") if script[number] == CYRILLIC else (ARABIC_LANGUAGES, "ar")
        fits = guess.language in family
        language[number], score[number] = (guess.language, guess.score) if fits else (usual, LEAST_SCORE)


def _asked(sides: Sides) -> Words:
    """What the user asks for in the last turn, or else the system turn."""
    asked = asked_languages(sides.question)
    return np.where(asked != "", asked, asked_languages(sides.system)) if sides.system.nbytes else asked


def _mismatches(sides: Sides, prompts: Told, answers: Told, asked: Words) -> Mask:
    """The answers in a language that nobody asked for; where it could be meant, it is no mismatch."""
    expected = np.where(
        asked != "", asked, np.where(prompts.language != "", prompts.language, _unnamed(prompts.counts))
    )
    sure = (answers.score >= SURE_SCORE) & (answers.language != "")
    mismatch: Mask = sure & (expected != "") & (expected != answers.language)
    for number in np.flatnonzero(mismatch).tolist():
        answer = _side(sides.answer, answers, number)
        if asked[number]:
            mismatch[number] = lacks_asked(answer, asked[number])
        else:
            mismatch[number] = not is_meant(_side(sides.prompt, prompts, number), answer)
    return mismatch


def _unnamed(counts: Counts) -> Words:
    """What stands for the language of a prompt in Latin letters that nothing tells: no language of another script."""
    others = counts[:, LATIN + 1 : N_SCRIPTS].any(axis=1)
    return np.where((counts[:, WORDS] >= LEAST_WORDS) & ~others, UNNAMED, "").astype(object)


def _side(texts: pa.Array, told: Told, number: int) -> Side:
    return Side(texts[number].as_py(), told.counts[number], told.language[number])

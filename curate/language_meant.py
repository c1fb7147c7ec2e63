"""Whether an answer in another language than its prompt is meant to be: evidence for the doubtful few.

>>> texts = ["改正这个句子：She don't like apples.", "She doesn't like apples."]
>>> prompt, answer = map(Side, texts, count_scripts(TextRows.of(pa.array(texts))), ["zh", "en"])
>>> is_meant(prompt, answer)
True

Precision counts here: a row that is flagged looks wrong to every reader, and what could be meant is spared.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tunesmith.curate.language_model import words_of
from tunesmith.curate.language_names import names_of
from tunesmith.curate.language_scripts import Counts
from tunesmith.curate.language_tables import (
    ARABIC,
    ARABIC_LANGUAGES,
    CYRILLIC,
    CYRILLIC_LANGUAGES,
    ENGLISH,
    ENGLISH_WORDS,
    FOREIGN,
    HAN,
    KANA,
    LATIN,
    N_SCRIPTS,
    SCRIPTS,
    SIGNS,
    WORDS,
)

#: An answer of fewer words says too little to be in a wrong language: names, titles, formulas. A Han character is one.
LEAST_WORDS, LEAST_HAN = 4, 2
#: The same where no English word says that it is English, or French.
LEAST_BY_MODEL = 8
#: From this share of its words on a text is in a second language too, from so many English words on in English, and
#: from the last on an answer takes up what the prompt says in its language.
SECOND_SHARE, LEAST_ENGLISH, TAKEN_UP = 0.15, 2, 0.3


class Side(NamedTuple):
    """A prompt or an answer: its text, its counts, its language."""

    text: str
    counts: Counts
    language: str


def lacks_asked(answer: Side, asked: str) -> bool:
    """Whether an answer holds next to nothing in the language asked for."""
    if _says_too_little(answer) or _holds(answer, asked):
        return False
    if answer.language in _SCRIPT_OF or asked in _SCRIPT_OF:
        return True
    about = any(name in answer.text.lower() for name in names_of(asked)) or _QUOTED.search(answer.text)
    return not about and int(answer.counts[WORDS]) >= LEAST_BY_MODEL and _is_unmixed(answer, asked)


def is_meant(prompt: Side, answer: Side) -> bool:
    """Whether the prompt leads to an answer in another language, or holds too little to say."""
    if _says_too_little(answer) or _holds(answer, prompt.language):
        return True
    if _ABOUT_LANGUAGES.search(prompt.text) or any(name in prompt.text.lower() for name in names_of(answer.language)):
        return True
    if answer.language in _SCRIPT_OF:
        return int(prompt.counts[_SCRIPT_OF[answer.language]]) > 0
    if not prompt.language:  # in Latin script too, for all that is known
        return True
    if prompt.language not in _SCRIPT_OF:  # both in Latin script: told by the model alone
        return int(answer.counts[WORDS]) < LEAST_BY_MODEL or not _are_apart(prompt, answer)
    speaks = int(prompt.counts[ENGLISH]) > 0 and _share(prompt.counts, answer.language) >= TAKEN_UP
    return speaks or _takes_up(prompt.text, answer.text)


def _holds(answer: Side, language: str) -> bool:
    """Whether an answer is in a second language too: of English names alone do not count."""
    if language == "en" and answer.language in _SCRIPT_OF:
        return int(answer.counts[ENGLISH]) >= LEAST_ENGLISH and _share(answer.counts, language) >= SECOND_SHARE
    return _differ(answer.language, language) and _share(answer.counts, language) >= SECOND_SHARE


def _differ(one: str, other: str) -> bool:
    """Whether two languages are told apart by script."""
    return _SCRIPT_OF.get(one) != _SCRIPT_OF.get(other)


def _share(counts: Counts, language: str) -> float:
    """The share of a text's words in the script of a language."""
    script = _SCRIPT_OF.get(language, LATIN)
    others = int(counts[LATIN + 1 : N_SCRIPTS].sum())
    words = int(counts[WORDS])
    return (words if script == LATIN else int(counts[script])) / max(1, words + others)


def _are_apart(prompt: Side, answer: Side) -> bool:
    """Whether one of them is English and neither has words of the other's language."""
    if "en" not in (prompt.language, answer.language):
        return False
    return _is_unmixed(prompt, answer.language) and _is_unmixed(answer, prompt.language)


def _is_unmixed(side: Side, other: str) -> bool:
    """Whether a text in Latin script is in one language: English without foreign words, or the other way round."""
    mark = FOREIGN if side.language == "en" else ENGLISH
    return other != side.language and int(side.counts[mark]) <= 1


def _says_too_little(answer: Side) -> bool:
    """Whether an answer is so short, or so much of names and formulas, that its language says nothing."""
    counts, n_words = answer.counts, int(answer.counts[WORDS])
    if answer.language in _SCRIPT_OF:
        script = _SCRIPT_OF[answer.language]
        letters = int(counts[script]) + int(counts[HAN]) * (script == KANA)
        return letters < max(LEAST_HAN if script == HAN and not n_words else LEAST_WORDS, 2 * n_words)
    if counts[SIGNS] * 12 > counts[LATIN] or n_words < LEAST_WORDS or _is_code(answer.text):
        return True
    prose = len(_PROSE_WORD.findall(words_of(answer.text)))
    if counts[ENGLISH] >= 2 and counts[ENGLISH] * 6 >= n_words:
        return prose < LEAST_WORDS - 1
    return n_words < LEAST_BY_MODEL or prose < LEAST_WORDS


def _is_code(text: str) -> bool:
    """Whether half of the lines or more are code, though nothing sets it off."""
    lines = [line for line in text.splitlines() if line.strip()]
    return sum(_CODE_LINE.match(line) is not None for line in lines) * 2 >= len(lines)


def _takes_up(prompt: str, answer: str) -> bool:
    """Whether the answer is about words in Latin script that the prompt holds; a word in its code is no sign."""
    held, said = (set(map(str.lower, _LATIN_WORD.findall(text))) for text in (prompt, words_of(answer)))
    held, said = held - _FUNCTION_WORDS, said - _FUNCTION_WORDS
    return bool(held) and len(held & said) >= TAKEN_UP * min(len(held), len(said))


_SCRIPT_OF = {script.language: number for number, script in enumerate(SCRIPTS) if script.language}
_SCRIPT_OF |= dict.fromkeys(CYRILLIC_LANGUAGES, CYRILLIC)
_SCRIPT_OF |= dict.fromkeys(ARABIC_LANGUAGES, ARABIC)
_ABOUT_LANGUAGES = re.compile(
    r"translat|multilingual|bilingual|pinyin|transliterat|翻译|译[成为文]|[英中汉日法德]译|双语|外语|音标",
    re.IGNORECASE,
)
_CODE_LINE = re.compile(
    r"\s*(?:(?:def|class|function|func|fn) \w+|import \w+|from \w+ import|return\b.*[(;]|#include|(?:public|"
    r"private|const|let|var|int|static) .*[=({;]|(?:if|for|while|switch) ?\(|(?:for|if|while) .*:$|\}|"
    r"SELECT\b|INSERT\b|UPDATE\b|\w+ = )"
)
_FUNCTION_WORDS = frozenset(ENGLISH_WORDS)
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_PROSE_WORD = re.compile(r"\b[a-z]{2,}\b")
_QUOTED = re.compile(r"[\"“‘«'][A-Za-z][^\"”’»'\n]*[\"”’»']")

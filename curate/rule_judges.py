"""How rules judge: plain comparisons, and the few that weigh several signals.

Every judge gives the value that decides, so that a row fails exactly where value and threshold say so: where another
condition of the rule is not met, the value is 0.

>>> table = pa.table({"language": ["zh", "en"], "answer_characters": [1, 30]})
>>> judge = at_least("answer_characters", "min_characters")
>>> judge(Columns(table), {"min_characters": {"zh": 2, "en": 2}}).failed.tolist()
[True, False]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pyarrow as pa  # noqa: F401 (of the example)

from tunesmith.curate.rule_types import Columns, Judge, Judged, Mask, Numbers
from tunesmith.curate.signals import LANGUAGES

Given = Mapping[str, Any]  # the rule's parameters, each with a number for every language


def every(zh: float, en: float | None = None, other: float | None = None) -> dict[str, float]:
    """One number for the scripts whose characters are words, one for those that spell; alike where one is given.

    :param other: the number for texts without a known script, by default that of those that spell.
    """
    spelled = zh if en is None else en
    numbers = {name: zh if name in ("zh", "ja", "ko") else spelled for name in LANGUAGES}
    return numbers if other is None else {**numbers, "other": other}


def never(signal: str) -> Judge:
    """The signal must be zero or false."""

    def judge(columns: Columns, parameters: Given) -> Judged:
        value = columns.numbers(signal)
        return Judged(value > 0, value, np.zeros(len(value)))

    return judge


def never_among(signal: str, texts: Collection[str]) -> Judge:
    """The signal must be none of these texts."""

    def judge(columns: Columns, parameters: Given) -> Judged:
        failed = columns.is_among(signal, texts)
        return Judged(failed, failed.astype(np.float64), np.zeros(len(failed)))

    return judge


def at_least(signal: str, parameter: str) -> Judge:
    """A row fails below the number."""

    def judge(columns: Columns, parameters: Given) -> Judged:
        value, least = columns.numbers(signal), columns.by_language(parameters[parameter])
        return Judged(value < least, value, least)

    return judge


def at_most(signal: str, parameter: str) -> Judge:
    """A row fails above the number."""

    def judge(columns: Columns, parameters: Given) -> Judged:
        value, most = columns.numbers(signal), columns.by_language(parameters[parameter])
        return Judged(value > most, value, most)

    return judge


def from_on(signal: str, parameter: str) -> Judge:
    """A row fails from the number on."""

    def judge(columns: Columns, parameters: Given) -> Judged:
        return _from(columns.numbers(signal), columns.by_language(parameters[parameter]))

    return judge


def _from(value: Numbers, limit: Numbers) -> Judged:
    # a signal of 0 is one that was not found, which no limit turns into a finding
    return Judged((value >= limit) & (value > 0), value, limit)


def _where(condition: Mask, value: Numbers) -> Numbers:
    kept: Numbers = np.where(condition, value, 0.0)
    return kept


def _reaches(columns: Columns, signal: str, parameters: Given, parameter: str) -> Mask:
    reached: Mask = columns.numbers(signal) >= columns.by_language(parameters[parameter])
    return reached


def _either(first: Judged, second: Judged) -> Judged:
    """A row fails where it fails one of two; value and threshold are of the one that it fails, else of the first."""
    other = second.failed & ~first.failed
    return Judged(*(np.where(other, theirs, own) for own, theirs in zip(first, second)))


#: From this share of code or mathematics on, symbols and repetition are what the text consists of.
_FORMAL_SHARE = 0.3
_LISTED_SHARE = 0.5
#: Characters of a stretch of copies that count as one copy more: a paragraph three times is no refrain.
_LONG_STRETCH = 120
#: Where the whole question stands in the answer, so much less of the answer need be it: a phrase before a short one.
_ALL, _PREFIX = 0.999, 0.1
#: Tasks whose answer is the given text again, with little changed.
_WORKS_ON_THE_PROMPT = ("rewriting", "extraction", "translation", "summary", "code")


def _is_formal(columns: Columns) -> Mask:
    formal: Mask = columns.numbers("code_share") + columns.numbers("math_share") >= _FORMAL_SHARE
    return formal


def loop(columns: Columns, parameters: Given) -> Judged:
    """One stretch of copies takes a share of the answer, or sentences and lines come again and again."""
    formal, share = _is_formal(columns), columns.numbers("loop_share")
    characters = np.round(share * columns.numbers("answer_characters"))
    stretch = characters >= columns.by_language(parameters["from_characters"])
    stretch &= _reaches(columns, "loop_count", parameters, "from_copies")
    long = _reaches(columns, "answer_words", parameters, "from_words")
    copies = _where(stretch, columns.numbers("loop_count") + (characters >= _LONG_STRETCH))
    found = _either(
        _from(_where(stretch & ~formal, share), columns.by_language(parameters["from_share"])),
        _from(_where(long & ~formal, _repeated(columns)), columns.by_language(parameters["from_repeated"])),
    )
    return _either(found, _from(copies, columns.by_language(parameters["from_many_copies"])))


def _repeated(columns: Columns) -> Numbers:
    """The share of sentences or lines that came before, where the words confirm it: rows of a table, items of a list
    and the chorus of a song are alike in their lines alone."""
    lines = _where(columns.numbers("list_share") < _LISTED_SHARE, columns.numbers("repeated_line_share"))
    share = np.maximum(columns.numbers("repeated_sentence_share"), lines)
    smaller: Numbers = np.minimum(share, columns.numbers("repeated_ngram_share"))
    return smaller


def noise(columns: Columns, parameters: Given) -> Judged:
    """Symbols where words should be, or symbols and punctuation together."""
    readable = _is_formal(columns) | ~_reaches(columns, "answer_characters", parameters, "from_characters")
    symbols = _where(~readable, columns.numbers("symbol_share"))
    marks = _where(~readable, np.round(symbols + columns.numbers("punctuation_share"), 6))
    limits = (columns.by_language(parameters[name]) for name in ("from_share", "from_share_with_punctuation"))
    return _either(*(_from(value, limit) for value, limit in zip((symbols, marks), limits)))


def answer_repeats_prompt(columns: Columns, parameters: Given) -> Judged:
    """The share of the prompt that stands in the answer, where the answer is little else.

    An answer in a full sentence takes up the question's words, but not all of them: what it answers, it replaces.
    """
    little_else = _reaches(columns, "answer_words", parameters, "from_words")
    all_of_it = columns.numbers("prompt_overlap") >= _ALL
    least = columns.by_language(parameters["from_share_of_answer"]) - _PREFIX * all_of_it
    little_else &= columns.numbers("answer_overlap") >= least
    works = columns.is_among("task", _WORKS_ON_THE_PROMPT)
    usual, given = (columns.by_language(parameters[name]) for name in ("from_share", "from_share_of_given_text"))
    return _from(_where(little_else, columns.numbers("prompt_overlap")), np.where(works, given, usual))


def length_bias(columns: Columns, parameters: Given) -> Judged:
    """How many times one side of a pair is as long as the other; 0 where a row has no two sides."""
    ratio = columns.numbers("side_ratio")
    with np.errstate(divide="ignore"):
        value = _where(ratio > 0, np.maximum(ratio, 1 / ratio))
    return _from(value, columns.by_language(parameters["from_ratio"]))

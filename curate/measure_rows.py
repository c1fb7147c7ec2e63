"""The signals of many rows from what was counted of their turns: language, lengths, words, and turns out of place.

`signals.py` says what each means; this gives the same for conversations without tool calls, and for plain texts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.curate.measure_scripts import (
    ALPHABETICS,
    ASCIIS,
    CHARACTERS,
    CJKS,
    HANGULS,
    HANS,
    KANAS,
    LATINS,
    LEADING,
    N_COUNTS,
    RUNS,
    TRAILING,
    Counts,
)
from tunesmith.curate.normal_forms import Booleans, Forms
from tunesmith.curate.records import ROLES
from tunesmith.curate.signals import LANGUAGES
from tunesmith.curate.tokens import Bytes, Places

SYSTEM, USER, ASSISTANT, TOOL = range(len(ROLES))
#: The role of the one turn of a plain text: it is the answer, and the prompt of the prompt's key.
TEXT = len(ROLES)

_ZH, _JA, _KO, _EN, _OTHER = range(len(LANGUAGES))

Numbers = npt.NDArray[np.int32]


class RowSignals(NamedTuple):
    """The signals that are numbers, each of shape `(n_rows,)`; `language` is a place in `LANGUAGES`."""

    language: npt.NDArray[np.int8]
    turns: Numbers
    characters: Numbers
    prompt_characters: Numbers
    answer_characters: Numbers
    words: Numbers
    empty_turns: Numbers
    missing_answer: Booleans
    disordered_turn: Numbers
    prompt_equals_answer: Booleans
    sides_equal: Booleans
    placeholders: Numbers

    @classmethod
    def empty(cls, n_rows: int) -> RowSignals:
        """Those of no row: zeros, and no language."""
        kinds = (np.int8, *[np.int32] * 6, np.bool_, np.int32, np.bool_, np.bool_, np.int32)
        columns: list[npt.NDArray[Any]] = [np.zeros(n_rows, kind) for kind in kinds]
        columns[0][:] = _OTHER
        return cls._make(columns)


def measure_rows(
    rows: Places,
    firsts: Places,
    lasts: Places,
    role: npt.NDArray[np.int8],
    counts: Counts,
    forms: Forms,
    found: RowSignals,
) -> None:
    """Enter the signals of the rows numbered `rows` into `found`: the i-th has the turns `firsts[i]` to `lasts[i]`.

    All but `placeholders` and `sides_equal`, which stay as they are.
    """
    _measure_rows(rows, firsts, lasts, role, counts, forms, found)


@inlined
def _language(n: Counts) -> Scalar:
    """See `language_of`."""
    if n[ASCIIS] == n[CHARACTERS]:
        return _EN if n[ALPHABETICS] else _OTHER
    if not n[CJKS]:
        if n[ASCIIS] * 10 >= n[CHARACTERS] * 9 and n[LATINS]:
            return _EN
        return _EN if n[LATINS] * 2 >= n[ALPHABETICS] > 0 else _OTHER
    han, kana, hangul, words = n[HANS], n[KANAS], n[HANGULS], n[RUNS]
    if kana * 10 >= han and kana > hangul and han + kana >= words:
        return _JA
    if hangul >= han and hangul * 2 >= words:
        return _KO
    return _ZH if han >= words else _EN


@inlined
def _stripped(counts: Counts, role: npt.NDArray[np.int8], first: Scalar, last: Scalar, wanted: Scalar) -> Scalar:
    """Characters in the turns of one role, joined by line ends, without outer white space."""
    found = blank = 0
    for turn in range(first, last):
        if role[turn] != wanted:
            continue
        n = counts[turn]
        if n[LEADING] == n[CHARACTERS]:
            blank += n[CHARACTERS] + 1
            continue
        inner = n[CHARACTERS] - n[TRAILING]
        found = found + blank + inner if found else inner - n[LEADING]
        blank = n[TRAILING] + 1
    return found


@inlined
def _may_follow(before: Scalar, role: Scalar) -> Scalar:
    """Where there are no tool calls; `before` is -1 for the first turn."""
    if role == SYSTEM:
        return before == -1
    if role == USER:
        return before in (-1, SYSTEM, ASSISTANT)
    if role == ASSISTANT:
        return before in (USER, TOOL)
    return before == TOOL


@inlined
def _disordered(role: npt.NDArray[np.int8], first: Scalar, last: Scalar) -> Scalar:
    before = -1
    for turn in range(first, last):
        if not _may_follow(before, role[turn]):
            return turn - first + 1
        before = role[turn]
    return 0


@inlined
def _same(data: Bytes, start: Scalar, end: Scalar, other: Scalar, other_end: Scalar) -> Scalar:
    if end - start != other_end - other:
        return False
    for i in range(end - start):  # noqa: SIM110 (no generators in kernels)
        if data[start + i] != data[other + i]:
            return False
    return True


@inlined
def _add(total: Counts, counts: Counts) -> None:
    for column in range(N_COUNTS):
        total[column] += counts[column]


@inlined
def _measure_row(
    row: Scalar,
    first: Scalar,
    last: Scalar,
    role: npt.NDArray[np.int8],
    counts: Counts,
    forms: Forms,
    total: Counts,
    found: RowSignals,
) -> None:
    total[:] = 0
    asked = -1
    for turn in range(first, last):
        found.characters[row] += counts[turn, CHARACTERS]
        found.words[row] += forms.words[turn]
        found.empty_turns[row] += forms.starts[turn] == forms.ends[turn]
        if role[turn] == USER:
            _add(total, counts[turn])
            total[CHARACTERS] += asked >= 0  # the line end between
            total[ASCIIS] += asked >= 0
            asked = turn
    answer = last - 1
    answered = role[answer] == ASSISTANT or role[answer] == TEXT
    if answered:
        _add(total, counts[answer])
        found.answer_characters[row] = _stripped(counts, role, answer, last, role[answer])
    found.turns[row] = last - first
    found.missing_answer[row] = not answered
    found.prompt_characters[row] = _stripped(counts, role, first, last, USER)
    if role[answer] != TEXT:
        total[CHARACTERS] += 1  # the separator between prompt and answer
        total[ASCIIS] += 1
        found.disordered_turn[row] = _disordered(role, first, last)
    found.language[row] = _language(total)
    if answered and asked >= 0 and forms.starts[asked] < forms.ends[asked]:
        found.prompt_equals_answer[row] = _same(
            forms.data, forms.starts[asked], forms.ends[asked], forms.starts[answer], forms.ends[answer]
        )


@compiled
def _measure_rows(
    rows: Places,
    firsts: Places,
    lasts: Places,
    role: npt.NDArray[np.int8],
    counts: Counts,
    forms: Forms,
    found: RowSignals,
) -> None:
    """Enter the signals into `found`."""
    total = np.empty(N_COUNTS, np.int32)
    for i in range(len(rows)):
        _measure_row(rows[i], firsts[i], lasts[i], role, counts, forms, total, found)

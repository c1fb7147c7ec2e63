"""Whether the number that an answer ends in is the right one: the answers of GSM8K and of word problems in Chinese.

>>> read_number("16 - 3 - 4 = 9 eggs, 9 * 2 = $18 a day.\\n#### 18").value
Fraction(18, 1)
>>> read_number("所以文学书有 5 × 36 = 180 本。").value, read_number("答：一辆大车装5.5吨。").value
(Fraction(180, 1), Fraction(11, 2))

Only items whose reference is a number, or ends in one that is marked, are judged: a number somewhere in prose is no
answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from tunesmith.evaluate.answers import without_thoughts
from tunesmith.evaluate.metric_types import Items, Scored
from tunesmith.evaluate.numeric_text import Number, numbers_in_plain, plain

#: Two numbers are equal within this share of the reference, for decimals that were rounded by a machine.
TOLERANCE = 1e-6
_SIGNATURE = (
    "number:boxed,####,A:,answer is,答案,答,bold at the end,else the last|unreadable:wrong|refs:any|"
    f"percent:number or share|multipliers:万,亿,k,million|tolerance:{TOLERANCE:g}|version:tunesmith-1"
)


class Final(NamedTuple):
    """The number that an answer ends in, None where it has none, and those that are right."""

    said: Number | None
    wanted: tuple[Number, ...]

    @property
    def is_right(self) -> bool:
        """Whether the answer's number is one of them."""
        said = self.said
        return said is not None and any(same_number(said, number) for number in self.wanted)


def score_numeric(items: Items) -> Scored:
    """1.0 where the final number of the answer is that of a reference.

    NaN where no reference has a final number. An answer without any number is wrong.
    """
    values = [math.nan if final is None else float(final.is_right) for final in finals_of(items)]
    return Scored(np.array(values, np.float64), _SIGNATURE)


def finals_of(items: Items) -> Iterator[Final | None]:
    """What each answer ends in; None for one that failed and for a question whose reference is no number."""
    for prediction, references in zip(items.predictions, items.references):
        wanted = tuple(number for text in references if (number := reference_number(text)) is not None)
        yield Final(read_number(prediction), wanted) if prediction is not None and wanted else None


def read_number(text: str) -> Number | None:
    """The number that an answer ends in: the last that is marked as the answer, or else the last of all."""
    text = without_thoughts(text)
    return _read(text[-_TAIL:]) or (_read(text) if len(text) > _TAIL else None)


def _read(text: str) -> Number | None:
    boxed = [inside for inside in _BOXED.findall(text) if numbers_in_plain(plain(inside))]
    if boxed:
        return _chosen(plain(boxed[-1]), last=True)
    bold = _last_bold(text)
    text = plain(text)
    for mark in list(_MARK.finditer(text))[: -_MOST_MARKS - 1 : -1]:
        found = _chosen(_after(text, mark.end()), last=mark["sentence"] is not None)
        if found is not None:
            return found
    return bold or _chosen(text, last=True)


def reference_number(text: str) -> Number | None:
    """The final number of a reference: one that stands alone but for its unit, or a marked one at the end."""
    end = text[-_LONGEST_ANSWER:]
    boxed = _BOXED.findall(end)
    end = plain(boxed[-1] if boxed else end).strip()
    marks = list(_MARK.finditer(end))
    if not (boxed or marks) and len(text) > _LONGEST_ANSWER:
        return None
    text = end[marks[-1].end() :].strip() if marks else end
    numbers = numbers_in_plain(text)
    if len(numbers) != 1:
        return None
    if marks and marks[-1]["sentence"]:
        return numbers[0] if len(text) <= _LONGEST_SENTENCE else None
    before, after = text[: numbers[0].start], text[numbers[0].end :]
    return numbers[0] if _BEFORE.fullmatch(before) and _AFTER.fullmatch(after) else None


def same_number(said: Number, wanted: Number) -> bool:
    """Whether an answer's number is the reference's.

    50%, 50 and 0.5 are the same where one of both is written with the sign. Where the reference has no multiplier, the
    unit may be the question's: how many 万元, or million? Then 5万 is 5.
    """
    if _is_near(said.value, wanted.value):
        return True
    if wanted.value == wanted.bare and _is_near(said.bare, wanted.value):
        return True
    if said.percent == wanted.percent:
        return False
    return _is_near(said.value / 100, wanted.value) if said.percent else _is_near(said.value, wanted.value / 100)


def _is_near(said: Fraction, wanted: Fraction) -> bool:
    return abs(said - wanted) <= abs(wanted) * Fraction(TOLERANCE)


def _after(text: str, start: int) -> str:
    """What follows a mark: the rest of its line or the next, as far as the sentence goes."""
    rest = text[start : start + _LONGEST_ANSWER].lstrip()
    end = _SENTENCE_END.search(rest)
    return rest[: end.start()] if end else rest


def _chosen(text: str, *, last: bool) -> Number | None:
    """The number of a piece that says the answer: after the last equals sign, and not in brackets if it can be helped.

    :param last: take the last of several, else the first.
    """
    outside = _BRACKETS.sub(lambda match: " " * len(match[0]), text)
    for piece in (outside.rpartition("=")[2], outside, text):
        numbers = numbers_in_plain(piece)
        if numbers:
            return numbers[-1 if last else 0]
    return None


def _last_bold(text: str) -> Number | None:
    """A number that the last line sets in bold."""
    line = text.rstrip().rpartition("\n")[2]
    found = [number for bold in _BOLD.findall(line) if (number := _chosen(plain(bold), last=True)) is not None]
    return found[-1] if found else None


_LONGEST_ANSWER, _LONGEST_SENTENCE = 400, 40  # characters
_TAIL = 8000  # characters in which the number mostly stands, so that a long answer is not read as a whole
_MOST_MARKS = 16  # that are looked at from the end
_BOXED = re.compile(r"\\boxed\s?\{((?:[^{}]|\{(?:[^{}]|\{[^{}]{0,99}\}){0,99}\}){0,199})\}")
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")
_BRACKETS = re.compile(r"\([^()]{0,200}\)")
_SENTENCE_END = re.compile(r"[\n。!?;]|\.(?=\s|$)")
_MARK = re.compile(
    r"####|^[^\S\n]*A:|\banswers?(?: to [^.\n]{0,80})?\s?(?:is|was|are|equals|would be|should be|=|:)+:?|"
    r"答案(?:应该?|就)?(?:是|为|等于|[:=])+|(?P<sentence>答:)",
    re.IGNORECASE | re.MULTILINE,
)
_BEFORE = re.compile(r"\s*(?:(?:约|大约|共|一共|为|是|≈|about|approximately|around|[A-Za-z]\s?=|=)\s*)*\(?")
_UNIT = (
    "(?:元|块钱?|角|分钱?|美元|人|个|名|位|本|只|头|条|件|张|辆|次|天|日|周|月|个月|年|岁|小时|分钟?|秒钟?|千米|米|厘米|毫米|公里|里|"
    "吨|千克|公斤|克|毫克|斤|升|毫升|度|页|道题?|题|颗|棵|朵|瓶|包|箱|盒|袋|倍|支|枝|套|间|座|层|棟|栋|台|架|艘|份|种|场|局|双|对|"
    "平方(?:千米|米|厘米|分米)|立方(?:米|厘米|分米)|亩|公顷|摄氏度|千瓦时?|字|句|行|列|排|班|组|粒|块|片|根|杯|碗|桶|环|分)"
)
_AFTER = re.compile(rf"\s*(?:{_UNIT}(?:[/每]{_UNIT})?|[A-Za-z°/.]+(?:[ -][A-Za-z/]+){{0,2}}(?:\^\d)?)?\s*\)?[.。!]?\s*")

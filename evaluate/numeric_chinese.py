"""Numbers written in Chinese characters: 三十五, 两千零八, 一点五, 三分之二, 百分之六十, 二〇二四, 负十二.

>>> [(number.value, number.percent) for number in chinese_numbers("一万二千三百，三分之二，百分之六十")]
[(Fraction(12300, 1), False), (Fraction(2, 3), False), (Fraction(60, 1), True)]
>>> [text.value for text in chinese_numbers("他们一共走了三天，十分辛苦。")]
[Fraction(3, 1)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

_FORMAL = str.maketrans("壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億兩點負", "一二二三三四五六六七八九十百千万亿两点负")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}

_WHOLE = "[零〇一二两三四五六七八九十百千万亿]{1,40}"  # longer ones are no numbers, and Python would refuse them
_DECIMAL = rf"{_WHOLE}(?:点[零〇一二两三四五六七八九]{{1,40}})?"
#: Words that hold a numeral and no number; and units that begin with one (五千克 is five).
_WORDS = (
    "一(?:样|定|起|共|般|些|直|旦|切|下|会|致|种|方面|点[^零〇一二两三四五六七八九]|边|律|概|系列|再|同|并|步)|"
    "十分(?!钟|之|[，。,.;；]|$)|万一|千万(?![\\d人元个米条次年])|三角|四边|六边"
)
_UNITS = r"(?<=[零〇一二两三四五六七八九十])千(?=[克米瓦卡焦帕赫伏安升])"
_NUMBER = re.compile(
    rf"(?P<word>{_WORDS}|(?<=[统唯同第万单])一)|(?P<sign>负)?(?:"
    rf"百分之(?P<percent>{_DECIMAL})|(?:(?P<whole>{_WHOLE})又)?(?P<below>{_WHOLE})分之(?P<above>{_WHOLE})|"
    rf"(?P<plain>{_DECIMAL}))"
)
#: Without a unit, so many digits or more are read one by one: 二〇二四; 三四 is "three or four".
_LEAST_DIGITS = 3


class ChineseNumber(NamedTuple):
    """One number; `percent` where it was written 百分之."""

    value: Fraction
    percent: bool
    start: int
    end: int


def chinese_numbers(text: str) -> Iterator[ChineseNumber]:
    """The numbers of a text, in their order; words such as 一定 or 十分 are none."""
    text = re.sub(_UNITS, "\0", text.translate(_FORMAL))
    for match in _NUMBER.finditer(text):
        value = None if match["word"] else _value(match)
        if value is not None:
            yield ChineseNumber(-value if match["sign"] else value, bool(match["percent"]), *match.span())


def _value(match: re.Match[str]) -> Fraction | None:
    if match["below"]:
        below, above, whole = (_integer(match[name] or "零") for name in ("below", "above", "whole"))
        return None if not below or above is None or whole is None else whole + Fraction(above, below)
    whole_digits, _, decimals = (match["percent"] or match["plain"]).partition("点")
    value = _integer(whole_digits)
    if value is None:
        return None
    fraction = "".join(str(_DIGITS[character]) for character in decimals)
    return Fraction(value) + (Fraction(int(fraction), 10 ** len(fraction)) if fraction else 0)


def _integer(text: str) -> int | None:
    """The value of a numeral; None where it is none, such as 三四."""
    if all(character in _DIGITS for character in text):
        if len(text) == 1:
            return _DIGITS[text]
        return int("".join(str(_DIGITS[character]) for character in text)) if len(text) >= _LEAST_DIGITS else None
    total = section = digit = unit = 0
    for character in text:
        if character in _DIGITS:
            digit, unit = _DIGITS[character], unit if _DIGITS[character] else 0
        elif character in _SMALL:
            unit = _SMALL[character]
            section, digit = section + (digit or 1) * unit, 0
        else:
            unit = _LARGE[character]
            whole = section + digit
            total = (total + whole or 1) * unit if character == "亿" else total + (whole or 1) * unit
            section = digit = 0
    return total + section + digit * (unit // 10 if unit > 10 else 1)  # 三万五 is short for 三万五千

"""The numbers that stand in a text: signs, thousands, decimals, fractions, percent, powers of ten, LaTeX, 万 and 亿.

>>> [str(number.value) for number in numbers_in("＄1,234.50，3½ hours, \\\\frac{2}{3}, 5% of 1.2亿, 6×10³, H2O, 10 m²")]
['2469/2', '7/2', '2/3', '5', '120000000', '6000', '10']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from tunesmith.evaluate.numeric_chinese import chinese_numbers

#: Digits of one number that are read; decimals beyond them are cut, and a longer whole number is none.
_MOST_DIGITS = 300
#: And of one with a power.
_MOST_RAISED = 20


class Number(NamedTuple):
    """A number as it was read.

    :param value: with its multiplier: 1.2 million is 1,200,000. A percent sign does not divide it.
    :param bare: without its multiplier: 1.2.
    :param start, end: where it stands in the plain text.
    """

    value: Fraction
    bare: Fraction
    percent: bool
    start: int
    end: int


def numbers_in(text: str) -> list[Number]:
    """The numbers of a text in their order; those in Chinese characters only where there is no other."""
    return numbers_in_plain(plain(text))


def numbers_in_plain(text: str) -> list[Number]:
    """The same of a text that `plain` has made."""
    found = list(_joined(_arabic(text)))
    if found:
        return found
    return [Number(one.value, one.value, one.percent, one.start, one.end) for one in chinese_numbers(text)]


def plain(text: str) -> str:
    """A text without LaTeX, currency signs, emphasis and enclosed numbers; powers as ^2, fractions as 1/2, NFKC."""
    text = _VULGAR.sub(lambda match: " " + unicodedata.normalize("NFKC", match[0]).replace("\u2044", "/"), text)
    text = _RAISED.sub(lambda match: "^" + unicodedata.normalize("NFKC", match[0]), text)
    text = unicodedata.normalize("NFKC", _LISTED.sub(" ", _LOWERED.sub("_", text))).replace("\u2212", "-")
    for pattern, replacement in (*_LATEX, *_MARKUP) if "\\" in text else _MARKUP:
        text = pattern.sub(replacement, text)
    return text


def _arabic(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        bare = _value(match)
        if bare is None:
            continue
        scale = _SCALES.get((match["scale"] or "").strip().lower(), 1)
        power = int(match["power"] or match["exponent"] or 0)
        bare *= Fraction(10) ** power
        yield Number(bare * scale, bare, bool(match["percent"] or match["of_hundred"]), *match.span())


def _value(match: re.Match[str]) -> Fraction | None:
    whole, decimals = (
        (match["whole"] or "0").replace(",", ""),
        (match["decimals"] or match["only"] or "")[:_MOST_DIGITS],
    )
    if len(whole) > _MOST_DIGITS:
        return None
    value = Fraction(int(whole + decimals), 10 ** len(decimals))
    if match["raised"] and value and len(whole + decimals) <= _MOST_RAISED:
        value **= int(match["raised"])
    elif match["above"]:
        value += Fraction(int(match["above"]), int(match["under"]))
    elif match["below"]:
        value /= Fraction(match["below"])
    return -value if match["sign"] else value


def _joined(numbers: Iterator[Number]) -> Iterator[Number]:
    """1亿2000万 is one number: a part that follows at once, in a smaller unit, is added."""
    last: Number | None = None
    for number in numbers:
        if last is not None and number.start == last.end and _is_smaller_part(last, number):
            last = Number(last.value + number.value, last.bare, number.percent, last.start, number.end)
            continue
        if last is not None:
            yield last
        last = number
    if last is not None:
        yield last


def _is_smaller_part(last: Number, number: Number) -> bool:
    return last.value >= 1000 * last.bare > 0 and number.value > number.bare and number.value * last.bare < last.value


_SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
    "百亿": 10**10,
    "千亿": 10**11,
    "万亿": 10**12,
}

_VULGAR = re.compile("[\u00bc-\u00be\u2150-\u215f]")
_RAISED = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u207b]+")
_LOWERED = re.compile("[\u2080-\u208b]+")
_LISTED = re.compile("[\u2460-\u24ff\u2776-\u2793]")
_LATEX = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\\[dt]?frac\s*\{\s*(-?[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}", r" \1/\2"),
        (r"\\[dt]?frac\s*(\d)\s*(\d)", r" \1/\2"),
        (r"- (?=\d{1,20}/\d)", "-"),  # what stood before \frac
        (r"\\[()\[\]]", " "),
        (r"\\[,!;: ]", ""),
        (r"\\%", "%"),
        (r"\\(?:times|cdot)\b", "×"),
        (r"\\(?:text|mathrm|mathbf|textbf|mbox|operatorname)\s*\{([^{}]*)\}", r" \1 "),
    )
)
_MARKUP = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\{,\}", ","),  # LaTeX for a comma between thousands
        (r"(?<=\d)又(?=\d)", " "),
        (r"(?<!\d)(\d{1,20})分之(\d{1,20})(?!\d)", r"\2/\1"),
        (r"\\?[$¥￥€£₩₹]", ""),
        (r"(?<=\d)\*\*(?=\d)", "^"),
        (r"[`]|\*\*|__|~~", ""),
        (r"\bminus (?=\d)|负(?=\d)", "-"),
    )
)
_NUMBER = re.compile(
    r"(?P<of_hundred>百分之)?"
    r"(?P<sign>(?<![A-Za-z0-9_.)\]^-])-)?"
    r"(?<![A-Za-z0-9_^])(?<!\d\.)(?<!\^-)(?<!\^\{)(?<!\^\()"
    r"(?:(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d++)(?:\.(?P<decimals>\d++))?|\.(?P<only>\d++))"
    r"(?: (?P<above>\d{1,4})/(?P<under>[1-9]\d{0,3})(?![\d/])|\s?/\s?(?P<below>[1-9]\d{0,20}(?:\.\d{1,20})?)(?![\d/])|"
    r"\s?\^\s?[{(]?(?P<raised>-?[1-9]\d?)(?!\d)[})]?)?"  # 90^0 are degrees
    r"(?:\s?[×x*]\s?10\s?\^\s?[{(]?(?P<power>-?\d{1,3})[})]?|[eE](?P<exponent>[+-]?\d{1,3})(?![A-Za-z0-9]))?"
    r"(?P<percent>\s?(?:%|percent\b|per cent\b|个百分点))?"
    r"(?P<scale>\s?(?:hundred|thousand|million|billion|trillion)\b|[kK](?![A-Za-z0-9])|"
    r"\s?(?:[十百千]?[万亿]|万亿|[千百](?![克米瓦卡焦帕赫伏安升分]|字节)))?"
    r"(?!\s?\\?(?:pi\b|π|sqrt|√))"
)

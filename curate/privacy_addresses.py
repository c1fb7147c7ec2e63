"""Postal addresses of the common forms, Chinese and English, with a house number.

A road with a number alone stands in many a text about a city. A Chinese one counts where a city or district stands
before it, a building or room behind it, or a word such as 地址 or 住 near it.

>>> [found.value for found in addresses("我们住江城市临湖区柳荫路88弄6号楼1203室，门禁按1203")]
['江城市临湖区柳荫路88弄6号楼1203室']
>>> [found.value for found in addresses("from 9 Old Mill Row to Flat 3, 27 Larkspur Close, Millbrook")]
['9 Old Mill Row', 'Flat 3, 27 Larkspur Close']
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunesmith.curate.privacy_found import Found, near_words

_HAN = "[\u4e00-\u9fff]"
_NUMBER = r"[0-9]{1,5}(?:[\-之][0-9]{1,4})?"
_UNIT = (
    rf" ?[,，]? ?(?:[A-Za-z]?{_NUMBER}|[A-Za-z]|[一二三四五六七八九十]{{1,3}})"
    " ?(?:号楼|号院|号|弄|栋|幢|座|楼|单元|层|室|房|户)"
)
_TAIL = rf"(?:{_HAN}{{0,10}}?{_UNIT}){{0,5}}(?:[0-9]{{3,4}}(?![0-9]))?"
_ROAD = re.compile(
    rf"(?P<way>{_HAN}{{2,24}}(?:路|街|大道|街道|巷|弄|胡同|里弄|村|大街|公路)(?:[东西南北中]{_HAN}?)?)"
    rf" ?{_NUMBER} ?(?:号|弄)(?P<tail>{_TAIL})"
)
_ESTATE = re.compile(
    rf"(?P<way>{_HAN}{{2,24}}(?:小区|花园|公寓|新村|家园|苑|大厦|广场|社区|公馆|里|城|府|庭))"
    rf" ?{_NUMBER} ?(?:号楼|号|栋|幢|座)(?P<tail>{_UNIT}{_TAIL})"
)
# An address begins behind the last of these: 我家住在|中山路. 从化 and 来宾 are places.
_LEAD = re.compile(
    "(?:住址?|地址|位于|坐落|[在到于是去址我们您你他她了往至给的]|从(?!化)|来(?!宾|安|凤)|寄|送|家住|地点|单位|公司在|搬)+"
)
_AREA = re.compile("[省市区县州旗镇乡]|自治区")
_AT_HOME = re.compile("住|地址|寄|送|收货|快递|我家|家里|家在|收件|上门|户籍|门牌|address", re.IGNORECASE)

_CARDINAL = r"(?:(?:[NSEW]|NE|NW|SE|SW)\.? |(?:North|South|East|West) )?"
_NAME = r"(?:(?:[A-Z][a-z'’]+|[0-9]{1,3}(?:st|nd|rd|th)|St\.|[A-Z]\.) ){1,3}?"
_WAY = (
    r"Street|Avenue|Road|Lane|Boulevard|Crescent|Terrace|Drive|Parkway|Mews|Close|Row|Way|Court|Place|Square|Gardens|Grove"
    r"|Hill|Circle|Ave\.?|Rd\.?|Blvd\.?|Ln\.?|Ct\.?|Pl\.?|(?:St|Dr)\b(?!\.? ?[A-Z])\.?"
)
_ROOM = r"(?:Flat|Apt\.?|Apartment|Unit|Suite|Room|#) ?[0-9A-Za-z\-]{1,5}"
# 10 Wall Street Journals are newspapers, and 15 Maiden Lane (1936) is a film.
_TITLE = r" (?:Journal|Times|Post|News|Band|Boys|Blues|Bank)|\.? \([12][0-9]{3}\)"
_ENGLISH = re.compile(
    rf"(?<![0-9A-Za-z_.,$£€/–\-])(?:{_ROOM},? )?(?P<door>[0-9]{{1,5}}[A-Za-z]?(?:[-–][0-9]{{1,4}})?) {_CARDINAL}{_NAME}"
    rf"(?:{_WAY})(?![A-Za-z]|{_TITLE})(?:,? {_ROOM})?"
    r"(?:, [A-Z][a-z]+(?: [A-Z][a-z]+)?,? (?:[A-Z]{2} [0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}))?"
)
_YEAR = re.compile(r"1[5-9][0-9]{2}|20[0-9]{2}")
_YEAR_LEAD = re.compile(r"(?:\b(?:in|of|since|by|the|until|from|during|for)|[A-Z][a-z]+ [0-9]{1,2},) $", re.IGNORECASE)


def addresses(text: str) -> Iterator[Found]:
    """Every address with a house number; `normal` has neither blanks, marks nor upper case."""
    for form in (_ROAD, _ESTATE):
        for match in form.finditer(text):
            yield from _chinese(text, match)
    for match in _ENGLISH.finditer(text):
        dated = _YEAR.fullmatch(match["door"]) and _YEAR_LEAD.search(text[max(0, match.start() - 16) : match.start()])
        if not dated:
            yield _found(text, match.start(), match.end())


def _chinese(text: str, match: re.Match[str]) -> Iterator[Found]:
    way = match["way"]
    start = match.start() + max((lead.end() for lead in _LEAD.finditer(way[:-2])), default=0)
    name = text[start : match.end("way")]
    placed = _AREA.search(name[:-1]) or match["tail"].strip() or match.re is _ESTATE
    if len(name) >= 2 and (placed or near_words(_AT_HOME, text, start, match.end(), before=16)):
        yield _found(text, start, match.end())


def _found(text: str, start: int, end: int) -> Found:
    value = text[start:end].rstrip()
    return Found("address", start, start + len(value), value, re.sub(r"[\W_]", "", value).lower())

"""The form that a prompt asks its answer to have, in English and in Chinese: JSON, a table, five items, 50 words.

>>> [request.kind for request in requests_of("列出三个成语，以JSON格式输出。")]
['json', 'items']
>>> requests_of("Summarise the report in at most 50 words.")
(Request(kind='words', least=None, most=50, only=False),)
>>> requests_of("How do I parse JSON in Python?")
()

Precision first: what might be meant otherwise asks for nothing. Only the first and the last lines of a prompt are read,
where instructions stand; quotations and code are not. A limit on parts ("each under 20 words"), a negation, and a
prompt that wants a program written are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tunesmith.evaluate.adherence_cues import CUES, KINDS, Cue

#: Characters of a prompt that are read: who hands over a long text asks before or after it.
HEAD, TAIL = 500, 300
#: Items of a list that anybody asks for.
MOST_ITEMS = 100


class Request(NamedTuple):
    """One form.

    :param kind: `json`, `table`, `list`, `items`, `sentences`, `words`, `characters`, `one_word`, `yes_no`, `letter` or
        `code`.
    :param least, most: how many items, sentences, words or characters; None: no bound.
    :param only: nothing else is to stand in the answer.
    """

    kind: str
    least: int | None = None
    most: int | None = None
    only: bool = False


@lru_cache(maxsize=1 << 14)
def requests_of(question: str, system: str = "") -> tuple[Request, ...]:
    """The forms that a user's turn, or else the system turn, asks for; each kind once.

    Kinds of which two different requests are found ask for a form that is not understood, and are left out.
    """
    return _in_text(question) or _in_text(system)


def _in_text(text: str) -> tuple[Request, ...]:
    raw = _ends(text)
    plain = _QUOTED.sub('""', _CODE.sub(" ", raw))
    cues = [cue for cue in CUES if any(needed in raw.lower() for needed in cue.needs)]
    if cues and _PROGRAM.search(plain):
        cues = [cue for cue in cues if cue.kind == "code"]
    found: dict[str, set[Request]] = {}
    for cue in cues:
        for match in cue.pattern.finditer(raw if cue.quoted else plain):
            if _is_meant(match, cue):
                found.setdefault(cue.kind, set()).add(_request(match, cue, plain))
    return tuple(request for name in KINDS for request in _single(found.get(name, set())))


def _ends(text: str) -> str:
    text = text.replace("’", "'")
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


def _single(requests: set[Request]) -> Iterator[Request]:
    requests = {request for request in requests if request.kind != "items" or _is_plural(request)}
    if len(requests) == 1:
        yield from requests


def _is_plural(request: Request) -> bool:
    """Chinese asks for 一个 thing of every kind, which is no list; neither is the year 1984."""
    bounds = [bound for bound in (request.least, request.most) if bound is not None]
    return all(1 < bound <= MOST_ITEMS for bound in bounds)


def _request(match: re.Match[str], cue: Cue, text: str) -> Request:
    named = match.groupdict()
    n = number_of(named.get("n") or "1")
    least, most = cue.bounds(n, number_of(named["m"]) if named.get("m") else n)
    return Request(cue.kind, least, most, cue.kind in _MAY_BE_ALONE and bool(_ONLY.search(text)))


def _is_meant(match: re.Match[str], cue: Cue) -> bool:
    """Whether the request is not negated, is of the whole answer, and is no question about the form itself."""
    text, start, end = match.string, match.start(), match.end()
    first = max((text.rfind(mark, 0, start) for mark in "\n。！？!?；;"), default=-1)
    first = max(first, text.rfind(". ", 0, start)) + 1
    stop = min((place for mark in "\n。！？!?；;" if (place := text.find(mark, end)) >= 0), default=len(text))
    before, sentence = text[first:start], text[first:stop]
    if _NEGATED.search(before[-30:]) or _ABOUT.match(sentence.strip()):
        return False
    return cue.whole or not _OF_PARTS.search(sentence)


def number_of(text: str) -> int:
    """A number in digits, English words to twenty or Chinese numerals below 10,000.

    >>> [number_of(text) for text in ("1,000", "two", "两", "一百五十", "十二")]
    [1000, 2, 2, 150, 12]
    """
    text = text.strip().lower().replace(",", "")
    if text.isdecimal():
        return int(text)
    if text in _ENGLISH:
        return _ENGLISH[text]
    total = digit = 0
    for character in text:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit


_WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_ENGLISH = {word: value for value, word in enumerate(f"{_WORDS} eighteen nineteen twenty".split(), 1)}
_ENGLISH |= {"a": 1, "single": 1, "a single": 1, "an": 1, "thirty": 30, "fifty": 50, "hundred": 100, "a hundred": 100}
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}

_CODE = re.compile(r"```.*?(?:```|$)|`[^`\n]*`", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"\n]{0,400}\"|“[^”]{0,400}”|「[^」]{0,400}」|(?<!\w)'[^'\n]{0,400}'(?!\w)|‘[^’\n]{0,400}’")
_MAY_BE_ALONE = ("json", "yes_no", "code")
_NEGATED = re.compile(
    r"\b(?:not|never|avoid|without|don't|do not|instead of|rather than|unlike|no)\b[^,.]{0,24}$|"
    r"(?:不要|不用|不能|不必|无需|无须|避免|禁止|而不是|别|勿|不是)[^，,。]{0,8}$",
    re.IGNORECASE,
)
_OF_PARTS = re.compile(r"\b(?:each|every|per|apiece|respectively|both)\b|每|各[自个写用]?|分别", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:how (?:do|can|to|would|should|does|did)|what (?:is|are|does)|why|when|can i|is it|explain (?:how|what|why)|"
    r"describe how)\b|(?:请)?(?:问|解释|说明)?[^，,。]{0,6}(?:如何|怎么|怎样|什么是|为什么|为何)",
    re.IGNORECASE,
)
#: Who asks for a program may well name the form of its output.
_PROGRAM = re.compile(
    r"\b(?:functions?|scripts?|programs?|classes|code (?:that|to|for|in)|regex|algorithm|api|endpoint|schema|sql|query|"
    r"queries|python|javascript|typescript|java|c\+\+|rust|golang|php|bash|html|css|react|database|databases)\b|"
    r"函数|脚本|程序|算法|接口|代码|正则|数据库|查询语句|编程|网页|SQL|Python|Java",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|just|nothing (?:else|but)|no (?:other|extra|additional|explanations?|preamble|prose|commentary|text)|"
    r"(?:do not|don't|without) (?:\w+ ){0,2}(?:explain|explanations?|comments?|add(?:ing)?|include|extra|any other))\b|"
    r"只|仅|不要(?:有|包含|添加|输出|加|写|做|给)?(?:任何|其他|其它|多余|额外|解释|说明)|无需解释|不(?:用|必|需要?)解释|"
    r"直接(?:输出|返回|给出)",
    re.IGNORECASE,
)

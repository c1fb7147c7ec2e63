"""What an answer consists of: how many items, sentences, words, characters. Bounds where that can be read two ways.

>>> count_items("Here are two:\\n1. Tea\\n   - green\\n2. Coffee")
Count(least=2, most=2)
>>> count_sentences("Dr. Lee came. He left!"), count_words("It's 3.5 km, well-known.")
(Count(least=2, most=3), Count(least=4, most=5))
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Count(NamedTuple):
    """At least and at most so many; a reader may count anything between them."""

    least: int
    most: int

    def lies_in(self, least: int | None, most: int | None) -> bool:
        """Whether some reading of it is within the bounds."""
        return (most is None or self.least <= most) and (least is None or self.most >= least)


_LEAD_IN = re.compile(
    r"\A\s*(?:(?:sure|certainly|of course|absolutely|okay|ok|great|yes)\b[^\n.!:]{0,40}[.!]\s*|"
    r"(?:好的?|当然|没问题|可以)[^\n。！：]{0,12}[。！!，,]\s*)?(?:[^\n]{1,120}[:：]\s*\n+)?",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"^(?P<indent>[ \t]*)(?:>\s*)?(?:#{1,6}\s*)?(?:\*\*|__)?(?:(?P<number>\(?（?\d{1,3}[.)）、．:：](?!\d)|[①-⑳]|"
    r"[（(]?[一二三四五六七八九十]{1,3}[)）、.．]|第[一二三四五六七八九十\d]{1,3}[，,、:：]|(?:step|tip|idea|reason|fact)"
    r" \d{1,2}\b)|(?P<bullet>[-*•·●▪◦–—+✅☑➤►][ \t]+|[•●▪]))",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = re.compile(r"(?:(?<=^)|(?<=[\s;；。，,:：.]))[(（]?(\d{1,2})[.)）、．](?!\d)")
# Runs of white space and of marks are entered at their beginning only: an answer may be a megabyte of them.
_COMMAS = re.compile(
    r"[、,，;；]\s*(?:(?:and|or|以及|和|或)\s*)?|(?<!\s)\s+(?:and|or)\s+|(?<=[\u3400-\u9fff])[和与及](?=[\u3400-\u9fff])"
)
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$", re.MULTILINE)


def without_lead_in(text: str) -> str:
    """The answer without "Sure!" and "Here is the summary:" before it."""
    rest = _LEAD_IN.sub("", text, count=1)
    return rest if rest.strip() else text


def marked_items(text: str) -> int | None:
    """How many items carry a number or a bullet, of the outer level; None where none does or several lists follow."""
    marks = [mark for mark in _MARK.finditer(text) if not _TABLE_RULE.match(text, mark.start())]
    if len(marks) < 2:
        only = marks and marks[0]["number"] and not text[: marks[0].start()].strip()
        return _inline_items(text) or (1 if only else None)
    indent = min(len(mark["indent"].expandtabs(4)) for mark in marks)
    outer = [mark for mark in marks if len(mark["indent"].expandtabs(4)) <= indent + 1]
    numbered = [mark for mark in outer if mark["number"]]
    if not numbered:
        return len(outer)
    values = [int(found[0]) for mark in numbered if (found := re.search(r"\d+", mark["number"]))]
    restarts = len(values) != len({*values})  # 1, 1, 1 is one list as Markdown has it, 1, 2, 1, 2 are two
    return None if restarts and {*values} != {1} else len(numbered)


def _inline_items(text: str) -> int | None:
    """Items 1., 2., 3. of one paragraph."""
    expected = 1
    for found in _INLINE.finditer(text):
        expected += int(found[1]) == expected
    return expected - 1 if expected > 2 else None


def count_items(text: str) -> Count | None:
    """The items of an answer: those marked, else its lines, else what commas set apart; None where nothing tells."""
    marked = marked_items(text)
    if marked is not None:
        return Count(marked, marked)
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:  # the first may lead in, the last may sum up
        return Count(max(1, len(lines) - 2), len(lines))
    pieces = len([piece for piece in _COMMAS.split(text.strip(" .。\n")) if piece.strip()])
    return Count(1, pieces) if pieces > 1 else None


_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|no|inc|jr|sr|ltd|co|fig|approx|u\.s|u\.k|a\.m|p\.m)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"[。！？]+[”’」』）)]*|(?<![.!?])[.!?]++[\"'”’)]*+(?=\s+[\"'“‘(]?[A-Z0-9\u3400-\u9fff]|\s*$)", re.MULTILINE
)


def count_sentences(text: str) -> Count:
    """Sentences by their end marks at least, and at most with every line and semicolon that may end one."""
    body = without_lead_in(text)
    body = _MARK.sub("", body).strip()
    if not body:
        return Count(0, 0)
    ends = [
        found
        for found in _STRONG.finditer(body)
        if not _ABBREVIATION.search(body[max(0, found.start() - 5) : found.start() + 1])
    ]
    open_end = 0 if ends and not body[ends[-1].end() :].strip() else 1
    least = max(1, len(ends) + open_end * (not ends))
    more = len(re.findall(r"[;；…]|\n", body))
    return Count(least, max(least, len(re.findall(r"[。！？.!?]+", body)) + more + open_end))


_WORD = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*")


def count_words(text: str) -> Count:
    """Words of a text that sets them apart: `well-known` is one or two."""
    joined = sum(any(map(str.isalnum, piece)) for piece in without_lead_in(text).split())
    return Count(*sorted((joined, len(_WORD.findall(text)))))


_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def count_characters(text: str) -> Count:
    """Characters as Chinese counts them: words and numbers of other scripts are one each, or as long as they are."""
    body = without_lead_in(text)
    bare = len(_CJK.findall(body)) + len(_WORD.findall(_CJK.sub(" ", body)))
    return Count(bare, len(re.sub(r"\s", "", text)))

"""Whether an answer has a form: a check for each kind of request. None where it cannot be told.

>>> check(Request("json"), '```json\\n{"a": 1}\\n```').followed, check(Request("sentences", 1, 1), "One. Two.").followed
(True, False)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tunesmith.curate import jsontext
from tunesmith.evaluate.adherence_counts import (
    Count,
    count_characters,
    count_items,
    count_sentences,
    count_words,
    marked_items,
    without_lead_in,
)
from tunesmith.evaluate.adherence_requests import Request


class Checked(NamedTuple):
    """Whether the form is there, and how many items, sentences, words or characters were seen."""

    followed: bool | None
    seen: int | None = None


def check(request: Request, answer: str) -> Checked:
    """Whether an answer has the form; an empty one has none."""
    if not answer.strip():
        return Checked(False, 0 if request.kind in _COUNTERS else None)
    if request.kind in _COUNTERS:
        return _counted(request, _COUNTERS[request.kind](answer))
    return Checked(_FORMS[request.kind](request, answer))


def _counted(request: Request, count: Count | None) -> Checked:
    if count is None:
        return Checked(None)
    followed: bool | None = count.lies_in(request.least, request.most)
    if request.kind == "items" and count.least != count.most and not followed:
        followed = None  # lines and commas may be something else than items
    seen = count.most if request.most is None else max(count.least, min(count.most, request.most))
    return Checked(followed, seen)


_FENCE = re.compile(r"```[ \t]*+([\w+-]*+)[ \t]*+\n(.*?)(?:```|\Z)", re.DOTALL)


def _is_json(request: Request, answer: str) -> bool:
    text = answer.strip()
    fences = [found[2] for found in _FENCE.finditer(text)]
    if request.only:
        alone = _FENCE.fullmatch(text)
        return _parses(alone[2] if alone else text)
    return _parses(text) or any(map(_parses, fences)) or _parses(_outermost(text))


def _outermost(text: str) -> str:
    """From the first bracket to the last."""
    starts = [place for mark in "{[" if (place := text.find(mark)) >= 0]
    end = max(text.rfind("}"), text.rfind("]"))
    return text[min(starts) : end + 1] if starts else ""


def _parses(text: str) -> bool:
    try:
        return isinstance(jsontext.loads(text.strip().encode()), dict | list)
    except (ValueError, UnicodeEncodeError):
        return False


_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)+\|?")


def _is_table(request: Request, answer: str) -> bool:
    lines = [line.strip() for line in answer.splitlines()]
    rows = sum("\t" in line or line.count("|") >= 2 or line.count("│") >= 2 for line in lines)
    return rows >= 2 or "<table" in answer.lower() or any(map(_RULE.fullmatch, lines))


def _is_list(request: Request, answer: str) -> bool | None:
    if len(re.findall(_LISTED, answer)) >= 2 or (marked_items(answer) or 0) >= 2:
        return True
    lines = [line for line in answer.splitlines() if line.strip()]
    return False if len(lines) == 1 and len(answer) > 60 else None  # bare lines may be meant as a list


_LISTED = re.compile(
    r"^[ \t]*(?:[-*•·●▪◦–—+✅➤►]|\d{1,3}[.)）、．]|[①-⑳]|[一二三四五六七八九十]+、|[（(]\d+[)）])", re.MULTILINE
)
_BARE = " \t\n.。!！?？\"“”'‘’「」*`_()（）[]【】:："


def _is_one_word(request: Request, answer: str) -> bool | None:
    text = answer.strip(_BARE)
    if len(re.findall(r"[\u3400-\u9fff]", text)):
        return False if re.search(r"[，。；！？,;!?\n]", text) or len(text) > 12 else True if len(text) <= 6 else None
    return len(text.split()) == 1


_OPENS = re.compile(r"(?:yes|no|true|false|是的?|否|不是|对的?|错误?|不对|正确|不正确)(?![a-z])", re.IGNORECASE)


def _is_yes_no(request: Request, answer: str) -> bool:
    text = re.sub(r"^\W*(?:answer|答案|回答)(?: is|是|为)?\W*", "", answer, flags=re.IGNORECASE).strip(_BARE)
    found = _OPENS.match(text)
    return bool(found) and not (request.only and found is not None and found.end() < len(text))


_LETTERS = re.compile(
    r"(?:(?:the )?(?:correct )?(?:answer|option)(?: is)?|正确|答案|选项|应?选|是|为)*\W*[A-J](?:\W*[A-J])*",
    re.IGNORECASE,
)


def _is_letter(request: Request, answer: str) -> bool:
    return bool(_LETTERS.fullmatch(answer.strip(_BARE)))


def _is_code(request: Request, answer: str) -> bool | None:
    if not _FENCE.search(answer):
        return None  # code that nothing sets off, or prose: a reader has to tell
    return len(re.findall(r"\w", _FENCE.sub("", without_lead_in(answer)))) == 0


_COUNTERS: dict[str, Callable[[str], Count | None]] = {
    "items": count_items,
    "sentences": count_sentences,
    "words": count_words,
    "characters": count_characters,
}
_FORMS: dict[str, Callable[[Request, str], bool | None]] = {
    "json": _is_json,
    "table": _is_table,
    "list": _is_list,
    "one_word": _is_one_word,
    "yes_no": _is_yes_no,
    "letter": _is_letter,
    "code": _is_code,
}

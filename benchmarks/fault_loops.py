"""Answers that a generator went round in: a unit of the answer comes again and again.

>>> [*UNITS][:3]
['word', 'phrase', 'sentence']
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from fault_rows import Row
from fault_text import Edited
from fault_wordings import Wordings


class Unit(NamedTuple):
    """What is repeated, what stands between two copies, the fewest and the most copies; {} is a running number."""

    text: str
    joiner: str
    fewest: int
    most: int


def loop(row: Row, random: Random, wordings: Wordings) -> Edited | None:
    """A unit of the answer many times: at its end, in place of its tail, in its middle or before it."""
    if len(row.answer) < 24 or "```" in row.answer:
        return None
    variant, place = random.choice(wordings.loop_units), random.choice(wordings.loop_places)
    unit = UNITS[variant](row.answer, row.language == "zh", random)
    if unit is None:
        return None
    copies = [unit.text.replace("{}", str(i)) for i in range(1, random.randint(unit.fewest, unit.most) + 1)]
    looped = unit.joiner.join(copies)
    if place in ("end", "tail") and random.random() < 0.3:  # a generator stops at its token limit, wherever that is
        looped = looped[: len(looped) - random.randrange(1, max(2, len(unit.text)))]
    return Edited(row.answered(_placed(row.answer, looped, unit.joiner, place)), f"{variant}, {place}")


def _placed(answer: str, looped: str, joiner: str, place: str) -> str:
    half = answer[: len(answer) // 2].rsplit(" ", 1)[0]
    if place == "start":
        return f"{looped}\n{answer}"
    if place == "middle":
        return f"{half}{joiner}{looped}{joiner}{answer[len(half) :]}"
    return (answer if place == "end" else half) + joiner + looped


def _found(pattern: str, text: str, random: Random) -> str:
    found = re.findall(pattern, text)
    return random.choice(found).strip() if found else ""


def _word(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"[\u4e00-\u9fff]{1,3}" if chinese else r"\b[a-zA-Z]{3,}\b", answer, random)
    return Unit(text, "" if chinese else " ", 8, 60) if text else None


def _phrase(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"[\u4e00-\u9fff]{4,10}" if chinese else r"[a-zA-Z]+(?: [a-zA-Z]+){2,6}", answer, random)
    return Unit(text, random.choice("，、") if chinese else ", ", 5, 30) if text else None


def _sentence(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"[^.!?。！？\n{}]{8,200}[.!?。！？]", answer, random)
    return Unit(text, "" if chinese else " ", 4, 14) if text else None


def _line(answer: str, chinese: bool, random: Random) -> Unit | None:
    unit = _sentence(answer, chinese, random)
    return unit and unit._replace(joiner="\n")


def _numbered_line(answer: str, chinese: bool, random: Random) -> Unit | None:
    unit = _line(answer, chinese, random)
    return unit and unit._replace(text=f"{{}}. {unit.text}")


def _piece(answer: str, chinese: bool, random: Random) -> Unit | None:
    """A character, or the end of a word, without anything between its copies."""
    text = _found(r"[\u4e00-\u9fff]" if chinese else r"[a-z]{2,3}\b", answer, random)
    return Unit(text, "", 24, 120) if text else None


def _two_words(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"[\u4e00-\u9fff]{4}" if chinese else r"\b[a-zA-Z]+ [a-zA-Z]+\b", answer, random)
    return Unit(text, "" if chinese else " ", 8, 40) if text else None


def _joined_clause(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"[\u4e00-\u9fff]{6,16}" if chinese else r"[a-zA-Z]+(?: [a-zA-Z]+){3,9}", answer, random)
    return (
        Unit(text, random.choice(("，并且", "，而且", "，同时") if chinese else (" and ", ", and then ")), 5, 20)
        if text
        else None
    )


def _sentence_pair(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"(?:[^.!?。！？\n{}]{8,140}[.!?。！？] ?){2}", answer, random)
    return Unit(text, "" if chinese else " ", 4, 9) if text else None


def _paragraph(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"[^\n{}]{40,400}", answer, random)
    return Unit(text, "\n\n", 4, 7) if text else None


def _list_item(answer: str, chinese: bool, random: Random) -> Unit | None:
    unit = _phrase(answer, chinese, random)
    return unit and Unit(f"{random.choice('-*•')} {unit.text}", "\n", 6, 24)


def _step(answer: str, chinese: bool, random: Random) -> Unit | None:
    unit = _sentence(answer, chinese, random)
    return unit and Unit((f"第{{}}步：{unit.text}" if chinese else f"Step {{}}: {unit.text}"), "\n", 5, 15)


def _number(answer: str, chinese: bool, random: Random) -> Unit | None:
    text = _found(r"\d+(?:\.\d+)?", answer, random)
    return Unit(text, "、" if chinese else random.choice((", ", " ")), 16, 80) if text else None


UNITS: dict[str, Callable[[str, bool, Random], Unit | None]] = {
    "word": _word,
    "phrase": _phrase,
    "sentence": _sentence,
    "line": _line,
    "numbered line": _numbered_line,
    "piece": _piece,
    "two words": _two_words,
    "joined clause": _joined_clause,
    "sentence pair": _sentence_pair,
    "paragraph": _paragraph,
    "list item": _list_item,
    "step": _step,
    "number": _number,
}

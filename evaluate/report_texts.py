"""Prompts and answers on a page: long ones without their middle, two answers with their differing words marked.

>>> [part.text for part in shortened("a" * 900 + "b" * 900, head=4, tail=3)], left_out("a" * 1800, 4, 3)
(['aaaa', 'bbb'], 1793)
>>> before, after = compared("Take 250 mg twice", "Take 500 mg twice a day")
>>> [piece.text for piece in after.parts[0] if piece.differs], after.is_marked
(['500', 'a day'], True)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tunesmith.curate.word_diff import Piece, Pieces, mark_differences

HEAD_CHARACTERS, TAIL_CHARACTERS = 700, 500  # of one answer: reasoning begins it, and what it comes to ends it
MOST_LINES = 40
_LEAST_SHARED = 0.3  # of the words; below it, the marks would cover everything and show nothing


class Part(NamedTuple):
    """A run of a text, as it is."""

    text: str


class Answer(NamedTuple):
    """One side: its shown parts, with the number of characters that were left out between them."""

    parts: tuple[Pieces, ...]
    left_out: int
    is_marked: bool


def shortened(text: str, *, head: int = HEAD_CHARACTERS, tail: int = TAIL_CHARACTERS) -> list[Part]:
    """The text, or its beginning and its end where the middle is long enough to be left out."""
    cut = left_out(text, head, tail)
    if not cut:
        return [Part(text)]
    start, end = _ends(text, head, tail)
    return [Part(text[:start]), Part(text[end:])]


def left_out(text: str, head: int = HEAD_CHARACTERS, tail: int = TAIL_CHARACTERS) -> int:
    """How many characters `shortened` leaves out."""
    start, end = _ends(text, head, tail)
    return max(0, end - start)


def _ends(text: str, head: int, tail: int) -> tuple[int, int]:
    """Where the beginning ends and the end begins; never between a letter and its marks, never too many lines."""
    if len(text) <= head + tail + 60 and text.count("\n") <= MOST_LINES:
        return len(text), len(text)
    start, end = _line_end(text[:head]), _line_start(text, max(head, len(text) - tail))
    while start and _joins(text[start : start + 1]):
        start -= 1
    while end < len(text) and _joins(text[end]):
        end += 1
    return start, end


def _line_end(text: str) -> int:
    """The length of the first lines."""
    return len("\n".join(text.split("\n")[: MOST_LINES // 2]))


def _line_start(text: str, start: int) -> int:
    """Where the last lines begin."""
    return len(text) - len("\n".join(text[start:].split("\n")[-(MOST_LINES // 2) :]))


def _joins(character: str) -> bool:
    return bool(character) and (unicodedata.category(character)[0] == "M" or character == "\u200d")


def compared(before: str, after: str) -> tuple[Answer, Answer]:
    """Both answers; what differs is marked part by part, where enough of them is the same."""
    sides = shortened(before), shortened(after)
    pairs = _aligned([part.text for part in sides[0]], [part.text for part in sides[1]])
    marked = [mark_differences(one, other) for one, other in pairs]
    is_marked = _shared(marked) >= _LEAST_SHARED
    plain = [((Piece(one, False),), (Piece(other, False),)) for one, other in pairs]
    chosen = marked if is_marked else plain
    first, second = (tuple(pair[side] for pair in chosen if _text(pair[side])) for side in (0, 1))
    return Answer(first, left_out(before), is_marked), Answer(second, left_out(after), is_marked)


def _aligned(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[str, str]]:
    """Beginnings with beginnings, ends with ends; where only one side was cut, the other stands whole against it."""
    if len(ours) == len(theirs):
        return list(zip(ours, theirs))
    if len(ours) == 1:
        return [(ours[0], theirs[0]), ("", theirs[1])]
    return [(ours[0], theirs[0]), (ours[1], "")]


def _shared(pairs: Sequence[tuple[Pieces, Pieces]]) -> float:
    """The part of both texts that is the same, 0-1; of two empty texts, all."""
    pieces = [piece for pair in pairs for side in pair for piece in side]
    whole = sum(len(piece.text) for piece in pieces)
    return sum(len(piece.text) for piece in pieces if not piece.differs) / whole if whole else 1.0


def _text(pieces: Pieces) -> str:
    return "".join(piece.text for piece in pieces)


def prompt_turns(prompt: Any) -> list[dict[str, Any]]:
    """The turns of a prompt: `role` and shown `parts`; a prompt that is one text is a turn of the user."""
    if isinstance(prompt, str):
        return [_turn("user", prompt)]
    return [_turn(str(turn.get("role", "user")), _content(turn)) for turn in prompt or () if isinstance(turn, Mapping)]


def _turn(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [(Piece(part.text, False),) for part in shortened(text)], "left_out": left_out(text)}


def _content(turn: Mapping[str, Any]) -> str:
    """The text of a turn; of one in parts, those that are text."""
    content = turn.get("content")
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, Mapping))
        return "\n".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""

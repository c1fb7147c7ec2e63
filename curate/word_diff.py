"""Two texts side by side: which of their words differ.

A word is a run of letters and digits that begins with a letter (`mg`, `x1`), a number (`3.14`), a single Han, kana or
Hangul character, or any other single character, each with its combining marks. White space is not compared.

>>> one, other = mark_differences("Take 250 mg twice", "Take 500 mg twice a day")
>>> [piece.text for piece in one if piece.differs], [piece.text for piece in other if piece.differs]
(['250', ''], ['500', 'a day'])
>>> in_brackets(other)
'Take [500] mg twice [a day]'
>>> one, other = mark_differences("每天服用两次，" * 30 + "饭后", "每天服用两次，" * 30 + "饭前")
>>> in_brackets(around_differences(one, context=6))
'… 服用两次，饭[后]'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from tunesmith.curate.codepoints import MARK, WORD, kind_of

#: Words of either text that are aligned, counted where the texts begin to differ (0.1 s at most). Of those behind
#: them, up to the end that both share, a word is marked if the other text's rest does not have it at all.
MOST_WORDS = 1_000

#: An alignment finds a stray "the" or "，" between two long differences; so few words in common are marked with them.
_STRAY_WORDS = 2

_SPACE, _DIGIT, _LETTER, _MARK, _SINGLE = range(5)
_POINTS = ".,"
_JOINER = "\u200d"  # of emoji

_Span = tuple[int, int]


class Piece(NamedTuple):
    """A part of a text. One that differs and has no text stands where only the other text has something."""

    text: str
    differs: bool


Pieces = tuple[Piece, ...]

#: What stands in place of the words that `around_differences` leaves out.
GAP = Piece(" … ", False)


def mark_differences(one: str, other: str) -> tuple[Pieces, Pieces]:
    """The pieces of both texts. The texts of a side's pieces, joined, are its text."""
    ours, theirs = words_of(one), words_of(other)
    spans = _differing([one[a:b] for a, b in ours], [other[a:b] for a, b in theirs])
    return tuple(_pieces(one, ours, spans[0])), tuple(_pieces(other, theirs, spans[1]))


def around_differences(pieces: Pieces, *, context: int = 60, most: int = 600) -> Pieces:
    """The pieces without the words that are far from every difference, a `GAP` in the place of each run of them.

    :param context: characters that are kept before and after each difference, completed to whole words.
    :param most: characters in all; what is left then is a gap too.
    """
    shown: list[Piece] = []
    for place, piece in enumerate(pieces):
        if piece.differs:
            shown.append(piece)
            continue
        before, after = place > 0, place < len(pieces) - 1  # differences; a text without any shows its beginning
        shown += _shortened(piece.text, context if before or not after else 0, context if after else 0)
    return tuple(_limited(shown, most))


def in_brackets(pieces: Iterable[Piece]) -> str:
    """The text with each difference in square brackets, for where there is neither colour nor style."""
    return "".join(f"[{text}]" if differs and text else text for text, differs in pieces).strip()


def words_of(text: str) -> list[_Span]:
    """Where each word begins and ends."""
    kinds = [_kind(character) for character in text]
    for place, kind in enumerate(kinds):
        before = kinds[place - 1] if place else _SPACE
        if kind == _MARK:  # it is what it belongs to; where that is white space, it stands alone
            kinds[place] = _SINGLE if before == _SPACE else before
        elif kind == _DIGIT and before == _LETTER:  # of x1
            kinds[place] = _LETTER
    starts = [place for place in range(len(text)) if not place or not _continues(text, kinds, place)]
    return [(start, end) for start, end in zip(starts, [*starts[1:], len(text)]) if kinds[start] != _SPACE]


def _continues(text: str, kinds: Sequence[int], place: int) -> bool:
    """Whether a character belongs to the word before it."""
    kind, before = kinds[place], kinds[place - 1]
    if _kind(text[place]) == _MARK or text[place - 1] == _JOINER:
        return before != _SPACE
    if kind == _DIGIT and text[place - 1] in _POINTS:
        return place > 1 and kinds[place - 2] == _DIGIT
    if text[place] in _POINTS:
        return before == _DIGIT and kinds[place + 1 : place + 2] == [_DIGIT]
    return kind == before != _SINGLE


@lru_cache(maxsize=8192)
def _kind(character: str) -> int:
    if character.isspace():
        return _SPACE
    if character.isdigit():
        return _DIGIT
    if character == _JOINER:
        return _MARK
    return {WORD: _LETTER, MARK: _MARK}.get(kind_of(character), _SINGLE)


def _differing(ours: Sequence[str], theirs: Sequence[str]) -> tuple[list[_Span], list[_Span]]:
    """The runs of words that differ, of each side. A run of no words stands where only the other side has some."""
    head = _common(ours, theirs)
    tail = _common(ours[head:][::-1], theirs[head:][::-1])
    sides = ours[head : len(ours) - tail], theirs[head : len(theirs) - tail]
    if not any(sides):
        return [], []
    aligned = list(_aligned(*(side[:MOST_WORDS] for side in sides)))
    rests = [side[MOST_WORDS:] for side in sides]
    unshared = [_unshared(rest, set(other), MOST_WORDS) for rest, other in zip(rests, reversed(rests))]
    first, second = (
        [(a + head, b + head) for a, b in [*(pair[side] for pair in aligned), *unshared[side]]] for side in (0, 1)
    )
    return first, second


def _common(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many words both begin with."""
    return next((place for place, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))


def _aligned(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[_Span, _Span]]:
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    our_end = their_end = 0
    for block, following in zip(blocks, [*blocks[1:], None]):
        a, b, size = block
        if following and _is_stray(size, max(a - our_end, b - their_end), max(following.a - a, following.b - b) - size):
            continue
        if a > our_end or b > their_end:
            yield (our_end, a), (their_end, b)
        our_end, their_end = a + size, b + size


def _is_stray(size: int, before: int, behind: int) -> bool:
    """Whether so few words in common stand between two longer differences."""
    return size <= _STRAY_WORDS and min(before, behind) > size


def _unshared(rest: Sequence[str], others: set[str], start: int) -> list[_Span]:
    """Runs of words that are not among the others."""
    spans: list[_Span] = []
    for place, word in enumerate(rest, start):
        if word in others:
            continue
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return spans


def _pieces(text: str, words: Sequence[_Span], spans: Iterable[_Span]) -> Iterator[Piece]:
    """The text in pieces that are the same, differ, are the same …; white space at the edge of a difference is same."""
    end = 0
    for first, last in spans:
        start = words[first][0] if first < len(words) else len(text)
        if start > end:
            yield Piece(text[end:start], False)
        end = words[last - 1][1] if last > first else start
        yield Piece(text[start:end], True)
    if end < len(text):
        yield Piece(text[end:], False)


def _shortened(text: str, head: int, tail: int) -> list[Piece]:
    """The first `head` and last `tail` characters, completed to words, and a gap between them if that is shorter."""
    if len(text) <= head + tail + len(GAP.text):
        return [Piece(text, False)]
    words = words_of(text)
    begins = next((end for _, end in words if end >= head), len(text)) if head else 0
    ends = next((start for start, _ in reversed(words) if start <= len(text) - tail), 0) if tail else len(text)
    if ends - begins <= len(GAP.text):
        return [Piece(text, False)]
    return [piece for piece in (Piece(text[:begins], False), GAP, Piece(text[ends:], False)) if piece.text]


def _limited(pieces: Iterable[Piece], most: int) -> Iterator[Piece]:
    """The pieces up to so many characters, and a gap for the others."""
    left = most
    for piece in pieces:
        if len(piece.text) > left:
            end = max((end for _, end in words_of(piece.text) if end <= left), default=0)
            if end:
                yield Piece(piece.text[:end], piece.differs)
            yield GAP
            return
        left -= len(piece.text)
        yield piece

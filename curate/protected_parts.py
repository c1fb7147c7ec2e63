r"""Where code, mathematics, tables, JSON and addresses begin and end: one expression a kind, tried where its mark is.

The leftmost part counts, and of parts with the same beginning the first of the table: what one expression of all
alternatives would find (the tests hold it against that), for an eighth of its time on texts that hold a mark.

>>> [match.group() for match, _ in parts_of("Run `a  b`, see $x  y$.", PARTS)]
['`a  b`', '$x  y$']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

Places = Callable[[str, int], Iterator[int]]


class Part(NamedTuple):
    """A kind of protected part. Without `mark` a text has none; `places` tells where one could begin, ascending."""

    mark: str
    pattern: re.Pattern[str]
    places: Places
    is_json: bool = False  # the match is only its beginning


def parts_of(
    text: str, kinds: Sequence[Part], end_of: Callable[[str, int], int] | None = None
) -> Iterator[tuple[re.Match[str], int]]:
    """The parts of a text, apart from each other, each with its end.

    :param end_of: where JSON that begins at a place ends; as far as the match where it is not told.
    """
    heads = [_first(text, kind, 0) for kind in kinds]
    while found := [(head.start(), place, head) for place, head in enumerate(heads) if head]:
        _, place, match = min(found)
        end = end_of(text, match.start()) if end_of and kinds[place].is_json else match.end()
        yield match, end
        heads = [_first(text, kind, end) if head and head.start() < end else head for kind, head in zip(kinds, heads)]


def _first(text: str, kind: Part, after: int) -> re.Match[str] | None:
    match = kind.pattern.match
    for place in kind.places(text, after):
        if found := match(text, place):
            return found
    return None


def _at(mark: str) -> Places:
    def places(text: str, after: int) -> Iterator[int]:
        place = text.find(mark, after)
        while place >= 0:
            yield place
            place = text.find(mark, place + 1)

    return places


def _lines_with(mark: str) -> Places:
    """The beginnings of the lines that hold the mark."""

    def places(text: str, after: int) -> Iterator[int]:
        place = text.find(mark, after)
        while place >= 0:
            first = text.rfind("\n", 0, place) + 1
            if first >= after:
                yield first
            end = text.find("\n", place)
            place = text.find(mark, end) if end >= 0 else -1

    return places


def _schemes(text: str, after: int) -> Iterator[int]:
    """Where an address with a scheme could begin."""
    for place in _at("://")(text, after):
        for scheme in ("https", "http", "ftp"):
            if text.endswith(scheme, after, place):
                yield place - len(scheme)


def _part(mark: str, pattern: str, places: Places | None = None, *, is_json: bool = False) -> Part:
    return Part(mark, re.compile(pattern, re.DOTALL | re.MULTILINE), places or _at(mark), is_json)


# Each expression is linear, or bounded where it could scan to the end again and again (an environment never closed).
_TABLE = r"^[^\n]*\|[^\n]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*(?:\n[^\n]*\|[^\n]*)*$"

#: An address, without the punctuation of the sentence that it stands in.
URL = re.compile(
    r"(?<![a-zA-Z0-9])(?:(?:https?|ftp)://|www\.(?=\w))"
    r"[^\s<>\"'`|\\^{}\u3000-\u303f\uff00-\uffef\u2018-\u201d]+(?<![.,;:!?)\]*_])"
)

PARTS = (
    _part("```", r"(?P<fence>`{3,}).*?(?:(?P=fence)|\Z)"),
    _part("~~~", r"^(?P<wave>~{3,}).*?(?:^(?P=wave)|\Z)"),
    _part("`", r"(?<!`)``(?!`)(?:[^`\n]|`(?!`))+``(?!`)"),
    _part("`", r"(?<!`)`[^`\n]+`(?!`)"),
    _part("\\begin{", r"\\begin\{(?P<env>[a-zA-Z]{1,30}\*?)\}.{0,20000}?\\end\{(?P=env)\}"),
    _part("\\(", r"(?<!\\)\\\((?:[^\\]|\\(?![()]))*\\\)"),
    _part("\\[", r"(?<!\\)\\\[(?:[^\\]|\\(?![\[\]]))*\\\]"),
    _part("$$", r"(?<!\\)\$\$[^$]+(?:\\\$[^$]*)*\$\$"),
    # A single dollar as pandoc reads it; what starts with a digit is a price unless it holds a sign of mathematics.
    _part("$", r"(?<![\\$])\$(?![\s$])(?!\d[^$\n\\^_={}+*<>]*\$)(?:[^$\n\\]|\\.)*(?<!\s)\$(?![\d$])"),
    _part("$", r"(?<![\\$])\$\d+(?:\.\d+)?[a-zA-Z]?\$(?![\d$])"),
    _part("{", r"\{\s*\"", is_json=True),
    _part("{", r"\[\s*\{\s*\"", _at("["), is_json=True),
    _part("|", _TABLE, _lines_with("|")),
)
URL_PARTS = (Part("://", URL, _schemes), Part("www.", URL, _at("www.")))


def parts_in(text: str, kinds: Sequence[Part]) -> tuple[Part, ...]:
    """The kinds whose mark the text holds. One character is looked for in a tenth of the time that two take."""
    first: dict[str, bool] = {}
    found = []
    for part in kinds:
        mark = part.mark
        if mark[0] not in first:
            first[mark[0]] = mark[0] in text
        if first[mark[0]] and (len(mark) == 1 or mark in text):
            found.append(part)
    return tuple(found)

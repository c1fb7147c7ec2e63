r"""The parts of a text that no cleaner may touch: code, mathematics, tables, JSON and addresses.

>>> text = "Run `a  b`, pay $5 and $7, see $x  y$."
>>> [text[start:end] for start, end in protected_spans(text)]
['`a  b`', '$x  y$']
>>> outside(text, str.upper)
'RUN `a  b`, PAY $5 AND $7, SEE $x  y$.'

A change that would make a protected part readable as something else (a fence that opens earlier, a dollar that pairs
differently) is not made at all: `applied` returns the text as it was.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from tunesmith.curate.protected_parts import PARTS, URL_PARTS, parts_in, parts_of

Span = tuple[int, int]
Spans = tuple[Span, ...]


class Edit(NamedTuple):
    """Put `new` where `text[start:end]` stands."""

    start: int
    end: int
    new: str


_DOLLARS = tuple(part for part in PARTS if part.mark == "$")
_DECODER = json.JSONDecoder()


# One text is asked for again by each change that wants to be made to it.
@lru_cache(maxsize=8)
def protected_spans(text: str, *, urls: bool = True) -> Spans:
    """Half-open spans `(start, end)` in characters, ascending, apart from each other.

    `urls` False leaves addresses out, for the cleaners that are about them.
    """
    kinds = parts_in(text, PARTS + URL_PARTS if urls else PARTS)
    if not kinds or (kinds == _DOLLARS and text.count("$") < 2):  # a price, as most dollars are
        return ()
    return tuple([(match.start(), end) for match, end in parts_of(text, kinds, _json_end)])


def _json_end(text: str, start: int) -> int:
    """Where the JSON value ends; of a broken one, where it stops to be JSON."""
    try:
        return _DECODER.raw_decode(text, start)[1]
    except json.JSONDecodeError as error:
        return max(error.pos, start + 1)
    except RecursionError:  # thousands of levels: no text of a conversation, so nobody cleans it
        return len(text)


def outside(text: str, change: Callable[[str], str], *, urls: bool = True) -> str:
    """The text with `change` applied to each part outside of the protected spans."""
    spans = protected_spans(text, urls=urls)
    bounds = [0, *(place for span in spans for place in span), len(text)]
    pieces = [(start, end) for start, end in zip(bounds[::2], bounds[1::2]) if start < end]
    return applied(text, [Edit(start, end, change(text[start:end])) for start, end in pieces], spans, urls=urls)


def substitute(
    text: str, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str], *, urls: bool = True
) -> str:
    """`pattern.sub` without the matches that touch a protected span. A pattern sees the whole text around a match."""
    if not pattern.search(text):
        return text
    spans = protected_spans(text, urls=urls)
    if not spans:  # nothing that a change could touch or leave unprotected
        changed = pattern.sub(replacement, text)
        return text if changed == text else changed
    matches = list(pattern.finditer(text))
    if isinstance(replacement, str) and "\\" not in replacement:
        edits = [Edit(*match.span(), replacement) for match in matches]
    else:
        edits = [Edit(*match.span(), _replaced(match, replacement)) for match in matches]
    return applied(text, edits, spans, urls=urls)


def _replaced(match: re.Match[str], replacement: str | Callable[[re.Match[str]], str]) -> str:
    return match.expand(replacement) if isinstance(replacement, str) else replacement(match)


def applied(text: str, edits: Iterable[Edit], spans: Spans, *, urls: bool = True) -> str:
    """The text with the edits that touch no span; as it was, where these would leave a span unprotected.

    Edits are ascending and apart from each other.
    """
    edits = [edit for edit in edits if text[edit.start : edit.end] != edit.new]
    edits = [edit for edit in edits if not _touches(spans, edit.start, edit.end)]
    if not edits:
        return text
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += [text[done : edit.start], edit.new]
        done = edit.end
    changed = "".join([*parts, text[done:]])
    return changed if _covers(protected_spans(changed, urls=urls), _moved(spans, edits)) else text


def _touches(spans: Spans, start: int, end: int) -> bool:
    place = bisect_right(spans, (end - 1, len(spans) and spans[-1][1])) - 1 if end > start else -1
    return place >= 0 and spans[place][1] > start


def _moved(spans: Spans, edits: list[Edit]) -> list[Span]:
    """Where the spans are after the edits."""
    moved: list[Span] = []
    shift = place = 0
    for start, end in spans:
        while place < len(edits) and edits[place].end <= start:
            shift += len(edits[place].new) - (edits[place].end - edits[place].start)
            place += 1
        moved.append((start + shift, end + shift))
    return moved


def _covers(spans: Spans, wanted: list[Span]) -> bool:
    starts = [start for start, _ in spans]
    places = [(bisect_right(starts, start) - 1, end) for start, end in wanted]
    return all(place >= 0 and end <= spans[place][1] for place, end in places)


def settled(change: Callable[[str], str], *, most_rounds: int = 8) -> Callable[[str], str]:
    """`change` again and again until nothing changes, so that cleaning twice is cleaning once.

    A text that does not come to rest within `most_rounds` stays as it was.
    """

    def settle(text: str) -> str:
        before = change(text)
        if before is text:  # clean, as most texts are
            return text
        for _ in range(most_rounds):
            after = change(before)
            if after == before:
                return after
            before = after
        return text

    return settle

"""Private data in a text: what it is, where it stands, and the same text without it.

>>> [(found.kind, found.normal) for found in find_private("请回电138-0013-8000，或写信到Li.Lei@example.com")]
[('phone', '+8613800138000'), ('email', 'li.lei@example.com')]
>>> texts, found = redact(("我的手机13800138000", "好，记下138-0013-8000了"), "zh")
>>> texts
('我的手机[手机号_1]', '好，记下[手机号_1]了')

A row is first asked for signs (`privacy_signs.py`); the checks behind them are slow. `redact` takes all turns of a
conversation at once, so that one value has one mark in it. Names of people are not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from tunesmith.curate.privacy_addresses import addresses
from tunesmith.curate.privacy_found import KINDS, Found
from tunesmith.curate.privacy_marks import MARK, Marks, repeats
from tunesmith.curate.privacy_network import emails, ips
from tunesmith.curate.privacy_numbers import bank_cards, passports, resident_ids
from tunesmith.curate.privacy_phones import phones
from tunesmith.curate.privacy_secrets import api_keys, private_keys
from tunesmith.curate.privacy_signs import Detector, found_in, signed_kinds

__all__ = ["Found", "find_private", "may_hold_private", "private_kinds", "redact"]

# Full-width letters and digits read as the plain ones. One character stays one, so that spans lie in the caller's text.
_WIDE = {
    code: code - 0xFEE0
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0B, 0xFF0D, 0xFF0E, 0xFF20)
}
_HAS_WIDE = re.compile("[\uff0b\uff0d\uff0e\uff10-\uff19\uff20\uff21-\uff3a\uff41-\uff5a]")
# By priority, as in KINDS.
_DETECTORS: dict[str, Detector] = {
    "private_key": private_keys,
    "api_key": api_keys,
    "email": emails,
    "resident_id": resident_ids,
    "bank_card": bank_cards,
    "phone": phones,
    "passport": passports,
    "ip": ips,
    "address": addresses,
}


def may_hold_private(text: str) -> bool:
    """Whether a text has any sign of private data; where it has none, `find_private` finds nothing."""
    return bool(signed_kinds(_plain(text)))


def find_private(text: str) -> tuple[Found, ...]:
    """Every private value of a text, by position; no two overlap, and none touches a mark of `redact`."""
    plain = _plain(text)
    found = [one for kind in signed_kinds(plain) for one in found_in(plain, kind, _DETECTORS[kind])]
    if not found:
        return ()
    return tuple(one._replace(value=text[one.start : one.end]) for one in _apart(text, found))


def _plain(text: str) -> str:
    if text.isascii() or not _HAS_WIDE.search(text):
        return text
    return text.translate(_WIDE)


def private_kinds(texts: Iterable[str]) -> frozenset[str]:
    """The kinds of private data in some texts."""
    return frozenset(found.kind for text in texts for found in find_private(text))


def redact(
    texts: Sequence[str], language: str, *, kinds: Collection[str] = KINDS
) -> tuple[tuple[str, ...], tuple[Found, ...]]:
    """The turns of one conversation with a mark in place of each private value, and what was found, turn by turn.

    Marks are Chinese where `language` is `zh`, else English; they are numbered by first appearance, behind those that
    the texts already have. A value that one turn gives away is also replaced where it stands bare in another turn.
    Spans lie in the text of their turn as it came.

    :param kinds: those that are replaced. A phone number inside of a resident id is none, whatever is looked for.
    """
    marks = Marks(texts, language)
    turns = list(texts)
    places: list[Sequence[int]] = [
        range(len(text)) for text in texts
    ]  # of every character of a turn: where it stood, -1 in a mark
    found: list[list[Found]] = [[] for _ in texts]
    # A mark is shorter than its value and brings words and numbers closer together, so that a number may become clear
    # only in the second pass. Every pass replaces something that is no mark, so there is a last one.
    while any(passed := _found_in(turns, kinds)):
        for turn, ones in enumerate(passed):
            found[turn] += [_where_it_was(one, places[turn]) for one in ones]
            turns[turn], places[turn] = _replaced(turns[turn], places[turn], ones, marks)
    return tuple(turns), tuple(one for ones in found for one in sorted(ones, key=_start))


def _found_in(texts: Sequence[str], kinds: Collection[str]) -> list[tuple[Found, ...]]:
    """For each text: what is found in it, and what was found in another one and stands in it too."""
    direct = [tuple(one for one in find_private(text) if one.kind in kinds) for text in texts]
    known = {(one.kind, one.value): one for ones in direct for one in ones}
    if not known:
        return direct
    again = ([one for value in known.values() for one in repeats(text, value)] for text in texts)
    return [tuple(_apart(text, (*ones, *more))) for text, ones, more in zip(texts, direct, again)]


def _apart(text: str, found: Iterable[Found]) -> list[Found]:
    """The findings that overlap neither an earlier one of the list nor a mark, by position."""
    taken = [match.span() for match in MARK.finditer(text)]
    kept: list[Found] = []
    for one in found:
        if all(one.end <= start or end <= one.start for start, end in taken):
            taken.append((one.start, one.end))
            kept.append(one)
    return sorted(kept, key=_start)


def _start(found: Found) -> int:
    return found.start


def _where_it_was(found: Found, places: Sequence[int]) -> Found:
    return found._replace(start=places[found.start], end=places[found.end - 1] + 1)


def _replaced(text: str, places: Sequence[int], found: Sequence[Found], marks: Marks) -> tuple[str, Sequence[int]]:
    if not found:
        return text, places
    parts: list[str] = []
    origins: list[int] = []
    done = 0
    for one in found:
        mark = marks.of(one)
        parts += [text[done : one.start], mark]
        origins += [*places[done : one.start], *[-1] * len(mark)]
        done = one.end
    return "".join((*parts, text[done:])), [*origins, *places[done:]]

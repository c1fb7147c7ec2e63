"""Private data in a text: what it is, where it stands, and the same text without it.

>>> [(found.kind, found.normal) for found in find_private("请回电138-0013-8000，或写信到Li.Lei@example.com")]
[('phone', '+8613800138000'), ('email', 'li.lei@example.com')]
>>> texts, found = redact(("我的手机13800138000", "好，记下138-0013-8000了"), "zh")
>>> texts
('我的手机[手机号_1]', '好，记下[手机号_1]了')

A row is first asked `may_hold_private`, one pass of one expression; the checks behind it are slow. `redact` takes all
turns of a conversation at once, so that one value has one mark in it. Names of people are not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from tunesmith.curate.privacy_addresses import addresses
from tunesmith.curate.privacy_found import KINDS, Found
from tunesmith.curate.privacy_marks import MARK, Marks, repeats
from tunesmith.curate.privacy_network import emails, ips
from tunesmith.curate.privacy_numbers import bank_cards, passports, resident_ids
from tunesmith.curate.privacy_phones import phones
from tunesmith.curate.privacy_secrets import api_keys, private_keys

__all__ = ["Found", "find_private", "may_hold_private", "private_kinds", "redact"]

# Full-width letters and digits read as the plain ones. One character stays one, so that spans lie in the caller's text.
_WIDE = {
    code: code - 0xFEE0
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0B, 0xFF0D, 0xFF0E, 0xFF20)
}
_HAS_WIDE = re.compile("[\uff0b\uff0d\uff0e\uff10-\uff19\uff20\uff21-\uff3a\uff41-\uff5a]")
# Signs that stand for themselves are looked up as they are, and the expressions begin with one character or class: both
# are many times faster than one expression that begins in twenty ways.
_LITERALS = (
    "@", "PRIVATE KEY", "sk-", "sk_", "rk_", "pk_", "whsec_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
    "glpat-", "AKIA", "ASIA", "AIza", "LTAI", "AKID", "xox", "hf_", "npm_", "pypi-", "SG.", "eyJ",
)  # fmt: skip
_FROM_A_DIGIT = re.compile(
    r"[0-9](?:(?:[ \-.()（）]{0,2}[0-9]){6}|\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]| ?[号弄栋幢座]"
    r"|[0-9]{0,4}[A-Za-z]?(?:[-–][0-9]{1,4})? (?:[A-Z0-9][\w.'’]* ){1,4}"
    r"(?:St|Av|Ro|Rd|La|Ln|Bo|Bl|Cr|Te|Dr|Pa|Me|Cl|Wa|Co|Ct|Pl|Sq|Ga|Gr|Hi|Ci))"
)
_FROM_A_COLON = re.compile(r":[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:|::[0-9A-Fa-f]")

Detector = Callable[[str], Iterator[Found]]
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
    return _has_sign(text) or (bool(_HAS_WIDE.search(text)) and _has_sign(text.translate(_WIDE)))


def _has_sign(text: str) -> bool:
    if any(literal in text for literal in _LITERALS):
        return True
    return bool(_FROM_A_DIGIT.search(text) or _FROM_A_COLON.search(text))


def find_private(text: str) -> tuple[Found, ...]:
    """Every private value of a text, by position; no two overlap, and none touches a mark of `redact`."""
    if not may_hold_private(text):
        return ()
    plain = text.translate(_WIDE) if _HAS_WIDE.search(text) else text
    found = chain.from_iterable(_DETECTORS[kind](plain) for kind in KINDS)
    return tuple(one._replace(value=text[one.start : one.end]) for one in _apart(text, found))


def private_kinds(texts: Iterable[str]) -> frozenset[str]:
    """The kinds of private data in some texts."""
    return frozenset(found.kind for text in texts for found in find_private(text))


def redact(texts: Sequence[str], language: str) -> tuple[tuple[str, ...], tuple[Found, ...]]:
    """The turns of one conversation with a mark in place of each private value, and what was found, turn by turn.

    Marks are Chinese where `language` is `zh`, else English; they are numbered by first appearance, behind those that
    the texts already have. A value that one turn gives away is also replaced where it stands bare in another turn.
    Spans lie in the text of their turn as it came.
    """
    marks = Marks(texts, language)
    turns = list(texts)
    places: list[Sequence[int]] = [
        range(len(text)) for text in texts
    ]  # of every character of a turn: where it stood, -1 in a mark
    found: list[list[Found]] = [[] for _ in texts]
    # A mark is shorter than its value and brings words and numbers closer together, so that a number may become clear
    # only in the second pass. Every pass replaces something that is no mark, so there is a last one.
    while any(passed := _found_in(turns)):
        for turn, ones in enumerate(passed):
            found[turn] += [_where_it_was(one, places[turn]) for one in ones]
            turns[turn], places[turn] = _replaced(turns[turn], places[turn], ones, marks)
    return tuple(turns), tuple(one for ones in found for one in sorted(ones, key=_start))


def _found_in(texts: Sequence[str]) -> list[tuple[Found, ...]]:
    """For each text: what is found in it, and what was found in another one and stands in it too."""
    direct = [find_private(text) for text in texts]
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

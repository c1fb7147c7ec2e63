"""The first look: which detectors of private data a text could have anything for. Most texts have no sign at all.

>>> signed_kinds("他有 12 个苹果，吃了 5 个。The answer is 3.14 (see page 7).")
()
>>> signed_kinds("回电138-0013-8000")
('resident_id', 'bank_card', 'phone', 'passport')

How it is fast: bytes are mapped to few classes, so that "seven digits with blanks or hyphens between" is one search for
seven zeros, which skips most of the text; no expression walks through all of it. What is looked for is wider than what
the detectors find, never narrower.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from tunesmith.curate.privacy_found import KINDS, Found

Detector = Callable[[str], Iterator[Found]]
Span = tuple[int, int]

_DIGITS = string.digits.encode()
_KEY = (string.ascii_letters + string.digits + "-_").encode()
#: Every digit as 0.
_ZEROS = bytes.maketrans(_DIGITS, b"0" * 10)
#: What may stand between the digits of a number: signs, the bytes of full-width brackets and of unusual blanks.
_BETWEEN = b" -.()/" + "（）\u00a0\u2010\u2011\u2012\u2013\u2014\u2015".encode()
#: Every character of a key as a.
_LETTERS = bytes.maketrans(_KEY, b"a" * len(_KEY))
_LONG_NUMBER, _LONG_WORD = b"0" * 7, b"a" * 15
_DIGIT = re.compile(rb"[0-9]")
_QUAD = re.compile(rb"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]")
_COLONS = re.compile(rb":[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:|::[0-9A-Fa-f]")
#: Digits as 0, letters as A and a.
_CLASSES = bytes.maketrans(_DIGITS + string.ascii_letters.encode(), b"0" * 10 + b"a" * 26 + b"A" * 26)
_DOOR = re.compile(
    r"[0-9](?: ?[号弄栋幢座]|[A-Za-z]?(?:[-–][0-9]{1,4})? (?:[A-Z0-9][\w.'’]* ){1,4}"
    r"(?:St|Av|Ro|Rd|La|Ln|Bo|Bl|Cr|Te|Dr|Pa|Me|Cl|Wa|Co|Ct|Pl|Sq|Ga|Gr|Hi|Ci))"
)
#: A long number, from its first digit or sign to its last digit.
_STRETCH = re.compile(r"[0-9](?:[ \-.()（）/\u00a0\u2010-\u2015]{0,3}[0-9]){6,}")
_LEADS, _MOST_LEADS = "+(（", 2
_KEY_STRETCH = re.compile(r"[A-Za-z0-9_\-.+/=:~]{15,}")
_KEY_LIKE = re.compile(r"[A-Za-z0-9_\-]{15}")
_SHUFFLED = re.compile("[0-9]|[a-z][A-Z]|^[a-z]{2,4}_[a-z]{20}")
#: So many characters around a sign are read by those who judge it.
_AHEAD, _BEHIND = 90, 120
_NUMBERS: frozenset[str] = frozenset(("resident_id", "bank_card", "phone", "passport"))


def signed_kinds(text: str) -> tuple[str, ...]:
    """The kinds that a text has a sign of, by priority; full-width digits have none."""
    data = text.encode("utf-8", "surrogatepass")
    signs = _signs_of_digits(text, data) if _DIGIT.search(data) else set()
    if b"::" in data or (b":" in data and _COLONS.search(data)):
        signs.add("ip")
    if b"@" in data:
        signs.add("email")
    if b"PRIVATE KEY" in data:
        signs.add("private_key")
    if _LONG_WORD in data.translate(_LETTERS) and _is_shuffled(data) and any(_key_stretches(text)):
        signs.add("api_key")
    return tuple([kind for kind in KINDS if kind in signs]) if signs else ()


def _signs_of_digits(text: str, data: bytes) -> set[str]:
    signs: set[str] = set()
    if _LONG_NUMBER in data.translate(_ZEROS, _BETWEEN):
        signs |= _NUMBERS
    if b"0.0" in data.translate(_ZEROS) and _QUAD.search(data):
        signs.add("ip")
    if _DOOR.search(text):
        signs.add("address")
    return signs


def _is_shuffled(data: bytes) -> bool:
    """Whether a digit, a capital or an underline stands inside of a word."""
    classes = data.translate(_CLASSES)
    return any(pair in classes for pair in (b"a0", b"0a", b"A0", b"0A", b"aA", b"a_a"))


def _key_stretches(text: str) -> Iterator[Span]:
    """The stretches of signs that keys are made of, but for those that are words and hyphens."""
    for match in _KEY_STRETCH.finditer(text):
        if _SHUFFLED.search(match.group()) and _KEY_LIKE.search(match.group()):
            yield match.span()


@lru_cache(maxsize=1)  # four kinds ask it of the same text, one after the other
def _numbers(text: str) -> tuple[Span, ...]:
    """A search for the digit and a look back: an expression that begins with what may be absent is searched slowly."""
    spans = []
    for match in _STRETCH.finditer(text):
        start, end = match.span()
        least = max(0, start - _MOST_LEADS)
        while start > least and text[start - 1] in _LEADS:
            start -= 1
        spans.append((start, end))
    return tuple(spans)


def _doors(text: str) -> Iterator[Span]:
    return (match.span() for match in _DOOR.finditer(text))


def found_in(text: str, kind: str, detect: Detector) -> Iterator[Found]:
    """What a detector finds, by position and once. Where signs have a place, it reads only what lies around them."""
    places = _PLACES.get(kind)
    if places is None:
        yield from detect(text)
        return
    seen: set[Span] = set()
    for sign_start, sign_end in places(text):
        first = max(0, sign_start - _AHEAD)
        for one in detect(text[first : sign_end + _BEHIND]):
            start, end = one.start + first, one.end + first
            if start < sign_end and sign_start < end and (start, end) not in seen:
                seen.add((start, end))
                yield one._replace(start=start, end=end)


_PLACES: dict[str, Callable[[str], Iterable[Span]]] = {
    **dict.fromkeys(_NUMBERS, _numbers),
    "api_key": _key_stretches,
    "address": _doors,
}

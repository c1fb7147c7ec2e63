"""Texts and numbers as the report shows them: nothing hidden, long texts cut, no number rounded up.

>>> len(cut("a" * 400).text), cut("a" * 400).is_cut, cut("short").is_cut
(300, True, False)
>>> visible("safe\\u202etxt.exe")
'safe⟨U+202E⟩txt.exe'
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

MOST_CHARACTERS, MOST_LINES = 300, 14  # of one text of an example


# C0 and C1 controls but tab and newline, soft hyphen, zero-width space, marks and embeddings that reorder text, other
# invisible format characters, tags, lone surrogates (which no UTF-8 file can hold). Joiners stay: emoji need them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with every character that hides, reorders or breaks written as `⟨U+202E⟩`; line ends as `\\n`."""
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


class Cut(NamedTuple):
    """The beginning of a text, and whether there was more."""

    text: str
    is_cut: bool


def cut(text: str) -> Cut:
    """At most `MOST_CHARACTERS` characters and `MOST_LINES` lines, never between a letter and its marks."""
    end = min(len(text), MOST_CHARACTERS)
    while MOST_CHARACTERS - 20 < end < len(text) and _joins(text[end]):
        end -= 1
    shown = "\n".join(text[:end].split("\n")[:MOST_LINES])
    return Cut(shown, len(shown) < len(text))


def _joins(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or character == "\u200d"


def number(value: float) -> str:
    """`8,991`, `0.6999`: at most four digits after the point, cut and not rounded: .99999 is never shown as 1."""
    if float(value).is_integer():
        return f"{int(value):,}"
    digits = Decimal(str(value)).quantize(Decimal("0.0001"), ROUND_DOWN)
    return f"{digits:,f}".rstrip("0").rstrip(".")


def share(part: float, whole: float) -> str:
    """`49.6 %`; something is never 0 % and never 100 % unless it is all."""
    if not whole:
        return "–"
    ratio = 100 * part / whole
    if part and ratio < 0.1:
        return "< 0.1%"
    if part != whole and ratio > 99.9:
        return "> 99.9%"
    return f"{ratio:.1f}".removesuffix(".0") + "%"


def percent(part: float, whole: float) -> str:
    """A CSS length, for a bar."""
    return f"{100 * part / whole if whole else 0:.3f}%"

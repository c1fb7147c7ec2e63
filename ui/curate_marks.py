"""Two texts of somebody's data with their differences marked: the one place of the pages where data becomes HTML.

Every piece goes through `html.escape`; what is left of a text can be no tag, no attribute and no entity.

>>> marked_html([Piece("Take ", False), Piece("<b>250</b>", True)])
'<div style="white-space:pre-wrap;overflow-wrap:anywhere">Take <mark ...>&lt;b&gt;250&lt;/b&gt;</mark></div>'
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tunesmith.curate.word_diff import Pieces


class Marked(Protocol):
    """A part of a text, and whether the other text differs there."""

    @property
    def text(self) -> str:
        """The part."""
        ...

    @property
    def differs(self) -> bool:
        """Whether it differs."""
        ...


#: Readable on both grounds, and without colours by its line.
_MARK = "background:rgba(214,134,62,.32);color:inherit;text-decoration:underline;text-underline-offset:3px"
_GAP = "background:rgba(214,134,62,.55);padding:0 2px;margin:0 1px;border-radius:2px"
_BLOCK = "white-space:pre-wrap;overflow-wrap:anywhere"


def marked_html(pieces: Iterable[Marked]) -> str:
    """A text as HTML, with the parts that differ marked; a part that only the other text has is a small mark."""
    inner = "".join(_piece(piece.text, piece.differs) for piece in pieces)
    return f'<div style="{_BLOCK}">{inner}</div>'


def _piece(text: str, differs: bool) -> str:
    if not differs:
        return escape(text)
    if not text:
        return f'<mark style="{_GAP}">&#8203;</mark>'
    return f'<mark style="{_MARK}">{escape(text)}</mark>'


def nearby(pieces: Iterable[Marked], *, most: int) -> Pieces:
    """The parts around the differences, gaps in place of the rest."""
    from tunesmith.curate.word_diff import Piece, around_differences

    return around_differences(tuple(Piece(one.text, one.differs) for one in pieces), context=120, most=most)

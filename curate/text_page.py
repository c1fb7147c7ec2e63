"""A page of text for the terminal in two columns, a word on the left and its text on the right.

>>> page = Page(color=False, width=30)
>>> page.pair("Read as", "alpaca, kind sft, 2 turns")
>>> print(page.text())
  Read as      alpaca, kind
               sft, 2 turns
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tunesmith.curate.shown import cut, paint, width_of, wrap, wrap_painted

if TYPE_CHECKING:
    from tunesmith.curate.story import Turn

_INDENT = 2
_LABEL = 13  # columns of the words on the left
_NAMES = 5


def listed(names: tuple[str, ...]) -> str:
    """The first few of them, and how many more there are."""
    more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


class Page:
    """Lines in two columns."""

    def __init__(self, color: bool, width: int) -> None:
        self.color = color
        self.width = width
        self._lines: list[str] = []

    def text(self) -> str:
        return "\n".join(self._lines)

    def title(self, text: str, style: str) -> None:
        self._lines += [paint(paint(text, "bold", color=self.color), style, color=self.color), ""]

    def heading(self, text: str) -> None:
        self._lines += ["", paint(text, "bold", color=self.color)]

    def blank(self) -> None:
        self._lines.append("")

    def pair(self, label: str, text: str, style: str | None = None) -> None:
        """A word on the left, its text on the right, wrapped."""
        self.parts(label, [(text, style)])

    def parts(self, label: str, parts: Iterable[tuple[str, str | None]]) -> None:
        """Likewise, of texts that have a style each."""
        left = _INDENT + _LABEL
        lines = wrap_painted(parts, width=self.width - left, color=self.color) or [""]
        shown = paint(label.ljust(_LABEL - max(0, width_of(label) - len(label))), "dim", color=self.color)
        for place, line in enumerate(lines):
            self._lines.append(
                f"{' ' * _INDENT}{shown}{line}".rstrip() if place == 0 else f"{' ' * left}{line}".rstrip()
            )

    def plain(self, text: str) -> None:
        self._lines += [f"{' ' * _INDENT}{line}" for line in wrap(text, width=self.width - _INDENT)]

    def command(self, text: str) -> None:
        """Never wrapped, so that it can be copied."""
        self._lines.append(" " * _INDENT * 2 + paint(text, "bold", color=self.color))

    def turns(self, turns: tuple[Turn, ...], *, most: int) -> None:
        for turn in turns:
            self.pair(turn.role, cut(turn.text, most=most) or "(empty)")

"""Two texts that differ in white space alone: the differing runs made visible, · a space, ⇥ a tab, ↵ the end of a line.

>>> one, other = mark_spaces("So  it is. ", "So it is.")
>>> [piece.text for piece in one if piece.differs], [piece.text for piece in other if piece.differs]
(['··', '·'], ['·', ''])
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunesmith.curate.word_diff import Piece, Pieces

_RUN = re.compile(r"\s+|\S+")
_SIGNS = {" ": "·", "\t": "⇥", "\n": "↵\n"}


def mark_spaces(one: str, other: str) -> tuple[Pieces, Pieces] | None:
    """The pieces of both texts; None where they differ in more than white space."""
    ours, theirs = _runs(one), _runs(other)
    if [word for word, _ in ours] != [word for word, _ in theirs]:
        return None
    pairs = list(zip(ours, theirs))
    return (
        tuple(_pieces([(word, space, space != there) for (word, space), (_, there) in pairs])),
        tuple(_pieces([(word, space, space != here) for (_, here), (word, space) in pairs])),
    )


def _runs(text: str) -> list[tuple[str, str]]:
    """Each word and the white space behind it; the first word is empty and has what stands before all."""
    runs = [("", "")]
    for run in _RUN.findall(text):
        if run.isspace():
            runs[-1] = (runs[-1][0], run)
        else:
            runs.append((run, ""))
    return runs


def _pieces(runs: list[tuple[str, str, bool]]) -> Iterator[Piece]:
    """The text in pieces that are the same, differ, are the same …"""
    same = ""
    for word, space, differs in runs:
        same += word
        if not differs:
            same += space
            continue
        if same:
            yield Piece(same, False)
        yield Piece("".join(_SIGNS.get(character, character) for character in space), True)
        same = ""
    if same:
        yield Piece(same, False)

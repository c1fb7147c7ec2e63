"""What a row's story says of private data and of evaluation sets, with the shared words marked and the values not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tunesmith.curate.privacy_marks import MARK
from tunesmith.curate.shown import cut, ratio
from tunesmith.curate.text_page import Page, listed
from tunesmith.curate.word_diff import Piece, Pieces, around_differences

if TYPE_CHECKING:
    from tunesmith.curate.story import Held, PrivateTold

_QUESTION_CHARACTERS = 400
_DONE = {
    "redact": "replaced by marks",
    "flag": "flagged, and still in the row",
    "drop": "the recipe drops such rows",
}
_NAMES = {
    "private_key": "private key",
    "api_key": "API key",
    "email": "e-mail address",
    "resident_id": "resident identity number",
    "bank_card": "bank card number",
    "phone": "phone number",
    "passport": "passport number",
    "ip": "IP address",
    "address": "postal address",
}


def tell_private(page: Page, found: PrivateTold) -> None:
    """The kinds and how often each was found; and where they stand, with marks in place of values."""
    kinds = ", ".join(
        f"{_NAMES.get(kind, kind)} ×{count}" if count > 1 else _NAMES.get(kind, kind)
        for kind, count in found.kinds.items()
    )
    page.pair("Private data", f"{kinds}: {_DONE[found.policy]}", "yellow")
    for turn in found.turns:
        page.parts("", [(f"{turn.role}: ", None), *_styled(_nearby(_with_marks(turn.text)), page.color)])


def _nearby(pieces: Iterable[Piece]) -> Pieces:
    """What is around the marked pieces, without space before it."""
    first, *others = around_differences(tuple(pieces))
    return (Piece(first.text.lstrip(), first.differs), *others)


def _with_marks(text: str) -> Iterator[Piece]:
    start = 0
    for mark in MARK.finditer(text):
        if mark.start() > start:
            yield Piece(text[start : mark.start()], False)
        yield Piece(mark.group(), True)
        start = mark.end()
    if start < len(text):
        yield Piece(text[start:], False)


def _styled(pieces: Pieces, color: bool) -> Iterator[tuple[str, str | None]]:
    """In colours a mark is bold; without, it is plain enough."""
    for piece in pieces:
        yield piece.text, "bold" if piece.differs and color else None


def tell_contamination(page: Page, held: Held) -> None:
    """The item that the row holds, how much of it, and where."""
    page.pair("Evaluation", _holds(held), "red" if held.dropped else "yellow")
    if held.question is None:
        page.pair("", "its evaluation set can no longer be read here")
    else:
        page.pair("", f"the item: {cut(held.question, most=_QUESTION_CHARACTERS)}")
    pieces = _nearby(Piece(part.text, part.differs) for part in held.pieces)
    page.parts("", [("this row: ", None), *_shared(pieces, page.color)])


def _holds(held: Held) -> str:
    done = "this dropped it" if held.dropped else "a flag"
    more = f"; it holds {listed(held.others)} too" if held.others else ""
    share = f"{ratio(held.containment)} of it stands in the {held.side}, threshold {ratio(held.threshold)}"
    return f"holds {held.item}: {share}: {done}{more}"


def _shared(pieces: Pieces, color: bool) -> Iterator[tuple[str, str | None]]:
    """The longest run of words that both have, in square brackets where there is no colour."""
    for piece in pieces:
        text = piece.text if color or not piece.differs else f"[{piece.text}]"
        yield text, "yellow" if piece.differs and color else None

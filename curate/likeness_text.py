"""What a row's story says of duplicates, with the words marked in which two rows differ.

In colours what only this row has is red and what only the other has is green; without, `[-this-]{+other+}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tunesmith.curate.shown import cut, ratio
from tunesmith.curate.stage_semantic import SEMANTIC
from tunesmith.curate.text_page import Page, listed
from tunesmith.curate.word_diff import Piece, Pieces, around_differences

if TYPE_CHECKING:
    from tunesmith.curate.story import Contrast, Finding, Looked, Marked, Partner, Story

_SIDE_CHARACTERS = 240  # of one difference
_TURN_CHARACTERS = 600
_SHARED_CHARACTERS = 160
_LABELS = {"partner": "", "semantic": "", "variant": "Variant", "conflict": "Conflict"}

Parts = Iterator[tuple[str, str | None]]


def tell_duplicates(page: Page, story: Story) -> None:
    """Whom the row left for, or for whom it stayed and what was noticed about it."""
    if story.partner:
        _tell_partner(page, story, story.partner)
    elif story.split or story.left_out:
        page.pair("Duplicates", _stayed(story))
        shown: set[str] = set()
        for finding in story.findings:
            _tell_finding(page, story, finding)
            if finding.partner and finding.partner.row_id not in shown:
                tell_differences(page, story, finding.partner)
                shown.add(finding.partner.row_id)


def _tell_partner(page: Page, story: Story, partner: Partner) -> None:
    stayed = "" if partner.verdict == "kept" else ", though it was not needed later"
    if story.rule == "exact_duplicate":
        page.pair("Duplicates", f"{partner.row_id} stayed in its place{stayed}: the same after normalisation", "red")
    elif story.rule == SEMANTIC:
        cosine = same_meaning(partner, story.looked)
        page.pair("Duplicates", f"{partner.row_id} stayed in its place{stayed} and says the same: {cosine}", "red")
    else:
        page.pair("Duplicates", f"{partner.row_id} stayed in its place{stayed}: {alike(partner, story.looked)}", "red")
    tell_differences(page, story, partner)


def alike(partner: Partner, looked: Looked) -> str:
    """How alike two rows are, and from where on that counts: `similarity 0.83 of the whole, 0.91 of the answer`."""
    compared = "whole" if looked.on == "row" else looked.on
    told = f"similarity {ratio(partner.similarity or 0)} of the {compared}"
    if partner.answer_similarity is not None and looked.on != "answer":
        told += f", {ratio(partner.answer_similarity)} of the answer"
    return f"{told}; threshold {ratio(looked.threshold or 0)}" + ("" if looked.on == "row" else f" of the {compared}")


def same_meaning(partner: Partner, looked: Looked) -> str:
    """How near two rows are in meaning: `cosine 0.93 of the prompts, 0.95 of the answers; threshold 0.9`."""
    compared = {"prompt": "prompts", "answer": "answers", "whole": "conversations"}
    told = f"cosine {ratio(partner.similarity or 0)} of the {compared.get(looked.semantic_on or '', 'prompts')}"
    if partner.answer_similarity is not None:
        told += f", {ratio(partner.answer_similarity)} of the answers"
    return f"{told}; threshold {ratio(looked.semantic_threshold or 0)}"


def _stayed(story: Story) -> str:
    if story.partner_of:
        return f"stayed in place of {listed(story.partner_of)}"
    kept = story.decision is not None and story.decision.action == "keep"
    if not kept and any(finding.what in ("partner", "semantic") for finding in story.findings):
        return "kept with a flag, as `policy: flag` says"
    if story.looked.on is None and story.looked.semantic_on:
        return "no other row says the same; near-duplicates were not looked for"
    if story.looked.on is None:
        return (
            "no other row is the same; near-duplicates were not looked for" if story.looked.exact else "not looked for"
        )
    if kept:
        return "stays whatever it is like, as a person decided"
    return (
        f"no other row has nearly the same {story.looked.on}"
        if story.looked.on in ("prompt", "answer")
        else "repeats no other row"
    )


def _tell_finding(page: Page, story: Story, finding: Finding) -> None:
    partner = finding.partner
    if partner is None:
        page.pair("Template", _template(finding), "yellow")
        return
    if finding.what == "conflict":
        differs = (
            "the same prompt and answer with the other label"
            if story.kind == "kto"
            else "the same prompt and another answer"
        )
        others = tuple(name for name in finding.others if name != partner.row_id)
        more = f" (the prompt stands in {listed(others)} too)" if others else ""
        text = f"{partner.row_id} has {differs}{more}"
    elif finding.what == "variant":
        text = f"nearly {partner.row_id} with another answer: {alike(partner, story.looked)}"
    elif finding.what == "semantic":
        text = f"says the same as {partner.row_id}: {same_meaning(partner, story.looked)}"
    else:
        text = f"nearly the same as {partner.row_id}: {alike(partner, story.looked)}"
    page.pair(_LABELS[finding.what], text, "yellow")


def _template(finding: Finding) -> str:
    rows = f"{len(finding.others) + 1:,} rows"
    what = f"stock answer shared by {rows}" if finding.what == "stock_answer" else f"prompt skeleton shared by {rows}"
    shared = (
        f", “{cut(finding.shared, most=_SHARED_CHARACTERS)}”" if finding.shared and finding.what == "skeleton" else ""
    )
    return f"{what}{shared}: with {listed(finding.others)}"


def tell_differences(page: Page, story: Story, partner: Partner) -> None:
    """Both rows in one text, turn by turn."""
    if any(part.differs for turn in partner.differences for part in (*turn.here, *turn.there)):
        legend = [
            *_sign(f"only in {story.row_id}", "removed", color=page.color),
            (" ", None),
            *_sign(f"only in {partner.row_id}", "added", color=page.color),
        ]
        page.parts("", legend)
    for turn in partner.differences:
        label = f"{turn.role}: " if turn.role else ""
        if not any(part.differs for part in (*turn.here, *turn.there)):
            page.pair("", f"{label}(the same)")
            continue
        for parts in _marked(turn, color=page.color):
            page.parts("", _labelled(label, parts))


def _labelled(label: str, parts: Parts) -> Parts:
    first = next(parts, ("", None))
    yield label, None
    yield first[0].lstrip() if label else first[0], first[1]
    yield from parts


def _marked(turn: Contrast, *, color: bool) -> Iterator[Parts]:
    """One text with both sides' words, or where they cannot be told side by side, one text after the other."""
    if sum(part.differs for part in turn.here) == sum(part.differs for part in turn.there):
        yield _merged(turn, color=color)
        return
    yield _one_side(turn.here, "removed", color=color)
    yield _one_side(turn.there, "added", color=color)


def _merged(turn: Contrast, *, color: bool) -> Parts:
    added = _differences(turn.there)
    before = ""
    for piece in around_differences(_pieces(turn.here), most=_TURN_CHARACTERS):
        if not piece.differs:
            yield piece.text, None
            before = piece.text or before
            continue
        yield from _sign(piece.text, "removed", color=color)
        space, text = next(added)
        if _needs_space(piece.text, text, color=color) or (space and not piece.text and not before[-1:].isspace()):
            yield " ", None
        yield from _sign(text, "added", color=color)
        before = piece.text or text


def _needs_space(removed: str, added: str, *, color: bool) -> bool:
    """Without brackets 老小 can be read in two colours; allthe cannot."""
    return color and bool(removed and added) and removed[-1].isascii() and added[0].isascii()


def _differences(parts: tuple[Marked, ...]) -> Iterator[tuple[bool, str]]:
    """The texts of the differences, and whether white space stands before each."""
    before = ""
    for part in parts:
        if part.differs:
            yield before[-1:].isspace(), part.text
        before = part.text


def _one_side(parts: tuple[Marked, ...], style: str, *, color: bool) -> Parts:
    for piece in around_differences(_pieces(parts), most=_TURN_CHARACTERS):
        yield from _sign(piece.text, style, color=color) if piece.differs else [(piece.text, None)]


def _sign(text: str, style: str, *, color: bool) -> Parts:
    if not text:
        return
    text = cut(text, most=_SIDE_CHARACTERS)
    signs = ("", "") if color else ("[-", "-]") if style == "removed" else ("{+", "+}")
    yield text.join(signs), style


def _pieces(parts: tuple[Marked, ...]) -> Pieces:
    return tuple(Piece(part.text, part.differs) for part in parts)

"""What a row's story says of the selection and of the balance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tunesmith.curate.likeness_text import tell_differences
from tunesmith.curate.shown import ratio
from tunesmith.curate.text_page import Page

if TYPE_CHECKING:
    from tunesmith.curate.story import LeftOut, Story

_NAMES = {"language": "rows in {name}", "task": "rows of the task {name}", "cluster": "rows of the group {name}"}
_MISSED = {
    "too_close": "is too close to {other}",
    "not_selected": "was not taken by the selection",
    "balance": "is beyond the cap of its {by}",
}


def missed(left: LeftOut) -> str:
    """Why a good row was not taken, in few words: `is too close to a:2`."""
    other = left.partner.row_id if left.partner else "a row that was taken"
    by = "group" if left.by == "cluster" else left.by or ""
    return _MISSED[left.rule].format(other=other, by=by)


def tell_left_out(page: Page, story: Story, left: LeftOut) -> None:
    """Why the selection or the balance did not take the row, beside the nearest row that was taken."""
    if left.rule == "balance":
        what = _NAMES.get(left.by or "", "rows of {name}").format(name=left.name)
        page.pair(
            "Balance",
            f"not taken: {left.cap:,} {what} may stay; the best did, and of equal ones those that the seed drew",
            "red",
        )
        return
    page.pair("Selection", f"not taken: {_why(left)}", "red")
    if left.partner:
        asked = tuple(turn for turn in left.partner.differences if turn.role != "assistant")  # which is compared
        tell_differences(page, story, replace(left.partner, differences=asked))


def _why(left: LeftOut) -> str:
    nearest, like = ("", "") if left.partner is None else (left.partner.row_id, ratio(left.partner.similarity or 0))
    if left.rule == "too_close":
        limit = ratio(left.threshold or 0)
        return f"{nearest} was, and the cosine of their prompts is {like}; more than {limit} is too close"
    enough = "there were enough rows without it"
    return f"{enough}; {nearest} is the nearest that was, cosine of the prompts {like}" if nearest else enough

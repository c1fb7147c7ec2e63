"""Every vote as one row of a table: for a spreadsheet, for pandas, for an analysis of one's own.

>>> vote_rows(read_campaign(store), anonymous=True)[0]  # doctest: +SKIP
{'campaign': 'spring', 'key': 'q1', …, 'reviewer': 'R1', 'choice': 'second', 'shown': 'left', 'swapped': True, …}

In a CSV or TSV file a text that a spreadsheet would run as a formula gets an apostrophe in front, and the CSV begins
with a byte order mark: without it Excel reads the comments of a Chinese reviewer as mojibake. Other forms hold the
texts as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.spreadsheet import row_for_spreadsheet
from tunesmith.evaluate.review_results_votes import pseudonyms
from tunesmith.evaluate.review_types import FIRST, SECOND, Adjudication, CampaignData, Item, Vote

Row = dict[str, Any]

_BYTE_ORDER_MARK = "\ufeff"


def vote_rows(data: CampaignData, *, anonymous: bool = False) -> list[Row]:
    """All votes by time, hidden repeats too (`repeat`), then what leads decided (`lead`); the same fields in each.

    `choice` is in the item's own terms, `shown` in those of the page that the reviewer saw. Times are ISO 8601, UTC.

    :param anonymous: reviewers as R1, R2 …, the same as in the results; comments stay as they were written.
    """
    items = {item.id: item for item in data.items}
    name = names(data, anonymous=anonymous)
    criteria = _criteria(data)
    votes = [_vote_row(data, items[vote.item], vote, name, criteria) for vote in data.votes]
    return votes + [_lead_row(data, items[one.item], one, name, criteria) for one in data.adjudications]


def names(data: CampaignData, *, anonymous: bool) -> Callable[[str], str]:
    """How people are called in an export: as in the results; leads who never voted come after the others."""
    if not anonymous:
        return str
    called = pseudonyms(data)
    for one in data.adjudications:
        called.setdefault(one.lead, f"R{len(called) + 1}")
    return called.__getitem__


def _criteria(data: CampaignData) -> list[str]:
    """Those of the campaign, then any other that a vote has a rating for."""
    rated = [vote.ratings for vote in data.votes] + [one.ratings for one in data.adjudications]
    return list(dict.fromkeys([one.name for one in data.criteria] + [name for ratings in rated for name in ratings]))


def _vote_row(data: CampaignData, item: Item, vote: Vote, name: Callable[[str], str], criteria: Sequence[str]) -> Row:
    return {
        **_of_item(data, item),
        "reviewer": name(vote.reviewer),
        "choice": vote.choice,
        "shown": _shown(vote.choice, vote.swapped) if data.campaign.mode == "pairwise" else vote.choice,
        **{f"rating_{criterion}": vote.ratings.get(criterion) for criterion in criteria},
        "comment": vote.comment,
        "edit": _edit_text(vote.edit),
        "seconds": vote.seconds,
        "swapped": vote.swapped,
        "repeat": vote.repeat,
        "lead": False,
        "submitted_at": _utc(vote.submitted_at),
    }


def _lead_row(
    data: CampaignData, item: Item, one: Adjudication, name: Callable[[str], str], criteria: Sequence[str]
) -> Row:
    return {
        **_of_item(data, item),
        "reviewer": name(one.lead),
        "choice": one.choice,
        "shown": None,
        **{f"rating_{criterion}": one.ratings.get(criterion) for criterion in criteria},
        "comment": one.comment,
        "edit": _edit_text(one.edit),
        "seconds": None,
        "swapped": None,
        "repeat": False,
        "lead": True,
        "submitted_at": _utc(one.at),
    }


def _of_item(data: CampaignData, item: Item) -> Row:
    systems = [side.system for side in item.sides]
    return {
        "campaign": data.campaign.name,
        "key": item.key,
        "part": item.part,
        "first_system": systems[0] if systems else None,
        "second_system": systems[1] if len(systems) > 1 else None,
    }


def _shown(choice: str | None, swapped: bool) -> str | None:
    if choice not in (FIRST, SECOND):
        return choice
    return "left" if (choice == FIRST) != swapped else "right"


def _edit_text(edit: Mapping[str, Any] | None) -> str | None:
    return None if edit is None else jsontext.dumps(dict(edit))


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def for_spreadsheet(rows: Sequence[Row], *, byte_order_mark: bool) -> list[Row]:
    """The rows with texts, and names of columns, that a spreadsheet shows and does not run; numbers stay numbers."""
    safe = [row_for_spreadsheet(row) for row in rows]
    if not byte_order_mark:
        return safe
    first = next(iter(safe[0])) if safe else ""  # the first letter of the file is that of the first column's name
    return [{_BYTE_ORDER_MARK + name if name == first else name: value for name, value in row.items()} for row in safe]

"""The items of evaluation sets: what training rows must not hold.

items = read_items(["data/evaluation.jsonl", "cmmlu/test"])
items[0].id, items[0].question, items[0].choices

>>> split_choices("2 + 2 = ?\\nA. 3\\nB. 4")
('2 + 2 = ?', '\\nA. 3\\nB. 4')
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.convert_row import parse, read_raw
from tunesmith.curate.io import open_input
from tunesmith.curate.records import Record
from tunesmith.errors import InputError, RowError

# "A. …", "(A) …", "A、…" on a line of its own, and a B after it: a paragraph that begins with "A. Smith" is none.
_CHOICES = re.compile(r"\n\s*\(?A[.．、:：)）].*\n\s*\(?B[.．、:：)）]", re.DOTALL)


class Item(NamedTuple):
    """One question of an evaluation set. `choices` is the text after the question, empty where it is an open one."""

    id: str
    question: str
    choices: str = ""

    @property
    def whole(self) -> str:
        """The question as a model sees it."""
        return self.question + self.choices


def read_items(paths: Iterable[str | Path], *, base: Path | None = None) -> tuple[Item, ...]:
    """The items of all files, in order: any file or folder that `open_input` reads, any format that is recognised.

    The question is what the user says in a row, the answer is left out; the id is the row's field `id`, or its place.

    :param base: where relative paths start.
    :raises InputError: where a row cannot be read or asks nothing; a part of an evaluation set must not go unnoticed.
    """
    return tuple(item for items in items_by_set(paths, base=base).values() for item in items)


def items_by_set(paths: Iterable[str | Path], *, base: Path | None = None) -> dict[str, tuple[Item, ...]]:
    """The same, by the path of each set. An id that stands twice gets its path before it, so that each names one item.

    :raises InputError: as `read_items`.
    """
    sets = {str(path): tuple(_items_of(path, base)) for path in paths}
    counts = Counter(item.id for items in sets.values() for item in items)
    return {path: _apart(path, items, counts) for path, items in sets.items()}


def _apart(path: str, items: tuple[Item, ...], counts: Counter[str]) -> tuple[Item, ...]:
    """Ids of several sets are told apart by the path, those of one set by their order."""
    seen: Counter[str] = Counter()
    named = []
    for item in items:
        seen[item.id] += 1
        again = f" ({seen[item.id]})" if seen[item.id] > 1 else ""
        named.append(item._replace(id=f"{path}#{item.id}{again}") if counts[item.id] > 1 else item)
    return tuple(named)


def split_choices(text: str) -> tuple[str, str]:
    """A question and the choices that end it, which begin at the first line that opens with A."""
    found = _CHOICES.search(text)
    return (text[: found.start()], text[found.start() :]) if found else (text, "")


def _items_of(path: str | Path, base: Path | None) -> Iterable[Item]:
    source = open_input(path, base=base)
    for row in source.rows():
        place = source.locate(row.position)
        try:
            if row.error:
                raise row.error
            value = row.data if isinstance(row.data, dict) else parse(row.data or b"")
            question, choices = split_choices(_asked(read_raw(value, None).record))
        except RowError as error:
            raise InputError(f"an evaluation item cannot be read: {error}", where=place) from None
        if not question.strip():
            raise InputError("expected a question in an evaluation item, saw none", where=place)
        yield Item(_id_of(value, place), question, choices)


def _asked(record: Record) -> str:
    asked = [turn.content or "" for turn in record.messages or () if turn.role == "user"]
    return "\n".join(asked) or record.text or ""


def _id_of(value: Any, place: str) -> str:
    named = value.get("id") if isinstance(value, dict) else None
    return str(named) if isinstance(named, str | int) and named != "" else place

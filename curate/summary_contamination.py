"""Which rows of a run hold a question of an evaluation set, and which items are compromised, as plain data.

policy, sides   as the recipe says
rows, kept      rows that hold an item, and those of them that stayed
files           path, items, compromised, rows: for each evaluation set
items           the items that most rows hold: id, path, question, rows, row_ids (the first), containment (the most)
compromised     how many items are, of `total`
examples        row_id, language, id, question, side, containment, threshold, text (before, span, after)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.compared import compared_texts
from tunesmith.curate.contamination_items import Item, items_by_set
from tunesmith.curate.ledger import KEPT
from tunesmith.curate.masked import ReadableRows
from tunesmith.curate.privacy import find_private, redact
from tunesmith.curate.recipe_texts import Contamination
from tunesmith.curate.records import Record, to_batch
from tunesmith.curate.signals import language_of
from tunesmith.curate.summary import Evidence, sample_rows

ITEMS, EXAMPLES = 10, 3
_ROW_IDS = 3  # that an item names
_MOST_CHARACTERS = 2_000  # of a question, and around a span


class Held(NamedTuple):
    """Every item that a row holds; by item and then by row, shape `(n_pairs,)`."""

    items: npt.NDArray[np.object_]
    rows: npt.NDArray[np.int64]
    containment: npt.NDArray[np.float64]


class Sets(NamedTuple):
    """The evaluation sets: the items of each path, and every item by its id."""

    paths: Mapping[str, Sequence[Item]]
    items: Mapping[str, tuple[str, Item]]  # id -> path and item


def read_sets(wish: Contamination, base: Path) -> Sets:
    """Read the evaluation sets of a recipe. Of two items with one id the first counts.

    :raises InputError: where one cannot be read.
    """
    paths = items_by_set(wish.against, base=base)
    named: dict[str, tuple[str, Item]] = {}
    for path, items in paths.items():
        for item in items:
            named.setdefault(item.id, (path, item))
    return Sets(paths, named)


def summarise_contamination(
    run: Evidence, bare: ReadableRows, overlap: pa.Table, wish: Contamination, sets: Sets
) -> dict[str, Any]:
    """The data of the report's section.

    :param bare: the rows as they were compared, unmasked: the evidence names places in their texts.
    :param overlap: columns of `OVERLAP`, one row for each row of the run; see `stage_contamination.py`.
    """
    held = held_items(overlap)
    rows = np.unique(held.rows)
    verdicts = run.ledger["verdict"].take(pa.array(rows)).to_numpy(zero_copy_only=False)
    found = np.unique(held.items.astype(str)).tolist()
    return {
        "policy": wish.policy,
        "sides": wish.sides,
        "rows": len(rows),
        "kept": int((verdicts == KEPT).sum()),
        "files": [_file(path, items, held) for path, items in sets.paths.items()],
        "items": _most_held(run, held, sets),
        "compromised": len(found),
        "total": sum(len(items) for items in sets.paths.values()),
        "examples": [_example(run, bare, overlap, number, sets) for number in sample_rows(run, rows, EXAMPLES)],
    }


def held_items(overlap: pa.Table) -> Held:
    """The lists of all rows, item by item."""
    lists, shares = (overlap[name].combine_chunks() for name in ("items", "containments"))
    rows = pc.list_parent_indices(lists).to_numpy()
    items, containment = lists.flatten().to_numpy(zero_copy_only=False), shares.flatten().to_numpy()
    order = np.lexsort((rows, items.astype(str)))
    return Held(items[order], rows[order], containment[order])


def _file(path: str, items: Sequence[Item], held: Held) -> dict[str, Any]:
    mine = np.isin(held.items.astype(str), [item.id for item in items])
    return {
        "path": path,
        "items": len(items),
        "compromised": len(np.unique(held.items[mine].astype(str))),
        "rows": len(np.unique(held.rows[mine])),
    }


def _most_held(run: Evidence, held: Held, sets: Sets) -> list[dict[str, Any]]:
    """Most rows first, then as the evaluation sets have them."""
    found, first, counts = np.unique(held.items.astype(str), return_index=True, return_counts=True)
    names = [str(name) for name in found]
    place = {name: number for number, name in enumerate(sets.items)}
    order = sorted(range(len(names)), key=lambda item: (-counts[item], place.get(names[item], len(place))))
    return [
        _item(run, names[item], held, slice(first[item], first[item] + counts[item]), sets) for item in order[:ITEMS]
    ]


def _item(run: Evidence, name: str, held: Held, mine: slice, sets: Sets) -> dict[str, Any]:
    path, item = sets.items.get(name, (None, Item(name, "")))
    rows = held.rows[mine]
    return {
        "id": name,
        "path": path,
        "question": _masked(item.question),
        "rows": len(rows),
        "row_ids": run.ledger["row_id"].take(pa.array(rows[:_ROW_IDS])).to_pylist(),
        "containment": float(held.containment[mine].max()),
    }


def _example(run: Evidence, bare: ReadableRows, overlap: pa.Table, number: int, sets: Sets) -> dict[str, Any]:
    line = overlap.slice(number, 1).to_pylist()[0]
    _, item = sets.items.get(line["item"], ("", Item(line["item"], "")))
    language = run.columns["language"][number].as_py()
    pieces = span_of(bare.record(number), line["side"], line["start"], line["end"])
    if run.columns["private"][number].as_py():
        pieces = mask_pieces(pieces, language)
    return {
        "row_id": run.ledger["row_id"][number].as_py(),
        "language": language,
        "id": line["item"],
        "question": _masked(item.whole),
        **{name: line[name] for name in ("side", "containment", "threshold")},
        "text": [pieces[0][-_MOST_CHARACTERS:], pieces[1], pieces[2][:_MOST_CHARACTERS]],
    }


def _masked(question: str) -> str:
    """An item may repeat a value of the row that holds it."""
    return redact((question[:_MOST_CHARACTERS],), "zh" if language_of(question) == "zh" else "en")[0][0]


def span_of(record: Record, side: str, start: int, end: int) -> list[str]:
    """What stands before the shared words, they themselves, and what stands behind them."""
    text: str = getattr(compared_texts(to_batch([record])), side)[0].as_py()
    return [text[:start], text[start:end], text[end:]]


def mask_pieces(pieces: Sequence[str], language: str) -> list[str]:
    """The pieces of a text with marks in place of private values; one that lies across an edge goes to the middle.

    >>> mask_pieces(["Call 138-0013", "-8000 and ask", " why"], "en")
    ['Call ', '[PHONE_1] and ask', ' why']
    """
    text = "".join(pieces)
    start, end = len(pieces[0]), len(text) - len(pieces[2])
    for found in find_private(text):
        if found.start < start < found.end:
            start = found.start
        if found.start < end < found.end:
            end = found.end
    return list(redact((text[:start], text[start:end], text[end:]), language)[0])

"""Scores that a model gave to rows, read from the files of `curate score` for the recipe key `scores`.

>>> Path("scores.jsonl").write_text('{"content_id": "c4bf1e37adeb8f51730e443dc1efcea2", "judge": 4}')  # doctest: +SKIP
>>> scores = read_scores([Path("scores.jsonl")])  # doctest: +SKIP
>>> score_columns(pa.array(["c4bf1e37adeb8f51730e443dc1efcea2", "00"]), scores)["judge"].to_pylist()  # doctest: +SKIP
[4.0, None]
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate import jsontext
from tunesmith.curate.io import read_text
from tunesmith.errors import InputError, RowError

#: Name, least and greatest value, and what it says.
MEASURES: tuple[tuple[str, float, float, str], ...] = (
    ("ifd", 0.0, math.inf, "loss of the answer with its prompt / loss without it; above 1 the prompt does not help"),
    ("perplexity", 1.0, math.inf, "of the answer given its prompt"),
    ("judge", 1.0, 5.0, "a judge model's score, 1 (leave out) to 5 (train on it)"),
)
NAMES = tuple(name for name, *_ in MEASURES)
#: The key of a file's first line, which holds how the scores were made.
SETTINGS = "settings"

_ID = re.compile(r"[0-9a-f]{32}")
_FLOAT32_MOST = 3.4028234e38
_SHOWN = 20


def read_scores(paths: Iterable[Path]) -> pa.Table:
    """The scores by content: columns `content_id` (string), and `ifd`, `perplexity`, `judge` (float32), null where a
    row has no such score. The last number counts, over all files in order; a null takes nothing back.

    :raises InputError: with every line that holds no scores (twenty are shown).
    """
    found: dict[str, list[float | None]] = {}
    problems: list[str] = []
    for path in paths:
        for number, line in enumerate(read_text(path).split("\n"), 1):
            try:
                for content_id, values in _scores(line):
                    before = found.setdefault(content_id, [None] * len(NAMES))
                    found[content_id] = [old if new is None else new for old, new in zip(before, values)]
            except RowError as error:
                problems.append(f"{path.name}:{number}: {error}")
    if problems:
        more = [f"and {len(problems) - _SHOWN:,} more"] if len(problems) > _SHOWN else []
        raise InputError("\n  ".join(["not every line holds scores", *problems[:_SHOWN], *more]))
    columns = zip(*found.values()) if found else ((),) * len(NAMES)
    arrays = [pa.array(found, pa.string()), *(pa.array(column, pa.float32()) for column in columns)]
    return pa.table(arrays, ["content_id", *NAMES])


def score_columns(content_ids: pa.Array | pa.ChunkedArray, scores: pa.Table) -> dict[str, pa.Array]:
    """Each measure as a column for rows with these content ids, float32, null where a row has no score.

    :param content_ids: string; null where a row could not be read.
    """
    ids = content_ids.combine_chunks() if isinstance(content_ids, pa.ChunkedArray) else content_ids
    known = scores["content_id"].combine_chunks()
    places = pc.index_in(ids, value_set=known, skip_nulls=True)
    return {name: scores[name].combine_chunks().take(places) for name in NAMES}


def _scores(line: str) -> Iterator[tuple[str, list[float | None]]]:
    """The content id and the values of one line; nothing for a blank line and for settings.

    :raises RowError: where it is something else.
    """
    if not line.strip():
        return
    try:
        data = jsontext.loads(line.encode())
    except ValueError as error:
        raise RowError("score", f"not valid JSON: {error}") from None
    if isinstance(data, dict) and data.keys() == {SETTINGS}:
        return
    if not isinstance(data, dict) or not _ID.fullmatch(str(data.get("content_id"))):
        raise RowError("score", "expected a `content_id` of 32 hex digits", remedy="use a file of `curate score`")
    if not any(name in data for name in NAMES):
        raise RowError("score", f"has none of {', '.join(NAMES)}")
    yield data["content_id"], [_value(data, *measure[:3]) for measure in MEASURES]


def _value(data: dict[str, Any], name: str, least: float, most: float) -> float | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RowError("score", f"`{name}` is {value!r}", remedy="write a number, or null where there is none")
    if not least <= value <= min(most, _FLOAT32_MOST):
        raise RowError("score", f"`{name}` is {value}", remedy=f"expected {least:g} to {most:g}")
    return value

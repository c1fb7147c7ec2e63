"""The first rows of an input, by which its format is told; apart from `sources.py`, so that a look at a file is quick.

>>> rows = sample_rows(open_input("data/general.jsonl"))  # doctest: +SKIP
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.io import Input

#: Rows that are looked at before a source is read.
SAMPLE_ROWS = 200


def sample_rows(found: Input, count: int = SAMPLE_ROWS) -> list[dict[str, Any]]:
    """The first readable rows of an input."""
    rows = []
    for row in islice(found.rows(), count):
        data = row.data
        if row.error is not None:
            continue
        try:
            value = jsontext.loads(data) if isinstance(data, bytes) else data
        except ValueError:
            continue
        if isinstance(value, dict):
            rows.append(value)
    return rows

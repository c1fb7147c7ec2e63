"""What a file of predictions holds, as plain data.

>>> row = Prediction("q1", ({"role": "user", "content": "1 + 1?"},), "2", ("2",), {}, None, {"correct": True})
>>> row.prediction, row.failure
('2', None)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Prediction(NamedTuple):
    """One line.

    :param prediction: None where the model failed; `failure` then says why (`unknown` where the line does not).
    :param references: any of which is right; a line has one text, a list of texts, or null. Blank ones are left out.
    :param fields: the other scalar fields of the line that are not null: slices, and `correct`.
    """

    id: str
    messages: tuple[Mapping[str, Any], ...]
    prediction: str | None
    references: tuple[str, ...]
    meta: Mapping[str, Any]
    failure: str | None
    fields: Mapping[str, Any]


class Predictions(NamedTuple):
    """A whole file, in its order; ids are unique.

    :param digest: of the bytes of the file, and of the file of references where there is one.
    :param unanswered: ids in the file of references that the predictions do not have.
    """

    path: Path
    rows: tuple[Prediction, ...]
    digest: str
    unanswered: tuple[str, ...] = ()

"""The lines of a file of predictions, each checked: what `read_predictions` does before references are joined.

>>> found = read_lines(Path("generated_predictions.jsonl"))  # LLaMA-Factory's: prompt, predict, label
>>> found.rows[0].id, found.rows[0].references
('1', ('4',))
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from pathlib import Path

from tunesmith.errors import InputError
from tunesmith.evaluate.predictions_columns import column_names
from tunesmith.evaluate.predictions_problems import Problems
from tunesmith.evaluate.predictions_rows import Placed, Rows
from tunesmith.evaluate.predictions_types import Prediction, Predictions
from tunesmith.evaluate.predictions_values import Ids, fields_of, messages_of, object_of, references_of, text_of

_UNKNOWN = "unknown"


def read_lines(path: Path, *, columns: Mapping[str, str] | None = None) -> Predictions:
    """The predictions of one file as they stand in it.

    :raises InputError: as `read_predictions`.
    """
    problems = Problems(str(path), "line", "cannot be taken for a prediction")
    found = Rows.of(path, problems)
    if not found.rows:
        problems.check()
        raise InputError("expected predictions, saw no rows", where=str(path), remedy="check how the file was made")
    names = column_names(found.fields, columns, where=str(path))
    is_foreign = bool(columns) or names["prediction"] != "prediction"
    numbered = is_foreign and names["id"] not in found.fields
    ids = Ids(problems)
    rows = map(_with_null, found.rows, repeat(names["prediction"])) if found.drops_nulls else found.rows
    read = [_read(placed, names, numbered, ids, problems) for placed in rows]
    problems.check()
    return Predictions(path, tuple(one for one in read if one is not None), found.digest)


def _with_null(placed: Placed, column: str) -> Placed:
    return placed._replace(row={column: None, **placed.row})


def _read(placed: Placed, names: Mapping[str, str], numbered: bool, ids: Ids, problems: Problems) -> Prediction | None:
    """One line; None where something is wrong with it."""
    row, place, before = placed.row, placed.place, len(problems)
    values = {name: row.get(column) for name, column in names.items()}
    identity = ids.take(place.position if numbered else values["id"], place)
    if names["prediction"] not in row:
        problems.add(place, f"has no `{names['prediction']}`", remedy="write null where the model failed")
    prediction = text_of(values["prediction"], "prediction", place, problems)
    references = references_of(values["reference"], place, problems)
    messages = messages_of(values["messages"], values["prompt"], place, problems)
    meta = object_of(values["meta"], "meta", place, problems)
    reason = text_of(values["failure"] or meta.get("failure"), "failure", place, problems)
    if len(problems) > before or identity is None:
        return None
    failure = None if prediction is not None else reason or _UNKNOWN
    return Prediction(identity, messages, prediction, references, meta, failure, fields_of(row, names))

"""A predictions file: one answer of one model a line, read with everything checked, and written.

>>> found = read_predictions(Path("data/predictions_before.jsonl"))
>>> len(found.rows), found.rows[0].id, found.rows[0].meta["model"]
(150, 'eval-001', 'demo-7b-base')

A line is `{"id", "messages", "prediction", "reference", "meta"}`; further scalar fields are slices, and `correct` (true
or false) is a metric of its own. A `prediction` of null is an answer that failed, and `failure` (of the line or of its
`meta`) says why. LLaMA-Factory's `generated_predictions.jsonl` (`prompt`, `predict`, `label`) is read as it is; its ids
are the line numbers. Other names of columns are mapped: `{"prediction": "answer", "reference": "gold"}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.io import write_rows
from tunesmith.errors import InputError
from tunesmith.evaluate.predictions_lines import read_lines
from tunesmith.evaluate.predictions_references import with_references
from tunesmith.evaluate.predictions_types import Prediction, Predictions

__all__ = ["Prediction", "Predictions", "line_of", "read_predictions", "write_predictions"]


def read_predictions(
    path: Path, *, references: Path | None = None, columns: Mapping[str, str] | None = None
) -> Predictions:
    """Read a file of predictions: JSON Lines, or anything else with rows (JSON array, CSV, Parquet, packed or not).

    :param path: the file, or a folder that `evaluate score` made.
    :param references: a file of questions (see `read_questions`) or of `id, reference` and fields. What it has adds to
        the predictions' own references and fields, or replaces them; a prompt is taken where the prediction has none.
    :param columns: of the predictions: `prediction`, `reference`, `id`, `messages`, `prompt`, `correct`, `failure` or
        `meta` to the column that holds it. Where no line has an id then, the line number is the id.
    :raises InputError: for lines that cannot be read, and for ids that are missing or stand twice: up to ten of them
        with their places, and how many there are; for a file without rows; for references of other ids.
    """
    path = Path(path)
    found = read_lines(_file_of(path), columns=columns)
    return with_references(found, Path(references)) if references is not None else found


def write_predictions(rows: Iterable[Prediction], path: Path) -> int:
    """Write a file of predictions that `read_predictions` reads back as it was; whole or not at all.

    :param path: its ending chooses the form, as for every file: `.jsonl`, or `.jsonl.gz` and the like.
    :returns: the number of lines.
    :raises OutputError: where it cannot be written.
    """
    return write_rows(path, map(line_of, rows))


def line_of(row: Prediction) -> dict[str, Any]:
    """A prediction as it is written."""
    references: Any = list(row.references)
    if len(references) <= 1:
        references = references[0] if references else None
    line: dict[str, Any] = {"id": row.id, "messages": list(row.messages), "prediction": row.prediction}
    line["reference"] = references
    if row.failure is not None:
        line["failure"] = row.failure
    return {**line, "meta": dict(row.meta), **row.fields}


def _file_of(path: Path) -> Path:
    """The file itself, in a folder that `evaluate score` made."""
    if not path.is_dir():
        return path
    inside = path / "predictions.jsonl"
    if inside.is_file():
        return inside
    remedy = "name the file of predictions, or a folder made by `tunesmith evaluate score`"
    raise InputError("the folder holds no predictions.jsonl", where=str(path), remedy=remedy)

"""A file of references joined to predictions by id.

>>> found = with_references(read_lines(Path("preds.jsonl")), Path("data/evaluation.jsonl"))
>>> found.unanswered  # questions that the predictions leave out
('eval-150',)
"""

from __future__ import annotations

from pathlib import Path

from tunesmith.errors import InputError
from tunesmith.evaluate.predict_questions import Question, read_questions
from tunesmith.evaluate.predictions_types import Prediction, Predictions


def with_references(predictions: Predictions, path: Path) -> Predictions:
    """The predictions with what the file knows of them.

    :raises InputError: where the file cannot be read, or shares no id with the predictions.
    """
    questions = read_questions(path, prompts=False)
    by_id = {question.id: question for question in questions.rows}
    own = {row.id for row in predictions.rows}
    if not own & by_id.keys():
        what = f"has none of the ids of {predictions.path}, such as {predictions.rows[0].id!r}"
        what += f"; its own are such as {questions.rows[0].id!r}"
        raise InputError(what, where=str(path), remedy="give a file whose lines have the ids of the predictions")
    rows = tuple(_joined(row, by_id.get(row.id)) for row in predictions.rows)
    unanswered = tuple(one.id for one in questions.rows if one.id not in own)
    return Predictions(predictions.path, rows, f"{predictions.digest}+{questions.digest}", unanswered)


def _joined(row: Prediction, question: Question | None) -> Prediction:
    if question is None:
        return row
    return row._replace(
        messages=row.messages or question.messages,
        references=question.references or row.references,
        fields={**row.fields, **question.fields},
    )

"""A trial judged by its answers: the validation rows are asked, the answers scored, as `evaluate` does both.

>>> measured(job, config)  # doctest: +SKIP
0.4127

Every trial is asked the same rows, whatever its own settings make of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.curate import jsontext
from tunesmith.curate.formats.openai import write_messages
from tunesmith.curate.io import atomic_path
from tunesmith.curate.score_rows import exchange_of
from tunesmith.errors import InputError
from tunesmith.train.sweep_types import Job, Objective
from tunesmith.train.types import Row, RunPaths

if TYPE_CHECKING:
    from tunesmith.train.config_models import TrainConfig


def measured(job: Job, config: TrainConfig) -> float:
    """The figure of the objective's metric.

    :raises InputError: where there is nothing to ask, or the metric does not apply to any row.
    """
    from tunesmith.evaluate.predict import predict
    from tunesmith.evaluate.predict_backend import Decoding
    from tunesmith.evaluate.predict_questions import read_questions
    from tunesmith.evaluate.predict_transformers import load_backend
    from tunesmith.evaluate.retention_local import base_and_adapter
    from tunesmith.evaluate.score import score_file
    from tunesmith.train.run import open_run

    metric = job.objective.metric or ""
    place = job.folder.with_name(f"{job.folder.name}-answers")
    place.mkdir(exist_ok=True)
    asked = place / "questions.jsonl"
    write_questions(asked, open_run(config, job.folder).sets.validation, job.objective)
    model, adapter = base_and_adapter(str(RunPaths(job.folder).model), None)
    backend = load_backend(model, adapter=None if adapter is None else Path(adapter))
    answers = place / "answers.jsonl"
    decoding = Decoding(max_tokens=job.objective.max_tokens)
    predict(read_questions(asked), backend, answers, decoding=decoding, replace=True)
    found = score_file(answers, place / "scores", metrics=[metric], replace=True)["metrics"].get(metric)
    if found is None or found["value"] is None:
        raise InputError(f"{metric} applies to no validation row", remedy="choose another metric")
    return float(found["value"])


def write_questions(path: Path, sets: Mapping[str, Sequence[Row]], objective: Objective) -> None:
    """The validation rows as questions with references.

    :raises InputError: where the group is not there, or no row of it ends in an answer.
    """
    if objective.group is not None and objective.group not in sets:
        there = ", ".join(sets) or "none"
        raise InputError(f"no validation set is called {objective.group!r}; there is {there}")
    groups = [objective.group] if objective.group is not None else [*sets]
    lines = [line for group in groups for row in sets[group] for line in _questions(row)]
    if not lines:
        raise InputError("no validation row has a question and an answer to ask by")
    with atomic_path(path) as part:
        part.write_bytes(b"".join(jsontext.dump_bytes(line) + b"\n" for line in lines[: objective.limit]))


def _questions(row: Row) -> Iterator[dict[str, Any]]:
    """One, or none where no answer ends the row."""
    found = exchange_of(row.record)
    answer = found.answer.content if found.answer is not None and row.record.label is not False else None
    if answer and found.before:
        tools = {"tools": jsontext.loads(found.tools.encode())} if found.tools else {}
        line = {"id": row.row_id, "messages": write_messages(found.before), "reference": answer, "group": row.group}
        yield {**line, **tools}

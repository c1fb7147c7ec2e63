"""`tunesmith evaluate score`: the figures of one system's answers, each with n and a 95 % interval, and of every slice.

>>> summary = score_file(Path("data/predictions_after.jsonl"), Path("scores/after"))  # doctest: +SKIP
>>> summary["metrics"]["correct"]["value"], summary["metrics"]["correct"]["n"]  # doctest: +SKIP
(0.64, 50)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tunesmith.curate.embeddings import Embedder
from tunesmith.curate.endpoint_cache import key_of
from tunesmith.curate.progress import Progress
from tunesmith.evaluate.aggregate import RESAMPLES, SLICE_RESAMPLES, aggregate, aggregate_slices
from tunesmith.evaluate.choice import choices_of
from tunesmith.evaluate.metric_types import Items, Scored
from tunesmith.evaluate.metrics import METRICS, SIMILARITY, check_names, items_of, score_items
from tunesmith.evaluate.numeric import finals_of
from tunesmith.evaluate.predictions import Predictions, read_predictions
from tunesmith.evaluate.report_scores import render_scores
from tunesmith.evaluate.score_folder import check_folder, write_scores
from tunesmith.evaluate.score_slices import slices_of
from tunesmith.evaluate.similarity import count_cut

Language = Literal["en", "zh"]

#: Changes where the shape of `scores.json` changes.
VERSION = 1


def score_file(
    path: Path,
    out: Path,
    *,
    references: Path | None = None,
    columns: Mapping[str, str] | None = None,
    metrics: Sequence[str] | None = None,
    compatible: str | None = None,
    embedder: Embedder | None = None,
    slices: Sequence[str] | None = None,
    language: Language = "en",
    seed: int = 0,
    replace: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Score a predictions file into a folder; gives back what stands in `scores.json`.

    :param references: a file with the right answers and further fields by id.
    :param metrics: names of `METRICS`; by default all that apply to any item.
    :param compatible: a tool whose figures are wanted too, such as `llamafactory`.
    :param embedder: for `similarity`.
    :param slices: fields to divide by; by default all that have 2 to 20 values.
    :param language: of the report.
    :raises InputError: a file that cannot be read, a metric or field that is not known.
    :raises OutputError: a folder that is not ours to write to.
    """
    check_names(metrics, compatible)
    predictions = read_predictions(path, references=references, columns=columns)
    settings = {
        "version": VERSION,
        "metrics": list(metrics) if metrics is not None else None,
        "compatible": compatible,
        "similarity": {"model": embedder.name, "digest": embedder.digest} if embedder is not None else None,
        "slices": list(slices) if slices is not None else None,
        "seed": seed,
        "resamples": RESAMPLES,
        "slice_resamples": SLICE_RESAMPLES,
        "level": 0.95,
    }
    settings["mark"] = key_of(predictions.digest, settings)
    check_folder(out, str(settings["mark"]), path, replace=replace)
    items = items_of(predictions)
    divided = slices_of(items, slices)
    with (progress or Progress()).stage("scoring", total=len(items.ids), unit="answers") as advance:
        scored = score_items(items, metrics, compatible=compatible, embedder=embedder)
        advance(len(items.ids))
    read = readings_of(items, scored)
    figures = _with_unreadable(aggregate(METRICS, scored, seed=seed), scored, read)
    if embedder is not None:
        figures[SIMILARITY]["cut_texts"] = count_cut(items, embedder)
    summary = {
        "predictions": _described(predictions, path, references),
        "metrics": figures,
        "slices": aggregate_slices(METRICS, items, scored, divided.fields, seed=seed),
        "undivided": divided.undivided,
        "coverage": coverage_of(predictions),
        "settings": settings,
    }
    write_scores(out, summary, predictions, scored, read, render_scores(summary, language))
    return summary


def coverage_of(predictions: Predictions) -> dict[str, Any]:
    """How many questions there are, and what became of them; `failures` counts the reasons."""
    rows = predictions.rows
    failures = Counter(row.failure or "no reason given" for row in rows if row.prediction is None)
    return {
        "items": len(rows),
        "predicted": len(rows) - failures.total(),
        "failed": failures.total(),
        "empty": sum(row.prediction is not None and not row.prediction.strip() for row in rows),
        "without_reference": sum(not row.references for row in rows),
        "unanswered": len(predictions.unanswered),
        "failures": dict(sorted(failures.items(), key=lambda pair: (-pair[1], pair[0]))),
    }


def readings_of(items: Items, scored: Mapping[str, Scored]) -> dict[str, list[str | None]]:
    """What was read out of the answers by the metrics that read: a letter, a number; None for nothing."""
    found: dict[str, list[str | None]] = {}
    if "choice_accuracy" in scored:
        found["choice_accuracy"] = [choice.said if choice else None for choice in choices_of(items)]
    if "numeric_match" in scored:
        finals = [final.said if final else None for final in finals_of(items)]
        found["numeric_match"] = [None if number is None else str(number.value) for number in finals]
    return found


def _with_unreadable(
    told: dict[str, dict[str, Any]], scored: Mapping[str, Scored], read: Mapping[str, list[str | None]]
) -> dict[str, dict[str, Any]]:
    """The figures, with the number of answers that count as wrong because nothing could be read out of them."""
    for name, readings in read.items():
        judged = ~np.isnan(scored[name].values)
        told[name]["unreadable"] = sum(reading is None for reading, is_judged in zip(readings, judged) if is_judged)
    return told


def _described(predictions: Predictions, path: Path, references: Path | None) -> dict[str, Any]:
    models = Counter(str(row.meta["model"]) for row in predictions.rows if row.meta.get("model") is not None)
    return {
        "file": path.name,
        "references": references.name if references is not None else None,
        "digest": predictions.digest,
        "models": [name for name, _ in models.most_common()],
    }

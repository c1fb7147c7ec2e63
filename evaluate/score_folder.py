"""The folder of one system's scores: whose it is, and what is written into it.

items.parquet      one row an item: `id`, `failure`, a column a metric (null for no value), what was read
predictions.jsonl  the answers with their references, as they were scored
scores.json        figures with intervals, slices, coverage, settings
report.html        the same for people
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import atomic_path, holds_anything
from tunesmith.curate.io import write_bytes
from tunesmith.errors import OutputError
from tunesmith.evaluate.metric_types import Scored
from tunesmith.evaluate.predictions import Predictions, write_predictions

SCORES, ITEMS, PREDICTIONS, PAGE = "scores.json", "items.parquet", "predictions.jsonl", "report.html"
OUTPUTS = (SCORES, ITEMS, PREDICTIONS, PAGE)


def check_folder(out: Path, mark: str, source: Path, *, replace: bool) -> None:
    """Make the folder, or refuse it before anything is computed.

    :param mark: names the input and the settings. A folder with the same mark is written anew.
    :raises OutputError: a file; a folder of other scores without `replace`, or of somebody else; the input's own.
    """
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    if out.is_dir() and holds_anything(out):
        _refuse_foreign(out, mark, replace=replace)
        _refuse_input(out, source)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be made ({error.strerror})"
        raise OutputError(what, where=str(out), remedy="choose a folder that you may write to") from error


def write_scores(
    out: Path,
    summary: Mapping[str, Any],
    predictions: Predictions,
    scored: Mapping[str, Scored],
    read: Mapping[str, list[str | None]],
    page: str,
) -> None:
    """All files, the summary first: a folder with a part of them still says whose it is, and is written anew.

    :param read: by metric, what was read out of each answer: a letter, a number.
    """
    write_bytes(out / SCORES, jsontext.dumps_indented(summary).encode() + b"\n")
    write_predictions(predictions.rows, out / PREDICTIONS)
    _write_items(out / ITEMS, predictions, scored, read)
    write_bytes(out / PAGE, page.encode("utf-8", "replace"))


def _refuse_foreign(out: Path, mark: str, *, replace: bool) -> None:
    seen = _mark(out)
    there = [name for name in OUTPUTS if (out / name).exists()]
    if seen is None:
        what = f"holds {there[0]}, which no scoring of Tunesmith wrote" if there else "is not empty and holds no scores"
        raise OutputError(what, where=str(out), remedy="choose another --out; no file is written over")
    if seen != mark and not replace:
        what = "holds other scores: of another file, or with other settings"
        raise OutputError(what, where=str(out), remedy="choose another --out, or add --replace to write over them")


def _refuse_input(out: Path, source: Path) -> None:
    files = [source / PREDICTIONS if source.is_dir() else source]
    if any(file.exists() and (out / name).exists() and file.samefile(out / name) for file in files for name in OUTPUTS):
        raise OutputError(
            "is where the answers are that are to be scored", where=str(out), remedy="choose another --out"
        )


def _mark(out: Path) -> str | None:
    """Of the scores in a folder, None where there are none."""
    try:
        found = jsontext.loads((out / SCORES).read_bytes())
        return str(found["settings"]["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_items(
    path: Path, predictions: Predictions, scored: Mapping[str, Scored], read: Mapping[str, list[str | None]]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "id": pa.array([row.id for row in predictions.rows], pa.string()),
        "failure": pa.array([row.failure for row in predictions.rows], pa.string()),
    }
    for name, one in scored.items():
        columns[name] = pa.array(one.values, pa.float64(), from_pandas=True)
        if one.statistics is not None:
            columns[f"{name}_statistics"] = pa.array(one.statistics.tolist(), pa.list_(pa.int64()))
    columns |= {f"{name}_read": pa.array(values, pa.string()) for name, values in read.items()}
    with atomic_path(path) as part:
        pq.write_table(pa.table(columns), part)

"""The folder of a comparison: whose it is, and what is written into it.

>>> check_folder(out, settings["mark"], replace=False)  # doctest: +SKIP
>>> write_comparison(out, summary, systems, scored, "en")  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.files.atomic import holds_anything
from tunesmith.curate.io import atomic_path, write_bytes
from tunesmith.errors import OutputError
from tunesmith.evaluate.compare_inputs import System
from tunesmith.evaluate.metric_types import Scored
from tunesmith.evaluate.report_words import Language

SUMMARY, MARKDOWN, PAGE, ITEMS = "comparison.json", "comparison.md", "report.html", "items.parquet"
OUTPUTS = (ITEMS, MARKDOWN, PAGE, SUMMARY)


def check_folder(out: Path, mark: str, *, replace: bool) -> None:
    """Refuse a folder before anything is computed.

    :param mark: the fingerprint of the comparison; a folder with the same mark is written anew.
    :raises OutputError: a file, or a folder with another comparison (unless `replace`) or with somebody else's files.
    """
    if out.exists() and not out.is_dir():
        raise OutputError("is a file where a folder was expected", where=str(out), remedy="choose another --out")
    there = [name for name in OUTPUTS if (out / name).exists()]
    if not out.is_dir() or not holds_anything(out):
        return
    seen = _mark(out)
    if seen is None and there:
        what = f"holds {there[0]}, which no comparison of Tunesmith wrote"
        raise OutputError(what, where=str(out), remedy="choose another --out; that file is never written over")
    if seen is None:
        raise OutputError("is not empty and no comparison", where=str(out), remedy="choose another --out")
    if seen != mark and not replace:
        what = "holds another comparison, of other files or settings"
        raise OutputError(what, where=str(out), remedy="choose another --out, or add --replace to write over it")


def write_comparison(
    out: Path,
    summary: Mapping[str, Any],
    systems: Sequence[System],
    scored: Sequence[Mapping[str, Scored]],
    language: Language,
) -> None:
    """The four files, the summary first: a folder with a part of them still says whose it is, and is written anew."""
    from tunesmith.evaluate.report import render_comparison
    from tunesmith.evaluate.report_markdown import comparison_markdown

    _make(out)
    page, markdown = render_comparison(summary, language), comparison_markdown(summary, language)
    write_bytes(out / SUMMARY, jsontext.dumps_indented(summary).encode() + b"\n")
    write_bytes(out / PAGE, page.encode())
    write_bytes(out / MARKDOWN, markdown.encode())
    _write_items(out / ITEMS, systems, scored)


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"cannot be made ({error.strerror})"
        raise OutputError(what, where=str(out), remedy="choose a folder that you may write to") from error


def _mark(out: Path) -> str | None:
    """Of the comparison in a folder, None where there is none."""
    try:
        found = jsontext.loads((out / SUMMARY).read_bytes())
        return str(found["settings"]["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_items(path: Path, systems: Sequence[System], scored: Sequence[Mapping[str, Scored]]) -> None:
    """One row an item and system: `system`, `id`, `failure`, and a column a metric, null where it has no value."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [
        pa.table(
            {
                "system": pa.array([system.name] * len(system.items.ids), pa.string()),
                "id": pa.array(system.items.ids, pa.string()),
                "failure": pa.array([row.failure for row in system.predictions.rows], pa.string()),
                **{name: pa.array(one.values, pa.float64(), from_pandas=True) for name, one in scores.items()},
            }
        )
        for system, scores in zip(systems, scored)
    ]
    with atomic_path(path) as part:
        pq.write_table(pa.concat_tables(tables, promote_options="default"), part)

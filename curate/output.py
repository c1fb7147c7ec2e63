"""Stage 8, second half: everything that a finished run leaves in its folder, the manifest last.

A folder whose manifest carries the run's mark, and whose files still have the digests that it names, is finished:
running the recipe again writes nothing. `run.log.json` (timings, host) is the only file that differs between two
equal runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate.engines.engine import Engine, Lines
from tunesmith.curate.export import Exported, Rows, export_rows
from tunesmith.curate.files.atomic import atomic_path, flush_folder
from tunesmith.curate.finished import Finished
from tunesmith.curate.manifest import log_of, manifest_of
from tunesmith.curate.progress import Progress
from tunesmith.curate.registry import write_registry
from tunesmith.curate.rendering import start_report
from tunesmith.curate.report_data import summary_of
from tunesmith.curate.said import Said
from tunesmith.curate.signal_names import OPTIONAL
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.curate.summary import counts
from tunesmith.curate.timings import Timings
from tunesmith.errors import InternalError

_KEYS = ("row_key", "prompt_key")
_ROWS_A_GROUP = 1 << 17  # of Parquet: what a reader has to hold at a time


def write(
    out: Path,
    run: Finished,
    timings: Timings,
    progress: Progress,
    engine: Engine,
    drawer: Connection | None = None,
) -> dict[str, int]:
    """Write all outputs; returns the counts.

    :param drawer: what `report_process` gave; None draws the report here.
    """
    recipe = run.loaded.recipe
    # the fork first: Parquet is written in a thread
    with engine.liner(len(run.ledger)) as lines, _accounts_written(out, run):
        with timings.stage("export"):
            exported = _export_rows(out, run, progress, lines)
            entries, refused = registry_of(recipe.name or "", exported)
        announcements = (*run.announcements, *refused)
        for said in refused:
            progress.say(said.en)
        with timings.stage("report"):
            summary = summary_of(run._replace(announcements=announcements))
            page = start_report(drawer, summary, recipe.language)
        with timings.stage("export"):
            _check_lines(exported, counts(run.ledger))
            _write_json(out / "dataset_info.json", entries)
    with timings.stage("report"):
        _write_text(out / "report.html", page())
    names = [*exported.lines, "dropped.jsonl", "ledger.parquet", "signals.parquet", "dataset_info.json", "report.html"]
    with timings.stage("digests"):
        manifest = manifest_of(out, run, exported, names, announcements)
    _write_json(out / "run.log.json", log_of(run, timings))
    _write_json(out / "manifest.json", manifest)  # last: with it the run is finished
    flush_folder(out)
    return counts(run.ledger)


def _export_rows(out: Path, run: Finished, progress: Progress, lines: Lines) -> Exported:
    wished = run.loaded.recipe.export
    shards = [path for ingested in run.rows.ingested for path in ingested.shards]
    rows = Rows(shards, run.ledger_file, run.rows.columns["kind"], run.edited)
    return export_rows(out, rows, format=wished.format, keep_extra=wished.extra, progress=progress, make_lines=lines)


@contextmanager
def _accounts_written(out: Path, run: Finished) -> Iterator[None]:
    """Meanwhile, what says of each row what it is and where it went: Parquet is compressed without Python's lock."""
    tables = {"ledger.parquet": _ledger(run), "signals.parquet": _signals(run)}
    with ThreadPoolExecutor(1, thread_name_prefix="parquet") as pool:
        writing = [pool.submit(_write_parquet, out / name, table) for name, table in tables.items()]
        yield
    for written in writing:
        written.result()


def _check_lines(exported: Exported, wanted: dict[str, int]) -> None:
    """:raises InternalError: where a file has other lines than the ledger says."""
    train, validation = (exported.lines[name] for name in ("train.jsonl", "validation.jsonl"))
    found = {"train": train, "validation": validation, "left": exported.left}
    told = {
        "train": wanted["train_lines"],
        "validation": wanted["validation"],
        "left": wanted["rows_in"] - wanted["kept"],
    }
    if found != told:
        raise InternalError(f"the files have {found} lines where the ledger has {told}", where="export")


def _signals(run: Finished) -> Iterator[pa.Table]:
    """The signals of all rows, some at a time."""
    columns = run.rows.columns
    names = [name for name, _, _ in SIGNALS if name not in _KEYS]
    names += [name for name in OPTIONAL if name in columns.column_names]
    columns = columns.select(["content_id", "kind", "format", *names])
    for start in range(0, max(len(columns), 1), _ROWS_A_GROUP):
        row_ids = run.rows.row_ids.slice(start, _ROWS_A_GROUP)
        yield columns.slice(start, _ROWS_A_GROUP).add_column(0, "row_id", row_ids).combine_chunks()


def _ledger(run: Finished) -> Iterator[pa.Table]:
    for start in range(0, max(len(run.ledger), 1), _ROWS_A_GROUP):
        yield run.ledger.slice(start, _ROWS_A_GROUP).combine_chunks()


def _write_parquet(path: Path, parts: Iterator[pa.Table]) -> None:
    """A row group for each part; memory holds one of them."""
    first = next(parts)
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, first.schema, compression="zstd", write_page_checksum=True) as writer,
    ):
        for part in chain([first], parts):
            writer.write_table(part, row_group_size=_ROWS_A_GROUP)


def _write_json(path: Path, value: Any) -> None:
    _write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _write_text(path: Path, text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.encode())


def registry_of(name: str, exported: Exported) -> tuple[dict[str, Any], list[Said]]:
    """`dataset_info.json`: an entry for each file that LLaMA-Factory can take, and why the others have none."""
    entries: dict[str, Any] = {}
    refused: dict[str, Said] = {}
    for file, kinds in exported.kinds.items():
        if len(kinds) != 1:
            continue
        (kind,) = kinds
        written = exported.columns[kind]
        entry, reason = write_registry(
            file,
            exported.formats[kind],
            has_tools="tools" in written,
            has_system="system" in written,
            has_history="history" in written,
        )
        if entry is not None:
            entries[f"{name}_{file.removesuffix('.jsonl').replace('.', '_')}"] = entry
        elif reason is not None:
            refused[reason] = Said(
                f"no entry for {kind} rows in dataset_info.json: {reason}",
                f"{kind} 行没有写入 dataset_info.json：LLaMA-Factory 读不了 {exported.formats[kind]} 的这种写法，"
                "请换一种导出格式（export: {format: sharegpt}）",
            )
    return entries, list(refused.values())

"""Stage 8, second half: everything that a finished run leaves in its folder, the manifest last.

A folder whose manifest carries the run's mark, and whose files still have the digests that it names, is finished:
running the recipe again writes nothing. `run.log.json` (timings, host) is the only file that differs between two
equal runs.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.curate import jsontext
from tunesmith.curate.atomic import atomic_path
from tunesmith.curate.export import Exported, export_dropped, export_rows
from tunesmith.curate.mix import Mixed
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe, resolved
from tunesmith.curate.registry import write_registry
from tunesmith.curate.rows import Rows
from tunesmith.curate.rules import Judged
from tunesmith.curate.rundata import stage_files
from tunesmith.curate.said import Said
from tunesmith.curate.signals import SIGNALS
from tunesmith.curate.split import Split
from tunesmith.curate.stages import CACHE, code_version, file_digest
from tunesmith.curate.store import RowStore
from tunesmith.curate.summary import Judged as Evidence
from tunesmith.curate.summary import counts, summarise
from tunesmith.curate.timings import Timings

_LIBRARIES = ("datasets", "numpy", "orjson", "pyarrow", "pydantic", "xxhash")
_KEYS = ("row_key", "prompt_key")


class Finished(NamedTuple):
    """Everything that the stages decided, ready to be written."""

    loaded: LoadedRecipe
    mark: str
    rows: Rows
    ledger: pa.Table
    store: RowStore
    judged: Mapping[str, Judged]
    split: Split
    mixed: Mixed | None
    announcements: tuple[Said, ...]
    decided: list[Path]
    applied: str | None  # the stage file of the applied decisions


def finished(out: Path, mark: str) -> dict[str, Any] | None:
    """The manifest of a finished run with this mark, None where a file is missing or was changed."""
    try:
        manifest: dict[str, Any] = jsontext.loads((out / "manifest.json").read_bytes())
        if manifest["mark"] != mark:
            return None
        whole = all(file_digest(out / file["name"]) == file["digest"] for file in manifest["outputs"])
        whole = whole and all((out / CACHE / name).exists() for name in stage_files(manifest))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return manifest if whole else None


def write(out: Path, run: Finished, timings: Timings, progress: Progress) -> dict[str, int]:
    """Write all outputs; returns the counts."""
    recipe = run.loaded.recipe
    with timings.stage("export"):
        kinds = run.rows.columns["kind"].to_numpy(zero_copy_only=False)
        exported = export_rows(
            out,
            run.store,
            run.ledger,
            kinds,
            format=recipe.export.format,
            keep_extra=recipe.export.extra,
            progress=progress,
        )
        export_dropped(out / "dropped.jsonl", run.store, run.ledger)
        _write_parquet(out / "ledger.parquet", run.ledger)
        _write_parquet(out / "signals.parquet", _signals(run))
        _write_json(out / "dataset_info.json", registry_of(recipe.name or "", exported))
    with timings.stage("report"):
        summary = summary_of(run)
        _write_text(out / "report.html", _render(summary, recipe.language))
    names = [*exported.lines, "dropped.jsonl", "ledger.parquet", "signals.parquet", "dataset_info.json", "report.html"]
    manifest = _manifest(out, run, exported, names)
    _write_json(out / "manifest.json", manifest)
    _write_json(out / "run.log.json", _log(run, timings))
    return counts(run.ledger)


def summary_of(run: Finished) -> dict[str, Any]:
    """The data of the report."""
    recipe = run.loaded.recipe
    evidence = Evidence(run.ledger, run.rows.columns, run.store, _only(run.judged), recipe.seed)
    return {
        "name": recipe.name,
        "language": recipe.language,
        "seed": recipe.seed,
        **summarise(evidence),
        "sources": _sources(run),
        "mix": _mix_summary(run),
        "split": _split_summary(run),
        "announcements": [said.in_language(recipe.language) for said in run.announcements],
        "recipe_yaml": _yaml(resolved(recipe)),
        "versions": _versions(),
        "inputs": [
            {"path": source.asked, "size_bytes": file.size_bytes, "digest": file.digest}
            for source in run.rows.sources
            for file in source.plan.input.files
        ],
    }


def _only(judged: Mapping[str, Judged]) -> dict[str, np.ndarray[Any, np.dtype[np.bool_]]]:
    """For each rule the rows that fail it and no other rule."""
    if not judged:
        return {}
    fails = np.sum([found.failed for found in judged.values()], axis=0)
    return {name: found.failed & (fails == 1) for name, found in judged.items()}


def _render(summary: dict[str, Any], language: str) -> str:
    from tunesmith.curate.report import render_report

    return render_report(summary, "zh" if language == "zh" else "en")


def _signals(run: Finished) -> pa.Table:
    columns = run.rows.columns
    names = [name for name, _, _ in SIGNALS if name not in _KEYS]
    table = columns.select(["content_id", "kind", "format", *names])
    return table.add_column(0, "row_id", pa.array(run.rows.row_ids, pa.string())).combine_chunks()


def _write_parquet(path: Path, table: pa.Table) -> None:
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def _write_json(path: Path, value: Any) -> None:
    _write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _write_text(path: Path, text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.encode())


def _yaml(value: Any) -> str:
    import yaml

    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100))


def _versions() -> dict[str, str]:
    """What could change a byte of the output."""
    python = ".".join(map(str, sys.version_info[:3]))
    own = {"tunesmith": metadata.version("tunesmith"), "code": code_version(), "python": python}
    return own | {name: metadata.version(name) for name in _LIBRARIES}


def _sources(run: Finished) -> list[dict[str, Any]]:
    """A line for each source: what it was read as, and what became of its rows."""
    verdicts = run.ledger["verdict"].to_numpy(zero_copy_only=False)
    sides = run.ledger["split"].to_numpy(zero_copy_only=False)
    lines = []
    for number, (source, ingested) in enumerate(zip(run.rows.sources, run.rows.ingested)):
        mine = run.rows.source == number
        verdict, side = Counter(verdicts[mine].tolist()), Counter(sides[mine].tolist())
        first = source.plan.input.files[0]
        lines.append(
            {
                "name": source.plan.name,
                "group": source.group,
                "path": source.asked,
                "container": first.container,
                "encoding": first.encoding,
                "compression": first.compression,
                "formats": ingested.formats,
                "rows": int(mine.sum()),
                **{name: verdict[name] for name in ("invalid", "dropped", "unsampled", "kept")},
                **{name: side[name] for name in ("train", "validation")},
                "notes": list(source.notes),
            }
        )
    return lines


def _mix_summary(run: Finished) -> dict[str, Any] | None:
    mix = run.loaded.recipe.mix
    if mix is None or run.mixed is None:
        return None
    return {
        "unit": mix.unit,
        "short": mix.short,
        "asked": dict(mix.ratio),
        "groups": run.mixed.groups,
        "announcement": _in_language(run, run.mixed.announcement),
    }


def _in_language(run: Finished, said: Said | None) -> str | None:
    return said.in_language(run.loaded.recipe.language) if said else None


def _split_summary(run: Finished) -> dict[str, Any]:
    per_source = [
        {"source": line["name"], "train": line["train"], "validation": line["validation"]} for line in _sources(run)
    ]
    return {
        "asked": f"{run.loaded.recipe.split.validation:g}",
        "target": run.split.target,
        "validation": int(run.split.validation.sum()),
        "groups": run.split.n_groups,
        "largest_group": run.split.largest_group,
        "per_source": per_source,
        "announcement": _in_language(run, run.split.announcement),
    }


def _manifest(out: Path, run: Finished, exported: Exported, names: list[str]) -> dict[str, Any]:
    recipe = run.loaded.recipe
    return {
        "mark": run.mark,
        "versions": _versions(),
        "recipe": resolved(recipe),
        "counts": counts(run.ledger),
        "announcements": [said._asdict() for said in run.announcements],
        "inputs": [_input(source, ingested) for source, ingested in zip(run.rows.sources, run.rows.ingested)],
        "decisions": [
            {"path": path, "digest": file_digest(place)} for path, place in zip(recipe.decisions, run.decided)
        ],
        "applied": run.applied,
        "formats": exported.formats,
        "lines": exported.lines,
        "outputs": [
            {"name": name, "size_bytes": (out / name).stat().st_size, "digest": file_digest(out / name)}
            for name in sorted(names)
        ],
    }


def _input(source: Any, ingested: Any) -> dict[str, Any]:
    """One source in the manifest. The shards' folder and names let `explain` find a row again."""
    return {
        "name": source.plan.name,
        "group": source.group,
        "path": source.asked,
        "formats": ingested.formats,
        "shards": [f"{path.parent.name}/{path.name}" for path in ingested.shards],
        "files": [
            {
                "name": Path(file.path).name,
                "container": file.container,
                "encoding": file.encoding,
                "compression": file.compression,
                "size_bytes": file.size_bytes,
                "digest": file.digest,
                "start": start,
            }
            for file, start in zip_longest(source.plan.input.files, ingested.starts)
        ],
    }


def _log(run: Finished, timings: Timings) -> dict[str, Any]:
    """Timings and host facts: the one output that differs from run to run."""
    total_bytes = sum(file.size_bytes for source in run.rows.sources for file in source.plan.input.files)
    n_rows = len(run.rows.row_ids)
    return {
        "started": datetime.fromtimestamp(timings.started, UTC).isoformat(),
        "seconds": round(timings.total, 3),
        "stages": {
            name: {"seconds": round(seconds, 3), "rows_per_second": round(n_rows / max(seconds, 1e-9))}
            for name, seconds in timings.seconds.items()
        },
        "recipe": str(run.loaded.path.absolute()) if run.loaded.path else None,  # so that `decide` finds it again
        "rows": n_rows,
        "input_bytes": total_bytes,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.platform(),
    }


def registry_of(name: str, exported: Exported) -> dict[str, Any]:
    """`dataset_info.json`: an entry for each file that a trainer can take, every key explicit."""
    entries: dict[str, Any] = {}
    for file, kinds in exported.kinds.items():
        if len(kinds) != 1:
            continue
        (kind,) = kinds
        entry, _ = write_registry(file, exported.formats[kind], has_tools=kind in exported.with_tools)
        if entry is not None:
            entries[f"{name}_{file.removesuffix('.jsonl').replace('.', '_')}"] = entry
    return entries

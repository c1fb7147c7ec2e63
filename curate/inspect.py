"""`tunesmith curate inspect`: what a source holds, in one pass: its format and why, rows, languages, kinds, lengths,
and every problem with its place.

>>> found = inspect_source("data/general.jsonl")
>>> found.format, found.rows
('alpaca', 900)
>>> print(as_text(found))

A LLaMA-Factory registry (`dataset_info.json`) is inspected as such: each entry is a row, its traps are the problems.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tunesmith.curate.formats.catalog import format_named
from tunesmith.curate.formats.detect import Detection, detect
from tunesmith.curate.ingest import Plan
from tunesmith.curate.inspect_counts import Tally, counted, problem
from tunesmith.curate.inspect_registry import Registry, inspect_registry
from tunesmith.curate.io import FileInfo, open_input
from tunesmith.curate.progress import Progress
from tunesmith.curate.reading import read_rows
from tunesmith.curate.sources import open_source, sample_rows

_STEP = 1000  # rows between two signs of progress
_UNKNOWN = "unknown"
_CONTAINERS = {
    "json_lines": "JSON Lines",
    "json_array": "JSON array",
    "csv": "CSV",
    "tsv": "TSV",
    "parquet": "Parquet",
    "arrow": "Arrow",
    "text": "plain text",
    "dataset": "Hugging Face dataset",
    "dataset_info": "LLaMA-Factory registry",
}
_SHOWN_FIELDS = 12


@dataclass(frozen=True)
class Inspection:
    """What a source holds.

    :param format: that of most rows; `unknown` where no row could be read, `dataset_info` for a registry.
    :param problems: `{code, rows, first, message, examples}`, most rows first; `first` is a place: `train.jsonl:17`.
    :param fields: the share of rows that have each field, 0 to 1.
    :param lengths: `{prompt, answer}`, each `{median, p95}` in characters.
    :param entries: of a registry, the entries that can be opened here.
    """

    format: str
    rows: int
    languages: dict[str, int]
    kinds: dict[str, int]
    problems: list[dict[str, Any]]
    path: str
    container: str
    encoding: str
    compression: str | None
    files: list[dict[str, Any]]
    evidence: str
    formats: dict[str, int]
    fields: dict[str, float]
    lengths: dict[str, dict[str, int | None]]
    notes: tuple[str, ...]
    entries: tuple[str, ...]
    seconds: float


def inspect_source(
    path: str | Path,
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """Read a source once, from end to end; a row that cannot be read is counted and never raised.

    :raises InputError: a source that cannot be read at all: missing, corrupt, a mapping that names no column of it.
    """
    start, shown = time.perf_counter(), str(path)
    if format != "auto":
        format_named(format)  # an unknown name is said before anything is opened
    registry = inspect_registry(Path(path)) if format == "auto" and not columns else None
    if registry is not None:
        return _of_registry(registry, shown, start)
    plan, detection, notes = _open(shown, format, columns)
    tally = Tally()
    with (progress or Progress()).stage(f"inspect {shown}", total=None, unit="rows") as advance:
        for got in read_rows(plan):
            tally.add(got)
            if tally.rows % _STEP == 0:
                advance(_STEP)
        advance(tally.rows % _STEP)
    tally.note_mixed()
    return _of_rows(shown, plan, detection, notes, tally, start)


def _open(path: str, format: str, columns: Mapping[str, str] | None) -> tuple[Plan, Detection, tuple[str, ...]]:
    """As a run opens it, except that rows of no known format are no error: a person wants to see what is in them."""
    if _is_entry(path) or columns or format != "auto":
        source = open_source(path, name=path, format=format, columns=columns)
        return source.plan, source.detection, source.notes
    found = open_input(path)
    notes = tuple(note for file in found.files for note in file.notes)
    return Plan(path, found, None), detect(sample_rows(found)), notes


def _is_entry(path: str) -> bool:
    return "#" in path and not path.startswith("hub:")


def _of_rows(
    path: str, plan: Plan, detection: Detection, notes: tuple[str, ...], tally: Tally, start: float
) -> Inspection:
    files = plan.input.files
    asked = plan.form.name if plan.form else None
    name = (detection.format if _is_entry(path) else asked) or tally.main_format() or detection.format or _UNKNOWN
    problems = tally.told(plan.input.locate)
    seen = [note for file in files for note in file.notes]
    problems += [problem("registry_trap", tally.rows, note, [path]) for note in notes if note not in seen]
    if asked == "siliconflow" and any(file.container != "json_lines" for file in files):
        message = "SiliconFlow takes JSON Lines only; convert the file to .jsonl"
        problems.insert(0, problem("siliconflow_file", tally.rows, message, [files[0].path]))
    return Inspection(
        format=name,
        rows=tally.rows,
        languages=dict(tally.languages.most_common()),
        kinds=dict(tally.kinds.most_common()),
        problems=problems,
        path=path,
        container=_joined(file.container for file in files),
        encoding=_joined(file.encoding for file in files),
        compression=_joined(file.compression for file in files if file.compression) or None,
        files=[_file(file) for file in files],
        evidence=f"read as {asked}, as asked; {detection.evidence}" if asked else detection.evidence,
        formats=_formats(tally, {asked or "": name}),
        fields={field: round(count / tally.rows, 4) for field, count in tally.fields.most_common()},
        lengths=tally.lengths(),
        notes=(*seen, *tally.notes()),
        entries=(),
        seconds=round(time.perf_counter() - start, 3),
    )


def _of_registry(registry: Registry, path: str, start: float) -> Inspection:
    return Inspection(
        format="dataset_info",
        rows=registry.rows,
        languages={},
        kinds={},
        problems=registry.problems,
        path=path,
        container="dataset_info",
        encoding="UTF-8",
        compression=None,
        files=[],
        evidence="an object of entries that name files, hub sets or scripts, as in LLaMA-Factory's dataset_info.json",
        formats=registry.formats,
        fields={},
        lengths={},
        notes=registry.notes,
        entries=registry.openable,
        seconds=round(time.perf_counter() - start, 3),
    )


def _formats(tally: Tally, names: Mapping[str, str]) -> dict[str, int]:
    """Rows by format, most first; a registry's entry under the name of the format that its rows have."""
    found = sorted(tally.formats.items(), key=lambda item: -item[1].rows)
    return {names.get(format, format): one.rows for format, one in found}


def _joined(values: Iterator[str]) -> str:
    return ", ".join(dict.fromkeys(values))


def _file(file: FileInfo) -> dict[str, Any]:
    told = ("path", "container", "encoding", "compression", "size_bytes", "digest")
    return {name: getattr(file, name) for name in told}


def as_json(found: Inspection) -> dict[str, Any]:
    """For `--json`; format, rows, languages, kinds and problems come first."""
    return {field.name: getattr(found, field.name) for field in fields(found)}


def as_text(found: Inspection) -> str:
    """The inspection as text for a terminal."""
    return "\n".join(lines(found))


def lines(found: Inspection) -> list[str]:
    """The same, line by line: a label, and what is said of it."""
    told = [found.path]
    for label, texts in _sections(found):
        told += [f"  {label if number == 0 else '':<10}  {text}" for number, text in enumerate(texts)]
    return told


def _sections(found: Inspection) -> Iterator[tuple[str, list[str]]]:
    yield "format", [found.format, found.evidence]
    yield "file", [_files_told(found)]
    yield ("entries" if found.container == "dataset_info" else "rows"), [f"{found.rows:,}"]
    if len(found.formats) > 1:
        yield "formats", [_counts(found.formats)]
    for label, counts in (("languages", found.languages), ("kinds", found.kinds)):
        if counts:
            yield label, [_counts(counts)]
    only_text = found.kinds.keys() == {"text"}
    lengths = [
        f"{'text' if only_text else side}: median {of['median']:,}, 95th percentile {of['p95']:,} characters"
        for side, of in found.lengths.items()
        if of["median"] is not None
    ]
    if lengths:
        yield "lengths", lengths
    if found.fields:
        yield "fields", [_fields_told(found.fields)]
    if found.entries:
        yield "can open", [", ".join(found.entries), f"look into one with {found.path}#{found.entries[0]}"]
    if found.notes:
        yield "notes", list(found.notes)
    yield "problems", [*_problems_told(found)] or ["none"]
    yield "time", [f"{found.seconds:.2f} s"]


def _files_told(found: Inspection) -> str:
    size = sum(file["size_bytes"] for file in found.files)
    containers = ", ".join(_CONTAINERS.get(name, name) for name in found.container.split(", "))
    parts = [f"{len(found.files):,} files"] * (len(found.files) > 1) + [containers]
    parts += [found.encoding] * (found.encoding != "binary")
    parts += [found.compression] if found.compression else []
    return ", ".join(parts) + (f", {size / 1e6:,.2f} MB" if found.files else "")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {rows:,}" for name, rows in counts.items())


def _fields_told(shares: Mapping[str, float]) -> str:
    shown = [
        (name or "(no name)") + ("" if share >= 1 else f" ({share:.0%})")
        for name, share in [*shares.items()][:_SHOWN_FIELDS]
    ]
    more = len(shares) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def _problems_told(found: Inspection) -> Iterator[str]:
    unit = "entry" if found.container == "dataset_info" else "row"
    counts = [counted(one["rows"], unit) for one in found.problems]
    width = max(map(len, counts), default=0)
    for one, count in zip(found.problems, counts):
        yield f"{count:>{width}}  {one['code']}: {one['message']}"
        more = " …" if one["rows"] > len(one["examples"]) else ""
        yield f"{'':{width}}  at {', '.join(one['examples'])}{more}"

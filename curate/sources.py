"""From a recipe's source to a plan that `ingest` can follow: open the input, settle the format, say what was seen.

A source is a file, a folder, a glob, `dataset_info.json#entry`, `hub:owner/name` or an address in a store. What is
wrong with it as a whole (no such file, a column that no row has, fields of no known format) is an error here, before
anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.files.urls import is_url
from tunesmith.curate.formats.base import Format
from tunesmith.curate.formats.catalog import format_named
from tunesmith.curate.formats.columns import check_columns, mapped
from tunesmith.curate.formats.detect import Detection, detect, has_media
from tunesmith.curate.ingest import Plan
from tunesmith.curate.io import Input, open_input
from tunesmith.curate.sample import sample_rows as sample_rows
from tunesmith.curate.treatment import Treatment
from tunesmith.errors import InputError


class Source(NamedTuple):
    """A source that can be read: its plan, group, format in words, and what a person should know."""

    plan: Plan
    group: str
    asked: str  # the path as the recipe writes it
    detection: Detection
    notes: tuple[str, ...]
    spec: Mapping[str, Any]  # what, beside the bytes, decides how rows are read; part of the fingerprint


def open_source(
    path: str,
    *,
    name: str,
    group: str = "domain",
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    treatment: Treatment | None = None,
    base: Path | None = None,
) -> Source:
    """Open one source.

    :param columns: an explicit mapping, `{"prompt": "ask", "answer": "reply"}`.
    :param treatment: what is done to each row before it is measured; by default nothing.
    :param base: the folder that a relative path starts from.
    :raises InputError: where no row of it can be read, with the reason and the remedy.
    """
    treatment = treatment or Treatment()
    spec: dict[str, Any] = {"format": format, "columns": dict(columns or {}), "treatment": treatment.told()}
    if _is_entry(path, base):
        return _open_entry(path, name, group, treatment, base, spec)
    found = open_input(path, base=base)
    sample = sample_rows(found)
    detection = detect(sample)
    absent = check_columns(columns, sample, found.files[0].path) if columns else ()
    form = mapped(columns) if columns else _format(found, sample, format, detection)
    plan = Plan(name, found, form, treatment)
    notes = (*(note for file in found.files for note in file.notes), *absent)
    return Source(plan, group, path, detection, notes, spec)


def _is_entry(path: str, base: Path | None) -> bool:
    """Whether it names an entry of a registry, which is a file of this machine."""
    if "#" not in path or path.startswith("hub:") or is_url(path):
        return False
    return not ((base or Path()) / path).exists()


def _format(found: Input, sample: list[dict[str, Any]], name: str, detection: Detection) -> Format | None:
    if name != "auto":
        return format_named(name)
    if detection.format is None and sample and not has_media(sample):
        remedy = "name its columns, such as columns: {prompt: …, answer: …}"
        raise InputError(detection.evidence, where=found.files[0].path, remedy=remedy)
    return None


def _open_entry(
    path: str, name: str, group: str, treatment: Treatment, base: Path | None, spec: dict[str, Any]
) -> Source:
    """`dataset_info.json#entry`: a LLaMA-Factory registry says where the rows are and how they are spelled."""
    from tunesmith.curate import registry

    file, _, wanted = path.partition("#")
    place = Path(file) if base is None else base / file
    entry = registry.entry_named(registry.read_registry(place), wanted, place)
    found = open_input(registry.entry_input(entry, place.parent))
    sample = sample_rows(found)
    plan = Plan(name, found, registry.entry_format(entry), treatment, entry.num_samples)
    spec["entry"] = registry.entry_spec(entry)
    notes = (*entry.problems, *(note for item in found.files for note in item.notes))
    return Source(plan, group, path, detect(sample), notes, spec)

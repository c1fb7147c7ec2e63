"""A run's manifest as `curate verify` reads it: whether it is one, and whether it is the one that the run wrote.

It guards itself twice: by the digest of everything else in it, and by its spelling, for it is written in one way only.
One that an older Tunesmith wrote has no digest, and the keys of `_OLD_KEYS` (some have `scores` too) and no others;
whatever else has none is damaged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tunesmith.curate import jsontext
from tunesmith.curate.folder import OUTPUTS
from tunesmith.curate.manifest import guarded_files, manifest_digest
from tunesmith.curate.rundata import open_run
from tunesmith.curate.stages import CACHE
from tunesmith.curate.verify_found import Findings
from tunesmith.errors import InputError

MANIFEST = "manifest.json"
_OLD_KEYS = frozenset(
    "mark versions recipe counts announcements inputs decisions applied stages formats lines outputs".split()
)
_ALWAYS = ("dropped.jsonl", "ledger.parquet", "signals.parquet", "dataset_info.json", "report.html")

#: Where files of the stage cache lie: in it or one folder below, never outside.
_StageName = Annotated[str, Field(pattern=r"^\w[\w.-]*(/\w[\w.-]*)?$")]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class Output(_Part):
    """A file that the run wrote."""

    name: str
    size_bytes: int
    digest: str


class InputFile(_Part):
    """A file that the run read."""

    name: str
    digest: str
    start: int | None


class Source(_Part):
    """One source of the recipe; `rows` is None in the manifests of older runs."""

    name: str
    path: str
    formats: dict[str, int]
    shards: list[_StageName]
    files: list[InputFile]
    rows: int | None = None


class Named(_Part):
    """A file that the recipe names beside its sources."""

    path: str
    digest: str


class RecipeSource(_Part):
    """What the recipe says of a source: `columns` is its mapping."""

    name: str
    path: str
    format: str
    columns: dict[str, str] | None


class Near(_Part):
    """How near-duplicates were compared."""

    on: str


class Duplicates(_Part):
    """What the recipe asked for; `near` is None where it did not."""

    near: Near | None


class Recipe(_Part):
    """What `verify` needs of the resolved recipe."""

    sources: list[RecipeSource]
    duplicates: Duplicates


class Manifest(_Part):
    """What `verify` needs of a manifest; `manifest.py` writes it."""

    mark: str
    versions: dict[str, str]
    recipe: Recipe
    counts: dict[str, int]
    inputs: list[Source]
    decisions: list[Named]
    scores: list[Named] = []
    applied: _StageName | None
    stages: dict[str, _StageName]
    formats: dict[str, str]
    lines: dict[str, int]
    outputs: list[Output]
    stage_digests: dict[_StageName, str] = {}
    digest: str | None = None

    @property
    def names(self) -> list[str]:
        """The sources, in the order of the ledger."""
        return [source.name for source in self.inputs]


def read_manifest(folder: Path, found: Findings) -> Manifest | None:
    """The manifest of a finished run; None where it is so damaged that nothing can be asked of it.

    :raises InputError: where the folder is none of a finished run.
    """
    path = folder / MANIFEST
    if not path.is_file():
        open_run(folder)  # says what it is instead
    try:
        data = path.read_bytes()
    except OSError as error:
        remedy = "check the permissions (`ls -l`)"
        raise InputError(f"cannot be read: {error.strerror or error}", where=str(path), remedy=remedy) from error
    try:
        value = jsontext.loads(data)
    except ValueError as error:
        value = None
        found.add(MANIFEST, f"is no JSON ({error})")
    known = isinstance(value, dict) and "mark" in value
    if not known and not (folder / "ledger.parquet").exists() and not (folder / CACHE).is_dir():
        what = "is no folder of a run: its manifest.json is of something else"
        raise InputError(what, where=str(folder), remedy="name the folder given to `curate run --out`")
    if value is None:
        return None
    _check_spelling(data, value, found)
    return _shaped(value, found)


def _check_spelling(data: bytes, value: Any, found: Findings) -> None:
    spelled = (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
    if data != spelled:
        lines = zip(data.split(b"\n"), spelled.split(b"\n"))
        first = next((number for number, (one, other) in enumerate(lines, 1) if one != other), None)
        found.add(MANIFEST, "is not spelled as a run writes it", f"line {first}" if first else "at its end")


def _shaped(value: Any, found: Findings) -> Manifest | None:
    try:
        manifest = Manifest.model_validate(value)
    except ValidationError as error:
        for problem in error.errors():
            place = ".".join(map(str, problem["loc"])) or "the whole file"
            found.add(MANIFEST, f"is not what a run writes ({problem['msg']})", place)
        return None
    if manifest.digest is None and value.keys() - {"scores"} != _OLD_KEYS:
        found.add(MANIFEST, "has no digest of itself, and is not the manifest of an older run either")
    if manifest.digest is not None and manifest.digest != manifest_digest(value):
        found.add(MANIFEST, "was changed: it does not have the digest that it names")
    if manifest.digest is not None:
        for name in sorted(set(guarded_files(value)) ^ manifest.stage_digests.keys()):
            found.add(MANIFEST, "its stage files and their digests do not go together", f"{CACHE}/{name}")
    _check_outputs(manifest, found)
    return manifest


def _check_outputs(manifest: Manifest, found: Findings) -> None:
    """Each output once, none that a run does not write, none missing."""
    names = [output.name for output in manifest.outputs]
    for name in sorted(set(names) - set(OUTPUTS) | {name for name in names if names.count(name) > 1}):
        found.add(MANIFEST, "names an output that no run writes, or one twice", name)
    for name in sorted({*_ALWAYS, *manifest.lines} - set(names)):
        found.add(MANIFEST, "has no digest of an output", name)

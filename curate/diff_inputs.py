"""What two runs were asked to do and with which files, compared.

>>> changed_recipe({"seed": 1, "split": {"validation": 0.1}}, {"seed": 1, "split": {"validation": 0.2}})
(Changed(key='split.validation', a=0.1, b=0.2),)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Changed:
    """One key with another value; None where a run does not have it."""

    key: str
    a: Any
    b: Any


@dataclass(frozen=True)
class FileChange:
    """An input file that was `added`, `removed` or `changed` from A to B."""

    change: str
    source: str
    file: str


def changed_recipe(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Changed, ...]:
    """Every key whose value differs, with dots between the levels; sources by their names."""
    return tuple(_changed(_by_name(a), _by_name(b), ""))


def _by_name(recipe: Mapping[str, Any]) -> dict[str, Any]:
    sources = recipe.get("sources")
    named = {source["name"]: source for source in sources} if sources else None
    return {**recipe, "sources": named} if named else dict(recipe)


def _changed(a: Any, b: Any, key: str) -> Iterator[Changed]:
    if not (isinstance(a, dict) and isinstance(b, dict)):
        if a != b:
            yield Changed(key, a, b)
        return
    for name in {**a, **b}:
        yield from _changed(a.get(name), b.get(name), f"{key}.{name}" if key else name)


def changed_files(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[FileChange, ...]:
    """The input files, and files of decisions, that differ between two manifests, by source and name."""
    one, other = _files(a), _files(b)
    changes = []
    for place in {**one, **other}:
        if one.get(place) != other.get(place):
            change = "added" if place not in one else "removed" if place not in other else "changed"
            changes.append(FileChange(change, place[0], place[1]))
    return tuple(changes)


def _files(manifest: Mapping[str, Any]) -> dict[tuple[str, str, int], str]:
    """Digests by source, name, and how many files of this name come before (a folder's folders may repeat one)."""
    seen: Counter[tuple[str, str]] = Counter()
    files = {}
    for source in manifest["inputs"]:
        for file in source["files"]:
            place = source["name"], file["name"]
            files[*place, seen[place]] = file["digest"]
            seen[place] += 1
    return files | {("decisions", file["path"], 0): file["digest"] for file in manifest["decisions"]}


def same_files(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, str]:
    """Source of A -> the source of B that reads the very same files."""
    theirs = {_digests(source): source["name"] for source in reversed(b["inputs"])}
    return {source["name"]: theirs[_digests(source)] for source in a["inputs"] if _digests(source) in theirs}


def _digests(source: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(file["digest"] for file in source["files"])

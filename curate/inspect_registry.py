"""A LLaMA-Factory registry (`dataset_info.json`) as a whole: which entries can be opened here, and the traps in it.

>>> registry = inspect_registry(Path("dataset_info.json"))
>>> registry.rows, registry.openable[:2]
(118, ('identity', 'alpaca_en_demo'))
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate import jsontext
from tunesmith.curate.formats.base import Row
from tunesmith.curate.inspect_counts import counted, problem
from tunesmith.errors import InputError

_LARGEST_BYTES = 16 << 20  # of a registry
_HEAD_BYTES = 1 << 16
_MARK = codecs.BOM_UTF8
_OPENING = re.compile(rb'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{')  # an object whose first member is an object


class Registry(NamedTuple):
    """`rows` is the number of entries, `formats` counts them by `formatting`, `openable` those whose file is here."""

    rows: int
    formats: dict[str, int]
    openable: tuple[str, ...]
    problems: list[dict[str, Any]]
    notes: tuple[str, ...]


def inspect_registry(path: Path) -> Registry | None:
    """The registry in a file, None where the file is none."""
    entries = _entries(path)
    if entries is None:
        return None
    from tunesmith.curate.registry_entry import parse_entry

    found: dict[tuple[str, str], list[str]] = {}
    openable, formats, elsewhere = [], Counter[str](), Counter[str]()
    for name, value in entries.items():
        place = f"{path.name}#{name}"
        try:
            entry = parse_entry(name, value, where=path.name)
        except InputError as error:
            found.setdefault(("invalid_entry", error.what), []).append(place)
            continue
        formats[entry.formatting] += 1
        for message in entry.problems:
            found.setdefault(("registry_trap", message), []).append(place)
        if entry.place != "file":
            elsewhere[entry.place] += 1
        elif (path.parent / entry.address).exists():
            openable.append(name)
        else:
            message = f"its file is not there; put it into {path.parent}"
            found.setdefault(("missing_file", message), []).append(place)
    problems = [problem(code, len(places), message, places) for (code, message), places in found.items()]
    problems.sort(key=lambda one: (-_WEIGHT.get(one["code"], 0), -one["rows"]))
    notes = tuple(f"elsewhere ({kind}): {counted(count, 'entry')}" for kind, count in elsewhere.most_common())
    return Registry(len(entries), dict(formats.most_common()), tuple(openable), problems, notes)


_WEIGHT = {"invalid_entry": 2, "missing_file": 1}


def _entries(path: Path) -> Row | None:
    """The entries, where the file is one JSON object of objects that name places of rows."""
    from tunesmith.curate.registry_entry import PLACES

    keys = {key for _, key in PLACES}
    if not path.is_file() or path.stat().st_size > _LARGEST_BYTES:
        return None
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).removeprefix(_MARK)
        if not _OPENING.match(head) or not any(f'"{key}"'.encode() in head for key in keys):
            return None  # rows: not read whole
        value = jsontext.loads(path.read_bytes().removeprefix(_MARK))
    except (OSError, ValueError):
        return None  # unreadable, or rows: whoever reads it as rows says what is wrong
    if not isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value.values()):
        return None
    return value if any(keys & entry.keys() for entry in value.values()) else None

"""The systems of a comparison: predictions files, or folders that `tunesmith evaluate score` made.

>>> systems = load_systems([Path("before.jsonl"), Path("scores/after")])  # doctest: +SKIP
>>> [system.name for system in systems]  # doctest: +SKIP
['before', 'after']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.jsontext import dumps_sorted, loads
from tunesmith.errors import InputError
from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.metrics import items_of
from tunesmith.evaluate.pairing import decoding_of, template_of
from tunesmith.evaluate.predictions import Prediction, Predictions, read_predictions
from tunesmith.evaluate.score import coverage_of

_MOST_VALUES = 5  # of a setting that differs from line to line


class System(NamedTuple):
    """One model's answers.

    :param path: as the person gave it.
    """

    name: str
    path: Path
    predictions: Predictions
    items: Items


def load_systems(
    paths: Sequence[Path],
    *,
    names: Sequence[str] | None = None,
    references: Path | None = None,
    columns: Mapping[str, str] | None = None,
) -> list[System]:
    """Read every file, and name it: as asked, else by its file or folder.

    :raises InputError: fewer than two paths, names that do not fit them, or whatever `read_predictions` refuses.
    """
    if len(paths) < 2:
        what = f"expected the answers of two systems or more, saw {len(paths)}"
        raise InputError(what, remedy="name the file before and the file after")
    called = _names(paths, names)
    found = []
    for name, path in zip(called, paths):
        predictions = read_predictions(path, references=references, columns=columns)
        if not predictions.rows:
            raise InputError("holds no answers", where=str(path), remedy="name a file with predictions")
        found.append(System(name, path, predictions, items_of(predictions)))
    return found


def described(system: System) -> dict[str, Any]:
    """A system in the summary: where its answers are, how many there are, and how they were made."""
    rows = system.predictions.rows
    coverage = coverage_of(system.predictions)
    return {
        "name": system.name,
        "path": str(system.path),
        "digest": system.predictions.digest,
        "n": coverage.pop("items"),
        **coverage,
        "made_by": {name: _setting(rows, name) for name in ("model", "revision", "adapter", "seed")}
        | {"template_hash": _values(template_of(row) for row in rows), "decoding": _values(map(decoding_of, rows))},
    }


def _setting(rows: Sequence[Prediction], name: str) -> list[dict[str, Any]]:
    return _values(row.meta.get(name) for row in rows)


def _values(values: Any) -> list[dict[str, Any]]:
    """Distinct values with their number of lines, the most frequent first; null is "not recorded"."""
    counts: Counter[str] = Counter(dumps_sorted(value) for value in values)
    return [{"value": loads(text.encode()), "n": n} for text, n in counts.most_common(_MOST_VALUES)]


def _names(paths: Sequence[Path], names: Sequence[str] | None) -> list[str]:
    """:raises InputError: too few, too many or equal ones."""
    called = list(names) if names else _distinct(paths)
    if len(called) != len(paths):
        what = f"expected {len(paths)} names, one for each system, saw {len(called)}: {', '.join(called)}"
        raise InputError(what, remedy="give as many names as files")
    twice = sorted(name for name, n in Counter(called).items() if n > 1)
    if twice or not all(called):
        raise InputError(f"expected different names, saw {', '.join(called)}", remedy="choose others with --names")
    return called


def _distinct(paths: Sequence[Path]) -> list[str]:
    """Names by file or folder; where these are equal, with their parents; the same path twice is numbered."""
    short = [path.resolve().name.removesuffix(".jsonl") for path in paths]
    if len(set(short)) == len(paths):
        return short
    longer = [f"{path.resolve().parent.name}/{name}" for path, name in zip(paths, short)]
    if len(set(longer)) == len(paths):
        return longer
    return [f"{name} ({number})" for number, name in enumerate(longer, 1)]

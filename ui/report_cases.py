"""The items that changed, to browse: all of them, in the library's order, by metric and by part of the questions.

The texts stand in the predictions files. Where these are gone or were changed, there are the first ones that
`comparison.json` keeps, and `n_missing` says how many are not to be seen.

>>> cases = cases_of(Path("workspace"), folder, summary, 0)  # doctest: +SKIP
>>> cases.chosen("lost", metric="correct", part=("language", "zh"))  # doctest: +SKIP
[118, 17, 140]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tunesmith.errors import TunesmithError

if TYPE_CHECKING:
    from tunesmith.evaluate.compare_cases import Changes
    from tunesmith.evaluate.compare_statistics import Side
    from tunesmith.evaluate.pairing import Pair
    from tunesmith.evaluate.predictions_types import Predictions

Way = Literal["lost", "gained"]
Part = tuple[str, str]


class Cases(Protocol):
    """Items that changed. An item is named by its number."""

    @property
    def n_missing(self) -> Mapping[Way, int]:
        """How many that became worse or better, by what decides, are not here."""
        ...

    @property
    def parts(self) -> Mapping[str, Mapping[str, int]]:
        """The parts of the questions: fields and their values, with the number of items."""
        ...

    def chosen(self, way: Way, *, metric: str | None = None, part: Part | None = None) -> list[int]:
        """Numbers of the items, those to read first at the front."""
        ...

    def case(self, number: int, metric: str | None = None) -> Mapping[str, Any]:
        """An item as `comparison.json` tells it: id, messages, both answers, references, values."""
        ...

    def id_of(self, number: int) -> str:
        """Its id."""
        ...


class WholeCases:
    """All items of a pair of systems, from their predictions files and `items.parquet`."""

    n_missing: Mapping[Way, int] = {"lost": 0, "gained": 0}

    def __init__(
        self, both: Pair, before: Side, after: Side, masks: Mapping[str, Mapping[str, Any]], primary: str | None
    ):
        self.both = both
        self._sides = before, after
        self._masks = masks
        self._primary = primary
        self._changes: dict[str | None, Changes] = {}
        self.parts = {
            field: {value: int(mask.sum()) for value, mask in values.items()} for field, values in masks.items()
        }

    def chosen(self, way: Way, *, metric: str | None = None, part: Part | None = None) -> list[int]:
        """Numbers of the items, those to read first at the front."""
        found = self._of(metric)
        rows = found.worse if way == "lost" else found.better
        mask = None if part is None else self._masks.get(part[0], {}).get(part[1])
        by_metric = [row for row in rows if metric is None or found.by[row] == metric]
        return by_metric if mask is None else [row for row in by_metric if mask[row]]

    def case(self, number: int, metric: str | None = None) -> Mapping[str, Any]:
        """One item with its texts and all its scores."""
        from tunesmith.evaluate.compare_cases import case_of

        return case_of(self.both, *self._sides, number, self._of(metric))

    def id_of(self, number: int) -> str:
        """Its id."""
        return self.both.ids[number]

    def _of(self, metric: str | None) -> Changes:
        from tunesmith.evaluate.compare_cases import changes_of

        if metric not in self._changes:
            self._changes[metric] = changes_of(*self._sides, metric or self._primary)
        return self._changes[metric]


class FirstCases:
    """The items that the comparison itself keeps."""

    def __init__(self, pair: Mapping[str, Any]):
        self._cases = [*pair["regressions"], *pair["improvements"]]
        self._lost = len(pair["regressions"])
        counts: dict[str, dict[str, int]] = {}
        for case in self._cases:
            for field, value in case["fields"].items():
                values = counts.setdefault(field, {})
                values[str(value)] = values.get(str(value), 0) + 1
        self.parts = {field: values for field, values in counts.items() if field in pair["slices"]}
        gained = len(pair["improvements"])
        self.n_missing: Mapping[Way, int] = {
            "lost": pair["n_regressions"] - self._lost,
            "gained": pair["n_improvements"] - gained,
        }

    def chosen(self, way: Way, *, metric: str | None = None, part: Part | None = None) -> list[int]:
        """Numbers of the items, those to read first at the front."""
        numbers = range(self._lost) if way == "lost" else range(self._lost, len(self._cases))
        return [number for number in numbers if self._has(self._cases[number], way, metric, part)]

    def case(self, number: int, metric: str | None = None) -> Mapping[str, Any]:
        """One item, as it was kept."""
        found: Mapping[str, Any] = self._cases[number]
        return found

    def id_of(self, number: int) -> str:
        """Its id."""
        return str(self._cases[number]["id"])

    def _has(self, case: Mapping[str, Any], way: Way, metric: str | None, part: Part | None) -> bool:
        changed = metric is None or metric == case["by"] or metric in case[way]
        return changed and (part is None or str(case["fields"].get(part[0])) == part[1])


def cases_of(root: Path, folder: Path, summary: Mapping[str, Any], number: int) -> WholeCases | FirstCases:
    """The items of a pair.

    :param root: the folder in which the comparison ran; only files in it are read.
    :param folder: of the comparison.
    :param number: of the pair, from 0.
    """
    try:
        return _whole(root, folder, summary, number)
    except (
        TunesmithError,
        OSError,
        KeyError,
        ValueError,
    ):  # gone, changed, or of another version: what is kept is told
        return FirstCases(summary["pairs"][number])


def _whole(root: Path, folder: Path, summary: Mapping[str, Any], number: int) -> WholeCases:
    from tunesmith.evaluate.answers import items_of
    from tunesmith.evaluate.compare_slices import slices_of
    from tunesmith.evaluate.compare_statistics import Side
    from tunesmith.evaluate.pairing import pair

    settings = summary["settings"]
    before, after = (
        _answers(root, system, settings) for system in (summary["systems"][0], summary["systems"][number + 1])
    )
    both = pair(before, after, allow=settings["allow"])
    names = [summary["systems"][place]["name"] for place in (0, number + 1)]
    scored = _scores(folder / "items.parquet", names, [len(before.rows), len(after.rows)])
    masks = slices_of(both, items_of(before), settings["slices"]).fields
    sides = Side(scored[0], both.rows_before), Side(scored[1], both.rows_after)
    return WholeCases(both, *sides, masks, summary["primary"])


def _answers(root: Path, system: Mapping[str, Any], settings: Mapping[str, Any]) -> Predictions:
    """:raises ValueError: the files are elsewhere, or not those that were compared."""
    from tunesmith.evaluate.predictions import read_predictions

    given = settings["references"]
    references = None if given is None else _inside(root, given["path"])
    found = read_predictions(_inside(root, system["path"]), references=references, columns=settings["columns"])
    if found.digest != system["digest"]:
        raise ValueError("the answers are not those that were compared")
    return found


def _inside(root: Path, path: str) -> Path:
    """:raises ValueError: the file is not in the workspace."""
    found = (root / path).resolve()
    if not found.is_relative_to(root.resolve()):
        raise ValueError("the file is outside of the workspace")
    return found


def _scores(path: Path, names: Sequence[str], counts: Sequence[int]) -> list[dict[str, Any]]:
    """Every metric of each system, in the order of its file.

    :raises ValueError: other items than were compared.
    """
    import numpy as np
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from tunesmith.evaluate.metric_types import Scored
    from tunesmith.evaluate.metrics import METRICS

    table = pq.read_table(path)
    found = []
    for name, count in zip(names, counts):
        mine = table.filter(pc.equal(table["system"], name))
        if len(mine) != count:
            raise ValueError("the scores are of other items")
        columns = [column for column in mine.column_names if column in METRICS]
        found.append({one: Scored(mine[one].to_numpy().astype(np.float64), "") for one in columns})
    return found

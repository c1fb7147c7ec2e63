"""`tunesmith curate profile`: the signals of a source by language, extreme rows, and what the default rules would do.

The source is read and measured as a run reads it, into a temporary folder that is gone afterwards.

>>> found = profile_sources(["data/general.jsonl"])  # doctest: +SKIP
>>> found.cells[0].language, found.cells[0].numbers["answer_characters"].median  # doctest: +SKIP
('zh', 212.0)
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.engines.local import Local
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import LoadedRecipe, parse_recipe, resolved_rules
from tunesmith.curate.rows import Rows, ingest_all, open_sources
from tunesmith.curate.rules import RULES
from tunesmith.curate.signal_table import SIGNALS
from tunesmith.curate.stage_rules import Outcome, judge_rules

Places = npt.NDArray[np.int64]

#: Extreme rows that are named at each end of a signal.
EXTREMES = 3
_QUANTILES = (0.5, 0.05, 0.95)


@dataclass(frozen=True)
class Extreme:
    """A row beyond the 5th or 95th percentile."""

    row_id: str
    value: float


@dataclass(frozen=True)
class Numbers:
    """A numeric signal over the rows of a cell. A percentile is a value that a row has (the nearest rank).

    :param lowest: the rows below the 5th percentile, least first, a few; `highest` those above the 95th, most first.
    """

    n: int
    median: float
    p5: float
    p95: float
    max: float
    lowest: tuple[Extreme, ...]
    highest: tuple[Extreme, ...]


@dataclass(frozen=True)
class Cell:
    """The readable rows of one source in one language.

    :param shares: of each signal that is true or false, the share of rows where it is true, 0 to 1.
    """

    source: str
    language: str
    rows: int
    numbers: dict[str, Numbers]
    shares: dict[str, float]


@dataclass(frozen=True)
class RuleCount:
    """What a default rule would do: rows that fail it, that it is the first to drop, that no other rule would drop, and
    that stay with its flag."""

    rule: str
    fails: int
    drops: int
    only: int
    flags: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """What the signals say of a source.

    :param invalid: rows that could not be read, by the reason's code; they are in no cell and no rule judges them.
    :param cells: by source in the order given, and in it the language of most rows first.
    :param dropped: rows that the default rules would drop; `flagged` those that would stay with a flag.
    :param rules: every rule that a row fails.
    """

    sources: tuple[str, ...]
    rows: int
    invalid: dict[str, int]
    cells: tuple[Cell, ...]
    dropped: int
    flagged: int
    rules: tuple[RuleCount, ...]
    units: dict[str, str]
    seconds: float


def profile_sources(
    paths: Sequence[str],
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Profile:
    """Read sources, measure every row and summarise the signals.

    :param paths: files, folders, globs, `dataset_info.json#entry` or `hub:owner/name`.
    :raises InputError: a source that cannot be read at all.
    :raises RecipeError: a format or a mapping that is none.
    """
    with TemporaryDirectory(prefix="tunesmith-profile-") as folder:
        measured = measure_sources(
            paths, Path(folder), format=format, columns=columns, progress=progress, workers=workers
        )
        return measured.profile


class Measured(NamedTuple):
    """A profile with what it was made from: every row's columns, and what the default rules decide about each."""

    profile: Profile
    rows: Rows
    outcome: Outcome


def measure_sources(
    paths: Sequence[str],
    folder: Path,
    *,
    format: str = "auto",
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Measured:
    """As `profile_sources`; the rows lie in `folder`, from where they are read as long as it is there.

    :raises InputError: a source that cannot be read at all.
    :raises RecipeError: a format or a mapping that is none.
    """
    start = time.perf_counter()
    asked = [{"path": path, "format": format, "columns": dict(columns) if columns else None} for path in paths]
    recipe = parse_recipe({"sources": asked}, "the sources")
    rows, _ = ingest_all(open_sources(LoadedRecipe(recipe, Path())), folder, progress or Progress(), Local(workers))
    readable = rows.columns["invalid"].is_null().to_numpy()
    outcome = judge_rules(rows.columns, resolved_rules(recipe), readable)
    found = Profile(
        sources=tuple(source.plan.name for source in rows.sources),
        rows=len(readable),
        invalid=_counts(rows.columns["invalid"]),
        cells=tuple(_cells(rows, np.flatnonzero(readable))),
        dropped=int(outcome.dropped.sum()),
        flagged=int(outcome.flagged.sum()),
        rules=tuple(_rule_counts(rows, outcome)),
        units={name: unit for name, kind, unit in SIGNALS if _is_number(kind) or pa.types.is_boolean(kind)},
        seconds=round(time.perf_counter() - start, 3),
    )
    return Measured(found, rows, outcome)


def as_json(found: Profile) -> dict[str, Any]:
    """For `--json`."""
    return asdict(found)


def as_text(found: Profile, color: bool = False) -> str:
    """The profile as text for a terminal."""
    from tunesmith.curate.profile_text import as_text as text_of

    shown: Any = found  # a checker that knows this file by two names takes its type for two
    return text_of(shown, color)


def _counts(values: pa.ChunkedArray) -> dict[str, int]:
    """Each value that is not null and how often it stands there, the most frequent first."""
    told = pc.value_counts(values.drop_null()).to_pylist()
    return {one["values"]: one["counts"] for one in sorted(told, key=lambda one: (-one["counts"], one["values"]))}


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _cells(rows: Rows, readable: Places) -> Iterator[Cell]:
    table = rows.columns.take(pa.array(readable))
    for number, source in enumerate(rows.sources):
        mine = rows.source[readable] == number
        languages = _counts(table["language"].filter(pa.array(mine)))
        for language in languages:
            here = np.flatnonzero(mine & pc.equal(table["language"], language).to_numpy())
            yield _cell(source.plan.name, language, table.take(pa.array(here)), readable[here], rows.row_ids)


def _cell(source: str, language: str, table: pa.Table, places: Places, row_ids: pa.StringArray) -> Cell:
    """A row where a signal could not be measured (null, NaN) does not count in it."""
    numbers, shares = {}, {}
    for name, kind, _ in SIGNALS:
        values = table[name].to_numpy() if _is_number(kind) else np.zeros(0)
        known = np.flatnonzero(~np.isnan(values.astype(np.float64)))
        if len(known):
            numbers[name] = _numbers(values[known], places[known], row_ids)
        share = pc.mean(table[name].cast(pa.int8())).as_py() if pa.types.is_boolean(kind) else None
        if share is not None:
            shares[name] = round(share, 4)
    return Cell(source, language, len(table), numbers, shares)


def _numbers(values: npt.NDArray[Any], places: Places, row_ids: pa.StringArray) -> Numbers:
    order = np.argsort(values, kind="stable")
    ranked = values[order].astype(np.float64)
    median, low, high = (float(ranked[round((len(ranked) - 1) * share)]) for share in _QUANTILES)
    n_above = int((ranked > high).sum())
    most_first = np.argsort(-ranked[len(ranked) - n_above :], kind="stable") + len(ranked) - n_above
    ends = order[ranked < low][:EXTREMES], order[most_first][:EXTREMES]
    names = [[(row_ids[int(places[row])].as_py(), float(values[row])) for row in end.tolist()] for end in ends]
    lowest, highest = (tuple(Extreme(*one) for one in named) for named in names)
    return Numbers(len(ranked), median, low, high, float(ranked[-1]), lowest, highest)


def _rule_counts(rows: Rows, outcome: Outcome) -> Iterator[RuleCount]:
    for name in RULES:
        failed = np.flatnonzero(outcome.failed(name))
        if len(failed):
            found = (outcome.dropped_by(name), outcome.only(name), outcome.flagged_by(name))
            drops, only, flags = (int(of.sum()) for of in found)
            examples = tuple(rows.row_ids[row].as_py() for row in failed[:EXTREMES].tolist())
            yield RuleCount(name, len(failed), drops, only, flags, examples)

"""The conservation law, from the ledger's own lines: each row once, with one verdict, on at most one side.

The ledger is read a batch at a time. What the other checks need of each row stays in memory as numbers, some 50 bytes
a row, so that ten million rows take half a gigabyte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tunesmith.curate.ledger import DROPPED, INVALID, KEPT, LEDGER_SCHEMA, UNSAMPLED, VERDICTS
from tunesmith.curate.progress import Progress
from tunesmith.curate.summary import counts
from tunesmith.curate.verify_columns import (
    UNREADABLE,
    Ids,
    Mask,
    codes_of,
    content_ids,
    damaged_part,
    even_batches,
    first_line,
    open_parquet,
)
from tunesmith.curate.verify_found import PLACES, Findings

LEDGER = "ledger.parquet"
SIDES = ("train", "validation")
#: Rules under which a row leaves for another that it repeats.
REPEATS = ("exact_duplicate", "near_duplicate", "semantic_duplicate")

POSITION_BITS = 44  # of a key: more rows than any source has
_PARTNER = r"(?s)^(?P<source>.*):(?P<position>[0-9]{1,13})$"


class Accounts(NamedTuple):
    """What the ledger says of each row, in its order, as arrays of shape `(n_rows,)`.

    `key` has the number of the source above 44 bits of the position, -1 for a source that the run does not have;
    `verdict` is a place in `VERDICTS` and `side` one in `SIDES`, -1 for none; `ids` are the content ids, shape
    `(n_rows, 2)`, zero for none; `ordered` says whether the keys ascend, without which no row is found by its id.
    """

    sources: tuple[str, ...]
    key: npt.NDArray[np.int64]
    verdict: npt.NDArray[np.int8]
    side: npt.NDArray[np.int8]
    copies: npt.NDArray[np.int32]
    edited: Mask
    ids: Ids
    counts: Counter[str]
    ordered: bool

    def __len__(self) -> int:
        return len(self.key)

    def name(self, row: int) -> str:
        """The row's id."""
        source, position = divmod(int(self.key[row]), 1 << POSITION_BITS)
        return f"{self.sources[source]}:{position}" if source >= 0 else f"row {row + 1}"

    def rows_named(self, keys: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The row of each key, -1 where there is none."""
        if not len(self.key):
            return np.full(len(keys), -1)
        places = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where((self.key[places] == keys) & (keys >= 0), places, -1)

    def row_named(self, row_id: str) -> int:
        """The row with this id, -1 where there is none."""
        source, _, position = row_id.rpartition(":")
        if source not in self.sources or not (position.isascii() and position.isdigit() and len(position) < 14):
            return -1
        key = (self.sources.index(source) << POSITION_BITS) + int(position)
        return int(self.rows_named(np.array([key], np.int64))[0])

    def bounds(self, source: int) -> tuple[int, int]:
        """The first row of a source, and the first after it."""
        first, end = np.searchsorted(self.key, [source << POSITION_BITS, (source + 1) << POSITION_BITS]).tolist()
        return first, end

    def left(self) -> npt.NDArray[np.intp]:
        """The rows that are on no side, ascending."""
        return np.flatnonzero(self.verdict != VERDICTS.index(KEPT))


class _Part(NamedTuple):
    """The arrays of one batch, and for each row the key of its partner (-1: none, -2: no row id at all)."""

    accounts: Accounts
    partner: npt.NDArray[np.int64]
    needs_survivor: Mask


def read_ledger(
    folder: Path, sources: Sequence[str] | None, near_on: str | None, found: Findings, progress: Progress
) -> Accounts | None:
    """Read the ledger and hold the law against it; None where it cannot be read to its end.

    :param sources: their names in order; None takes them as they come.
    :param near_on: what near-duplicates are compared by: with `row` both similarities reach the threshold.
    """
    names = list(sources or ())
    try:
        with open_parquet(folder / LEDGER) as file:
            parts = _read_parts(file, names, sources is None, near_on, found, progress)
    except UNREADABLE as error:
        found.add(LEDGER, f"cannot be read ({first_line(error)})", damaged_part(folder / LEDGER))
        return None
    accounts = _joined(parts, tuple(names))
    if not accounts.ordered:
        _tell_order(accounts, found)
    else:
        _check_partners(accounts, parts, found)
    return accounts


def _read_parts(
    file: pq.ParquetFile, names: list[str], grow: bool, near_on: str | None, found: Findings, progress: Progress
) -> list[_Part]:
    """All batches. Every column is read, those too that only other checks look at: nothing later can fail.

    :param grow: whether the sources are not known, and their names are added as they come.
    """
    parts = []
    with progress.stage("check ledger", total=file.metadata.num_rows, unit="rows") as advance:
        for table in map(_typed, even_batches(file, LEDGER_SCHEMA.names)):
            if grow:
                names += [name for name in table["source"].unique().to_pylist() if name not in names]
            parts.append(_part(table, names, near_on, found))
            advance(len(table))
    return parts


def _typed(table: pa.Table) -> pa.Table:
    """With the types of the ledger, however a file spells them."""
    return pa.table([table[field.name].cast(field.type) for field in LEDGER_SCHEMA], schema=LEDGER_SCHEMA)


def _part(table: pa.Table, names: list[str], near_on: str | None, found: Findings) -> _Part:
    """One batch as numbers; what contradicts the law in it is told."""
    source = codes_of(table["source"], names)
    position = table["position"].fill_null(-1).to_numpy()
    key = np.where(
        (source >= 0) & (position > 0) & (position < 1 << POSITION_BITS), (source << POSITION_BITS) + position, -1
    )
    verdict, side = codes_of(table["verdict"], VERDICTS), codes_of(table["split"], SIDES)
    ids, no_id = content_ids(table["content_id"])
    partner = _partner_keys(table["partner"], names)
    part = Accounts(
        tuple(names),
        key,
        verdict.astype(np.int8),
        side.astype(np.int8),
        table["copies"].fill_null(-1).to_numpy(),
        pc.greater(pc.list_value_length(table["edits"]).fill_null(0), 0).to_numpy(),
        ids,
        Counter(counts(table)),
        True,
    )
    repeats = pc.is_in(table["rule"], pa.array(REPEATS)).to_numpy() & (verdict == VERDICTS.index(DROPPED))
    selected = pc.equal(table["stage"], "select").fill_null(False).to_numpy() & table["partner"].is_valid().to_numpy()
    for what, rows in _broken(table, part, no_id, partner, repeats, near_on).items():
        if rows.any():
            places = (str(table["row_id"][int(row)]) for row in np.flatnonzero(rows)[:PLACES])
            found.add_all(LEDGER, what, places, int(rows.sum()))
    return _Part(part, partner, repeats | selected)


def _partner_keys(column: pa.ChunkedArray, names: Sequence[str]) -> npt.NDArray[np.int64]:
    keys = np.full(len(column), -1, np.int64)
    named = np.flatnonzero(column.is_valid().to_numpy())
    if len(named):
        parts = pc.extract_regex(column.take(pa.array(named)), _PARTNER).combine_chunks()
        source = codes_of(pc.struct_field(parts, "source"), names)
        position = pc.struct_field(parts, "position").fill_null("0").cast(pa.int64()).to_numpy()
        keys[named] = np.where(source >= 0, (source << POSITION_BITS) + position, -2)
    return keys


def _broken(
    table: pa.Table, part: Accounts, no_id: Mask, partner: npt.NDArray[np.int64], repeats: Mask, near_on: str | None
) -> dict[str, Mask]:
    """What the law forbids, and which rows do it."""
    kept, invalid, unsampled = (part.verdict == VERDICTS.index(name) for name in (KEPT, INVALID, UNSAMPLED))
    left = ~kept & (part.verdict >= 0)
    has_id = part.ids.any(axis=1)
    row_ids = pc.binary_join_element_wise(table["source"], table["position"].cast(pa.string()), ":")
    same_id = pc.equal(table["row_id"], row_ids).fill_null(False).to_numpy()
    ingest = pc.equal(table["stage"], "ingest").fill_null(False).to_numpy()
    reason = table["stage"].is_valid().to_numpy() & table["rule"].is_valid().to_numpy()
    off_side = (part.side >= 0) | table["split"].is_valid().to_numpy() | (part.copies != 0)
    return {
        "rows of a source that the run does not have": part.key < 0,
        "row ids that are not <source>:<position>": ~same_id & (part.key >= 0),
        "rows without a known verdict": part.verdict < 0,
        "kept rows on no side": kept & (part.side < 0),
        "kept rows with no copy, or validation rows with several": kept
        & ((part.copies < 1) | ((part.side == SIDES.index("validation")) & (part.copies != 1))),
        "rows that left and are on a side": left & off_side,
        "rows that left without a stage and a rule": left & ~reason,
        "rows that are invalid after they were read": invalid & ~ingest,
        "rows that left as unreadable and are not invalid": left & ~invalid & ingest,
        "readable rows without a content id": (kept | (left & ~invalid)) & ~has_id,
        "unreadable rows with a content id": invalid & has_id,
        "content ids that are none": no_id,
        "duplicates that name no partner": repeats & (partner == -1),
        "duplicates under their threshold": _under_threshold(table, repeats, near_on),
        "unsampled rows that repeat another": unsampled & pc.is_in(table["rule"], pa.array(REPEATS)).to_numpy(),
    }


def _under_threshold(table: pa.Table, repeats: Mask, near_on: str | None) -> Mask:
    """Duplicates whose similarity (with `on: row`, that of the answers too) does not reach the threshold."""
    similarity, answers, threshold = (
        table[name].fill_null(np.nan).to_numpy() for name in ("similarity", "answer_similarity", "threshold")
    )
    near = pc.equal(table["rule"], "near_duplicate").fill_null(False).to_numpy() & (near_on == "row")
    under: Mask = repeats & (~(similarity >= threshold) | (near & ~(answers >= threshold)))
    return under


def _joined(parts: Sequence[_Part], names: tuple[str, ...]) -> Accounts:
    accounts = [part.accounts for part in parts]
    arrays: dict[str, Any] = {}
    for name, kind in (
        ("key", np.int64), ("verdict", np.int8), ("side", np.int8), ("copies", np.int32), ("edited", np.bool_)
    ):  # fmt: skip
        arrays[name] = np.concatenate([np.zeros(0, kind), *(getattr(one, name) for one in accounts)])
    ids = np.concatenate([np.zeros((0, 2), np.uint64), *(one.ids for one in accounts)])
    total: Counter[str] = Counter()
    for one in accounts:
        total.update(one.counts)
    ordered = bool((np.diff(arrays["key"]) > 0).all() and (arrays["key"][:1] >= 0).all())
    return Accounts(names, **arrays, ids=ids, counts=total, ordered=ordered)


def _tell_order(accounts: Accounts, found: Findings) -> None:
    values, counted = np.unique(accounts.key[accounts.key >= 0], return_counts=True)
    twice = values[counted > 1]
    if len(twice):
        names = (accounts.name(int(np.argmax(accounts.key == key))) for key in twice[:PLACES])
        found.add_all(LEDGER, "row ids that stand twice", names, len(twice))
        return
    rows = np.flatnonzero(np.diff(accounts.key) <= 0) + 1
    found.add_all(LEDGER, "rows out of order", (accounts.name(int(row)) for row in rows[:PLACES]), len(rows))


def _check_partners(accounts: Accounts, parts: Sequence[_Part], found: Findings) -> None:
    """Every partner is a row of the run, and one that a row left for survived."""
    survived = np.isin(accounts.verdict, [VERDICTS.index(KEPT), VERDICTS.index(UNSAMPLED)])
    start = 0
    for part in parts:
        named = np.flatnonzero(part.partner != -1)
        rows, partners = start + named, accounts.rows_named(part.partner[named])
        start += len(part.partner)
        needs = part.needs_survivor[named]
        broken = {
            "rows whose partner is no row of the run": partners < 0,
            "rows that are their own partner": partners == rows,
            "duplicates of a row that did not survive": needs & (partners >= 0) & ~survived[partners],
        }
        for what, mask in broken.items():
            names = (accounts.name(int(row)) for row in rows[mask][:PLACES])
            if mask.any():
                found.add_all(LEDGER, what, names, int(mask.sum()))

"""What a mix would take of the rows that are there, before it is run: the mix stage's own function on its own rows.

Of a finished run (`pool_of_run`) the answer is exact: the rows of its training side before its mix, in the order and
with the sizes that stage 7 would see. Of profiles (`pool_of_profiles`) no row has been dropped yet, so that it is what
the sources could give at most.

>>> found = preview_mix(pool_of_run(open_run(Path("runs/medical"))), MixPlan({"domain": 1, "general": 5}, …))
... # doctest: +SKIP
>>> found.groups[0]  # doctest: +SKIP
MixedGroup(group='domain', rows=278, tokens=48213, taken=278, lines=278, tokens_after=48213, copies_max=1)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tunesmith.curate.ledger import UNSAMPLED
from tunesmith.curate.mix import MixPlan, MixRows, mix_rows
from tunesmith.curate.profile_data import ProfileData
from tunesmith.curate.rundata import RunData
from tunesmith.curate.said import Said


class Pool(NamedTuple):
    """Rows that can be mixed, arrays of shape `(n_rows,)`; `words` is what `unit: tokens` counts."""

    alive: npt.NDArray[np.bool_]
    decided: npt.NDArray[np.bool_]
    group: npt.NDArray[np.int32]
    source: npt.NDArray[np.int32]
    words: npt.NDArray[np.int64]
    identities: Sequence[str | None]
    group_names: tuple[str, ...]
    source_names: tuple[str, ...]


class MixedGroup(NamedTuple):
    """A group before and after: rows and tokens there are, rows of them taken, lines and tokens with repeats."""

    group: str
    rows: int
    tokens: int
    taken: int
    lines: int
    tokens_after: int
    copies_max: int


class MixPreview(NamedTuple):
    """What a mix takes, and the sentence that a run would say where a group is short."""

    groups: tuple[MixedGroup, ...]
    announcement: Said | None


def pool_of_run(run: RunData) -> Pool:
    """The training side of a finished run as it was before its mix."""
    ledger = run.ledger
    mixed_away = pc.and_(pc.equal(ledger["verdict"], UNSAMPLED), pc.equal(ledger["stage"], "mix"))
    alive = pc.or_(pc.equal(ledger["split"], "train").fill_null(False), mixed_away.fill_null(False))
    decided = [n for n in range(len(ledger)) if _kept_by_a_person(run, n)] if run.manifest["applied"] else []
    keep = np.zeros(len(ledger), bool)
    keep[decided] = True
    sources = [source["name"] for source in run.recipe["sources"]]
    groups = list(dict.fromkeys(source["group"] for source in run.recipe["sources"]))
    return Pool(
        alive.to_numpy(),
        keep,
        _codes(ledger["group"], groups),
        _codes(ledger["source"], sources),
        run.signals["words"].fill_null(0).to_numpy().astype(np.int64),
        ledger["content_id"].to_pylist(),
        tuple(groups),
        tuple(sources),
    )


def pool_of_profiles(profiles: Sequence[tuple[ProfileData, str]]) -> Pool:
    """The readable rows of profiles, each with its group: nothing is dropped, split or decided yet."""
    tables = [profile.table for profile, _ in profiles]
    groups = list(dict.fromkeys(group for _, group in profiles))
    sizes = [len(table) for table in tables]
    group_of = np.array([groups.index(group) for _, group in profiles], np.int32)
    number = np.repeat(np.arange(len(tables), dtype=np.int32), sizes)
    n_rows = sum(sizes)
    return Pool(
        np.concatenate([table["invalid"].is_null().to_numpy() for table in tables] or [np.zeros(0, bool)]),
        np.zeros(n_rows, bool),
        group_of[number],
        number,
        np.concatenate([table["words"].fill_null(0).to_numpy().astype(np.int64) for table in tables]),
        [identity for table in tables for identity in table["content_id"].to_pylist()],
        tuple(groups),
        tuple(str(number) for number in range(len(tables))),
    )


def preview_mix(pool: Pool, plan: MixPlan) -> MixPreview:
    """Decide as stage 7 does.

    :raises ValueError: a ratio that names a group which the pool has not.
    """
    size = pool.words if plan.unit == "tokens" else np.ones(len(pool.alive), np.int64)
    rows = MixRows(
        pool.alive, pool.decided, pool.group, pool.source, size, pool.identities, pool.group_names, pool.source_names
    )
    mixed = mix_rows(rows, plan)
    return MixPreview(tuple(_group(pool, name, mixed.copies) for name in plan.ratio), mixed.announcement)


def _group(pool: Pool, name: str, copies: npt.NDArray[np.int32]) -> MixedGroup:
    mine = pool.alive & (pool.group == pool.group_names.index(name))
    here, words = copies[mine], pool.words[mine]
    after = int((here.astype(np.int64) * words).sum())
    taken, lines, most = int((here > 0).sum()), int(here.sum()), int(here.max(initial=0))
    return MixedGroup(name, int(mine.sum()), int(words.sum()), taken, lines, after, most)


def _kept_by_a_person(run: RunData, number: int) -> bool:
    decision = run.decision(number)
    return decision is not None and decision.action == "keep"


def _codes(column: pa.ChunkedArray, names: Sequence[str]) -> npt.NDArray[np.int32]:
    codes: npt.NDArray[np.int32] = pc.index_in(column, value_set=pa.array(names)).to_numpy().astype(np.int32)
    return codes

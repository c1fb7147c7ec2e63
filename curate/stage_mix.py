"""Stage 7 of a run: proportions of the training side, which leaves good rows unsampled or repeats them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from tunesmith.curate.decisions import Decided
from tunesmith.curate.ledger import UNSAMPLED, Verdicts
from tunesmith.curate.mix import Mixed, MixPlan, MixRows, mix_rows
from tunesmith.curate.recipe import Recipe
from tunesmith.curate.rows import Rows

_AT_A_TIME = 1 << 16


def apply_mix(rows: Rows, verdicts: Verdicts, recipe: Recipe, decided: Decided) -> Mixed | None:
    """Stage 7, on the training side only."""
    if recipe.mix is None:
        return None
    mix = recipe.mix
    train = verdicts.split == "train"
    size = rows.columns["words"].to_numpy().astype(np.int64) if mix.unit == "tokens" else np.ones(len(train), np.int64)
    identities = some_at_a_time(rows.columns["content_id"])
    names = tuple(source.plan.name for source in rows.sources)
    mixed = mix_rows(
        MixRows(train, decided.keep, rows.group, rows.source, size, identities, rows.group_names, names),
        MixPlan(mix.ratio, mix.weights, mix.caps, mix.unit, mix.short, mix.max_copies, recipe.seed),
    )
    unneeded = train & (mixed.copies == 0)
    rule = np.where(mixed.capped, "cap", "mix").astype(object)
    verdicts.leave(unneeded, UNSAMPLED, stage="mix", rule=rule)
    verdicts.split[unneeded] = None
    verdicts.copies[train] = mixed.copies[train]
    return mixed


def some_at_a_time(column: pa.ChunkedArray) -> Iterator[str | None]:
    """The texts of a column; not all of them are Python's at once."""
    for start in range(0, len(column), _AT_A_TIME):
        yield from column.slice(start, _AT_A_TIME).to_pylist()

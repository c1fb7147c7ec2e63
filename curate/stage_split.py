"""Stage 6 of a run: rows whose prompts are near each other share a side.

A group is a connected component of the graph of prompts at Jaccard similarity of .5 or more, over the same shingles as
near-duplicates; it is found even when no duplicates are dropped. Its name is the smallest prompt key in it, so that the
seeded draw depends on what the rows say and never on where they stand.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.keys import Keys, key_pairs
from tunesmith.curate.ledger import Verdicts
from tunesmith.curate.recipe import Recipe
from tunesmith.curate.split import Split, split_rows, target_rows
from tunesmith.curate.stage_input import StageInput


def split_sides(recipe: Recipe, rows: StageInput, sources: npt.NDArray[np.integer]) -> pa.Table:
    """Which rows validate, and the number of each row's group (-1 for a row that has left)."""
    target = _target(recipe, int(rows.alive.sum()))
    keys = key_pairs(rows.columns["prompt_key"])
    if target:
        from tunesmith.curate.near_prompts import group_keys  # numba, for those only who split

        keys = group_keys(keys, rows, ngram=recipe.duplicates.near.ngram if recipe.duplicates.near else 5)
    found = split_rows(keys, sources, rows.alive, target=target, seed=recipe.seed)
    told = {"n_groups": str(found.n_groups), "largest_group": str(found.largest_group)}
    columns = {"validation": found.validation, "group_high": keys[:, 0], "group_low": keys[:, 1]}
    return pa.table(columns).replace_schema_metadata(told)


def apply_split(recipe: Recipe, sides: pa.Table, verdicts: Verdicts) -> Split:
    """Write the sides of the rows that are still here."""
    alive, wished = verdicts.alive, recipe.split.validation
    target = _target(recipe, int(alive.sum()))
    told = {name.decode(): int(value) for name, value in (sides.schema.metadata or {}).items()}
    asked = int(wished) if wished > target and wished >= 1 else None
    chosen = sides["validation"].to_numpy(zero_copy_only=False)
    verdicts.split[alive] = "train"
    verdicts.split[chosen] = "validation"
    verdicts.copies[alive] = 1
    return Split(chosen, target, told["n_groups"], told["largest_group"], asked)


def group_pairs(sides: pa.Table) -> Keys:
    """The key of each row's group, shape `(n_rows, 2)`."""
    return np.stack([sides["group_high"].to_numpy(), sides["group_low"].to_numpy()], axis=1)


def _target(recipe: Recipe, n_rows: int) -> int:
    wished = recipe.split
    return target_rows(n_rows, wished.validation, least=wished.min_rows, most=wished.max_rows)

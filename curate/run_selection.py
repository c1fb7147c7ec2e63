"""The part of a run that asks what rows mean: semantic duplicates, groups, a diverse selection, balance.

Each of them is off unless the recipe has its key; the embedding model is opened only where one of them needs it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tunesmith.curate.balance import Balance
from tunesmith.curate.diversity import quality_of
from tunesmith.curate.duplicates import priority
from tunesmith.curate.embedding_cache import cache_name
from tunesmith.curate.embeddings import Embedder
from tunesmith.curate.ledger import Verdicts
from tunesmith.curate.progress import Progress
from tunesmith.curate.recipe import Recipe
from tunesmith.curate.said import Said
from tunesmith.curate.stage_balance import (
    apply_balance,
    apply_selection,
    balance_stage,
    cluster_rows,
    select_rows,
)
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stage_semantic import apply_semantic, find_semantic_rows, said_of
from tunesmith.curate.stages import RunCache


class Chosen(NamedTuple):
    """What these stages found, None where the recipe does not ask for it."""

    semantic: pa.Table | None = None  # columns of `SEMANTIC_EVIDENCE`
    groups: pa.Table | None = None  # columns of `CLUSTER_COLUMNS`
    selection: pa.Table | None = None  # columns of `SELECTION_COLUMNS`
    balance: Balance | None = None

    def announcements(self) -> list[Said]:
        """What a person has to know, each once: texts that the model could not read, caps that cannot hold."""
        tables = (self.semantic, self.groups, self.selection)
        said = [text for table in tables if table is not None for text in said_of(table)]
        said += self.balance.announcements if self.balance is not None else ()
        return [*dict.fromkeys(said)]


class Stage(NamedTuple):
    """What all of these stages work with."""

    recipe: Recipe
    embedder: Embedder | None
    cache: RunCache
    verdicts: Verdicts
    progress: Progress


def needs_embedder(recipe: Recipe) -> bool:
    """Whether a recipe has a key that compares meanings."""
    by_cluster = recipe.balance is not None and recipe.balance.by == "cluster"
    return bool(recipe.duplicates.semantic or recipe.clusters or recipe.select or by_cluster)


def embeddings_folder(embedder: Embedder | None) -> list[str]:
    """The folder of the stage cache that a run with this model keeps."""
    return [cache_name(embedder.digest)] if embedder else []


def drop_semantic(stage: Stage, rows: StageInput, evidence: pa.Table) -> pa.Table | None:
    """Stage 5, last part: rows that say the same leave or are flagged.

    :param evidence: of exact and near-duplicates.
    """
    wish = stage.recipe.duplicates.semantic
    if wish is None or stage.embedder is None or not rows.alive.any():
        return None
    from tunesmith.curate.stage_near import classes_of  # numba, for those only who want it

    verdicts, embedder, drops = stage.verdicts, stage.embedder, wish.policy == "drop"
    lengths = rows.columns["answer_characters"].to_numpy().astype(np.int64)
    left = (verdicts.stage == "duplicates") & ~verdicts.alive
    found = stage.cache.table(
        "semantic",
        lambda: find_semantic_rows(
            rows,
            embedder,
            stage.cache.folder,
            partner=np.where(left, evidence["partner"].to_numpy(), -1),
            rank=priority(decided=rows.keep, answer_characters=lengths),
            classes=classes_of(rows),
            threshold=wish.threshold,
            on=wish.on,
            drops=drops,
            progress=stage.progress,
        ),
    )
    apply_semantic(found, verdicts, threshold=wish.threshold, drops=drops)
    return found


def group_rows(stage: Stage, rows: StageInput) -> pa.Table | None:
    """Groups of rows about the same thing, where the report, the selection or the balance wants them."""
    recipe, embedder = stage.recipe, stage.embedder
    by_cluster = recipe.balance is not None and recipe.balance.by == "cluster"
    wanted = recipe.clusters is not None or by_cluster or (recipe.select is not None and recipe.select.by_cluster)
    if not wanted or embedder is None or not rows.alive.any():
        return None
    number = recipe.clusters.number if recipe.clusters else None
    return stage.cache.table(
        "clusters",
        lambda: cluster_rows(rows, embedder, stage.cache.folder, k=number, seed=recipe.seed, progress=stage.progress),
    )


def select_diverse(stage: Stage, rows: StageInput, groups: pa.Table | None) -> pa.Table | None:
    """A diverse part of the rows; the others leave unsampled."""
    wish, embedder = stage.recipe.select, stage.embedder
    if wish is None or embedder is None or not rows.alive.any():
        return None
    labels = groups["cluster"].to_numpy() if groups is not None and wish.by_cluster else None
    found = stage.cache.table(
        "select",
        lambda: select_rows(
            rows,
            embedder,
            stage.cache.folder,
            method=wish.method,
            threshold=wish.threshold,
            n_rows=wish.rows,
            clusters=labels,
            seed=stage.recipe.seed,
            progress=stage.progress,
        ),
    )
    apply_selection(found, stage.verdicts, threshold=wish.threshold if wish.method == "quality" else None)
    return found


def balance_names(stage: Stage, rows: StageInput, groups: pa.Table | None) -> Balance | None:
    """Rows beyond what their language, task, group or source may have leave unsampled."""
    wish = stage.recipe.balance
    if wish is None or not rows.alive.any():
        return None
    found = balance_stage(
        rows,
        by=wish.by,
        caps=wish.caps,
        max_share=wish.max_share,
        clusters=groups["cluster"].to_numpy() if groups is not None else None,
        quality=quality_of(rows.columns),
        seed=stage.recipe.seed,
    )
    apply_balance(found, stage.verdicts)
    return found

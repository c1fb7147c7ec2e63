"""Stage 2 of a run: rows that could not be read leave, and what a person decided about single rows is applied.

`decisions.py` says what a decision is. A registry's `num_samples` is settled here too, before anything is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from tunesmith.curate.decisions import Decided, applied_table, apply_decisions, read_decisions
from tunesmith.curate.ledger import DROPPED, INVALID, UNSAMPLED, Verdicts
from tunesmith.curate.recipe import Recipe
from tunesmith.curate.rows import Rows
from tunesmith.curate.said import Said
from tunesmith.curate.sampling import seeded_order
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.stages import write_table
from tunesmith.curate.treatment import treatment_of


def decide_rows(
    rows: Rows, verdicts: Verdicts, recipe: Recipe, files: list[Path], announcements: list[Said]
) -> Decided:
    """Stage 2. Rows that could not be read leave first."""
    invalid = shared_texts(rows.columns["invalid"])
    verdicts.leave(~rows.columns["invalid"].is_null().to_numpy(), INVALID, stage="ingest", rule=invalid)
    decisions = read_decisions(files)
    decided = apply_decisions(rows.columns, decisions, private=treatment_of(recipe).private)
    verdicts.leave(decided.drop, DROPPED, stage="decisions", rule="decision")
    if decided.unmatched:
        announcements.append(_unmatched(decided.unmatched))
    return decided


def sample_entries(rows: Rows, verdicts: Verdicts, recipe: Recipe, decided: Decided) -> Iterator[Said]:
    """A registry's `num_samples`: a seeded choice of the entry's readable rows. The others are accounted for too."""
    for number, source in enumerate(rows.sources):
        wished = source.plan.num_samples
        mine = np.flatnonzero(verdicts.alive & (rows.source == number))
        if wished is None or wished == len(mine):
            continue
        if wished > len(mine):
            name = source.plan.name
            yield Said(
                f"{name}: num_samples asks for {wished:,} rows of {len(mine):,}; none is repeated, use `mix` for that",
                f"{name}：num_samples 要求 {wished:,} 行，只有 {len(mine):,} 行；不会重复，请用 `mix`",
            )
            continue
        identities = rows.columns["content_id"].take(pa.array(mine)).to_pylist()
        surplus = np.zeros(len(rows.columns), bool)
        surplus[mine[np.lexsort((mine, seeded_order(identities, recipe.seed), ~decided.keep[mine]))[wished:]]] = True
        limit = np.full(len(surplus), float(wished))
        verdicts.leave(surplus, UNSAMPLED, stage="mix", rule="num_samples", threshold=limit)


def _unmatched(count: int) -> Said:
    about = "1 decision is about a row that is" if count == 1 else f"{count:,} decisions are about rows that are"
    return Said(f"{about} not in this input", f"有 {count:,} 条决定所指的行不在本次输入里")


def remember(decided: Decided, cache: Path, mark: str) -> str | None:
    """Keep applied decisions and edited records beside the shards, for `explain`; returns the file's name."""
    if not decided.about:
        return None
    name = f"decided-{mark}.arrow"
    write_table(cache / name, applied_table(decided.about))
    return name

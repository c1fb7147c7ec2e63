"""After the duplicates: groups of rows about the same thing, a selection of rows, and balance between names.

Each is a table or a result that the run keeps, and an `apply_…` that writes verdicts. A row that is left out here is a
good row that the training set did not need: `unsampled`.

| rule | value | threshold | partner |
|---|---|---|---|
| `too_close` | cosine to the nearest row that was taken | the cosine that is allowed | that row |
| `not_selected` | cosine to the nearest row that was taken | – | that row |
| `balance` | – | rows that its name may have | – |
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.balance import Balance, Names, balance_rows, best_first
from tunesmith.curate.cluster_titles import TITLE_ROWS, title_clusters
from tunesmith.curate.clusters import Clusters, describe_clusters, find_clusters
from tunesmith.curate.diversity import (
    Selection,
    quality_of,
    select_by_cluster,
    select_k_centre,
    select_quality_first,
)
from tunesmith.curate.embedding_grid import Flags, Grid, Places, Ratios
from tunesmith.curate.embedding_limits import announce_limits, unreadable
from tunesmith.curate.embeddings import Embedder
from tunesmith.curate.ledger import UNSAMPLED, Verdicts
from tunesmith.curate.progress import Progress
from tunesmith.curate.sampling import seeded_order
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.stage_semantic import embed_side, with_said

#: Name, type, and what it says. Rows are named by their number in the run, -1 for none.
CLUSTER_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("cluster", pa.int64(), "the group of rows about the same thing, the largest 0; -1 without an embedding"),
    ("cluster_similarity", pa.float64(), "exact cosine to the group's centre"),
)
SELECTION_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("selected", pa.bool_(), "whether the row was taken"),
    ("too_close", pa.bool_(), "left out for its closeness to a row that was taken"),
    ("nearest", pa.int64(), "for a row that was left out, the nearest that was taken"),
    ("nearest_similarity", pa.float64(), "exact cosine to it"),
)


def cluster_rows(
    rows: StageInput,
    embedder: Embedder,
    cache: Path,
    *,
    k: int | None,
    seed: int,
    side: str = "prompt",
    progress: Progress | None = None,
) -> pa.Table:
    """Divide the rows that are still here into groups: columns of `CLUSTER_COLUMNS`; `clusters_of` and `said_of` tell
    the rest."""
    grid, said = _embedded(rows, embedder, cache, side, progress)
    found = find_clusters(grid, k, seed=seed, alive=rows.alive)
    described = describe_clusters(found, rows.columns["language"].to_pylist(), rows.columns["source"].to_pylist())
    titles = _titles(rows, found)
    told = [{**group._asdict(), "title": list(titles[group.number])} for group in described]
    table = pa.table([pa.array(found.labels), pa.array(found.similarity)], [name for name, *_ in CLUSTER_COLUMNS])
    return with_said(table.replace_schema_metadata({b"clusters": jsontext.dumps(told).encode()}), said)


def clusters_of(table: pa.Table) -> list[dict[str, Any]]:
    """The groups for the report, the largest first: the fields of `clusters.Cluster`, and `title`, a list of words."""
    found: list[dict[str, Any]] = jsontext.loads((table.schema.metadata or {})[b"clusters"])
    return found


def select_rows(
    rows: StageInput,
    embedder: Embedder,
    cache: Path,
    *,
    method: str,
    seed: int,
    threshold: float = 0.9,
    n_rows: int | None = None,
    clusters: Places | None = None,
    side: str = "prompt",
    progress: Progress | None = None,
) -> pa.Table:
    """Choose among the rows that are still here: columns of `SELECTION_COLUMNS`. Rows that the model cannot read stay
    and do not count.

    :param method: `quality`, by `diversity.quality_of`, or `k_centre`, which needs `n_rows`.
    :param clusters: of each row; with them `n_rows` is divided evenly over the clusters.
    """
    if method == "k_centre" and n_rows is None:
        raise ValueError("k_centre needs the number of rows to take")
    grid, said = _embedded(rows, embedder, cache, side, progress)
    here = rows.alive & (grid.squares > 0)
    quality = quality_of(rows.columns)
    first = _seeded_first(rows, seed)

    def choose(alive: Flags, most: int | None) -> Selection:
        if method == "quality":
            return select_quality_first(
                grid, quality, threshold=threshold, rows=most, alive=alive, stays=rows.keep & alive
            )
        decided = np.flatnonzero(rows.keep & alive).tolist()
        start = decided or first[alive[first]][:1].tolist()
        return select_k_centre(grid, most or 0, seed=seed, first=start, alive=alive)

    if clusters is not None and n_rows is not None:
        found = select_by_cluster(clusters, n_rows, choose, alive=here)
    else:
        found = choose(here, n_rows)
    columns = [found.kept | (rows.alive & ~here), found.too_close, found.partner, found.similarity]
    return with_said(pa.table(columns, [name for name, *_ in SELECTION_COLUMNS]), said)


def apply_selection(table: pa.Table, verdicts: Verdicts, *, threshold: float | None) -> None:
    """Rows that were not taken leave with the row that stands for them.

    :param threshold: of the method `quality`.
    """
    selected, too_close, nearest, similarity = (
        table[name].to_numpy(zero_copy_only=False) for name, *_ in SELECTION_COLUMNS
    )
    limit = np.where(too_close, np.nan if threshold is None else threshold, np.nan)
    rule = np.where(too_close, "too_close", "not_selected").astype(object)
    left = verdicts.leave(~selected, UNSAMPLED, stage="select", rule=rule, value=similarity.copy(), threshold=limit)
    verdicts.partner[left], verdicts.similarity[left] = nearest[left], similarity[left]


def balance_names(rows: StageInput, by: str, clusters: Places | None = None) -> Names:
    """The name of each row: its language, task, source, or the number of its cluster."""
    if by == "cluster":
        if clusters is None:
            raise ValueError("balance by cluster needs the clusters")
        return np.array([f"{number}" for number in clusters.tolist()], object)
    names: Names = rows.columns[by].to_numpy(zero_copy_only=False).astype(object)
    return names


def balance_stage(
    rows: StageInput,
    *,
    by: str,
    seed: int,
    caps: Mapping[str, int] | None = None,
    max_share: float | None = None,
    clusters: Places | None = None,
    quality: Ratios | None = None,
) -> Balance:
    """Balance the rows that are still here; it costs no more than counting, so nothing is cached. Rows that are in no
    cluster stay and do not count.

    :param quality: which rows stay; by default those first that the seed puts first.
    """
    order = best_first(quality, rows.columns["content_id"].to_pylist(), decided=rows.keep, seed=seed)
    names = balance_names(rows, by, clusters)
    here = rows.alive if by != "cluster" or clusters is None else rows.alive & (clusters >= 0)
    return balance_rows(names, here, order=order, caps=caps, max_share=max_share, by=by)


def apply_balance(balance: Balance, verdicts: Verdicts) -> None:
    """Rows beyond a cap leave."""
    verdicts.leave(balance.left_out, UNSAMPLED, stage="balance", rule="balance", threshold=balance.cap)


def _embedded(
    rows: StageInput, embedder: Embedder, cache: Path, side: str, progress: Progress | None
) -> tuple[Grid, list[Any]]:
    """The embeddings of the rows that are still here and can be read, and what has to be said of them."""
    embedded = embed_side(rows, side, embedder, cache, wanted=rows.alive, progress=progress)
    said = announce_limits(embedder.name, side, embedded, rows.columns["language"].to_pylist())
    squares = np.where(unreadable(embedded.unknown), 0, embedded.grid.squares)
    return Grid(embedded.grid.steps, squares), list(said)


def _titles(rows: StageInput, found: Clusters) -> tuple[tuple[str, ...], ...]:
    """The title of each group, from the whole texts of its most central rows."""
    n_clusters = len(found.centres.squares)
    order = np.lexsort((np.arange(len(found.labels)), -np.nan_to_num(found.similarity), found.labels))
    chosen = np.zeros(len(order), bool)
    for number in range(n_clusters):
        chosen[order[found.labels[order] == number][:TITLE_ROWS]] = True
    texts: list[str] = []
    for piece in rows.texts.pieces():
        mine = np.flatnonzero(chosen[piece.start : piece.start + piece.n_rows])
        texts += rows.texts.texts(piece).whole.take(pa.array(mine)).to_pylist() if len(mine) else []
    return title_clusters(texts, found.labels[chosen].tolist(), n_clusters=n_clusters)


def _seeded_first(rows: StageInput, seed: int) -> Places:
    """All row numbers in the seeded order of their content."""
    random = seeded_order((name or "" for name in rows.columns["content_id"].to_pylist()), seed)
    return np.lexsort((np.arange(len(random)), random))

"""Stage 5, last part: rows that say the same in other words leave or are flagged, after exact and near-duplicates.

`on: row` compares prompt and answer, which both have to reach the threshold; `prompt`, `answer` and `whole` that text
alone. Rows take part that the model reads to the end of what is compared first, and pairs have the same numbers.

A row that leaves may be the partner of a duplicate that left before. That one names the heir, if the cosine proves it;
where it does not, the row stays: whoever left has a partner that survived.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from tunesmith.curate import jsontext
from tunesmith.curate.embedding_grid import Flags, Places, cosines
from tunesmith.curate.embedding_limits import announce_limits, unreadable
from tunesmith.curate.embeddings import Embedded, Embedder, embed_rows
from tunesmith.curate.ledger import DROPPED, Verdicts
from tunesmith.curate.progress import Progress
from tunesmith.curate.said import Said
from tunesmith.curate.semantic import SemanticDuplicates, find_semantic, number_labels
from tunesmith.curate.stage_input import StageInput

#: The name of the rule and of its flag.
SEMANTIC = "semantic_duplicate"
#: What is compared for each `on` of the recipe.
SIDES = {"row": ("prompt", "answer"), "prompt": ("prompt",), "answer": ("answer",), "whole": ("whole",)}

#: Name, type, and what it says. Rows are named by their number in the run, -1 for none.
SEMANTIC_EVIDENCE: tuple[tuple[str, pa.DataType, str], ...] = (
    ("semantic", pa.int64(), "the surviving row that says the same"),
    ("semantic_similarity", pa.float64(), "exact cosine to it of what is compared; of the prompts, with `on: row`"),
    ("semantic_answer_similarity", pa.float64(), "that of the answers, with `on: row`"),
)


def find_semantic_rows(
    rows: StageInput,
    embedder: Embedder,
    cache: Path,
    *,
    partner: Places,
    rank: Places,
    classes: Places,
    threshold: float,
    on: str = "row",
    drops: bool = True,
    progress: Progress | None = None,
) -> pa.Table:
    """The evidence of every row, columns of `SEMANTIC_EVIDENCE`; `said_of` tells what has to be announced.

    :param rows: `alive` without the rows that exact and near-duplicates dropped.
    :param partner: of each row that they dropped, the row that it repeats; -1 for all others.
    :param rank: order of survival, as `duplicates.priority` gives it.
    :param classes: only rows of one class are compared, as for near-duplicates.
    :param drops: False where rows are only flagged, so that no duplicate loses its partner.
    """
    sides = [embed_side(rows, side, embedder, cache, wanted=rows.alive, progress=progress) for side in SIDES[on]]
    taking_part = rows.alive & ~sides[0].truncated
    for embedded in sides:
        taking_part &= ~unreadable(embedded.unknown)
    found = find_semantic(
        [embedded.grid for embedded in sides],
        rank=rank,
        threshold=threshold,
        alive=taking_part,
        stays=rows.keep,
        classes=classes,
        labels=number_labels(_texts_of(rows, SIDES[on])),
    )
    if drops:
        _follow(rows, found, partner, embedder, cache, threshold, SIDES[on])
    languages = rows.columns["language"].to_pylist()
    said = [
        text
        for number, (side, embedded) in enumerate(zip(SIDES[on], sides))
        for text in announce_limits(embedder.name, side, embedded, languages, compared=number == 0)
    ]
    columns = [pa.array(values, kind) for values, (_, kind, _) in zip(found, SEMANTIC_EVIDENCE)]
    return with_said(pa.table(columns, [name for name, *_ in SEMANTIC_EVIDENCE]), said)


def apply_semantic(evidence: pa.Table, verdicts: Verdicts, *, threshold: float, drops: bool = True) -> None:
    """Drop the semantic duplicates, or name the partner of a row that is only flagged.

    A row that had left as a duplicate of one that leaves now is a semantic duplicate of the heir.
    """
    partner, similarity, answers = (evidence[name].to_numpy() for name, *_ in SEMANTIC_EVIDENCE)
    marked = partner >= 0
    if drops:
        limit = np.full(len(marked), threshold)
        verdicts.leave(marked, DROPPED, stage="duplicates", rule=SEMANTIC, value=similarity.copy(), threshold=limit)
        verdicts.rule[marked], verdicts.value[marked] = SEMANTIC, similarity[marked]
        verdicts.threshold[marked] = threshold
    else:
        marked = marked & (verdicts.partner < 0)
    verdicts.partner[marked] = partner[marked]
    verdicts.similarity[marked], verdicts.answer_similarity[marked] = similarity[marked], answers[marked]


def embed_side(
    rows: StageInput, side: str, embedder: Embedder, cache: Path, *, wanted: Flags, progress: Progress | None = None
) -> Embedded:
    """Embed one text of the wanted rows; the others have none."""
    return embed_rows(
        _column(rows, side, wanted),
        embedder,
        cache,
        n_rows=len(wanted),
        progress=progress,
        title=f"embedding {side}",
    )


def _column(rows: StageInput, side: str, wanted: Flags) -> Iterator[pa.Array]:
    for piece in rows.texts.pieces():
        mine = wanted[piece.start : piece.start + piece.n_rows]
        if not mine.any():
            yield pa.nulls(piece.n_rows, pa.string())
            continue
        column = getattr(rows.texts.texts(piece), side)
        yield pa.array(np.where(mine, column.to_numpy(zero_copy_only=False), None), pa.string())


def _texts_of(rows: StageInput, sides: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The compared texts of each row."""
    for piece in rows.texts.pieces():
        texts = rows.texts.texts(piece)
        yield from zip(*(getattr(texts, side).to_pylist() for side in sides))


def _follow(
    rows: StageInput,
    found: SemanticDuplicates,
    partner: Places,
    embedder: Embedder,
    cache: Path,
    threshold: float,
    sides: Sequence[str],
) -> None:
    """Give the duplicates of a row that leaves its own partner, or let the row stay."""
    orphans = np.flatnonzero((partner >= 0) & (found.partner[partner] >= 0))
    if not len(orphans):
        return
    heirs, wanted = found.partner[partner[orphans]], rows.alive.copy()
    wanted[orphans] = True
    grids = [embed_side(rows, side, embedder, cache, wanted=wanted).grid for side in sides]
    similarity = np.array([cosines(grid, orphans, heirs) for grid in grids])
    unproved = (similarity < threshold).any(axis=0)
    returning = np.unique(partner[orphans[unproved]])
    found.partner[returning], found.similarity[returning], found.answer_similarity[returning] = -1, np.nan, np.nan
    left = found.partner[partner[orphans]] >= 0
    found.partner[orphans[left]] = heirs[left]
    found.similarity[orphans[left]], found.answer_similarity[orphans[left]] = similarity[0, left], similarity[-1, left]


def with_said(table: pa.Table, said: Sequence[Said]) -> pa.Table:
    """The table with what has to be announced, so that a resumed run says it again."""
    told = {**(table.schema.metadata or {}), b"said": jsontext.dumps([list(text) for text in said]).encode()}
    return table.replace_schema_metadata(told)


def semantic_flags(evidence: pa.Table | None, stays: Flags) -> dict[str, Flags]:
    """The rows that stay and say the same as another one."""
    if evidence is None:
        return {}
    return {SEMANTIC: stays & (evidence["semantic"].to_numpy() >= 0)}


def said_of(table: pa.Table) -> list[Said]:
    """What `with_said` keeps."""
    return [Said(*pair) for pair in jsontext.loads((table.schema.metadata or {}).get(b"said", b"[]"))]

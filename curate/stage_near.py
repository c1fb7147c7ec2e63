"""The near-duplicate part of stage 5: sketch what the recipe compares, resolve, and look at the survivors.

`on: row` compares the whole conversation and the answer, `whole`, `prompt` and `answer` that text alone.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.bands import Bands
from tunesmith.curate.compact import Compact, compact_sketch
from tunesmith.curate.compared import compared_texts
from tunesmith.curate.duplicates import Duplicates, add_near
from tunesmith.curate.findings import find_conflicts, find_stock_answers, find_templates, set_keys
from tunesmith.curate.keys import Keys, key_pairs
from tunesmith.curate.near import Column, similarities
from tunesmith.curate.near_texts import TextSets, shingle_text
from tunesmith.curate.recipe import Near
from tunesmith.curate.records import KINDS
from tunesmith.curate.row_arrays import rows_of, table_of
from tunesmith.curate.shared_texts import shared_texts
from tunesmith.curate.skeletons import RUN_TOKENS, Edges, edge_hashes
from tunesmith.curate.stage_input import StageInput

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: Slots of the compared text's signature.
N_SLOTS = 128


class Survey(NamedTuple):
    """What one pass over the texts keeps of every row, beside what it is compared by. `answer_sizes`, int32: shingles.

    `answer_keys`, `context_keys`, uint64: of the sets of shingles. `edges`: of the prompts.
    """

    compact: Compact
    answer_sizes: npt.NDArray[np.int32]
    answer_keys: Keys
    context_keys: Keys
    edges: Edges


def compare_rows(wish: Near, rows: StageInput, exact: Duplicates, rank: Places) -> tuple[Duplicates, dict[str, Places]]:
    """Resolve the rows that are still here; returns the duplicates and what was noticed about the survivors."""
    compared = "whole" if wish.on == "row" else wish.on
    seen = survey(rows, compared, ngram=wish.ngram, threshold=wish.threshold)
    answers = TextSets(rows, "answer", seen.answer_sizes, wish.ngram)
    texts = TextSets(rows, compared, seen.compact.sizes, wish.ngram)
    with_answers = answers.read if wish.on == "row" else None
    classes = classes_of(rows)
    found = add_near(
        exact,
        Column(seen.compact, texts.read, with_answers, rows.scratch, rows.engine.buckets),
        rank=rank,
        classes=classes,
        threshold=wish.threshold,
        alive=rows.alive,
        stays=rows.keep,
        drops=wish.policy == "drop",
        threads=rows.texts.threads,
    )
    repeats = np.flatnonzero(found.partner >= 0)
    found.answer_similarity[repeats] = similarities(answers.read, repeats, found.partner[repeats])
    left = found.exact | (found.partner >= 0 if wish.policy == "drop" else False)
    return found, _notice(rows, rows.alive & ~left, seen, classes)


def survey(rows: StageInput, compared: str, *, ngram: int, threshold: float) -> Survey:
    """Go through all texts once."""
    n_rows, room = len(rows.alive), rows.scratch.array
    compact = Compact.room(n_rows, threshold=threshold, n_slots=N_SLOTS, scratch=rows.scratch)
    edges = Edges(*(room((len(RUN_TOKENS), n_rows), np.uint64).T for _ in range(2)))  # each length in one stretch
    keys, context_keys = room((n_rows,), np.uint64), room((n_rows,), np.uint64)
    found = Survey(compact, room((n_rows,), np.int32), keys, context_keys, edges)

    def put(first: int, table: pa.Table) -> None:
        here = slice(first, first + len(table))
        compact.put(first, table)
        for kept, name in ((found.answer_sizes, "answer_sizes"), (keys, "answer_keys"), (context_keys, "context_keys")):
            kept[here] = rows_of(table[name])
        for side, name in zip(edges, Edges._fields):
            side[here] = rows_of(table[name])

    rows.each_row("compare rows", partial(look_at_rows, compared=compared, ngram=ngram, bands=compact.bands), put)
    return found


def look_at_rows(records: pa.Table, *, compared: str, ngram: int, bands: Bands) -> pa.Table:
    """What a survey keeps of some rows: the columns of `Compact`, and the names of `Survey` and `Edges`."""
    texts = compared_texts(records)
    answer = shingle_text(texts.answer, "answer", ngram, N_SLOTS if compared == "answer" else 0)
    whole = answer if compared == "answer" else shingle_text(getattr(texts, compared), compared, ngram, N_SLOTS)
    found = {
        **compact_sketch(whole, bands),
        "answer_sizes": answer.sets.sizes.astype(np.int32),
        "answer_keys": set_keys(answer.sets),
        "context_keys": set_keys(shingle_text(texts.context, "context", ngram).sets),
    }
    return table_of(found | edge_hashes(texts.prompt)._asdict())


def classes_of(rows: StageInput) -> Places:
    """The class of each row: its kind, and of KTO the label; -1 for a row that could not be read."""
    kinds = shared_texts(rows.columns["kind"])
    classes = np.full(len(kinds), -1, np.int64)
    for number, kind in enumerate(KINDS):
        classes[kinds == kind] = 2 * number
    kto = kinds == "kto"
    if kto.any():
        classes[kto] += rows.texts.labels()[kto]
    return classes


def _notice(rows: StageInput, alive: Flags, seen: Survey, classes: Places) -> dict[str, Places]:
    """Conflicts and templates among the survivors. Pre-training text has no prompt and takes no part."""
    prompts = key_pairs(rows.columns["prompt_key"])
    kinds = classes // 2
    is_kto = kinds == KINDS.index("kto")
    conversation = alive & (kinds != KINDS.index("text"))
    same = np.column_stack([prompts, seen.context_keys, kinds.astype(np.uint64)])
    # two answers of KTO with one prompt are what the method wants; it contradicts itself where the answer is the same
    same = np.column_stack([same, np.where(is_kto, seen.answer_keys, 0).astype(np.uint64)])
    other = np.where(is_kto, classes.astype(np.uint64), seen.answer_keys)
    with_answer = alive & (is_kto | (kinds == KINDS.index("sft"))) & ~rows.columns["missing_answer"].to_numpy()
    with_answer &= rows.columns["prompt_characters"].to_numpy() > 0  # nothing asked twice is no question
    return {
        "conflict": find_conflicts(same, other, with_answer),
        "stock_answer": find_stock_answers(seen.answer_sizes, seen.answer_keys, prompts, conversation),
        "skeleton": find_templates(seen.edges, prompts, conversation),
    }

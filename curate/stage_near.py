"""The near-duplicate part of stage 5: sketch what the recipe compares, resolve, and look at the survivors.

`on: row` compares the whole conversation and the answer, `whole`, `prompt` and `answer` that text alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.duplicates import Duplicates, add_near
from tunesmith.curate.findings import find_conflicts, find_stock_answers, find_templates, set_keys
from tunesmith.curate.keys import key_pairs
from tunesmith.curate.near import exact_jaccard
from tunesmith.curate.recipe import Near
from tunesmith.curate.records import KINDS
from tunesmith.curate.row_texts import each_piece
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.skeletons import Edges, edge_hashes, join_edges
from tunesmith.curate.sketch import Sketch
from tunesmith.curate.stage_input import StageInput
from tunesmith.curate.text_sketches import join_sketches, sketch_texts

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: Slots of the compared text's signature.
N_SLOTS = 128


def compare_rows(wish: Near, rows: StageInput, exact: Duplicates, rank: Places) -> tuple[Duplicates, dict[str, Places]]:
    """Resolve the rows that are still here; returns the duplicates and what was noticed about the survivors."""
    compared = "whole" if wish.on == "row" else wish.on
    sketches, edges = _sketched(rows, {"answer": 0, "context": 0, compared: N_SLOTS}, wish.ngram)
    answers = sketches["answer"].sets
    classes = classes_of(rows)
    found = add_near(
        exact,
        sketches.pop(compared) if compared != "answer" else sketches["answer"],
        answers if wish.on == "row" else None,
        rank=rank,
        classes=classes,
        threshold=wish.threshold,
        alive=rows.alive,
        stays=rows.keep,
        drops=wish.policy == "drop",
        threads=rows.texts.threads,
    )
    repeats = np.flatnonzero(found.partner >= 0)
    found.answer_similarity[repeats] = exact_jaccard(answers, repeats, found.partner[repeats])
    left = found.exact | (found.partner >= 0 if wish.policy == "drop" else False)
    noticed = _notice(rows, rows.alive & ~left, answers, sketches["context"].sets, edges, classes)
    return found, noticed


def _sketched(rows: StageInput, n_slots: dict[str, int], ngram: int) -> tuple[dict[str, Sketch], Edges]:
    parts = each_piece(rows.texts, lambda texts: (sketch_texts(texts, n_slots, ngram=ngram), edge_hashes(texts.prompt)))
    return join_sketches([sketches for sketches, _ in parts]), join_edges([edges for _, edges in parts])


def classes_of(rows: StageInput) -> Places:
    """The class of each row: its kind, and of KTO the label; -1 for a row that could not be read."""
    kinds = rows.columns["kind"].to_numpy()
    classes = np.full(len(kinds), -1, np.int64)
    for number, kind in enumerate(KINDS):
        classes[kinds == kind] = 2 * number
    kto = kinds == "kto"
    if kto.any():
        classes[kto] += rows.texts.labels()[kto]
    return classes


def _notice(
    rows: StageInput, alive: Flags, answers: ShingleSets, context: ShingleSets, edges: Edges, classes: Places
) -> dict[str, Places]:
    """Conflicts and templates among the survivors. Pre-training text has no prompt and takes no part."""
    prompts = key_pairs(rows.columns["prompt_key"])
    answer_keys = set_keys(answers)
    kinds = classes // 2
    is_kto = kinds == KINDS.index("kto")
    conversation = alive & (kinds != KINDS.index("text"))
    same = np.column_stack([prompts, set_keys(context), kinds.astype(np.uint64)])
    # two answers of KTO with one prompt are what the method wants; it contradicts itself where the answer is the same
    same = np.column_stack([same, np.where(is_kto, answer_keys, 0).astype(np.uint64)])
    other = np.where(is_kto, classes.astype(np.uint64), answer_keys)
    with_answer = alive & (is_kto | (kinds == KINDS.index("sft"))) & ~rows.columns["missing_answer"].to_numpy()
    with_answer &= rows.columns["prompt_characters"].to_numpy() > 0  # nothing asked twice is no question
    return {
        "conflict": find_conflicts(same, other, with_answer),
        "stock_answer": find_stock_answers(answers, answer_keys, prompts, conversation),
        "skeleton": find_templates(edges, prompts, conversation),
    }

"""What is noticed about the survivors and drops nobody: conflicts and templates.

A *conflict*: the same prompt in the same context, and another answer (of KTO: the same answer with another label). A
*template*: the same answer of some length under several prompts, or one prompt skeleton with its slots filled.
(*Variants*, whole alike and answers not, come out of the comparison itself: `near.py`.)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tunesmith.curate.keys import Keys, number_keys
from tunesmith.curate.shingles import ShingleSets
from tunesmith.curate.skeletons import Edges, find_skeletons

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

#: Prompts that have to share an answer, or a skeleton, before it is a template.
TEMPLATE_PROMPTS = 4
#: Shingles of an answer that counts as a stock answer; "yes" under a thousand prompts is a label.
STOCK_ANSWER_SHINGLES = 8


def set_keys(sets: ShingleSets) -> Keys:
    """A 64-bit key of each shingle set, shape `(n_rows,)`: rows of the same shingles have the same key."""
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(sets.shingles, dtype=np.uint64)])  # wraps, and back again
    keys: Keys = (total[sets.offsets[1:]] - total[sets.offsets[:-1]]) + sets.sizes.astype(np.uint64)
    return keys


def find_conflicts(prompts: Keys, answers: Keys, alive: Flags) -> Places:
    """For each row the first row of the same prompt that has another answer.

    :param prompts: shape `(n_rows, n_words)`: everything in which rows have to agree.
    :param answers: shape `(n_rows,)`.
    """
    conflict = np.full(len(alive), -1, np.int64)
    rows = np.flatnonzero(alive)
    if not len(rows):
        return conflict
    group = number_keys(prompts[rows])
    n_groups = int(group.max()) + 1
    first, other = np.full(n_groups, len(alive)), np.full(n_groups, len(alive))
    np.minimum.at(first, group, rows)
    differs = answers[rows] != answers[first[group]]
    np.minimum.at(other, group[differs], rows[differs])
    found = np.where(differs, first[group], other[group])
    conflict[rows] = np.where(found < len(alive), found, -1)
    return conflict


def find_stock_answers(sizes: npt.NDArray[np.integer], keys: Keys, prompts: Keys, alive: Flags) -> Places:
    """Rows whose answer stands under several different prompts, named by the first of them.

    :param sizes: shingles of each answer. :param keys: of their sets.
    """
    stock = np.full(len(alive), -1, np.int64)
    rows = np.flatnonzero(alive & (sizes >= STOCK_ANSWER_SHINGLES))
    if not len(rows):
        return stock
    _, first, which = np.unique(keys[rows], return_index=True, return_inverse=True)
    prompt = number_keys(prompts[rows])
    pairs = np.unique(which * len(rows) + prompt)  # as one number each: sorted many times as fast as two columns
    many = np.bincount(pairs // len(rows), minlength=len(first)) >= TEMPLATE_PROMPTS
    wanted = many[which]
    stock[rows[wanted]] = rows[first[which[wanted]]]
    return stock


def find_templates(edges: Edges, prompts: Keys, alive: Flags) -> Places:
    """Rows whose prompt fills a skeleton, named by the first of them."""
    rows = np.flatnonzero(alive)
    skeleton = np.full(len(alive), -1, np.int64)
    if not len(rows):
        return skeleton
    _, first = np.unique(number_keys(prompts[rows]), return_index=True)
    distinct = np.zeros(len(rows), bool)
    distinct[first] = True
    found = find_skeletons(edges, rows=rows, distinct=distinct, least_prompts=TEMPLATE_PROMPTS)
    skeleton[rows] = np.where(found >= 0, rows[found], -1)
    return skeleton

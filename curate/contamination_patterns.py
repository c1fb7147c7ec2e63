"""What of an evaluation item is looked for, and how much of it a row must hold, by length.

A question of eight tokens and more is looked for as it stands. A shorter one, and one that several items of different
choices share ("which of these is right?"), says nothing by itself: it is looked for together with its choices.
Whatever its length, a prompt that is equal to an item holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tunesmith.curate.contamination_items import Item
from tunesmith.curate.sketch import sketch
from tunesmith.curate.tokens import Hashes, Places, TextRows, TokenHashes, hash_tokens

Ratios = npt.NDArray[np.float64]

#: From so many tokens on, a row holds a question if it has this share of its shingles, counted and by rarity. Below the
#: first, only an equal prompt does. A Chinese character is a token. With 5-grams one edited word costs up to five: .31
#: of a question of 20 tokens, .12 of one of 45. Questions of one benchmark share templates: of huatuo's prompts, 51 of
#: one half of 4,325 match one of the other with this table, and 381 with .5 from 16 tokens on; those that were looked
#: at ask about another illness or for another thing.
QUESTION_LENGTHS = ((8, 1.0), (12, 0.8), (20, 0.65))
#: The same for a question with its choices, which other items may share but for a word.
WHOLE_LENGTHS = ((8, 1.0), (16, 0.9))
#: More tokens than any text has: a text is one shingle then, and the same tokens in the same order give the same.
_ALL_TOKENS = 1 << 40


class Patterns(NamedTuple):
    """The shingles that are looked for: pattern i is of item `items[i]`, needs the share `thresholds[i]`, and has the
    words `words[offsets[i]:offsets[i + 1]]`, which are places in `vocabulary`: uint64, ascending, distinct.

    `equal_keys`, ascending, and `equal_items` beside them: the keys of prompts that are equal to an item.
    """

    items: Places
    thresholds: Ratios
    words: Places
    offsets: Places
    vocabulary: Hashes
    equal_keys: Hashes
    equal_items: Places


def make_patterns(items: Sequence[Item], *, ngram: int) -> Patterns:
    """The patterns of items; an item without a token has none."""
    questions = pa.array([item.question for item in items], pa.large_string())
    wholes = pa.array([item.whole for item in items], pa.large_string())
    (question_keys, asks), (whole_keys, is_there) = text_keys(questions), text_keys(wholes)
    generic = _generic(question_keys, whole_keys)
    by_question, by_whole = _needed(questions, QUESTION_LENGTHS), _needed(wholes, WHOLE_LENGTHS)
    use_question = np.isfinite(by_question) & ~generic
    chosen = np.flatnonzero(use_question | np.isfinite(by_whole))
    texts = [items[i].question if use_question[i] else items[i].whole for i in chosen.tolist()]
    sets = sketch(pa.array(texts, pa.large_string()), ngram=ngram, n_slots=0).sets
    vocabulary, words = np.unique(sets.shingles, return_inverse=True)
    thresholds = np.where(use_question, by_question, by_whole)[chosen]
    named = np.flatnonzero(asks & ~generic)
    both = np.flatnonzero(is_there)
    keys, owners = np.concatenate([question_keys[named], whole_keys[both]]), np.concatenate([named, both])
    order = np.lexsort((owners, keys))
    return Patterns(
        chosen,
        thresholds,
        words.astype(np.int64),
        sets.offsets,
        vocabulary,
        keys[order],
        owners[order].astype(np.int64),
    )


def text_keys(column: Any, *, threads: int | None = None) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """A key of the token sequence of each row, uint64, and whether it has any token."""
    sets = sketch(column, ngram=_ALL_TOKENS, n_slots=0, threads=threads).sets
    keys = np.zeros(len(sets.sizes), np.uint64)
    keys[sets.sizes > 0] = sets.shingles
    return keys, sets.sizes > 0


def tokenised(column: pa.Array) -> TokenHashes:
    """The tokens of every row of an array."""
    return hash_tokens(TextRows.of(column), 0, len(column))


def _needed(texts: pa.Array, lengths: Sequence[tuple[int, float]]) -> Ratios:
    """The share that each text needs by its length in tokens; infinite where no share is enough."""
    tokens = tokenised(texts)
    starts, shares = zip(*lengths)
    needed: Ratios = np.array([np.inf, *shares])[np.searchsorted(starts, tokens.ends - tokens.starts, "right")]
    return needed


def _generic(question_keys: Hashes, whole_keys: Hashes) -> npt.NDArray[np.bool_]:
    """Whether items with another set of choices ask the same question."""
    pairs = np.unique(np.column_stack([question_keys, whole_keys]), axis=0)
    questions, counts = np.unique(pairs[:, 0], return_counts=True)
    if not len(questions):
        return np.zeros(0, bool)
    generic: npt.NDArray[np.bool_] = counts[np.searchsorted(questions, question_keys)] > 1
    return generic

"""chrF as sacrebleu 2.6 computes it: runs of 1 to 6 characters without white space, recall counting twice.

>>> items = Items(["a"], ["今天天气好"], [("今天天气很好",)], ["zh"], [()], [{}])
>>> scored = score_chrf(items)
>>> round(float(chrf_of(scored.statistics.sum(axis=0))), 2), scored.signature
(47.45, 'nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0')

Popović, chrF: character n-gram F-score for automatic MT evaluation (2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.evaluate.bleu_tokens import library_version
from tunesmith.evaluate.metric_types import Counts, Floats, Items, Scored
from tunesmith.evaluate.overlap_counts import batches
from tunesmith.evaluate.overlap_items import compared_items, first_pairs, n_references, pairs_of
from tunesmith.evaluate.overlap_kernels import count_grams, number_tokens
from tunesmith.evaluate.overlap_tokens import character_classes, codes_of

ORDER = 6
#: For each order: runs of the answer, of the reference, and those that match.
N_STATISTICS = 3 * ORDER
_RECALL_WEIGHT = 4  # beta squared, beta 2


def score_chrf(items: Items) -> Scored:
    """chrF of each item, 0-100, of the reference that gives most, and its statistics, shape `(n_items, 18)`.

    NaN, and zeros in the statistics, where the prediction failed and where every reference is blank.
    """
    compared = compared_items(items)
    pairs = pairs_of(compared)
    found = np.concatenate([*map(_statistics, batches(pairs)), np.zeros((0, N_STATISTICS), np.int64)])
    scores, firsts = chrf_of(found), first_pairs(compared)
    best = [first + int(scores[first:end].argmax()) for first, end in zip(firsts[:-1].tolist(), firsts[1:].tolist())]
    values, statistics = np.full(compared.n_items, np.nan), np.zeros((compared.n_items, N_STATISTICS), np.int64)
    values[compared.places], statistics[compared.places] = scores[best], found[best]
    settings = f"case:mixed|eff:yes|nc:{ORDER}|nw:0|space:no|version:{library_version()}"
    return Scored(values, f"nrefs:{n_references(items)}|{settings}", statistics)


def chrf_of(sums: npt.NDArray[Any]) -> Floats:
    """chrF, 0-100, of summed statistics of shape `(…, 18)`: shape `(…)`. Orders that either side lacks do not count."""
    ours, theirs, matches = np.moveaxis(sums.reshape(*sums.shape[:-1], ORDER, 3).astype(np.float64), -1, 0)
    counts = (ours > 0) & (theirs > 0)
    n_orders = np.maximum(counts.sum(axis=-1), 1)
    precision = _mean(np.where(counts, matches / np.maximum(ours, 1), 0), n_orders)
    recall = _mean(np.where(counts, matches / np.maximum(theirs, 1), 0), n_orders)
    weighted = _RECALL_WEIGHT * precision + recall
    return np.asarray(100 * ((1 + _RECALL_WEIGHT) * precision * recall / np.where(weighted > 0, weighted, 1)))


def _mean(ratios: Floats, n_orders: npt.NDArray[Any]) -> Floats:
    """Added in order, as the library does: `sum` would add in pairs, and end in another last bit."""
    total = np.zeros(ratios.shape[:-1])
    for order in range(ORDER):
        total = total + ratios[..., order]
    return np.asarray(total / n_orders)


def _statistics(pairs: Sequence[Sequence[str]]) -> Counts:
    texts = codes_of((text for pair in pairs for text in pair), _without_space)
    groups = np.arange(0, 2 * len(pairs) + 1, 2)
    numbered = number_tokens(texts.codes, texts.bounds, groups, character_classes())
    sizes = np.diff(numbered.bounds).reshape(-1, 2, 1)
    totals = np.maximum(sizes - np.arange(ORDER), 0)  # shape (n_pairs, 2, ORDER)
    ours = np.where(totals[:, 1] > 0, totals[:, 0], 0)  # as sacrebleu: none where the reference has none
    matches = count_grams(numbered, groups, ORDER)
    return np.stack([ours, totals[:, 1], matches], axis=-1).reshape(len(pairs), N_STATISTICS)


def _without_space(text: str) -> str:
    return "".join(text.split())

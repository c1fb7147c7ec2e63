"""BLEU of single pairs as NLTK computes it with smoothing method 3, over characters: LLaMA-Factory's `bleu-4`.

>>> sentence_bleu([("今天天气好", "今天天气很好")]).round(4).tolist()
[0.5789]

Smoothing: Chen and Cherry, A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU (2014).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

import numpy as np

from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.overlap_counts import Pair, batches
from tunesmith.evaluate.overlap_kernels import count_grams, number_tokens
from tunesmith.evaluate.overlap_tokens import character_classes, codes_of

ORDER = 4


def sentence_bleu(pairs: Sequence[Pair]) -> Floats:
    """Of each pair of an answer and its reference, 0-1, shape `(n_pairs,)`; white space counts as characters."""
    found = [value for batch in batches(pairs) for value in _batch(batch)]
    return np.array(found, np.float64)


def _batch(pairs: Sequence[Sequence[str]]) -> list[float]:
    texts = codes_of(chain.from_iterable(pairs), str)
    groups = np.arange(0, 2 * len(pairs) + 1, 2)
    numbered = number_tokens(texts.codes, texts.bounds, groups, character_classes())
    matches = count_grams(numbered, groups, ORDER).tolist()
    return [_bleu(found, len(ours), len(theirs)) for found, (ours, theirs) in zip(matches, pairs)]


def _bleu(matches: list[int], n_ours: int, n_theirs: int) -> float:
    """From the runs of 1 to 4 characters that match; the sum is exact, as the library's is."""
    if not matches[0]:
        return 0.0
    logs, halvings = [], 1
    for order, n_matches in enumerate(matches):
        total = max(n_ours - order, 1)
        precision = n_matches / total if n_matches else 1 / (2**halvings * total)
        halvings += not n_matches
        logs.append(0.25 * math.log(precision))
    brevity = 1.0 if n_ours > n_theirs else math.exp(1 - n_theirs / n_ours)
    return brevity * math.exp(math.fsum(logs))

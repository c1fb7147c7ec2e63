"""ROUGE of many pairs of texts at once: the counts of both, and precision, recall and F from them.

>>> counts = count_pairs([("a b c", "a c d")], fold, rouge_classes())
>>> f_measures(counts)["rouge1"].tolist()
[0.6666666666666666]

The arithmetic is rouge-score's, step by step, so that Latin text has its figures to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tunesmith.evaluate.metric_types import Floats
from tunesmith.evaluate.overlap_kernels import Classes, Places, count_grams, number_tokens
from tunesmith.evaluate.overlap_lcs import lcs_lengths, union_hits
from tunesmith.evaluate.overlap_tokens import codes_of

Pair = tuple[str, str]  # what was written, and what was expected

#: Characters that are scored at once; the arrays of a batch take about 60 bytes for each. A longer pair is a batch.
BATCH_CHARACTERS = 2_000_000


class PairCounts(NamedTuple):
    """Counts of tokens, each of shape `(n_pairs,)`.

    :param predicted, expected: tokens of the prediction and of the reference.
    :param unigrams, bigrams: how many are in both, each no more often than either has it.
    :param subsequence: length of the longest common subsequence; :param union: hits of ROUGE-Lsum.
    """

    predicted: Places
    expected: Places
    unigrams: Places
    bigrams: Places
    subsequence: Places
    union: Places


def count_pairs(pairs: Sequence[Pair], form: Callable[[str], str], classes: Classes) -> PairCounts:
    """Count what ROUGE needs of every pair.

    :param form: applied to each text first, such as `fold`.
    :param classes: what each code point of that form is to its tokens.
    """
    found = [_count_batch(batch, form, classes) for batch in batches(pairs)]
    return PairCounts(*map(np.concatenate, zip(*found))) if found else PairCounts(*np.zeros((6, 0), np.int64))


def batches(groups: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    """Runs of groups of at most `BATCH_CHARACTERS`, or of one group."""
    start, size = 0, 0
    for number, group in enumerate(groups):
        length = sum(map(len, group))
        if size + length > BATCH_CHARACTERS and number > start:
            yield groups[start:number]
            start, size = number, 0
        size += length
    if start < len(groups):
        yield groups[start:]


def _count_batch(pairs: Sequence[Sequence[str]], form: Callable[[str], str], classes: Classes) -> PairCounts:
    texts = codes_of((text for pair in pairs for text in pair), form)
    groups = np.arange(0, 2 * len(pairs) + 1, 2)
    numbered = number_tokens(texts.codes, texts.bounds, groups, classes)
    sizes = np.diff(numbered.bounds)
    grams = count_grams(numbered, groups, 2)
    lengths = lcs_lengths(numbered)
    return PairCounts(sizes[::2], sizes[1::2], grams[:, 0], grams[:, 1], lengths, union_hits(numbered, lengths))


def f_measures(counts: PairCounts) -> dict[str, Floats]:
    """F of each metric and pair, 0-1; 0 where a side has no token."""
    predicted, expected = counts.predicted, counts.expected
    return {
        "rouge1": _f(counts.unigrams, predicted, expected),
        "rouge2": _f(counts.bigrams, predicted - 1, expected - 1),
        "rougeL": _f(counts.subsequence, predicted, expected),
        "rougeLsum": _f(counts.union, predicted, expected),
    }


def _f(common: Places, predicted: Places, expected: Places) -> Floats:
    precision, recall = common / np.maximum(predicted, 1), common / np.maximum(expected, 1)
    total = precision + recall
    return np.asarray(2 * precision * recall / np.where(total > 0, total, 1.0), np.float64)

"""BLEU as sacrebleu 2.6 computes it, with the tokenizer of each item's language, and per-item statistics to resample.

>>> items = Items(["a"], ["the cat sat on a mat"], [("the cat sat on the mat",)], ["en"], [()], [{}])
>>> scored = score_bleu(items)
>>> round(float(bleu_of(scored.statistics.sum(axis=0))), 2), scored.signature
(53.73, 'nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0')

A corpus BLEU is not the mean of the items' values: those are sentence BLEUs with effective order, as sacrebleu's
`sentence_score` gives them, and serve to look at single items. Papineni et al., BLEU (2002); Post, A Call for Clarity
in Reporting BLEU Scores (2018).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.curate.compiled import Scalar, compiled, inlined
from tunesmith.evaluate.bleu_tokens import library_version, split_tokens, tokenizer_of
from tunesmith.evaluate.metric_types import Counts, Floats, Items, Scored
from tunesmith.evaluate.overlap_counts import batches
from tunesmith.evaluate.overlap_items import compared_items, n_references, references_of
from tunesmith.evaluate.overlap_kernels import count_grams, number_tokens
from tunesmith.evaluate.overlap_tokens import codes_of, spaced_classes

ORDER = 4
#: Columns of the statistics: tokens of the answer, of the reference nearest in length, runs of 1-4 that match, runs.
N_STATISTICS = 2 + 2 * ORDER

_LOG_OF_NONE = -9999999999.0  # what sacrebleu takes for log 0


def score_bleu(items: Items) -> Scored:
    """Sentence BLEU of each item, 0-100, and the statistics of the corpus figure, shape `(n_items, 10)`.

    NaN, and zeros in the statistics, where the prediction failed and where no reference has a token; an empty answer
    has 0 and counts in full.
    """
    compared = compared_items(items)
    pairs = zip(items.languages, references_of(items))
    tokenizers = [tokenizer_of(language, given) if given else "" for language, given in pairs]
    found = _all_statistics(compared.groups, [tokenizers[place] for place in compared.places.tolist()])
    found[found[:, 1] == 0] = 0
    values, statistics = np.full(compared.n_items, np.nan), np.zeros((compared.n_items, N_STATISTICS), np.int64)
    statistics[compared.places] = found
    values[compared.places] = np.where(found[:, 1] > 0, _bleu(found.astype(np.float64), True), np.nan)
    return Scored(values, _signature(n_references(items), Counter(filter(None, tokenizers))), statistics)


def bleu_of(sums: npt.NDArray[Any]) -> Floats:
    """Corpus BLEU, 0-100, of summed statistics of shape `(…, 10)`: shape `(…)`."""
    flat = np.ascontiguousarray(sums, np.float64).reshape(-1, N_STATISTICS)
    return np.asarray(_bleu(flat, False).reshape(sums.shape[:-1]), np.float64)


def _all_statistics(groups: Sequence[Sequence[str]], tokenizers: Sequence[str]) -> Counts:
    found, start = [np.zeros((0, N_STATISTICS), np.int64)], 0
    for batch in batches(groups):
        found.append(_statistics(split_tokens(batch, tokenizers[start : start + len(batch)])))
        start += len(batch)
    return np.concatenate(found)


def _statistics(groups: Sequence[Sequence[str]]) -> Counts:
    """Of each group its answer's statistics; the texts have single spaces between their tokens."""
    texts = codes_of((text for group in groups for text in group), str)
    bounds = np.cumsum([0, *map(len, groups)], dtype=np.int64)
    numbered = number_tokens(texts.codes, texts.bounds, bounds, spaced_classes())
    sizes = np.diff(numbered.bounds)
    answers = sizes[bounds[:-1]]
    by_group = [sizes[first:end].tolist() for first, end in pairwise(bounds.tolist())]
    nearest = [_nearest(size, others) for size, *others in by_group]
    matches = count_grams(numbered, bounds, ORDER)
    totals = np.maximum(answers[:, None] - np.arange(ORDER), 0)
    return np.column_stack([answers, nearest, matches, totals])


def _nearest(size: int, others: list[int]) -> int:
    """The reference's length that is nearest to the answer's; the shorter of two that are as near."""
    return min(others, key=lambda other: (abs(other - size), other))


def _signature(n_refs: str, tokenizers: Counter[str]) -> str:
    """sacrebleu's own where there is one tokenizer; else each with its number of items."""
    counts = sorted(tokenizers.items())
    said = counts[0][0] if len(counts) == 1 else "+".join(f"{name}({n})" for name, n in counts) or "none"
    return f"nrefs:{n_refs}|case:mixed|eff:no|tok:{said}|smooth:exp|version:{library_version()}"


@inlined
def _precision_log(matches: Scalar, total: Scalar, halvings: Scalar) -> Scalar:
    precision = 100.0 / (halvings * total) if matches == 0 else 100.0 * matches / total
    return np.log(precision)


@compiled
def _bleu(sums: npt.NDArray[np.float64], effective_order: Scalar) -> npt.NDArray[np.float64]:
    """BLEU of each row, with exponential smoothing of orders without a match (method 3 of Chen and Cherry 2014)."""
    found = np.zeros(len(sums))
    for row in range(len(sums)):
        size, expected = sums[row, 0], sums[row, 1]
        matches, totals = sums[row, 2 : 2 + ORDER], sums[row, 2 + ORDER :]
        if size == 0 or not matches.any():
            continue
        logs, halvings, n_orders = 0.0, 1.0, 0
        while n_orders < ORDER and totals[n_orders] > 0:
            if matches[n_orders] == 0:
                halvings *= 2
            logs += _precision_log(matches[n_orders], totals[n_orders], halvings)
            n_orders += 1
        if not effective_order:
            logs, n_orders = logs + (ORDER - n_orders) * _LOG_OF_NONE, ORDER
        brevity = np.exp(1 - expected / size) if size < expected else 1.0
        found[row] = brevity * np.exp(logs / n_orders)
    return found

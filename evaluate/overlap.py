"""ROUGE of every answer: how much of its reference's wording it has, in Latin script exactly as rouge-score counts.

>>> items = Items(["a"], ["巴黎"], [("法国的首都是巴黎",)], ["zh"], [()], [{}])
>>> score_overlap(items)["rouge1"].values.tolist()  # rouge-score gives 0: it has no token in either
[0.4]

What a token is, stands in `overlap_tokens.py`. Lines of ROUGE-Lsum end at line breaks, as in rouge-score. Lin, ROUGE:
A Package for Automatic Evaluation of Summaries (2004).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tunesmith.evaluate.metric_types import Floats, Items, Scored
from tunesmith.evaluate.overlap_counts import count_pairs, f_measures
from tunesmith.evaluate.overlap_items import Compared, best_of, compared_items, n_references, pairs_of
from tunesmith.evaluate.overlap_kernels import Classes
from tunesmith.evaluate.overlap_tokens import fold, rouge_classes

#: Changes with every change of the numbers.
VERSION = 1

_SETTINGS = {
    "rouge1": "runs:1",
    "rouge2": "runs:2",
    "rougeL": "subsequence:whole",
    "rougeLsum": "subsequence:union by lines",
}


def score_overlap(items: Items) -> dict[str, Scored]:
    """`rouge1`, `rouge2`, `rougeL` and `rougeLsum`: F, 0-1, of the reference that gives most.

    NaN where the prediction failed and where no reference has a token; an answer without a token has 0. A reference of
    one token has no run of two: its `rouge2` is 0, as in rouge-score.
    """
    compared = compared_items(items)
    measures = measure_pairs(compared, fold, rouge_classes(), needs_tokens=True)
    shared = f"score:F1|case:lower|tok:a-z0-9+cjk-characters+words|stem:no|refs:best|nrefs:{n_references(items)}"
    return {
        name: Scored(values, f"{_SETTINGS[name]}|{shared}|version:tunesmith-{VERSION}")
        for name, values in measures.items()
    }


def measure_pairs(
    compared: Compared, form: Callable[[str], str], classes: Classes, *, needs_tokens: bool
) -> Mapping[str, Floats]:
    """The four F measures of each item, the best of its references, shape `(n_items,)`.

    :param needs_tokens: a reference without a token gives no value rather than 0.
    """
    counts = count_pairs(pairs_of(compared), form, classes)
    measures = f_measures(counts)
    if needs_tokens:
        measures = {name: np.where(counts.expected > 0, values, np.nan) for name, values in measures.items()}
    return {name: best_of(compared, values) for name, values in measures.items()}

"""The figures of other tools, for those who have to compare with them: their tokens, their formulas, their rounding.

>>> items = Items(["a"], ["患者每天服用 42 毫克"], [("建议手术切除 42 次",)], ["zh"], [()], [{}])
>>> score_compatible(items, "rouge-score")["rouge1"].values.tolist()  # of Chinese it sees the digits only
[1.0]

| name | tokens | metrics |
| --- | --- | --- |
| `rouge-score` | a-z and 0-9, in every language | `rouge1`, `rouge2`, `rougeL`, `rougeLsum`: F, 0-1 |
| `rouge-chinese` | words of jieba | `rouge-1`, `rouge-2` (sets of runs), `rouge-l`: F, 0-1 |
| `llamafactory` | words of jieba; `bleu-4`: characters | `rouge-1`, `rouge-2`, `rouge-l`, `bleu-4`: 0-100 to 4 places |

All are means over the items, BLEU too. Of several references the one that gives most counts, as rouge-score has it; the
others take only one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tunesmith.errors import InputError
from tunesmith.evaluate.compatible_bleu import sentence_bleu
from tunesmith.evaluate.compatible_rouge import rouge_chinese
from tunesmith.evaluate.compatible_words import jieba_version, words_of
from tunesmith.evaluate.metric_types import Floats, Items, Scored
from tunesmith.evaluate.overlap import measure_pairs
from tunesmith.evaluate.overlap_items import Compared, best_of, compared_items, n_references, pairs_of
from tunesmith.evaluate.overlap_tokens import rouge_score_classes


def score_compatible(items: Items, which: str) -> dict[str, Scored]:
    """Each metric of a tool by the tool's own name; NaN where the prediction failed or has no reference.

    :param which: a name of `COMPATIBLE`.
    :raises InputError: for another name, and where jieba is needed and not installed.
    """
    if which not in COMPATIBLE:
        known = ", ".join(COMPATIBLE)
        raise InputError(f"expected one of {known}, saw {which!r}", where="--compatible", remedy="choose one of them")
    return COMPATIBLE[which](items)


def _rouge_score(items: Items) -> dict[str, Scored]:
    """The four of rouge-score 0.1.2 without stemmer: a text without a token has 0."""
    compared = compared_items(items, keep_blank=True)
    measures = measure_pairs(compared, str.lower, rouge_score_classes(), needs_tokens=False)
    signature = (
        f"tok:a-z0-9|case:lower|stem:no|refs:best|nrefs:{n_references(items, keep_blank=True)}|like:rouge-score-0.1.2"
    )
    return {name: Scored(values, f"{name}|score:F1|{signature}") for name, values in measures.items()}


def _rouge_chinese(items: Items) -> dict[str, Scored]:
    """The three of rouge-chinese 1.0.3. It raises on a text without words: no value."""
    compared = compared_items(items, keep_blank=True)
    measures = {name: best_of(compared, values) for name, values in _word_measures(compared).items()}
    signature = f"{_words_said(items)}|like:rouge-chinese-1.0.3"
    return {name: Scored(values, f"{name}|score:F1|{signature}") for name, values in measures.items()}


def _llamafactory(items: Items) -> dict[str, Scored]:
    """The four that LLaMA-Factory's prediction prints: a text without words has a ROUGE of 0."""
    compared = compared_items(items, keep_blank=True)
    measures = {name: np.nan_to_num(values, nan=0.0) for name, values in _word_measures(compared).items()}
    measures["bleu-4"] = sentence_bleu(pairs_of(compared))
    said = dict.fromkeys(measures, f"score:F1|{_words_said(items)}")
    said["bleu-4"] = f"smooth:method3|tok:characters|refs:best|nrefs:{n_references(items, keep_blank=True)}"
    return {
        name: Scored(best_of(compared, _percent(values)), f"{name}|{said[name]}|places:4|like:llamafactory")
        for name, values in measures.items()
    }


def _word_measures(compared: Compared) -> dict[str, Floats]:
    return rouge_chinese([(words_of(ours), words_of(theirs)) for ours, theirs in pairs_of(compared)])


def _words_said(items: Items) -> str:
    return f"tok:jieba-{jieba_version()}|refs:best|nrefs:{n_references(items, keep_blank=True)}"


def _percent(values: Floats) -> Floats:
    """Python's `round`: that of numpy multiplies first, and ends elsewhere where a digit is a five."""
    return np.array([round(value * 100, 4) for value in values.tolist()], np.float64)


#: What can be asked for.
COMPATIBLE: dict[str, Callable[[Items], dict[str, Scored]]] = {
    "rouge-score": _rouge_score,
    "rouge-chinese": _rouge_chinese,
    "llamafactory": _llamafactory,
}

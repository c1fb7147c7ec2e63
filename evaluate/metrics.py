"""Every metric, by name: what it is of, which direction is better, and the function that scores all items at once.

>>> rows = read_predictions(Path("data/predictions_after.jsonl"))  # doctest: +SKIP
>>> scored = score_items(items_of(rows), ["exact_match", "rougeL"])  # doctest: +SKIP
>>> scored["exact_match"].signature  # doctest: +SKIP
'norm:nfkc,lowercase,space,final-punctuation|refs:any|version:tunesmith-1'

A metric is a function and one line in the table that ends this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from tunesmith.curate.embeddings import Embedder
from tunesmith.errors import InputError
from tunesmith.evaluate.answers import items_of as items_of
from tunesmith.evaluate.bleu import bleu_of, score_bleu
from tunesmith.evaluate.bleu_chrf import chrf_of, score_chrf
from tunesmith.evaluate.choice import score_choice
from tunesmith.evaluate.compatible import score_compatible
from tunesmith.evaluate.exact import score_contains, score_exact, score_token_f1
from tunesmith.evaluate.metric_types import Items, Metric, Scored
from tunesmith.evaluate.numeric import score_numeric
from tunesmith.evaluate.overlap import score_overlap
from tunesmith.evaluate.shape import (
    distinct_of,
    score_characters,
    score_distinct,
    score_language,
    score_phrases,
    score_repetition,
    score_truncated,
)
from tunesmith.evaluate.similarity import score_similarity

Family = Callable[[Items], dict[str, Scored]]

SIMILARITY = "similarity"
#: Tools whose figures can be had beside ours: their metrics are `TOOL/NAME`.
COMPATIBLE = ("rouge-score", "rouge-chinese", "llamafactory")


@dataclass(frozen=True)
class OneOf:
    """One metric of several that are scored together; `score_items` scores such a family once."""

    family: Family
    name: str

    def __call__(self, items: Items) -> Scored:
        return self.family(items)[self.name]


def score_items(
    items: Items,
    names: Iterable[str] | None = None,
    *,
    compatible: str | None = None,
    embedder: Embedder | None = None,
) -> dict[str, Scored]:
    """Score all items by some metrics, in the order of the table.

    :param names: by default every metric that at least one item has a value of: `similarity` only with an embedder,
        another tool's only with `compatible`.
    :param compatible: one of `COMPATIBLE`; adds the metrics of that tool.
    :param embedder: for `similarity`.
    :raises InputError: a name that no metric has, or `similarity` without an embedder.
    """
    wanted = check_names(names, compatible)
    scored: dict[str, Scored] = {}
    families: dict[Family, dict[str, Scored]] = {}
    for name, metric in METRICS.items():
        if name not in wanted and (name != SIMILARITY or embedder is None):
            continue
        if name == SIMILARITY:
            scored[name] = score_similarity(items, _needed(embedder))
        elif isinstance(metric.score, OneOf):
            family = metric.score.family
            families[family] = families.get(family) or family(items)
            scored[name] = families[family][metric.score.name]
        else:
            scored[name] = metric.score(items)
    if names is not None:
        return scored
    return {name: found for name, found in scored.items() if not np.isnan(found.values).all()}


def check_names(names: Iterable[str] | None, compatible: str | None = None) -> frozenset[str]:
    """The names of the metrics that are asked for.

    :raises InputError: where one is no metric's, or no tool has that name.
    """
    if compatible is not None and compatible not in COMPATIBLE:
        what = f"expected one of {', '.join(COMPATIBLE)}, saw {compatible}"
        raise InputError(what, remedy="name the tool whose figures you want")
    of_tool = {name for name in METRICS if compatible is not None and name.startswith(f"{compatible}/")}
    if names is None:
        return frozenset(name for name in METRICS if name != SIMILARITY and "/" not in name) | of_tool
    wanted = tuple(names)
    unknown = [name for name in wanted if name not in METRICS]
    if unknown or not wanted:
        what = f"expected names of metrics, saw {', '.join(unknown) or 'none'}"
        raise InputError(what, remedy=f"choose from {', '.join(METRICS)}")
    return frozenset(wanted) | of_tool


def score_correct(items: Items) -> Scored:
    """The mark that a line carries: its field `correct`, true or false; NaN where there is none, or no answer.

    1 and 0 are marks too, as tables write them, but where a line has another number they count something.
    """
    marks = [fields.get("correct") for fields in items.fields]
    kinds = (int, float) if all(mark in (0, 1) for mark in marks if isinstance(mark, (int, float))) else bool
    values = [float(mark) if isinstance(mark, kinds) else np.nan for mark in marks]
    failed = [prediction is None for prediction in items.predictions]
    return Scored(np.where(failed, np.nan, np.array(values, np.float64)), "mark:the line's own")


def _needed(embedder: Embedder | None) -> Embedder:
    if embedder is None:
        raise InputError("similarity needs an embedding model", remedy="name one with --similarity MODEL")
    return embedder


def _similarity_without_model(items: Items) -> Scored:
    return score_similarity(items, _needed(None))


def _rouge_score(items: Items) -> dict[str, Scored]:
    return score_compatible(items, "rouge-score")


def _rouge_chinese(items: Items) -> dict[str, Scored]:
    return score_compatible(items, "rouge-chinese")


def _llamafactory(items: Items) -> dict[str, Scored]:
    return score_compatible(items, "llamafactory")


_ALL = (
    Metric("correct", "binary", "higher", "0-1", score_correct),
    Metric("exact_match", "binary", "higher", "0-1", score_exact),
    Metric("choice_accuracy", "binary", "higher", "0-1", score_choice),
    Metric("numeric_match", "binary", "higher", "0-1", score_numeric),
    Metric("token_f1", "mean", "higher", "0-1", score_token_f1),
    Metric("contains", "binary", "higher", "0-1", score_contains),
    Metric("bleu", "corpus", "higher", "0-100", score_bleu, bleu_of),
    Metric("chrf", "corpus", "higher", "0-100", score_chrf, chrf_of),
    Metric("rouge1", "mean", "higher", "0-1", OneOf(score_overlap, "rouge1")),
    Metric("rouge2", "mean", "higher", "0-1", OneOf(score_overlap, "rouge2")),
    Metric("rougeL", "mean", "higher", "0-1", OneOf(score_overlap, "rougeL")),
    Metric("rougeLsum", "mean", "higher", "0-1", OneOf(score_overlap, "rougeLsum")),
    Metric("rouge-score/rouge1", "mean", "higher", "0-1", OneOf(_rouge_score, "rouge1")),
    Metric("rouge-score/rouge2", "mean", "higher", "0-1", OneOf(_rouge_score, "rouge2")),
    Metric("rouge-score/rougeL", "mean", "higher", "0-1", OneOf(_rouge_score, "rougeL")),
    Metric("rouge-score/rougeLsum", "mean", "higher", "0-1", OneOf(_rouge_score, "rougeLsum")),
    Metric("rouge-chinese/rouge-1", "mean", "higher", "0-1", OneOf(_rouge_chinese, "rouge-1")),
    Metric("rouge-chinese/rouge-2", "mean", "higher", "0-1", OneOf(_rouge_chinese, "rouge-2")),
    Metric("rouge-chinese/rouge-l", "mean", "higher", "0-1", OneOf(_rouge_chinese, "rouge-l")),
    Metric("llamafactory/bleu-4", "mean", "higher", "0-100", OneOf(_llamafactory, "bleu-4")),
    Metric("llamafactory/rouge-1", "mean", "higher", "0-100", OneOf(_llamafactory, "rouge-1")),
    Metric("llamafactory/rouge-2", "mean", "higher", "0-100", OneOf(_llamafactory, "rouge-2")),
    Metric("llamafactory/rouge-l", "mean", "higher", "0-100", OneOf(_llamafactory, "rouge-l")),
    Metric(SIMILARITY, "mean", "higher", "-1-1", _similarity_without_model),
    Metric("language_match", "binary", "higher", "0-1", score_language),
    Metric("refusal", "binary", "neither", "0-1", OneOf(score_phrases, "refusal")),
    Metric("unknown", "binary", "neither", "0-1", OneOf(score_phrases, "unknown")),
    Metric("truncated", "binary", "neither", "0-1", score_truncated),
    Metric("characters", "mean", "neither", "characters", score_characters),
    Metric("repetition", "mean", "neither", "0-1", score_repetition),
    Metric("distinct_1", "corpus", "neither", "0-1", OneOf(score_distinct, "distinct_1"), distinct_of),
    Metric("distinct_2", "corpus", "neither", "0-1", OneOf(score_distinct, "distinct_2"), distinct_of),
)
#: In the order in which they are shown.
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}

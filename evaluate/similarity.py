"""How near answers are to their references in meaning: the cosine of their embeddings, by a model that a person names.

>>> score_similarity(items, open_embedder("models/multilingual-minilm")).values  # doctest: +SKIP
array([0.91, 0.34])
"""

from __future__ import annotations

import numpy as np

from tunesmith.curate.embeddings import Embedder
from tunesmith.evaluate.metric_types import Items, Scored


def score_similarity(items: Items, embedder: Embedder) -> Scored:
    """The cosine of each answer with the nearest of its references, -1 to 1; NaN for an answer without any text.

    What a model reads of a long text ends somewhere: `count_cut` tells how many texts it did not read to their end.
    """
    texts = _texts(items)
    values = np.full(len(items.ids), np.nan)
    vectors = embedder.encode([*texts]).astype(np.float64) if texts else np.zeros((0, embedder.dimension))
    for place, (prediction, references) in enumerate(zip(items.predictions, items.references)):
        if prediction is not None and prediction.strip() and references:
            rows = [texts[reference] for reference in references]
            values[place] = float((vectors[rows] @ vectors[texts[prediction]]).max())
    return Scored(values, f"model:{embedder.name}|digest:{embedder.digest}|cosine|refs:nearest")


def count_cut(items: Items, embedder: Embedder) -> int:
    """Of how many different answers and references the model read the beginning only."""
    texts = [*_texts(items)]
    return int(np.count_nonzero(embedder.read(texts).truncated)) if texts else 0


def _texts(items: Items) -> dict[str, int]:
    """Each distinct text that is compared, and its number."""
    found: dict[str, int] = {}
    for prediction, references in zip(items.predictions, items.references):
        if prediction is not None and prediction.strip() and references:
            for text in (prediction, *references):
                found.setdefault(text, len(found))
    return found

"""Bits per byte: how well a model predicts plain text, counted so that any tokenizer can be compared with any other.

>>> text = "今天天气很好。"
>>> [losses.bits for losses in losses_of([text], model)]  # doctest: +SKIP
[38.2]
>>> bits_per_byte(losses_of([text], model))  # 38.2 / 21 bytes  # doctest: +SKIP
1.819

bits per byte = (sum of -log2 p over all tokens) / (length of the text in UTF-8 bytes). A model that forgot its language
predicts general text worse long before it fails at questions. Texts longer than the window are read in windows that
overlap by half, and of each only the tokens that no earlier one counted are counted: every token once, with at least
half a window before it (except at the text's own beginning).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tunesmith.curate.score_tokens import Sequence as Scored
from tunesmith.curate.score_tokens import Tokenizer
from tunesmith.errors import InputError
from tunesmith.evaluate.retention_types import Loss

#: Tokens that the model is given at once, or as many as it takes. A longer window costs memory and changes little.
WINDOW_TOKENS = 1024


class Predictor(Protocol):
    """A model, as the losses need it: `curate.score_model.LocalModel`."""

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def limit(self) -> int: ...

    @property
    def name(self) -> str: ...

    def mean_losses(self, sequences: list[Scored]) -> list[float]:
        """The mean negative log-likelihood of each answer's tokens, in nats."""
        ...


def losses_of(texts: Sequence[str], model: Predictor) -> list[Loss]:
    """What each text costs the model, in order; `bits` is NaN where the model gives no finite number.

    A text begins with the model's beginning-of-text token, or its end-of-text token where it has none.

    :raises InputError: where it has neither: nothing could predict a text's first token.
    """
    first = _first_token(model)
    limit = min(WINDOW_TOKENS, model.limit)
    tokens = [model.tokenizer.encode(text, add_special_tokens=False) for text in texts]
    windows = [list(windows_of(some, first, limit)) for some in tokens]
    flat = [window for of_text in windows for window in of_text]
    means = iter(model.mean_losses(flat) if flat else [])
    nats = [sum(next(means) * len(window.answer) for window in of_text) for of_text in windows]
    return [
        Loss(loss / math.log(2) if math.isfinite(loss) else math.nan, len(text.encode()), len(some))
        for loss, text, some in zip(nats, texts, tokens)
    ]


def windows_of(tokens: Sequence[int], first: int, limit: int) -> Iterator[Scored]:
    """Each token in exactly one window's answer.

    >>> [(len(one.context), one.answer) for one in windows_of([5, 6, 7, 8, 9, 10], 0, 4)]
    [(1, [5, 6, 7]), (2, [8, 9]), (3, [10])]

    :param first: the token before the text.
    :param limit: tokens of a window, context and answer together; at least 2.
    """
    whole = [first, *tokens]
    start, end = 1, min(limit, len(whole))
    while start < len(whole):
        yield Scored(whole[max(0, end - limit) : start], whole[start:end])
        start, end = end, min(end + max(1, limit // 2), len(whole))


def bits_per_byte(losses: Sequence[Loss]) -> float:
    """Over all texts together; NaN for none, or where a text has no number."""
    size = sum(loss.bytes for loss in losses)
    return sum(loss.bits for loss in losses) / size if size else math.nan


def _first_token(model: Predictor) -> int:
    tokenizer: Any = model.tokenizer
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if token is not None:
            return int(token)
    what = "the tokenizer has neither a beginning-of-text nor an end-of-text token, so nothing predicts a first token"
    raise InputError(what, where=model.name, remedy="leave out --text")

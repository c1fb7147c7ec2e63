"""The losses of row after row: a window of rows at a time, each computed once and kept in a cache.

>>> for losses in losses_of(rows.each(), model, cache, limit=2048):  # doctest: +SKIP
...     print(losses.perplexity, losses.ifd)
3.27 0.64

**Perplexity** is exp(mean loss of the answer's tokens given the prompt).

**Instruction-following difficulty** (Li et al. 2023, arXiv 2308.12032, equations 1 to 3, and its published code) is the
ratio of two mean losses, of the answer given the prompt and of the answer alone. Above 1 the prompt makes the answer
*less* likely: the two do not belong together, and the paper leaves such rows out. The same authors' Superfiltering
(arXiv 2402.00530) divides the perplexities instead; both are above 1 for the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Protocol

from tunesmith.curate.endpoint_cache import Cache, key_of
from tunesmith.curate.score_rows import Row, exchange_of
from tunesmith.curate.score_tokens import Sequence, Tokenizer, Tokens, tokens_of

#: Rows whose sequences are sorted and batched together. A window is computed as a whole or taken from the cache as a
#: whole: its batches, and so the last bits of its figures, do not depend on where a run was interrupted.
WINDOW_ROWS = 256
#: How the difficulty is computed, for the settings of a score file.
IFD_DEFINITION = "mean loss of the answer given the prompt / mean loss of the answer alone (arXiv 2308.12032)"

_MOST_LOSS = 80.0  # the perplexity of more does not fit into float32


class LanguageModel(Protocol):
    """A model, as the losses need it."""

    @property
    def tokenizer(self) -> Tokenizer: ...

    def settings(self) -> dict[str, Any]: ...

    def mean_losses(self, sequences: list[Sequence]) -> list[float]: ...


class Losses(NamedTuple):
    """One row: mean losses in nats of the answer given its prompt and alone, None with the `reason`.

    Reasons: `no_answer`, `no_prompt` (`alone` only), `too_long`, `template` (the chat template refuses the
    conversation), `one_token`, `not_finite`.
    """

    given: float | None
    alone: float | None
    answer_tokens: int = 0
    reason: str | None = None
    cut: int = 0

    @property
    def perplexity(self) -> float | None:
        """exp(given)."""
        return None if self.given is None else math.exp(self.given)

    @property
    def ifd(self) -> float | None:
        """given / alone."""
        return None if self.given is None or self.alone is None else self.given / self.alone


def losses_of(
    rows: Iterable[Row], model: LanguageModel, cache: Cache, *, limit: int, cut: bool = False, with_alone: bool = True
) -> Iterator[Losses]:
    """The losses of each row, in order.

    :param limit, cut: see `tokens_of`.
    :param with_alone: whether the difficulty is wanted; it costs a second, shorter pass.
    """
    waiting, settings = iter(rows), model.settings()
    while window := list(islice(waiting, WINDOW_ROWS)):
        tokens = [tokens_of(exchange_of(row.record), model.tokenizer, limit=limit, cut=cut) for row in window]
        given = [one.given for one in tokens if one.given]
        alone = [one.alone for one in tokens if one.alone and with_alone]
        found = _kept(given + alone, model, cache, settings)
        yield from _spread(tokens, found[: len(given)], found[len(given) :], with_alone)


def _kept(sequences: list[Sequence], model: LanguageModel, cache: Cache, settings: dict[str, Any]) -> list[float]:
    """The mean losses of a window's sequences, from the cache or for it; NaN where a loss is none."""
    if not sequences:
        return []
    key = key_of("losses", settings, sequences)
    found = cache.get(key)
    if found is None:
        found = [loss if math.isfinite(loss) else None for loss in model.mean_losses(sequences)]
        cache.add(key, found)
    return [math.nan if loss is None else loss for loss in found]


def _spread(tokens: list[Tokens], given: list[float], alone: list[float], with_alone: bool) -> Iterator[Losses]:
    """The figures of the sequences back to the rows that they belong to."""
    next_given, next_alone = iter(given), iter(alone)
    for one in tokens:
        if one.given is None:
            yield Losses(None, None, reason=one.reason)
            continue
        losses = next(next_given), next(next_alone) if one.alone and with_alone else None
        yield _losses(one, one.given, *losses)


def _losses(tokens: Tokens, sequence: Sequence, given: float, alone: float | None) -> Losses:
    size = len(sequence.answer)
    if not given <= _MOST_LOSS:
        return Losses(None, None, size, "not_finite", tokens.cut)
    if alone is not None and not alone > 0:
        return Losses(given, None, size, "not_finite", tokens.cut)
    return Losses(given, alone, size, None if alone is not None else "no_prompt", tokens.cut)

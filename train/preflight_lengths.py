"""Lengths of rows and examples: the cutoff that is advised, what padding and packing cost, and a histogram.

>>> cutoff_of(np.array([100, 200, 300]), used=256).advised
320
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, takewhile
from typing import Any

import numpy as np
import numpy.typing as npt

from tunesmith.train.preflight_types import Cutoff, Packing

Ints = npt.NDArray[np.int64]

STEP = 64  # tokens: what kernels like, and a round number for people
SHARE = 95  # per cent of rows that keep their whole length
GENEROUS = 4096  # tokens: longer than nearly every answer
#: Where the rule comes from.
SOURCE = (
    "practitioners' guides: cut off at the 95th percentile of the real lengths; 4,096 tokens rather than cut answers"
)
_SEED = 0
_FIRST = 16  # tokens: the end of the first bin


def cutoff_of(lengths: Ints, *, used: int) -> Cutoff:
    """The advised cutoff beside the one in use.

    :param lengths: tokens of whole training rows, `(n_rows,)`.
    """
    percentile = int(np.percentile(lengths, SHARE, method="inverted_cdf")) if len(lengths) else 0
    advised = max(STEP, -(-percentile // STEP) * STEP)
    over = (int(np.count_nonzero(lengths > limit)) for limit in (used, advised, GENEROUS))
    over_used, over_advised, over_generous = over
    return Cutoff(used, advised, over_used, over_advised, over_generous, SOURCE)


def packing_of(lengths: Ints, copies: Ints, *, max_length: int, batch_size: int) -> Packing:
    """What an epoch costs padded in batches, and packed.

    Batches are drawn in a shuffled order, as a trainer draws them (seed 0), and each is padded to its longest.

    :param lengths: tokens of examples, `(n_examples,)`; `copies` how often each is in an epoch.
    """
    from tunesmith.train.packing import pack

    sequences = np.repeat(lengths, copies)
    tokens = int(sequences.sum())
    padded = _padded(sequences, batch_size)
    packs = len(pack(sequences.tolist(), max_length)) if len(sequences) else 0
    fill = tokens / (packs * max_length) if packs else 0.0
    return Packing(batch_size, len(sequences), tokens, padded - tokens, padded, packs, fill)


def _padded(sequences: Ints, batch_size: int) -> int:
    """Tokens of all batches, each padded to its longest sequence."""
    drawn = np.random.default_rng(_SEED).permutation(sequences)
    starts = np.arange(0, len(drawn), batch_size)
    if not len(starts):
        return 0
    sizes = np.diff(np.append(starts, len(drawn)))
    return int((np.maximum.reduceat(drawn, starts) * sizes).sum())


def histogram_of(lengths: Ints, trained: npt.NDArray[np.bool_], *, cutoff: int) -> dict[str, Any]:
    """Rows by length, two bins for each doubling: `before` all rows, `after` those that are trained.

    :param trained: `(n_rows,)`, whether the row is trained, cut or whole.
    """
    most = max(int(lengths.max(initial=1)), cutoff)
    edges = [0, *takewhile(lambda edge: edge <= most, _edges())]
    edges.append(next(edge for edge in _edges() if edge > most))
    before = np.histogram(lengths, edges)[0]
    after = np.histogram(lengths[trained], edges)[0]
    return {"edges": edges, "before": before.tolist(), "after": after.tolist(), "cutoff": cutoff}


def _edges() -> Iterator[int]:
    """16, 24, 32, 48, 64 …: where cutoffs are, too."""
    for doubling in count():
        yield _FIRST << doubling
        yield _FIRST * 3 // 2 << doubling

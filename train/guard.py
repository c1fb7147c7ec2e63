"""Notices a loss that runs away, while nothing is lost yet: pure Python, fed with one number a step.

>>> guard = SpikeGuard(Guard(warmup=5, patience=1))
>>> [guard.see(step, 2.0) for step in range(1, 7)][-1]
Quiet(step=6)
>>> guard.see(7, 9.0)
Spike(step=7, loss=9.0, limit=2.24, last=7)
>>> guard.see(8, float("nan"))
NotFinite(step=8, what='loss')

The limit is the rolling median plus `k` times the largest of 1.4826 times the median absolute deviation (which is the
standard deviation where noise is normal), 2 % of the median (so that a loss that hardly moves is not cried at) and 0.01
(so that one that has come to nothing is not cried at for coming back a little: 2 % of nothing is nothing).
Median and deviation are blind to the spike itself, which a mean is not. No absolute threshold: a loss of 10 may be
where a run begins, and one of 3 a catastrophe.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Literal, NamedTuple

Action = Literal["halve", "skip", "both", "stop"]

#: Of normal noise: standard deviation over median absolute deviation.
_NORMAL = 1.4826


@dataclass(frozen=True)
class Guard:
    """When a loss counts as a spike, and what is done then.

    :param window: steps that the median is taken over; enough to be steady, few enough to follow a falling loss.
    :param warmup: steps before anything but a NaN can be a spike: the first losses fall fast and say little.
    :param k: deviations above the median; normal noise passes 6 of them about once in a billion steps.
    :param floor: the least deviation, as a share of the median.
    :param least: the least deviation whatever the median is, in what the loss is in: nats a token, or a pair.
    :param patience: steps in a row over the limit: one hard batch comes alone, a run that breaks stays broken.
    :param on_spike: the rate is halved (a spike comes from steps that are too long), the batch is left out, or both.
    :param on_not_finite: the batch is left out (a NaN comes from a row most of the time), the rate is halved, or both.
    :param attempts: how many incidents are survived before the run stops with an error.
    """

    window: int = 100
    warmup: int = 20
    k: float = 6.0
    floor: float = 0.02
    least: float = 0.01
    patience: int = 3
    on_spike: Action = "halve"
    on_not_finite: Action = "skip"
    attempts: int = 3


class Quiet(NamedTuple):
    """Nothing to see."""

    step: int


class Spike(NamedTuple):
    """The loss stayed over the limit for as many steps as the patience has; `step` is the first, `last` the latest."""

    step: int
    loss: float
    limit: float
    last: int


class NotFinite(NamedTuple):
    """The loss or the gradient's norm is NaN or infinite."""

    step: int
    what: Literal["loss", "grad_norm"]


Verdict = Quiet | Spike | NotFinite


class SpikeGuard:
    """The guard over one run: a window of losses, and the suspicion that it has now.

    It has no other state: a run that goes on shows a new one the losses that were logged, and it is where it was.
    """

    def __init__(self, settings: Guard | None = None) -> None:
        self._settings = settings or Guard()
        self._losses: deque[float] = deque(maxlen=self._settings.window)
        self._over: list[tuple[int, float, float]] = []
        self._n_seen = 0  # losses that entered the window, which may hold fewer than the warm-up has

    @property
    def suspects(self) -> bool:
        """Whether the last loss was over the limit, while patience lasts: no time to save a checkpoint."""
        return bool(self._over)

    @property
    def limit(self) -> float | None:
        """What the next loss is held against; None during the warm-up."""
        if self._n_seen < max(1, self._settings.warmup):
            return None
        middle = median(self._losses)
        deviation = _NORMAL * median(abs(loss - middle) for loss in self._losses)
        return middle + self._settings.k * max(deviation, self._settings.floor * abs(middle), self._settings.least)

    def see(self, step: int, loss: float, grad_norm: float | None = None) -> Verdict:
        """What the loss of one step says. A loss over the limit does not enter the window.

        :param grad_norm: only whether it is finite counts; None where none is known.
        """
        if not math.isfinite(loss):
            return NotFinite(step, "loss")
        if grad_norm is not None and not math.isfinite(grad_norm):
            return NotFinite(step, "grad_norm")
        limit = self.limit
        if limit is None or loss <= limit:
            self._over.clear()
            self._losses.append(loss)
            self._n_seen += 1
            return Quiet(step)
        self._over.append((step, loss, limit))
        if len(self._over) < self._settings.patience:
            return Quiet(step)
        first, seen, broken = self._over[0]
        self._over.clear()
        return Spike(first, seen, broken, step)

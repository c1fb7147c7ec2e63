"""CPU seconds of the tests and intervals on 10,000 items, and of the plain way in numpy beside them.

>>> speed(1)[0]["what"]
'mean of scores, 5,000 resamples'
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from evaluation_statistics_data import bleu_pool
from page import Line, spread

from tunesmith.evaluate.bleu import bleu_of
from tunesmith.evaluate.significance import compare_binary, compare_corpus, compare_means, estimate_mean

N_ITEMS, RESAMPLES, WANTED_SECONDS = 10_000, 5000, 1.5


def speed(rounds: int) -> list[Line]:
    """One line a method: median CPU seconds of one thread, of the rounds after one that compiles and warms."""
    rng = np.random.default_rng(0)
    before, after = rng.random(N_ITEMS), rng.random(N_ITEMS)
    rows = bleu_pool()[:, rng.integers(0, bleu_pool().shape[1], N_ITEMS)]
    groups = np.arange(N_ITEMS) // 5
    measured: dict[str, Callable[[], Any]] = {
        "mean of scores, 5,000 resamples": lambda: estimate_mean(before),
        "the same in numpy, as one index matrix": lambda: _in_numpy(before),
        "difference of scores, 10,000 sign patterns, with interval": lambda: compare_means(before, after),
        "the same in 2,000 clusters": lambda: compare_means(before, after, groups=groups),
        "difference of right/wrong, exact": lambda: compare_binary(before > 0.5, after > 0.5),
        "difference of corpus BLEU, 10,000 swaps and 5,000 resamples": lambda: compare_corpus(
            rows[0], rows[1], bleu_of
        ),
    }
    return [{"what": what, "CPU seconds": spread(_seconds(call, rounds), 3)} for what, call in measured.items()]


def _in_numpy(values: Any) -> Any:
    rng = np.random.default_rng(0)
    figures = [values[rng.integers(0, N_ITEMS, (100, N_ITEMS))].mean(axis=1) for _ in range(RESAMPLES // 100)]
    return np.quantile(np.concatenate(figures), [0.025, 0.975])


def _seconds(call: Callable[[], Any], rounds: int) -> list[float]:
    call()
    found = []
    for _ in range(rounds):
        start = time.thread_time()
        call()
        found.append(time.thread_time() - start)
    return found

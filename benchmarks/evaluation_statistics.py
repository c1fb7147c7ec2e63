"""Whether the verdicts of a comparison can be trusted: false ones among equals, power, coverage of intervals, speed.

    python benchmarks/evaluation_statistics.py [--comparisons 10000] [--markdown docs/benchmarks/…]

The peers are a plain percentile bootstrap of items, and sacrebleu's own paired tests where the figure is BLEU. All
seeds are fixed: a second run counts the same.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one thread a process, of several processes

import evaluation_statistics_rates as rates
from evaluation_statistics_data import KINDS, SHARED
from evaluation_statistics_rates import percent
from evaluation_statistics_speed import N_ITEMS, WANTED_SECONDS, speed
from page import Line, machine, table

SIZES = (30, 300, 2000)
WANTED_RATE = 0.055


def _equals(kind: str, n: int, n_comparisons: int) -> Line:
    found = rates.false_verdicts(kind, n, n_comparisons)
    shown = {name: "" if share is None else percent(share) for name, share in found._asdict().items()}
    return {
        "data": kind,
        "n": n,
        "**ours**": f"**{shown['ours']}**",
        "percentile bootstrap": shown["percentile"],
        "ours without clusters": shown["ungrouped"],
        "sacrebleu ar": shown["sacrebleu_ar"],
        "sacrebleu bs": shown["sacrebleu_bs"],
    }


def _jobs(comparisons: int) -> dict[str, list[tuple[Callable[..., Line], tuple[Any, ...]]]]:
    """What each table of the page takes."""
    few = max(1, comparisons // 10)
    means = [(rates.power_of_means, (n, effect / n**0.5, few)) for n in (30, 200, 1000) for effect in (2.0, 2.85)]
    marks = [
        (rates.power_of_marks, (n, changed, difference, few))
        for n, changed, difference in ((100, 0.2, 0.1), (100, 0.3, 0.16), (500, 0.1, 0.04), (2000, 0.2, 0.03))
    ]
    return {
        "equals": [(_equals, (kind, n, comparisons)) for kind in reversed(KINDS) for n in reversed(SIZES)],
        "identical": [(rates.identical, (n,)) for n in (30, 1000)],
        "weak": [(rates.weak_null, (n, few)) for n in (30, 100, 300, 1000)],
        "power": [*means, *marks],
        "coverage": [(rates.coverage, (name, n, few)) for name in rates.COVERED for n in (30, 100, 300)],
    }


def measure(comparisons: int, processes: int) -> dict[str, list[Line]]:
    """The lines of all tables but the speeds."""
    with ProcessPoolExecutor(processes) as pool:
        waiting = {
            name: [pool.submit(call, *arguments) for call, arguments in jobs]
            for name, jobs in _jobs(comparisons).items()
        }
        found = {name: [future.result() for future in futures] for name, futures in waiting.items()}
    found["equals"].reverse()
    return found


def main() -> None:
    """Measure, print, and write the page where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comparisons", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    options = parser.parse_args()
    if not (SHARED / "gsm8k_solutions.jsonl").exists():
        raise SystemExit(f"no gsm8k_solutions.jsonl in {SHARED}; set TUNESMITH_SHARED_DATA to the folder that has it")
    speeds = speed(options.rounds)
    text = page(measure(options.comparisons, options.processes), speeds, options.comparisons)
    print(text)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(text, encoding="utf-8")


def _by_chance(comparisons: int) -> str:
    half = 1.96 * (0.05 * 0.95 / comparisons) ** 0.5
    return f"{percent(0.05 - half)} to {percent(0.05 + half)}"


def page(found: dict[str, list[Line]], speeds: list[Line], comparisons: int) -> str:
    """The page around the tables."""
    few = max(1, comparisons // 10)
    return f"""# Statistics: can a verdict be trusted?

Made by `python benchmarks/evaluation_statistics.py --comparisons {comparisons} \
--markdown docs/benchmarks/evaluation_statistics.md`.

{machine()}.

## False verdicts

Of {comparisons:,} comparisons of two systems that are equally good, how many end in "better" or "worse". Wanted: at
most {percent(WANTED_RATE)} of each. A method with exactly 5 % shows {_by_chance(comparisons)} here, 95 times of 100.

- Equally good means exchangeable: which system gave which of the two answers to an item (a cluster) is a coin's throw.
- Where few items differ, the exact tests have few outcomes to choose from and stay below 5 %.
- Ours: {rates.FLIPS} sign patterns, for BLEU {rates.VERDICT_RESAMPLES} resamples. The level does not hang on it.
- The percentile bootstrap draws items, {rates.RESAMPLES:,} times, on the first 1,000 comparisons (300 at n = 2,000).
- sacrebleu's paired tests: {rates.SACREBLEU_TRIALS} trials on {rates.SACREBLEU_COMPARISONS} comparisons.
- Clusters have 1 to 9 items. BLEU's statistics are those of real answers of two systems.

{table(found["equals"])}

## A system and itself

{table(found["identical"])}

## Equal means, but not exchangeable

{few:,} comparisons each. Differences are exponential, less their mean: most items lose a little, few win a lot. No test
that knows only the sample is exact here; this is what to expect of one.

{table(found["weak"])}

## Power

Against a known difference, {few:,} comparisons each. In theory: the paired t test's power for the sign-flip test, and
the exact sum over all outcomes for the exact McNemar test. 80 % is what `detectable` in a comparison promises.

{table(found["power"])}

## Coverage

How many of {few:,} intervals, meant to hold the true value 95 times of 100, do. Ours: for means and corpus figures the
stretched BCa bootstrap, for shares Wilson's, for differences of scores the sign-flip interval, for differences of
shares Tango's. Percentile: {rates.RESAMPLES:,} resamples, as ours. Most equal: nine of ten items do not differ at all.

{table(found["coverage"])}

## Speed

{N_ITEMS:,} items; CPU seconds of one thread, so that a busy machine counts less. Wanted: {WANTED_SECONDS} s.

{table(speeds)}
"""


if __name__ == "__main__":
    main()

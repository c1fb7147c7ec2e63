"""ROUGE of answers of a megabyte: seconds and memory, each case in a fresh process.

python benchmarks/rouge_large.py lines   (prints one line of JSON)
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from page import Line

from tunesmith.evaluate.metric_types import Items
from tunesmith.evaluate.overlap import score_overlap

MEGABYTE = 1_000_000
_RNG_SEED = 5


def _words(n_characters: int, per_line: int, rng: random.Random) -> str:
    """Words as frequent as in a language, so many a line."""
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 8))) for _ in range(20_000)]
    drawn = rng.choices(words, [1 / (rank + 1) for rank in range(len(words))], k=n_characters // 5)
    lines = (" ".join(drawn[start : start + per_line]) for start in range(0, len(drawn), per_line))
    return "\n".join(lines)[:n_characters]


def _characters(n_characters: int, rng: random.Random) -> str:
    signs = [chr(0x4E00 + number) for number in range(3_000)]
    return "".join(rng.choices(signs, [1 / (rank + 20) for rank in range(len(signs))], k=n_characters))


#: What is scored: the answer and its reference.
CASES: dict[str, tuple[str, Callable[[random.Random], tuple[str, str]]]] = {
    "loop": (
        "a line again and again, a reference of 1 KB",
        lambda rng: ("I am sure of it.\n" * 60_000, _words(1_000, 12, rng)),
    ),
    "short": (
        "lines of 12 words, a reference of 1 KB",
        lambda rng: (_words(MEGABYTE, 12, rng), _words(1_000, 12, rng)),
    ),
    "lines": ("lines of 12 words, both", lambda rng: (_words(MEGABYTE, 12, rng), _words(MEGABYTE, 12, rng))),
    "chinese": (
        "Chinese without line breaks, both",
        lambda rng: (_characters(333_000, rng), _characters(333_000, rng)),
    ),
}


def large_lines(options: argparse.Namespace) -> tuple[list[Line], str]:
    """One line a case."""
    return [{"an answer of 1 MB": CASES[name][0], **_run(name)} for name in CASES], ""


def _run(name: str) -> Line:
    command = [sys.executable, str(Path(__file__).resolve()), name]
    found: Line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main(name: str) -> None:
    """Score one case, once the kernels are there."""
    answer, reference = CASES[name][1](random.Random(_RNG_SEED))
    items = [Items(["a"], [one], [(other,)], ["en"], [()], [{}]) for one, other in (("a b", "b"), (answer, reference))]
    score_overlap(items[0])
    start = time.process_time()
    score_overlap(items[1])
    seconds = time.process_time() - start
    print(json.dumps({"CPU seconds": f"{seconds:.1f}", "peak memory": f"{_peak_bytes() / 1e6:,.0f} MB"}))


def _peak_bytes() -> int:
    """Of this program only: what `getrusage` says counts what its parent had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])

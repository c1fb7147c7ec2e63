# pyright: reportMissingImports=false
"""rouge-chinese over pairs of spaced texts, timed by itself; runs in its own environment.

python run_rouge_chinese.py PAIRS.jsonl OUT.json ROUNDS
"""

import json
import sys
import time
from typing import Any

from rouge_chinese import Rouge

METRICS = ["rouge-1", "rouge-2", "rouge-l"]


def main(source: str, out: str, rounds: str) -> None:
    """CPU seconds of each round, and the F measures."""
    with open(source, encoding="utf-8") as file:  # noqa: PTH123
        answers, references = zip(*map(json.loads, file))
    rouge = Rouge()
    seconds: list[float] = []
    scores: Any = []
    for _ in range(int(rounds)):
        start = time.process_time()
        scores = rouge.get_scores(answers, references)
        seconds.append(time.process_time() - start)
    measures = [[score[name]["f"] for name in METRICS] for score in scores]
    with open(out, "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"seconds": {"three": seconds}, "measures": measures}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

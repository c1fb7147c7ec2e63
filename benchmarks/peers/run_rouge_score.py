# pyright: reportMissingImports=false
"""rouge-score over pairs of an answer and a reference, timed by itself; runs in its own environment.

python run_rouge_score.py PAIRS.jsonl OUT.json ROUNDS   (0: the measures only)
"""

import json
import sys
import time

from rouge_score import rouge_scorer

METRICS = {"three": ["rouge1", "rouge2", "rougeL"], "four": ["rouge1", "rouge2", "rougeL", "rougeLsum"]}


def main(source: str, out: str, rounds: str) -> None:
    """CPU seconds of each round with and without rougeLsum, and the F measures of all four."""
    with open(source, encoding="utf-8") as file:  # noqa: PTH123
        pairs = [json.loads(line) for line in file]
    found: dict[str, list[float]] = {}
    scorers = {name: rouge_scorer.RougeScorer(metrics) for name, metrics in METRICS.items()}
    for name, scorer in scorers.items():
        found[name] = []
        for _ in range(int(rounds)):
            start = time.process_time()
            for answer, reference in pairs:
                scorer.score(reference, answer)
            found[name].append(time.process_time() - start)
    scores = [scorers["four"].score(reference, answer) for answer, reference in pairs]
    measures = [[score[name].fmeasure for name in METRICS["four"]] for score in scores]
    with open(out, "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"seconds": found, "measures": measures}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

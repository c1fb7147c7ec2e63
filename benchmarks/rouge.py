"""How fast ROUGE, BLEU and chrF are, and that they are the libraries' figures to the last bit.

python benchmarks/rouge.py --markdown docs/benchmarks/rouge.md
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from page import Line, machine, spread, table
from rouge_inputs import Pair, chinese_pairs, english_pairs, solution_pairs
from rouge_large import large_lines
from rouge_peers import ROUGE_PACKAGES, run_peer
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from tunesmith.evaluate.bleu import bleu_of, score_bleu
from tunesmith.evaluate.bleu_chrf import chrf_of, score_chrf
from tunesmith.evaluate.compatible_rouge import rouge_chinese
from tunesmith.evaluate.metric_types import Items, Scored
from tunesmith.evaluate.overlap import score_overlap

DATA = Path(os.environ.get("TUNESMITH_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
WORK = Path("~/.cache/tunesmith-benchmarks")
NAMES = ("rouge1", "rouge2", "rougeL", "rougeLsum")


def items_of(pairs: Sequence[Pair], language: str) -> Items:
    """One reference each."""
    n = len(pairs)
    ids, answers = [str(number) for number in range(n)], [answer for answer, _ in pairs]
    return Items(ids, [*answers], [(reference,) for _, reference in pairs], [language] * n, [()] * n, [{}] * n)


def seconds_of(call: Callable[[], Any], rounds: int) -> list[float]:
    """CPU seconds of each round, after one that compiles the kernels: one thread on both sides, whatever else runs."""
    call()
    found = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return found


def rouge_lines(options: argparse.Namespace) -> tuple[list[Line], str]:
    """Against rouge-score: speed on the generated pairs, equality there and on the real answers."""
    pairs, real = english_pairs(options.data, options.pairs), solution_pairs(options.data)
    peer = run_peer("rouge-score", pairs, options.work, rounds=options.rounds)
    on_real = run_peer("rouge-score", real, options.work, rounds=0)
    ours = seconds_of(lambda: score_overlap(items_of(pairs, "en")), 3 * options.rounds)
    lines = [
        _line("Tunesmith, ROUGE-1, -2, -L and -Lsum", ours, len(pairs), None, ""),
        _line("rouge-score 0.1.2, ROUGE-1, -2, -L", peer.seconds["three"], len(pairs), ours, "≥ 30 ×"),
        _line("rouge-score 0.1.2, all four", peer.seconds["four"], len(pairs), ours, ""),
    ]
    equal = [_n_equal(measured(some), found.measures) for some, found in ((pairs, peer), (real, on_real))]
    said = (
        f"Equal to the last bit: {equal[0]:,} of {4 * len(pairs):,} figures on these pairs, and {equal[1]:,} of "
        f"{4 * len(real):,} on all {len(real):,} answers of `gsm8k_solutions`."
    )
    return lines, said


def measured(pairs: Sequence[Pair]) -> list[list[float]]:
    """Our four F measures of each pair."""
    scored = score_overlap(items_of(pairs, "en"))
    return np.column_stack([scored[name].values for name in NAMES]).tolist()


def chinese_lines(options: argparse.Namespace) -> tuple[list[Line], str]:
    """Against rouge-chinese, which takes tokens with spaces between them, and so do we here."""
    pairs = chinese_pairs(options.data, options.pairs)
    peer = run_peer("rouge-chinese", pairs, options.work, rounds=options.rounds)
    ours = seconds_of(lambda: rouge_chinese(pairs), 3 * options.rounds)
    lines = [
        _line("Tunesmith, `--compatible rouge-chinese`", ours, len(pairs), None, ""),
        _line("rouge-chinese 1.0.3", peer.seconds["three"], len(pairs), ours, "≥ 50 ×"),
    ]
    n_equal = _n_equal(np.column_stack([*rouge_chinese(pairs).values()]).tolist(), peer.measures)
    return lines, f"Equal to the last bit: {n_equal:,} of {3 * len(pairs):,} figures."


def bleu_lines(options: argparse.Namespace) -> tuple[list[Line], str]:
    """Against sacrebleu, which splits the tokens of BLEU for us too; values of each item and of the corpus."""
    lines, n_equal, n_figures = [], 0, 0
    for language, tokenizer in (("en", "13a"), ("zh", "zh")):
        pairs = english_pairs(options.data, options.pairs) if language == "en" else _unspaced(options)
        items = items_of(pairs, language)
        for name, score, corpus, library in (
            ("BLEU", score_bleu, bleu_of, BLEU(tokenize=tokenizer, effective_order=True)),
            ("chrF", score_chrf, chrf_of, CHRF()),
        ):
            ours = seconds_of(lambda: score(items), options.rounds)  # noqa: B023 (called at once)
            theirs = seconds_of(lambda: _library(library, pairs), options.rounds)  # noqa: B023
            lines.append(_line(f"Tunesmith, {name}, {language}", ours, len(pairs), None, ""))
            lines.append(_line(f"sacrebleu 2.6.0, {name}, {language}", theirs, len(pairs), ours, ""))
            plain = BLEU(tokenize=tokenizer) if name == "BLEU" else library
            n_equal += _n_equal_figures(score(items), corpus, library, plain, pairs)
            n_figures += len(pairs) + 1
    return lines, f"Equal to the last bit, items and corpora: {n_equal:,} of {n_figures:,} figures."


def _unspaced(options: argparse.Namespace) -> list[Pair]:
    pairs = chinese_pairs(options.data, options.pairs)
    return [(answer.replace(" ", ""), reference.replace(" ", "")) for answer, reference in pairs]


def _library(library: Any, pairs: Sequence[Pair]) -> list[float]:
    """Its value of each pair; its cache of tokens is emptied first, as it would find those of the last round there."""
    if hasattr(library, "tokenizer"):
        type(library.tokenizer).__call__.cache_clear()
        library.tokenizer._post_tokenizer.__class__.__call__.cache_clear()
    return [library.sentence_score(answer, [reference]).score for answer, reference in pairs]


def _n_equal_figures(
    scored: Scored, corpus: Callable[..., Any], library: Any, plain: Any, pairs: Sequence[Pair]
) -> int:
    assert scored.statistics is not None
    answers, references = map(list, zip(*pairs))
    whole = plain.corpus_score(answers, [references]).score == float(corpus(scored.statistics.sum(axis=0)))
    return int(whole) + sum(one == other for one, other in zip(scored.values.tolist(), _library(library, pairs)))


def _n_equal(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]) -> int:
    return sum(one == other for mine, others in zip(ours, theirs) for one, other in zip(mine, others))


def _line(tool: str, seconds: list[float], n_pairs: int, ours: list[float] | None, wanted: str) -> Line:
    middle = statistics.median(seconds)
    return {
        "tool": tool,
        "CPU seconds": spread(seconds, 3),
        "pairs a second": round(n_pairs / middle),
        "ours is faster": "" if ours is None else f"{middle / statistics.median(ours):,.0f} ×",
        "wanted": wanted,
    }


def write_page(options: argparse.Namespace, sections: Sequence[str]) -> str:
    """The whole Markdown page."""
    peers = "; ".join(f"{name}: {', '.join(packages[0])}" for name, packages in ROUGE_PACKAGES.items())
    head = (
        "# ROUGE, BLEU and chrF: speed, and equality with the libraries that define them\n\n"
        f"Made by `python benchmarks/rouge.py --rounds {options.rounds}`.\n\n"
        f"Machine: {machine()}. Peers, each in its own environment: {peers};\n"
        "sacrebleu is a dependency and stands in ours.\n\n"
        "All run in one thread. Seconds are those of the processor, not of the clock, from the texts in memory to the\n"
        "scores, after a first run that compiled the kernels: median (lowest to highest) of the rounds.\n"
    )
    return "\n\n".join([head.rstrip(), *sections]) + "\n"


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000, help="that are made of each kind")
    parser.add_argument("--rounds", type=int, default=3, help="of each measurement")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the public data")
    parser.add_argument("--work", type=Path, default=WORK, help="for environments and prepared files")
    parser.add_argument("--markdown", type=Path, help="also write the page into this file")
    options = parser.parse_args()
    options.work = options.work.expanduser().resolve()
    return options


def main() -> None:
    """Measure part by part, print, and write the page where asked."""
    options = read_options()
    if not (options.data / "gsm8k_solutions.jsonl").exists():
        raise SystemExit(f"{options.data}: gsm8k_solutions.jsonl is not there; name its folder with --data")
    options.work.mkdir(parents=True, exist_ok=True)
    sections = []
    for title, about, part in PARTS:
        print(f"{title} …", file=sys.stderr)
        lines, said = part(options)
        sections.append("\n\n".join(filter(None, [f"## {title}", about, table(lines), said])))
        print(sections[-1], flush=True)
    if options.markdown:
        options.markdown.parent.mkdir(parents=True, exist_ok=True)
        options.markdown.write_text(write_page(options, sections), encoding="utf-8")


PARTS: tuple[tuple[str, str, Callable[[argparse.Namespace], tuple[list[Line], str]]], ...] = (
    (
        "English, against rouge-score",
        "Pairs of 100 to 300 words of web text (`c4_demo`), the answer with 3 words in 10 left out, replaced or moved.",
        rouge_lines,
    ),
    (
        "Chinese, against rouge-chinese",
        "Pairs of 100 to 300 characters of medical answers (`huatuo_med_zh`), changed in the same way. The tokens are\n"
        "given, with spaces between them: jieba would take most of the time on both sides.",
        chinese_lines,
    ),
    (
        "BLEU and chrF, against sacrebleu",
        "The same pairs, the Chinese without spaces. A value for each pair; ours includes the statistics to resample.\n"
        "BLEU's tokens come from sacrebleu's own tokenizer on both sides, which is most of the time.",
        bleu_lines,
    ),
    (
        "Answers of a megabyte",
        "Seconds of all four ROUGE metrics, each in a fresh process; memory is its highest, with the interpreter, the\n"
        "libraries and the compiled kernels.",
        large_lines,
    ),
)


if __name__ == "__main__":
    main()

"""The pairs of texts of `rouge.py`: real text, and answers made from it by a seeded hand.

>>> pairs = english_pairs(Path("../shared/data"), 2)
>>> [len(text.split()) in range(60, 400) for text in pairs[0]]
[True, True]
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

Pair = tuple[str, str]

SEED = 11
WORDS = (100, 300)  # of a reference
CHANGED = 0.3  # of the answer's words: left out, replaced, or put before the next one, a third each
LATIN_END = 0x250
LINE = 0.06  # breaks after a word, for ROUGE-Lsum


def english_pairs(data: Path, n_pairs: int) -> list[Pair]:
    """An answer and its reference, 100 to 300 words of web text without letters of other scripts than Latin."""
    texts = [json.loads(line)["text"] for line in (data / "c4_demo.jsonl").open(encoding="utf-8")]
    latin = (text for text in texts if all(ord(sign) < LATIN_END or not sign.isalnum() for sign in text))
    return _pairs([word for text in latin for word in text.split()], n_pairs, _lines)


def chinese_pairs(data: Path, n_pairs: int) -> list[Pair]:
    """The same of characters of medical answers, with the spaces between them that rouge-chinese wants."""
    rows = [json.loads(line) for line in (data / "huatuo_med_zh.json").open(encoding="utf-8")]
    return _pairs([sign for row in rows for sign in row["output"] if not sign.isspace()], n_pairs, _spaced)


def solution_pairs(data: Path) -> list[Pair]:
    """Every answer of the four systems of gsm8k_solutions with the right one: 5,276."""
    rows = [json.loads(line) for line in (data / "gsm8k_solutions.jsonl").open(encoding="utf-8")]
    answers = ((row, value) for row in rows for value in row.values() if isinstance(value, dict))
    return [(value["solution"], row["ground_truth"]) for row, value in answers]


def write_pairs(pairs: list[Pair], path: Path) -> None:
    """As the peers' runners read them."""
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")


def _pairs(tokens: list[str], n_pairs: int, join: Callable[[list[str], random.Random], str]) -> list[Pair]:
    rng = random.Random(SEED)
    found = []
    for _ in range(n_pairs):
        size = rng.randint(*WORDS)
        start = rng.randrange(len(tokens) - size)
        reference = tokens[start : start + size]
        found.append((join(_changed(reference, tokens, rng), rng), join(reference, rng)))
    return found


def _changed(reference: list[str], tokens: list[str], rng: random.Random) -> list[str]:
    answer: list[str] = []
    for word in reference:
        chance = rng.random()
        if chance > CHANGED:
            answer.append(word)
        elif chance > CHANGED * 2 / 3:
            answer.append(rng.choice(tokens))
        elif chance > CHANGED / 3:
            answer.insert(max(len(answer) - 1, 0), word)
    return answer


def _lines(words: list[str], rng: random.Random) -> str:
    return "".join(word + ("\n" if rng.random() < LINE else " ") for word in words)


def _spaced(signs: list[str], rng: random.Random) -> str:
    return " ".join(signs)

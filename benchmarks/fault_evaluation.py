"""Rows that ask what an evaluation set asks: gsm8k's test questions, CMMLU, and medical questions held out here.

>>> _PREFIXES["en"][0]
'Solve this step by step.\\n'
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from fault_rows import Row, Turn, load
from fault_shingles import shingles
from fault_text import Edited

N_HELD_OUT = 300


class Question(NamedTuple):
    """One item of an evaluation set, with the answer that a leaked training row would give."""

    source: str  # the training set that it turns up in
    text: str
    answer: str
    options: str = ""


def held_out(rows: Sequence[Row], base: Sequence[Row], seed: int) -> list[Row]:
    """Medical rows for the evaluation set whose questions share less than three fifths with any that is trained on."""
    known = [shingles(row.prompt) for row in base if row.language == "zh"]
    holders = defaultdict(list)
    for at, ours in enumerate(known):
        for shingle in ours:
            holders[shingle].append(at)
    found = []
    for row in Random(f"{seed}:held out").sample(rows, min(len(rows), 2 * N_HELD_OUT)):
        ours = shingles(row.prompt)
        shared = Counter(at for shingle in ours for at in holders.get(shingle, ()))
        if len(row.prompt) >= 10 and all(n < 0.6 * len(ours) for n in shared.values()):
            found.append(row)
    return found[:N_HELD_OUT]


def evaluation_files(data: Path, rows: Sequence[Row], folder: Path) -> list[Path]:
    """The files that a recipe names under `contamination.against`."""
    path = folder / "huatuo_held_out.jsonl"
    lines = [json.dumps({"question": row.prompt, "answer": row.answer}, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [data / "gsm8k_test.jsonl", *sorted((data / "cmmlu" / "test").glob("*.csv")), path]


def questions(data: Path, rows: Sequence[Row]) -> dict[str, list[Question]]:
    """Every item, by language; as many Chinese ones of CMMLU as medical ones."""
    english = [Question("gsm8k", row["question"], row["answer"]) for row in load(data / "gsm8k_test.jsonl")]
    choices = [one for path in sorted((data / "cmmlu" / "test").glob("*.csv")) for one in _choices(path)]
    medical = [Question("huatuo", row.prompt, row.answer) for row in rows]
    return {"en": english, "zh": [*Random(7).sample(choices, min(len(choices), len(medical))), *medical]}


def _choices(path: Path) -> list[Question]:
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            options = "\n".join(f"{name}. {row[name]}" for name in "ABCD")
            answer = f"正确答案是{row['Answer']}，即{row[row['Answer']]}。"
            found.append(Question("alpaca_zh", row["Question"], answer, options))
    return [one for one in found if len(one.text) >= 6]


def contaminated(question: Question, language: str, random: Random) -> Edited:
    """A training row that asks this question: word by word, after a prefix, or with one or two words changed."""
    text, variant = question.text, random.choice(("same", "prefix", "edited"))
    kind = "choice" if question.options else "open"
    if question.options and random.random() < 0.5:
        text = f"{text}\n{question.options}"
    if variant == "prefix":
        text = random.choice(_PREFIXES[language]) + text
    if variant == "edited":
        text = _edited(text, random) if len(question.text) >= 24 else f"{text.rstrip('。？?（）() ')}？"
    return Edited(
        Row(question.source, language, (Turn("human", text), Turn("gpt", question.answer))), f"{kind}, {variant}"
    )


def _edited(text: str, random: Random) -> str:
    """One or two words of a longer text leave or change."""
    for _ in range(random.randint(1, 2)):
        places = [match.span() for match in re.finditer(r"(?<= )[A-Za-z]{3,} |[\u4e00-\u9fff]", text)]
        if len(places) < 8:
            return text
        start, end = random.choice(places)
        other_start, other_end = random.choice(places)
        text = text[:start] + random.choice(("", text[other_start:other_end])) + text[end:]
    return text


_PREFIXES = {
    "en": ("Solve this step by step.\n", "Question: ", "Here is a word problem. ", "Please answer: ", "Q. "),
    "zh": ("请回答下面的问题：", "题目：", "单选题：", "请问，", "【问题】", "考考你："),
}

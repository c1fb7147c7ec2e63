"""The demo's files: what the model learns first, what it is tuned on, and what it is asked.

>>> split = rehearsed([*range(9)], seed=0)
>>> len(split), split == rehearsed([*range(9)], seed=0)
(6, True)
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tunesmith.curate import jsontext
from tunesmith.curate.io import write_bytes
from tunesmith.evaluate.retention_files import read_subjects
from tunesmith.evaluate.retention_prompts import written_prompt
from tunesmith.evaluate.retention_types import Question
from tunesmith.train.demo_facts import LETTERS, Fact, facts_of, options_of
from tunesmith.train.demo_types import Places, Size

T = TypeVar("T")

MEDICAL = Path(__file__).resolve().parent.parent / "data" / "medical_zh.jsonl"
REHEARSED, OTHERS = "rehearsed", "not_rehearsed"


def write_data(places: Places, size: Size) -> list[str]:
    """Write every file; gives the texts that the tokenizer is made of."""
    facts = facts_of(size.facts)
    kept = {fact.question for fact in rehearsed(facts, seed=size.seed)}
    for folder in (places.data, places.tasks):
        folder.mkdir(parents=True, exist_ok=True)
    requests = _write_tasks(places, facts, kept, size.seed)
    rows = {fact.question: _rows(fact, facts, size.seed, requests[fact.question]) for fact in facts}
    known = [row for fact in facts for row in rows[fact.question]]
    general = [row for fact in facts if fact.question in kept for row in rows[fact.question]]
    domain = domain_rows(size, n=len(general) // 5)
    _write(places.data / "known.jsonl", known)
    _write(places.data / "general.jsonl", general)
    _write(places.data / "domain.jsonl", domain)
    _write(places.questions, [_asked(number, fact, fact.question in kept) for number, fact in enumerate(facts, 1)])
    # all short medical rows, not only those that are trained: of so few texts whole questions would become one token
    words = [text for row in domain_rows(size, n=None) for text in (row["instruction"], row["input"], row["output"])]
    return [turn["content"] for row in known for turn in row["messages"]] + words


def _write_tasks(places: Places, facts: Sequence[Fact], kept: set[str], seed: int) -> dict[str, str]:
    """The questions with options; gives the language in which `evaluate retention` will ask for the letter, by
    question: it has one for each file, and the model learns the very words that it is asked in."""
    requests: dict[str, str] = {}
    for name, is_kept in ((REHEARSED, True), (OTHERS, False)):
        chosen = [fact for fact in facts if (fact.question in kept) == is_kept]
        path = places.tasks / f"{name}.jsonl"
        _write(path, [_task(fact, facts, seed) for fact in chosen])
        requests |= dict.fromkeys((fact.question for fact in chosen), read_subjects(str(path))[0].language)
    return requests


def rehearsed(facts: Sequence[T], *, seed: int) -> list[T]:
    """Two thirds of the facts, which the mix repeats; the others show whether repeating some keeps the rest."""
    return random.Random(seed).sample(facts, len(facts) * 2 // 3)  # noqa: S311 (no secret)


def domain_rows(size: Size, *, n: int | None) -> list[dict[str, Any]]:
    """The first `n` rows of the bundled medical sample with short answers, all of them where it is None."""
    rows = [jsontext.loads(line) for line in MEDICAL.read_bytes().splitlines()]
    short = [row for row in rows if row["output"] and 20 <= len(row["output"]) <= size.domain_characters]
    return [row for row in short if row["instruction"]][:n]


def _rows(fact: Fact, facts: Sequence[Fact], seed: int, request: str) -> list[dict[str, Any]]:
    """The fact asked in words and with options, as a retention test asks it."""
    question = _question(fact, facts, seed)
    return [
        _exchange(fact.question, fact.answer),
        _exchange(written_prompt(question, request), LETTERS[question.answer]),
    ]


def _exchange(asked: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]}


def _question(fact: Fact, facts: Sequence[Fact], seed: int) -> Question:
    options = options_of(fact, facts, seed=seed)
    return Question(fact.question, fact.question, tuple(options), options.index(fact.answer))


def _task(fact: Fact, facts: Sequence[Fact], seed: int) -> dict[str, Any]:
    options = options_of(fact, facts, seed=seed)
    return {"question": fact.question, "choices": options, "answer": options.index(fact.answer)}


def _asked(number: int, fact: Fact, is_rehearsed: bool) -> dict[str, Any]:
    return {
        "id": f"fact-{number:03}",
        "messages": [{"role": "user", "content": fact.question}],
        "reference": fact.answer,
        "kind": fact.kind,
        "rehearsed": "yes" if is_rehearsed else "no",
    }


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    write_bytes(path, b"".join(jsontext.dump_bytes(row) + b"\n" for row in rows))

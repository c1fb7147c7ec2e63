"""What the engine logged of a question, as an answer: which option was chosen, and whether it is right.

>>> sample = {"arguments": [("Q:", " A"), ("Q:", " B")], "resps": [[(-1.0, False)], [(-0.5, True)]], "acc": 1.0}
>>> read_sample(Question("1", "Q", ("no", "yes"), 1), sample, {}, set(), "loglikelihood").answer[:3]
('1', True, 'B')
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import xxhash

from tunesmith.curate import jsontext
from tunesmith.curate.formats.multiple_choice import LETTERS
from tunesmith.errors import InputError
from tunesmith.evaluate.choice import read_choice
from tunesmith.evaluate.retention_types import Answer, Answers, Mode, Question

Sample = Mapping[str, Any]

_METRICS = ("acc", "exact_match")  # right/wrong ones, the first that a task has
_NOT_FINITE = "not_finite"
_MOST_CHARACTERS = 200  # of a written answer that is kept


class Read(NamedTuple):
    """An answer; whether its prompt was cut, and whether several options were equally likely."""

    answer: Answer
    cut: bool
    tied: bool


def together(subject: str, found: list[Read], left_out: int) -> Answers:
    """The answers to a subject, with their counts."""
    items = tuple(one.answer for one in found)
    return Answers(subject, items, sum(one.cut for one in found), sum(one.tied for one in found), left_out)


def read_sample(
    question: Question, sample: Sample, failures: Mapping[str, str], cut: Collection[str], mode: Mode
) -> Read:
    """The answer to a question of a local file.

    :param failures: why there is no answer, by prompt.
    :param cut: prompts whose beginning was left out.
    """
    context = sample["arguments"][0][0]
    blank = Answer(question.id, None, None, question.expected, _digest(sample["arguments"]))
    if mode == "generate":
        return Read(_written(blank, question, failures.get(context), sample["resps"][0][0]), context in cut, False)
    scores = _scores(sample)
    if not all(map(math.isfinite, scores)):
        return Read(blank._replace(failure=failures.get(context, _NOT_FINITE)), context in cut, False)
    chosen = question.letters[scores.index(max(scores))]
    answer = blank._replace(correct=sample["acc"] == 1.0, answer=chosen)
    return Read(answer, context in cut, scores.count(max(scores)) > 1)


def read_named_sample(task: str, sample: Sample, failures: Mapping[str, str], cut: Collection[str]) -> Read:
    """The answer to a document of a task of the harness, which has its own way to tell right from wrong.

    :raises InputError: where the task has no metric of right and wrong.
    """
    context = str(sample["arguments"][0][0])
    name = f"{task}:{sample['doc_id']}"
    blank = Answer(name, None, None, _letter(sample["target"]), _digest(sample["arguments"]))
    metric = next((metric for metric in _METRICS if sample.get(metric) in (0, 1)), None)
    if metric is None:
        what = f"has no right and wrong (its metrics are {', '.join(sample['metrics'])})"
        raise InputError(what, where=task, remedy="name a task with acc or exact_match")
    if context in failures:
        return Read(blank._replace(failure=failures[context]), context in cut, False)
    scored = isinstance(sample["resps"][0][0], (tuple, list))
    scores = _scores(sample) if scored else []
    if not all(map(math.isfinite, scores)):
        return Read(blank._replace(failure=_NOT_FINITE), context in cut, False)
    chosen = _letter(scores.index(max(scores)) if scored else sample["filtered_resps"][0])
    answer = blank._replace(correct=sample[metric] == 1, answer=chosen)
    return Read(answer, context in cut, scored and scores.count(max(scores)) > 1)


def said(text: str, options: Mapping[str, str]) -> str | None:
    """The letter that a text chooses, after the thoughts that may come before it; None where it cannot be read."""
    answer = text.rpartition("</think>")[2]
    return None if "<think>" in answer else read_choice(answer, options)


def _written(blank: Answer, question: Question, failure: str | None, text: str) -> Answer:
    if failure is not None:
        return blank._replace(failure=failure)
    chosen = said(text, question.choices)
    return blank._replace(correct=chosen == question.expected, answer=chosen)


def _scores(sample: Sample) -> list[float]:
    """The log-likelihood of each option."""
    return [response[0][0] for response in sample["resps"]]


def _letter(choice: Any) -> str:
    if isinstance(choice, int) and not isinstance(choice, bool):
        return LETTERS[choice] if 0 <= choice < len(LETTERS) else str(choice)
    return str(choice)[:_MOST_CHARACTERS]


def _digest(arguments: Any) -> str:
    """Of all that the model was given for one question."""
    return xxhash.xxh3_64_hexdigest(jsontext.dump_bytes(arguments))

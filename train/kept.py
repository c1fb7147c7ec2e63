"""The run's own small retention set: general questions, asked before training and at every evaluation.

>>> questions = read_kept(Path("tasks/general.jsonl"), limit=200)  # doctest: +SKIP
>>> kept_of(model, tokenizer, questions)  # doctest: +SKIP
Asked(n=200, right=124, failed=0)

Nothing is generated: the right answer must be likelier than the others, which takes one look at each. Questions with
options are put as `evaluate retention` puts them, and the letters are compared. Of questions with a reference, the
references of three other questions are the wrong answers, and what is compared is the mean log-likelihood of a token,
so that a short answer has no advantage. This is a smoke alarm, not a measurement: for that there is
`tunesmith evaluate retention`, with intervals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.curate.io import open_input
from tunesmith.errors import InputError, RowError
from tunesmith.evaluate.predict_backend import Prompt
from tunesmith.evaluate.predict_questions import Question as Open
from tunesmith.evaluate.predict_questions import read_questions
from tunesmith.evaluate.predict_template import PLAIN, Template
from tunesmith.evaluate.retention_files import read_subjects
from tunesmith.evaluate.retention_prompts import documents
from tunesmith.evaluate.retention_types import Subject

#: Wrong answers beside the right one, of a question that brings none.
N_OTHERS = 3
_OPTIONS = ("choices", "options", "A", "a")


class KeptQuestion(NamedTuple):
    """One question and its answers.

    :param prompt: a text that the answers follow, or the turns of a conversation.
    :param answers: as they stand behind the prompt; `right` is the number of the right one.
    """

    id: str
    prompt: str | tuple[Mapping[str, Any], ...]
    answers: tuple[str, ...]
    right: int


class Asked(NamedTuple):
    """What came of it; `failed` were longer than the model takes, refused by its template, or not finite: not right."""

    n: int
    right: int
    failed: int

    @property
    def share(self) -> float:
        """Of all questions those that were right."""
        return self.right / self.n


def read_kept(path: Path, *, limit: int) -> list[KeptQuestion]:
    """The questions of a file or folder, spread evenly over it where it has more than `limit`.

    :raises InputError: where it cannot be read, or holds fewer than two questions that can be asked so.
    """
    if not path.exists():
        raise InputError(
            "expected a file of general questions, found nothing", where=str(path), remedy="correct `kept`"
        )
    found = _with_options(path) if path.is_dir() or _has_options(path) else _with_references(path)
    if len(found) < 2:
        remedy = 'give rows with "choices" and "answer", or with "messages" and "reference"'
        raise InputError(f"expected questions with answers, saw {len(found)}", where=str(path), remedy=remedy)
    wanted = min(limit, len(found))
    return [found[number * len(found) // wanted] for number in range(wanted)]


def _has_options(path: Path) -> bool:
    first = next(islice(open_input(path).rows(), 1), None)
    data = first.data if first is not None else None
    if isinstance(data, Mapping):
        return any(name in data for name in _OPTIONS)
    return data is not None and any(f'"{name}"'.encode() in data for name in _OPTIONS[:2])


def _with_options(path: Path) -> list[KeptQuestion]:
    return [one for subject in read_subjects(str(path), shots=0) for one in _of_subject(subject)]


def _of_subject(subject: Subject) -> list[KeptQuestion]:
    questions, _ = documents(subject, "loglikelihood")
    return [
        KeptQuestion(
            one["id"],
            one["introduction"] + one["text"],
            tuple(f" {letter}" for letter in one["letters"]),
            one["answer"],
        )
        for one in questions
    ]


def _with_references(path: Path) -> list[KeptQuestion]:
    rows: list[Open] = [one for one in read_questions(path).rows if one.references]
    answers = [one.references[0] for one in rows]
    found = []
    for number, one in enumerate(rows):
        others = _others(answers, number)
        if others:
            found.append(KeptQuestion(one.id, one.messages, (answers[number], *others), 0))
    return found


def _others(answers: Sequence[str], number: int) -> list[str]:
    """The answers of questions far from this one in the file: neighbours are often about the same."""
    step = max(1, len(answers) // (N_OTHERS + 1))
    places = [(number + step * turn) % len(answers) for turn in range(1, N_OTHERS + 1)]
    return [one for one in dict.fromkeys(answers[place] for place in places) if one != answers[number]]


def kept_of(model: Any, tokenizer: Any, questions: Sequence[KeptQuestion]) -> Asked:
    """Ask a live model, which is left in the mode that it was in.

    :param model: a causal language model of transformers, with or without an adapter, on any device.
    """
    import torch

    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            scores = [scores_of(model, tokenizer, one) for one in questions]
    finally:
        model.train(training)
    right = sum(found is not None and _is_right(found, one.right) for found, one in zip(scores, questions))
    return Asked(len(questions), right, sum(found is None for found in scores))


def _is_right(scores: Sequence[float], right: int) -> bool:
    """The first of equals counts as chosen, as the harness has it."""
    return max(range(len(scores)), key=scores.__getitem__) == right


def scores_of(model: Any, tokenizer: Any, question: KeptQuestion) -> list[float] | None:
    """The log-likelihood of each option's letter, or the mean one of a token of each answer; None where the question
    cannot be asked."""
    try:
        pairs = [_tokens(tokenizer, question.prompt, answer) for answer in question.answers]
    except RowError:
        return None
    limit = getattr(model.config, "max_position_embeddings", None) or math.inf
    if any(len(prompt) + len(answer) > limit or not answer for prompt, answer in pairs):
        return None
    if len({tuple(prompt) for prompt, _ in pairs}) == 1 and all(len(answer) == 1 for _, answer in pairs):
        table = _log_probabilities(model, pairs[0][0], 1)
        found = [table[0, answer[0]].item() for _, answer in pairs]
    else:
        found = [_sum(model, prompt, answer) for prompt, answer in pairs]
        if not isinstance(question.prompt, str):  # letters are summed, as the harness does
            found = [total / len(answer) for total, (_, answer) in zip(found, pairs)]
    return found if all(map(math.isfinite, found)) else None


def _tokens(tokenizer: Any, prompt: str | tuple[Mapping[str, Any], ...], answer: str) -> tuple[list[int], list[int]]:
    """As the harness cuts: tokens of the whole, and how many of them the prompt has by itself."""
    if isinstance(prompt, str):
        before: list[int] = tokenizer.encode(prompt)
        return before, tokenizer.encode(prompt + answer)[len(before) :]
    text = tokenizer.chat_template if isinstance(tokenizer.chat_template, str) else PLAIN
    before = Template(text).tokens(Prompt(prompt), tokenizer)
    return before, tokenizer.encode(answer, add_special_tokens=False)


def _sum(model: Any, prompt: list[int], answer: list[int]) -> float:
    table = _log_probabilities(model, [*prompt, *answer[:-1]], len(answer))
    return float(sum(table[number, token].item() for number, token in enumerate(answer)))


def _log_probabilities(model: Any, tokens: list[int], n_last: int) -> Any:
    """Of the tokens after each of the last `n_last`: `(n_last, n_words)`, float32. No other logits are made."""
    import torch

    given = torch.tensor([tokens], device=model.get_input_embeddings().weight.device)
    logits = model(input_ids=given, use_cache=False, logits_to_keep=n_last).logits[0]
    return logits[-n_last:].float().log_softmax(-1)

"""How a question is put to a model: as lm-evaluation-harness asks CMMLU and MMLU, or to be answered in words.

>>> question = Question("1", "2 + 2 = ?", ("3", "4"), 1)
>>> print(scored_prompt(question, "en"))
2 + 2 = ?
A. 3
B. 4
Answer:
>>> print(written_prompt(question, "zh"))
2 + 2 = ?
A. 3
B. 4
请只回答正确选项的字母。
"""

from __future__ import annotations

from typing import Any

from tunesmith.evaluate.retention_types import Mode, Question, Subject

#: Of the wording; part of what a stored answer depends on.
VERSION = 1

_INTRODUCTION = {
    "zh": "以下是单项选择题，请直接给出正确答案的选项。\n\n",
    "en": "The following are multiple choice questions (with answers).\n\n",
}
_ANSWER = {"zh": "答案：", "en": "Answer:"}
_REQUEST = {"zh": "请只回答正确选项的字母。", "en": "Answer with the letter of the correct option only."}


def scored_prompt(question: Question, language: str) -> str:
    """What comes before the letters whose likelihoods are compared; each letter follows after a space."""
    return f"{_with_options(question)}\n{_ANSWER[language]}"


def written_prompt(question: Question, language: str) -> str:
    """A request that is to be answered in words."""
    return f"{_with_options(question)}\n{_REQUEST[language]}"


def documents(subject: Subject, mode: Mode) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The questions and the solved examples of a subject, as the engine takes them."""
    return (
        [_document(question, subject.language, mode) for question in subject.questions],
        [_document(question, subject.language, mode) for question in subject.shots],
    )


def _document(question: Question, language: str, mode: Mode) -> dict[str, Any]:
    prompt = scored_prompt if mode == "loglikelihood" else written_prompt
    return {
        "id": question.id,
        "introduction": _INTRODUCTION[language] if mode == "loglikelihood" else "",
        "text": prompt(question, language),
        "letters": question.letters,
        "answer": question.answer,
        "expected": question.expected,
    }


def _with_options(question: Question) -> str:
    return "\n".join([question.text, *(f"{letter}. {text}" for letter, text in question.choices.items())])

"""What a person has to know before believing a result on retention, as codes with their numbers.

>>> told = warnings_of(Settings(limit=10), covered, {"before": guess}, None)  # doctest: +SKIP
>>> warning_text(told[0], "en")  # doctest: +SKIP
'the model before cannot be told from guessing (…): what a model does not know cannot be seen to be forgotten'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunesmith.curate.said import Said
from tunesmith.evaluate.retention_summary import Guessing
from tunesmith.evaluate.retention_types import AFTER, BEFORE, Settings

#: By how much one letter may be chosen more often than it is right before a system seems not to read the questions, and
#: the answers that it takes to say so.
MOST_FAVOUR, LEAST_ANSWERS = 0.5, 20
#: A share of unreadable answers from which on reading them is what is measured.
MOST_UNREADABLE = 0.05

Warning = dict[str, Any]


def warnings_of(
    settings: Settings, covered: Mapping[str, Any], guesses: Mapping[str, Guessing], bits: Mapping[str, Any] | None
) -> list[Warning]:
    """The warnings, each an object of `code` and the numbers of its text."""
    return [
        *_about_guessing(guesses),
        *_about_systems(covered),
        *_about_questions(settings, covered),
        *_about_texts(bits),
    ]


def warning_text(warning: Mapping[str, Any], language: str) -> str:
    """The sentence of a warning, in `en` or `zh`."""
    system = _SYSTEMS.get(warning.get("system", ""))
    named = {"system": system.in_language(language)} if system else {}
    return _TEXTS[warning["code"]].in_language(language).format(**{**warning, **named})


def _about_guessing(guesses: Mapping[str, Guessing]) -> Iterator[Warning]:
    for side, found in guesses.items():
        if found.at_chance and side == next(iter(guesses)):  # the earlier system, or the only one
            shown = {"accuracy": _percent(found.accuracy.value), "chance": _percent(found.chance or 0.0)}
            yield {"code": "at_chance", "system": side, **shown, "n": found.accuracy.n}
        favour = found.favourite_share - found.favourite_expected
        if found.accuracy.n >= LEAST_ANSWERS and favour > MOST_FAVOUR:
            shown = {"letter": str(found.favourite), "share": _percent(found.favourite_share)}
            yield {"code": "one_letter", "system": side, **shown}


def _about_systems(covered: Mapping[str, Any]) -> Iterator[Warning]:
    for side, counts in covered["systems"].items():
        of = {"system": side, "questions": covered["questions"]}
        if counts["failed"]:
            reasons = ", ".join(f"{reason} {n}" for reason, n in counts["failures"].items())
            yield {"code": "failed", **of, "n": counts["failed"], "reasons": reasons}
        if counts["unreadable"] > MOST_UNREADABLE * covered["questions"]:
            yield {"code": "unreadable", **of, "n": counts["unreadable"]}
        for code in ("cut", "tied"):
            if counts[code]:
                yield {"code": code, **of, "n": counts[code]}


def _about_questions(settings: Settings, covered: Mapping[str, Any]) -> Iterator[Warning]:
    if covered["prompts_differ"]:
        yield {"code": "prompts_differ", "n": covered["prompts_differ"]}
    if covered["left_out"]:
        yield {"code": "limited", "limit": settings.limit, "n": covered["left_out"]}


def _about_texts(bits: Mapping[str, Any] | None) -> Iterator[Warning]:
    for code in ("skipped", "not_finite"):
        if bits and bits[code]:
            yield {"code": code, "n": bits[code]}


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


_SYSTEMS = {BEFORE: Said("the model before", "之前的模型"), AFTER: Said("the model after", "之后的模型")}
_TEXTS = {
    "at_chance": Said(
        "{system} cannot be told from guessing ({accuracy} of {n} right, guessing gives {chance}): what a model does "
        "not know cannot be seen to be forgotten",
        "{system} 与瞎猜无异（{n} 题答对 {accuracy}，瞎猜为 {chance}）：模型本来就不会的，看不出是否遗忘",
    ),
    "one_letter": Said(
        "{system} answers {letter} in {share} of the questions, as if it did not read them",
        "{system} 有 {share} 的题目都答 {letter}，像是没有读题",
    ),
    "failed": Said(
        "{n} of {questions} questions failed for {system} ({reasons}); they count for neither system; the same command "
        "asks them again",
        "{system} 有 {n} / {questions} 题失败（{reasons}），两边都不计；再次运行同一命令会重问",
    ),
    "unreadable": Said(
        "{n} of {questions} answers of {system} choose no option that can be read, and count as wrong",
        "{system} 有 {n} / {questions} 个回答读不出选项，按答错计",
    ),
    "cut": Said(
        "{n} of {questions} prompts are longer than {system} takes: their beginning was left out; lower --shots",
        "{system} 有 {n} / {questions} 题的提示超出模型长度，开头被截去；可减小 --shots",
    ),
    "tied": Said(
        "{system} finds several options equally likely in {n} of {questions} questions; the first counts as its answer",
        "{system} 在 {n} / {questions} 题中有多个选项概率相同，取第一个",
    ),
    "prompts_differ": Said(
        "{n} questions were put to the two systems in different words (their chat templates differ)",
        "有 {n} 题两个系统的提示文字不同（对话模板不同）",
    ),
    "limited": Said(
        "only the first {limit} questions of each subject were asked; {n} were left out",
        "每个科目只问了前 {limit} 题，其余 {n} 题未问",
    ),
    "skipped": Said("{n} rows of --text hold no text that could be read", "--text 中有 {n} 行不是可读的文本"),
    "not_finite": Said(
        "{n} texts have no finite probability and were left out", "有 {n} 篇文本的概率不是有限数，未计入"
    ),
}

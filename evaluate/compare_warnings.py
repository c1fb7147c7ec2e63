"""What a reader of a comparison must know before believing it, as sentences in both languages.

>>> [warning["code"] for warning in warnings_of("a", "b", both, groups=None, judged=True)]  # doctest: +SKIP
['ids_missing', 'failures_uneven']
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tunesmith.curate.said import Said
from tunesmith.evaluate.compare_statistics import Groups
from tunesmith.evaluate.pairing import Pair
from tunesmith.evaluate.significance import FEW

_SHOWN_IDS = 5


def warnings_of(before: str, after: str, both: Pair, *, groups: Groups, judged: bool) -> list[dict[str, Any]]:
    """Every warning about one pair of systems: `code`, `values`, and the sentence in `en` and `zh`.

    :param before, after: the systems' names.
    :param judged: whether any metric says which answer is better.
    """
    found: list[dict[str, Any]] = []
    for check in (_missing, _unanswered, _failures, _identical, _allowed, _unrecorded):
        found += [_warning(code, before, after, values) for code, values in check(both)]
    if not judged and all(warning["code"] != "all_failed" for warning in found):  # that is reason enough
        found.append(_warning("no_primary", before, after, {}))
    if groups is not None and (n_groups := len(set(groups.tolist()))) < FEW:
        found.append(_warning("few_groups", before, after, {"n": n_groups, "least": FEW}))
    return found


def scored_anew(names: Sequence[str]) -> list[dict[str, Any]]:
    """A warning where folders had scores of other settings than one another."""
    return [_warning("scored_anew", "", "", {"metrics": ", ".join(names)})] if names else []


def unjudged(before: str, after: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """A warning where metrics were asked for, or one side has them, and no pair of answers has them on both."""
    return [_warning("metrics_missing", before, after, {"metrics": ", ".join(names)})] if names else []


Found = Iterator[tuple[str, dict[str, Any]]]


def _missing(both: Pair) -> Found:
    if both.only_before or both.only_after:
        ids = (*both.only_before, *both.only_after)[:_SHOWN_IDS]
        values = {"n": len(both.ids), "only_before": len(both.only_before), "only_after": len(both.only_after)}
        yield "ids_missing", values | {"ids": ", ".join(ids)}


def _unanswered(both: Pair) -> Found:
    """Questions of the file of references that neither answered; what one of them answered is told by `_missing`."""
    missing = sorted(set(both.before.unanswered) & set(both.after.unanswered))
    if missing:
        yield "unanswered", {"n": len(missing), "ids": ", ".join(missing[:_SHOWN_IDS])}


def _failures(both: Pair) -> Found:
    """Answers that failed on one side only leave the comparison, and may be just the hard ones."""
    failed_before = [both.before.rows[row].prediction is None for row in both.rows_before]
    failed_after = [both.after.rows[row].prediction is None for row in both.rows_after]
    only = sum(one != other for one, other in zip(failed_before, failed_after))
    values = {"before_n": sum(failed_before), "after_n": sum(failed_after), "only": only, "n": len(both.ids)}
    if all(one or other for one, other in zip(failed_before, failed_after)):
        yield "all_failed", values
    elif values["before_n"] != values["after_n"]:
        yield "failures_uneven", values
    elif only:
        yield "failures_elsewhere", values


def _identical(both: Pair) -> Found:
    same = sum(
        both.before.rows[i].prediction == both.after.rows[j].prediction
        for i, j in zip(both.rows_before, both.rows_after)
    )
    if same == len(both.ids):
        yield "identical", {"n": same}


def _allowed(both: Pair) -> Found:
    for what, n in both.allowed.items():
        yield f"allowed_{what}", {"differ": n, "n": len(both.ids)}


def _unrecorded(both: Pair) -> Found:
    """One sentence a thing, whoever did not say it; two unknown prompts are worse than two unknown seeds."""
    for what, sides in both.unrecorded.items():
        yield f"unrecorded_{what}", {"sides": list(sides)}


def _warning(code: str, before: str, after: str, values: dict[str, Any]) -> dict[str, Any]:
    sides = values.get("sides", [])
    words = {"before": before, "after": after} | values
    english = " and ".join({"before": before, "after": after}[side] for side in sides)
    chinese = "、".join({"before": before, "after": after}[side] for side in sides)
    said = _SENTENCES[code]
    return {
        "code": code,
        "values": words,
        "en": said.en.format_map(words | {"where": english}),
        "zh": said.zh.format_map(words | {"where": chinese}),
    }


_SENTENCES: dict[str, Said] = {
    "ids_missing": Said(
        "Only the {n:,} items that both have are compared: {only_before:,} stand only in {before}, {only_after:,} only "
        "in {after} ({ids}).",
        "只比较双方都有的 {n:,} 题：另有 {only_before:,} 题只在 {before} 中，"
        "{only_after:,} 题只在 {after} 中（{ids}）。",
    ),
    "unanswered": Said(
        "The file of references has {n:,} more items that neither {before} nor {after} answered ({ids}).",
        "参考答案文件中另有 {n:,} 题，{before} 与 {after} 都没有作答（{ids}）。",
    ),
    "failures_uneven": Said(
        "{before} failed to answer {before_n:,} items and {after} {after_n:,}. {only:,} items failed on one side only "
        "and count in no metric: if these are the hard ones, the comparison flatters whoever failed more.",
        "{before} 有 {before_n:,} 题没有答出（调用失败），{after} 有 {after_n:,} 题。"
        "有 {only:,} 题只有一方失败，不计入任何指标："
        "如果失败的恰是难题，结果会偏向失败更多的一方。",
    ),
    "failures_elsewhere": Said(
        "{before} and {after} failed to answer {before_n:,} items each, but not the same ones: {only:,} items count in "
        "no metric.",
        "{before} 与 {after} 各有 {before_n:,} 题失败，但不是同一批：有 {only:,} 题不计入任何指标。",
    ),
    "all_failed": Said(
        "No item was answered by both: {before} failed on {before_n:,} of {n:,} and {after} on {after_n:,}. There is "
        "nothing to compare.",
        "没有一题是双方都答出的：{n:,} 题中 {before} 失败 {before_n:,} 题，{after} 失败 {after_n:,} 题，无从比较。",
    ),
    "identical": Said(
        "All {n:,} answers of {before} and {after} are the same, letter for letter: check that the files are the ones "
        "that you mean, and that the adapter was loaded.",
        "{before} 与 {after} 的 {n:,} 个回答逐字相同：请确认文件无误，并确认适配器（adapter）确已加载。",
    ),
    "allowed_prompts": Said(
        "The prompts differ in {differ:,} of {n:,} items, which you allowed: the difference may come from the prompts.",
        "{n:,} 题中有 {differ:,} 题的提示词不同（你允许如此）：差别可能来自提示词。",
    ),
    "allowed_references": Said(
        "The references differ in {differ:,} of {n:,} items, which you allowed: each side is scored against its own.",
        "{n:,} 题中有 {differ:,} 题的参考答案不同（你允许如此）：双方各按自己的参考答案计分。",
    ),
    "allowed_templates": Said(
        "The chat templates differ in {differ:,} of {n:,} items, which you allowed: the difference may come from them.",
        "{n:,} 题中有 {differ:,} 题的对话模板不同（你允许如此）：差别可能来自模板。",
    ),
    "allowed_decoding": Said(
        "The decoding settings differ in {differ:,} of {n:,} items, which you allowed: the difference may come from "
        "them.",
        "{n:,} 题中有 {differ:,} 题的解码设置不同（你允许如此）：差别可能来自解码。",
    ),
    "unrecorded_prompts": Said(
        "Not all lines of {where} hold their prompt, so nobody can check that both answered the same questions.",
        "{where} 并非每行都有提示词，无法核对双方回答的是否为同一问题。",
    ),
    "unrecorded_templates": Said(
        "Not all lines of {where} say which chat template was used (`meta.template_hash`); it is taken to be the same.",
        "{where} 并非每行都注明所用的对话模板（`meta.template_hash`），此处视为相同。",
    ),
    "unrecorded_decoding": Said(
        "Not all lines of {where} say how the answers were decoded (`meta.decoding`); it is taken to be the same.",
        "{where} 并非每行都注明解码设置（`meta.decoding`），此处视为相同。",
    ),
    "no_primary": Said(
        "Nothing says whether an answer is better: the items have no references and no marks. Give them with "
        "--references.",
        "没有任何依据判断回答的好坏：题目既无参考答案，也无对错标记。请用 --references 提供。",
    ),
    "scored_anew": Said(
        "The folders had these metrics scored with different settings, so they were scored anew: {metrics}. "
        "A similarity is left out then: name its model with --similarity.",
        "各文件夹中这些指标的计分设置不同，已重新计算：{metrics}。"
        "相似度在这种情况下会略去：请用 --similarity 指定模型。",
    ),
    "metrics_missing": Said(
        "No item has a value of {metrics} both in {before} and in {after}, so that is not compared.",
        "没有一题在 {before} 与 {after} 中都有 {metrics} 的值，因此未作比较。",
    ),
    "few_groups": Said(
        "The items form only {n:,} groups; below {least:,} even a true difference is told as too few.",
        "题目只分属 {n:,} 个组；少于 {least:,} 组时，即使确有差别也只能判为“样本太少”。",
    ),
}

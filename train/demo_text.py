"""What the demo says at its end: only what it measured, with n and intervals.

>>> print(demo_text(found, "en"))  # doctest: +SKIP
Before tuning, the model knew:
  with options: 160 of 160 facts (100.0%, 95 % interval 97.7% to 100.0%)
…
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.train.preflight_text import table
from tunesmith.train.types import Language

_WIDTH = 100

_WORDS: dict[str, tuple[str, str]] = {
    "before": ("Before tuning, the model knew:", "微调之前，模型答对："),
    "options": ("with options", "选择题"),
    "words": ("in words", "问答题"),
    "known": (
        "  {name}: {right} of {n} facts ({share:.1%}, 95 % interval {low:.1%} to {high:.1%})",
        "  {name}：{n} 条知识中的 {right} 条（{share:.1%}，95% 区间 {low:.1%} 至 {high:.1%}）",
    ),
    "too_little": (
        "That is less than 80 %: there is too little to forget, and what follows means little.",
        "不到 80%：本来就没记住多少，下面的结果意义不大。",
    ),
    "domain": ("Tuned on the domain alone ({rows}):", "只用领域数据微调（{rows}）："),
    "mix": ("Tuned on the same with general rows, 1:5 ({rows}):", "领域与通用数据按 1:5 混合微调（{rows}）："),
    "rows": ("{n} {group} rows", "{group} {n} 条"),
    "group.domain": ("domain", "领域"),
    "group.general": ("general", "通用"),
    "overall": ("all facts, with options", "全部知识（选择题）"),
    "rehearsed": ("  those that the mix repeats", "  混合数据重复过的"),
    "not_rehearsed": ("  those that nothing repeats", "  没有重复过的"),
    "in_words": ("all facts, in words", "全部知识（问答题）"),
    "questions": ("questions", "题数"),
    "known_then": ("before", "之前"),
    "known_now": ("after", "之后"),
    "points": ("points", "百分点"),
    "interval": ("95 % interval", "95% 区间"),
    "verdict": ("verdict", "结论"),
    "between": ("{low:+.1f} to {high:+.1f}", "{low:+.1f} 至 {high:+.1f}"),
    "loss": (
        "  loss on {n} held-out domain rows ({tokens:,} trained tokens): {last:.2f}; too few to compare",
        "  {n} 条留出领域数据（{tokens:,} 个计入损失的词元）上的损失：{last:.2f}；行数太少，不宜比较",
    ),
    "reports": ("  reports: {comparison}\n           {retention}", "  报告：{comparison}\n        {retention}"),
    "end": (
        "All of it was trained and measured here in {seconds:.0f} s; everything is in {out}.",
        "以上全部在本机现场训练并测得，用时 {seconds:.0f} 秒；所有文件在 {out}。",
    ),
    "note": (
        "A tiny model and few rows: what it shows is the direction, not how much a real model forgets.",
        "模型极小、数据很少：这里看的是方向，不代表真实模型会忘记多少。",
    ),
}
_VERDICTS = {
    "forgotten": ("forgotten", "已遗忘"),
    "retained": ("retained", "已保留"),
    "not shown": ("too few to say", "题数不足，无法断定"),
    "worse": ("worse", "变差"),
    "better": ("better", "变好"),
    "no clear change": ("no clear change", "无明显变化"),
    "too few": ("too few to say", "题数不足，无法断定"),
}


def demo_text(found: Mapping[str, Any], language: Language) -> str:
    """The summary.

    :param found: as `run_demo` gives it.
    """
    lines = [_say(language, "before")]
    for name, known in found["known_before"].items():
        low, high = known["interval"]
        told = {"right": known["right"], "n": known["n"], "share": known["share"], "low": low, "high": high}
        lines.append(_say(language, "known", name=_say(language, name), **told))
    if not found["knows_enough"]:
        lines.append(_say(language, "too_little"))
    for name, tuned in found["tuned"].items():
        lines += ["", *_tuned(name, tuned, language)]
    lines += ["", _say(language, "note"), _say(language, "end", seconds=found["seconds"], out=found["out"])]
    return "\n".join(lines)


def _tuned(name: str, tuned: Mapping[str, Any], language: Language) -> list[str]:
    rows = [_say(language, "rows", n=n, group=_say(language, f"group.{group}")) for group, n in tuned["rows"].items()]
    lines = [_say(language, name, rows=("、" if language == "zh" else ", ").join(rows))]
    entries = {**tuned["retention"], "in_words": tuned["in_words"]}
    parts = ("overall", "rehearsed", "not_rehearsed", "in_words")
    heads = ("questions", "known_then", "known_now", "points", "interval", "verdict")
    cells = [_cells(part, entries[part], language) for part in parts]
    titles = ["", *(_say(language, head) for head in heads)]
    lines.append(table(titles, cells, left=(0, len(heads)), color=False, width=_WIDTH))
    if tuned["domain_loss"]:
        lines.append(_say(language, "loss", **tuned["domain_loss"]))
    reports = {"comparison": tuned["comparison_report"], "retention": tuned["retention_report"]}
    return [*lines, _say(language, "reports", **reports)]


def _cells(part: str, entry: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    low, high = entry["interval"] or (None, None)
    return (
        _say(language, part),
        f"{entry['n']:,}",
        f"{entry['before']:.1%}",
        f"{entry['after']:.1%}",
        f"{100 * entry['difference']:+.1f}",
        "–" if low is None or high is None else _say(language, "between", low=100 * low, high=100 * high),
        _VERDICTS.get(entry["verdict"] or "", ("–", "–"))[language == "zh"],
    )


def _say(language: Language, key: str, **values: Any) -> str:
    return _WORDS[key][language == "zh"].format(**values)

"""What the demo says at its end: only what it measured, with n and intervals.

>>> print(demo_text(found, "en"))  # doctest: +SKIP
Before tuning, the model knew:
  with options: 160 of 160 facts (100.0%, 95 % interval 97.7% – 100.0%)
…
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunesmith.train.types import Language

_WORDS: dict[str, tuple[str, str]] = {
    "before": ("Before tuning, the model knew:", "微调之前，模型答对："),
    "options": ("with options", "选择题"),
    "words": ("in words", "问答题"),
    "known": (
        "  {name}: {right} of {n} facts ({share:.1%}, 95 % interval {low:.1%} – {high:.1%})",
        "  {name}：{n} 条知识中的 {right} 条（{share:.1%}，95% 区间 {low:.1%} – {high:.1%}）",
    ),
    "too_little": (
        "That is less than 80 %: there is too little to forget, and what follows means little.",
        "不到 80%：本来就没记住多少，下面的结果意义不大。",
    ),
    "domain": ("Tuned on the domain alone ({rows}):", "只用领域数据微调（{rows}）："),
    "mix": ("Tuned on the same with general rows, 1:5 ({rows}):", "领域与通用数据按 1:5 混合微调（{rows}）："),
    "rows": ("{n} {group} rows", "{group} {n} 条"),
    "overall": ("all facts, with options", "全部知识（选择题）"),
    "rehearsed": ("  facts that the mix repeats", "  混合数据中重复过的"),
    "not_rehearsed": ("  facts that nothing repeats", "  没有重复过的"),
    "in_words": ("all facts, in words", "全部知识（问答题）"),
    "line": (
        "  {name}: {before} before, {after} after, {difference} points (95 % interval {interval}), "
        "{n} questions{verdict}",
        "  {name}：之前 {before}，之后 {after}，相差 {difference} 个百分点（95% 区间 {interval}），共 {n} 题{verdict}",
    ),
    "loss": ("  loss on held-out domain rows: {last:.3f}", "  留出领域数据上的损失：{last:.3f}"),
    "reports": ("  reports: {comparison}, {retention}", "  报告：{comparison}，{retention}"),
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
    rows = [_say(language, "rows", n=n, group=group) for group, n in tuned["rows"].items()]
    lines = [_say(language, name, rows=", ".join(rows))]
    entries = {**tuned["retention"], "in_words": tuned["in_words"]}
    lines += [_line(part, entries[part], language) for part in ("overall", "rehearsed", "not_rehearsed", "in_words")]
    if tuned["domain_loss"]:
        lines.append(_say(language, "loss", last=tuned["domain_loss"]["last"]))
    reports = {"comparison": tuned["comparison_report"], "retention": tuned["retention_report"]}
    return [*lines, _say(language, "reports", **reports)]


def _line(part: str, entry: Mapping[str, Any], language: Language) -> str:
    interval = entry["interval"]
    verdict = _VERDICTS.get(entry["verdict"] or "")
    return _say(
        language,
        "line",
        name=_say(language, part),
        before=f"{entry['before']:.1%}",
        after=f"{entry['after']:.1%}",
        difference=f"{100 * entry['difference']:+.1f}",
        interval=f"{100 * interval[0]:+.1f} – {100 * interval[1]:+.1f}" if interval else "–",
        n=entry["n"],
        verdict=(": " if language == "en" else "：") + verdict[language == "zh"] if verdict else "",
    )


def _say(language: Language, key: str, **values: Any) -> str:
    return _WORDS[key][language == "zh"].format(**values)

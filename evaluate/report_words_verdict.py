"""Words of the verdicts, and the sentences that say them to somebody who knows no statistics."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "verdict.better": ("better", "变好"),
    "verdict.worse": ("worse", "变差"),
    "verdict.no clear change": ("no clear change", "看不出明显变化"),
    "verdict.too few": ("too few to tell", "样本太少"),
    "verdict.none": ("not compared", "未比较"),
    "verdict_kind.better": ("better", "变好"),
    "verdict_kind.worse": ("worse", "变差"),
    "verdict_kind.unclear": ("no clear change", "看不出明显变化"),
    "verdict_kind.few": ("too few to tell", "样本太少"),
    "verdict_kind.none": ("not compared", "未比较"),
    "headline_several": ("{n} systems compared with “{first}”", "{n} 个系统与“{first}”的对比"),
    "headline_better": ("“{after}” is better than “{before}”.", "“{after}”比“{before}”好。"),
    "headline_worse": ("“{after}” is worse than “{before}”.", "“{after}”比“{before}”差。"),
    "headline_unclear": (
        "The data do not show that “{after}” is better or worse than “{before}”.",
        "现有数据看不出“{after}”比“{before}”好还是差。",
    ),
    "headline_few": (
        "Too few items to say whether “{after}” is better than “{before}”.",
        "题目太少，说不准“{after}”是否比“{before}”好。",
    ),
    "headline_none": (
        "No metric could compare “{after}” with “{before}”.",
        "没有一项指标能比较“{after}”与“{before}”。",
    ),
    "rose": (
        "{metric} rose from {before} to {after} ({difference} points, 95% interval {interval}, {items}).",
        "{metric}由 {before} 升至 {after}（{difference} 分，95% 区间 {interval}，共 {items}）。",
    ),
    "fell": (
        "{metric} fell from {before} to {after} ({difference} points, 95% interval {interval}, {items}).",
        "{metric}由 {before} 降至 {after}（{difference} 分，95% 区间 {interval}，共 {items}）。",
    ),
    "stood": (
        "{metric}: {before} before, {after} after (difference {difference} points, 95% interval {interval}, {items}).",
        "{metric}：之前 {before}，之后 {after}（相差 {difference} 分，95% 区间 {interval}，共 {items}）。",
    ),
    "stayed": (
        "{metric} stayed at {after} (95% interval of the difference {interval}, {items}).",
        "{metric}保持在 {after}（差值的 95% 区间 {interval}，共 {items}）。",
    ),
    "blind": (
        "A true change of {detectable} points or more would probably have been seen; a smaller one may be there "
        "unseen.",
        "若真有 {detectable} 分以上的变化，多半已经看出；更小的变化即使存在也看不出来。",
    ),
    "too_few_needed": (
        "To show a difference as large as this one, about {needed} items are needed.",
        "要看出这么大的差值，大约需要 {needed} 题。",
    ),
    "too_few_n": ("{items} are too few for any verdict.", "{items}太少，下不了结论。"),
    "too_few_groups": (
        "The items form only {n} groups: too few for any verdict.",
        "题目只分属 {n} 个组，下不了结论。",
    ),
    "alone": (
        "Alone, this difference would count as clear; with {n} differences tested together it does not.",
        "单看这一项，差值算得上明显；与其余各项（共 {n} 项）一并检验后则不然。",
    ),
    "hardly_chance": (
        "Chance alone would hardly give such a difference (p {p}, corrected for {n} differences tested together).",
        "仅凭偶然几乎不会出现这样的差值（p {p}，已就一并检验的 {n} 项作校正）。",
    ),
    "hardly_chance_alone": (
        "Chance alone would hardly give such a difference (p {p}).",
        "仅凭偶然几乎不会出现这样的差值（p {p}）。",
    ),
    "alone_short": ("clear only by itself", "单看时才明显"),
    "glance_quality": ("Quality of the answers", "回答质量"),
    "glance_knowledge": ("What it knew before", "原有知识"),
    "glance_habits": ("Habits of “{after}”", "“{after}”的行为习惯"),
    "glance_items": ("Items compared", "参与比较的题目"),
    "count_better": ("{n} better", "{n} 项变好"),
    "count_worse": ("{n} worse", "{n} 项变差"),
    "count_unclear": ("{n} without a clear change", "{n} 项看不出明显变化"),
    "count_few": ("{n} with too few items to tell", "{n} 项样本太少"),
    "glance_worse": ("Worse: {metrics}.", "变差：{metrics}。"),
    "glance_better": ("Better: {metrics}.", "变好：{metrics}。"),
    "failed_sides": (
        "{before} failed before, {after} after; a failed item has no value and counts for neither side.",
        "之前有 {before}失败，之后有 {after}失败；失败的题目没有得分，对双方都不计。",
    ),
    "failed_as_wrong": (
        "With failed answers as wrong: {metric} {before} before, {after} after ({difference}, 95% interval {interval}; "
        "{verdict}).",
        "若把失败的回答算作错误：{metric}之前 {before}，之后 {after}（{difference}，95% 区间 {interval}；{verdict}）。",
    ),
    "read_interval": ("Interval", "区间"),
    "read_interval_text": (
        "Another set of questions would have given another difference. The interval holds the true one in 95 of 100 "
        "such comparisons. Its width says how much the figure can be trusted.",
        "换一批题目，差值就会不同。这样的对比做 100 次，约有 95 次区间会包含真实差值；区间越宽，数字越不可靠。",
    ),
    "read_verdict": ("Verdict", "结论"),
    "read_verdict_text": (
        "Better or worse is said only where chance alone would hardly give such a difference, after correction for "
        "all metrics that were tested together. “No clear change” does not mean that nothing changed: the shaded band "
        "shows how large a change could have been missed.",
        "只有在排除偶然之后（并就同时检验的所有指标作校正），才说变好或变差。“看不出明显变化”不等于没有变化："
        "阴影带表示多大的变化可能没被看出来。",
    ),
    "read_points": ("Points", "分"),
    "read_points_text": (
        "Every quality metric is shown on a scale from 0 to 100, so differences can be read side by side. They are not "
        "worth the same: a point of ROUGE says less than a point of correct answers.",
        "所有质量指标都换算成 0 至 100，便于对照；但各项的一分并不等价：ROUGE 的一分，分量不如正确率的一分。",
    ),
    "read_flips": ("Right and wrong", "对与错"),
    "read_flips_text": (
        "Only items whose mark changed tell the two systems apart; the exact test looks at nothing else.",
        "只有对错发生变化的题目才能区分两个系统，精确检验也只看这些题。",
    ),
}

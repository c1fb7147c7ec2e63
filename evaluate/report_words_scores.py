"""Words of the page of one system's scores."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "scores": ("Scores", "评分报告"),
    "scored": ("{predicted} of {items} were answered.", "{items}中答出 {predicted} 题。"),
    "quality": ("Quality", "质量"),
    "quality_lead": (
        "Each dot is the score on these items; its line is the range in which the score on all such questions most "
        "likely lies.",
        "圆点是这批题目上的得分，横线是在所有同类题目上得分最可能所在的范围。",
    ),
    "quality_caption": ("From 0 to 100; higher is better", "满分 100，越高越好"),
    "others": ("Further figures", "其他数字"),
    "others_lead": ("Neither better nor worse in themselves.", "这些数字本身无所谓好坏。"),
    "others_caption": ("Habits of the answers", "回答的习惯"),
    "score": ("Score", "得分"),
    "score_label": ("{metric}: {value}, 95% interval {interval}", "{metric}：{value}，95% 区间 {interval}"),
    "unreadable": (
        "{n} answers count as wrong because nothing could be read out of them",
        "{n} 个回答因读不出答案而记为错误",
    ),
    "score_slices": ("By group", "分组得分"),
    "score_slices_lead": (
        "Groups are smaller than the whole, so their ranges are wider. Two ranges that overlap say little about which "
        "group is better.",
        "组内题目少，区间更宽。区间重叠时，不能说哪一组更好。",
    ),
    "score_slices_caption": ("{metric}, by {field}", "{metric}，按{field}"),
    "score_slices_more_caption": ("Score, with its 95% interval", "得分与 95% 区间"),
    "undivided": (
        "Not divided by {field}: it has {n} values. Ask for it with --slice {field}.",
        "未按 {field} 分组：它有 {n} 个取值。如需分组，请用 --slice {field}。",
    ),
    "score_models": ("Model", "模型"),
    "score_references": ("References", "参考答案"),
    "score_coverage": ("Answers", "回答情况"),
    "score_reading": (
        "The interval holds the true score in 95 of 100 such sets of questions. To compare two systems, use "
        "`tunesmith evaluate compare`: it looks at the same items side by side and sees much smaller differences than "
        "two separate intervals.",
        "换一批同类题目 100 次，约有 95 次区间会包含真实得分。要比较两个系统，请用 `tunesmith evaluate compare`："
        "它逐题对照，能看出比两个独立区间小得多的差别。",
    ),
    "count.unanswered": ("Questions without an answer in the file", "文件中没有回答的题目"),
}

"""Words of the retention: what the model knew before, and whether it still does."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "retention": ("What it knew before", "原有知识"),
    "retention_lead": (
        "The same questions, before and after the tuning. Retained: a loss that matters can be ruled out, because the "
        "whole range lies to the right of the dashed margin. Forgotten: the whole range lies to the left of 0. Not "
        "shown: the questions are too few to say.",
        "微调前后回答同一批题目。“保住了”：整段区间都在虚线（容许损失）右侧，可排除有意义的损失；"
        "“遗忘了”：整段区间都在 0 的左侧；“未能证明”：题目太少，两者都说不准。",
    ),
    "retention_lead_alone": (
        "The share of questions that this model answers rightly. Give the model before as well to see what was "
        "forgotten.",
        "该模型答对的题目占比。再给出微调前的模型，才能看出遗忘了什么。",
    ),
    "retention_caption": ("Share of right answers, by subject", "各科目的正确率"),
    "retention_rest": ("Further subjects", "其余科目"),
    "subject": ("Subject", "科目"),
    "overall": ("All subjects", "全部科目"),
    "verdict.retained": ("retained", "保住了"),
    "verdict.forgotten": ("forgotten", "遗忘了"),
    "verdict.not shown": ("not shown", "未能证明"),
    "needed_about": ("needs about {needed} items", "约需 {needed} 题"),
    "retention_retained": (
        "Retained: a loss of more than {margin} points can be ruled out ({before} before, {after} after, 95% interval "
        "of the difference {interval}, {items}).",
        "保住了：可以排除超过 {margin} 分的损失"
        "（之前 {before}，之后 {after}，差值的 95% 区间 {interval}，共 {items}）。",
    ),
    "retention_forgotten": (
        "Forgotten: right answers fell from {before} to {after} ({difference} points, 95% interval {interval}, "
        "{items}).",
        "遗忘了：正确率由 {before} 降至 {after}（{difference} 分，95% 区间 {interval}，共 {items}）。",
    ),
    "retention_not_shown": (
        "Not shown: {before} before, {after} after, but {items} cannot rule out a loss of more than {margin} points "
        "(95% interval of the difference {interval}).",
        "未能证明：之前 {before}，之后 {after}，但 {items}不足以排除超过 {margin} 分的损失"
        "（差值的 95% 区间 {interval}）。",
    ),
    "retention_needed": ("About {n} items would decide.", "大约需要 {n} 题才能判定。"),
    "retention_alone": (
        "{value} of the answers are right (95% interval {interval}, {items}).",
        "答对 {value}（95% 区间 {interval}，共 {items}）。",
    ),
    "subjects": ("Subjects: {told}.", "分科目：{told}。"),
    "subjects_retained": ("{n} retained", "{n} 科保住了"),
    "subjects_forgotten": ("{n} forgotten", "{n} 科遗忘了"),
    "subjects_few": ("{n} not shown", "{n} 科未能证明"),
    "subjects_lost": ("Forgotten: {names}.", "遗忘的是：{names}。"),
    "retention_ids": ("Questions that became wrong or right", "由对变错与由错变对的题目"),
    "legend_retained": ("retained", "保住了"),
    "legend_forgotten": ("forgotten", "遗忘了"),
    "legend_few": ("not shown", "未能证明"),
    "legend_margin": ("a loss of this size does not matter (the margin)", "容许的损失"),
    "bits": ("Bits per byte of general text", "通用文本的每字节比特数"),
    "bits_short": ("General text: {verdict}.", "通用文本：{verdict}。"),
    "bits_text": (
        "How surprised the model is by ordinary text, in bits per byte; lower is better. {before} before, {after} "
        "after: {difference} (95% interval {interval}, {n} texts; a rise up to {margin} does not matter).",
        "模型对普通文本的“意外程度”（每字节比特数），越低越好。之前 {before}，之后 {after}，变化 {difference}"
        "（95% 区间 {interval}，{n} 篇文本；上升不超过 {margin} 视为无妨）。",
    ),
    "bits_text_alone": (
        "How surprised the model is by ordinary text, in bits per byte; lower is better: {after} (95% interval "
        "{interval}, {n} texts).",
        "模型对普通文本的“意外程度”（每字节比特数），越低越好：{after}（95% 区间 {interval}，{n} 篇文本）。",
    ),
    "read_retained": ("Retained, forgotten", "保住与遗忘"),
    "read_retained_text": (
        "That no loss was found does not prove that nothing was lost. “Retained” is said only where a loss beyond the "
        "margin can be ruled out, which takes many questions.",
        "没有发现损失，不等于没有损失。只有能排除超过容许范围的损失时，才说“保住了”，这需要足够多的题目。",
    ),
    "mode.loglikelihood": ("by log-likelihood", "按对数似然判定"),
    "mode.generate": ("by written answers", "按生成的回答判定"),
    "shots": ("{n} solved examples before each question", "每题前有 {n} 个示例"),
}

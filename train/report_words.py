"""The words of a training run's page, in English and in Chinese, side by side, so that neither can lack a text.

>>> say("zh", "outcome.finished")
'训练完成'
"""

from __future__ import annotations

from tunesmith.train.preflight_words import name as preflight_name


def say(language: str, key: str, /, **values: str) -> str:
    """One text with its places filled. A value is never read as a template."""
    return CATALOGUES[language][key].format(**values)


def name(language: str, prefix: str, code: str) -> str:
    """A code in plain words; one that this page and the preflight do not know, as it is."""
    return CATALOGUES[language].get(f"{prefix}.{code}") or preflight_name(language, prefix, code)


_TEXTS: dict[str, tuple[str, str]] = {
    "html_language": ("en", "zh-Hans"),
    "separator": (", ", "、"),
    "report": ("Training run", "训练报告"),
    "contents": ("Contents", "目录"),
    "outcome.finished": ("Finished", "训练完成"),
    "outcome.stopped_early": ("Stopped early: the validation got no better", "提前停止：验证损失不再下降"),
    "outcome.spike": ("Stopped by a loss spike", "因损失突增而停止"),
    "outcome.not_finite": ("Stopped by a figure that is not finite", "因出现非有限值而停止"),
    "lead": ("{outcome}, after {step}.", "{outcome}，共 {step}。"),
    "steps": ("{n} steps", "{n} 步"),
    "steps_of": ("{n} of {of} steps", "{n} / {of} 步"),
    "took": ("It took {time}.", "用时 {time}。"),
    "best_line": (
        "Validation loss ({group}) was lowest at step {step}: {value}.",
        "验证损失（{group}）在第 {step} 步最低：{value}。",
    ),
    "what": ("What was trained", "训练内容"),
    "model": ("Model", "模型"),
    "base": ("Started from", "起点"),
    "method": ("Stage and method", "阶段与方法"),
    "parameters": ("Parameters", "参数"),
    "parameters_of": ("{trained} of {all} trained ({share})", "共 {all}，训练 {trained}（{share}）"),
    "data": ("Data", "数据"),
    "rows": ("Rows", "数据行"),
    "rows_line": ("{trained} of {all} trained", "共 {all} 行，训练 {trained} 行"),
    "rows_all": ("all {all} trained", "全部 {all} 行参与训练"),
    "speed": ("Speed", "速度"),
    "tokens_per_second": ("{n} tokens a second", "每秒 {n} 个词元"),
    "memory": ("Peak memory", "内存峰值"),
    "memory.cuda": ("{used} of the GPU", "显存 {used}"),
    "memory.rss": ("{used} of this process on the CPU", "CPU 进程 {used}"),
    "memory.unknown": ("{used}", "{used}"),
    "estimated": ("estimated {low} to {high}", "估计 {low} 至 {high}"),
    "incidents": ("Incidents", "事故"),
    "no_incidents": ("none", "无"),
    "incidents_count": ("{n}, survived", "{n} 次，已恢复"),
    "curves": ("Losses", "损失曲线"),
    "curves_label": ("Losses by step", "各步损失"),
    "kept": ("General questions answered right", "通用题答对率"),
    "rate": ("Learning rate", "学习率"),
    "by_step": ("across: steps", "横轴：步"),
    "cut": (
        "Losses far above the others are cut off in the picture; the log has them.",
        "远高于其他值的损失在图中已截去，日志中仍保留。",
    ),
    "raw": ("training", "训练"),
    "smooth": ("training, smoothed", "训练（平滑）"),
    "incident_key": ("incident", "事故"),
    "validation": ("validation", "验证"),
    "group": ("validation: {group}", "验证：{group}"),
    "group.domain": ("domain", "领域"),
    "group.general": ("general", "通用"),
    "group.validation": ("validation", "验证集"),
    "validation_caption": ("Validation losses, each group by itself", "各组验证损失"),
    "set": ("Set", "数据集"),
    "first": ("first", "首次"),
    "best": ("lowest", "最低"),
    "last": ("last", "末次"),
    "change": ("first to last", "首末变化"),
    "at_step": ("step {step}", "第 {step} 步"),
    "forgets": (
        "The loss on general rows rose from {first} to {last}: the model forgets. Mix in more general rows, train "
        "fewer epochs or lower the rate; `evaluate retention` tells what was lost.",
        "通用数据的损失从 {first} 升至 {last}：模型正在遗忘。可增加通用数据比例、减少轮数或降低学习率；"
        "`evaluate retention` 能指出丢失了什么。",
    ),
    "overfits": (
        "The loss on {group} rows has risen since step {step}, from {best} to {last}: later steps were too many.",
        "{group}验证损失自第 {step} 步起从 {best} 升至 {last}：之后的训练已过量。",
    ),
    "kept_caption": ("General questions", "通用题"),
    "kept_line": (
        "General questions answered right: {first} before, {last} at the end.",
        "通用题答对率：训练前 {first}，结束时 {last}。",
    ),
    "kept_fewer": (
        "That is fewer. A small set is noisy: ask `evaluate retention` before you conclude.",
        "答对率下降了。题量较小，波动较大；下结论前请运行 `evaluate retention`。",
    ),
    "incidents_lead": (
        "The run went back to the last good checkpoint each time. Their rows are worth a look.",
        "每次都退回到上一个完好的检查点。请检查相关数据行。",
    ),
    "step": ("Step", "步"),
    "happened": ("What happened", "情况"),
    "then": ("What was done", "处理"),
    "kind.spike": ("loss {loss}, limit {limit}", "损失 {loss}，上限 {limit}"),
    "kind.not_finite": ("the {what} was not finite", "{what}不是有限值"),
    "figure.loss": ("loss", "损失"),
    "figure.grad_norm": ("gradient's norm", "梯度范数"),
    "halved": ("rate halved", "学习率减半"),
    "skipped": ("{n} left out", "跳过 {n}"),
    "rows_n": ("{n} rows", "{n} 行"),
    "row_1": ("1 row", "1 行"),
    "gave_up": ("stopped", "停止"),
    "from_step": ("back to step {step}", "退回第 {step} 步"),
    "from_start": ("back to the beginning", "退回开头"),
    "their_rows": ("Rows", "数据行"),
    "exact": ("found broken by themselves", "逐行确认有问题"),
    "whole_step": ("all of the step", "该步的全部数据行"),
    "unknown_rows": ("not known", "未知"),
    "data_caption": ("What became of the rows; `rows.parquet` has every one", "各行去向；逐行记录见 `rows.parquet`"),
    "reason.broke_the_run": ("it broke a step and was left out", "使某一步出错，已跳过"),
    "count": ("rows", "行数"),
    "share": ("share", "占比"),
    "sources": ("From", "来源"),
    "hash": ("Hash", "哈希"),
    "tokens": ("Tokens", "词元"),
    "tokens_line": (
        "{all}, {trained} of them trained, in {sequences} sequences",
        "{all} 个，训练其中 {trained} 个，共 {sequences} 个序列",
    ),
    "of_rows": ("n = {n}", "n = {n}"),
    "validation_rows": ("Validation rows", "验证行数"),
    "settings": ("Settings and their reasons", "设置与理由"),
    "setting": ("Setting", "设置"),
    "value": ("Value", "值"),
    "why": ("Why", "理由"),
    "machine": ("Machine and versions", "机器与版本"),
    "hardware": ("Hardware", "硬件"),
    "versions": ("Versions", "版本"),
    "seed": ("Seed", "随机种子"),
    "next": ("What to do next", "下一步"),
    "next.predict": ("Let it answer your questions", "让它回答你的问题"),
    "next.compare": ("Is it better than before?", "比之前更好吗？"),
    "next.retention": ("What did it forget?", "它忘了什么？"),
    "next.chat": ("Try it in the terminal", "在终端里试用"),
    "next.serve": ("Serve it", "部署服务"),
    "next.more": ("And", "还有"),
    "seconds": ("{n} s", "{n} 秒"),
    "minutes": ("{n} min", "{n} 分钟"),
    "hours": ("{n} h {m} min", "{n} 小时 {m} 分钟"),
}  # fmt: skip

CATALOGUES: dict[str, dict[str, str]] = {
    language: {key: texts[place] for key, texts in _TEXTS.items()} for place, language in enumerate(("en", "zh"))
}

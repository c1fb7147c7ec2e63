"""The words of the preflight's page, in English and in Chinese.

>>> TEXTS["preflight"]
('Preflight', '训练前检查')
"""

from __future__ import annotations

#: key -> English, Chinese. Texts that `say` fills have their places in braces.
TEXTS: dict[str, tuple[str, str]] = {
    "html_language": ("en", "zh-Hans"),
    "separator": (", ", "、"),
    "preflight": ("Preflight", "训练前检查"),
    "contents": ("Contents", "目录"),
    "model": ("Model", "模型"),
    "settings": ("Settings", "设置"),
    "settings_line": (
        "{stage} · {max_length} tokens at most · train on {train_on} "
        "· reasoning {reasoning} · over-long rows: {over_long} · special tokens in text: {special} · {packing}",
        "{stage} · 最多 {max_length} 个词元 · 训练范围 {train_on} · 思考 {reason"
        "ing} · 超长行：{over_long} · 正文中的特殊词元：{special} · {packing}",
    ),
    "settings_pairs": (
        "{stage} · {max_length} tokens at most · over-long rows: {over_long}",
        "{stage} · 最多 {max_length} 个词元 · 超长行：{over_long}",
    ),
    "packed": ("packed", "打包"),
    "not_packed": ("not packed", "不打包"),
    "warnings": ("Look at this", "请留意"),
    "fine": ("Nothing to worry about", "没有发现问题"),
    "problem.unread": ("Some rows could not be read.", "有些行无法读取。"),
    "problem.dropped": ("Some rows are dropped.", "有些行被剔除。"),
    "problem.truncated": ("Some rows are cut.", "有些行被截断。"),
    "problem.template": (
        "The template that is trained is not the one in the model's folder.",
        "训练所用的模板不是模型文件夹中的模板。",
    ),
    "problem.prompts": (
        "Some prompts look different when they are served.",
        "有些提示在部署时与训练时不一致。",
    ),
    "sets": ("Sets", "数据集"),
    "sets_caption": ("What becomes of the rows of each set", "各数据集中行的去向"),
    "set": ("Set", "数据集"),
    "rows": ("Rows", "行数"),
    "whole": ("Whole", "完整"),
    "cut": ("Cut", "截断"),
    "split": ("Split", "拆分"),
    "dropped": ("Dropped", "剔除"),
    "tokens": ("Tokens", "词元"),
    "trained": ("Trained", "训练"),
    "masked": ("Masked", "屏蔽"),
    "end": ("End learned", "学到结束"),
    "end_note": (
        "End learned: examples whose last answer ends with a token that says so, and is "
        "trained. A model that never learns it does not stop.",
        "学到结束：最后一个回答以结束词元收尾，且该词元参与训练的样本比例。学不到它的模型不会停下来。",
    ),
    "set.train": ("train", "训练集"),
    "set.validation": ("validation", "验证集"),
    "reasons": ("Not trained whole", "未完整训练的行"),
    "reasons_none": ("Every row is trained whole.", "每一行都完整参与训练。"),
    "reasons_lead": (
        "Each row, with what was measured and what it was held against, stands in rows.parquet beside this page.",
        "每一行的去向、测得的数值和所比对的阈值，都记录在本页旁边的 rows.parquet 中。",
    ),
    "reasons_caption": ("Rows by what became of them and why", "按去向和原因统计的行数"),
    "outcome": ("Became", "去向"),
    "why": ("Why", "原因"),
    "such_as": ("Such as", "例如"),
    "unread_caption": ("Rows that could not be read: {n}", "无法读取的行：{n}"),
    "place": ("Place", "位置"),
    "what": ("What is wrong", "问题"),
    "parts": ("Tokens", "词元"),
    "parts_lead": (
        "A masked token is read but not learned: the loss leaves it out.",
        "被屏蔽的词元只作为上文，不计入损失。",
    ),
    "parts_caption": ("Tokens of the training set by what they belong to", "训练集词元按所属部分统计"),
    "part": ("Part", "部分"),
    "all": ("All", "合计"),
    "lengths": ("Lengths", "长度"),
    "lengths_lead": (
        "Whole rows in tokens, before anything is cut. Grey: rows of the training set. Blue: "
        "rows that are trained. The line is the cutoff in use.",
        "截断之前每一行的词元数。灰色：训练集的行；蓝色：参与训练的行；竖线：当前的截断长度。",
    ),
    "histogram": (
        "Rows by their length in tokens: {rows} rows, {trained} trained, cutoff {cutoff}",
        "按词元数统计的行数：共 {rows} 行，训练 {trained} 行，截断长度 {cutoff}",
    ),
    "lengths_caption": ("Percentiles of whole rows, in tokens", "整行词元数的分位数"),
    "longest": ("Longest", "最长"),
    "cutoffs_caption": ("What a cutoff would cost", "各截断长度的代价"),
    "cutoff": ("Cutoff", "截断长度"),
    "longer": ("Rows longer", "超过的行数"),
    "share": ("Share", "占比"),
    "cutoff_used": ("in use", "当前使用"),
    "cutoff_advised": ("advised", "建议"),
    "cutoff_generous": ("rather than cut answers", "宁长勿截"),
    "cutoff_source": (
        "Advised is the 95th percentile of the real lengths, rounded up to a multiple of 64. "
        "The rule is one of practitioners' guides, as is the other: 4,096 tokens rather than cut answers.",
        "建议值为真实长度的第 95 百分位，向上取整到 64 的倍数。"
        "这是从业者指南中的经验规则，“宁可用 4,096 也不截断回答”亦然。",
    ),
    "packing": ("Packing", "打包"),
    "packing_caption": ("What an epoch computes", "一个轮次的计算量"),
    "packing_way": ("Way", "方式"),
    "sequences": ("Sequences", "序列数"),
    "computed": ("Tokens computed", "计算的词元"),
    "waste": ("Padding", "填充占比"),
    "padded": ("padded, {n} in a batch", "填充，每批 {n} 条"),
    "packs": ("packed to {n} tokens", "打包至 {n} 词元"),
    "copies_note": (
        "The mix repeats {rows} rows, up to {most} times: {examples} examples and {tokens} "
        "tokens an epoch, {trained} of them trained.",
        "配比使 {rows} 行重复出现，最多 {most} 次：一个轮次有 {examples} 个样本、{tokens} 个词元，"
        "其中训练 {trained} 个。",
    ),
    "serving": ("What is learned and what is asked", "所学与所问是否一致"),
    "serving_template": ("Template", "模板"),
    "serving_prompts": ("Prompts", "提示"),
    "serving_same": (
        "In {same} of {compared} rows the prompts, rendered as a server renders them, are token by token what stands "
        "before the answers that are trained.",
        "{compared} 行中有 {same} 行，按部署方式渲染的提示与训练样本中回答之前的内容逐词元一致。",
    ),
    "serving_escaped": (
        "{n} differ because their text holds a special token, which a server does not escape.",
        "{n} 个因正文含有特殊词元而不同：训练时已转义，部署时不会转义。",
    ),
    "serving_skipped": (
        "{n} were not compared: no prompt before an answer, or no template to serve.",
        "{n} 个未比较：回答之前没有提示，或没有可用于部署的模板。",
    ),
    "serving_first": ("The first that differs, at token {token}", "第一处不同，位于第 {token} 个词元"),
    "as_trained": ("As trained", "训练时"),
    "as_served": ("As served", "部署时"),
    "role": ("Role", "角色"),
    "turns": ("Turns", "轮数"),
    "opens": ("The template opens it with", "模板的开头"),
    "roles_caption": ("Roles in the training set, and what the template makes of them", "训练集中的角色及模板如何呈现"),
    "refused": ("refused", "不接受"),
    "texts": ("In the texts", "文本检查"),
    "bos": ("First tokens", "起始词元"),
    "bos_none": ("The tokenizer has none.", "分词器没有起始词元。"),
    "bos_line": ("{n} in {rows} examples", "{rows} 个样本中有 {n} 个"),
    "special": ("Special tokens in text", "正文中的特殊词元"),
    "special_none": ("none", "没有"),
    "special_line": ("rows escaped: {escaped}, refused: {refused}", "已转义 {escaped} 行，拒绝 {refused} 行"),
    "no_trained": ("Rows without a trained token", "没有可训练词元的行"),
    "shown": ("Token by token", "逐词元查看"),
    "shown_lead": (
        "One row for each outcome. Each box is a token; a small figure says that so many tokens "
        "share the characters before it.",
        "每种去向各举一行。每个方块是一个词元；右上角的小数字表示前面的字由几个词元共同组成。",
    ),
    "legend_trained": ("trained", "训练"),
    "legend_masked": ("masked", "屏蔽"),
    "legend_special": ("special", "特殊词元"),
    "legend_cut": ("what is cut off", "被截掉的部分"),
    "sequence": ("Sequence {n} of {all}", "第 {n} 个序列，共 {all} 个"),
    "left_out": ("… {n} more tokens", "……还有 {n} 个词元"),
    "sharing": ("tokens {first} to {last}", "第 {first} 至 {last} 个词元"),
    "predicted": ("What {system} would do", "{system} 会怎样处理"),
    "predicted_lead": (
        "Predicted from how that system reads, cuts and checks rows; the same rows, the same cutoff.",
        "根据该系统读取、截断和检查数据的方式预测；数据相同，截断长度相同。",
    ),
    "predicted_ends": ("The whole run ends with an error at {what}", "整个训练会在此处报错终止：{what}"),
    "predicted.keep": ("kept", "保留"),
    "predicted.cut": ("cut", "截断"),
    "predicted.drop": ("dropped", "丢弃"),
    "predicted.crash": ("error", "报错"),
    "predicted_source": ("Rules: {source}", "规则来源：{source}"),
    "predicted_caption": ("Our decision beside the one that is predicted", "我们的处理与预测的处理"),
    "theirs": ("There", "对方"),
    "ours": ("Here", "本工具"),
    "pairs": ("Prompts and answers", "提示与回答"),
    "pairs_lead": (
        "As the trainer of TRL tokenises the rows that reach it. What it would cut, drop or stumble over has left "
        "before, with its reason.",
        "按 TRL 训练器对送达的行所做的分词统计。它会截断、剔除或出错的行已事先移出，并注明原因。",
    ),
    "pairs_note": (
        "Trained: tokens of answers that the loss sees.",
        "训练：计入损失的回答词元。",
    ),
    "chosen_longer": (
        "The chosen answer is longer in {n} of {all} pairs. Where that is nearly always so, a model learns length.",
        "{all} 对中有 {n} 对的优选回答更长。若几乎总是如此，模型学到的只是长度。",
    ),
    "labels": ("Labels: {good} good, {bad} bad.", "标签：{good} 个好，{bad} 个差。"),
    "pairs_caption": ("Lengths in tokens", "词元数"),
    "side.prompt": ("prompt", "提示"),
    "side.chosen": ("chosen", "优选回答"),
    "side.rejected": ("rejected", "劣选回答"),
    "side.completion": ("answer", "回答"),
}

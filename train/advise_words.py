"""What advice says in both languages.

>>> TEXTS["against"].zh
'不符'
"""

from __future__ import annotations

from collections.abc import Mapping

from tunesmith.curate.said import Said

SOURCES: Mapping[str, str] = {"ours": "本工具", "forgetting guide": "防遗忘指南", "overfitting guide": "过拟合指南"}
WORDS: Mapping[str, Said] = {
    "lora": Said("LoRA", "LoRA"),
    "qlora": Said("QLoRA", "QLoRA"),
    "full": Said("full training", "全参训练"),
    "chat": Said("a chat model", "对话模型"),
    "base": Said("a base model", "基座模型"),
}

TEXTS: Mapping[str, Said] = {
    "data": Said(
        "data: {rows:,} rows ({groups}), {tokens:,} tokens", "数据：{rows:,} 行（{groups}），{tokens:,} 个词元"
    ),
    "lengths": Said(
        "lengths: half of the rows have up to {half:,} tokens, 95 % up to {p95:,}, the longest {longest:,}; "
        "an answer has {answer:,.0f} on average",
        "长度：一半的行不超过 {half:,} 个词元，95 % 不超过 {p95:,}，最长 {longest:,}；回答平均 {answer:,.0f}",
    ),
    "languages": Said(
        "answers: {spoken}; validation rows: {validation:,}", "回答语言：{spoken}；验证行：{validation:,}"
    ),
    "model": Said(
        "model: {model}, {size} parameters, {layers} layers, {context:,} tokens of context, {kind}",
        "模型：{model}，{size} 参数，{layers} 层，上下文 {context:,} 词元，{kind}",
    ),
    "chat": Said("with a chat template", "有对话模板"),
    "base": Said("without a chat template (a base model)", "无对话模板（基座模型）"),
    "fits": Said(
        "{gpus} × {gib:.0f} GiB: largest batch that fits, by method: {fits}",
        "{gpus} × {gib:.0f} GiB：各方法放得下的最大批：{fits}",
    ),
    "unread": Said(
        "not counted: {unread:,} rows that cannot be read, {unmeasured:,} that the chat template refuses "
        "(`train preflight` lists them)",
        "未计入：无法读取的 {unread:,} 行，对话模板拒绝的 {unmeasured:,} 行（`train preflight` 会列出）",
    ),
    "columns": Said("setting|advice|why", "设置|建议|理由"),
    "wanted": Said(
        "{share:.0%} ({wanted:,} general rows; there are {there:,})",
        "{share:.0%}（需 {wanted:,} 行通用数据；现有 {there:,}）",
    ),
    "steps": Said("steps of the whole run: {steps:,}", "总步数：{steps:,}"),
    "parameters": Said("trainable parameters a row: {parameters:,.0f}", "每行可训练参数：{parameters:,.0f}"),
    "gpus": Said(
        "{gpus} GPUs: --distributed zero2 shares gradients and the optimizer's moments",
        "{gpus} 张卡：--distributed zero2 分摊梯度与优化器状态",
    ),
    "disagree": Said("Where sources disagree:", "来源不一致之处："),
    "disagree_columns": Said("setting|source|says|advice is", "设置|来源|说法|建议值"),
    "holds": Said("within", "符合"),
    "against": Said("outside", "不符"),
    "not_counted": Said("not counted", "不计入"),
    "sources": Said(
        "Sources: practitioners' guides, numbered within each setting; `ours` are readings of this tool. They are "
        "rules of thumb, not measurements: `train sweep` measures.",
        "来源：从业者指南，按各设置分别编号；“本工具”为本工具的判断。均为经验法则，并非实测：实测请用 `train sweep`。",
    ),
    "warning": Said("warning: ", "警告："),
    "vocabulary": Said(
        "Fit of the vocabulary, on {measured:,} of {there:,} rows of the domain:",
        "词表匹配（领域 {there:,} 行中的 {measured:,} 行）：",
    ),
    "domain": Said("domain", "领域"),
    "general": Said("general", "通用"),
    "everything": Said("both", "合计"),
    "terms": Said("{n:,} terms of the domain", "领域术语 {n:,} 个"),
    "fit_columns": Said(
        "|pieces a Chinese character|pieces an English word|pieces of a part of a character",
        "|每汉字词元数|每英文词词元数|不足一字的词元",
    ),
    "no_candidates": Said("no term of the domain is worth a token of its own", "没有值得单独成为词元的领域术语"),
    "candidates": Said(
        "{n} tokens could be added; all together they save {saved:.1%} of the domain's tokens (counted):",
        "可添加 {n} 个词元；合计可省领域词元的 {saved:.1%}（实际计数）：",
    ),
    "term_columns": Said("term|in the domain|in general|pieces|saves alone", "术语|领域次数|通用次数|词元数|单独可省"),
    "more": Said("{n} more in --json", "其余 {n} 个见 --json"),
    "not_compared": Said(
        "There is too little general text in the language of these terms to tell them from common words.",
        "该语言的通用文本太少，无法把术语与常用词区分开。",
    ),
    "caveat": Said(
        "Adding tokens makes decoding faster and hardly makes answers better. Their embeddings start from nothing and "
        "must be trained, which takes much text: with instruction data alone, leave the vocabulary as it is.",
        "添加词元能加快生成，几乎不改善质量。新词元的嵌入从零开始，需要大量文本训练：只有指令数据时请保持词表不变。",
    ),
    "caveat_chinese": Said(
        "This vocabulary spells Chinese in bytes. Take a model that was made for Chinese; or extend the vocabulary and "
        "pre-train on much Chinese text (`train pretrain`), since new embeddings start from nothing.",
        "该词表按字节拼写中文。请换用面向中文的模型；或扩充词表并用大量中文文本"
        "继续预训练（`train pretrain`），因为新嵌入从零开始。",
    ),
}

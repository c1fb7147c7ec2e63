"""What the estimate calls its parts and phases, in both languages.

>>> PART_WORDS["zh"]["gradients"]
'梯度'
"""

from __future__ import annotations

from tunesmith.train.types import Language

PART_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "weights": "weights",
        "adapter": "adapter",
        "reference": "reference model",
        "gradients": "gradients",
        "optimizer": "optimizer",
        "activations": "activations",
        "loss": "logits and loss",
        "working": "working memory",
        "shards": "gathered shards",
        "context": "CUDA context",
        "fragmentation": "fragmentation",
    },
    "zh": {
        "weights": "权重",
        "adapter": "适配器",
        "reference": "参考模型",
        "gradients": "梯度",
        "optimizer": "优化器状态",
        "activations": "激活值",
        "loss": "logits 与损失",
        "working": "临时张量",
        "shards": "聚合的分片",
        "context": "CUDA 上下文",
        "fragmentation": "显存碎片",
    },
}
PHASE_WORDS: dict[Language, dict[str, str]] = {
    "en": {"forward": "forward", "backward": "backward", "step": "optimizer step"},
    "zh": {"forward": "前向", "backward": "反向", "step": "优化器更新"},
}
VERDICT_WORDS: dict[Language, dict[str, str]] = {
    "en": {"fits": "fits", "tight": "tight", "no": "does not fit"},
    "zh": {"fits": "放得下", "tight": "勉强", "no": "放不下"},
}
WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Memory of one training step, on one GPU",
        "range": "likely {likely}, from {low} to {high}; the worst moment is in: {peak}",
        "capacity": "one GPU of {capacity}: {verdict}",
        "counts": "{total:,} parameters, {trained:,} trained ({share:.2%})",
        "kept": "not quantised: {names}",
        "rules": "rules of thumb, which know neither the model's shape nor these settings",
        "rule": "{name}: {amount}, {ratio:.2f} × the estimate ({text})",
        "table": "what fits in {capacity}: likely memory by length × batch (* tight, - does not fit)",
        "change": "the smallest change that fits: {text} ({likely})",
        "method": "method",
    },
    "zh": {
        "title": "单卡一步训练所需显存",
        "range": "约 {likely}，范围 {low} 至 {high}；峰值出现在：{peak}",
        "capacity": "单卡 {capacity}：{verdict}",
        "counts": "参数 {total:,}，训练 {trained:,}（{share:.2%}）",
        "kept": "不量化：{names}",
        "rules": "经验公式（不考虑模型结构与这些设置）",
        "rule": "{name}：{amount}，为本估计的 {ratio:.2f} 倍（{text}）",
        "table": "{capacity} 放得下什么：按长度 × 批大小的显存（* 勉强，- 放不下）",
        "change": "最小的改动：{text}（{likely}）",
        "method": "方法",
    },
}

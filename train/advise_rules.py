"""Rules of practice as a table: what guides say of each setting, and what follows from this tool's own figures.

`guide 1`, `guide 2` … are practitioners' guides, numbered within a setting: guide 1 on epochs need not be guide 1 on
rates. `overfitting guide` tells what to change when a model overfits, `forgetting guide` what keeps what it knew.
`ours` is a reading of this tool, each with its reason. A bound may name a fact, such as `p95_tokens`. Counts of rows
and sizes are `(from, below)`.

>>> [rule.low for rule in RULES if rule.topic == "epochs" and rule.source == "guide 4"]
[1]
"""

from __future__ import annotations

from tunesmith.curate.said import Said
from tunesmith.train.advise_types import Rule

_ADAPTERS = ("lora", "qlora")
_WHOLE = ("full", "freeze")
#: Rows below which guides' "small data" is read here: rank 8 then has a tenth of the parameters a row that memorise.
SMALL = 2500

_RATE_SIZE_ASIDE = Said(
    "the guide does not say for which method; ten times the rates of full training, so read as meant for adapters",
    "指南未说明适用的方法；数值是全参训练的十倍，故视为针对适配器",
)
_MIX = Said("domain : general from 1:5 to 1:10 (83–91 %)", "领域:通用 1:5 至 1:10（83–91 %）")
_OVERFIT_ASIDE = Said("for a run that overfits; not needed before it does", "出现过拟合时才用")

# fmt: off
RULES: tuple[Rule, ...] = (
    # cutoff
    Rule("cutoff", "guide 1", Said("the 95th percentile of real lengths", "实际长度的第 95 百分位"),
         "p95_tokens", "p95_tokens"),
    Rule("cutoff", "guide 2", Said("4,096 rather than cut answers", "宁可 4096，也不截断回答"), 4096, 4096),
    Rule("cutoff", "ours",
         Said("the longest row up to 4,096 (padding is by batch, so a high cutoff costs nothing), never over the "
              "model's context; the 95th percentile where that is longer",
              "不超过 4096 的最长行（按批填充，截断长度高并无代价），不超过模型上下文；若第 95 百分位更长则取之"),
         "cutoff_tokens", "cutoff_tokens", weight=3),
    # method
    Rule("method", "forgetting guide", Said("LoRA forgets less than full training", "LoRA 比全参训练遗忘更少"),
         text="lora"),
    Rule("method", "guide 1",
         Said("quality, the least first: 7B QLoRA ≪ 7B LoRA ≈ 7B full < 32B QLoRA < 32B LoRA ≤ 32B full",
              "效果排序：7B QLoRA ≪ 7B LoRA ≈ 7B 全参 < 32B QLoRA < 32B LoRA ≤ 32B 全参"),
         text="lora"),
    Rule("method", "ours", Said("LoRA does not fit this memory, QLoRA does", "显存放不下 LoRA，放得下 QLoRA"),
         text="qlora", when={"fits_lora": (None, 1), "fits_qlora": (1, None)}, weight=3),
    # base or chat
    Rule("base_or_chat", "guide 1", Said("up to 10,000 good rows: a chat model", "一万行以内的优质数据：对话模型"),
         text="chat", when={"rows": (None, 10_001)}),
    Rule("base_or_chat", "guide 1",
         Said("from 100,000 rows: a base model, after pre-training on the domain's documents",
              "十万行起：基座模型，先用领域文档继续预训练"),
         text="base", when={"rows": (100_000, None)}),
    # epochs
    Rule("epochs", "guide 1", Said("below 10,000 rows: 3–10", "一万行以下：3–10"), 3, 10,
         when={"rows": (None, 10_000)}),
    Rule("epochs", "guide 1", Said("10,000–100,000 rows: 2–5", "一万至十万行：2–5"), 2, 5,
         when={"rows": (10_000, 100_001)}),
    Rule("epochs", "guide 1", Said("over 100,000 rows: 1–3", "十万行以上：1–3"), 1, 3, when={"rows": (100_001, None)}),
    Rule("epochs", "guide 2", Said("below 10,000 rows: 3–5", "一万行以下：3–5"), 3, 5, when={"rows": (None, 10_000)}),
    Rule("epochs", "guide 2", Said("10,000–100,000 rows: 2–3", "一万至十万行：2–3"), 2, 3,
         when={"rows": (10_000, 100_001)}),
    Rule("epochs", "guide 2", Said("over 100,000 rows: 1–2", "十万行以上：1–2"), 1, 2, when={"rows": (100_001, None)}),
    Rule("epochs", "guide 3", Said("up to 500 rows: 10–15, at a rate of 5e-5", "500 行以内：10–15，学习率 5e-5"),
         10, 15, when={"rows": (None, 501)}),
    Rule("epochs", "guide 3", Said("5,000–50,000 rows: 5–8, at a rate of 1e-4", "5 千至 5 万行：5–8，学习率 1e-4"),
         5, 8, when={"rows": (5_000, 50_001)}),
    Rule("epochs", "guide 3", Said("over 100,000 rows: 2–3, at a rate of 5e-5", "十万行以上：2–3，学习率 5e-5"),
         2, 3, when={"rows": (100_001, None)}),
    Rule("epochs", "guide 4", Said("1–5 always; over 10 is a fault", "始终 1–5；超过 10 即为错误"), 1, 5),
    # learning rate
    Rule("learning_rate", "guide 1", Said("full training: 1e-5–5e-5", "全参训练：1e-5–5e-5"), 1e-5, 5e-5,
         when={"method": _WHOLE}, weight=2),
    Rule("learning_rate", "guide 1", Said("LoRA: 1e-4–5e-4", "LoRA：1e-4–5e-4"), 1e-4, 5e-4,
         when={"method": ("lora",)}, weight=2),
    Rule("learning_rate", "guide 1", Said("QLoRA: 2e-4–1e-3", "QLoRA：2e-4–1e-3"), 2e-4, 1e-3,
         when={"method": ("qlora",)}, weight=2),
    *(Rule("learning_rate", "guide 2", says, low, high, when={"billions": sizes, "method": methods}, weight=weight,
           aside=aside)
      for methods, weight, aside in ((_ADAPTERS, 1, None), (_WHOLE, 0, _RATE_SIZE_ASIDE))
      for says, low, high, sizes in (
          (Said("below 1B: 5e-4–1e-3", "1B 以下：5e-4–1e-3"), 5e-4, 1e-3, (None, 1)),
          (Said("7B and 13B: 1e-4–5e-4", "7B、13B：1e-4–5e-4"), 1e-4, 5e-4, (5, 16)),
          (Said("30B and more: 5e-5–2e-4", "30B 及以上：5e-5–2e-4"), 5e-5, 2e-4, (28, None)),
      )),
    *(Rule("learning_rate", "guide 3", says, low, high, when={"task": (task,), "method": methods}, weight=weight,
           aside=aside)
      for methods, weight, aside in ((_ADAPTERS, 2, None), (_WHOLE, 0, _RATE_SIZE_ASIDE))
      for says, low, high, task in (
          (Said("a style: 3e-4–5e-4", "风格：3e-4–5e-4"), 3e-4, 5e-4, "style"),
          (Said("reasoning: 1e-4–3e-4", "推理：1e-4–3e-4"), 1e-4, 3e-4, "reasoning"),
      )),
    Rule("learning_rate", "guide 4", Said("1–2 epochs: 5e-5–1e-4", "1–2 轮：5e-5–1e-4"), 5e-5, 1e-4,
         when={"epochs": (1, 3)}),
    Rule("learning_rate", "guide 4", Said("3–5 epochs: 2e-5–5e-5", "3–5 轮：2e-5–5e-5"), 2e-5, 5e-5,
         when={"epochs": (3, 6)}),
    Rule("learning_rate", "guide 5", Said("up to 500 rows: 5e-5", "500 行以内：5e-5"), 5e-5, 5e-5,
         when={"rows": (None, 501)}),
    Rule("learning_rate", "guide 5", Said("5,000–50,000 rows: 1e-4", "5 千至 5 万行：1e-4"), 1e-4, 1e-4,
         when={"rows": (5_000, 50_001)}),
    Rule("learning_rate", "guide 5", Said("over 100,000 rows: 5e-5", "十万行以上：5e-5"), 5e-5, 5e-5,
         when={"rows": (100_001, None)}),
    Rule("learning_rate", "forgetting guide", Said("at most 2e-5 for full training", "全参训练不超过 2e-5"), 0, 2e-5,
         when={"method": _WHOLE}, weight=2),
    # batch
    Rule("rows_a_step", "guide 1", Said("batch × accumulation × GPUs = 32", "批 × 累积 × 卡数 = 32"), 32, 32, weight=2),
    Rule("rows_a_step", "guide 2", Said("small data may start at 1", "小数据可以从 1 开始"), 1, 32,
         when={"rows": (None, SMALL)}),
    Rule("rows_a_step", "ours", Said("so few that there are 100 steps; fewer steps hardly train",
                                     "少到至少有 100 步；步数再少几乎学不到"),
         1, "batch_for_steps", when={"batch_for_steps": (None, 32)}, weight=3),
    Rule("batch", "guide 1", Said("7B: 4–16 a device", "7B：每卡 4–16"), 4, 16, when={"billions": (5, 10)}),
    Rule("batch", "guide 1", Said("13B: 2–8 a device", "13B：每卡 2–8"), 2, 8, when={"billions": (10, 28)}),
    Rule("batch", "guide 1", Said("70B: 1–4 a device", "70B：每卡 1–4"), 1, 4, when={"billions": (28, None)}),
    Rule("batch", "ours", Said("what `train estimate` finds to fit", "`train estimate` 估算放得下的数量"),
         1, "fits_batch", when={"fits_batch": (1, None)}, weight=4),
    Rule("batch", "ours", Said("no more than a step takes on one GPU", "不超过一步内每卡的行数"),
         1, "rows_a_gpu", weight=4),
    Rule("batch", "ours", Said("usual for the size; the memory is not known", "该规模的常用值；显存未知"),
         "usual_batch", "usual_batch", when={"knows_memory": (None, 1)}, weight=2),
    Rule("accumulation", "guide 1", Said("batch × accumulation × GPUs = rows a step", "批 × 累积 × 卡数 = 每步行数"),
         "accumulated", "accumulated"),
    # adapter
    Rule("rank", "guide 1", Said("8 or more", "不小于 8"), 8, None),
    Rule("rank", "guide 2", Said("8 for small data", "小数据用 8"), 8, 8, when={"rows": (None, SMALL)}),
    Rule("rank", "guide 2", Said("16 for more, α 32", "更多数据用 16，α 为 32"), 16, 16, when={"rows": (SMALL, None)}),
    Rule("rank", "guide 3", Said("trainable parameters / rows too high memorises: 64 with 1,000 rows does",
                                 "可训练参数 / 行数过高会死记：1000 行用 64 即是"), None, "rank_limit"),
    Rule("alpha", "guide 1", Said("about twice the rank, never far above: rank 8 with α 128 damages the model",
                                  "约为秩的两倍，切勿过大：秩 8、α 128 会损坏模型"), "twice_rank", "twice_rank"),
    Rule("dropout", "guide 1", Said(".05–.2", ".05–.2"), 0.05, 0.2),
    Rule("dropout", "overfitting guide", Said(".2 when it overfits", "过拟合时用 .2"), 0.2, 0.2, weight=0,
         aside=_OVERFIT_ASIDE),
    Rule("dropout", "ours", Said(".1 for small data, which adapters learn by heart first",
                                 "小数据用 .1，适配器先记住的正是小数据"), 0.1, 0.1, when={"rows": (None, SMALL)}),
    # schedule
    Rule("warmup", "guide 1", Said("10 % of the steps", "总步数的 10 %"), 0.1, 0.1),
    Rule("schedule", "guide 1", Said("a constant rate with warm-up for LoRA", "LoRA 用带预热的恒定学习率"),
         text="constant_with_warmup", when={"method": _ADAPTERS}, weight=2),
    Rule("schedule", "guide 2", Said("a cosine for large models", "大模型用余弦"), text="cosine",
         when={"billions": (7, None)}),
    Rule("schedule", "ours", Said("a cosine for full training, whose end then moves the weights little",
                                  "全参训练用余弦，末尾对权重改动小"), text="cosine", when={"method": _WHOLE}),
    # data
    Rule("general_share", "forgetting guide", Said("10–20 % general data", "10–20 % 通用数据"), 0.1, 0.2,
         when={"method": _ADAPTERS}, weight=2),
    Rule("general_share", "forgetting guide", Said("10–20 % general data", "10–20 % 通用数据"), 0.1, 0.2,
         when={"method": _WHOLE}),
    Rule("general_share", "guide 1", _MIX,
         5 / 6, 10 / 11, when={"method": _ADAPTERS}),
    Rule("general_share", "guide 1", _MIX,
         5 / 6, 10 / 11, when={"method": _WHOLE}, weight=2),
    Rule("validation", "guide 1", Said("10 % of the rows", "10 % 的行"), 0.1, 0.1),
    # others
    Rule("patience", "guide 1", Said("3–5", "3–5"), 3, 5),
    Rule("patience", "guide 2", Said("up to 500 rows: 5", "500 行以内：5"), 5, 5, when={"rows": (None, 501)}),
    Rule("patience", "guide 2", Said("5,000–50,000 rows: 3", "5 千至 5 万行：3"), 3, 3, when={"rows": (5_000, 50_001)}),
    Rule("patience", "guide 2", Said("over 100,000 rows: 2", "十万行以上：2"), 2, 2, when={"rows": (100_001, None)}),
    Rule("weight_decay", "guide 1", Said(".01–.1", ".01–.1"), 0.01, 0.1),
    Rule("weight_decay", "overfitting guide", Said(".1 when it overfits", "过拟合时用 .1"), 0.1, 0.1, weight=0,
         aside=_OVERFIT_ASIDE),
    Rule("clip", "guide 1", Said(".5–1.0", ".5–1.0"), 0.5, 1.0),
)
# fmt: on

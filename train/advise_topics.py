"""The settings that are advised, in the order in which they depend on one another, and why each is chosen as it is.

Where sources disagree, the range that most of them share is taken (each counts with the weight of its rule, and of two
ranges that as many share the lower one), and of that range the end that stands here with its reason.

>>> [topic.name for topic in TOPICS][:3]
['cutoff', 'method', 'base_or_chat']
"""

from __future__ import annotations

from tunesmith.curate.said import Said
from tunesmith.train.advise_types import Condition, Pick, Topic

_ADAPTERS = ("lora", "qlora")
_SUPERVISED = ("sft",)
#: Rows below which hardly anything can be said.
FEW = 100

_ROWS = Said(
    "too few rows to say: below 100 any setting learns them by heart",
    "行数太少，无法给出建议：少于 100 行时任何设置都会死记",
)
_SIZE = Said("the model's size is not known here", "不知道模型的规模")
_MEMORY = Said("not even one row fits this memory; see `train estimate`", "连一行也放不下；见 `train estimate`")
_LENGTHS = Said("the lengths of the rows are not known", "不知道各行的长度")
#: Why nothing is said where no rule of a setting fits the facts.
NO_RULE = Said("no guide speaks of data and a model like these", "没有指南涉及这样的数据与模型")
BETWEEN = Said(
    "between 10,000 and 100,000 rows no guide decides: keep what you have", "一万到十万行之间没有定论：保持现状即可"
)
OTHER_STAGE = Said(
    "the guides speak of supervised training; `train {stage}` has its own defaults, with reasons",
    "指南只谈监督微调；`train {stage}` 自有默认值及理由",
)
OWN_VALIDATION = Said("the data brings validation rows of its own", "数据自带验证行")
NO_DOMAIN = Said("no row is in the group `domain`", "没有属于 `domain` 组的行")
TOO_FEW = _ROWS
NOTHING_FITS = _MEMORY

_LOW_RATE = Said("the lowest rate that these sources share: it forgets least", "取各来源共有范围的最低值：遗忘最少")
_ONE = Said("all sources that speak of it agree", "相关来源一致")
_WHEN_SUPERVISED: dict[str, Condition] = {"stage": _SUPERVISED}
_WHEN_ADAPTER: dict[str, Condition] = {"method": _ADAPTERS}

TOPICS: tuple[Topic, ...] = (
    Topic(
        "cutoff",
        Said("cutoff length", "截断长度"),
        "max_length",
        [
            Pick(
                "low",
                Said(
                    "no row is cut that need not be: a cut answer teaches to stop in the middle",
                    "能不截断就不截断：截断的回答会教模型半途而止",
                ),
            )
        ],
        needs={"cutoff_tokens": _LENGTHS},
        form="tokens",
        whole=True,
    ),
    Topic(
        "method",
        Said("method", "方法"),
        "method",
        [
            Pick(
                "low",
                Said(
                    "an adapter forgets least; with memory to spare, a larger model gains more than full training",
                    "适配器遗忘最少；显存有余时，换更大的模型比全参训练收益更大",
                ),
            )
        ],
        form="words",
    ),
    Topic(
        "base_or_chat",
        Said("base or chat model", "基座或对话模型"),
        None,
        [Pick("low", Said("few rows cannot teach a base model to converse", "少量数据教不会基座模型对话"))],
        when=_WHEN_SUPERVISED,
        form="words",
    ),
    Topic(
        "epochs",
        Said("epochs", "训练轮数"),
        "epochs",
        [
            Pick(
                "high",
                Said(
                    "the upper end of what most share: few rows give few steps; early stopping ends it before",
                    "取多数共有范围的上限：行数少则步数少；早停会提前结束",
                ),
                when={"rows": (None, 1000)},
            ),
            Pick("low", Said("the lower end of what most share: it forgets less", "取多数共有范围的下限：遗忘更少")),
        ],
        when=_WHEN_SUPERVISED,
        least_rows=FEW,
        whole=True,
    ),
    Topic(
        "learning_rate",
        Said("learning rate", "学习率"),
        "learning_rate",
        [
            Pick(
                "high",
                Said("the highest rate that all of them allow for full training", "取全参训练各来源都允许的最高值"),
                when={"method": ("full", "freeze")},
            ),
            Pick("low", _LOW_RATE),
        ],
        when=_WHEN_SUPERVISED,
        form="rate",
    ),
    Topic(
        "rows_a_step",
        Said("rows a step (batch × accumulation × GPUs)", "每步行数（批 × 累积 × 卡数）"),
        None,
        [
            Pick(
                "high",
                Said(
                    "as many as still leave enough steps: larger batches are steadier", "在步数足够的前提下取大：更稳定"
                ),
            )
        ],
        when=_WHEN_SUPERVISED,
        least_rows=FEW,
        whole=True,
        power=True,
    ),
    Topic(
        "batch",
        Said("batch on each GPU", "每卡批大小"),
        "batch",
        [
            Pick(
                "high",
                Said(
                    "the most that fits, up to what a step takes: it keeps the GPU busy",
                    "放得下的最大值，且不超过一步所需：让显卡满载",
                ),
            )
        ],
        needs={"rows_a_gpu": _ROWS},
        when=_WHEN_SUPERVISED,
        whole=True,
        power=True,
    ),
    Topic(
        "accumulation",
        Said("accumulation", "梯度累积"),
        "accumulation",
        [Pick("low", Said("the rest of the rows of a step", "补足一步所需的行数"))],
        needs={"accumulated": _ROWS},
        when=_WHEN_SUPERVISED,
        whole=True,
    ),
    Topic(
        "rank",
        Said("LoRA rank", "LoRA 秩"),
        "lora.rank",
        [
            Pick(
                "low",
                Said(
                    "the least that most allow: more parameters a row memorise",
                    "取多数允许的最小值：每行参数越多越易死记",
                ),
            )
        ],
        when=_WHEN_ADAPTER,
        least_rows=FEW,
        whole=True,
    ),
    Topic(
        "alpha",
        Said("LoRA α", "LoRA α"),
        "lora.alpha",
        [Pick("low", _ONE)],
        needs={"twice_rank": _ROWS},
        when=_WHEN_ADAPTER,
        whole=True,
    ),
    Topic(
        "dropout",
        Said("LoRA dropout", "LoRA dropout"),
        "lora.dropout",
        [Pick("low", Said("the least that most share", "取多数共有范围的下限"))],
        when=_WHEN_ADAPTER,
    ),
    Topic("warmup", Said("warm-up", "预热"), "warmup", [Pick("low", _ONE)], form="share"),
    Topic(
        "schedule",
        Said("schedule", "学习率曲线"),
        "schedule",
        [
            Pick(
                "low",
                Said(
                    "the method decides: a constant rate can stop early and loses no tail",
                    "由方法决定：恒定学习率可随时早停而不损尾段",
                ),
                when=_WHEN_ADAPTER,
            ),
            Pick("low", Said("the rate ends near zero", "学习率末尾趋近于零")),
        ],
        form="words",
    ),
    Topic(
        "general_share",
        Said("share of general data", "通用数据占比"),
        None,
        [
            Pick(
                "high",
                Said(
                    "an adapter leaves the model's own weights as they are: the gentler rule does, its upper end",
                    "适配器不改原权重，取较宽松规则的上限",
                ),
                when=_WHEN_ADAPTER,
            ),
            Pick(
                "low",
                Said(
                    "full training moves every weight: the stronger rule, its lower end, as it multiplies the cost",
                    "全参训练改动全部权重，取较严规则的下限，因其成倍增加开销",
                ),
            ),
        ],
        needs={"has_domain": NO_DOMAIN},
        when=_WHEN_SUPERVISED,
        form="share",
    ),
    Topic(
        "validation",
        Said("share for validation", "验证集占比"),
        "validation",
        [Pick("low", _ONE)],
        needs={"lacks_validation": OWN_VALIDATION},
        least_rows=FEW,
        form="share",
    ),
    Topic(
        "patience",
        Said("patience of early stopping (evaluations)", "早停耐心（评测次数）"),
        "early_stopping.patience",
        [
            Pick(
                "low",
                Said(
                    "the least that most share: what is overfitted does not come back",
                    "取多数共有范围的下限：过拟合后不会自行恢复",
                ),
            )
        ],
        least_rows=FEW,
        whole=True,
    ),
    Topic(
        "weight_decay",
        Said("weight decay", "权重衰减"),
        "weight_decay",
        [Pick("low", Said("the least of the range; .1 when it overfits", "取范围下限；过拟合时用 .1"))],
    ),
    Topic(
        "clip",
        Said("gradients clipped at", "梯度裁剪"),
        "clip",
        [Pick("high", Said("the upper end: lower only against spikes of the loss", "取上限；仅在损失尖峰时降低"))],
    ),
)

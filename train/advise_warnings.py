"""What will go wrong with settings, advised or written by a person: each with its limit and what to do.

>>> [warned.code for warned in warnings_of({"rows": 60, "epochs": 20.0})]
['too_few_rows', 'epochs']
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from tunesmith.curate.said import Said
from tunesmith.train.advise_topics import FEW
from tunesmith.train.advise_types import Warned


class Limit(NamedTuple):
    """A warning: where the fact `name` is above or below `limit`."""

    code: str
    name: str
    side: Literal["above", "below"]
    limit: float
    said: Said


def warnings_of(known: Mapping[str, Any]) -> tuple[Warned, ...]:
    """All that these facts break, in the order of the table. A fact that is not known warns of nothing."""
    return tuple(
        Warned(limit.code, _filled(limit.said, known, float(value)), float(value), limit.limit)
        for limit in LIMITS
        if (value := known.get(limit.name)) is not None and _is_broken(limit, float(value))
    )


def _is_broken(limit: Limit, value: float) -> bool:
    return value > limit.limit if limit.side == "above" else value < limit.limit


def _filled(said: Said, known: Mapping[str, Any], value: float) -> Said:
    return Said(*(text.format(**{**known, "value": value}) for text in said))


LIMITS: tuple[Limit, ...] = (
    Limit(
        "too_few_rows",
        "rows",
        "below",
        FEW,
        Said(
            "{value:,.0f} rows: below 100 a model learns them by heart; write more before you train",
            "{value:,.0f} 行：少于 100 行会被死记；先多写一些再训练",
        ),
    ),
    Limit(
        "memorises",
        "memory_ratio",
        "above",
        0.999,  # exactly as many memorise too
        Said(
            "rank {rank} with {rows:,.0f} rows: {value:.1f} times the trainable parameters a row of rank 64 with 1,000 "
            "rows, which is known to memorise{parameters}: take rank {advised_rank} or give more rows",
            "{rows:,.0f} 行用秩 {rank}：每行的可训练参数是秩 64、1000 行（已知会死记）的 {value:.1f} 倍"
            "{parameters}：改用秩 {advised_rank} 或增加数据",
        ),
    ),
    Limit(
        "memorises",
        "memory_ratio_at_best",
        "above",
        0.999,
        Said(
            "rank {rank} with {rows:,.0f} rows: {value:.1f} times the trainable parameters a row of rank 64 with 1,000 "
            "rows, which is known to memorise{parameters}: give more rows, or watch the validation loss closely",
            "{rows:,.0f} 行用秩 {rank}：每行的可训练参数是秩 64、1000 行（已知会死记）的 {value:.1f} 倍"
            "{parameters}：请增加数据，或密切关注验证损失",
        ),
    ),
    Limit(
        "alpha",
        "alpha_ratio",
        "above",
        4.0,
        Said(
            "α is {value:g} times the rank; about 2 is right, and 16 times (rank 8, α 128) damages the model",
            "α 是秩的 {value:g} 倍；约 2 倍合适，16 倍（秩 8、α 128）会损坏模型",
        ),
    ),
    Limit(
        "epochs",
        "epochs",
        "above",
        10.0,
        Said(
            "{value:g} epochs: over 10 is a fault, the model learns the rows by heart",
            "{value:g} 轮：超过 10 轮即为错误，模型会死记数据",
        ),
    ),
    Limit(
        "no_validation",
        "validated",
        "below",
        1.0,
        Said("no row validates: overfitting and forgetting would not be seen", "没有验证行：看不到过拟合与遗忘"),
    ),
    Limit(
        "no_general_data",
        "general_ratio",
        "below",
        1e-9,
        Said(
            "no general data: the model will forget what is not in the domain; mix some in (`mix:` in the recipe)",
            "没有通用数据：模型会遗忘领域外的能力；请混入一些（配方中的 `mix:`）",
        ),
    ),
    Limit(
        "cuts_rows",
        "cut_ratio",
        "above",
        0.05,
        Said(
            "{value:.1%} of the rows are longer than the cutoff and would be dropped or cut",
            "{value:.1%} 的行超过截断长度，会被丢弃或截断",
        ),
    ),
    Limit(
        "base_with_few_rows",
        "base_with_few_rows",
        "above",
        0.5,
        Said(
            "this model has no chat template, and so few rows cannot teach a base model to converse: take the chat "
            "model of its family",
            "该模型没有对话模板，而少量数据教不会基座模型对话：请用同系列的对话模型",
        ),
    ),
    Limit(
        "nothing_fits",
        "nothing_fits",
        "above",
        0.5,
        Said(
            "not even QLoRA with one row at a time fits this memory at this cutoff; `train estimate` says what would",
            "在此截断长度下，连 QLoRA 单行也放不下；`train estimate` 给出可行方案",
        ),
    ),
    Limit(
        "lacks_chinese",
        "lacks_chinese",
        "above",
        0.5,
        Said(
            "the vocabulary takes {pieces:.2f} pieces for one Chinese character: it was not made for Chinese; take a "
            "model that was, or extend it and pre-train",
            "每个汉字要 {pieces:.2f} 个词元：词表不是为中文设计的；请换模型，或扩充词表并继续预训练",
        ),
    ),
)

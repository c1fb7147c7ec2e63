"""What another system would make of your rows: keep, cut, drop or end with an error, row by row, with the evidence.

>>> told = predict_for("llamafactory", "data/dataset_info.json#medical", template=template, max_length=2048)
>>> told.counts  # doctest: +SKIP
{'keep': 8101, 'cut': 40, 'drop': 2, 'crash': 0}
>>> [line for line in told.lines if line.outcome == "drop"][0]  # doctest: +SKIP
Line(row_id='medical:17', outcome='drop', reason='role_order', evidence='Dropped invalid example: turn 3 is …', …)

| system | version | where its rules were found |
|---|---|---|
| llamafactory | 0.9.5 | its source; `benchmarks/llamafactory_fates.py` compares it with the program itself |
| trl | 1.16 | its source; tests compare it with the trainers themselves |
| siliconflow | as published | its guide to fine-tuning; the platform itself was never asked |
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tunesmith.errors import InputError
from tunesmith.train.predicted_types import OUTCOMES, SYSTEMS, Line, Predicted, Verdict
from tunesmith.train.template import Template
from tunesmith.train.types import Row, Stage

__all__ = ["OUTCOMES", "SYSTEMS", "Line", "Predicted", "Verdict", "predict_for"]


def predict_for(
    system: str,
    data: str | Path | Iterable[Row],
    *,
    template: Template,
    max_length: int | None = None,
    stage: Stage = "sft",
    format: str | None = None,
    chat: str | None = "auto",
) -> Predicted:
    """Predict what a system does with rows, without running it.

    :param data: a file, or `dataset_info.json#entry` for LLaMA-Factory, as it lies there; or rows, which are first
        written as `tunesmith curate` exports them for that system.
    :param template: of the model that will be trained; its tokenizer counts.
    :param max_length: the system's cutoff; None for its own default (LLaMA-Factory 2,048; TRL 1,024).
    :param format: in which rows are exported; by default `sharegpt` for LLaMA-Factory, `openai` for TRL.
    :param chat: LLaMA-Factory's `template`; `auto` takes the one that writes what the model's own template writes.
    :raises InputError: for an unknown system and what cannot be opened at all.
    """
    if system not in SYSTEMS:
        raise InputError(f"{system!r} cannot be predicted", remedy=f"known are {', '.join(SYSTEMS)}")
    if system == "llamafactory":
        from tunesmith.train.predicted_llamafactory import predict_llamafactory

        return predict_llamafactory(data, template, cutoff=max_length, stage=stage, format=format, chat=chat)
    if system == "trl":
        from tunesmith.train.predicted_trl import predict_trl

        return predict_trl(data, template, max_length=max_length, stage=stage, format=format)
    from tunesmith.train.predicted_siliconflow import predict_siliconflow

    return predict_siliconflow(data, template, stage=stage)

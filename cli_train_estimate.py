"""`tunesmith train estimate`: how much memory a training step needs, before anything is loaded.

tunesmith train estimate --model Qwen/Qwen2.5-7B --method lora --max-length 2048 --batch 4 --gpu 24GB
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from tunesmith.cli_shared import Json, Lang, colored, progress, refuse_given, show


def estimate_command(
    context: typer.Context,
    model: Annotated[str, typer.Option("--model", help="Folder, config.json or hub name; weights are not read.")],
    method: Annotated[str, typer.Option("--method", help="full, freeze, lora or qlora.")] = "lora",
    max_length: Annotated[int, typer.Option("--max-length", min=2, help="Tokens of a sequence.")] = 2048,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Rows on one GPU at once.")] = 1,
    accumulation: Annotated[int, typer.Option("--accumulation", min=1, help="Batches before a step.")] = 1,
    stage: Annotated[str, typer.Option("--stage", help="sft, pretrain, dpo, kto, orpo, simpo or reward.")] = "sft",
    rank: Annotated[int, typer.Option("--rank", min=1, help="Of LoRA.")] = 16,
    dropout: Annotated[float, typer.Option("--dropout", min=0, max=0.99, help="Of LoRA.")] = 0.05,
    targets: Annotated[
        str, typer.Option("--targets", help="Linear layers with LoRA: all-linear, or names such as q_proj,v_proj.")
    ] = "all-linear",
    dora: Annotated[bool, typer.Option("--dora", help="DoRA instead of plain LoRA.")] = False,
    bits: Annotated[int, typer.Option("--bits", help="Of QLoRA: 4 (NF4) or 8.")] = 4,
    double: Annotated[bool, typer.Option("--double/--no-double", help="Of QLoRA: quantise the constants too.")] = True,
    freeze_layers: Annotated[
        int, typer.Option("--freeze-layers", min=1, help="Of freeze: how many of the last layers are trained.")
    ] = 2,
    optimizer: Annotated[
        str, typer.Option("--optimizer", help="adamw, adamw_8bit, lion, adafactor, galore …")
    ] = "adamw",
    precision: Annotated[str, typer.Option("--dtype", help="bf16 (mixed), pure-bf16 or fp32.")] = "bf16",
    checkpointing: Annotated[
        bool | None,
        typer.Option(
            "--checkpointing/--no-checkpointing",
            help="Compute activations again instead of keeping them; as `train` does it, from 1B parameters on.",
        ),
    ] = None,
    attention: Annotated[str, typer.Option("--attention", help="sdpa (torch's), flash or eager.")] = "sdpa",
    packing: Annotated[bool, typer.Option("--packing", help="Several rows share a sequence.")] = False,
    padded: Annotated[
        bool, typer.Option("--padded/--no-padded", help="Whether rows of a batch differ in length.")
    ] = True,
    liger: Annotated[bool, typer.Option("--liger", help="Liger's kernels.")] = False,
    gpu: Annotated[
        str | None, typer.Option("--gpu", metavar="24GB", help="One GPU's memory: say what fits, and what would.")
    ] = None,
    gpus: Annotated[int, typer.Option("--gpus", min=1, help="How many GPUs share the model.")] = 1,
    shard: Annotated[str, typer.Option("--shard", help="none, zero1, zero2, zero3 or fsdp.")] = "none",
    length_p95: Annotated[
        int | None,
        typer.Option("--length-p95", min=2, help="95th percentile of the rows' lengths, from `train preflight`."),
    ] = None,
    table: Annotated[bool, typer.Option("--table/--no-table", help="With --gpu: methods × lengths × batches.")] = True,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also a chart: .html, .svg or .png.")] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run code that comes with the model.")
    ] = False,
    revision: Annotated[str | None, typer.Option("--revision", help="Of a hub name.")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Estimate the memory of a training step from the model's configuration: no weights, no GPU.

    Example: tunesmith train estimate --model Qwen/Qwen2.5-7B --method lora --max-length 2048 --batch 4 --gpu 24GB
    """
    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"expected en or zh, saw {lang!r}", param_hint="--lang")
    _check(context, method, gpu)
    from tunesmith.train import estimate_chart, estimate_fit, estimate_text
    from tunesmith.train.estimate_config import stage_settings, usual_checkpointing
    from tunesmith.train.estimate_total import estimate
    from tunesmith.train.estimate_types import Load
    from tunesmith.train.types import STAGES

    if stage not in STAGES or stage == "grpo":
        why = "writes answers while it trains, which is not estimated" if stage == "grpo" else f"is none of {STAGES}"
        raise typer.BadParameter(f"{stage!r} {why}", param_hint="--stage")
    given: dict[str, Any] = {name: value for name, value in locals().items() if name in Load.__dataclass_fields__}
    if checkpointing is None:
        given["checkpointing"] = usual_checkpointing(model, trust_remote_code=trust_remote_code, revision=revision)
    given["targets"] = tuple(part.strip() for part in targets.split(",") if part.strip())
    load = Load(**given, **stage_settings(cast(Any, stage), cast(Any, method)))
    language = cast(Literal["en", "zh"], lang or "en")
    found = estimate(model, load, trust_remote_code=trust_remote_code, revision=revision)
    trusted = {"trust_remote_code": trust_remote_code}
    size = None if gpu is None else estimate_fit.capacity(gpu)
    change = size and estimate_fit.smallest_change(found, size, length_p95=length_p95, **cast(Any, trusted))
    cells = (
        estimate_fit.what_fits(model, load, size, progress=progress(), **cast(Any, trusted)) if size and table else []
    )
    if out is not None:
        estimate_chart.write_chart(
            out, found, language=language, capacity_bytes=size, cells=cells, change=change or None
        )
    if json:
        show(estimate_text.as_json(found, capacity_bytes=size, cells=cells, change=change or None, chart=out))
        return
    told = {"language": language, "capacity_bytes": size, "cells": cells, "change": change or None}
    show(estimate_text.as_text(found, color=colored(), **cast(Any, told)) + (f"\nchart: {out}" if out else ""))


def _check(context: typer.Context, method: str, gpu: str | None) -> None:
    """Options that would do nothing."""
    if method not in ("lora", "qlora"):
        refuse_given(context, ("rank", "dropout", "targets", "dora"), f"{method} has no adapter")
    if method != "qlora":
        refuse_given(context, ("bits", "double"), "only qlora quantises")
    if method != "freeze":
        refuse_given(context, ("freeze_layers",), "only freeze leaves layers as they are")
    if gpu is None:
        refuse_given(context, ("length_p95", "table"), "says nothing without --gpu")

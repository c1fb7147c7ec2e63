"""`tunesmith train advise`: what to set for this data and this model, and why.

tunesmith train advise --data runs/medical --model Qwen/Qwen3-0.6B --gpu 24GB
tunesmith train advise --data runs/medical --model Qwen/Qwen3-0.6B --out advice.yaml --lang zh
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tunesmith.cli_shared import Json, Lang, progress, show


def advise_command(
    data: Annotated[
        list[str],
        typer.Option("--data", help="A run folder of `curate run`, or files; `group=` before one names its group."),
    ],
    model: Annotated[str, typer.Option("--model", help="The model: a folder, or a name on the hub.")],
    gpu: Annotated[str | None, typer.Option("--gpu", metavar="SIZE", help="Memory of one GPU, such as 24GB.")] = None,
    gpus: Annotated[int, typer.Option("--gpus", min=1, help="How many GPUs.")] = 1,
    task: Annotated[
        str | None, typer.Option("--task", help="What is taught: style, reasoning or knowledge; rates differ.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FILE", help="Warn of the settings in this file, not of the advice."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the advice as a file for `train sft`.")
    ] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run code that comes with the model.")
    ] = False,
    revision: Annotated[str | None, typer.Option("--revision", help="Commit or branch of a name on the hub.")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Advise epochs, rate, batch, rank, cutoff and the rest, each with its rule, and where sources disagree.

    Example: tunesmith train advise --data runs/medical --model Qwen/Qwen3-0.6B --gpu 24GB
    """
    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"expected en or zh, saw {lang!r}", param_hint="--lang")
    from tunesmith.train.advise import advise
    from tunesmith.train.advise_config import write_config
    from tunesmith.train.advise_facts import measure
    from tunesmith.train.advise_text import as_json, as_text
    from tunesmith.train.advise_types import TASKS
    from tunesmith.train.estimate_fit import capacity

    if task not in (None, *TASKS):
        raise typer.BadParameter(f"expected {', '.join(TASKS)}, saw {task!r}", param_hint="--task")
    facts = measure(
        data,
        model,
        capacity_bytes=capacity(gpu) if gpu else None,
        gpus=gpus,
        task=task,
        trust_remote_code=trust_remote_code,
        revision=revision,
        progress=progress(),
    )
    advice = advise(facts, planned=_planned(check))
    language = lang or "en"
    if out is not None:
        write_config(out, advice, data=data, language=language)
    if json:
        show(as_json(advice, language) | {"out": str(out) if out else None})
        return
    show(as_text(advice, language) + (f"\nadvice: {out}" if out else ""))


def _planned(path: Path | None) -> dict[str, Any]:
    """The settings that a file gives, by key, `lora.rank` for `rank` in `lora`."""
    if path is None:
        return {}
    from tunesmith.train.config import read_config

    config = read_config(path)
    values = config.model_dump()
    planned = {key: value for key, value in values.items() if key != "lora"}
    return planned | {f"lora.{key}": value for key, value in values["lora"].items()}

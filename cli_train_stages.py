"""`tunesmith train sft, pretrain, dpo, kto, orpo, simpo, reward, grpo`: a command for each stage, all made alike.

tunesmith train sft sft.yaml --out runs/medical
tunesmith train dpo --data pairs.jsonl --model runs/medical --out runs/medical-dpo --set beta=0.2
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunesmith.cli_shared import Json, Lang, Replace, progress, show

if TYPE_CHECKING:
    from tunesmith.train.config import TrainConfig

#: What each stage is for, and an example.
HELP = {
    "sft": (
        "Fine-tune on instructions and conversations; answers are learned, questions are not.",
        "tunesmith train sft --data runs/curated --model Qwen/Qwen3-0.6B --out runs/medical",
    ),
    "pretrain": (
        "Go on with pre-training on documents, cut into pieces of --max-length; `train sft` can start from its folder.",
        "tunesmith train pretrain --data books.jsonl --model Qwen/Qwen3-0.6B-Base --out runs/books",
    ),
    "dpo": (
        "Learn from pairs of answers which is preferred, held by a reference model.",
        "tunesmith train dpo --data pairs.jsonl --model runs/medical --out runs/medical-dpo",
    ),
    "kto": (
        "Learn from single answers that are marked good or bad.",
        "tunesmith train kto --data marked.jsonl --model runs/medical --out runs/medical-kto",
    ),
    "orpo": (
        "Learn from pairs of answers without a reference model, answers and preference in one loss.",
        "tunesmith train orpo --data pairs.jsonl --model Qwen/Qwen3-0.6B --out runs/orpo",
    ),
    "simpo": (
        "Learn from pairs of answers by their mean likelihood, without a reference model.",
        "tunesmith train simpo --data pairs.jsonl --model runs/medical --out runs/medical-simpo",
    ),
    "reward": (
        "Train a model that scores answers, from pairs.",
        "tunesmith train reward --data pairs.jsonl --model Qwen/Qwen3-0.6B --out runs/reward",
    ),
    "grpo": (
        "Let the model write answers and learn from reward functions in a Python file.",
        "tunesmith train grpo --data questions.jsonl --model runs/medical --set rewards=rewards.py:score",
    ),
}


def add_stages(train: typer.Typer) -> None:
    """Put a command for each stage into a group."""
    for stage, (purpose, example) in HELP.items():
        train.command(stage, help=f"{purpose}\n\nExample: {example}")(_command(stage))


def _command(stage: Any) -> Callable[..., None]:
    """The command of a stage. One function for all: they differ in their stage and their help alone."""

    def command(
        config: Annotated[
            Path | None, typer.Argument(metavar="CONFIG.yaml", help="The settings; options stand above it.")
        ] = None,
        data: Annotated[
            list[str] | None,
            typer.Option("--data", help="A run of `curate run`, or files; `group=file` names a group. Several times."),
        ] = None,
        model: Annotated[
            str | None, typer.Option("--model", help="A folder, a hub name, or the folder of a training run.")
        ] = None,
        out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the run.")] = None,
        method: Annotated[str | None, typer.Option("--method", help="full, freeze, lora or qlora.")] = None,
        max_length: Annotated[int | None, typer.Option("--max-length", help="Tokens of a row, at most.")] = None,
        epochs: Annotated[float | None, typer.Option("--epochs", help="Passes over the data.")] = None,
        steps: Annotated[int | None, typer.Option("--steps", help="Steps, in place of --epochs.")] = None,
        rate: Annotated[float | None, typer.Option("--rate", help="The learning rate.")] = None,
        batch: Annotated[int | None, typer.Option("--batch", help="Rows that go through the model at once.")] = None,
        accumulation: Annotated[int | None, typer.Option("--accumulation", help="Batches in a step.")] = None,
        settings: Annotated[
            list[str] | None,
            typer.Option("--set", metavar="KEY=VALUE", help="Any setting: --set lora.rank=32. Several times."),
        ] = None,
        distributed: Annotated[
            str | None, typer.Option("--distributed", help="Over several GPUs: zero1, zero2, zero3 or fsdp2.")
        ] = None,
        processes: Annotated[
            int | None, typer.Option("--processes", help="For --distributed: GPUs in all; those of this machine.")
        ] = None,
        nodes: Annotated[int, typer.Option("--nodes", help="For --distributed: machines.")] = 1,
        node: Annotated[int, typer.Option("--node", help="For --distributed: the number of this machine, from 0.")] = 0,
        main_address: Annotated[
            str | None, typer.Option("--main-address", help="For --nodes: the address of machine 0.")
        ] = None,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Show settings, rows and steps; train nothing.")
        ] = False,
        restart: Annotated[
            bool, typer.Option("--restart", help="Start the run in that folder anew, not from its checkpoints.")
        ] = False,
        lang: Lang = None,
        replace: Replace = False,
        json: Json = False,
    ) -> None:
        if lang not in (None, "en", "zh"):
            raise typer.BadParameter(f"expected en or zh, saw {lang!r}", param_hint="--lang")
        options = {
            "data": data or None,
            "model": model,
            "method": method,
            "max_length": max_length,
            "epochs": epochs,
            "steps": steps,
            "learning_rate": rate,
            "batch": batch,
            "accumulation": accumulation,
            "distributed": distributed,
        }
        given = {key: value for key, value in options.items() if value is not None} | _parsed(settings or [])
        from tunesmith.train.config import read_config

        asked = read_config(config, given, stage=stage)
        place = out or Path(asked.out or default_out(asked))
        if dry_run:
            _show_plan(asked, place, replace, as_json=json)
            return
        spread = (processes, nodes, node, main_address)
        _run(asked, place, spread, replace=replace, resume=not restart, language=lang or "en", as_json=json)

    return command


def default_out(config: TrainConfig) -> str:
    """Where a run goes that names no folder: `runs/sft-Qwen3-0.6B`."""
    return f"runs/{config.stage}-{Path(config.model).name}"


def _parsed(settings: list[str]) -> dict[str, Any]:
    """`lora.rank=16` as a key and a value; values are read as in the file."""
    from tunesmith.curate.recipe_yaml import read_yaml

    found: dict[str, Any] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        document = read_yaml(value)
        if not equals or not key.strip() or document.problems:
            raise typer.BadParameter(f"expected key=value such as lora.rank=16, saw {text!r}", param_hint="--set")
        found[key.strip()] = document.data
    return found


def _show_plan(config: TrainConfig, out: Path, replace: bool, *, as_json: bool) -> None:
    from tunesmith.train.run_plan import plan_run, plan_text

    planned = plan_run(config, out, replace=replace, progress=progress())
    show(planned if as_json else plan_text(config, planned))


def _run(
    config: TrainConfig,
    out: Path,
    spread: tuple[int | None, int, int, str | None],
    *,
    replace: bool,
    resume: bool,
    language: Any,
    as_json: bool,
) -> None:
    from tunesmith.train.config import explained, settings_text
    from tunesmith.train.run import train_run
    from tunesmith.train.run_text import told

    typer.echo(settings_text(explained(config)), err=True)
    if config.distributed is not None:
        result = _launched(config, out, spread, replace=replace, resume=resume, language=language)
    else:
        result = train_run(config, out, replace=replace, resume=resume, progress=progress(), language=language)
    show(result if as_json else told(result))


def _launched(
    config: TrainConfig,
    out: Path,
    spread: tuple[int | None, int, int, str | None],
    *,
    replace: bool,
    resume: bool,
    language: Any,
) -> dict[str, Any]:
    import torch

    from tunesmith.train.distributed import Spread, launch

    processes, nodes, node, address = spread
    n_processes = processes or max(1, torch.cuda.device_count()) * nodes
    wished = Spread(config.distributed or "zero2", n_processes, n_nodes=nodes, rank=node, main_address=address)
    return launch(config, out, wished, replace=replace, resume=resume, progress=progress(), language=language)

"""The commands that this page runs, as arguments: the same that a person would type in the workspace's folder.

>>> train_command(Plan("medical-tiny", Chosen("runs/medical", "models/tiny")))
['train', 'sft', 'training/medical-tiny/settings.yaml', '--out', 'models/medical-tiny']
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunesmith.ui.train_plans import SETTINGS, Plan

if TYPE_CHECKING:
    from tunesmith.train.config import TrainConfig
    from tunesmith.train.estimate_types import Load

#: What a stage is estimated as: the one that writes answers while it trains is not.
NOT_ESTIMATED = ("grpo",)


def advise_command(plan: Plan, language: str, *, model: str | None = None) -> list[str]:
    """What to set, and why.

    :param model: to look at in place of the plan's, where that is a run's folder (`train_run.weights_of`).
    """
    chosen = plan.chosen
    data = chosen.data if chosen.group == "domain" else f"{chosen.group}={chosen.data}"
    gpu = ["--gpu", chosen.gpu] if chosen.gpu else []
    out = ["--out", f"{plan.folder}/advice.yaml", "--lang", language, "--json"]
    return ["train", "advise", "--data", data, "--model", model or chosen.model, *gpu, *out]


def estimate_command(plan: Plan, config: TrainConfig, *, p95: int | None = None, model: str | None = None) -> list[str]:
    """How much memory a step needs with these settings.

    :param p95: the 95th percentile of the rows' lengths, where it is known: the smallest change may shorten to it.
    """
    from tunesmith.train.estimate_config import load_of

    load = load_of(config)
    gpu = ["--gpu", plan.chosen.gpu, "--no-table"] if plan.chosen.gpu else []
    gpu += ["--length-p95", str(p95)] if gpu and p95 and p95 > 1 else []
    given = ["--model", model or config.model, "--stage", config.stage, "--method", load.method]
    given += ["--max-length", str(load.max_length), "--batch", str(load.batch)]
    given += ["--accumulation", str(load.accumulation), "--optimizer", load.optimizer, "--dtype", load.precision]
    return ["train", "estimate", *given, *_of_load(load), *gpu, "--json"]


def _of_load(load: Load) -> list[str]:
    """The options that not every method has, and those that differ from what the command does by itself."""
    given = ["--checkpointing" if load.checkpointing else "--no-checkpointing"]
    if load.has_adapter:
        given += ["--rank", str(load.rank), "--dropout", str(load.dropout), "--targets", ",".join(load.targets)]
        given += ["--dora"] if load.dora else []
    given += ["--bits", str(load.bits)] if load.method == "qlora" else []
    given += ["--freeze-layers", str(load.freeze_layers)] if load.method == "freeze" else []
    given += ["--attention", load.attention] if load.attention != "sdpa" else []
    given += ["--packing"] if load.packing else []
    given += ["--liger"] if load.liger else []
    return given + (["--gpus", str(load.gpus), "--shard", load.shard] if load.shard != "none" else [])


def preflight_command(plan: Plan, config: TrainConfig, language: str, *, model: str | None = None) -> list[str]:
    """What will be trained, row by row."""
    given = [part for data in config.data for part in ("--data", data)]
    given += ["--model", model or config.model, "--max-length", str(config.max_length), "--stage", config.stage]
    if config.stage == "sft":
        given += ["--train-on", config.train_on, "--reasoning", config.reasoning]
    if config.stage != "pretrain":
        given += ["--over-long", config.over_long]
        given += ["--template", str(config.template)] if config.template else []
    if config.stage in ("sft", "pretrain"):
        given += ["--special", config.special, "--batch", str(config.batch)]
        given += ["--packing"] if config.packing else []
    if not isinstance(config.validation, float | int):
        given += [part for path in config.validation for part in ("--validation", path)]
    return ["train", "preflight", *given, "--out", f"{plan.folder}/preflight", "--replace", "--lang", language]


def train_command(plan: Plan) -> list[str]:
    """The training itself; the same command again goes on where it stopped."""
    return ["train", plan.chosen.stage, f"{plan.folder}/{SETTINGS}", "--out", plan.out]


def language_of(arguments: Sequence[str]) -> str | None:
    """The language that a command answers in, None where it has none."""
    found = list(arguments)
    return found[found.index("--lang") + 1] if "--lang" in found[:-1] else None


def without_language(arguments: Sequence[str]) -> list[str]:
    """A command without its language, which changes words and no figure."""
    found = list(arguments)
    if "--lang" in found:
        place = found.index("--lang")
        del found[place : place + 2]
    return found

"""Several GPUs, on one machine or more: writes accelerate's files, starts a process a GPU, and hears how they end.

>>> launch(config, Path("runs/medical"), Spread("zero2", n_processes=4))  # doctest: +SKIP
{'outcome': 'finished', …}

Everything stands in a folder beside the run's, `runs/medical.distributed/`: `accelerate.yaml`, `deepspeed.json`,
`config.yaml` (the settings that every process reads), `start.txt` (the line for each machine) and `launch.log`.
Each process runs `tunesmith.cli_train_worker`, which checks first that as many processes run as were asked for: where
accelerate sees no GPU it starts one and says nothing.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.curate.io import write_bytes
from tunesmith.curate.progress import Progress
from tunesmith.errors import InputError
from tunesmith.train.distributed_files import KINDS, Kind, write_accelerate
from tunesmith.train.distributed_processes import run_processes
from tunesmith.train.distributed_refusals import check_combination
from tunesmith.train.types import Language

if TYPE_CHECKING:
    from tunesmith.train.config_models import TrainConfig

__all__ = ["KINDS", "Kind", "Spread", "launch", "launch_command", "node_lines", "write_accelerate"]

CONFIG, START = "config.yaml", "start.txt"
WORKER = "tunesmith.cli_train_worker"
#: DeepSpeed comes as source only and builds against the torch that is installed.
DEEPSPEED_LINE = "pip install deepspeed --no-build-isolation"


class Plan(NamedTuple):
    """What was written.

    :param lines: the line that starts training, one for each machine.
    """

    folder: Path
    lines: list[str]


#: What accelerate calls each of our precisions. Pure bfloat16 has no second copy of the weights: nothing is mixed.
_PRECISIONS = {"auto": "bf16", "mixed": "bf16", "bfloat16": "no", "float32": "no"}


@dataclass(frozen=True)
class Spread:
    """How a run is spread over processes, one a GPU.

    :param n_processes: in all, over all nodes.
    :param rank: of this machine, from 0; `main_address`: of the machine with rank 0, needed where there are several.
    :param offload: whether the optimizer (for ZeRO-3 and FSDP2 the weights too) rests in the memory of the CPU.
    """

    kind: Kind
    n_processes: int
    n_nodes: int = 1
    rank: int = 0
    main_address: str | None = None
    main_port: int | None = None
    offload: bool = False

    @property
    def n_here(self) -> int:
        """Processes on one machine."""
        return self.n_processes // self.n_nodes


def launch(
    config: TrainConfig,
    out: Path,
    spread: Spread,
    *,
    replace: bool = False,
    resume: bool = True,
    progress: Progress | None = None,
    language: Language = "en",
) -> dict[str, Any]:
    """Train with several processes; what `train_run` returned in the main one.

    Signals are passed on to the processes. On a machine of another rank than 0 the result is empty: the run's folder
    is written by the main process.

    :param config: what a person wrote of it is written down again, for each process to read.
    :param language: of the report.
    :raises InputError: where the settings cannot be spread this way, or GPUs or DeepSpeed are not here: the files are
        then written, and the message says with what line training starts on a machine that has them.
    """
    plan = write_plan(config, out, spread, replace=replace, resume=resume, language=language)
    lacking = missing(spread, n_devices=_n_devices(), has_deepspeed=_has_deepspeed())
    if lacking:
        remedy = f"the files are written; on a machine that has them: {plan.lines[spread.rank]}"
        raise InputError("; ".join(lacking), where=f"--distributed {spread.kind}", remedy=remedy)
    _tell(progress or Progress(), spread, plan.lines)
    return run_processes(_runnable(shlex.split(plan.lines[spread.rank])), plan.folder)


def write_plan(
    config: TrainConfig,
    out: Path,
    spread: Spread,
    *,
    replace: bool = False,
    resume: bool = True,
    language: Language = "en",
) -> Plan:
    """Write all that the processes read, and start nothing.

    :raises InputError: where the settings cannot be spread this way.
    """
    check_combination(spread.kind, config)
    folder = folder_of(out)
    written = write_accelerate(
        spread.kind,
        folder,
        n_processes=spread.n_processes,
        n_nodes=spread.n_nodes,
        main_address=spread.main_address,
        main_port=spread.main_port,
        precision=_PRECISIONS[config.precision],
        offload=spread.offload,
        activation_checkpointing=config.activation_checkpointing,
    )
    _write_settings(folder / CONFIG, worker_settings(config, spread.kind))
    arguments = ["--config", str(folder / CONFIG), "--out", str(out), "--processes", str(spread.n_processes)]
    arguments += ["--replace"] * replace + ["--no-resume"] * (not resume) + ["--lang", "zh"] * (language == "zh")
    lines = node_lines(launch_command(written, arguments), spread.n_nodes)
    write_bytes(folder / START, ("\n".join(lines) + "\n").encode())
    return Plan(folder, lines)


def folder_of(out: Path) -> Path:
    """Where the files of a distributed run stand: beside its own folder, which must be empty when training starts."""
    return out.with_name(f"{out.name}.distributed")


def launch_command(config_file: Path, arguments: Sequence[str]) -> list[str]:
    """`accelerate launch --config_file … -m tunesmith.cli_train_worker <arguments>`."""
    return ["accelerate", "launch", "--config_file", str(config_file), "-m", WORKER, *arguments]


def node_lines(command: Sequence[str], n_nodes: int) -> list[str]:
    """The line that starts training, one for each machine: they differ in its rank alone."""
    if n_nodes == 1:
        return [shlex.join(command)]
    at = command.index("-m")
    return [shlex.join([*command[:at], "--machine_rank", str(rank), *command[at:]]) for rank in range(n_nodes)]


def worker_settings(config: TrainConfig, kind: Kind) -> dict[str, Any]:
    """What each process reads: what a person wrote, no further processes, and activation checkpointing once.

    FSDP2 checkpoints activations itself (`write_accelerate` turns that on); the trainer refuses to do it as well.
    """
    written = config.model_dump(mode="json")
    settings: dict[str, Any] = {}
    for name in sorted(config.given):
        part, _, key = name.rpartition(".")
        if part:
            settings.setdefault(part, {})[key] = written[part][key]
        else:
            settings[key] = written[key]
    settings.pop("distributed", None)
    return settings | {"activation_checkpointing": False} if kind == "fsdp2" else settings


def missing(spread: Spread, *, n_devices: int, has_deepspeed: bool) -> list[str]:
    """What this machine lacks for its part of the processes, in a person's words."""
    found = []
    if n_devices < spread.n_here:
        found.append(f"{spread.n_here} processes need {spread.n_here} GPUs here, and there are {n_devices}")
    if spread.kind != "fsdp2" and not has_deepspeed:
        found.append(f"{spread.kind} needs DeepSpeed ({DEEPSPEED_LINE}; fsdp2 does without it)")
    return found


def _runnable(command: Sequence[str]) -> list[str]:
    """The same with this Python: `accelerate` need not be on the path."""
    return [sys.executable, "-m", "accelerate.commands.accelerate_cli", *command[1:]]


def _write_settings(path: Path, settings: dict[str, Any]) -> None:
    import yaml

    write_bytes(path, yaml.safe_dump(settings, allow_unicode=True, sort_keys=False).encode())


def _tell(progress: Progress, spread: Spread, lines: list[str]) -> None:
    progress.say(f"{spread.kind}: {spread.n_processes} processes, {spread.n_here} on this machine")
    others = [line for rank, line in enumerate(lines) if rank != spread.rank]
    for line in others:
        progress.say(f"start on another machine, with the same folders: {line}")


def _n_devices() -> int:
    import torch

    return torch.cuda.device_count()


def _has_deepspeed() -> bool:
    return importlib.util.find_spec("deepspeed") is not None

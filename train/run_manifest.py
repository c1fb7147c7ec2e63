"""What a finished run says about itself: `manifest.json` what it was made of and what came out, `run.log.json` when.

>>> versions()["trl"]  # doctest: +SKIP
'1.16.0'
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from tunesmith.curate import jsontext
from tunesmith.curate.io import write_bytes
from tunesmith.train.config import TrainConfig, config_hash, explained
from tunesmith.train.serve import serve_line
from tunesmith.train.supervisor import Ended
from tunesmith.train.types import RunPaths
from tunesmith.train.watch_log import read_log

_PACKAGES = (
    "tunesmith",
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "bitsandbytes",
    "tokenizers",
)
#: What a manifest does not hold: it differs from one run to the next that is otherwise equal.
_CLOCKS = ("seconds", "training_seconds", "step_seconds")


def versions() -> dict[str, str]:
    """Of what a run stands on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def hardware() -> str:
    """The machine in a person's words: its GPUs, or its processor."""
    import torch

    if torch.cuda.is_available():
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        return ", ".join(f"{names.count(name)} × {name}" for name in dict.fromkeys(names))
    return f"CPU ({platform.machine()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads)"


def recipe_hash(config: TrainConfig) -> str | None:
    """The mark of the `curate` run that the data came from; None for data of another origin."""
    if len(config.data) != 1:
        return None
    try:
        return str(jsontext.loads((Path(config.data[0]) / "manifest.json").read_bytes())["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def losses(paths: RunPaths, groups: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """First, last and least loss of training and of each validation set, with the step of the least, and in how many
    rows a validation set was measured.

    :param groups: the facts of each validation set; `n_rows` is shown.
    """
    names = {"loss": "train", **{f"eval_{group}_loss": f"validation {group}" for group in groups}}
    found: dict[str, list[tuple[float, int]]] = {}
    for line in read_log(paths.log):
        for key in names.keys() & line.keys():
            if line[key] is not None:  # a loss that was no number
                found.setdefault(names[key], []).append((float(line[key]), int(line["step"])))
    rows = {f"validation {group}": {"n_rows": facts["n_rows"]} for group, facts in groups.items() if "n_rows" in facts}
    return {name: _span(found[name]) | rows.get(name, {}) for name in names.values() if name in found}


def _span(values: list[tuple[float, int]]) -> dict[str, Any]:
    least, step = min(values)
    return {"first": values[0][0], "last": values[-1][0], "least": least, "least_step": step}


def manifest_of(
    config: TrainConfig,
    paths: RunPaths,
    mark: Mapping[str, Any],
    data: Mapping[str, Any],
    ended: Ended,
    base: str,
    total: int,
) -> dict[str, Any]:
    """Everything that decided a run, and what came out."""
    facts = {key: value for key, value in ended.facts.items() if key not in _CLOCKS}
    return {
        "mark": dict(mark),
        "outcome": ended.outcome,
        "stage": config.stage,
        "method": config.method,
        "model": config.model,
        "base": base,
        "config_hash": config_hash(config),
        "recipe_hash": recipe_hash(config),
        "data": dict(data),
        "step": ended.step,
        "max_steps": total,
        "losses": losses(paths, data["validation"]),
        **facts,
        "settings": [one._asdict() for one in explained(config)],
        "versions": versions(),
        "hardware": hardware(),
        **results_of(config, paths),
    }


def results_of(config: TrainConfig, paths: RunPaths) -> dict[str, Any]:
    """Where the result is, and the command that serves it."""
    return {
        "model_folder": str(paths.model),
        "merged_folder": str(paths.merged) if paths.merged.is_dir() else None,
        "serve": serving_line(config, paths),
    }


def serving_line(config: TrainConfig, paths: RunPaths) -> str | None:
    """The command that serves the result with vLLM; None for a reward model, which answers nothing."""
    return None if config.stage == "reward" else serve_line(paths.out)


def write_times(paths: RunPaths, started: datetime, facts: Mapping[str, Any]) -> None:
    """`run.log.json`: everything with a clock in it."""
    now = datetime.now(UTC)
    times = {
        "started": started.isoformat(timespec="seconds"),
        "ended": now.isoformat(timespec="seconds"),
        "seconds": round((now - started).total_seconds(), 3),
        **{key: facts[key] for key in _CLOCKS if key in facts},
    }
    write_bytes(paths.out / "run.log.json", (jsontext.dumps_indented(times) + "\n").encode())

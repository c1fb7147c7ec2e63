"""Rows for each stage, and a run of two steps over them with a tiny model."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.curate.progress import Progress
from tunesmith.train.config import TrainConfig, read_config
from tunesmith.train.run import train_run

N_ROWS = 12

_SFT = [
    {"messages": [{"role": "user", "content": f"{i} + 1?"}, {"role": "assistant", "content": f"It is {i + 1}."}]}
    for i in range(N_ROWS)
]
_PAIRS = [{"prompt": f"{i} + 1?", "chosen": f"It is {i + 1}.", "rejected": f"It is {i}."} for i in range(N_ROWS)]
ROWS: dict[str, list[dict[str, Any]]] = {
    "sft": _SFT,
    "pretrain": [{"text": f"Document {i}. " + "Blood pressure is high. " * (i % 5 + 1)} for i in range(N_ROWS)],
    "dpo": _PAIRS,
    "kto": [{"prompt": f"{i} + 1?", "completion": f"It is {i + i % 2}.", "label": bool(i % 2)} for i in range(N_ROWS)],
    "orpo": _PAIRS,
    "simpo": _PAIRS,
    "reward": _PAIRS,
    "grpo": _SFT,
}
REWARDS = """def short(prompts, completions, **columns):
    return [-len(completion[0]["content"]) / 100 for completion in completions]
"""


def write_rows(folder: Path, stage: str) -> str:
    path = folder / f"{stage}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS[stage]), encoding="utf-8")
    return str(path)


def settings(folder: Path, model: Path, stage: str = "sft", **more: Any) -> TrainConfig:
    """Two steps of four rows; `lora__rank=4` for `lora.rank`."""
    given: dict[str, Any] = {
        "model": str(model),
        "data": [write_rows(folder, stage)],
        "validation": 0.0,
        "batch": 4,
        "accumulation": 1,
        "steps": 2,
        "checkpoints": 2,
        "max_length": 128,
        "learning_rate": 1e-3,
        "warmup": 0.0,
        "lora.rank": 4,
    }
    if more.get("method") in ("full", "freeze"):
        del given["lora.rank"]
    if stage == "grpo":
        (folder / "rewards.py").write_text(REWARDS, encoding="utf-8")
        given |= {"rewards": [f"{folder}/rewards.py:short"], "generations": 4, "max_new_tokens": 4}
    return read_config(None, given | {key.replace("__", "."): value for key, value in more.items()}, stage=stage)  # type: ignore[arg-type]


class Heard(Progress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def run(folder: Path, model: Path, stage: str = "sft", out: str = "run", **more: Any) -> dict[str, Any]:
    gc.freeze()  # a run looks for garbage, which takes longer than its steps where it looks at all that is imported
    return train_run(settings(folder, model, stage, **more), folder / out)


def weights(folder: Path) -> Mapping[str, Any]:
    from safetensors.torch import load_file

    [path] = folder.glob("*model.safetensors")
    return load_file(str(path))

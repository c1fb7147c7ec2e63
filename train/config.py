"""The settings of a training run: one YAML file with few keys; every default has its reason.

    stage: sft
    model: Qwen/Qwen3-0.6B
    data: runs/medical

>>> config = parse_config({"stage": "sft", "model": "Qwen/Qwen3-0.6B", "data": "runs/medical"}, "an example")
>>> [(one.key, one.value) for one in explained(config) if one.key == "train_on"]
[('train_on', 'answers')]

The parts: `config_models.py` the keys, `config_defaults.py` their defaults with reasons, `config_read.py` reading a
file, `config_errors.py` and `config_checks.py` what can be wrong, `config_optimizers.py` the optimizers.
"""

from __future__ import annotations

import xxhash

from tunesmith.curate import jsontext
from tunesmith.train.config_models import EarlyStopping, Freeze, GuardSettings, Lora, TrainConfig
from tunesmith.train.config_read import parse_config, read_config
from tunesmith.train.config_reasons import Setting, explained, settings_text

__all__ = [
    "EarlyStopping",
    "Freeze",
    "GuardSettings",
    "Lora",
    "Setting",
    "TrainConfig",
    "config_hash",
    "explained",
    "parse_config",
    "read_config",
    "settings_text",
]

#: Keys that change where results go, not what they are: a run goes on with others.
_NOT_PART = {"out", "report_to", "merge"}


def config_hash(config: TrainConfig) -> str:
    """Of everything that the result depends on."""
    values = config.model_dump(mode="json", exclude=_NOT_PART)
    return xxhash.xxh3_128_hexdigest(jsontext.dumps_sorted(values).encode())

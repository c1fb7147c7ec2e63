"""What to say when memory does not suffice: the smallest change that fits, where it can be estimated.

>>> raise out_of_memory(plan)  # doctest: +SKIP
Traceback (most recent call last):
    ...
tunesmith.errors.InputError: runs/medical: memory did not suffice for batches of 4 rows; write `batch: 2` and …
"""

from __future__ import annotations

import os

from tunesmith.errors import InputError, TunesmithError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.estimate_config import load_of
from tunesmith.train.trainer_plan import Plan


def out_of_memory(plan: Plan) -> InputError:
    """The error for a run that did not fit."""
    good = sorted(plan.paths.checkpoints.glob("checkpoint-*"))
    kept = "; its checkpoints are kept" if good else ""
    what = f"memory did not suffice for batches of {plan.config.batch} rows{kept}"
    return InputError(what, where=str(plan.paths.out), remedy=_change(plan))


def _change(plan: Plan) -> str:
    return _estimated(plan) or by_rule(plan.config)


def by_rule(config: TrainConfig) -> str:
    """What to change first, without an estimate: what costs least comes first.

    >>> by_rule(TrainConfig(stage="sft", model="m", data=["d"], batch=4, accumulation=8))
    'write `batch: 2` and `accumulation: 16`, which trains the same'
    """
    if not config.activation_checkpointing:
        return "write `activation_checkpointing: true`, which trains the same a quarter slower"
    if config.batch > 1:
        half = config.batch // 2
        twice = config.accumulation * config.batch // half
        return f"write `batch: {half}` and `accumulation: {twice}`, which trains the same"
    if config.method in ("full", "freeze"):
        return "write `method: lora`, or an 8-bit optimizer such as `optimizer: paged_adamw_8bit`"
    if config.method == "lora":
        return "write `method: qlora`"
    return f"write `max_length: {max(2, config.max_length // 2)}`, or take a smaller model"


def estimated_bytes(config: TrainConfig, model: str) -> tuple[int, int] | None:
    """The lowest and highest peak of one GPU that `train estimate` expects; None off a GPU, where memory is measured in
    another way, and where it cannot tell."""
    import torch

    if not torch.cuda.is_available():
        return None
    from tunesmith.train.estimate import estimate

    try:
        found = estimate(model, load_of(config, gpus=_n_gpus()), trust_remote_code=config.trust_remote_code)
    except TunesmithError:
        return None
    return found.low, found.high


def _n_gpus() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _estimated(plan: Plan) -> str | None:
    """The smallest change by the estimate of `train estimate`; None where it finds none, and off a GPU."""
    import torch

    if not torch.cuda.is_available():
        return None
    from tunesmith.train.estimate import estimate
    from tunesmith.train.estimate_fit import smallest_change

    is_trusted = plan.config.trust_remote_code
    capacity = torch.cuda.get_device_properties(0).total_memory
    try:
        found = estimate(plan.start.model, load_of(plan.config, gpus=_n_gpus()), trust_remote_code=is_trusted)
        change = smallest_change(found, capacity, trust_remote_code=is_trusted)
    except TunesmithError:
        return None
    return None if change is None else f"{change.text}, by the estimate of `train estimate`"

"""Optimizers: what they need on this machine, what the trainer is told, and LoRA+.

>>> check_optimizer("adamw")
"""

from __future__ import annotations

import importlib.util
from typing import Any

from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.config_optimizers import BY_TRAINER_NAME, OPTIMIZERS, Optimizer


def optimizer_of(config: TrainConfig) -> Optimizer:
    """What the table says of the optimizer that a run names."""
    return OPTIMIZERS[BY_TRAINER_NAME.get(config.optimizer, config.optimizer)]


def check_optimizer(name: str) -> None:
    """:raises InputError: where its package is not installed, with the line that installs it."""
    known = OPTIMIZERS[BY_TRAINER_NAME.get(name, name)]
    if known.package and importlib.util.find_spec(known.package) is None:
        raise InputError(f"`optimizer: {name}` needs {known.package}, which is not installed", remedy=known.pip)
    if known.needs_gpu:
        from tunesmith.train.trainer_model import device_type

        if device_type() != "cuda":
            raise InputError(
                f"`optimizer: {name}` needs a CUDA GPU, and none is here", remedy="use galore or adamw_8bit"
            )


def name_projected(arguments: Any, config: TrainConfig, model: Any) -> None:
    """Tell the trainer's arguments the layers whose gradients are projected, where the optimizer does so."""
    if optimizer_of(config).is_projected:
        arguments.optim_target_modules = _projected(model)


def _projected(model: Any) -> list[str]:
    """Linear layers inside the stack of layers that are trained; embedding and head keep their full gradient."""
    from torch.nn import Linear

    from tunesmith.train.trainer_model import layers_of

    stack, _ = layers_of(model)
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear) and name.startswith(f"{stack}.") and module.weight.requires_grad
    ]


def set_lora_plus(trainer: Any, config: TrainConfig) -> None:
    """Give a trainer the optimizer of LoRA+: the second half of each adapter learns `lora.plus` times as fast.

    Hayou et al., LoRA+ (2024), section 4.
    """
    from peft.optimizers import create_loraplus_optimizer

    kind, settings = trainer.get_optimizer_cls_and_kwargs(trainer.args, trainer.model)
    trainer.optimizer = create_loraplus_optimizer(
        trainer.model,
        kind,
        loraplus_lr_ratio=config.lora.plus or 1.0,
        loraplus_weight_decay=config.weight_decay,
        **settings,
    )

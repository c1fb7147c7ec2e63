"""The optimizers that a run can name: what the trainer calls each, and what must be installed for it.

>>> OPTIMIZERS["paged_adamw_8bit"].package
'bitsandbytes'
"""

from __future__ import annotations

from typing import NamedTuple


class Optimizer(NamedTuple):
    """One optimizer.

    :param trainer: its name in the trainer's own settings.
    :param package: what must be importable; None for what comes with torch.
    :param extra: the extra of Tunesmith that installs it.
    :param alone: how to install what no extra may hold, with the reason.
    :param is_projected: keeps low-rank projections of the gradients of linear layers, which must be named to it.
    :param is_layerwise: updates a layer as soon as its gradient is there: no accumulation, no clipping, and its state
        is in no checkpoint, so that a run that goes on begins it anew.
    :param needs_gpu: its code calls CUDA.
    :param has_own_schedule: averages its weights itself, so the rate stays as it is after the warm-up.
    """

    trainer: str
    package: str | None = None
    extra: str | None = None
    alone: str | None = None
    is_projected: bool = False
    is_layerwise: bool = False
    has_own_schedule: bool = False
    needs_gpu: bool = False

    @property
    def pip(self) -> str | None:
        """The line that installs what it needs."""
        return f"pip install 'tunesmith[{self.extra}]'" if self.extra else self.alone


def _eight_bit(trainer: str) -> Optimizer:
    return Optimizer(trainer, "bitsandbytes", "train")


def _galore(trainer: str, *, is_layerwise: bool = False) -> Optimizer:
    return Optimizer(trainer, "galore_torch", "optimizers", is_projected=True, is_layerwise=is_layerwise)


def _apollo(trainer: str, *, is_layerwise: bool = False) -> Optimizer:
    alone = "pip install apollo-torch, if you may: its licence (CC BY-NC 4.0) forbids commercial use; galore is free"
    return Optimizer(trainer, "apollo_torch", alone=alone, is_projected=True, is_layerwise=is_layerwise)


def _schedule_free(trainer: str) -> Optimizer:
    return Optimizer(trainer, "schedulefree", "optimizers", has_own_schedule=True)


OPTIMIZERS: dict[str, Optimizer] = {
    "adamw": Optimizer("adamw_torch_fused"),
    "adamw_unfused": Optimizer("adamw_torch"),
    "adamw_8bit": _eight_bit("adamw_8bit"),
    "paged_adamw": _eight_bit("paged_adamw_32bit"),
    "paged_adamw_8bit": _eight_bit("paged_adamw_8bit"),
    "ademamix": _eight_bit("ademamix"),
    "ademamix_8bit": _eight_bit("ademamix_8bit"),
    "lion": _eight_bit("lion_32bit"),
    "lion_8bit": _eight_bit("lion_8bit"),
    "paged_lion": _eight_bit("paged_lion_32bit"),
    "paged_lion_8bit": _eight_bit("paged_lion_8bit"),
    "adafactor": Optimizer("adafactor"),
    "sgd": Optimizer("sgd"),
    "galore": _galore("galore_adamw"),
    "galore_8bit": _galore("galore_adamw_8bit")._replace(needs_gpu=True),
    "galore_adafactor": _galore("galore_adafactor"),
    "galore_layerwise": _galore("galore_adamw_layerwise", is_layerwise=True),
    "apollo": _apollo("apollo_adamw"),
    "apollo_layerwise": _apollo("apollo_adamw_layerwise", is_layerwise=True),
    "schedule_free": _schedule_free("schedule_free_adamw"),
    "schedule_free_sgd": _schedule_free("schedule_free_sgd"),
}

#: The trainer's own names are understood too.
BY_TRAINER_NAME = {known.trainer: name for name, known in OPTIMIZERS.items()}

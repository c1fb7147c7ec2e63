"""The load of a configured run, so that what `tunesmith train` is about to do can be estimated.

>>> load_of(TrainConfig(stage="dpo", model="m", data=["d"], method="full")).reference  # doctest: +SKIP
True
"""

from __future__ import annotations

from typing import Any

from tunesmith.train.config_models import TrainConfig
from tunesmith.train.estimate_types import Load, Precision, Shard
from tunesmith.train.types import Method, Stage

#: Parameters below which `train` keeps all activations; see `config_defaults`.
SMALL = 1_000_000_000
#: Stages whose rows are pairs that go through the model together.
PAIRED: tuple[Stage, ...] = ("dpo", "orpo", "simpo", "reward")
#: Stages that compare with the model as it was.
COMPARED: tuple[Stage, ...] = ("dpo", "kto")
#: Stages whose trainers make all logits (experimental ones of TRL 1.16).
WHOLE_LOGITS: tuple[Stage, ...] = ("orpo", "simpo")

_PRECISION: dict[str, Precision] = {"float32": "fp32", "mixed": "bf16", "bfloat16": "pure-bf16", "auto": "bf16"}
_SHARD: dict[str | None, Shard] = {None: "none", "zero1": "zero1", "zero2": "zero2", "zero3": "zero3", "fsdp2": "fsdp"}


def stage_settings(stage: Stage, method: Method) -> dict[str, Any]:
    """What a stage changes in a load: pairs, a reference model, whole logits."""
    return {
        "sequences": 2 if stage in PAIRED else 1,
        "reference": stage in COMPARED and method in ("full", "freeze"),
        "loss": "full" if stage in WHOLE_LOGITS else "fused",
    }


def usual_checkpointing(model: str, *, trust_remote_code: bool = False, revision: str | None = None) -> bool:
    """Whether `train` computes the activations of this model again where nobody says: from a billion parameters on.

    :raises InputError: for a model whose configuration cannot be read.
    """
    from tunesmith.train.estimate_total import n_parameters

    return n_parameters(model, trust_remote_code=trust_remote_code, revision=revision) >= SMALL


def load_of(config: TrainConfig, *, gpus: int | None = None) -> Load:
    """The load of a run on a GPU.

    :param gpus: over how many it is sharded; where it is and this is not given, 2.
    """
    shard = _SHARD[config.distributed]
    lora = config.lora
    targets = (lora.targets,) if isinstance(lora.targets, str) else tuple(lora.targets)
    return Load(
        method=config.method,
        max_length=config.max_length,
        batch=config.batch,
        accumulation=config.accumulation,
        precision=_PRECISION[config.precision],
        checkpointing=config.activation_checkpointing,
        rank=lora.rank,
        dropout=lora.dropout,
        targets=targets,
        dora=lora.variant == "dora",
        bits=config.bits or 4,
        freeze_layers=config.freeze.layers,
        optimizer=config.optimizer,
        attention="flash" if config.flash_attention else "sdpa",
        packing=config.packing,
        liger=config.liger,
        gpus=gpus or (1 if shard == "none" else 2),
        shard=shard,
        **stage_settings(config.stage, config.method),
    )

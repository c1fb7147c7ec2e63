"""Methods and optimizers that sharding does not carry, each with its reason and what to take instead.

>>> refusals("zero3", TrainConfig(stage="sft", model="m", data=["d"], method="qlora"))[0].remedy
'take --distributed zero2 (4-bit weights are small enough for one GPU), or --method lora'
"""

from __future__ import annotations

from typing import NamedTuple

from tunesmith.errors import InputError
from tunesmith.train.config_models import TrainConfig
from tunesmith.train.config_optimizers import BY_TRAINER_NAME, OPTIMIZERS, Optimizer
from tunesmith.train.distributed_files import Kind


class Refusal(NamedTuple):
    """Why a setting cannot go with a kind of sharding."""

    what: str
    remedy: str


def refusals(kind: Kind, config: TrainConfig) -> list[Refusal]:
    """All that speaks against these settings, in a fixed order."""
    name = BY_TRAINER_NAME.get(config.optimizer, config.optimizer)
    optimizer = OPTIMIZERS.get(name, Optimizer(name))
    facts = {
        "qlora": config.method == "qlora",
        "bitsandbytes": optimizer.package == "bitsandbytes",
        "projected": optimizer.is_projected,
        "plus": config.has_adapter and config.lora.plus is not None,
        "pissa": config.has_adapter and config.lora.variant in ("pissa", "olora"),
    }
    return [refusal for kinds, fact, refusal in _REFUSED if kind in kinds and facts[fact]]


def check_combination(kind: Kind, config: TrainConfig) -> None:
    """:raises InputError: with everything that cannot go together."""
    found = refusals(kind, config)
    if found:
        what = "; ".join(refusal.what for refusal in found)
        raise InputError(what, where=f"--distributed {kind}", remedy="; ".join(refusal.remedy for refusal in found))


_ZERO: tuple[Kind, ...] = ("zero1", "zero2", "zero3")
_ALL: tuple[Kind, ...] = (*_ZERO, "fsdp2")

#: Read in the source of transformers 5.23, accelerate 1.15 and bitsandbytes 0.50, not tried on GPUs.
_REFUSED: tuple[tuple[tuple[Kind, ...], str, Refusal], ...] = (
    (
        ("zero3",),
        "qlora",
        Refusal(
            "ZeRO-3 does not shard a quantised model while it is loaded: every GPU would hold all of it",
            "take --distributed zero2 (4-bit weights are small enough for one GPU), or --method lora",
        ),
    ),
    (
        ("fsdp2",),
        "qlora",
        Refusal(
            "FSDP2 leaves 4-bit weights unsharded: every GPU would hold all of them",
            "take --distributed zero2, or --method lora",
        ),
    ),
    (
        _ALL,
        "projected",
        Refusal(
            "GaLore and APOLLO project the gradient of a whole matrix, and a shard holds a piece of it",
            "take --optimizer adamw or adafactor",
        ),
    ),
    (
        ("fsdp2",),
        "bitsandbytes",
        Refusal(
            "the 8-bit, paged and Lion optimizers of bitsandbytes cannot read FSDP2's shards",
            "take --optimizer adamw, or --distributed zero2",
        ),
    ),
    (
        ("fsdp2",),
        "plus",
        Refusal(
            "LoRA+ brings an optimizer of its own, which the trainer refuses beside FSDP2",
            "leave out lora.plus, or take --distributed zero2",
        ),
    ),
    (
        _ALL,
        "pissa",
        Refusal(
            "PiSSA and OLoRA change the base too, and of several processes none saves the adapter as one of that base",
            "take lora.variant lora, rslora or dora",
        ),
    ),
)

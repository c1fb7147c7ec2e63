"""The largest batch that fits a GPU, by method: from `train estimate`'s arithmetic, without a GPU.

>>> fitting("Qwen/Qwen2.5-7B", capacity_bytes=24 * GIB, max_length=2048)  # doctest: +SKIP
{'full': 0, 'lora': 1, 'qlora': 8}
"""

from __future__ import annotations

from tunesmith.train.estimate_types import Load, Shard
from tunesmith.train.types import Method

#: Batches that are tried, the largest first: the ones that make a step of 32 rows.
BATCHES = (32, 16, 8, 4, 2, 1)
TRIED: tuple[Method, ...] = ("full", "lora", "qlora")


def fitting(
    model: str,
    *,
    capacity_bytes: int,
    max_length: int,
    gpus: int = 1,
    trust_remote_code: bool = False,
    revision: str | None = None,
) -> dict[Method, int]:
    """For each method the largest batch whose upper estimate fits one GPU; 0 where not even one row does.

    Several GPUs share what ZeRO-2 shares: gradients and the optimizer's moments.

    :raises InputError: for a model whose configuration cannot be read.
    """
    from tunesmith.train.estimate import estimate
    from tunesmith.train.estimate_config import usual_checkpointing

    again = usual_checkpointing(model, trust_remote_code=trust_remote_code, revision=revision)

    def fits(method: Method, batch: int) -> bool:
        shard: Shard = "zero2" if gpus > 1 else "none"
        load = Load(method=method, max_length=max_length, batch=batch, gpus=gpus, shard=shard, checkpointing=again)
        found = estimate(model, load, trust_remote_code=trust_remote_code, revision=revision)
        return found.high <= capacity_bytes

    return {method: next((batch for batch in BATCHES if fits(method, batch)), 0) for method in TRIED}

"""What optimizers keep for what they train, and what sharding leaves on each GPU.

>>> OPTIMIZER_STATES["adamw"].of([(4096, 4096)], width=4)
134217728
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tunesmith.train.estimate_types import Load

Shape = tuple[int, ...]

#: bitsandbytes keeps small tensors (below 4,096 values) in float32, others a byte a value and a float a block of 256.
_SMALL, _BLOCK = 4096, 256
#: GaLore's and APOLLO's usual rank, and what TRL's examples give them.
PROJECTED_RANK = 128
#: DeepSpeed's buckets while it reduces and gathers, in parameters (its default, 5e8, or all there are).
BUCKET = 500_000_000


class States(NamedTuple):
    """An optimizer's memory.

    :param each: bytes for one tensor of this shape whose values take `width` bytes.
    :param on_host: its states move to the host's memory when the GPU is full, so they are no reason to fail.
    :param is_layerwise: a gradient is used and dropped as soon as it is there.
    :param copies: of the largest tensor, made while it steps; `whole` of all tensors at once.
    """

    each: Callable[[Shape, int], int]
    on_host: bool = False
    is_layerwise: bool = False
    copies: float = 0.0
    whole: float = 0.0

    def of(self, shapes: Sequence[Shape], *, width: int) -> int:
        """Bytes for all these tensors."""
        return sum(self.each(shape, width) for shape in shapes)


def _times(n: int) -> Callable[[Shape, int], int]:
    """`n` values for each, in the dtype of the parameter, as torch's optimizers do."""
    return lambda shape, width: n * width * math.prod(shape) + 4 * (n > 1)


def _eight_bit(n: int) -> Callable[[Shape, int], int]:
    def each(shape: Shape, width: int) -> int:
        size = math.prod(shape)
        if size < _SMALL:
            return 4 * n * size
        return n * (size + 4 * -(-size // _BLOCK))

    return each


def _wide(n: int) -> Callable[[Shape, int], int]:
    return lambda shape, width: 4 * n * math.prod(shape)


def _factored(shape: Shape, width: int) -> int:
    """Adafactor: a row and a column for each matrix, a value each otherwise."""
    if len(shape) < 2:
        return 4 * math.prod(shape)
    return 4 * math.prod(shape[:-2]) * (shape[-2] + shape[-1])


def _projected(has_basis: bool, moments: Callable[[Shape, int], int] | None = None) -> Callable[[Shape, int], int]:
    """Two moments of the projected gradient of a matrix; GaLore keeps the basis, APOLLO the seed of a random one."""
    kept = moments or _times(2)

    def each(shape: Shape, width: int) -> int:
        if len(shape) != 2 or min(shape) <= PROJECTED_RANK:
            return kept(shape, width)
        basis = min(shape) * PROJECTED_RANK * width if has_basis else 0
        return kept((PROJECTED_RANK, max(shape)), width) + basis

    return each


#: By the names that `tunesmith train` has; see `config_optimizers`.
OPTIMIZER_STATES: dict[str, States] = {
    "adamw": States(_times(2)),
    "adamw_unfused": States(_times(2), whole=1.0),
    "adamw_8bit": States(_eight_bit(2)),
    "paged_adamw": States(_wide(2), on_host=True),
    "paged_adamw_8bit": States(_eight_bit(2), on_host=True),
    "lion": States(_wide(1)),
    "lion_8bit": States(_eight_bit(1)),
    "paged_lion": States(_wide(1), on_host=True),
    "paged_lion_8bit": States(_eight_bit(1), on_host=True),
    "ademamix": States(_wide(3)),
    "ademamix_8bit": States(_eight_bit(3)),
    "adafactor": States(_factored, copies=3.0),
    "galore": States(_projected(True), copies=2.0),
    "apollo": States(_projected(False), copies=2.0),
    "galore_8bit": States(_projected(True, _eight_bit(2)), copies=2.0),
    "galore_adafactor": States(_projected(True, _factored), copies=3.0),
    "galore_layerwise": States(_projected(True), copies=2.0, is_layerwise=True),
    "apollo_layerwise": States(_projected(False), copies=2.0, is_layerwise=True),
    "schedule_free": States(_times(2), whole=1.0),
    "schedule_free_sgd": States(_times(1), whole=1.0),
    "sgd": States(_times(0)),
}


class Shares(NamedTuple):
    """Which share of what stays on one GPU."""

    weights: float
    gradients: float
    optimizer: float


def shares(load: Load) -> Shares:
    """By the kind of sharding."""
    part = 1 / load.gpus
    return {
        "none": Shares(1, 1, 1),
        "zero1": Shares(1, 1, part),
        "zero2": Shares(1, part, part),
        "zero3": Shares(part, part, part),
        "fsdp": Shares(part, part, part),
    }[load.shard]


def shard_buffers(load: Load, largest_unit: int, n_trained: int, n_total: int, width: int) -> int:
    """Bytes of what is gathered or reduced at a time: two layers ahead, or a bucket."""
    if load.shard in ("none", "zero1"):
        return 0
    if load.shard == "zero2":
        return min(BUCKET, n_trained) * width
    units = 2 * largest_unit * width  # the one that computes, and the next one on its way
    return units + min(largest_unit, n_trained) * width


def master_bytes(load: Load, n_trained: int) -> int:
    """A float32 copy of what is trained, which sharded bfloat16 training keeps for the step."""
    return 4 * n_trained if load.shard != "none" and load.precision == "bf16" else 0

"""What a training step is asked to hold, and what it needs: settings in, bytes out.

>>> Load(method="lora", max_length=2048, batch=4, rank=16).n_tokens
8192
>>> gibibytes(24 * GIB)
'24.0 GiB'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from tunesmith.errors import InputError
from tunesmith.train.types import METHODS, Method

Precision = Literal["bf16", "pure-bf16", "fp32"]
Attention = Literal["sdpa", "flash", "eager"]
Shard = Literal["none", "zero1", "zero2", "zero3", "fsdp"]
Loss = Literal["fused", "full"]
Device = Literal["cuda", "cpu"]

PRECISIONS: tuple[Precision, ...] = ("bf16", "pure-bf16", "fp32")
ATTENTIONS: tuple[Attention, ...] = ("sdpa", "flash", "eager")
SHARDS: tuple[Shard, ...] = ("none", "zero1", "zero2", "zero3", "fsdp")
LOSSES: tuple[Loss, ...] = ("fused", "full")

GIB = 1024**3

#: What memory is spent on, in the order that a chart shows it.
PARTS = (
    "weights",
    "adapter",
    "reference",
    "gradients",
    "optimizer",
    "activations",
    "loss",
    "working",
    "shards",
    "context",
    "fragmentation",
)


@dataclass(frozen=True)
class Load:
    """The settings of a step that its memory depends on; every default is the one that `tunesmith train` uses from
    a billion parameters on (below, it does not checkpoint activations).

    :param max_length: tokens of one sequence, padding included.
    :param batch: sequences that go through the model at once (not those that are accumulated).
    :param accumulation: batches before a step: above 1 the gradients of the earlier ones are held during the next.
    :param precision: `bf16` is mixed: what is trained is float32, computed in bfloat16; `pure-bf16` has no float32.
    :param frozen: the dtype of the base of an adapter where it is not quantised, under `bf16`.
    :param rank, dropout, targets, dora: of the adapter; targets are ends of module names, or `all-linear`.
    :param bits, double: of the quantised weights of `qlora`; 4 is NF4 in blocks of 64.
    :param freeze_layers: how many of the last layers `freeze` trains.
    :param optimizer: one of `estimate_states.OPTIMIZER_STATES`.
    :param packing: several rows share a sequence: each seeing itself only takes flash attention, or a mask.
    :param padded: whether rows of a batch differ in length: torch's attention then needs a mask of length².
    :param loss: `fused` is the chunked head of TRL; `full` makes all logits, as evaluation and other trainers do.
    :param labelled: share of the tokens that have a label; only they reach the chunked head on a GPU.
    :param sequences: of one row: 2 for pairs, which go through the model together.
    :param reference: whether a second, frozen model is held for comparison (DPO and KTO without an adapter).
    :param liger: fused RMSNorm, SwiGLU and rotary kernels that keep less.
    :param device: `cpu` reproduces what torch does there, for checks without a GPU.
    """

    method: Method = "lora"
    max_length: int = 2048
    batch: int = 1
    accumulation: int = 1
    precision: Precision = "bf16"
    frozen: Literal["bf16", "fp32"] = "bf16"
    checkpointing: bool = True
    rank: int = 16
    dropout: float = 0.05
    targets: tuple[str, ...] = ("all-linear",)
    dora: bool = False
    bits: Literal[4, 8] = 4
    double: bool = True
    freeze_layers: int = 2
    optimizer: str = "adamw"
    attention: Attention = "sdpa"
    packing: bool = False
    padded: bool = True
    loss: Loss = "fused"
    labelled: float = 1.0
    liger: bool = False
    sequences: int = 1
    reference: bool = False
    gpus: int = 1
    shard: Shard = "none"
    device: Device = "cuda"

    @property
    def n_tokens(self) -> int:
        """Tokens that go through the model at once on one GPU."""
        return self.batch * self.sequences * self.max_length

    @property
    def has_adapter(self) -> bool:
        return self.method in ("lora", "qlora")

    def but(self, **changes: Any) -> Load:
        """The same, with other settings."""
        return replace(self, **changes)

    def signature(self) -> str:
        """Every setting that can matter here, in one line."""
        return "|".join(f"{name}:{value}" for name, value in self.told().items())

    def told(self) -> dict[str, Any]:
        """Every setting that can matter to this method."""
        unused = {name for name, methods in _ONLY_FOR.items() if self.method not in methods}
        return {name: value for name, value in asdict(self).items() if name not in unused}


_ADAPTER: tuple[Method, ...] = ("lora", "qlora")
_ONLY_FOR: dict[str, tuple[Method, ...]] = {
    "rank": _ADAPTER,
    "dropout": _ADAPTER,
    "targets": _ADAPTER,
    "dora": _ADAPTER,
    "bits": ("qlora",),
    "double": ("qlora",),
    "freeze_layers": ("freeze",),
    "frozen": _ADAPTER,
}


@dataclass(frozen=True)
class Counts:
    """Parameters of a model.

    :param total: of the model itself, shared ones once, without the adapter.
    :param trained: parameters with a gradient; with an adapter its own.
    :param quantised: how many of `total` stand in `bits`.
    :param kept: names of modules that are not quantised, such as `lm_head`; empty without quantisation.
    :param largest_unit: of the largest layer, which sharding gathers whole.
    """

    total: int
    trained: int
    adapter: int
    quantised: int
    kept: tuple[str, ...]
    largest_unit: int


@dataclass(frozen=True)
class Estimate:
    """What one GPU holds at the worst moment of a step.

    :param parts: bytes at that moment, by the names of `PARTS`; their sum is `likely`.
    :param phases: bytes of tensors at the worst moment of `forward`, `backward` and `step`.
    :param low, likely, high: bytes with the context of the device and what its allocator cannot use.
    :param measured: bytes of tensors alone, what `torch.cuda.max_memory_allocated` counts.
    :param peak: the phase of the worst moment.
    """

    model: str
    load: Load
    counts: Counts
    parts: Mapping[str, int]
    phases: Mapping[str, int]
    peak: str
    measured: int
    low: int
    likely: int
    high: int

    @property
    def signature(self) -> str:
        return f"model:{self.model}|{self.load.signature()}"

    def as_json(self) -> dict[str, Any]:
        """For `--json`: bytes throughout."""
        return {
            "model": self.model,
            "signature": self.signature,
            "settings": self.load.told(),
            "parameters": asdict(self.counts),
            "bytes": {"low": self.low, "likely": self.likely, "high": self.high, "tensors": self.measured},
            "parts": dict(self.parts),
            "phases": dict(self.phases),
            "peak": self.peak,
        }


@dataclass(frozen=True)
class Change:
    """Settings that fit.

    :param settings: names of `Load` that changed, with their new values.
    :param fits: whether it is enough; where it is not, this is the least that any change reaches.
    :param text: the change in a person's words, to be put into a command.
    """

    settings: Mapping[str, Any]
    estimate: Estimate
    fits: bool
    text: str

    def __str__(self) -> str:
        return self.text


def check_load(load: Load) -> Load:
    """The load itself.

    :raises InputError: for settings that mean nothing together; all of them at once.
    """
    wrong = [f"{name} is {getattr(load, name)}, expected 1 or more" for name in _COUNTED if getattr(load, name) < 1]
    for name, allowed in _CHOICES.items():
        if getattr(load, name) not in allowed:
            wrong.append(f"{name} is {getattr(load, name)!r}, expected one of {', '.join(map(str, allowed))}")
    if load.shard != "none" and load.gpus == 1:
        wrong.append(f"{load.shard} shards over several GPUs, there is 1")
    if load.shard != "none" and load.method == "qlora" and load.bits == 8:
        wrong.append("8-bit weights cannot be sharded")
    if load.precision == "fp32" and load.attention == "flash":
        wrong.append("flash attention computes in bfloat16 only")
    if not 0 <= load.dropout < 1 or not 0 <= load.labelled <= 1:
        wrong.append(f"dropout {load.dropout} and labelled {load.labelled} are shares, from 0 to 1")
    if wrong:
        raise InputError("; ".join(wrong), where="settings", remedy="correct them")
    return load


_COUNTED = ("max_length", "batch", "sequences", "accumulation", "rank", "freeze_layers", "gpus")
_CHOICES: dict[str, tuple[Any, ...]] = {
    "method": METHODS,
    "precision": PRECISIONS,
    "frozen": ("bf16", "fp32"),
    "bits": (4, 8),
    "attention": ATTENTIONS,
    "shard": SHARDS,
    "loss": LOSSES,
    "device": ("cuda", "cpu"),
}
SETTINGS = tuple(one.name for one in fields(Load))


def gibibytes(count: float) -> str:
    """`16.3 GiB`, or MiB below a tenth of one."""
    if abs(count) < GIB / 10:
        return f"{count / 1024**2:.1f} MiB"
    return f"{count / GIB:,.1f} GiB"
